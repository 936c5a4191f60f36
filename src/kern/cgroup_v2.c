/* cgroup v2: one hierarchy. A controller reaches a group only when every group above has it in
 * cgroup.subtree_control, and a group that hands controllers down holds no processes, the true
 * root excepted: the kernel's cgroup-v2 document. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/call.h"
#include "kern/observe.h"

/* On a group above a session: the controllers boxwright switched on in it, so that the last
 * session to leave, a janitor, or cleanup can switch them off again. */
static const char mark[] = "user.boxwright.enabled";

static unsigned mark_read(const char *dir)
{
    char text[128];
    ssize_t n = getxattr(dir, mark, text, sizeof text - 1);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    return bw_cg_mask_parse(text);
}

static void mark_write(const char *dir, unsigned mask)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bw_cg_mask_names(mask, &text);
    if (mask)
        bw_call_done(NULL, BW_CALL_DETAIL, setxattr(dir, mark, text.s, text.len, 0), "setxattr",
                     "\"%s\", \"%s\", \"%s\", %zu, 0", dir, mark, text.s, text.len);
    else
        bw_call_done(NULL, BW_CALL_DETAIL, removexattr(dir, mark), "removexattr", "\"%s\", \"%s\"",
                     dir, mark);
}

static int control(const char *dir, char sign, unsigned mask, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (mask & 1u << i)
            bw_str_addf(&text, "%s%c%s", text.len ? " " : "", sign, bw_cg_names[i]);
    return bw_cg_write(dir, "cgroup.subtree_control", bw_str_get(&text), err);
}

/* Without cgroup.type it is the one group that may hold both processes and controllers' children.
 */
static bool true_root(const char *dir)
{
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "%s/cgroup.type", dir);
    return access(path.s, F_OK) != 0;
}

/* ---- who uses a controller ---- */

struct use {
    enum bw_cg_ctl ctl;
};

static bool differs(const char *dir, const char *file, const char *normal)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_cg_read(dir, file, &text))
        return false;
    size_t n = strlen(normal);
    return strncmp(bw_str_get(&text), normal, n) != 0 || bw_str_get(&text)[n] > ' ';
}

static int uses(const char *path, const char *name, void *ctx)
{
    static const struct {
        enum bw_cg_ctl ctl;
        const char *file, *normal;
    } knobs[] = {
        {BW_CG_CPU, "cpu.max", "max 100000"},
        {BW_CG_CPU, "cpu.weight", "100"},
        {BW_CG_MEMORY, "memory.max", "max"},
        {BW_CG_MEMORY, "memory.high", "max"},
        {BW_CG_MEMORY, "memory.low", "0"},
        {BW_CG_MEMORY, "memory.min", "0"},
        {BW_CG_MEMORY, "memory.swap.max", "max"},
        {BW_CG_PIDS, "pids.max", "max"},
        {BW_CG_IO, "io.max", ""},
        {BW_CG_CPUSET, "cpuset.cpus", ""},
        {BW_CG_CPUSET, "cpuset.mems", ""},
    };
    (void)name;
    const struct use *u = ctx;
    if (bw_cg_mask_read(path, "cgroup.subtree_control") & 1u << u->ctl)
        return 1;
    for (size_t i = 0; i < sizeof knobs / sizeof knobs[0]; i++)
        if (knobs[i].ctl == u->ctl && differs(path, knobs[i].file, knobs[i].normal))
            return 1;
    return 0;
}

static void restore_one(const char *dir)
{
    unsigned ours = mark_read(dir), off = 0;
    if (!ours)
        return;
    unsigned on = bw_cg_mask_read(dir, "cgroup.subtree_control");
    for (int i = 0; i < BW_CG_COUNT; i++) {
        struct use u = {(enum bw_cg_ctl)i};
        if (ours & on & 1u << i && !bw_cg_each_dir(dir, uses, &u))
            off |= 1u << i;
    }
    if (off && control(dir, '-', off, NULL))
        return;
    mark_write(dir, ours & on & ~off);
}

