/* kern/explain against the kernel: each failure is provoked for real in a child, the box, and the
 * cause that its parent, the shell, finds has to be the true one. Every box has namespaces of its
 * own before it mounts anything, so that the host stays as it is. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/explain.h"

#define NOBODY 65534

/* Where a box tells what it met: above what a runner of tests leaves open. */
enum { TELL = 200 };

enum who { ROOT, USER };

/* What the box tells the shell. skip is set where the machine cannot show this failure. */
struct told {
    pid_t pid;
    char skip[128];
    struct bw_err err;
};

struct scenario {
    const char *name;
    enum who who;
    void (*box)(struct told *t); /* inside: prepares, and fails */
    void (*shell)(pid_t box,
                  struct bw_err *err); /* outside: fails, where the shell makes the call */
    int code;
    const char *cause, *todo;
};

static void must(bool ok, struct told *t, const char *what)
{
    if (!ok && !t->skip[0])
        snprintf(t->skip, sizeof t->skip, "%s: %s", what, strerror(errno));
}

static bool write_to(const char *path, const char *text)
{
    BW_AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static void own(struct told *t, int flags)
{
    char map[64];
    unsigned uid = geteuid(), gid = getegid();
    must(unshare(flags) == 0, t, "unshare");
    if (!(flags & CLONE_NEWUSER))
        return;
    must(write_to("/proc/self/setgroups", "deny"), t, "setgroups");
    snprintf(map, sizeof map, "0 %u 1", uid);
    must(write_to("/proc/self/uid_map", map), t, "uid_map");
    snprintf(map, sizeof map, "0 %u 1", gid);
    must(write_to("/proc/self/gid_map", map), t, "gid_map");
}

/* A mount namespace with a tmpfs on /mnt to work in. */
static void own_mounts(struct told *t, int flags)
{
    own(t, flags | CLONE_NEWNS);
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, t, "make / private");
    must(mount("tmpfs", "/mnt", "tmpfs", 0, "size=16M") == 0, t, "tmpfs");
    must(mkdir("/mnt/dir", 0755) == 0, t, "mkdir");
    must(close(creat("/mnt/file", 0644)) == 0, t, "creat");
}

/* The rest runs in a child that is PID 1 of the new pid namespace. */
static void successor(struct told *t)
{
    pid_t pid = bw_sys_clone3(CLONE_PARENT, 0, NULL, &t->err);
    must(pid >= 0, t, "clone3");
    if (pid > 0) { /* the shell is told who the box is now */
        struct told here = {.pid = pid};
        (void)!write(TELL, &here, sizeof here);
        _exit(0);
    }
    t->pid = 0;
}

/* ---- namespaces ---- */

static void unshare_pid(struct told *t)
{
    bw_sys_unshare(CLONE_NEWPID, &t->err);
}
static void unshare_user_unmapped(struct told *t)
{
    must(unshare(CLONE_NEWUSER) == 0, t, "unshare");
    bw_sys_unshare(CLONE_NEWUSER, &t->err);
}
static void unshare_user_chroot(struct told *t)
{
    must(chroot("/usr") == 0, t, "chroot");
    bw_sys_unshare(CLONE_NEWUSER | CLONE_NEWPID, &t->err);
}
static void unshare_pid_twice(struct told *t)
{
    own(t, CLONE_NEWPID);
    bw_sys_unshare(CLONE_NEWPID, &t->err);
}
static void unshare_after_drop(struct told *t)
{
    own(t, CLONE_NEWUSER);
    must(setresuid(0, 0, 0) == 0 && prctl(PR_CAPBSET_DROP, 21) == 0, t, "drop");
    struct {
        unsigned version;
        int pid;
    } head = {0x20080522, 0};
    unsigned data[6] = {0};
    must(syscall(126 /* capset */, &head, data) == 0, t, "capset");
    bw_sys_unshare(CLONE_NEWUTS, &t->err);
}
static void unshare_limit(struct told *t)
{
    own(t, CLONE_NEWUSER);
    must(write_to("/proc/sys/user/max_uts_namespaces", "0"), t, "sysctl in the user namespace");
    bw_sys_unshare(CLONE_NEWUTS | CLONE_NEWIPC, &t->err);
}
static void unshare_nested(struct told *t)
{
    for (int i = 0; i < 40 && !t->err.code && !t->skip[0]; i++)
        if (bw_sys_unshare(CLONE_NEWUSER, &t->err) == 0) {
            must(write_to("/proc/self/setgroups", "deny") || i > 0, t, "setgroups");
            must(write_to("/proc/self/uid_map", i ? "0 0 1" : "0 65534 1"), t, "uid_map");
            must(write_to("/proc/self/gid_map", i ? "0 0 1" : "0 65534 1"), t, "gid_map");
        }
}
static void fork_after_init(struct told *t)
{
    own(t, CLONE_NEWPID);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    must(waitpid(pid, NULL, 0) == pid, t, "wait");
    if (bw_sys_clone3(0, SIGCHLD, NULL, &t->err) == 0)
        _exit(0);
}
static void sibling_of_init(struct told *t)
{
    own(t, CLONE_NEWPID);
    successor(t);
    if (bw_sys_clone3(CLONE_PARENT, 0, NULL, &t->err) == 0)
        _exit(0);
}
static void fork_in_pids_limit(struct told *t)
{
    char dir[128], path[200], pid[32];
    snprintf(dir, sizeof dir, "/sys/fs/cgroup/pids/boxwright-explain-%d", (int)getppid());
    must(mkdir(dir, 0755) == 0, t, "no cgroup v1 pids hierarchy");
    snprintf(path, sizeof path, "%s/pids.max", dir);
    must(write_to(path, "1"), t, "pids.max");
    snprintf(path, sizeof path, "%s/cgroup.procs", dir);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    must(write_to(path, pid), t, "cgroup.procs");
    pid_t child = bw_sys_clone3(0, SIGCHLD, NULL, &t->err);
    if (child == 0)
        _exit(0);
}
static void hostname_65(struct told *t)
{
    char name[66];
    own(t, CLONE_NEWUTS);
    memset(name, 'x', 65);
    name[65] = '\0';
    bw_sys_sethostname(name, 65, &t->err);
}
static void hostname_user(struct told *t)
{
    bw_sys_sethostname("x", 1, &t->err);
}
static void hostname_foreign(struct told *t)
{
    own(t, CLONE_NEWUSER);
    bw_sys_sethostname("x", 1, &t->err);
}
static void setns_user(struct told *t)
{
    int fd = open("/proc/1/ns/uts", O_RDONLY);
    if (fd < 0)
        fd = open("/proc/self/ns/uts", O_RDONLY);
    bw_sys_setns(fd, CLONE_NEWUTS, &t->err);
}

