/* what a shell that lost its mind asks of the stage: requests, strings, descriptors */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/stage/server_priv.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/attack.h"
#include "kern/burn.h"
#include "kern/call.h"
#include "kern/caps.h"
#include "kern/mask.h"
#include "kern/mnt.h"
#include "kern/rlimits.h"
#include "kern/rootfs.h"
#include "kern/seccomp.h"
#include "stage/client.h"

/* Each request that the stage knows has been looked at: what it would change is refused below. */
_Static_assert(BW_OP_COUNT == 31, "a new request: refuse here what it would change, then count it");

/* And whatever was overlooked the kernel refuses: this process can change no mounts, names, IDs,
 * limits or directories, and starts and signals no other one. Threads are a sanitizer's own. */
static const int never[] = {
    SYS_mount,          SYS_umount2,       SYS_pivot_root,
    SYS_chroot,         SYS_unshare,       SYS_setns,
    SYS_sethostname,    SYS_setdomainname, SYS_mknodat,
    SYS_mkdirat,        SYS_unlinkat,      SYS_symlinkat,
    SYS_linkat,         SYS_renameat2,     SYS_fchmodat,
    SYS_fchmod,         SYS_fchownat,      SYS_fchown,
    SYS_utimensat,      SYS_truncate,      SYS_execve,
    SYS_execveat,       SYS_kill,          SYS_capset,
    SYS_setuid,         SYS_setgid,        SYS_setreuid,
    SYS_setregid,       SYS_setresuid,     SYS_setresgid,
    SYS_setgroups,      SYS_seccomp,       SYS_prlimit64,
    SYS_setrlimit,      SYS_open_tree,     SYS_move_mount,
    SYS_fsopen,         SYS_fsconfig,      SYS_fsmount,
    SYS_mount_setattr,  SYS_reboot,        SYS_init_module,
    SYS_finit_module,   SYS_delete_module, SYS_bpf,
    SYS_keyctl,         SYS_add_key,       SYS_request_key,
    SYS_settimeofday,   SYS_clock_settime, SYS_swapon,
    SYS_swapoff,        SYS_openat2,       SYS_syslog,
    SYS_setsid,         SYS_setpgid,       SYS_pidfd_send_signal,
    SYS_io_uring_setup, SYS_quotactl,      SYS_setpriority,
#ifdef SYS_mkdir
    SYS_mknod,          SYS_mkdir,         SYS_rmdir,
    SYS_symlink,        SYS_link,          SYS_rename,
    SYS_renameat,       SYS_chmod,         SYS_chown,
    SYS_lchown,         SYS_fork,          SYS_vfork,
    SYS_iopl,           SYS_ioperm,
#endif
};

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)

static void wall(void)
{
    enum { EACH = 2, REST = 8, NEVER = sizeof never / sizeof *never };
    static struct sock_filter code[EACH * NEVER + REST];
    unsigned short n = 0;

    if (code[0].code != 0)
        return;
    code[n++] = (struct sock_filter)LOAD(nr);
    for (size_t i = 0; i < NEVER; i++) {
        code[n++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)never[i], 0, 1);
        code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | EPERM);
    }
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
    code[n++] = (struct sock_filter)LOAD(args[0]);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_VM, 1, 0);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | EPERM);
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = n, .filter = code};
    FUZZ_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    FUZZ_CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    /* Harmless, and allowed to root where there is no wall. */
    FUZZ_CHECK(chroot("/") == -1 && errno == EPERM);
}

/* The requests are done by the stage's own code, which is compiled here once more, with what would
 * change this machine refused as a kernel refuses it. Strings are read, so that a sanitizer sees
 * one that is not there. */
static size_t read_all(const char *s)
{
    return s ? strlen(s) : 0;
}

static int refused(struct bw_err *err, size_t n)
{
    FUZZ_CHECK(n <= BW_PROTO_MAX);
    bw_err_call(err, EPERM, "call", "…");
    errno = EPERM;
    return -1;
}

