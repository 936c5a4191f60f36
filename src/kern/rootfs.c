/* A root from the machine's static busybox, and taking down what was made. */
#include "kern/rootfs.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "rootfs_priv.h"

enum { DEPTH_MAX = 128, LIST_MAX = 1 << 16 };

/* Whether a program runs without a loader: an ELF file with no PT_INTERP. */
static bool is_static(int fd)
{
    Elf64_Ehdr eh;
    Elf64_Phdr ph;
    if (pread(fd, &eh, sizeof eh, 0) != sizeof eh || memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_phentsize != sizeof ph)
        return false;
    for (int i = 0; i < eh.e_phnum; i++) {
        off_t at = (off_t)eh.e_phoff + (off_t)i * (off_t)sizeof ph;
        if (pread(fd, &ph, sizeof ph, at) != sizeof ph || ph.p_type == PT_INTERP)
            return false;
    }
    return true;
}

/* Opens the static busybox; *path is where it was found. */
static int find_busybox(const char **path, struct bw_err *err)
{
    static const char *const places[] = {"/bin/busybox",           "/usr/bin/busybox",
                                         "/sbin/busybox",          "/usr/sbin/busybox",
                                         "/usr/local/bin/busybox", "/bin/busybox.static",
                                         "/usr/bin/busybox-static"};
    bool dynamic = false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = open(places[i], O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && is_static(fd)) {
            *path = places[i];
            return fd;
        }
        dynamic = dynamic || fd >= 0;
        bw_close_ptr(&fd);
    }
    bw_err_set(err, dynamic
                        ? "the busybox of this machine needs a loader and libraries, which a new "
                          "root does not have"
                        : "there is no static busybox here, as this root sees the machine");
    bw_err_todo(err, "install it outside: apt install busybox-static");
    return -1;
}

int bw_rootfs_file(int dirfd, const char *path, mode_t mode, const char *text, struct bw_err *err)
{
    BW_AUTO_FD fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bw_call_done(err, BW_CALL_DETAIL, fd, "openat", "%d, \"%s\", O_WRONLY|O_CREAT|O_EXCL, %#o",
                 dirfd, path, mode);
    if (fd < 0)
        return -1;
    if (bw_write_all(fd, text, strlen(text)))
        return bw_err_call(err, errno, "write", "\"%s\"", path);
    return 0;
}

int bw_rootfs_link(int dirfd, const char *to, const char *path, struct bw_err *err)
{
    return (int)bw_call_done(err, BW_CALL_DETAIL, symlinkat(to, dirfd, path), "symlinkat",
                             "\"%s\", %d, \"%s\"", to, dirfd, path);
}

static int copy_program(int from, int dirfd, struct bw_err *err)
{
    struct stat st;
    off_t at = 0;
    BW_AUTO_FD to = openat(dirfd, "bin/busybox", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (to < 0 || fstat(from, &st))
        return bw_err_call(err, errno, "openat", "%d, \"bin/busybox\", O_WRONLY|O_CREAT|O_EXCL",
                           dirfd);
    while (at < st.st_size) {
        ssize_t n = sendfile(to, from, &at, (size_t)(st.st_size - at));
        if (n <= 0)
            return bw_err_call(err, n ? errno : EIO, "sendfile", "%d, %d", to, from);
    }
    return 0;
}

/* What busybox can do, as it says itself: one path a line. */
static int list_applets(const char *busybox, struct bw_str *out, struct bw_err *err)
{
    int pair[2], status = -1, tries = 0;
    pid_t pid;
    if (pipe2(pair, O_CLOEXEC))
        return bw_err_call(err, errno, "pipe2", "O_CLOEXEC");
    BW_AUTO_FD in = pair[0];
    BW_AUTO_FD to = pair[1];
    posix_spawn_file_actions_t files;
    char *const argv[] = {(char[]){"busybox"}, (char[]){"--list-full"}, NULL};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, to, STDOUT_FILENO);
    int code = posix_spawn(&pid, busybox, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (code)
        return bw_err_call(err, code, "posix_spawn", "\"%s\", [\"busybox\", …]", busybox);
    close(bw_steal_fd(&to));
    int r = bw_read_all(in, out, LIST_MAX);
    code = errno;
    while (waitpid(pid, &status, 0) < 0 && errno != ECHILD && bw_again(&tries))
        ;
    if (r)
        return bw_err_call(err, code, "read", "%d, …", in);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || out->len == 0)
        return bw_err_set(err, "%s --list-full did not say what it can do", busybox);
    return 0;
}