static void fork_over_rlimit(struct told *t)
{
    struct rlimit none = {0, 0};
    must(setrlimit(RLIMIT_NPROC, &none) == 0, t, "setrlimit");
    bw_sys_clone3(0, SIGCHLD, NULL, &t->err);
}

/* ---- mounts ---- */

static void overlay_two_systems(struct told *t)
{
    own_mounts(t, 0);
    must(mkdir("/mnt/low", 0755) == 0 && mkdir("/mnt/up", 0755) == 0, t, "mkdir");
    must(mount("other", "/mnt/dir", "tmpfs", 0, NULL) == 0 && mkdir("/mnt/dir/w", 0755) == 0, t,
         "another tmpfs");
    bw_sys_mount("overlay", "/mnt/low", "overlay", 0,
                 "lowerdir=/mnt/low,upperdir=/mnt/up,workdir=/mnt/dir/w", &t->err);
}
static void overlay_on_overlay(struct told *t)
{
    own_mounts(t, 0);
    must(mkdir("/mnt/low", 0755) == 0 && mkdir("/mnt/up", 0755) == 0 && mkdir("/mnt/w", 0755) == 0,
         t, "mkdir");
    must(mount("overlay", "/mnt/dir", "overlay", 0,
               "lowerdir=/mnt/low,upperdir=/mnt/up,workdir=/mnt/w") == 0,
         t, "overlay");
    must(mkdir("/mnt/dir/up", 0755) == 0 && mkdir("/mnt/dir/w", 0755) == 0, t, "mkdir on it");
    bw_sys_mount("overlay", "/mnt/low", "overlay", 0,
                 "lowerdir=/mnt/low,upperdir=/mnt/dir/up,workdir=/mnt/dir/w", &t->err);
}
static void move_of_no_mount(struct told *t)
{
    own_mounts(t, 0);
    must(mkdir("/mnt/to", 0755) == 0, t, "mkdir");
    bw_sys_mount("/mnt/dir", "/mnt/to", NULL, MS_MOVE, NULL, &t->err);
}
static void move_from_shared(struct told *t)
{
    own_mounts(t, 0);
    must(mount(NULL, "/mnt", NULL, MS_SHARED, NULL) == 0, t, "make /mnt shared");
    must(mount("other", "/mnt/dir", "tmpfs", 0, NULL) == 0 && mkdir("/mnt/to", 0755) == 0, t,
         "another tmpfs");
    bw_sys_mount("/mnt/dir", "/mnt/to", NULL, MS_MOVE, NULL, &t->err);
}
static void mount_sysfs_twice(struct told *t)
{
    own_mounts(t, CLONE_NEWNET);
    must(mount("sysfs", "/mnt/dir", "sysfs", 0, NULL) == 0, t, "sysfs");
    bw_sys_mount("sysfs", "/mnt/dir", "sysfs", 0, NULL, &t->err);
}
static void remount_while_written(struct told *t)
{
    own_mounts(t, 0);
    must(open("/mnt/file", O_WRONLY | O_CLOEXEC) >= 0, t, "open");
    bw_sys_mount(NULL, "/mnt", NULL, MS_REMOUNT | MS_RDONLY, NULL, &t->err);
}
static void propagation_in_chroot(struct told *t)
{
    own_mounts(t, 0);
    must(chroot("/mnt/dir") == 0 && chdir("/") == 0, t, "chroot");
    bw_sys_mount(NULL, "/", NULL, MS_PRIVATE, NULL, &t->err);
}
static void mount_plain(struct told *t)
{
    bw_sys_mount("tmpfs", "/mnt", "tmpfs", 0, NULL, &t->err);
}
static void mount_host_ns(struct told *t)
{
    own(t, CLONE_NEWUSER);
    mount_plain(t);
}
static void mount_proc_foreign(struct told *t)
{
    own_mounts(t, CLONE_NEWUSER);
    bw_sys_mount("proc", "/mnt/dir", "proc", 0, NULL, &t->err);
}
static void mount_sysfs_foreign(struct told *t)
{
    own_mounts(t, CLONE_NEWUSER);
    bw_sys_mount("sysfs", "/mnt/dir", "sysfs", 0, NULL, &t->err);
}
static void mount_proc_masked(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/proc/fs", "tmpfs", 0, NULL) == 0, t, "mask");
    own(t, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
    successor(t);
    bw_sys_mount("proc", "/mnt/dir", "proc", 0, NULL, &t->err);
}
static void mount_unknown(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_mount("none", "/mnt/dir", "nosuchfs", 0, NULL, &t->err);
}
static void mount_ext4_user(struct told *t)
{
    own_mounts(t, CLONE_NEWUSER);
    bw_sys_mount("/dev/null", "/mnt/dir", "ext4", 0, NULL, &t->err);
}
static void mount_no_target(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_mount("tmpfs", "/mnt/no/where", "tmpfs", 0, NULL, &t->err);
}
static void mount_no_source(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_mount("/mnt/absent", "/mnt/dir", NULL, MS_BIND, NULL, &t->err);
}
static void mount_file_on_dir(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_mount("/mnt/file", "/mnt/dir", NULL, MS_BIND, NULL, &t->err);
}
static void mount_loop(struct told *t)
{
    own_mounts(t, 0);
    must(symlink("loop", "/mnt/loop") == 0, t, "symlink");
    bw_sys_mount("tmpfs", "/mnt/loop/x", "tmpfs", 0, NULL, &t->err);
}
static void mount_make_private(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_mount(NULL, "/mnt/dir", NULL, MS_PRIVATE, NULL, &t->err);
}
static void mount_overlay_absent(struct told *t)
{
    own_mounts(t, 0);
    BW_AUTO_STR known = BW_STR_INIT;
    must(bw_read_file(AT_FDCWD, "/proc/filesystems", &known) == 0 &&
             strstr(bw_str_get(&known), "\toverlay\n"),
         t, "no overlay in this kernel");
    if (t->skip[0])
        return;
    bw_sys_mount("overlay", "/mnt/dir", "overlay", 0,
                 "lowerdir=/usr,upperdir=/mnt/up,workdir=/mnt/work", &t->err);
}
static void remount_locked(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/mnt/dir", "tmpfs", MS_NOSUID, NULL) == 0, t, "tmpfs");
    own(t, CLONE_NEWUSER | CLONE_NEWNS);
    bw_sys_mount(NULL, "/mnt/dir", NULL, MS_REMOUNT | MS_BIND, NULL, &t->err);
}
static void bind_uncovers(struct told *t)
{
    own_mounts(t, 0);
    own(t, CLONE_NEWUSER | CLONE_NEWNS);
    bw_sys_mount("/", "/mnt/dir", NULL, MS_BIND, NULL, &t->err);
}
static void umount_nothing(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_umount2("/mnt/dir", 0, &t->err);
}
static void umount_locked(struct told *t)
{
    own_mounts(t, 0);
    own(t, CLONE_NEWUSER | CLONE_NEWNS);
    bw_sys_umount2("/mnt", 0, &t->err);
}
static void umount_cwd(struct told *t)
{
    own_mounts(t, 0);
    must(chdir("/mnt/dir") == 0, t, "chdir");
    bw_sys_umount2("/mnt", 0, &t->err);
}
static void umount_below(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/mnt/dir", "tmpfs", 0, NULL) == 0, t, "tmpfs");
    bw_sys_umount2("/mnt", 0, &t->err);
}

/* ---- roots ---- */

static void chroot_absent(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_chroot("/mnt/dir/none/x", &t->err);
}
static void chroot_file(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_chroot("/mnt/file", &t->err);
}
static void chroot_below_file(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_chroot("/mnt/file/x", &t->err);
}
static void chroot_user(struct told *t)
{
    bw_sys_chroot("/usr", &t->err);
}
static void chroot_searched(struct told *t)
{
    struct stat st;
    must(stat("/root", &st) == 0 && !(st.st_mode & 0007), t, "/root may be searched by all");
    must(unshare(CLONE_NEWUSER) == 0, t, "unshare"); /* its capabilities mean nothing to /root */
    bw_sys_chroot("/root/x", &t->err);
}
static void pivot_plain_dir(struct told *t)
{
    own_mounts(t, 0);
    must(mkdir("/mnt/dir/old", 0755) == 0, t, "mkdir");
    bw_sys_pivot_root("/mnt/dir", "/mnt/dir/old", &t->err);
}
static void pivot_shared(struct told *t)
{
    own_mounts(t, 0);
    must(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0, t, "shared");
    bw_sys_pivot_root("/mnt", "/mnt/dir", &t->err);
}
static void pivot_chrooted(struct told *t)
{
    own_mounts(t, 0);
    must(chroot("/mnt/dir") == 0 && chdir("/") == 0, t, "chroot");
    must(mkdir("/n", 0755) == 0 && mount("tmpfs", "/n", "tmpfs", 0, NULL) == 0, t, "tmpfs");
    bw_sys_pivot_root("/n", "/n", &t->err);
}
static void pivot_onto_itself(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_pivot_root("/", "/", &t->err);
}

/* ---- programs ---- */

static void copy(const char *from, const char *to, mode_t mode, struct told *t)
{
    BW_AUTO_STR text = BW_STR_INIT;
    must(bw_read_file(AT_FDCWD, from, &text) == 0, t, from);
    BW_AUTO_FD fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && bw_write_all(fd, bw_str_get(&text), text.len) == 0 && fchmod(fd, mode) == 0, t,
         to);
}
static void text_file(const char *to, const char *text, mode_t mode, struct told *t)
{
    BW_AUTO_FD fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && bw_write_all(fd, text, strlen(text)) == 0 && fchmod(fd, mode) == 0, t, to);
}
static void exec(struct told *t, const char *path, const char *as)
{
    char *argv[] = {(char *)(size_t)path, NULL};
    if (t->skip[0])
        return;
    execv(path, argv);
    bw_err_call(&t->err, errno, "execve", "\"%s\", …", as);
}
static void exec_dynamic(struct told *t)
{
    own_mounts(t, 0);
    copy("/bin/ls", "/mnt/dir/ls", 0755, t);
    must(chroot("/mnt/dir") == 0, t, "chroot");
    exec(t, "/ls", "/ls");
}
static void exec_dynamic_path(struct told *t)
{
    own_mounts(t, 0);
    must(mkdir("/mnt/dir/bin", 0755) == 0, t, "mkdir");
    copy("/bin/ls", "/mnt/dir/bin/ls", 0755, t);
    must(chroot("/mnt/dir") == 0, t, "chroot");
    exec(t, "/bin/ls", "ls");
}
static void exec_nowhere(struct told *t)
{
    own_mounts(t, 0);
    must(chroot("/mnt/dir") == 0, t, "chroot");
    exec(t, "/bin/none", "none");
}
static void exec_absent(struct told *t)
{
    own_mounts(t, 0);
    exec(t, "/mnt/dir/a/b", "/mnt/dir/a/b");
}
static void exec_script(struct told *t)
{
    own_mounts(t, 0);
    text_file("/mnt/s", "#! /opt/none/python -u\n", 0755, t);
    exec(t, "/mnt/s", "/mnt/s");
}
static void exec_crlf(struct told *t)
{
    own_mounts(t, 0);
    text_file("/mnt/s", "#!/bin/sh\r\necho\r\n", 0755, t);
    exec(t, "/mnt/s", "/mnt/s");
}
static void exec_text(struct told *t)
{
    own_mounts(t, 0);
    text_file("/mnt/s", "echo hello\n", 0755, t);
    exec(t, "/mnt/s", "/mnt/s");
}
static void exec_other_machine(struct told *t)
{
    own_mounts(t, 0);
    copy("/bin/busybox", "/mnt/b", 0755, t);
    BW_AUTO_FD fd = open("/mnt/b", O_WRONLY | O_CLOEXEC);
    must(pwrite(fd, "\x16\0", 2, 18) == 2, t, "machine"); /* s390 */
    bw_close_ptr(&fd);
    fd = -1;
    exec(t, "/mnt/b", "/mnt/b");
}
static void exec_no_bit(struct told *t)
{
    own_mounts(t, 0);
    copy("/bin/busybox", "/mnt/b", 0644, t);
    exec(t, "/mnt/b", "/mnt/b");
}
static void exec_noexec(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/mnt/dir", "tmpfs", MS_NOEXEC, NULL) == 0, t, "tmpfs");
    copy("/bin/busybox", "/mnt/dir/b", 0755, t);
    exec(t, "/mnt/dir/b", "/mnt/dir/b");
}
static void exec_directory(struct told *t)
{
    own_mounts(t, 0);
    exec(t, "/mnt/dir", "/mnt/dir");
}

