/* Facts from /proc. */
#include "kern/observe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

static void take_ids(const char *text, unsigned v[4])
{
    char *end;
    for (int i = 0; i < 4; i++, text = end)
        v[i] = (unsigned)strtoul(text, &end, 10);
}

static void take_nspid(const char *text, struct bw_status_file *out)
{
    char *end;
    for (out->n_nspid = 0; out->n_nspid < 32; text = end) {
        long pid = strtol(text, &end, 10);
        if (end == text)
            return;
        out->nspid[out->n_nspid++] = (pid_t)pid;
    }
}

static void take_line(const char *key, const char *value, struct bw_status_file *out)
{
    const struct {
        const char *key;
        uint64_t *to;
    } caps[] = {{"CapInh", &out->cap_inh},
                {"CapPrm", &out->cap_prm},
                {"CapEff", &out->cap_eff},
                {"CapBnd", &out->cap_bnd},
                {"CapAmb", &out->cap_amb}};
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        if (strcmp(key, caps[i].key) == 0)
            *caps[i].to = strtoull(value, NULL, 16);
    if (strcmp(key, "Name") == 0)
        snprintf(out->comm, sizeof out->comm, "%s", value);
    else if (strcmp(key, "State") == 0)
        out->state = *value;
    else if (strcmp(key, "PPid") == 0)
        out->ppid = (pid_t)strtol(value, NULL, 10);
    else if (strcmp(key, "NSpid") == 0)
        take_nspid(value, out);
    else if (strcmp(key, "Uid") == 0)
        take_ids(value, out->uid);
    else if (strcmp(key, "Gid") == 0)
        take_ids(value, out->gid);
    else if (strcmp(key, "NoNewPrivs") == 0)
        out->no_new_privs = (int)strtol(value, NULL, 10);
    else if (strcmp(key, "Seccomp") == 0)
        out->seccomp = (int)strtol(value, NULL, 10);
}

int bw_status_parse(const char *text, size_t len, struct bw_status_file *out)
{
    *out = (struct bw_status_file){.no_new_privs = -1, .seccomp = -1};
    const char *end = text + len;
    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((nl ? nl : end) - text);
        char line[1024];
        if (n < sizeof line) {
            memcpy(line, text, n);
            line[n] = '\0';
            char *value = strchr(line, ':');
            if (value) {
                *value++ = '\0';
                value += strspn(value, "\t ");
                take_line(line, value, out);
            }
        }
        text = nl ? nl + 1 : end;
    }
    return out->state ? 0 : (errno = EINVAL, -1);
}

static int read_proc(pid_t pid, const char *file, struct bw_str *out)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    return bw_read_file(AT_FDCWD, path, out);
}

int bw_status_read(pid_t pid, struct bw_status_file *out)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (read_proc(pid, "status", &text))
        return -1;
    return bw_status_parse(bw_str_get(&text), text.len, out);
}