void bw_cg_v2_restore(const char *dir)
{
    BW_AUTO_STR at = BW_STR_INIT;
    bw_str_add(&at, dir);
    for (;;) {
        restore_one(at.s);
        if (true_root(at.s))
            return;
        char *slash = strrchr(at.s, '/');
        if (!slash || slash == at.s)
            return;
        *slash = '\0';
        at.len = (size_t)(slash - at.s);
        BW_AUTO_STR procs = BW_STR_INIT;
        bw_str_addf(&procs, "%s/cgroup.procs", at.s);
        if (access(procs.s, F_OK))
            return;
    }
}

/* ---- switching on ---- */

/* The first process in dir that is not the session's, 0 when there is none. */
static pid_t stranger(const struct bw_cg *cg, const char *dir)
{
    BW_AUTO_FREE pid_t *pids = NULL;
    size_t n = bw_cg_pids(dir, &pids);
    for (size_t i = 0; i < n; i++)
        if (!bw_cg_ours(cg->all->owner, pids[i]))
            return pids[i] ? pids[i] : -1;
    return 0;
}

static void explain_busy(const struct bw_cg *cg, const char *dir, struct bw_err *err)
{
    pid_t pid = stranger(cg, dir);
    /* EOPNOTSUPP comes one level below, from a group made where controllers and processes mix. */
    if ((err->code == EBUSY || err->code == EOPNOTSUPP) && pid) {
        struct bw_status_file f;
        BW_AUTO_STR name = BW_STR_INIT;
        if (pid > 0 && bw_status_read(pid, &f) == 0)
            bw_str_add_safe(&name, f.comm);
        bw_err_cause(err,
                     "%s holds processes that are not boxwright's (%d %s), and a v2 group with "
                     "processes cannot hand controllers to its children",
                     dir, (int)pid, bw_str_get(&name));
    } else if (err->code == EACCES || err->code == EPERM) {
        bw_err_cause(err,
                     "%s is not delegated to this user, who can neither make groups in it nor "
                     "hand controllers down",
                     dir);
    } else if (err->code == EROFS) {
        bw_err_cause(err, "%s is mounted read-only, as container runtimes do",
                     cg->all->host.unified);
        bw_err_todo(err, "start boxwright outside this container, or in a privileged one");
        return;
    } else {
        return;
    }
    bw_err_todo(err,
                access("/run/systemd/system", F_OK)
                    ? "start boxwright alone in its group: as the container's only program, or "
                      "on the host with sudo boxwright"
                    : "systemd-run --user --scope -p Delegate=yes boxwright, or sudo boxwright");
}

/* Empties base, so that it may hand controllers down: what is there is the session's own. */
static int evacuate(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_err *err)
{
    BW_AUTO_STR leaf = BW_STR_INIT;
    bw_str_addf(&leaf, "%s%s", t->session, BW_CG_SHELL);
    if (true_root(t->base) || stranger(cg, t->base))
        return 0;
    if (bw_cg_mkdir(leaf.s, err))
        return -1;
    return bw_cg_move(t->base, leaf.s, err);
}

static int enable_above(struct bw_cg *cg, struct bw_cg_tree *t, const char *dir, unsigned mask,
                        struct bw_err *err)
{
    unsigned want = mask & ~bw_cg_mask_read(dir, "cgroup.subtree_control");
    if (!want)
        return 0;
    if (strcmp(dir, t->base) == 0 && evacuate(cg, t, err))
        return -1;
    unsigned marked = mark_read(dir);
    if (control(dir, '+', want, err)) {
        int code = errno;
        if (code == ENOENT) {
            BW_AUTO_STR there = BW_STR_INIT;
            bw_cg_mask_names(bw_cg_mask_read(dir, "cgroup.controllers"), &there);
            bw_err_cause(err, "%s gets only these controllers from above: %s", dir,
                         there.len ? there.s : "none");
        }
        explain_busy(cg, dir, err);
        return -1;
    }
    mark_write(dir, marked | want);
    return 0;
}