/* ---- files ---- */

static void mkdir_denied(struct told *t)
{
    bw_sys_mkdirat(AT_FDCWD, "/usr/bw-explain", 0755, BW_CALL_STEP, &t->err);
}
static void mkdir_read_only(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/mnt/dir", "tmpfs", MS_RDONLY, NULL) == 0, t, "tmpfs");
    bw_sys_mkdirat(AT_FDCWD, "/mnt/dir/x", 0755, BW_CALL_STEP, &t->err);
}
static void mkdir_exists(struct told *t)
{
    own_mounts(t, 0);
    bw_sys_mkdirat(AT_FDCWD, "/mnt/dir", 0755, BW_CALL_STEP, &t->err);
}
static void mkdir_full(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/mnt/dir", "tmpfs", 0, "nr_inodes=2") == 0, t, "tmpfs");
    must(mkdir("/mnt/dir/a", 0755) == 0, t, "mkdir");
    bw_sys_mkdirat(AT_FDCWD, "/mnt/dir/b", 0755, BW_CALL_STEP, &t->err);
}
static void rmdir_mount(struct told *t)
{
    own_mounts(t, 0);
    must(mount("tmpfs", "/mnt/dir", "tmpfs", 0, NULL) == 0, t, "tmpfs");
    bw_sys_rmdir("/mnt/dir", &t->err);
}