static int link_applets(int dirfd, char *list, struct bw_err *err)
{
    char *line;
    while ((line = strsep(&list, "\n"))) {
        const char *name = strrchr(line, '/');
        name = name ? name + 1 : line;
        if (!*name || strcmp(name, "busybox") == 0)
            continue;
        BW_AUTO_STR path = BW_STR_INIT;
        bw_str_addf(&path, "bin/%s", name);
        if (bw_rootfs_link(dirfd, "busybox", path.s, err) && errno != EEXIST)
            return -1;
    }
    bw_err_clear(err);
    return 0;
}

int bw_rootfs_skeleton(int dirfd, const char *const *dirs, struct bw_err *err)
{
    for (; *dirs; dirs++)
        if (bw_sys_mkdirat(dirfd, *dirs, strcmp(*dirs, "root") == 0 ? 0700 : 0755, BW_CALL_DETAIL,
                           err))
            return -1;
    if (bw_sys_mkdirat(dirfd, "tmp", 0777, BW_CALL_DETAIL, err))
        return -1;
    if (fchmodat(dirfd, "tmp", 01777, 0))
        return bw_err_call(err, errno, "fchmodat", "%d, \"tmp\", 01777", dirfd);
    return bw_rootfs_file(
               dirfd, "etc/passwd", 0644,
               "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", err) ||
                   bw_rootfs_file(dirfd, "etc/group", 0644, "root:x:0:\nnogroup:x:65534:\n", err) ||
                   bw_rootfs_file(dirfd, "etc/hosts", 0644, "127.0.0.1 localhost\n::1 localhost\n",
                                  err)
               ? -1
               : 0;
}

static int fill_busybox(int dirfd, struct bw_err *err)
{
    static const char *const dirs[] = {"bin",  "etc", "proc", "sys", "dev",     "root", "run",
                                       "home", "mnt", "usr",  "var", "usr/bin", NULL};
    const char *path = NULL;
    BW_AUTO_STR list = BW_STR_INIT;
    BW_AUTO_FD busybox = find_busybox(&path, err);
    if (busybox < 0 || list_applets(path, &list, err) || bw_rootfs_skeleton(dirfd, dirs, err) ||
        bw_rootfs_link(dirfd, "bin", "sbin", err) ||
        bw_rootfs_link(dirfd, "../../bin/env", "usr/bin/env", err) ||
        copy_program(busybox, dirfd, err))
        return -1;
    return link_applets(dirfd, list.s, err);
}

int bw_rootfs_empty(int dirfd, struct bw_err *err)
{
    BW_AUTO_FD copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0)
        return bw_err_call(err, errno, "openat", "%d, \".\", O_RDONLY|O_DIRECTORY", dirfd);
    DIR *dir = fdopendir(copy);
    if (!dir)
        return bw_err_call(err, errno, "fcntl", "%d, F_GETFL", copy);
    bw_steal_fd(&copy);
    struct dirent *e;
    int empty = 1;
    do {
        errno = 0;
        e = readdir(dir);
        if (!e && errno)
            empty = bw_err_call(err, errno, "getdents64", "%d, …", dirfd);
        else if (e && strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            empty = 0;
    } while (e && empty == 1);
    closedir(dir);
    return empty;
}

int bw_rootfs_begin(const char *dir, int fd, bool created, struct bw_err *err)
{
    int empty = bw_rootfs_empty(fd, err);
    if (empty == 0)
        bw_rootfs_not_empty(dir, err);
    if (empty != 1 && created)
        rmdir(dir);
    return empty == 1 ? 0 : -1;
}

int bw_rootfs_open(const char *dir, bool *created, struct bw_err *err)
{
    *created = mkdir(dir, 0755) == 0;
    if (*created)
        bw_call_done(err, BW_CALL_STEP, 0, "mkdir", "\"%s\", 0755", dir);
    else if (errno != EEXIST)
        return (int)bw_call_done(err, BW_CALL_STEP, -1, "mkdir", "\"%s\", 0755", dir);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        bw_err_call(err, errno, "open", "\"%s\", O_RDONLY|O_DIRECTORY", dir);
        if (*created)
            rmdir(dir);
    }
    return fd;
}

