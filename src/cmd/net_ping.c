/* net ping: an echo request from a socket that was opened in the box, and the time to its answer:
 * icmp(7), RFC 792, RFC 4443. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "base/sock.h"
#include "base/words.h"
#include "cmd/session.h"
#include "net_priv.h"

enum { TIMES = 3, TIMES_MAX = 100, ANSWER_MS = 1000, PAUSE_MS = 100, DATA = 48 };

struct echo { /* the same in both families */
    uint8_t type, code;
    uint16_t sum, id, seq;
    uint8_t data[DATA];
};

struct ping {
    int sock;
    struct bw_ip to;
    struct sockaddr_storage addr;
    socklen_t addr_len;
    uint16_t id;
    long long least, most, all; /* us */
    unsigned answers;
};

/* RFC 1071, of a request whose data are zeros. */
static uint16_t checksum(const struct echo *e)
{
    uint32_t sum = ((uint32_t)e->type << 8 | e->code) + ntohs(e->id) + ntohs(e->seq);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static bool is_v4(const struct ping *p)
{
    return p->to.family == AF_INET;
}

static int send_one(struct bw_session *s, struct ping *p, uint16_t seq)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct echo e = {
        .type = is_v4(p) ? ICMP_ECHO : ICMP6_ECHO_REQUEST, .id = htons(p->id), .seq = htons(seq)};
    if (is_v4(p))
        e.sum = checksum(&e);
    struct iovec iov = {&e, sizeof e};
    struct msghdr msg = {
        .msg_name = &p->addr, .msg_namelen = p->addr_len, .msg_iov = &iov, .msg_iovlen = 1};
    if (bw_sock_send(p->sock, &msg, 0) == sizeof e)
        return 0;
    bw_ip_add(&p->to, false, &text);
    bw_err_call(&s->err, errno, "sendmsg", "%d, {ICMP echo request to %s}", p->sock, text.s);
    return -1;
}

/* Whether a datagram is the answer to this request: the box's network may send anything. */
static bool is_answer(const struct ping *p, const uint8_t *buf, size_t n,
                      const struct sockaddr_storage *from, uint16_t seq)
{
    struct echo e;
    size_t skip = is_v4(p) && n > 0 ? (size_t)(buf[0] & 0xf) * 4 : 0;
    if (n < skip + offsetof(struct echo, data))
        return false;
    memcpy(&e, buf + skip, offsetof(struct echo, data));
    const void *address = is_v4(p) ? (const void *)&((const struct sockaddr_in *)from)->sin_addr
                                   : &((const struct sockaddr_in6 *)from)->sin6_addr;
    return e.type == (is_v4(p) ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) && ntohs(e.id) == p->id &&
           ntohs(e.seq) == seq && memcmp(address, p->to.b, is_v4(p) ? 4 : 16) == 0;
}

/* Microseconds until the answer came, -1 when none did in time. */
static long long hear(struct ping *p, uint16_t seq, long long sent)
{
    uint8_t buf[2048];
    for (;;) {
        struct sockaddr_storage from = {0};
        long long left = ANSWER_MS - (bw_now_us() - sent) / 1000;
        struct pollfd in = {.fd = p->sock, .events = POLLIN};
        if (left <= 0 || bw_intr_key || bw_intr_end)
            return -1;
        if (bw_loop_poll(&in, 1, (int)left, NULL) <= 0)
            continue;
        struct iovec iov = {buf, sizeof buf};
        struct msghdr msg = {
            .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1};
        ssize_t n = bw_sock_recv(p->sock, &msg, MSG_DONTWAIT);
        if (n > 0 && is_answer(p, buf, (size_t)n, &from, seq))
            return bw_now_us() - sent;
    }
}

static void count(struct ping *p, long long us)
{
    p->least = p->answers == 0 || us < p->least ? us : p->least;
    p->most = us > p->most ? us : p->most;
    p->all += us;
    p->answers++;
}

static int measure(struct bw_session *s, struct ping *p, long long times)
{
    BW_AUTO_STR text = BW_STR_INIT;
    unsigned sent = 0;
    bw_ip_add(&p->to, false, &text);
    for (uint16_t seq = 1; seq <= times && !bw_intr_key && !bw_intr_end; seq++) {
        long long at = bw_now_us();
        if (send_one(s, p, seq))
            return -1;
        sent++;
        long long us = hear(p, seq, at);
        if (us < 0) {
            bw_data(s->out, "%s: seq %u, no answer in %d ms\n", text.s, seq, ANSWER_MS);
            continue;
        }
        count(p, us);
        bw_data(s->out, "%s: seq %u, %.3f ms\n", text.s, seq, (double)us / 1000);
        if (seq < times)
            bw_loop_poll(NULL, 0, PAUSE_MS, NULL);
    }
    if (p->answers == 0) {
        bw_err_set(&s->err, "%s did not answer: %u sent, 0 received", text.s, sent);
        bw_err_todo(&s->err, "net show: is the link up, is the address in its network or behind a "
                             "route? Its owner may also drop echo requests");
        return -1;
    }
    bw_data(s->out, "%u sent, %u received, %.3f/%.3f/%.3f ms least/mean/most\n", sent, p->answers,
            (double)p->least / 1000, (double)p->all / p->answers / 1000, (double)p->most / 1000);
    return 0;
}

static void explain(struct bw_session *s)
{
    if (s->err.code == ENETUNREACH) {
        bw_err_cause(&s->err, "the box has no route to it: no interface that is up is in its "
                              "network, and there is no default route");
        bw_err_todo(&s->err, "net up for lo; net veth, net bridge or net nat for more; net show");
    } else if (s->err.code == EHOSTUNREACH) {
        bw_err_cause(&s->err, "nobody in the network answers to that address");
        bw_err_todo(&s->err, "net show: the box's addresses and who is on its bridge");
    }
}

static void set_address(struct ping *p)
{
    struct sockaddr_in *a = (struct sockaddr_in *)&p->addr;
    struct sockaddr_in6 *b = (struct sockaddr_in6 *)&p->addr;
    p->addr = (struct sockaddr_storage){0};
    if (is_v4(p)) {
        a->sin_family = AF_INET;
        memcpy(&a->sin_addr, p->to.b, 4);
        p->addr_len = sizeof *a;
    } else {
        b->sin6_family = AF_INET6;
        memcpy(&b->sin6_addr, p->to.b, 16);
        p->addr_len = sizeof *b;
    }
}

int net_ping(struct bw_session *s, int argc, char **argv)
{
    struct ping p = {.id = (uint16_t)getpid()};
    long long times = TIMES;
    if (argc < 3 || argc > 4 || (argc == 4 && bw_parse_num(argv[3], 1, TIMES_MAX, &times))) {
        bw_err_usage(&s->err, "net ping needs an address, and how often at most (1 to %d)",
                     TIMES_MAX);
        bw_err_todo(&s->err, "net ping 10.7.0.1, net ping 10.7.0.1 1");
        return -1;
    }
    if (bw_ip_parse(argv[2], false, &p.to, &s->err))
        return -1;
    set_address(&p);
    p.sock = bw_net_socket(s->box->stage.pid, p.to.family, SOCK_RAW,
                           is_v4(&p) ? IPPROTO_ICMP : IPPROTO_ICMPV6, &s->err);
    if (p.sock < 0) {
        if (s->err.code == EPERM)
            bw_err_todo(&s->err, "an echo request takes CAP_NET_RAW where the network belongs: "
                                 "unshare user net, or sudo boxwright");
        return -1;
    }
    int r = measure(s, &p, times);
    close(p.sock);
    explain(s);
    return r;
}
