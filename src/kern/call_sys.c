/* The changing calls: each is made, then recorded as strace writes it. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"

struct flag {
    unsigned long long bit;
    const char *name;
};

/* Ascending, as strace prints them. */
static const struct flag clone_flags[] = {
    {CLONE_NEWTIME, "CLONE_NEWTIME"},
    {CLONE_PIDFD, "CLONE_PIDFD"},
    {CLONE_PARENT, "CLONE_PARENT"},
    {CLONE_NEWNS, "CLONE_NEWNS"},
    {CLONE_NEWCGROUP, "CLONE_NEWCGROUP"},
    {CLONE_NEWUTS, "CLONE_NEWUTS"},
    {CLONE_NEWIPC, "CLONE_NEWIPC"},
    {CLONE_NEWUSER, "CLONE_NEWUSER"},
    {CLONE_NEWPID, "CLONE_NEWPID"},
    {CLONE_NEWNET, "CLONE_NEWNET"},
    {0, NULL},
};

static const struct flag mount_flags[] = {
    {MS_RDONLY, "MS_RDONLY"},
    {MS_NOSUID, "MS_NOSUID"},
    {MS_NODEV, "MS_NODEV"},
    {MS_NOEXEC, "MS_NOEXEC"},
    {MS_SYNCHRONOUS, "MS_SYNCHRONOUS"},
    {MS_REMOUNT, "MS_REMOUNT"},
    {MS_MANDLOCK, "MS_MANDLOCK"},
    {MS_DIRSYNC, "MS_DIRSYNC"},
    {256, "MS_NOSYMFOLLOW"},
    {MS_NOATIME, "MS_NOATIME"},
    {MS_NODIRATIME, "MS_NODIRATIME"},
    {MS_BIND, "MS_BIND"},
    {MS_MOVE, "MS_MOVE"},
    {MS_REC, "MS_REC"},
    {MS_SILENT, "MS_SILENT"},
    {MS_UNBINDABLE, "MS_UNBINDABLE"},
    {MS_PRIVATE, "MS_PRIVATE"},
    {MS_SLAVE, "MS_SLAVE"},
    {MS_SHARED, "MS_SHARED"},
    {MS_RELATIME, "MS_RELATIME"},
    {MS_STRICTATIME, "MS_STRICTATIME"},
    {MS_LAZYTIME, "MS_LAZYTIME"},
    {0, NULL},
};

static const struct flag umount_flags[] = {
    {MNT_FORCE, "MNT_FORCE"},
    {MNT_DETACH, "MNT_DETACH"},
    {MNT_EXPIRE, "MNT_EXPIRE"},
    {UMOUNT_NOFOLLOW, "UMOUNT_NOFOLLOW"},
    {0, NULL},
};

static const struct flag resolve_flags[] = {
    {RESOLVE_NO_XDEV, "RESOLVE_NO_XDEV"},         {RESOLVE_NO_MAGICLINKS, "RESOLVE_NO_MAGICLINKS"},
    {RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS"}, {RESOLVE_BENEATH, "RESOLVE_BENEATH"},
    {RESOLVE_IN_ROOT, "RESOLVE_IN_ROOT"},         {0, NULL},
};

static void flags_add(const struct flag *table, unsigned long long flags, struct bw_str *out)
{
    const char *sep = "";
    if (flags == 0)
        bw_str_add(out, "0");
    for (const struct flag *f = table; f->name; f++)
        if (flags & f->bit) {
            bw_str_addf(out, "%s%s", sep, f->name);
            sep = "|";
            flags &= ~f->bit;
        }
    if (flags)
        bw_str_addf(out, "%s%#llx", sep, flags);
}

void bw_call_clone_flags(unsigned long long flags, struct bw_str *out)
{
    flags_add(clone_flags, flags, out);
}

void bw_call_mount_flags(unsigned long flags, struct bw_str *out)
{
    flags_add(mount_flags, flags, out);
}

int bw_sys_unshare(int flags, struct bw_err *err)
{
    int r = unshare(flags), saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_call_clone_flags((unsigned)flags, &args);
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_STEP, r, "unshare", "%s", args.s);
}

int bw_sys_setns(int fd, int nstype, struct bw_err *err)
{
    int r = setns(fd, nstype), saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_call_clone_flags((unsigned)nstype, &args);
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_STEP, r, "setns", "%d, %s", fd, args.s);
}

/* A clone that failed late, at a group's limit, has written the number of a descriptor that is not
 * there any more. */
