/* One request, one reply; events that come in between are kept. */
#include "stage/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/sock.h"
#include "base/str.h"
#include "client_priv.h"
#include "entry.h"
#include "kern/call.h"
#include "kern/mark.h"
#include "kern/observe.h"
#include "sweep.h"

/* The stages that take requests: the box's own and those on their way to becoming a program. */
static struct bw_stage **listed;
static size_t n_listed;
static bool waiting; /* for a reply: another request would get it */

void bw_client_list(struct bw_stage *st, bool on)
{
    for (size_t i = 0; i < n_listed; i++)
        if (listed[i] == st)
            listed[i--] = listed[--n_listed];
    if (!on)
        return;
    listed = bw_realloc(listed, (n_listed + 1) * sizeof *listed);
    listed[n_listed++] = st;
    bw_proc_ask_with(bw_client_look);
}

struct bw_stage *bw_client_find(pid_t pid)
{
    for (size_t i = 0; i < n_listed; i++)
        if (listed[i]->pid == pid)
            return listed[i];
    return NULL;
}

struct bw_stage *bw_client_box(size_t i)
{
    for (size_t k = 0; k < n_listed; k++)
        if (!listed[k]->parent && i-- == 0)
            return listed[k];
    return NULL;
}

static bool is_beside(const struct bw_stage *st, pid_t pid)
{
    for (size_t i = 0; i < st->n_beside; i++)
        if (st->beside[i].pid == pid)
            return true;
    return false;
}

bool bw_client_is_of_box(pid_t pid, const struct bw_stage *but)
{
    for (size_t i = 0; i < n_listed; i++)
        if (!listed[i]->parent && listed[i] != but &&
            (listed[i]->pid == pid || (but && is_beside(listed[i], pid))))
            return true;
    return false;
}

/* What fails between the two leaves a reply behind or takes one that is not there: the stage can be
 * asked nothing more. */
static int lose(struct bw_stage *st)
{
    st->lost = true;
    return -1;
}

static int stage_gone(struct bw_stage *st, struct bw_err *err)
{
    lose(st);
    bw_err_set(err, "%s (process %d) has ended",
               st->parent ? "the program's stage" : "the box's stage", (int)st->pid);
    bw_err_todo(err, st->parent ? "look with: ps" : "start an empty box with: reset");
    return -1;
}

static int no_exchange(struct bw_stage *st, const char *call, struct bw_err *err)
{
    if (errno == EPIPE || errno == ECONNRESET)
        return stage_gone(st, err);
    lose(st);
    bw_err_call(err, errno, call, "%d, …", st->sock);
    bw_err_cause(err, "no packet could be exchanged with the box's stage");
    bw_err_todo(err, "repeat the step; if it stays, reset");
    return -1;
}

static int send_packet(struct bw_stage *st, const struct bw_packet *p, const int *fds, size_t n_fds,
                       struct bw_err *err)
{
    static char buf[BW_PROTO_MAX];
    long len = bw_proto_encode(p, buf, sizeof buf);
    if (len < 0) {
        bw_err_set(err, "the request is longer than %d bytes", BW_PROTO_MAX);
        bw_err_todo(err, "use fewer or shorter arguments, or a smaller environment");
        return -1;
    }
    char control[CMSG_SPACE(sizeof(int) * 4)] = {0};
    struct iovec iov = {buf, (size_t)len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (n_fds)
        bw_sock_attach(&msg, control, fds, n_fds);
    return bw_sock_send(st->sock, &msg, 0) == len ? 0 : no_exchange(st, "sendmsg", err);
}

/* One packet. Returns its length, 0 when the other side has closed, -1 with errno. A descriptor
 * that came with it is stored in *fd, any other is closed. */
static ssize_t receive(struct bw_stage *st, char *buf, size_t size, int *fd, int flags)
{
    char control[CMSG_SPACE(sizeof(int) * 4)];
    struct iovec iov = {buf, size};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t len = bw_sock_recv(st->sock, &msg, flags);
    if (len < 0)
        return errno == ECONNRESET ? 0 : -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int got;
            memcpy(&got, CMSG_DATA(c) + i * sizeof got, sizeof got);
            if (fd && *fd < 0)
                *fd = got;
            else
                close(got);
        }
    }
    return (msg.msg_flags & MSG_TRUNC) ? (errno = EPROTO, -1) : len;
}

