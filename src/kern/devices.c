/* A small /dev: runtime-spec config-linux.md, "Default Devices"; devpts in mount(8). */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/mask.h"
#include "kern/mnt.h"
#include "mnt_priv.h"

enum { NOSUID = 2, NODEV = 4, NOEXEC = 8 };

static const struct {
    const char *name;
    unsigned major, minor;
} nodes[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
             {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
enum { NODES = sizeof nodes / sizeof *nodes };

static const struct {
    const char *name, *to;
} links[] = {
    {"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"}, {"core", "/proc/kcore"},      {"ptmx", "pts/ptmx"},
};

/* The node in the box's present /dev, when it is the kernel's device of that name; *fd is -1 when
 * it is not. */
static int present(size_t i, int *fd, struct bw_err *err)
{
    struct stat st;
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "/dev/%s", nodes[i].name);
    *fd = open(path.s, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return bw_err_call(err, errno, "open", "\"%s\", O_PATH|O_NOFOLLOW|O_CLOEXEC", path.s);
    if (*fd >= 0 && (fstat(*fd, &st) || !S_ISCHR(st.st_mode) ||
                     st.st_rdev != makedev(nodes[i].major, nodes[i].minor)))
        bw_close_ptr(fd);
    return 0;
}

static int make(size_t i, struct bw_err *err)
{
    dev_t dev = makedev(nodes[i].major, nodes[i].minor);
    int r = mknod(nodes[i].name, S_IFCHR | 0666, dev);
    if (bw_call_done(err, BW_CALL_STEP, r, "mknod", "\"%s\", S_IFCHR|0666, makedev(%#x, %#x)",
                     nodes[i].name, nodes[i].major, nodes[i].minor) == 0)
        return bw_sys_chmod(nodes[i].name, 0666, err);
    if (errno == EPERM) {
        bw_err_cause(err,
                     "the box's /dev has no %s to bind, and the kernel lets only root of the "
                     "host make one",
                     nodes[i].name);
        bw_err_todo(err, "before chroot or pivot, while the host's /dev is there: devices DIR/dev");
    }
    return -1;
}

static int bind_node(size_t i, int source, struct bw_err *err)
{
    BW_AUTO_STR from = BW_STR_INIT;
    bw_str_addf(&from, "/dev/%s", nodes[i].name);
    BW_AUTO_FD spot = bw_sys_create(nodes[i].name, 0666, err);
    if (spot < 0)
        return -1;
    BW_AUTO_FD tree = bw_sys_open_tree(source, OPEN_TREE_CLONE, from.s, err);
    return tree < 0 ? -1 : bw_sys_move_mount(tree, spot, nodes[i].name, err);
}

/* In the new tmpfs, which is the working directory. */
static int fill(const int sources[NODES], struct bw_err *err)
{
    for (size_t i = 0; i < NODES; i++)
        if (sources[i] >= 0 ? bind_node(i, sources[i], err) : make(i, err))
            return -1;
    if (bw_sys_mkdirat(AT_FDCWD, "pts", 0755, BW_CALL_STEP, err) ||
        bw_sys_mount("devpts", "pts", "devpts", NOSUID | NOEXEC,
                     "newinstance,ptmxmode=0666,mode=0620", err) ||
        bw_sys_mkdirat(AT_FDCWD, "shm", 01777, BW_CALL_STEP, err) ||
        bw_sys_mount("shm", "shm", "tmpfs", NOSUID | NODEV | NOEXEC, "mode=1777,size=65536k", err))
        return -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (bw_sys_symlink(links[i].to, links[i].name, err))
            return -1;
    return 0;
}

static int open_dir(const char *root, const char *dir, struct bw_err *err)
{
    if (root)
        return bw_mnt_open(root, dir, err);
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        bw_err_call(err, errno, "open", "\"%s\", O_PATH|O_DIRECTORY|O_CLOEXEC", dir);
    return fd;
}

static int mount_and_fill(const char *root, const char *dir, const int sources[NODES], bool *half,
                          struct bw_err *err)
{
    if (bw_mnt_mkdir(root, dir, 0755, true, err))
        return -1;
    *half = true;
    BW_AUTO_FD under = open_dir(root, dir, err);
    if (under < 0 || bw_mnt_at_dir(under, "tmpfs", "tmpfs", NOSUID, "mode=755,size=65536k", err))
        return -1;
    BW_AUTO_FD dev = open_dir(root, dir, err);
    BW_AUTO_FD back = -1;
    if (dev < 0 || bw_mnt_go_to(dev, &back, err))
        return -1;
    return bw_mnt_come_back(fill(sources, err), back, err);
}

int bw_devices(const char *root, const char *dir, bool *half, struct bw_err *err)
{
    int sources[NODES], r = 0;
    *half = false;
    mode_t mask = umask(0);
    for (size_t i = 0; i < NODES; i++)
        sources[i] = -1;
    for (size_t i = 0; i < NODES && r == 0; i++)
        r = present(i, &sources[i], err);
    if (r == 0)
        r = mount_and_fill(root, dir, sources, half, err);
    for (size_t i = 0; i < NODES; i++)
        bw_close_ptr(&sources[i]);
    umask(mask);
    return r;
}
