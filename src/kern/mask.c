#include "kern/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/mnt.h"
#include "mnt_priv.h"

/* From <sys/mount.h>, which cannot stand beside <linux/mount.h> everywhere. */
enum { RDONLY = 1, NOSUID = 2, NODEV = 4, NOEXEC = 8, REMOUNT = 32, BIND = 4096, REC = 16384 };
enum { NULL_MAJOR = 1, NULL_MINOR = 3 };

/* The kernel's /dev/null and nothing that was put in its place: what is bound over a masked file
 * would else be open through it (CVE-2025-31133). */
static int open_null(struct bw_err *err)
{
    struct stat st;
    BW_AUTO_FD fd = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        bw_err_call(err, errno, "open", "\"/dev/null\", O_PATH|O_NOFOLLOW|O_CLOEXEC");
        bw_err_cause(err, "a file is masked by binding /dev/null over it, and the box has none");
        bw_err_todo(err, "devices makes one");
        return -1;
    }
    if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(NULL_MAJOR, NULL_MINOR))
        return bw_steal_fd(&fd);
    bw_err_set(err, "/dev/null of the box is not the kernel's null device: bound over a masked "
                    "file it would open another");
    bw_err_todo(err, "devices makes a /dev with a real one");
    return -1;
}

/* What a call before Linux 5.2 names: below an untrusted root by descriptor, which no link moves.
 */
struct named {
    int fd;
    const char *path;
    char buf[40];
};

static const char *name_of(const char *root, struct named *n)
{
    snprintf(n->buf, sizeof n->buf, "/proc/self/fd/%d", n->fd);
    return root ? n->buf : n->path;
}

/* Binds the null device over what to is. */
static int bind_null(const char *root, int null, struct named *to, struct bw_err *err)
{
    BW_AUTO_FD tree = bw_sys_open_tree(null, OPEN_TREE_CLONE, "/dev/null", err);
    if (tree < 0 && errno == ENOSYS)
        return bw_sys_mount("/dev/null", name_of(root, to), NULL, BIND, NULL, err);
    return tree < 0 ? -1 : bw_sys_move_mount(tree, to->fd, to->path, err);
}

static int hide(const char *root, struct named *to, struct bw_err *err)
{
    struct stat st;
    if (fstat(to->fd, &st))
        return bw_err_call(err, errno, "fstat", "%d", to->fd);
    if (S_ISDIR(st.st_mode)) {
        int r =
            bw_mnt_at_dir(to->fd, "tmpfs", "tmpfs", RDONLY | NOSUID | NODEV | NOEXEC, NULL, err);
        int code = errno;
        bw_call_note("the directory is %s", to->path);
        return errno = code, r;
    }
    BW_AUTO_FD null = open_null(err);
    return null < 0 ? -1 : bind_null(root, null, to, err);
}

/* A remount must name the flags that the mount has, or it would take them away. */
static unsigned long kept_flags(const char *path)
{
    struct statvfs v;
    unsigned long flags = 0;
    if (statvfs(path, &v))
        return 0;
    if (v.f_flag & ST_NOSUID)
        flags |= NOSUID;
    if (v.f_flag & ST_NODEV)
        flags |= NODEV;
    if (v.f_flag & ST_NOEXEC)
        flags |= NOEXEC;
    return flags;
}

static int read_only_by_name(const char *root, struct named *to, bool *half, struct bw_err *err)
{
    const char *name = name_of(root, to);
    if (bw_sys_mount(name, name, NULL, BIND | REC, NULL, err))
        return -1;
    *half = true;
    /* The new mount: the descriptor is of what lies under it now. */
    BW_AUTO_FD again = root ? bw_mnt_open(root, to->path, err) : -1;
    struct named on_top = {.fd = again, .path = to->path};
    if (root && again < 0)
        return -1;
    name = name_of(root, &on_top);
    return bw_sys_mount(NULL, name, NULL, BIND | REMOUNT | RDONLY | kept_flags(name), NULL, err);
}

static int read_only(const char *root, struct named *to, bool *half, struct bw_err *err)
{
    BW_AUTO_FD tree = bw_sys_open_tree(to->fd, OPEN_TREE_CLONE | AT_RECURSIVE, to->path, err);
    if (tree < 0 && errno == ENOSYS)
        return read_only_by_name(root, to, half, err);
    if (tree < 0)
        return -1;
    if (bw_sys_mount_setattr(tree, AT_RECURSIVE, MOUNT_ATTR_RDONLY, to->path, err) == 0)
        return bw_sys_move_mount(tree, to->fd, to->path, err);
    return errno == ENOSYS ? read_only_by_name(root, to, half, err) : -1;
}

/* However it is spelled: /.., /etc/.., a link. */
static bool is_root(int fd)
{
    struct stat st, root;
    return fstat(fd, &st) == 0 && stat("/", &root) == 0 && st.st_dev == root.st_dev &&
           st.st_ino == root.st_ino;
}

int bw_mask(enum bw_mask_kind kind, const char *root, const char *path, bool *there, bool *half,
            struct bw_err *err)
{
    *there = true;
    *half = false;
    BW_AUTO_FD fd = root ? bw_mnt_open(root, path, err) : open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        bw_err_clear(err);
        *there = false;
        return 0;
    }
    if (fd < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_PATH|O_CLOEXEC", path);
    struct named to = {.fd = fd, .path = path};
    if (kind == BW_MASK_HIDE && is_root(fd))
        return bw_err_set(err, "%s is the root: with it masked there would be no program to run",
                          path);
    return kind == BW_MASK_HIDE ? hide(root, &to, err) : read_only(root, &to, half, err);
}

static bool is_mount_root(int fd)
{
    struct statx st;
    return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) == 0 &&
           (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* The copy is entered by its descriptor: a name would lead to what lies under it. */
static int enter_copy(int tree, struct bw_err *err)
{
    return bw_sys_fchdir(tree, err) || bw_sys_chroot(".", err) || bw_sys_chdir("/", err) ? -1 : 0;
}

static int no_setattr(struct bw_err *err)
{
    bw_err_cause(err, "a root is made read-only with open_tree(2) and mount_setattr(2), which came "
                      "with Linux 5.12");
    bw_err_todo(err,
                "bind the root read-only before it is entered: bind --ro DIR DIR, then chroot");
    return -1;
}

int bw_mask_root(bool *half, struct bw_err *err)
{
    *half = false;
    BW_AUTO_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return bw_err_call(err, errno, "open", "\"/\", O_PATH|O_DIRECTORY|O_CLOEXEC");
    if (is_mount_root(root)) {
        int r = bw_sys_mount_setattr(root, 0, MOUNT_ATTR_RDONLY, "/", err);
        return r && errno == ENOSYS ? no_setattr(err) : r;
    }
    BW_AUTO_FD tree = bw_sys_open_tree(root, OPEN_TREE_CLONE | AT_RECURSIVE, "/", err);
    if (tree < 0 || bw_sys_mount_setattr(tree, 0, MOUNT_ATTR_RDONLY, "/", err))
        return errno == ENOSYS ? no_setattr(err) : -1;
    if (bw_sys_move_mount(tree, root, "/", err))
        return -1;
    *half = true;
    return enter_copy(tree, err);
}
