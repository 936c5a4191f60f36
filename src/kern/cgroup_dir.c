/* Control group directories and the processes in them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/call.h"

enum { ROUNDS = 200, PAUSE_MS = 10, DEPTH_MAX = 32 };

int bw_cg_read(const char *dir, const char *file, struct bw_str *out)
{
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "%s/%s", dir, file);
    return bw_read_file(AT_FDCWD, path.s, out);
}

int bw_cg_write(const char *dir, const char *file, const char *value, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "%s/%s", dir, file);
    return bw_sys_write_file(AT_FDCWD, path.s, value, err);
}

int bw_cg_mkdir(const char *dir, struct bw_err *err)
{
    struct stat st;
    if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    if (bw_sys_mkdirat(AT_FDCWD, dir, 0755, BW_CALL_STEP, err) == 0)
        return 0;
    if (errno == EEXIST) {
        bw_err_cause(err, "the kernel has a file of that name in every group");
        bw_err_todo(err, "choose another name for the group");
    }
    return -1;
}

size_t bw_cg_pids_parse(const char *text, pid_t **pids)
{
    size_t n = 0, cap = 0;
    *pids = NULL;
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        if (n == cap) {
            cap = cap ? 2 * cap : 16;
            *pids = bw_realloc(*pids, cap * sizeof **pids);
        }
        (*pids)[n++] = (pid_t)strtol(p, NULL, 10);
    }
    return n;
}

size_t bw_cg_pids(const char *dir, pid_t **pids)
{
    BW_AUTO_STR text = BW_STR_INIT;
    *pids = NULL;
    return bw_cg_read(dir, "cgroup.procs", &text) ? 0 : bw_cg_pids_parse(bw_str_get(&text), pids);
}

int bw_cg_put(const char *dir, pid_t pid, struct bw_err *err)
{
    char text[16];
    snprintf(text, sizeof text, "%d", (int)pid);
    return bw_cg_write(dir, "cgroup.procs", text, err);
}

int bw_cg_move(const char *dir, const char *to, struct bw_err *err)
{
    for (int round = 0; round < ROUNDS; round++) {
        BW_AUTO_FREE pid_t *pids = NULL;
        size_t n = bw_cg_pids(dir, &pids), moved = 0;
        for (size_t i = 0; i < n; i++) {
            struct bw_err failed = BW_ERR_INIT;
            if (pids[i] == 0 || bw_cg_put(to, pids[i], &failed) == 0)
                moved += pids[i] != 0;
            else if (failed.code != ESRCH) {
                *err = failed;
                return -1;
            }
        }
        if (moved == 0)
            return 0;
    }
    return 0;
}

static bool empty(const char *dir)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_cg_read(dir, "cgroup.events", &text) == 0)
        return strstr(bw_str_get(&text), "populated 1") == NULL;
    return bw_cg_read(dir, "cgroup.procs", &text) != 0 || text.len == 0;
}

int bw_cg_rmdir(const char *dir, struct bw_err *err)
{
    for (int i = 0; i < ROUNDS && !empty(dir); i++)
        poll(NULL, 0, PAUSE_MS);
    for (int i = 0;; i++) {
        if (bw_sys_rmdir(dir, err) == 0 || errno == ENOENT)
            return 0;
        if (errno != EBUSY || i == ROUNDS)
            break;
        poll(NULL, 0, PAUSE_MS);
    }
    if (err->code == EBUSY)
        bw_err_cause(err, "processes are still in it, or groups below it");
    return -1;
}

int bw_cg_each_dir(const char *dir, int (*fn)(const char *path, const char *name, void *ctx),
                   void *ctx)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    int r = 0;
    while (r == 0 && d && (e = readdir(d)) != NULL) {
        if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        BW_AUTO_STR path = BW_STR_INIT;
        bw_str_addf(&path, "%s/%s", dir, e->d_name);
        r = fn(path.s, e->d_name, ctx);
    }
    if (d)
        closedir(d);
    return r;
}

struct vacate {
    const char *to;
    struct bw_err *err;
    int depth;
};

static int vacate(const char *dir, const char *name, void *ctx)
{
    (void)name;
    struct vacate *v = ctx;
    struct vacate below = {v->to, v->err, v->depth + 1};
    if (v->depth >= DEPTH_MAX)
        return bw_err_set(v->err, "%s: groups are nested more than %d deep", dir, DEPTH_MAX);
    if (bw_cg_each_dir(dir, vacate, &below) || bw_cg_move(dir, v->to, v->err))
        return -1;
    return bw_cg_rmdir(dir, v->err);
}

int bw_cg_vacate(const char *dir, const char *to, struct bw_err *err)
{
    struct vacate v = {to, err, 0};
    return vacate(dir, "", &v);
}

/* All in it but the caller, who may be a janitor that waits there. */
static void kill_pids(const char *dir)
{
    BW_AUTO_FREE pid_t *pids = NULL;
    size_t n = bw_cg_pids(dir, &pids);
    for (size_t i = 0; i < n; i++)
        if (pids[i] > 0 && pids[i] != getpid())
            kill(pids[i], SIGKILL);
}

struct destroy {
    int depth;
    struct bw_err *err;
};

static int destroy(const char *dir, const char *name, void *ctx)
{
    (void)name;
    struct destroy *d = ctx;
    struct destroy below = {d->depth + 1, d->err};
    if (d->depth >= DEPTH_MAX)
        return bw_err_set(d->err, "%s: groups are nested more than %d deep", dir, DEPTH_MAX);
    if (bw_cg_each_dir(dir, destroy, &below))
        return -1;
    for (int i = 0; i < ROUNDS && !empty(dir); i++) {
        kill_pids(dir);
        poll(NULL, 0, PAUSE_MS);
    }
    return bw_cg_rmdir(dir, d->err);
}

int bw_cg_destroy(const char *dir, struct bw_err *err)
{
    struct destroy d = {0, err};
    BW_AUTO_STR kill_file = BW_STR_INIT;
    bw_str_addf(&kill_file, "%s/cgroup.kill", dir);
    /* One write ends all of it at once, forking or not (kernel 5.14). */
    if (access(kill_file.s, W_OK) == 0)
        bw_cg_write(dir, "cgroup.kill", "1", NULL);
    return destroy(dir, "", &d);
}
