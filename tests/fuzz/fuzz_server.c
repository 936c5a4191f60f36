/* what a shell that lost its mind asks of the stage: requests, strings, descriptors */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
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
#include "base/str.h"
#include "fuzz.h"
#include "kern/burn.h"
#include "kern/call.h"
#include "kern/mnt.h"
#include "kern/rootfs.h"
#include "stage/client.h"

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
#define bw_burn_run(b) ((b)->kind == 0)
#define bw_fd_close_others(keep) ((void)(keep))
#define bw_fd_cloexec() ((void)0)
#define execve(path, argv, env)                                                                    \
    (errno = ENOENT, -(int)(read_all(path) + read_vector(argv) + read_vector(env) > 0))
#define prctl(...) no_prctl(__VA_ARGS__)
#define setsid() no_prctl(0)
#define setpgid(a, b) ((void)0)
#define signal(sig, how) ((void)0)
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

#include "../../src/stage/server_exec.c" // NOLINT(bugprone-suspicious-include)
#include "../../src/stage/server_ops.c"  // NOLINT(bugprone-suspicious-include)
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
