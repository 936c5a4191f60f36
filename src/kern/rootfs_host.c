/* The host's /usr, read-only, over a tmpfs. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/rootfs.h"
#include "rootfs_priv.h"

/* /bin is a link into /usr on most machines; where it is a directory of its own it is bound too. */
static int one_top(int dirfd, const char *dir, const char *name, struct bw_err *err)
{
    char host[16], to[256];
    struct stat st;
    BW_AUTO_STR target = BW_STR_INIT;
    bw_str_addf(&target, "/%s", name);
    memcpy(host, target.s, target.len + 1);
    if (lstat(host, &st))
        return errno == ENOENT ? 0 : bw_err_call(err, errno, "lstat", "\"%s\"", host);
    if (S_ISLNK(st.st_mode)) {
        ssize_t n = readlink(host, to, sizeof to - 1);
        if (n < 0)
            return bw_err_call(err, errno, "readlink", "\"%s\"", host);
        to[n] = '\0';
        return bw_rootfs_link(dirfd, to, name, err);
    }
    bw_str_clear(&target);
    bw_str_addf(&target, "%s/%s", dir, name);
    if (bw_sys_mkdirat(dirfd, name, 0755, BW_CALL_DETAIL, err) ||
        bw_sys_mount(host, target.s, NULL, MS_BIND | MS_REC, NULL, err))
        return -1;
    return bw_sys_mount(NULL, target.s, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL, err);
}

static int fill(const char *dir, struct bw_err *err)
{
    static const char *const dirs[] = {"etc", "proc", "sys", "dev", "root",
                                       "run", "home", "mnt", "var", NULL};
    static const char *const tops[] = {"usr", "bin", "sbin", "lib", "lib64", "lib32"};
    BW_AUTO_FD fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_RDONLY|O_DIRECTORY", dir);
    if (bw_rootfs_skeleton(fd, dirs, err))
        return -1;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (one_top(fd, dir, tops[i], err))
            return -1;
    return 0;
}

int bw_rootfs_host(const char *dir, bool *made, struct bw_err *err)
{
    bool created;
    *made = false;
    BW_AUTO_FD fd = bw_rootfs_open(dir, &created, err);
    if (fd < 0)
        return -1;
    if (bw_rootfs_begin(dir, fd, created, err))
        return -1;
    mode_t mask = umask(022);
    int r = bw_sys_mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755", err);
    if (r == 0 && (r = fill(dir, err)))
        bw_sys_umount2(dir, MNT_DETACH, NULL);
    umask(mask);
    if (r && created)
        rmdir(dir);
    *made = r == 0 && created;
    return r;
}
