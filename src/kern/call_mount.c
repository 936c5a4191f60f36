/* Calls on mounts by descriptor, and those that fill a /dev. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/call.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

int bw_sys_open_tree(int fd, unsigned flags, const char *what, struct bw_err *err)
{
    long r = syscall(SYS_open_tree, fd, "", flags | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    return (int)bw_call_done(err, r < 0 ? BW_CALL_STEP : BW_CALL_DETAIL, r, "open_tree",
                             "%d<%s>, \"\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH%s", fd,
                             what, flags & AT_RECURSIVE ? "|AT_RECURSIVE" : "");
}

int bw_sys_mount_setattr(int fd, unsigned flags, unsigned long long set, const char *what,
                         struct bw_err *err)
{
    struct mount_attr attr = {.attr_set = set};
    long r = syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, &attr, sizeof attr);
    return (int)bw_call_done(err, BW_CALL_STEP, r, "mount_setattr",
                             "%d<%s>, \"\", AT_EMPTY_PATH%s, {attr_set=%s, attr_clr=0, "
                             "propagation=0, userns_fd=0}, %zu",
                             fd, what, flags & AT_RECURSIVE ? "|AT_RECURSIVE" : "",
                             set == MOUNT_ATTR_RDONLY ? "MOUNT_ATTR_RDONLY" : "0", sizeof attr);
}

int bw_sys_move_mount(int tree, int to, const char *what, struct bw_err *err)
{
    long r = syscall(SYS_move_mount, tree, "", to, "",
                     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    return (int)bw_call_done(err, BW_CALL_STEP, r, "move_mount",
                             "%d, \"\", %d<%s>, \"\", "
                             "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH",
                             tree, to, what);
}

int bw_sys_create(const char *name, mode_t mode, struct bw_err *err)
{
    BW_AUTO_FD fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (bw_call_done(err, fd < 0 ? BW_CALL_STEP : BW_CALL_DETAIL, fd, "openat",
                     "AT_FDCWD, \"%s\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, %#o", name, mode) < 0)
        return -1;
    int path = open(name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return (int)bw_call_done(err, path < 0 ? BW_CALL_STEP : BW_CALL_DETAIL, path, "openat",
                             "AT_FDCWD, \"%s\", O_PATH|O_NOFOLLOW|O_CLOEXEC", name);
}

int bw_sys_symlink(const char *to, const char *name, struct bw_err *err)
{
    return (int)bw_call_done(err, BW_CALL_DETAIL, symlink(to, name), "symlink", "\"%s\", \"%s\"",
                             to, name);
}

int bw_sys_chmod(const char *name, mode_t mode, struct bw_err *err)
{
    return (int)bw_call_done(err, BW_CALL_DETAIL, chmod(name, mode), "chmod", "\"%s\", %#o", name,
                             mode);
}