/* ---- ID maps, written by the shell ---- */

static void user_ns(struct told *t)
{
    must(unshare(CLONE_NEWUSER) == 0, t, "unshare");
}
static void mapped_ns(struct told *t)
{
    own(t, CLONE_NEWUSER);
}
static void nothing(struct told *t)
{
    (void)t;
}
static void write_map(pid_t box, const char *file, const char *text, struct bw_err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)box, file);
    bw_sys_write_file(AT_FDCWD, path, text, err);
}
static void map_twice(pid_t box, struct bw_err *err)
{
    write_map(box, "uid_map", "0 65534 1", err);
}
static void map_not_own(pid_t box, struct bw_err *err)
{
    write_map(box, "uid_map", "0 1000 5", err);
}
static void map_gid_allowed(pid_t box, struct bw_err *err)
{
    write_map(box, "gid_map", "0 65534 1", err);
}
static void map_malformed(pid_t box, struct bw_err *err)
{
    write_map(box, "uid_map", "0 x 1", err);
}
static void map_overlap(pid_t box, struct bw_err *err)
{
    write_map(box, "uid_map", "0 1000 10\n5 3000 10\n", err);
}
static void map_host_ns(pid_t box, struct bw_err *err)
{
    write_map(box, "uid_map", "0 0 1", err);
}
static void setgroups_late(pid_t box, struct bw_err *err)
{
    write_map(box, "setgroups", "allow", err);
}
static void map_gone(pid_t box, struct bw_err *err)
{
    (void)box;
    bw_sys_write_file(AT_FDCWD, "/proc/2147483646/uid_map", "0 0 1", err);
}

