/* File system: rootfs, mkdir, chroot, pivot. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "kern/inroot.h"
#include "kern/observe.h"
#include "untrusted.h"

/* Whether a path of the box is a path of the host: it has no root and no mounts of its own. */
static bool on_host(struct bw_session *s)
{
    BW_AUTO_STR root = BW_STR_INIT;
    bw_proc_root(s->stage.pid, &root);
    return !bw_session_own(s, BW_NS_MNT) && strcmp(bw_str_get(&root), "/") == 0;
}

static int rootfs_tar(struct bw_session *s, const char *file, const char *dir, bool *made)
{
    struct bw_stage child;
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_msg(s->out, "  unpacking %s\n", bw_str_safe(&safe, file));
    if (bw_program_scratch(s, false, &child))
        return -1;
    int r = bw_stage_rootfs(&child, "tar", dir, file, made, &s->err);
    bw_stage_close(&child);
    s->stage.changes += r == 0;
    return r;
}

static int make_rootfs(struct bw_session *s, int argc, char **argv, bool *made)
{
    const char *kind = argv[1], *dir = argv[argc - 1];
    if (strcmp(kind, "tar") == 0 && argc == 4)
        return rootfs_tar(s, argv[2], dir, made);
    if (argc != 3 || (strcmp(kind, "busybox") != 0 && strcmp(kind, "host") != 0))
        return bw_err_usage(&s->err, "rootfs busybox DIR, rootfs host DIR, or rootfs tar FILE DIR");
    if (strcmp(kind, "host") == 0 && !bw_session_own(s, BW_NS_MNT)) {
        bw_err_set(&s->err,
                   "rootfs host mounts, and the box still shares the host's mount namespace");
        bw_err_todo(&s->err, "unshare mnt, then rootfs host %s", dir);
        return -1;
    }
    return bw_stage_rootfs(&s->stage, kind, dir, NULL, made, &s->err);
}

int bw_cmd_rootfs(struct bw_session *s, int argc, char **argv)
{
    bool made = false;
    if (argc < 3)
        return bw_err_usage(&s->err, "rootfs busybox DIR, rootfs host DIR, or rootfs tar FILE DIR");
    if (make_rootfs(s, argc, argv, &made))
        return -1;
    const char *dir = argv[argc - 1];
    bw_session_root(s, dir);
    if (made && on_host(s))
        bw_session_made(s, dir);
    else if (!made)
        bw_session_note(s, "%s holds a root file system already: it is used as it is", dir);
    bw_session_hint(s, "chroot %s", dir);
    return 0;
}

int bw_cmd_mkdir(struct bw_session *s, int argc, char **argv)
{
    bool parents = argc > 1 && strcmp(argv[1], "-p") == 0;
    int first = parents ? 2 : 1;
    if (first >= argc)
        return bw_err_usage(&s->err, "mkdir needs the name of a directory");
    for (int i = first; i < argc; i++) {
        if (*argv[i] == '-')
            return bw_err_usage(&s->err, "mkdir has no option %s (only -p)", argv[i]);
        BW_AUTO_FREE char *root = untrusted_root(s, argv[i]);
        if (bw_stage_mkdir(&s->stage, root, argv[i], 0755, parents, &s->err)) {
            if (s->err.code != EEXIST || !s->replaying)
                return -1;
            bw_err_clear(&s->err);
            s->stage.changes++;
        }
    }
    if (argc == first + 1 && on_host(s))
        bw_session_made(s, argv[first]);
    bw_session_shell(s, "mkdir DIR");
    return 0;
}

/* Whether the box's /proc has anything in it. */
static bool proc_is_empty(struct bw_session *s)
{
    BW_AUTO_FD fd = bw_inroot_open(s->stage.pid, "/proc/self", O_PATH);
    return fd < 0;
}

static int explain_root(struct bw_session *s, const char *dir)
{
    BW_AUTO_STR root = BW_STR_INIT;
    bw_proc_root(s->stage.pid, &root);
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
    if (bw_stage_chroot(&s->stage, argv[1], &s->err))
        return explain_root(s, argv[1]);
    bw_session_shell(s, "chroot %s", argv[1]);
    if (proc_is_empty(s))
        bw_session_hint(s, "mountproc: /proc of the new root is empty, so ps sees nothing");
    else
        bw_session_hint(s, "run ls / shows the new root");
    return 0;
}

int bw_cmd_pivot(struct bw_session *s, int argc, char **argv)
{
    if (argc != 2)
        return bw_err_usage(&s->err, "pivot needs the directory that becomes the root");
    if (bw_stage_pivot(&s->stage, argv[1], &s->err))
        return -1;
    bw_session_shell(s, "mount --bind NEW NEW; cd NEW; pivot_root . .; umount -l .");
    bw_session_hint(s, "mount lists what is left: the old root is out of reach");
    return 0;
}