int bw_rootfs_not_empty(const char *dir, struct bw_err *err)
{
    bw_err_set(err, "%s is not empty, and holds no root file system that boxwright made", dir);
    bw_err_todo(err, "name a new or an empty directory");
    return -1;
}

static bool has_busybox_root(int dirfd)
{
    struct stat bb, sh;
    return fstatat(dirfd, "bin/busybox", &bb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(bb.st_mode) &&
           fstatat(dirfd, "bin/sh", &sh, AT_SYMLINK_NOFOLLOW) == 0 &&
           faccessat(dirfd, "proc", F_OK, 0) == 0;
}

int bw_rootfs_busybox(const char *dir, bool *made, struct bw_err *err)
{
    bool created;
    *made = false;
    BW_AUTO_FD fd = bw_rootfs_open(dir, &created, err);
    if (fd < 0)
        return -1;
    if (!created && has_busybox_root(fd))
        return 0;
    if (bw_rootfs_begin(dir, fd, created, err))
        return -1;
    mode_t mask = umask(022);
    int r = fill_busybox(fd, err);
    umask(mask);
    if (r) {
        bw_rootfs_empty_out(fd);
        if (created)
            rmdir(dir);
        return -1;
    }
    *made = true;
    return 0;
}

/* Removes what is below dirfd and never what is mounted there. */
static int empty_below(int dirfd, int depth)
{
    DIR *dir = depth > DEPTH_MAX ? NULL : fdopendir(dup(dirfd));
    struct dirent *e;
    int r = dir ? 0 : -1;
    while (dir && (e = readdir(dir))) {
        struct statx st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (statx(dirfd, e->d_name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st)) {
            r = -1;
            continue;
        }
        if (!S_ISDIR(st.stx_mode)) {
            r = unlinkat(dirfd, e->d_name, 0) ? -1 : r;
            continue;
        }
        if (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) {
            errno = EBUSY;
            r = -1;
            continue;
        }
        BW_AUTO_FD below =
            openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0 || empty_below(below, depth + 1) || unlinkat(dirfd, e->d_name, AT_REMOVEDIR))
            r = -1;
    }
    if (dir)
        closedir(dir);
    return r;
}

int bw_rootfs_empty_out(int dirfd)
{
    return empty_below(dirfd, 0);
}

static int open_to_remove(const char *dir, unsigned long long resolve)
{
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                           .resolve = resolve};
    return resolve ? (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof how)
                   : open(dir, (int)how.flags);
}

static int remove_tree(const char *dir, bool keep, unsigned long long resolve, struct bw_err *err)
{
    BW_AUTO_FD fd = open_to_remove(dir, resolve);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return bw_err_call(err, errno, resolve ? "openat2" : "open",
                           "\"%s\", O_RDONLY|O_DIRECTORY|O_NOFOLLOW", dir);
    if (bw_rootfs_empty_out(fd))
        return bw_err_call(err, errno, "unlinkat", "\"%s\"", dir);
    return keep ? 0 : bw_sys_rmdir(dir, err);
}

int bw_rootfs_remove(const char *dir, bool keep, struct bw_err *err)
{
    return remove_tree(dir, keep, 0, err);
}

int bw_rootfs_unmake(const char *dir, bool keep, struct bw_err *err)
{
    return remove_tree(dir, keep, RESOLVE_NO_SYMLINKS, err);
}

/* A directory below that is no mount's root goes with all that is in it. */
static void clear_one(int dirfd, const char *name)
{
    struct statx st;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        statx(dirfd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) || !S_ISDIR(st.stx_mode) ||
        (st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
        return;
    BW_AUTO_FD fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && empty_below(fd, 0) == 0)
        unlinkat(dirfd, name, AT_REMOVEDIR);
}

void bw_rootfs_clear(const char *dir)
{
    BW_AUTO_FD fd = open_to_remove(dir, RESOLVE_NO_SYMLINKS);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d)
        return;
    bw_steal_fd(&fd);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        clear_one(dirfd(d), e->d_name);
    closedir(d);
}