/* ---- control groups, of a hybrid host ---- */

static void cg_file(const char *where, const char *file, const char *text, struct bw_err *err)
{
    char dir[128], path[256];
    snprintf(dir, sizeof dir, "/sys/fs/cgroup/%s/boxwright-explain-%d", where, (int)getpid());
    if (mkdir(dir, 0755) != 0)
        return;
    snprintf(path, sizeof path, "%s/%s", dir, file);
    bw_sys_write_file(AT_FDCWD, path, text, err);
    bw_explain_fill(err, 0); /* while the group is there */
    rmdir(dir);
}
static void cg_quota(pid_t box, struct bw_err *err)
{
    (void)box;
    cg_file("cpu", "cpu.cfs_quota_us", "7", err);
}
static void cg_cpuset_empty(pid_t box, struct bw_err *err)
{
    char pid[32];
    snprintf(pid, sizeof pid, "%d", (int)box);
    cg_file("cpuset", "cgroup.procs", pid, err);
}
static void cg_absent_file(pid_t box, struct bw_err *err)
{
    (void)box;
    cg_file("pids", "pids.none", "1", err);
}
static void cg_v2_controller(pid_t box, struct bw_err *err)
{
    (void)box;
    cg_file("unified", "cgroup.subtree_control", "+memory", err);
}
static void cg_v2_file(pid_t box, struct bw_err *err)
{
    (void)box;
    cg_file("unified", "memory.max", "1", err);
}
/* On a host with v2 alone: a group that holds a process may not hand memory down; cpu and pids are
 * threaded controllers, which it may. */
static void cg_v2_internal(pid_t box, struct bw_err *err)
{
    char dir[128], path[256], pid[32];
    snprintf(dir, sizeof dir, "/sys/fs/cgroup/boxwright-explain-%d", (int)getpid());
    snprintf(pid, sizeof pid, "%d", (int)box);
    if (access("/sys/fs/cgroup/cgroup.subtree_control", F_OK) != 0 ||
        !write_to("/sys/fs/cgroup/cgroup.subtree_control", "+memory") || mkdir(dir, 0755) != 0)
        return;
    snprintf(path, sizeof path, "%s/cgroup.procs", dir);
    bool moved = write_to(path, pid);
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", dir);
    if (moved)
        bw_sys_write_file(AT_FDCWD, path, "+memory", err);
    bw_explain_fill(err, 0);
    write_to("/sys/fs/cgroup/cgroup.procs", pid);
    rmdir(dir);
}
static void cg_v2_not_enabled(pid_t box, struct bw_err *err)
{
    char dir[128], path[256];
    (void)box;
    snprintf(dir, sizeof dir, "/sys/fs/cgroup/boxwright-explain-%d", (int)getpid());
    if (access("/sys/fs/cgroup/cgroup.subtree_control", F_OK) != 0 ||
        !write_to("/sys/fs/cgroup/cgroup.subtree_control", "-memory") || mkdir(dir, 0755) != 0)
        return;
    snprintf(path, sizeof path, "%s/memory.max", dir);
    bw_sys_write_file(AT_FDCWD, path, "1M", err);
    bw_explain_fill(err, 0);
    rmdir(dir);
}
static void cg_bad_value(pid_t box, struct bw_err *err)
{
    (void)box;
    cg_file("pids", "pids.max", "many", err);
}
static void cg_mkdir_user(pid_t box, struct bw_err *err)
{
    (void)box;
    if (access("/sys/fs/cgroup/pids", F_OK) == 0)
        bw_sys_mkdirat(AT_FDCWD, "/sys/fs/cgroup/pids/boxwright-explain", 0755, BW_CALL_STEP, err);
}

