/* Mounting without leaving a root. */
#include "kern/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "kern/call.h"
#include "mnt_priv.h"

static const struct {
    const char *word;
    unsigned long set, clear;
} words[] = {
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"nosuid", MS_NOSUID, 0},
    {"suid", 0, MS_NOSUID},
    {"nodev", MS_NODEV, 0},
    {"dev", 0, MS_NODEV},
    {"noexec", MS_NOEXEC, 0},
    {"exec", 0, MS_NOEXEC},
    {"sync", MS_SYNCHRONOUS, 0},
    {"remount", MS_REMOUNT, 0},
    {"dirsync", MS_DIRSYNC, 0},
    {"noatime", MS_NOATIME, 0},
    {"nodiratime", MS_NODIRATIME, 0},
    {"relatime", MS_RELATIME, 0},
    {"strictatime", MS_STRICTATIME, 0},
    {"bind", MS_BIND, 0},
    {"rbind", MS_BIND | MS_REC, 0},
    {"private", MS_PRIVATE, 0},
    {"rprivate", MS_PRIVATE | MS_REC, 0},
    {"slave", MS_SLAVE, 0},
    {"rslave", MS_SLAVE | MS_REC, 0},
    {"shared", MS_SHARED, 0},
    {"rshared", MS_SHARED | MS_REC, 0},
    {"unbindable", MS_UNBINDABLE, 0},
    {"runbindable", MS_UNBINDABLE | MS_REC, 0},
    {"defaults", 0, 0},
};

int bw_mnt_options(const char *text, unsigned long *flags, char **data, struct bw_err *err)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);
    BW_AUTO_STR rest = BW_STR_INIT;
    char *at = copy, *word;
    while ((word = strsep(&at, ","))) {
        size_t i = 0;
        if (!*word)
            return bw_err_usage(err, "the mount options \"%s\" have an empty word", text);
        while (i < sizeof words / sizeof *words && strcmp(words[i].word, word) != 0)
            i++;
        if (i < sizeof words / sizeof *words)
            *flags = (*flags | words[i].set) & ~words[i].clear;
        else
            bw_str_addf(&rest, "%s%s", rest.len ? "," : "", word);
    }
    *data = rest.len ? bw_str_steal(&rest) : NULL;
    return 0;
}

/* Opens what the part of path after root names inside it, where no link leads out. */
static int open_below(const char *root, const char *below, int flags, struct bw_err *err)
{
    BW_AUTO_FD at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_PATH|O_DIRECTORY|O_CLOEXEC", root);
    return bw_sys_openat2(at, *below ? below : "/", (unsigned)flags, 0, RESOLVE_IN_ROOT, err);
}

int bw_mnt_open(const char *root, const char *path, struct bw_err *err)
{
    return open_below(root, path + strlen(root), O_PATH, err);
}

/* The directory that path's last name is in, by descriptor: it stays the same one whatever is
 * swapped. *name points into path. */
static int open_parent(const char *root, const char *path, const char **name, struct bw_err *err)
{
    const char *below = path + strlen(root), *slash = strrchr(below, '/');
    BW_AUTO_STR parent = BW_STR_INIT;
    if (slash)
        bw_str_addn(&parent, below, (size_t)(slash - below));
    *name = slash ? slash + 1 : below;
    return open_below(root, bw_str_get(&parent), O_PATH | O_DIRECTORY, err);
}

/* A call that takes a name is made with the directory as the working directory. */
int bw_mnt_go_to(int fd, int *back, struct bw_err *err)
{
    *back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*back < 0)
        return bw_err_call(err, errno, "open", "\".\", O_PATH");
    return bw_sys_fchdir(fd, err);
}

int bw_mnt_come_back(int r, int back, struct bw_err *err)
{
    int code = errno;
    if (fchdir(back))
        return bw_err_call(err, errno, "fchdir", "%d", back);
    errno = code;
    return r;
}

int bw_mnt_at_dir(int fd, const char *source, const char *type, unsigned long flags,
                  const char *data, struct bw_err *err)
{
    BW_AUTO_FD back = -1;
    if (bw_mnt_go_to(fd, &back, err))
        return -1;
    return bw_mnt_come_back(bw_sys_mount(source, ".", type, flags, data, err), back, err);
}

static void fd_path(int fd, char path[32])
{
    snprintf(path, 32, "/proc/self/fd/%d", fd);
}

int bw_mnt_mount(const char *root, const char *source, const char *source_root, const char *target,
                 const char *type, unsigned long flags, const char *data, struct bw_err *err)
{
    struct stat st;
    char from[32], path[32];
    BW_AUTO_FD source_fd = source_root ? bw_mnt_open(source_root, source, err) : -1;
    if (source_root && source_fd < 0)
        return -1;
    if (source_root) {
        fd_path(source_fd, from);
        source = from;
    }
    if (!root)
        return bw_sys_mount(source, target, type, flags, data, err);
    BW_AUTO_FD fd = bw_mnt_open(root, target, err);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return bw_mnt_at_dir(fd, source, type, flags, data, err);
    fd_path(fd, path);
    return bw_sys_mount(source, path, type, flags, data, err);
}

int bw_mnt_umount(const char *root, const char *target, int flags, struct bw_err *err)
{
    const char *name;
    if (!root || !target[strlen(root)])
        return bw_sys_umount2(target, flags, err);
    /* By name in its directory: an open descriptor of the mount itself would keep it busy. */
    BW_AUTO_FD fd = open_parent(root, target, &name, err);
    BW_AUTO_FD back = -1;
    if (fd < 0 || bw_mnt_go_to(fd, &back, err))
        return -1;
    return bw_mnt_come_back(bw_sys_umount2(name, flags | UMOUNT_NOFOLLOW, err), back, err);
}

