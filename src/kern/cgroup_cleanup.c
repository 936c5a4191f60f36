/* What sessions left that did not end by themselves. */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/observe.h"
#include "kern/owner.h"

enum { DEPTH_MAX = 32 };

/* Of a session's directory, or of where its shell waited. */
static size_t session_len(const char *path)
{
    size_t n = strlen(path), suffix = strlen(BW_CG_SHELL);
    return n > suffix && strcmp(path + n - suffix, BW_CG_SHELL) == 0 ? n - suffix : n;
}

static void up(struct bw_str *path)
{
    char *slash = strrchr(path->s, '/');
    *slash = '\0';
    path->len = (size_t)(slash - path->s);
}

/* The session's directory goes first, then what it switched on above, then the shell's own group:
 * before that its parent takes no processes. The caller, when it is there, moves up. */
static int remove_session(const char *dir, struct bw_err *err)
{
    BW_AUTO_STR session = BW_STR_INIT, leaf = BW_STR_INIT, base = BW_STR_INIT;
    bw_str_addn(&session, dir, session_len(dir));
    bw_str_addf(&leaf, "%s%s", session.s, BW_CG_SHELL);
    bw_str_add(&base, session.s);
    up(&base);
    if (access(session.s, F_OK) == 0 && bw_cg_destroy(session.s, err))
        return -1;
    bw_cg_v2_restore(base.s);
    if (access(leaf.s, F_OK))
        return 0;
    BW_AUTO_FREE pid_t *pids = NULL;
    size_t count = bw_cg_pids(leaf.s, &pids);
    for (size_t i = 0; i < count; i++)
        if (pids[i] == getpid() && bw_cg_put(base.s, pids[i], err))
            return -1;
    return bw_cg_destroy(leaf.s, err);
}

int bw_cg_reap(const char *dir)
{
    struct statfs fs;
    struct bw_err err = BW_ERR_INIT;
    const char *name = strrchr(dir, '/');
    BW_AUTO_STR at = BW_STR_INIT;
    if (!name || dir[0] != '/' || !bw_owner_is(BW_OWNER_GROUP, name + 1, strlen(name + 1))) {
        errno = EINVAL;
        return -1;
    }
    bw_str_add(&at, dir);
    up(&at);
    if (statfs(at.s, &fs))
        return errno == ENOENT ? 0 : -1;
    if (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC) {
        errno = EINVAL;
        return -1;
    }
    if (remove_session(dir, &err) == 0)
        return 0;
    errno = err.code;
    return -1;
}

/* ---- boxwright cleanup ---- */

struct search {
    struct bw_str *report;
    int removed, depth;
};

/* A process that shows as 0 lives where this /proc does not reach: who put it there may need it. */
static int has_unseen(const char *dir, const char *name, void *ctx)
{
    (void)name;
    BW_AUTO_FREE pid_t *pids = NULL;
    size_t n = bw_cg_pids(dir, &pids);
    for (size_t i = 0; i < n; i++)
        if (pids[i] == 0)
            return 1;
    return bw_cg_each_dir(dir, has_unseen, ctx);
}

/* The processes of a group and of those below it: they go with it. */
static int name_processes(const char *dir, const char *name, void *ctx)
{
    (void)name;
    struct bw_str *report = ctx;
    BW_AUTO_FREE pid_t *pids = NULL;
    size_t n = bw_cg_pids(dir, &pids);
    for (size_t i = 0; i < n; i++) {
        struct bw_status_file status;
        if (pids[i] == getpid() || bw_status_read(pids[i], &status))
            continue;
        bw_status_add_killed(&status, pids[i], report);
        bw_str_addf(report, "it was in %s\n", dir);
    }
    return bw_cg_each_dir(dir, name_processes, ctx);
}

static int visit(const char *path, const char *name, void *ctx)
{
    struct search *s = ctx;
    struct search below = {s->report, 0, s->depth + 1};
    struct bw_err err = BW_ERR_INIT;
    pid_t pid;
    size_t len = session_len(name);
    if (!bw_owner_is(BW_OWNER_GROUP, name, len)) {
        if (s->depth < DEPTH_MAX)
            bw_cg_each_dir(path, visit, &below);
        s->removed += below.removed;
        return 0;
    }
    if (!bw_owner_gone(BW_OWNER_GROUP, name, len, &pid))
        return 0;
    if (has_unseen(path, name, NULL)) {
        bw_str_addf(s->report, "left %s: it holds processes of another PID namespace\n", path);
        return 0;
    }
    if (access(path, F_OK))
        return 0;
    name_processes(path, name, s->report);
    if (remove_session(path, &err)) {
        bw_str_addf(s->report, "left %s: %s: %s\n", path, err.op, strerror(err.code));
        return 0;
    }
    bw_str_addf(s->report, "removed %s: its shell, process %d, is gone\n", path, (int)pid);
    s->removed++;
    return 0;
}

int bw_cg_cleanup(struct bw_str *report, struct bw_err *err)
{
    struct bw_cg_host host;
    struct search s = {report, 0, 0};
    const char *seen[BW_CG_COUNT + 3];
    size_t n = 0;
    if (bw_cg_discover(&host, err))
        return -1;
    for (int i = 0; i < BW_CG_COUNT + 3; i++) {
        const char *mount = i < BW_CG_COUNT        ? host.ctl[i].mount
                            : i == BW_CG_COUNT     ? host.cpuacct
                            : i == BW_CG_COUNT + 1 ? host.devices
                                                   : host.unified;
        bool again = !*mount;
        for (size_t k = 0; k < n; k++)
            again = again || strcmp(seen[k], mount) == 0;
        if (again)
            continue;
        seen[n++] = mount;
        bw_cg_each_dir(mount, visit, &s);
    }
    return s.removed;
}
