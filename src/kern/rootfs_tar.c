/* An image layer as a root file system. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/module.h"
#include "kern/call.h"
#include "kern/rootfs.h"
#include "rootfs_priv.h"

static int open_archive(const char *file, struct bw_err *err)
{
    struct stat st;
    BW_AUTO_FD fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_RDONLY", file);
    if (fstat(fd, &st))
        return bw_err_call(err, errno, "fstat", "\"%s\"", file);
    if (!S_ISREG(st.st_mode))
        return bw_err_set(err, "%s is not a regular file", file);
    return bw_steal_fd(&fd);
}

/* The root is DIR while entries are written: no name in the archive can mean anything outside. */
static int unpack_inside(int dir, int archive, struct bw_err *err)
{
    int (*unpack)(int, struct bw_err *);
    if (bw_module_function("archive", "bw_archive_module_unpack", &unpack, err))
        return -1;
    BW_AUTO_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    BW_AUTO_FD cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || cwd < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_PATH", root < 0 ? "/" : ".");
    if (bw_sys_fchdir(dir, err))
        return -1;
    int r = bw_sys_chroot(".", err) ? -1 : unpack(archive, err);
    /* Without the way back what was unpacked could not be taken away again. */
    int tries = 0;
    while (fchdir(root) || chroot(".") || fchdir(cwd))
        if (!bw_again(&tries))
            return bw_err_call(err, errno, "chroot", "\".\"");
    return r;
}

/* The archive's entry for its top is about a directory made for it, not about one of yours. */
static int give_back(int dir, const struct stat *was)
{
    struct stat now;
    if (fstat(dir, &now))
        return -1;
    if ((now.st_uid != was->st_uid || now.st_gid != was->st_gid) &&
        fchown(dir, was->st_uid, was->st_gid))
        return -1;
    return now.st_mode != was->st_mode ? fchmod(dir, was->st_mode & 07777) : 0;
}

int bw_rootfs_tar(const char *file, const char *dir, bool *made, struct bw_err *err)
{
    bool created;
    *made = false;
    BW_AUTO_FD archive = open_archive(file, err);
    if (archive < 0)
        return -1;
    BW_AUTO_FD fd = bw_rootfs_open(dir, &created, err);
    if (fd < 0)
        return -1;
    if (bw_rootfs_begin(dir, fd, created, err))
        return -1;
    struct stat was = {0};
    if (!created && fstat(fd, &was))
        return bw_err_call(err, errno, "fstat", "\"%s\"", dir);
    mode_t mask = umask(0);
    int r = unpack_inside(fd, archive, err);
    umask(mask);
    if (!created && give_back(fd, &was) && r == 0)
        r = bw_err_call(err, errno, "fchmod", "\"%s\", %#o", dir, was.st_mode & 07777);
    if (r) {
        bw_rootfs_empty_out(fd);
        if (created)
            rmdir(dir);
    }
    *made = r == 0;
    return r;
}