static int no_child(int which, int pid, const siginfo_t *si, int how)
{
    (void)which, (void)pid, (void)si, (void)how;
    return errno = ECHILD, -1;
}

static int no_pivot(const char *dir, bool *half, struct bw_err *err)
{
    *half = false;
    return refused(err, read_all(dir));
}

static int no_caps(uint64_t set, bool *part, struct bw_err *err)
{
    *part = false;
    return refused(err, set & 1);
}

static int no_mask(enum bw_mask_kind kind, const char *root, const char *path, bool *there,
                   bool *half, struct bw_err *err)
{
    *there = *half = false;
    return refused(err, read_all(root) + read_all(path) + (kind == BW_MASK_HIDE));
}

static int no_mask_root(bool *half, struct bw_err *err)
{
    *half = false;
    return refused(err, 0);
}

static int no_devices(const char *root, const char *dir, bool *half, struct bw_err *err)
{
    *half = false;
    return refused(err, read_all(root) + read_all(dir));
}

static int no_filter(const struct bw_filter *f, int *listener, unsigned long *flags)
{
    (void)f, (void)listener;
    *flags = 0;
    return 0;
}

static int no_thread(pthread_t *t, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
    (void)t, (void)attr, (void)run, (void)arg;
    return EAGAIN;
}

static int no_prctl(int op, ...)
{
    return op == PR_GET_DUMPABLE;
}

#define bw_sys_unshare(flags, err) refused(err, (flags) != 0)
#define bw_sys_clone3(flags, sig, fd, err) refused(err, *(fd) != -1)
#define bw_sys_setns(fd, type, err) refused(err, fcntl(fd, F_GETFD) < 0 && (type))
#define bw_sys_sethostname(s, n, err) refused(err, read_all(s) - (n))
#define bw_sys_setid(uid, gid, err) refused(err, (uid) == (gid))
#define bw_mnt_mount(root, s, sroot, t, type, flags, data, err)                                    \
    refused(err, read_all(root) + read_all(s) + read_all(sroot) + read_all(t) + read_all(type) +   \
                     read_all(data) + ((flags) != 0))
#define bw_mnt_umount(root, t, flags, err)                                                         \
    refused(err, read_all(root) + read_all(t) + ((flags) != 0))
#define bw_mnt_propagation(t, flag, err) refused(err, read_all(t) + ((flag) != 0))
#define bw_mnt_chroot(dir, err) refused(err, read_all(dir))
#define bw_mnt_pivot no_pivot
#define bw_mnt_mkdir(root, p, mode, parents, err)                                                  \
    refused(err, read_all(root) + read_all(p) + ((mode) != 0) + (parents))
#define bw_mnt_rmdir(root, p, err) refused(err, read_all(root) + read_all(p))
#define bw_rootfs_busybox(d, made, err) (*(made) = false, refused(err, read_all(d)))
#define bw_rootfs_host(d, made, err) (*(made) = true, refused(err, read_all(d)))
#define bw_rootfs_tar(a, d, made, err) (*(made) = false, refused(err, read_all(a) + read_all(d)))
#define bw_rootfs_remove(d, keep, err) refused(err, read_all(d) + (keep))
#define bw_caps_keep no_caps
#define bw_caps_ambient no_caps
#define bw_caps_no_new_privs(err) refused(err, 0)
#define bw_mask no_mask
#define bw_mask_root no_mask_root
#define bw_devices no_devices
#define bw_filter_receive(fd, f, err) refused(err, fcntl(fd, F_GETFD) < 0 && (f)->n)
#define bw_filter_try(f, notifies, mode, err) refused(err, (f)->n + *(notifies) + (*(mode) != 0))
#define bw_filter_install no_filter
#define bw_rlimit_try(which, r, err) refused(err, (size_t)(which) + ((r)->rlim_cur == 0))
#define bw_rlimit_set(which, r, err) refused(err, (size_t)(which) + ((r)->rlim_cur == 0))
#define bw_attack_try(id, f, result, err)                                                          \
    refused(err, (size_t)(id) + ((f) != NULL) + (*(result) != 0))
