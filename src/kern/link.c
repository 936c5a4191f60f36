/* rtnetlink without a library: what the kernel says is checked as if the box had said it. */
#include "kern/link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/sock.h"
#include "base/str.h"
#include "kern/call.h"
#include "link_int.h"

enum { ANSWER_MS = 5000, BUFFER = 65536 };

static unsigned sequence;

/* One datagram from the kernel: a program of the box may send to the socket, too. Returns its
 * length, or -1 with errno. */
static ssize_t receive(int sock, char *buf)
{
    for (;;) {
        struct sockaddr_nl from = {0};
        struct iovec iov = {buf, BUFFER};
        struct msghdr msg = {
            .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1};
        struct pollfd p = {.fd = sock, .events = POLLIN};
        if (poll(&p, 1, ANSWER_MS) == 0)
            return errno = ETIMEDOUT, -1;
        ssize_t n = bw_sock_recv(sock, &msg, 0);
        if (n < 0)
            return -1;
        if (msg.msg_flags & MSG_TRUNC)
            return errno = EMSGSIZE, -1;
        if (msg.msg_namelen == sizeof from && from.nl_family == AF_NETLINK && from.nl_pid == 0)
            return n;
    }
}

static ssize_t send_message(int sock, struct nlmsghdr *h)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct iovec iov = {h, h->nlmsg_len};
    struct msghdr msg = {
        .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &iov, .msg_iovlen = 1};
    h->nlmsg_seq = ++sequence;
    h->nlmsg_pid = 0;
    return bw_sock_send(sock, &msg, 0);
}

/* ---- reading ---- */

int bw_net_dump(int sock, int type, unsigned char family,
                int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx)
{
    static char buf[BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
    struct {
        struct nlmsghdr h;
        struct rtgenmsg g;
        char pad[32];
    } rq = {.h = {.nlmsg_type = (uint16_t)type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
            .g = {.rtgen_family = family}};
    rq.h.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
    if (send_message(sock, &rq.h) < 0)
        return -1;
    unsigned mine = rq.h.nlmsg_seq;
    for (;;) {
        ssize_t got = receive(sock, buf);
        if (got < 0)
            return -1;
        unsigned len = (unsigned)got;
        for (struct nlmsghdr *h = (struct nlmsghdr *)buf; NLMSG_OK(h, len);
             h = NLMSG_NEXT(h, len)) {
            if (h->nlmsg_seq != mine)
                continue;
            if (h->nlmsg_type == NLMSG_DONE)
                return 0;
            if (h->nlmsg_type == NLMSG_ERROR) {
                const struct nlmsgerr *e = NLMSG_DATA(h);
                errno =
                    h->nlmsg_len >= NLMSG_LENGTH(sizeof *e) && e->error < 0 ? -e->error : EPROTO;
                return -1;
            }
            if (each(h, ctx))
                return -1;
        }
    }
}

void bw_net_attributes(const struct rtattr *a, size_t len, const struct rtattr *v[], int n)
{
    memset(v, 0, (size_t)n * sizeof *v);
    for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
        int type = a->rta_type & NLA_TYPE_MASK;
        if (type < n)
            v[type] = a;
    }
}

/* ---- asking ---- */

/* The kernel's own words about a refusal, when it has some: NETLINK_EXT_ACK. */
static void add_reason(const struct nlmsghdr *h, const struct nlmsgerr *e, struct bw_str *out)
{
    const struct rtattr *v[NLMSGERR_ATTR_MSG + 1];
    size_t skip = NLMSG_LENGTH(sizeof *e);
    if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
        return;
    if (!(h->nlmsg_flags & NLM_F_CAPPED))
        skip += e->msg.nlmsg_len - sizeof e->msg;
    skip = NLMSG_ALIGN(skip);
    if (skip >= h->nlmsg_len)
        return;
    bw_net_attributes((const struct rtattr *)((const char *)h + skip), h->nlmsg_len - skip, v,
                      NLMSGERR_ATTR_MSG + 1);
    const struct rtattr *text = v[NLMSGERR_ATTR_MSG];
    if (text)
        bw_str_addn(out, RTA_DATA(text), strnlen(RTA_DATA(text), RTA_PAYLOAD(text)));
}

/* Returns 0, an errno the kernel answered with, or -1 with errno. */
static int answer(int sock, unsigned mine, struct bw_str *reason)
{
    static char buf[BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
    for (;;) {
        ssize_t got = receive(sock, buf);
        if (got < 0)
            return -1;
        const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
        const struct nlmsgerr *e = NLMSG_DATA(h);
        if (!NLMSG_OK(h, (unsigned)got) || h->nlmsg_seq != mine || h->nlmsg_type != NLMSG_ERROR ||
            h->nlmsg_len < NLMSG_LENGTH(sizeof *e))
            continue;
        if (e->error == 0)
            return 0;
        add_reason(h, e, reason);
        return -e->error;
    }
}

static void explain(int code, const char *reason, struct bw_err *err)
{
    if (*reason)
        bw_err_cause(err, "the kernel says: %s", reason);
    else if (code == EPERM)
        bw_err_cause(err, "that takes CAP_NET_ADMIN in the user namespace which owns the network "
                          "namespace");
    else if (code == EEXIST)
        bw_err_cause(err, "it exists already");
    else if (code == EOPNOTSUPP)
        bw_err_cause(err, "this kernel cannot make that kind of interface: its module is missing");
    if (code == EPERM)
        bw_err_todo(err, "start boxwright as root: sudo boxwright; or take a user namespace that "
                         "owns the network: unshare user net");
}

int bw_net_request(int sock, struct nlmsghdr *h, const char *name, const char *what,
                   const char *shell, struct bw_err *err)
{
    BW_AUTO_STR reason = BW_STR_INIT, safe = BW_STR_INIT;
    int on = 1;
    /* Kernels before 4.12 have no words for it. */
    setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    h->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    ssize_t n = send_message(sock, h);
    if (n < 0)
        return bw_err_call(err, errno, "sendmsg", "%d, {%s, %s}", sock, name, what);
    int code = answer(sock, h->nlmsg_seq, &reason);
    if (code < 0)
        return bw_err_call(err, errno, "recvmsg", "%d, …", sock);
    bw_call_done(NULL, code ? BW_CALL_DETAIL : BW_CALL_STEP, n, "sendmsg", "%d, {%s, %s}", sock,
                 name, what);
    bw_call_note("%s%s", code ? "refused: " : "", code ? bw_err_name(code) : shell);
    if (code == 0)
        return 0;
    bw_err_call(err, code, name, "%s", what);
    explain(code, bw_str_safe(&safe, bw_str_get(&reason)), err);
    errno = code;
    return -1;
}
