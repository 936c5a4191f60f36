/* File system: rootfs, mkdir, chroot, pivot. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "kern/explain.h"
#include "kern/inroot.h"
#include "kern/observe.h"
#include "untrusted.h"

static int rootfs_tar(struct bw_session *s, const char *file, const char *dir, bool *made)
{
    struct bw_stage child;
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_msg(s->out, "  unpacking %s\n", bw_str_safe(&safe, file));
    if (bw_program_scratch(s, false, &child))
        return -1;
    int r = bw_stage_rootfs(&child, "tar", dir, file, made, &s->err);
    bw_stage_close(&child);
    s->box->stage.changes += r == 0;
    return r;
}

static int make_rootfs(struct bw_session *s, int argc, char **argv, bool *made)
{
    const char *kind = argv[1], *dir = argv[argc - 1];
    if (strcmp(kind, "tar") == 0 && argc == 4)
        return rootfs_tar(s, argv[2], dir, made);
    if (argc != 3 || (strcmp(kind, "busybox") != 0 && strcmp(kind, "host") != 0))
        return bw_err_usage(&s->err,
                            "usage: rootfs busybox DIR, rootfs host DIR, or rootfs tar FILE DIR");
    if (strcmp(kind, "host") == 0 && !bw_session_own(s, BW_NS_MNT)) {
        bw_err_set(&s->err,
                   "rootfs host mounts, and the box still shares the host's mount namespace");
        bw_err_todo(&s->err, "unshare mnt, then rootfs host %s", dir);
        return -1;
    }
    return bw_stage_rootfs(&s->box->stage, kind, dir, NULL, made, &s->err);
}

int bw_cmd_rootfs(struct bw_session *s, int argc, char **argv)
{
    bool made = false;
    if (argc < 3)
        return bw_err_usage(&s->err,
                            "usage: rootfs busybox DIR, rootfs host DIR, or rootfs tar FILE DIR");
    const char *dir = argv[argc - 1];
    bool there = access(dir, F_OK) == 0;
    if (make_rootfs(s, argc, argv, &made))
        return -1;
    if (made)
        bw_session_made_root(s, dir, there);
    else
        bw_session_note(s, "%s holds a root file system already: it is used as it is", dir);
    bw_session_root(s, dir);
    bw_session_hint(s, "chroot %s", dir);
    return 0;
}

/* The directories that one command makes. */
struct made {
    char **v;
    size_t n;
};

/* Adds path, and with parents what is above it, as far as it is not there yet. */
static void add_missing(struct bw_session *s, const char *path, bool parents, struct made *m)
{
    for (size_t at = 0; path[at];) {
        at += strspn(path + at, "/");
        at += strcspn(path + at, "/");
        if (!parents && path[at + strspn(path + at, "/")])
            continue;
        BW_AUTO_STR part = BW_STR_INIT;
        bw_str_addn(&part, path, at);
        BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, part.s, O_PATH | O_NOFOLLOW);
        if (fd >= 0)
            continue;
        m->v = bw_realloc(m->v, (m->n + 1) * sizeof *m->v);
        m->v[m->n++] = bw_str_steal(&part);
    }
}

/* Takes back what was made before a later word was refused. */
static void unmake(struct bw_session *s, const struct made *m)
{
    struct bw_err ignored = BW_ERR_INIT, failed = s->err;
    unsigned changes = s->box->stage.changes;
    size_t left = m->n;
    for (size_t i = m->n; i-- > 0;) {
        BW_AUTO_FREE char *root = NULL;
        left -= untrusted_root(s, m->v[i], &root) == 0 &&
                bw_stage_rmdir(&s->box->stage, root, m->v[i], &ignored) == 0;
    }
    s->box->stage.changes = left ? changes : 0;
    s->err = failed;
}

static int make_one(struct bw_session *s, const char *path, bool parents, struct made *m)
{
    size_t n = m->n;
    BW_AUTO_FREE char *root = NULL;
    if (untrusted_root(s, path, &root))
        return -1;
    add_missing(s, path, parents, m);
    if (bw_stage_mkdir(&s->box->stage, root, path, 0755, parents, &s->err) == 0)
        return 0;
    if (s->err.code == EEXIST && s->replaying) {
        bw_err_clear(&s->err);
        s->box->stage.changes++;
        return 0;
    }
    /* Looked at before what it may have stumbled over is gone again. */
    bw_explain_fill(&s->err, s->box->stage.pid);
    while (m->n > n)
        free(m->v[--m->n]);
    unmake(s, m);
    return -1;
}