static const struct scenario scenarios[] = {
    {"unshare as user", USER, unshare_pid, NULL, EPERM, "lacks CAP_SYS_ADMIN; it runs as uid 65534",
     "unshare user first, then map root, then unshare pid"},
    {"unshare user unmapped", USER, unshare_user_unmapped, NULL, EPERM, "is not in the uid_map",
     "map root"},
    {"unshare user in chroot", ROOT, unshare_user_chroot, NULL, EPERM, "root is /usr",
     "undo the chroot"},
    {"unshare pid twice", ROOT, unshare_pid_twice, NULL, EINVAL, "no process was made in it",
     "fork first"},
    {"unshare without capabilities", USER, unshare_after_drop, NULL, EPERM,
     "even in its own user namespace", "reset"},
    {"unshare over limit", USER, unshare_limit, NULL, ENOSPC, "user.max_uts_namespaces is 0",
     "sysctl user.max_uts_namespaces"},
    {"unshare nested", USER, unshare_nested, NULL, ENOSPC, "as deep as the kernel nests", "undo"},
    {"fork after PID 1", ROOT, fork_after_init, NULL, ENOMEM, "has ended", "unshare --fork --pid"},
    {"sibling of PID 1", ROOT, sibling_of_init, NULL, EINVAL, "PID 1 may not make siblings", "run"},
    {"fork over pids.max", ROOT, fork_in_pids_limit, NULL, EAGAIN, "pids.max of control group",
     "cgcreate pids"},
    {"host name too long", ROOT, hostname_65, NULL, EINVAL, "65 bytes", "shorter"},
    {"host name as user", USER, hostname_user, NULL, EPERM, "lacks CAP_SYS_ADMIN",
     "then unshare uts, then hostname"},
    {"host name of the host", USER, hostname_foreign, NULL, EPERM,
     "uts namespace belongs to the host's user namespace", "unshare uts"},
    {"setns as user", USER, setns_user, NULL, EPERM, "lacks CAP_SYS_ADMIN", "enter PID user"},
    {"fork over RLIMIT_NPROC", USER, fork_over_rlimit, NULL, EAGAIN, "RLIMIT_NPROC of the box is 0",
     "ulimit -u"},
    {"overlay on two file systems", ROOT, overlay_two_systems, NULL, EINVAL,
     "different file systems", "one file system"},
    {"overlay on an overlay", ROOT, overlay_on_overlay, NULL, EINVAL, "itself an overlay",
     "mount a tmpfs"},
    {"move of no mount", ROOT, move_of_no_mount, NULL, EINVAL, "is not a mount point", "bind it"},
    {"move from a shared mount", ROOT, move_from_shared, NULL, EINVAL, "from a shared mount",
     "make-rprivate"},
    {"sysfs where sysfs is", ROOT, mount_sysfs_twice, NULL, EBUSY, "is mounted on /mnt/dir already",
     "umount /mnt/dir first"},
    {"remount while written", ROOT, remount_while_written, NULL, EBUSY,
     "files are open for writing", "remount,bind,ro"},
    {"propagation in a chroot", ROOT, propagation_in_chroot, NULL, EINVAL,
     "changed with chroot and is no mount point", "undo the chroot"},

    {"mount as user", USER, mount_plain, NULL, EPERM, "lacks CAP_SYS_ADMIN", "unshare mnt"},
    {"mount in the host's namespace", USER, mount_host_ns, NULL, EPERM,
     "mnt namespace belongs to the host's", "unshare mnt"},
    {"proc of the host's pids", USER, mount_proc_foreign, NULL, EPERM,
     "pid namespace belongs to the host's", "unshare pid"},
    {"sysfs of the host's net", USER, mount_sysfs_foreign, NULL, EPERM,
     "net namespace belongs to the host's", "unshare net"},
    {"proc that is masked", ROOT, mount_proc_masked, NULL, EPERM,
     "/proc/fs is mounted over a part of the proc on /proc", "bind /proc"},
    {"unknown type", ROOT, mount_unknown, NULL, ENODEV, "nosuchfs is not in /proc/filesystems",
     "modprobe"},
    {"ext4 as user", USER, mount_ext4_user, NULL, EPERM, "ext4 is not among", "tmpfs"},
    {"no target", ROOT, mount_no_target, NULL, ENOENT, "no /mnt/no in the box", "mkdir /mnt/no"},
    {"no source", ROOT, mount_no_source, NULL, ENOENT, "source is missing: there is no /mnt/absent",
     ""},
    {"file on directory", ROOT, mount_file_on_dir, NULL, ENOTDIR, "/mnt/file is a file and", ""},
    {"links in a circle", ROOT, mount_loop, NULL, ELOOP, "/mnt/loop, on the way", ""},
    {"propagation of no mount", ROOT, mount_make_private, NULL, EINVAL,
     "/mnt/dir is not a mount point", "bind"},
    {"overlay without upper", ROOT, mount_overlay_absent, NULL, ENOENT,
     "upper layer is missing: there is no /mnt/up", "mkdir /mnt/up"},
    {"locked flag", ROOT, remount_locked, NULL, EPERM, "is nosuid, which is locked", "keep nosuid"},
    {"bind that uncovers", ROOT, bind_uncovers, NULL, EINVAL, "is locked", "--rbind"},
    {"umount of nothing", ROOT, umount_nothing, NULL, EINVAL, "/mnt/dir is not a mount point", ""},
    {"umount of a locked mount", ROOT, umount_locked, NULL, EINVAL, "locked", "pivot"},
    {"umount under one's feet", ROOT, umount_cwd, NULL, EBUSY, "its working directory lies on /mnt",
     "umount -l"},
    {"umount with one below", ROOT, umount_below, NULL, EBUSY, "/mnt/dir is mounted below /mnt",
     "umount /mnt/dir first"},

    {"chroot nowhere", ROOT, chroot_absent, NULL, ENOENT, "no /mnt/dir/none in the box", ""},
    {"chroot to a file", ROOT, chroot_file, NULL, ENOTDIR, "/mnt/file is not a directory", ""},
    {"chroot below a file", ROOT, chroot_below_file, NULL, ENOTDIR, "/mnt/file, on the way", ""},
    {"chroot as user", USER, chroot_user, NULL, EPERM, "lacks CAP_SYS_CHROOT", "then chroot again"},
    {"chroot not searched", USER, chroot_searched, NULL, EACCES, "/root has mode", ""},
    {"pivot to a directory", ROOT, pivot_plain_dir, NULL, EINVAL, "/mnt/dir is not a mount point",
     "bind /mnt/dir /mnt/dir"},
    {"pivot with shared parent", ROOT, pivot_shared, NULL, EINVAL, "shared", "make-rprivate"},
    {"pivot after chroot", ROOT, pivot_chrooted, NULL, EINVAL, "changed with chroot",
     "undo the chroot"},
    {"pivot onto itself", ROOT, pivot_onto_itself, NULL, EBUSY, "is the root now", ""},

    {"missing loader", ROOT, exec_dynamic, NULL, ENOENT, "its loader /lib", "static"},
    {"missing loader along PATH", ROOT, exec_dynamic_path, NULL, ENOENT,
     "/bin/ls is there, but its loader", "static"},
    {"nowhere along PATH", ROOT, exec_nowhere, NULL, ENOENT, "no directory of PATH has none", ""},
    {"missing program", ROOT, exec_absent, NULL, ENOENT, "/mnt/dir/a does not exist", ""},
    {"missing interpreter", ROOT, exec_script, NULL, ENOENT, "/opt/none/python, which its first",
     ""},
    {"carriage return", ROOT, exec_crlf, NULL, ENOENT, "carriage return", ""},
    {"text without #!", ROOT, exec_text, NULL, ENOEXEC, "neither an ELF", "#!/bin/sh"},
    {"other machine", ROOT, exec_other_machine, NULL, ENOEXEC, "e_machine 22", ""},
    {"no execute bit", ROOT, exec_no_bit, NULL, EACCES, "no execute bit", "chmod +x"},
    {"noexec", ROOT, exec_noexec, NULL, EACCES, "mount with noexec (/mnt/dir)", "remount,exec"},
    {"directory as program", ROOT, exec_directory, NULL, EACCES, "is a directory", ""},

    {"mkdir denied", USER, mkdir_denied, NULL, EACCES, "/usr has mode 0755 and belongs to uid 0",
     ""},
    {"mkdir read-only", ROOT, mkdir_read_only, NULL, EROFS, "mount at /mnt/dir, which is read-only",
     "remount,rw /mnt/dir"},
    {"mkdir of what is there", ROOT, mkdir_exists, NULL, EEXIST, "it is a directory", ""},
    {"no inodes", ROOT, mkdir_full, NULL, ENOSPC, "no inode left of 2", ""},
    {"rmdir of a mount", ROOT, rmdir_mount, NULL, EBUSY, "/mnt/dir is a mount point", "umount"},

    {"map twice", USER, mapped_ns, map_twice, EPERM, "uid_map is written already", "undo"},
    {"map not one's own", USER, user_ns, map_not_own, EPERM, "INSIDE 65534 1", "map root"},
    {"gid_map with setgroups", USER, user_ns, map_gid_allowed, EPERM, "is allow",
     "map setgroups deny"},
    {"map malformed", ROOT, user_ns, map_malformed, EINVAL, "not three numbers", ""},
    {"map overlap", ROOT, user_ns, map_overlap, EINVAL, "lines 1 and 2 overlap", ""},
    {"map without a namespace", ROOT, nothing, map_host_ns, EPERM, "shell's own user namespace",
     "unshare user first"},
    {"setgroups allowed late", USER, mapped_ns, setgroups_late, EPERM, "is deny", "reset"},
    {"map of nobody", ROOT, nothing, map_gone, ENOENT, "has ended", "reset"},

    {"v1 quota", ROOT, nothing, cg_quota, EINVAL, "quota is 7 us", "cgcreate cpu"},
    {"v1 empty cpuset", ROOT, nothing, cg_cpuset_empty, ENOSPC, "is empty", "cpuset.mems"},
    {"v1 absent file", ROOT, nothing, cg_absent_file, ENOENT, "has no file pids.none", ""},
    {"v2 controller elsewhere", ROOT, nothing, cg_v2_controller, ENOENT, "has the controllers \"",
     "doctor"},
    {"v2 file not enabled", ROOT, nothing, cg_v2_file, ENOENT, "memory is not in cgroup.control",
     "cgcreate memory"},
    {"v2 internal processes", ROOT, nothing, cg_v2_internal, EBUSY, "holds 1 processes",
     "cgcreate"},
    {"v2 file, controller held back", ROOT, nothing, cg_v2_not_enabled, ENOENT,
     "because cgroup.subtree_control of /sys/fs/cgroup is", "+memory"},
    {"pids.max of a word", ROOT, nothing, cg_bad_value, EINVAL, "does not take \"many\"", ""},
    {"group as user", USER, nothing, cg_mkdir_user, EACCES, "belongs to uid 0", "root"},
};