static void give_pidfd(long r, int fd, int *pidfd)
{
    if (pidfd)
        *pidfd = r < 0 ? -1 : fd;
    else if (r > 0 && fd >= 0)
        close(fd);
}

/* Before Linux 5.3, and where a container's seccomp filter hides clone3, whose flags it cannot see.
 */
static pid_t old_clone(unsigned long long flags, int exit_signal, int *pidfd, struct bw_err *err)
{
    int fd = -1;
    long r = syscall(SYS_clone, (unsigned long)flags | (unsigned long)exit_signal, NULL, &fd, NULL,
                     NULL);
    if (r == 0)
        return 0;
    int saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_str_add(&args, "child_stack=NULL, flags=");
    bw_call_clone_flags(flags, &args);
    bw_str_addf(&args, "%s, parent_tid=[%d]", exit_signal == SIGCHLD ? "|SIGCHLD" : "", fd);
    errno = saved;
    bw_call_done(err, BW_CALL_STEP, r, "clone", "%s", args.s);
    if (r > 0)
        bw_call_note("this kernel answered ENOSYS to clone3");
    give_pidfd(r, fd, pidfd);
    return (pid_t)r;
}

pid_t bw_sys_clone3(unsigned long long flags, int exit_signal, int *pidfd, struct bw_err *err)
{
    int fd = -1;
    struct clone_args a = {
        .flags = flags, .pidfd = (uint64_t)(uintptr_t)&fd, .exit_signal = (unsigned)exit_signal};
    long r = syscall(SYS_clone3, &a, sizeof a);
    if (r == 0)
        return 0;
    if (r < 0 && errno == ENOSYS)
        return old_clone(flags, exit_signal, pidfd, err);
    int saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_str_add(&args, "{flags=");
    bw_call_clone_flags(flags, &args);
    bw_str_addf(&args, ", exit_signal=%s}, %zu", exit_signal == SIGCHLD ? "SIGCHLD" : "0",
                sizeof a);
    errno = saved;
    bw_call_done(err, BW_CALL_STEP, r, "clone3", "%s", args.s);
    give_pidfd(r, fd, pidfd);
    return (pid_t)r;
}

int bw_sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
                 const char *data, struct bw_err *err)
{
    int r = mount(source, target, type, flags, data), saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_str_add_quoted(&args, source);
    bw_str_add(&args, ", ");
    bw_str_add_quoted(&args, target);
    bw_str_add(&args, ", ");
    bw_str_add_quoted(&args, type);
    bw_str_add(&args, ", ");
    bw_call_mount_flags(flags, &args);
    bw_str_add(&args, ", ");
    bw_str_add_quoted(&args, data);
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_STEP, r, "mount", "%s", args.s);
}

int bw_sys_umount2(const char *target, int flags, struct bw_err *err)
{
    int r = umount2(target, flags), saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_str_add_quoted(&args, target);
    bw_str_add(&args, ", ");
    flags_add(umount_flags, (unsigned)flags, &args);
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_STEP, r, "umount2", "%s", args.s);
}

/* A call already made whose arguments are a path and, when not NULL, what follows it. */
static int path_call(struct bw_err *err, int level, int r, const char *name, const char *path,
                     const char *rest)
{
    int saved = errno;
    BW_AUTO_STR args = BW_STR_INIT;
    bw_str_add_quoted(&args, path);
    if (rest)
        bw_str_addf(&args, ", %s", rest);
    errno = saved;
    return (int)bw_call_done(err, level, r, name, "%s", args.s);
}

int bw_sys_chroot(const char *path, struct bw_err *err)
{
    return path_call(err, BW_CALL_STEP, chroot(path), "chroot", path, NULL);
}

int bw_sys_chdir(const char *path, struct bw_err *err)
{
    return path_call(err, BW_CALL_STEP, chdir(path), "chdir", path, NULL);
}

int bw_sys_fchdir(int fd, struct bw_err *err)
{
    return (int)bw_call_done(err, BW_CALL_DETAIL, fchdir(fd), "fchdir", "%d", fd);
}

int bw_sys_pivot_root(const char *new_root, const char *put_old, struct bw_err *err)
{
    int r = (int)syscall(SYS_pivot_root, new_root, put_old), saved = errno;
    BW_AUTO_STR old = BW_STR_INIT;
    bw_str_add_quoted(&old, put_old);
    errno = saved;
    return path_call(err, BW_CALL_STEP, r, "pivot_root", new_root, old.s);
}