int bw_cmd_mkdir(struct bw_session *s, int argc, char **argv)
{
    bool parents = argc > 1 && strcmp(argv[1], "-p") == 0;
    int first = parents ? 2 : 1, r = 0;
    if (first >= argc)
        return bw_err_usage(&s->err, "mkdir needs the name of a directory");
    for (int i = first; i < argc; i++)
        if (*argv[i] == '-')
            return bw_err_usage(&s->err, "mkdir has one option, -p, before the names: not %s",
                                argv[i]);
    struct made m = {0};
    for (int i = first; i < argc && r == 0; i++)
        r = make_one(s, argv[i], parents, &m);
    bool undoable = r == 0 && bw_session_on_host(s);
    for (size_t i = 0; i < m.n; i++) {
        if (undoable)
            bw_session_made(s, m.v[i]);
        free(m.v[i]);
    }
    free(m.v);
    bw_session_shell(s, "mkdir DIR");
    return r;
}

/* Whether the box's /proc has anything in it. */
static bool proc_is_empty(struct bw_session *s)
{
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, "/proc/self", O_PATH);
    return fd < 0;
}

static int explain_root(struct bw_session *s, const char *dir)
{
    BW_AUTO_STR root = BW_STR_INIT;
    bw_proc_root(s->box->stage.pid, &root);
    if (s->err.code == ENOENT && strcmp(bw_str_get(&root), "/") != 0) {
        bw_err_cause(&s->err, "the box's root is %s already, and %s is looked for inside it",
                     bw_str_get(&root), dir);
        bw_err_todo(&s->err, "undo takes the first chroot back");
    }
    return -1;
}

int bw_cmd_chroot(struct bw_session *s, int argc, char **argv)
{
    if (argc < 2)
        return bw_err_usage(&s->err, "chroot needs a directory");
    if (*argv[1] == '-')
        return bw_err_usage(&s->err, "chroot has no option %s", argv[1]);
    if (argc > 2) {
        struct bw_stage child;
        if (bw_program_scratch(s, false, &child))
            return -1;
        if (bw_stage_chroot(&child, argv[1], &s->err)) {
            bw_stage_close(&child);
            return explain_root(s, argv[1]);
        }
        return bw_program_run(s, &child, argv + 2);
    }
    if (bw_stage_chroot(&s->box->stage, argv[1], &s->err))
        return explain_root(s, argv[1]);
    bw_session_shell(s, "chroot %s", argv[1]);
    if (proc_is_empty(s))
        bw_session_hint(s, "mountproc: /proc of the new root is empty, so ps sees nothing");
    else
        bw_session_hint(s, "run ls / shows the new root");
    return 0;
}

/* The call names "." twice, which only meant DIR while the stage stood there. */
static int explain_pivot(struct bw_session *s, const char *dir)
{
    struct bw_err named = BW_ERR_INIT;
    BW_AUTO_STR quoted = BW_STR_INIT;
    if (strcmp(s->err.op, "pivot_root") != 0)
        return -1;
    bw_str_add_quoted(&quoted, dir);
    bw_err_call(&named, s->err.code, "pivot_root", "%s, %s", quoted.s, quoted.s);
    bw_explain_fill(&named, s->box->stage.pid);
    bw_err_cause(&s->err, "%s", named.cause);
    bw_err_todo(&s->err, "%s", named.todo);
    return -1;
}

int bw_cmd_pivot(struct bw_session *s, int argc, char **argv)
{
    if (argc != 2)
        return bw_err_usage(&s->err, "pivot needs the directory that becomes the root");
    if (bw_stage_pivot(&s->box->stage, argv[1], &s->err))
        return explain_pivot(s, argv[1]);
    bw_session_shell(s, "mount --bind NEW NEW; cd NEW; pivot_root . .; umount -l .");
    bw_session_hint(s, "mount lists what is left: the old root is out of reach");
    return 0;
}