/* The box: tells, then waits to be looked at. */
static void box_main(const struct scenario *c, int to, int go)
{
    struct told t = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(to, TELL) != TELL)
        _exit(1);
    t.pid = getpid();
    c->box(&t);
    (void)!write(TELL, &t, sizeof t);
    char b;
    (void)!read(go, &b, 1);
    _exit(0);
}

/* The shell: an ordinary user or root, which looks at the box from outside. */
static void shell_main(const struct scenario *c, int report)
{
    int to[2], go[2];
    struct told t = {0}, later = {0};
    if (c->who == USER && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
                           setresuid(NOBODY, NOBODY, NOBODY) || prctl(PR_SET_DUMPABLE, 1)))
        _exit(1);
    if (pipe(to) || pipe(go))
        _exit(1);
    pid_t box = fork();
    if (box == 0) {
        close(to[0]);
        close(go[1]);
        box_main(c, to[1], go[0]);
    }
    close(to[1]);
    alarm(5);
    bool ok = read(to[0], &t, sizeof t) == sizeof t;
    if (ok && (t.pid == 0 || t.pid != box)) {
        /* A successor: its predecessor names its pid, itself tells the rest, in any order. */
        ok = read(to[0], &later, sizeof later) == sizeof later;
        box = t.pid ? t.pid : later.pid;
        if (t.pid)
            t = later;
    }
    if (!ok)
        snprintf(t.skip, sizeof t.skip, "FAILED: the box said nothing");
    if (c->shell && !t.skip[0])
        c->shell(box, &t.err);
    if (!t.err.code && !t.skip[0])
        snprintf(t.skip, sizeof t.skip, "the kernel did not refuse it here");
    bw_explain_fill(&t.err, box);
    (void)!write(report, &t, sizeof t);
    close(go[1]);
    kill(box, SIGKILL);
    while (wait(NULL) > 0)
        ;
    _exit(0);
}