/* Of a program that can be, an exit status or the signal that stopped or ended it. */
static bool event_ok(const struct bw_head *h)
{
    return h->n[0] > 0 && h->n[0] <= INT_MAX &&
           (h->code == BW_EVENT_EXIT                               ? h->n[1] >= 0 && h->n[1] <= 255
            : h->code == BW_EVENT_STOP || h->code == BW_EVENT_KILL ? h->n[1] > 0 && h->n[1] < NSIG
                                                                   : false);
}

/* Returns -1 when more is told than there can be programs, or what can be of none. */
static int keep_event(struct bw_stage *st, const struct bw_head *h)
{
    enum { MOST = 1 << 16 };
    if (st->n_events == MOST || !event_ok(h))
        return -1;
    st->events = bw_realloc(st->events, (st->n_events + 1) * sizeof *st->events);
    st->events[st->n_events++] = (struct bw_stage_event){.kind = h->code,
                                                         .pid = (pid_t)h->n[0],
                                                         .status = (int)h->n[1],
                                                         .generation = (unsigned)h->n[2]};
    return 0;
}

/* A stage that was stopped, or means ill, must not hold up a shell that was told to end. */
static int wait_for_packet(int sock)
{
    enum { LOOK_MS = 1000, PATIENCE = 4 };
    struct pollfd p = {.fd = sock, .events = POLLIN};
    for (int late = 0; bw_loop_poll(&p, 1, LOOK_MS, NULL) <= 0;)
        if (bw_intr_end != 0 && ++late > PATIENCE)
            return -1;
    return 0;
}

static void (*on_listener)(void *ctx, int fd);
static void *on_listener_ctx;

void bw_stage_on_listener(void (*take)(void *ctx, int fd), void *ctx)
{
    on_listener = take;
    on_listener_ctx = ctx;
}

