/* A socket keeps the network namespace it was opened in: so the shell works in a box's without ever
 * entering it. */
#include <errno.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/sock.h"
#include "kern/link.h"
#include "kern/ns.h"
#include "kern/observe.h"

struct order {
    int domain, type, protocol;
};

/* What the child met: 0, or the call that failed and its errno. */
struct met {
    enum { ENTER, OPEN } call;
    int code;
};

/* The user namespace that owns the other is entered only where the kernel asks for it: where that
 * cannot be, the first refusal counts. */
static int enter_net(int user, int net)
{
    if (setns(net, CLONE_NEWNET) == 0)
        return 0;
    int first = errno;
    if (user < 0 || setns(user, CLONE_NEWUSER))
        return first;
    return setns(net, CLONE_NEWNET) ? errno : 0;
}

/* Not dumpable: in the box's user namespace its programs could look into what is the shell's. */
static _Noreturn void open_inside(int user, int net, const struct order *o, int to)
{
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct met met = {.call = ENTER};
    struct iovec iov = {&met, sizeof met};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    prctl(PR_SET_DUMPABLE, 0);
    met.code = enter_net(user, net);
    int fd = met.code ? -1 : socket(o->domain, o->type | SOCK_CLOEXEC, o->protocol);
    if (met.code == 0 && fd < 0)
        met = (struct met){OPEN, errno};
    if (fd >= 0)
        bw_sock_attach(&msg, control, &fd, 1);
    _exit(bw_sock_send(to, &msg, 0) < 0 ? errno : 0);
}

/* -1, and met.code 0 when nothing came. */
static int take(int from, struct met *met)
{
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {met, sizeof *met};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    int fd = -1;
    if (bw_sock_recv(from, &msg, 0) == (ssize_t)sizeof *met) {
        struct cmsghdr *m = CMSG_FIRSTHDR(&msg);
        if (m && m->cmsg_type == SCM_RIGHTS)
            memcpy(&fd, CMSG_DATA(m), sizeof fd);
    }
    return fd;
}

static int by_child(int user, int net, const struct order *o, struct bw_err *err)
{
    int pair[2], status = 0;
    struct met met = {.call = ENTER};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return bw_err_call(err, errno, "socketpair", "AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0");
    BW_AUTO_FD in = pair[0];
    BW_AUTO_FD to = pair[1];
    pid_t pid = fork();
    if (pid < 0)
        return bw_err_call(err, errno, "fork", "%s", "");
    if (pid == 0)
        open_inside(user, net, o, to);
    close(bw_steal_fd(&to));
    int fd = take(in, &met);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (fd >= 0)
        return fd;
    if (met.code == 0)
        bw_err_call(err, WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EIO,
                    "sendmsg", "%s", "a socket of the box's network namespace");
    else if (met.call == OPEN)
        bw_err_call(err, met.code, "socket", "%d, %d, %d", o->domain, o->type, o->protocol);
    else
        bw_err_call(err, met.code, "setns", "%d, CLONE_NEWNET", net);
    bw_err_cause(err, "a socket could not be opened in the box's network namespace");
    return -1;
}

int bw_net_socket(pid_t pid, int domain, int type, int protocol, struct bw_err *err)
{
    const struct order o = {domain, type, protocol};
    uint64_t its = bw_ns_inode(pid, BW_NS_NET);
    if (its == 0)
        return bw_err_call(err, errno, "readlink", "\"/proc/%d/ns/net\"", (int)pid);
    if (its == bw_ns_inode(getpid(), BW_NS_NET)) {
        int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
        return fd < 0 ? bw_err_call(err, errno, "socket", "%d, %d, %d", domain, type, protocol)
                      : fd;
    }
    BW_AUTO_FD net = bw_ns_open(pid, BW_NS_NET, err);
    if (net < 0)
        return -1;
    /* The one that owns it, which need not be the process's own. */
    BW_AUTO_FD user = ioctl(net, NS_GET_USERNS);
    return by_child(user, net, &o, err);
}