static void clean_up(pid_t shell)
{
    char dir[128];
    snprintf(dir, sizeof dir, "/sys/fs/cgroup/pids/boxwright-explain-%d", (int)shell);
    for (int i = 0; i < 50 && rmdir(dir) != 0 && errno == EBUSY; i++)
        usleep(10000);
}

START_TEST(names_the_true_cause)
{
    const struct scenario *c = &scenarios[_i];
    struct told t = {0};
    int p[2];
    if (geteuid() != 0) {
        printf("SKIP explain: %s: not root, so that no other user can be tried\n", c->name);
        return;
    }
    ck_assert_int_eq(pipe(p), 0);
    pid_t shell = fork();
    if (shell == 0) {
        close(p[0]);
        shell_main(c, p[1]);
    }
    close(p[1]);
    ssize_t n = read(p[0], &t, sizeof t);
    close(p[0]);
    waitpid(shell, NULL, 0);
    clean_up(shell);
    ck_assert_int_eq(n, (ssize_t)sizeof t);
    if (t.skip[0]) {
        ck_assert_msg(!bw_str_starts(t.skip, "FAILED"), "%s: %s", c->name, t.skip);
        printf("SKIP explain: %s: %s\n", c->name, t.skip);
        return;
    }
    if (getenv("BW_SHOW"))
        printf("%s: %s: %s\n    %s\n    %s\n", c->name, t.err.call, bw_err_name(t.err.code),
               t.err.cause, t.err.todo);
    ck_assert_msg(t.err.code == c->code, "%s: %s gave %s", c->name, t.err.call,
                  bw_err_name(t.err.code));
    ck_assert_msg(strstr(t.err.cause, c->cause), "%s: cause is \"%s\"", c->name, t.err.cause);
    ck_assert_msg(t.err.todo[0] && strstr(t.err.todo, c->todo), "%s: todo is \"%s\"", c->name,
                  t.err.todo);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain");
    TCase *tc = tcase_create("causes");

    tcase_set_timeout(tc, 20);
    tcase_add_loop_test(tc, names_the_true_cause, 0, (int)(sizeof scenarios / sizeof scenarios[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