/* A descriptor that came with an event: nothing else is taken for a listener. */
static void take_listener(int *fd)
{
    char path[40], what[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
    ssize_t n = readlink(path, what, sizeof what - 1);
    what[n > 0 ? n : 0] = '\0';
    if (on_listener && strcmp(what, "anon_inode:seccomp notify") == 0)
        on_listener(on_listener_ctx, bw_steal_fd(fd));
    bw_close_ptr(fd);
}

/* Waits for the reply to the last request. closed_ok: the other side's closing is success. */
static int reply(struct bw_stage *st, struct bw_reply *out, bool closed_ok, struct bw_err *err)
{
    static char buf[BW_PROTO_MAX + 1];
    static struct bw_packet p;
    bool listener = false;
    for (;;) {
        if (wait_for_packet(st->sock)) {
            bw_err_set(err, "the stage had not answered when the session was to end");
            return lose(st);
        }
        ssize_t len = receive(st, buf, sizeof buf, out ? &out->fd : NULL, 0);
        if (len == 0 && closed_ok)
            return 0;
        if (len < 0)
            return no_exchange(st, "recvmsg", err);
        if (len == 0)
            return stage_gone(st, err);
        if (bw_proto_decode(buf, (size_t)len, &p)) {
            bw_err_set(err, "the stage sent a packet that is none of its own");
            return lose(st);
        }
        if (p.head.kind == BW_KIND_EVENT) {
            /* One for a program, and only while one is being started. */
            if (p.head.code == BW_EVENT_LISTENER && out && closed_ok && !listener) {
                listener = true;
                take_listener(&out->fd);
            } else if (keep_event(st, &p.head)) {
                return bw_err_set(err, "the stage tells of programs what cannot be");
            }
            continue;
        }
        if (p.head.kind != BW_KIND_REPLY || p.head.seq != st->seq)
            return bw_err_set(err, "the stage answered out of turn");
        break;
    }
    struct bw_calls calls = {0};
    if (bw_proto_get_result(&p, err, &calls)) {
        bw_calls_free(&calls);
        return bw_err_set(err, "the stage sent a reply that cannot be read");
    }
    bw_call_append(&calls);
    if (out) {
        out->n = p.head.n[0];
        out->more = p.head.n[1];
    }
    return p.head.code ? -1 : 0;
}

int bw_client_ask(struct bw_stage *st, struct bw_packet *p, enum bw_op op, const int *fds,
                  size_t n_fds, struct bw_reply *out, struct bw_err *err)
{
    p->head.kind = BW_KIND_REQUEST;
    p->head.code = (uint16_t)op;
    p->head.seq = ++st->seq;
    if (st->sock < 0 || st->lost)
        return stage_gone(st, err);
    if (send_packet(st, p, fds, n_fds, err))
        return -1;
    waiting = true;
    int r = reply(st, out, op == BW_OP_EXEC || op == BW_OP_BURN, err);
    waiting = false;
    /* A reply of failure has no descriptor, whoever sent one. */
    if (r < 0 && out)
        bw_close_ptr(&out->fd);
    return r;
}

bool bw_stage_busy(void)
{
    return waiting;
}

void bw_client_events(struct bw_stage *st)
{
    static char buf[BW_PROTO_MAX + 1];
    static struct bw_packet p;
    while (st->sock >= 0) {
        ssize_t len = receive(st, buf, sizeof buf, NULL, MSG_DONTWAIT);
        /* At its end a socket is readable for ever. */
        if (len == 0 || (len < 0 && errno == ECONNRESET))
            st->lost = true;
        if (len <= 0)
            return;
        if (bw_proto_decode(buf, (size_t)len, &p) == 0 && p.head.kind == BW_KIND_EVENT &&
            keep_event(st, &p.head))
            return;
    }
}

/* The loader of programs fails before there is anybody to tell of a call. */
static void never_began(const struct bw_stage *st, struct bw_err *err)
{
    siginfo_t si = {0};
    for (int i = 0; i < 100 && si.si_pid == 0; i++) {
        poll(NULL, 0, i ? 10 : 0);
        if (waitid(P_PID, (id_t)st->pid, &si, WEXITED | WNOHANG | WNOWAIT))
            return;
    }
    if (si.si_pid == 0)
        return;
    bw_err_set(err, "the box's stage ended while it started, %s %d",
               si.si_code == CLD_EXITED ? "with status" : "by signal", si.si_status);
    bw_err_todo(err, "repeat the step; if it stays, see whether memory or a limit is short: "
                     "host dmesg, host sh -c 'ulimit -a'");
}

int bw_stage_start(struct bw_stage *st, struct bw_err *err)
{
    int pair[2];
    *st = (struct bw_stage)BW_STAGE_INIT;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return bw_err_call(err, errno, "socketpair", "AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0");
    /* Orphans of a stage that has been succeeded come to the shell, not to the host's init. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid;
    int r = bw_entry_spawn(pair[1], &pid, err);
    close(pair[1]);
    if (r) {
        close(pair[0]);
        return -1;
    }
    st->sock = pair[0];
    st->pid = st->inner = pid;
    bw_fd_room_not_for(pid);
    bw_mark_set(pid, bw_mark_own());
    st->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (st->pidfd < 0)
        r = bw_err_call(err, errno, "pidfd_open", "%d, 0", (int)pid);
    bw_client_list(st, true);
    if (r == 0 && bw_stage_ping(st, err) == 0)
        return 0;
    if (r == 0 && !*err->call)
        never_began(st, err);
    bw_stage_kill(st);
    return -1;
}
