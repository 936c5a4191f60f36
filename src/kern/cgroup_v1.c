/* cgroup v1: a hierarchy for each controller, groups may hold processes at any level: cgroups(7),
 * the kernel's cgroup-v1 documents. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroup_int.h"

/* A new cpuset has neither CPUs nor memory nodes, and takes no process before it has both. */
static int inherit(const char *from, const char *to, const char *file, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_cg_read(to, file, &text) == 0 && strspn(bw_str_get(&text), " \n") < text.len)
        return 0;
    if (bw_cg_read(from, file, &text))
        return bw_err_call(err, errno, "open", "\"%s/%s\", O_RDONLY", from, file);
    while (text.len > 0 && text.s[text.len - 1] == '\n')
        text.s[--text.len] = '\0';
    return bw_cg_write(to, file, bw_str_get(&text), err);
}

static int make_dir(const struct bw_cg_tree *t, const char *parent, const char *dir,
                    struct bw_err *err)
{
    if (bw_cg_mkdir(dir, err)) {
        if ((errno == EACCES || errno == EPERM) && geteuid() != 0) {
            bool devices = t->mask == 1u << BW_CG_DEVICES;
            bw_err_cause(err, "control groups of v1 belong to root, and %s is v1 on this host",
                         devices ? "devices" : bw_cg_names[__builtin_ctz(t->mask)]);
            bw_err_todo(err, "start it as root: sudo boxwright");
        } else if (errno == EROFS) {
            bw_err_cause(err, "%s is mounted read-only, as container runtimes do", t->mount);
            bw_err_todo(err, "start boxwright outside this container, or in a privileged one");
        }
        return -1;
    }
    if (!(t->mask & 1u << BW_CG_CPUSET))
        return 0;
    if (inherit(parent, dir, "cpuset.cpus", err) || inherit(parent, dir, "cpuset.mems", err)) {
        bw_cg_rmdir(dir, &(struct bw_err){0});
        return -1;
    }
    return 0;
}

static int end(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_err *err)
{
    (void)cg;
    if (!t->session)
        return 0;
    /* What is left is tried again, at the latest at the session's end. */
    if (bw_cg_rmdir(t->session, err))
        return -1;
    free(t->session);
    free(t->base);
    t->session = t->base = NULL;
    return 0;
}

static int make_session(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_err *err)
{
    BW_AUTO_STR base = BW_STR_INIT, dir = BW_STR_INIT;
    if (bw_cg_dir_in(t, cg->all->owner, &base))
        return bw_err_set(err, "the shell's own group is not below %s, so none can be made there",
                          t->mount);
    bw_str_addf(&dir, "%s/%s", base.s, cg->all->name);
    if (cg->all->announce && cg->all->announce(cg->all->ctx, dir.s, err))
        return -1;
    if (make_dir(t, base.s, dir.s, err))
        return -1;
    t->base = bw_str_steal(&base);
    t->session = bw_str_steal(&dir);
    return 0;
}

static int make(struct bw_cg *cg, struct bw_cg_tree *t, const char *group, unsigned mask,
                struct bw_err *err)
{
    (void)mask;
    bool first = !t->session;
    if (first && make_session(cg, t, err))
        return -1;
    BW_AUTO_STR dir = BW_STR_INIT;
    bw_cg_group_dir(cg, t, group, &dir);
    if (make_dir(t, t->session, dir.s, err) == 0)
        return 0;
    if (first)
        end(cg, t, &(struct bw_err){0});
    return -1;
}

static int disable(struct bw_cg_tree *t, unsigned mask, struct bw_err *err)
{
    (void)t, (void)mask, (void)err;
    return 0;
}

const struct bw_cg_ops bw_cg_v1_ops = {make, disable, end};