#define pthread_create no_thread
#define bw_burn_run(b) ((b)->kind == 0)
#define bw_fd_close_others(keep) ((void)(keep))
#define bw_fd_cloexec() ((void)0)
#define execve(path, argv, env)                                                                    \
    (errno = ENOENT, -(int)(read_all(path) + read_vector(argv) + read_vector(env) > 0))
#define prctl(...) no_prctl(__VA_ARGS__)
#define setsid() no_prctl(0)
#define setpgid(a, b) ((void)0)
#define signal(sig, how) ((void)0)
/* The fuzzer's own signals are among them. */
#define bw_intr_defaults() ((void)0)
#define bw_intr_unblock() ((void)0)
#define sigprocmask(how, set, old) ((void)(set))
#define waitid(which, pid, si, how) no_child(which, pid, si, how)
#define _exit(status) over(status)

static size_t read_vector(char *const *v)
{
    size_t n = 0;

    for (; *v; v++)
        n += strlen(*v);
    return n;
}

static jmp_buf ended;

_Noreturn static void over(int status)
{
    (void)status;
    longjmp(ended, 1);
}

#include "../../src/stage/server_confine.c" // NOLINT(bugprone-suspicious-include)
#include "../../src/stage/server_exec.c"    // NOLINT(bugprone-suspicious-include)
#include "../../src/stage/server_ops.c"     // NOLINT(bugprone-suspicious-include)
#undef _exit

static struct bw_packet told;

/* One reply comes, and it can be read; a program or a load that was started gives none. */
static void check_reply(int sock, const struct bw_head *asked, bool gone)
{
    static char buf[BW_PROTO_MAX + 1];
    struct bw_err err = BW_ERR_INIT;
    ssize_t n = recv(sock, buf, sizeof buf, MSG_DONTWAIT);

    if (gone) {
        FUZZ_CHECK(n < 0);
        return;
    }
    FUZZ_CHECK(n > 0 && bw_proto_decode(buf, (size_t)n, &told) == 0);
    FUZZ_CHECK(told.head.kind == BW_KIND_REPLY && told.head.seq == asked->seq);
    FUZZ_CHECK(bw_proto_get_result(&told, &err, NULL) == 0);
    fuzz_check_err(told.head.code ? -1 : 0, &err);
    FUZZ_CHECK(recv(sock, buf, sizeof buf, MSG_DONTWAIT) < 0);
}

/* The first byte: bits 0 to 2 how many descriptors come, 3 a scratch stage. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bw_packet p;
    struct fuzz_input in = {data, size};
    unsigned how = fuzz_byte(&in);
    int pair[2];

    wall();
    if (bw_proto_decode(in.at, in.left, &p) != 0 || p.head.kind != BW_KIND_REQUEST)
        return 0;
    /* As many as fit, and strings that are not there are not to be looked at. */
    for (uint32_t i = p.head.strings; i < BW_PROTO_STRS && i < p.head.strings + 8; i++)
        p.str[i] = NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return 0;
    struct bw_server sv = {.sock = pair[1], .sigfd = -1, .scratch = how & 8};
    struct bw_request rq = {.packet = &p, .n_fds = (how & 7) % (BW_SERVER_FDS + 1)};
    for (size_t i = 0; i < rq.n_fds; i++)
        rq.fds[i] = pair[0];
    volatile bool gone = false;
    if (setjmp(ended) == 0)
        bw_server_handle(&sv, &rq);
    else
        gone = true;
    check_reply(pair[0], &p.head, gone);
    FUZZ_CHECK(sv.n_watches <= 1);
    free(sv.watches);
    close(pair[0]);
    close(pair[1]);
    return 0;
}
