#include "place.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostnet.h"

char *text_from(const char *path, long *at)
{
    FILE *in = fopen(path, "re");
    char *text = NULL;
    size_t n = 0, cap = 0;
    if (in && *at > 0)
        fseek(in, *at, SEEK_SET);
    for (;;) {
        cap += 65536;
        text = realloc(text, cap);
        if (!text)
            abort();
        size_t got = in ? fread(text + n, 1, cap - n - 1, in) : 0;
        n += got;
        if (n < cap - 1)
            break;
    }
    text[n] = '\0';
    *at += (long)n;
    if (in)
        fclose(in);
    return text;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path), 0;
}

void tree_remove(const char *dir)
{
    nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static char *mounts_now(void)
{
    long at = 0;
    return text_from("/proc/self/mountinfo", &at);
}

static pid_t start_other(void)
{
    int ready[2];
    char c;
    if (pipe2(ready, O_CLOEXEC))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWUTS | CLONE_NEWNET) || write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    ssize_t n = read(ready[0], &c, 1);
    close(ready[0]);
    return n == 1 ? pid : -1;
}

int place_make(struct place *p, const char *dir, const char *program)
{
    char line[512];
    *p = (struct place){.program = program};
    snprintf(p->dir, sizeof p->dir, "%s", dir);
    p->mounts = mounts_now();
    p->net = hostnet_now();
    gethostname(p->name, sizeof p->name - 1);
    if (mkdir(dir, 0755))
        return -1;
    snprintf(line, sizeof line,
             "cd '%s' && mkdir a b && '%s' -c 'rootfs busybox %s/bb' >log 2>&1 && tar cf bb.tar "
             "-C bb ./etc ./bin/busybox ./bin/sh && rm log",
             dir, program, dir);
    p->other = start_other();
    return p->other > 0 && system(line) == 0 ? 0 : -1;
}

void place_remove(struct place *p)
{
    if (p->other > 0) {
        kill(p->other, SIGKILL);
        waitpid(p->other, NULL, 0);
    }
    free(p->mounts);
    free(p->net);
    p->mounts = p->net = NULL;
}

static bool is_kept(const char *name)
{
    return name[0] == '.' || strcmp(name, "a") == 0 || strcmp(name, "b") == 0 ||
           strncmp(name, "bb", 2) == 0 || strncmp(name, "out.", 4) == 0 ||
           strncmp(name, "err.", 4) == 0;
}

void place_clean(struct place *p)
{
    DIR *d = opendir(p->dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", p->dir, e->d_name);
        if (!is_kept(e->d_name))
            tree_remove(path);
    }
    if (d)
        closedir(d);
}

/* Names only, and of a new root file system no more than how many. */
static void list(FILE *out, const char *dir, int depth)
{
    struct dirent **v;
    int n = scandir(dir, &v, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = v[i]->d_name;
        bool known = depth == 0 && is_kept(name) && name[0] != 'a' && name[0] != 'b';
        char path[512];
        snprintf(path, sizeof path, "%s/%s", dir, name);
        if (!known && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            strcmp(name, "bb") != 0) {
            fprintf(out, " %s", path);
            if (v[i]->d_type == DT_DIR && depth < 2)
                list(out, path, depth + 1);
        }
        free(v[i]);
    }
    free(v);
}

char *place_files(const struct place *p)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out || chdir(p->dir))
        abort();
    list(out, ".", 0);
    fclose(out);
    return text;
}

static char prefix[64];
static char *found;

static int look_at_group(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    if (type == FTW_D && strncmp(path + ftw->base, prefix, strlen(prefix)) == 0 && !found)
        found = strdup(path);
    return 0;
}

char *place_traces(const struct place *p, pid_t shell, unsigned long long start)
{
    char *text = NULL, name[65] = "";
    char *now = mounts_now();
    if (strcmp(now, p->mounts) != 0)
        text = strdup("the host's mounts are others");
    free(now);
    now = hostnet_now();
    if (!text && strcmp(now, p->net) != 0)
        text = strdup("the host's network is another");
    free(now);
    gethostname(name, sizeof name - 1);
    if (!text && strcmp(name, p->name) != 0)
        text = strdup("the host has another name");
    if (strcmp(name, p->name) != 0 && sethostname(p->name, strlen(p->name)))
        perror("faults: sethostname");
    snprintf(prefix, sizeof prefix, "boxwright-%d-%llu", (int)shell, start);
    found = NULL;
    nftw("/sys/fs/cgroup", look_at_group, 32, FTW_PHYS);
    if (!text)
        return found;
    free(found);
    return text;
}