int bw_sys_sethostname(const char *name, size_t len, struct bw_err *err)
{
    int r = sethostname(name, len), saved = errno;
    char n[32];
    snprintf(n, sizeof n, "%zu", len);
    errno = saved;
    return path_call(err, BW_CALL_STEP, r, "sethostname", name, n);
}

/* "AT_FDCWD" or the descriptor, as strace prints it. */
static const char *at_name(int dirfd, char buf[16])
{
    if (dirfd == AT_FDCWD)
        return "AT_FDCWD";
    snprintf(buf, 16, "%d", dirfd);
    return buf;
}

int bw_sys_mkdirat(int dirfd, const char *path, mode_t mode, int level, struct bw_err *err)
{
    if (dirfd == AT_FDCWD) {
        int r = mkdir(path, mode), saved = errno;
        char m[16];
        snprintf(m, sizeof m, "%#o", mode);
        errno = saved;
        return path_call(err, level, r, "mkdir", path, m);
    }
    int r = mkdirat(dirfd, path, mode), saved = errno;
    BW_AUTO_STR q = BW_STR_INIT;
    bw_str_add_quoted(&q, path);
    errno = saved;
    return (int)bw_call_done(err, level, r, "mkdirat", "%d, %s, %#o", dirfd, q.s, mode);
}

int bw_sys_rmdir(const char *path, struct bw_err *err)
{
    return path_call(err, BW_CALL_STEP, rmdir(path), "rmdir", path, NULL);
}

int bw_sys_openat2(int dirfd, const char *path, unsigned long long flags, unsigned long long mode,
                   unsigned long long resolve, struct bw_err *err)
{
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    long r = syscall(SYS_openat2, dirfd, path, &how, sizeof how);
    int saved = errno;
    BW_AUTO_STR q = BW_STR_INIT, res = BW_STR_INIT;
    bw_str_add_quoted(&q, path);
    flags_add(resolve_flags, resolve, &res);
    char at[16];
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_DETAIL, r, "openat2", "%s, %s, {flags=%#llo, resolve=%s}",
                             at_name(dirfd, at), q.s, how.flags, res.s);
}

int bw_sys_write_file(int dirfd, const char *path, const char *text, struct bw_err *err)
{
    BW_AUTO_STR q = BW_STR_INIT, t = BW_STR_INIT;
    char at[16];
    bw_str_add_quoted(&q, path);
    bw_str_add_quoted(&t, text);
    BW_AUTO_FD fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
    bw_call_done(err, fd < 0 ? BW_CALL_STEP : BW_CALL_DETAIL, fd, "openat",
                 "%s, %s, O_WRONLY|O_CLOEXEC", at_name(dirfd, at), q.s);
    if (fd < 0)
        return -1;
    /* One write: the kernel takes a map or a limit whole or refuses it. */
    ssize_t n = write(fd, text, strlen(text));
    bw_call_done(err, BW_CALL_STEP, n, "write", "%d<%s>, %s, %zu", fd, path, t.s, strlen(text));
    return n < 0 ? -1 : 0;
}

int bw_sys_pidfd_send_signal(int pidfd, int sig, pid_t pid_for_people, struct bw_err *err)
{
    long r = syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
    int saved = errno;
    const char *abbrev = sigabbrev_np(sig);
    char name[24];
    if (abbrev)
        snprintf(name, sizeof name, "SIG%s", abbrev);
    else
        snprintf(name, sizeof name, "%d", sig);
    errno = saved;
    bw_call_done(err, BW_CALL_STEP, r, "pidfd_send_signal", "%d, %s, NULL, 0", pidfd, name);
    bw_call_note("%d is process %d", pidfd, (int)pid_for_people);
    return (int)r;
}

int bw_sys_setid(uid_t uid, gid_t gid, struct bw_err *err)
{
    int r = setresgid(gid, gid, gid);
    if (bw_call_done(err, BW_CALL_STEP, r, "setresgid", "%u, %u, %u", gid, gid, gid) < 0)
        return -1;
    /* Refused where setgroups is denied: then there is nothing to drop. */
    bw_call_done(NULL, BW_CALL_STEP, setgroups(0, NULL), "setgroups", "0, NULL");
    r = setresuid(uid, uid, uid);
    return (int)bw_call_done(err, BW_CALL_STEP, r, "setresuid", "%u, %u, %u", uid, uid, uid);
}