/* From the mount down to the session's directory, step by step. */
static int enable(struct bw_cg *cg, struct bw_cg_tree *t, unsigned mask, struct bw_err *err)
{
    const char *p = t->session + strlen(t->mount);
    while (mask & ~bw_cg_mask_read(t->session, "cgroup.controllers")) {
        BW_AUTO_STR dir = BW_STR_INIT;
        if (!p)
            return bw_err_set(err, "%s did not get the controllers it was handed", t->session);
        bw_str_addn(&dir, t->session, (size_t)(p - t->session));
        if (enable_above(cg, t, dir.s, mask, err))
            return -1;
        p = strchr(p + 1, '/');
    }
    unsigned want = mask & ~bw_cg_mask_read(t->session, "cgroup.subtree_control");
    if (!want || control(t->session, '+', want, err) == 0)
        return 0;
    explain_busy(cg, t->base, err);
    return -1;
}

/* ---- the operations ---- */

static int end(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_err *err)
{
    (void)cg;
    if (!t->session)
        return 0;
    int r = bw_cg_rmdir(t->session, err);
    BW_AUTO_STR leaf = BW_STR_INIT;
    bw_str_addf(&leaf, "%s%s", t->session, BW_CG_SHELL);
    bw_cg_v2_restore(t->base);
    if (access(leaf.s, F_OK) == 0 && (bw_cg_move(leaf.s, t->base, err) || bw_cg_rmdir(leaf.s, err)))
        r = -1;
    /* What is left is tried again, at the latest at the session's end. */
    if (r)
        return -1;
    free(t->session);
    free(t->base);
    t->session = t->base = NULL;
    return 0;
}

static int own_base(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_str *base, struct bw_err *err)
{
    for (int again = 0; again < 2; again++) {
        bw_str_clear(base);
        if (bw_cg_dir_in(t, cg->all->owner, base))
            return bw_err_set(err,
                              "the shell's own group is not below %s, so none can be made "
                              "there",
                              t->mount);
        int r = again ? 0 : bw_cg_delegate(cg, base->s, err);
        if (r <= 0)
            return r;
    }
    return 0;
}

static int make_session(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_err *err)
{
    BW_AUTO_STR base = BW_STR_INIT, dir = BW_STR_INIT;
    if (own_base(cg, t, &base, err))
        return -1;
    bw_str_addf(&dir, "%s/%s", base.s, cg->all->name);
    if (cg->all->announce && cg->all->announce(cg->all->ctx, dir.s, err))
        return -1;
    if (bw_cg_mkdir(dir.s, err)) {
        explain_busy(cg, base.s, err);
        return -1;
    }
    t->base = bw_str_steal(&base);
    t->session = bw_str_steal(&dir);
    return 0;
}

static int disable(struct bw_cg_tree *t, unsigned mask, struct bw_err *err)
{
    unsigned off = t->session ? mask & bw_cg_mask_read(t->session, "cgroup.subtree_control") : 0;
    return off ? control(t->session, '-', off, err) : 0;
}

static int make(struct bw_cg *cg, struct bw_cg_tree *t, const char *group, unsigned mask,
                struct bw_err *err)
{
    bool first = !t->session;
    if (first && make_session(cg, t, err))
        return -1;
    unsigned had = bw_cg_mask_read(t->session, "cgroup.subtree_control");
    BW_AUTO_STR dir = BW_STR_INIT;
    bw_cg_group_dir(cg, t, group, &dir);
    if (enable(cg, t, mask, err) == 0 && bw_cg_mkdir(dir.s, err) == 0)
        return 0;
    struct bw_err ignored = BW_ERR_INIT;
    disable(t, mask & ~had, &ignored);
    if (first)
        end(cg, t, &ignored);
    else
        bw_cg_v2_restore(t->base);
    return -1;
}

const struct bw_cg_ops bw_cg_v2_ops = {make, disable, end};
