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
#include "base/str.h"
#include "kern/call.h"

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

/* Opens what target names inside root, where no link leads out. Returns a descriptor or -1. */
static int open_in_root(const char *root, const char *target, struct bw_err *err)
{
    BW_AUTO_FD at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_PATH|O_DIRECTORY|O_CLOEXEC", root);
    const char *below = target + strlen(root);
    return bw_sys_openat2(at, *below ? below : "/", O_PATH, 0, RESOLVE_IN_ROOT, err);
}

/* The target is the working directory for as long as the call takes: a name could be swapped. */
static int mount_at_dir(int fd, const char *source, const char *type, unsigned long flags,
                        const char *data, struct bw_err *err)
{
    BW_AUTO_FD here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (here < 0 || bw_sys_fchdir(fd, err))
        return here < 0 ? bw_err_call(err, errno, "open", "\".\", O_PATH") : -1;
    int r = bw_sys_mount(source, ".", type, flags, data, err), code = errno;
    if (fchdir(here))
        return bw_err_call(err, errno, "fchdir", "%d", here);
    errno = code;
    return r;
}

int bw_mnt_mount(const char *root, const char *source, const char *target, const char *type,
                 unsigned long flags, const char *data, struct bw_err *err)
{
    struct stat st;
    char path[64];
    if (!root)
        return bw_sys_mount(source, target, type, flags, data, err);
    BW_AUTO_FD fd = open_in_root(root, target, err);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return mount_at_dir(fd, source, type, flags, data, err);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return bw_sys_mount(source, path, type, flags, data, err);
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

static void go_back(const struct place *p)
{
    if (fchdir(p->root) == 0 && chroot(".") == 0 && fchdir(p->cwd) == 0)
        return;
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

/* Whether path is the root of a mount: another device or mount than its parent's. */
static bool is_mount_point(const char *path)
{
    struct statx a, b;
    BW_AUTO_STR parent = BW_STR_INIT;
    bw_str_addf(&parent, "%s/..", path);
    if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &a) ||
        statx(AT_FDCWD, parent.s, 0, STATX_BASIC_STATS, &b))
        return false;
    return (a.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int bw_mnt_pivot(const char *new_root, struct bw_err *err)
{
    bool bound = false;
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
    }
    forget(&before);
    return r;
}