unsigned long long bw_starttime_parse(const char *text)
{
    /* The name in parentheses may hold anything, so the count starts after the last one. */
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* What /proc adds to start times for a reader in this time namespace: without it a session seen
 * from another one would be taken for a dead one's namesake. */
static unsigned long long shifted_by(void)
{
    static const char row[] = "\nboottime";
    static unsigned long long ticks;
    static bool known;
    BW_AUTO_STR text = BW_STR_INIT;

    if (known || bw_read_file(AT_FDCWD, "/proc/self/timens_offsets", &text))
        return ticks;
    const char *at = strstr(bw_str_get(&text), row);
    if (at)
        ticks = (unsigned long long)(strtoll(at + strlen(row), NULL, 10) * sysconf(_SC_CLK_TCK));
    known = true;
    return ticks;
}

int bw_proc_check(struct bw_err *err)
{
    char self[16] = "";
    if (readlink("/proc/self", self, sizeof self - 1) < 0) {
        bw_err_call(err, errno, "readlink", "\"/proc/self\"");
        bw_err_cause(err, "no proc is mounted on /proc, by which boxwright finds its processes");
        bw_err_todo(err, "mount it, then start boxwright again: mount -t proc proc /proc");
        return -1;
    }
    if (strtol(self, NULL, 10) == getpid())
        return 0;
    bw_err_set(err,
               "/proc is that of another PID namespace: it calls this process %s, and here it is "
               "%d, so each process would be taken for another",
               self, (int)getpid());
    bw_err_todo(err,
                "start it where /proc is its own: unshare --pid --fork --mount-proc boxwright");
    return -1;
}

unsigned long long bw_proc_starttime(pid_t pid)
{
    BW_AUTO_STR text = BW_STR_INIT;
    unsigned long long start = read_proc(pid, "stat", &text) ? 0 : bw_starttime_parse(text.s);
    return start ? start - shifted_by() : 0;
}

bool bw_status_is_dead(const struct bw_status_file *f)
{
    return f->state == 'Z' || f->state == 'X';
}

void bw_status_add_killed(const struct bw_status_file *f, pid_t pid, struct bw_str *report)
{
    bw_str_addf(report, "killed process %d (", (int)pid);
    bw_str_add_safe(report, f->comm);
    bw_str_add(report, "): ");
}

bool bw_proc_is_zombie(pid_t pid)
{
    struct bw_status_file status;
    return bw_status_read(pid, &status) == 0 && bw_status_is_dead(&status);
}

static int (*ask)(pid_t pid, const char *name);

static void link_path(pid_t pid, const char *name, char buf[64])
{
    if (pid)
        snprintf(buf, 64, "/proc/%d/%s", (int)pid, name);
    else
        snprintf(buf, 64, "/proc/self/%s", name);
}

void bw_proc_ask_with(int (*with)(pid_t pid, const char *name))
{
    ask = with;
}

static int asked(pid_t pid, const char *name)
{
    return ask && (errno == EACCES || errno == EPERM) ? ask(pid, name) : -1;
}

int bw_proc_open_link(pid_t pid, const char *name)
{
    char path[64];
    link_path(pid, name, path);
    int fd = open(path, (bw_str_starts(name, "ns/") ? O_RDONLY : O_PATH) | O_CLOEXEC);
    return fd >= 0 ? fd : asked(pid, name);
}

int bw_proc_stat_link(pid_t pid, const char *name, struct stat *st)
{
    char path[64];
    link_path(pid, name, path);
    if (stat(path, st) == 0)
        return 0;
    BW_AUTO_FD fd = asked(pid, name);
    return fd < 0 ? -1 : fstat(fd, st);
}

ssize_t bw_proc_read_link(pid_t pid, const char *name, char *buf, size_t size)
{
    char path[64];
    link_path(pid, name, path);
    ssize_t n = readlink(path, buf, size);
    if (n >= 0)
        return n;
    BW_AUTO_FD fd = asked(pid, name);
    if (fd < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return readlink(path, buf, size);
}

void bw_proc_root(pid_t pid, struct bw_str *out)
{
    char root[PATH_MAX];
    ssize_t n = bw_proc_read_link(pid, "root", root, sizeof root - 1);
    bw_str_clear(out);
    if (n < 0)
        bw_str_add(out, "?");
    else
        bw_str_addn(out, root, (size_t)n);
}

pid_t bw_fdinfo_parse(const char *text)
{
    const char *at = strstr(text, "\nPid:");
    pid_t pid = at ? (pid_t)strtol(at + 5, NULL, 10) : -1;
    return pid > 0 ? pid : (errno = ESRCH, -1);
}

pid_t bw_pidfd_pid(int pidfd)
{
    char path[64];
    BW_AUTO_STR text = BW_STR_INIT;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    if (bw_read_file(AT_FDCWD, path, &text))
        return -1;
    return bw_fdinfo_parse(bw_str_get(&text));
}

/* Runs in a child of its own, named so that what it does can be told from the box's calls. The UTS
 * namespace belongs to the process's user namespace or to one above it, such as the caller's. */
_Noreturn static void print_name(int user, int uts, int out)
{
    char name[256];

    prctl(PR_SET_NAME, "bw-look");
    /* In the box's user namespace its programs hold every capability over this process, which has
     * the shell's memory and the host's root directory. */
    prctl(PR_SET_DUMPABLE, 0);
    if (setns(uts, CLONE_NEWUTS) &&
        (user < 0 || setns(user, CLONE_NEWUSER) || setns(uts, CLONE_NEWUTS)))
        _exit(errno);
    if (gethostname(name, sizeof name - 1))
        _exit(errno);
    name[sizeof name - 1] = '\0';
    _exit(bw_write_all(out, name, strlen(name)) ? EIO : 0);
}

static int hostname_by_child(int user, int uts, struct bw_str *out)
{
    int pair[2], status;
    if (pipe2(pair, O_CLOEXEC))
        return -1;
    BW_AUTO_FD in = pair[0];
    BW_AUTO_FD to = pair[1];
    pid_t pid = fork();
    if (pid < 0)
        return -1;
    if (pid == 0)
        print_name(user, uts, to);
    close(bw_steal_fd(&to));
    bw_str_clear(out);
    int r = bw_read_all(in, out, 256);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return r;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
    return -1;
}

static bool same_ns(pid_t pid, const char *name)
{
    struct stat mine, theirs;
    return bw_proc_stat_link(getpid(), name, &mine) == 0 &&
           bw_proc_stat_link(pid, name, &theirs) == 0 && mine.st_ino == theirs.st_ino;
}

int bw_proc_hostname(pid_t pid, struct bw_str *out)
{
    char name[256];
    if (same_ns(pid, "ns/uts")) {
        if (gethostname(name, sizeof name - 1))
            return -1;
        name[sizeof name - 1] = '\0';
        bw_str_clear(out);
        bw_str_add(out, name);
        return 0;
    }
    BW_AUTO_FD uts = bw_proc_open_link(pid, "ns/uts");
    BW_AUTO_FD user = same_ns(pid, "ns/user") ? -1 : bw_proc_open_link(pid, "ns/user");
    return uts < 0 ? -1 : hostname_by_child(user, uts, out);
}

int bw_proc_each(int (*fn)(pid_t pid, void *ctx), void *ctx)
{
    DIR *dir = opendir("/proc");
    if (!dir)
        return -1;
    struct dirent *e;
    int r = 0;
    while (r == 0 && (e = readdir(dir))) {
        long long pid;
        if (bw_parse_num(e->d_name, 1, INT_MAX, &pid) == 0)
            r = fn((pid_t)pid, ctx);
    }
    closedir(dir);
    return r;
}

struct family {
    pid_t parent;
    pid_t *v;
    size_t n, max;
};

static int add_child(pid_t pid, void *ctx)
{
    struct family *f = ctx;
    struct bw_status_file s;
    if (bw_status_read(pid, &s) == 0 && s.ppid == f->parent && f->n < f->max)
        f->v[f->n++] = pid;
    return 0;
}

size_t bw_children_parse(const char *text, pid_t *v, size_t max)
{
    size_t n = 0;
    char *end;
    for (const char *at = text; n < max; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            break;
        v[n++] = (pid_t)child;
    }
    return n;
}

/* The file that lists a thread's children; absent when the kernel was built without it. */
static int children_of_thread(pid_t pid, const char *tid, struct family *f)
{
    char file[64];
    BW_AUTO_STR text = BW_STR_INIT;
    snprintf(file, sizeof file, "task/%.20s/children", tid);
    if (read_proc(pid, file, &text))
        return -1;
    f->n += bw_children_parse(bw_str_get(&text), f->v + f->n, f->max - f->n);
    return 0;
}

size_t bw_proc_children(pid_t pid, pid_t *v, size_t max)
{
    struct family f = {.parent = pid, .v = v, .max = max};
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *dir = opendir(path);
    if (!dir)
        return 0;
    struct dirent *e;
    bool listed = true;
    while (listed && (e = readdir(dir)))
        if (*e->d_name != '.')
            listed = children_of_thread(pid, e->d_name, &f) == 0 || errno != ENOENT;
    closedir(dir);
    if (!listed) {
        f.n = 0;
        bw_proc_each(add_child, &f);
    }
    return f.n;
}