static int mkdir_at(const char *root, const char *path, mode_t mode, struct bw_err *err)
{
    const char *name;
    /* The root itself has no name below it. */
    if (!root || !path[strlen(root)])
        return bw_sys_mkdirat(AT_FDCWD, path, mode, BW_CALL_STEP, err);
    BW_AUTO_FD fd = open_parent(root, path, &name, err);
    return fd < 0 ? -1 : bw_sys_mkdirat(fd, name, mode, BW_CALL_STEP, err);
}

/* 1: it is, 0: it is not, -1: that cannot be told. */
static int is_there(const char *root, const char *path, bool directory, struct bw_err *err)
{
    struct stat st;
    BW_AUTO_FD fd = root ? bw_mnt_open(root, path, NULL) : open(path, O_PATH | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0)
        return !directory || S_ISDIR(st.st_mode);
    if (errno == ENOENT || errno == ENOTDIR)
        return 0;
    return bw_err_call(err, errno, fd < 0 ? "open" : "fstat", "\"%s\", O_PATH|O_CLOEXEC", path);
}

int bw_mnt_rmdir(const char *root, const char *path, struct bw_err *err)
{
    const char *name;
    if (!root)
        return bw_sys_rmdir(path, err);
    BW_AUTO_FD fd = open_parent(root, path, &name, err);
    BW_AUTO_FD back = -1;
    if (fd < 0 || bw_mnt_go_to(fd, &back, err))
        return -1;
    return bw_mnt_come_back(bw_sys_rmdir(name, err), back, err);
}

/* Removes what mkdir -p had made of path, up to these lengths, before it failed. */
static void unmake(const char *root, char *path, const size_t *made, size_t n)
{
    while (n-- > 0) {
        path[made[n]] = '\0';
        bw_mnt_rmdir(root, path, NULL);
    }
}

int bw_mnt_mkdir(const char *root, const char *path, mode_t mode, bool parents, struct bw_err *err)
{
    BW_AUTO_FREE char *copy = bw_strdup(path);
    size_t n = strlen(copy), least = root ? strlen(root) : 0;
    while (n > 1 && n > least && copy[n - 1] == '/')
        copy[--n] = '\0';
    int there = parents ? is_there(root, copy, true, err) : 0;
    if (there)
        return there < 0 ? -1 : 0;
    char *from = copy + (least ? least : strspn(copy, "/"));
    from += strspn(from, "/");
    BW_AUTO_FREE size_t *made = bw_alloc((n + 1) * sizeof *made);
    size_t n_made = 0;
    for (char *slash = strchr(from, '/'); parents && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        there = is_there(root, copy, false, err);
        if (there < 0 || (there == 0 && mkdir_at(root, copy, mode, err))) {
            unmake(root, copy, made, n_made);
            return -1;
        }
        if (there == 0)
            made[n_made++] = (size_t)(slash - copy);
        *slash = '/';
    }
    if (mkdir_at(root, copy, mode, err) == 0)
        return 0;
    unmake(root, copy, made, n_made);
    return -1;
}

int bw_mnt_propagation(const char *target, unsigned long flag, struct bw_err *err)
{
    return bw_sys_mount("none", target, NULL, MS_REC | flag, NULL, err);
}

/* Root and working directory as they are now, to go back to. */
struct place {
    int root, cwd;
};

static int remember(struct place *p, struct bw_err *err)
{
    p->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    p->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (p->root >= 0 && p->cwd >= 0)
        return 0;
    return bw_err_call(err, errno, "open", "\"/\", O_PATH|O_DIRECTORY|O_CLOEXEC");
}

/* Back to where the process could be before, so it can be there again: nothing to report. */
static void go_back(const struct place *p)
{
    bool back = fchdir(p->root) == 0 && chroot(".") == 0 && fchdir(p->cwd) == 0;
    if (!back)
        bw_log("going back to the old root: %s", strerror(errno));
}

static void forget(struct place *p)
{
    bw_close_ptr(&p->root);
    bw_close_ptr(&p->cwd);
}

int bw_mnt_chroot(const char *dir, struct bw_err *err)
{
    struct place before;
    if (remember(&before, err)) {
        forget(&before);
        return -1;
    }
    int r = bw_sys_chroot(dir, err);
    if (r == 0 && (r = bw_sys_chdir("/", err)))
        go_back(&before);
    forget(&before);
    return r;
}

/* Whether path is the root of a mount: statx(2). */
static bool is_mount_point(const char *path)
{
    struct statx st;
    return statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &st) == 0 &&
           (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int bw_mnt_pivot(const char *new_root, bool *half, struct bw_err *err)
{
    bool bound = false;
    *half = false;
    if (!is_mount_point(new_root)) {
        if (bw_sys_mount(new_root, new_root, NULL, MS_BIND | MS_REC, NULL, err))
            return -1;
        bound = true;
    }
    struct place before;
    int r = remember(&before, err);
    if (r == 0)
        r = bw_sys_chdir(new_root, err);
    /* New and old root at one place: pivot_root(2), NOTES. */
    if (r == 0)
        r = bw_sys_pivot_root(".", ".", err);
    if (r) {
        int code = errno;
        go_back(&before);
        if (bound)
            bw_sys_umount2(new_root, MNT_DETACH, NULL);
        errno = code;
    } else {
        r = bw_sys_umount2(".", MNT_DETACH, err) || bw_sys_chroot(".", err) ||
                    bw_sys_chdir("/", err)
                ? -1
                : 0;
        *half = r != 0;
    }
    forget(&before);
    return r;
}
