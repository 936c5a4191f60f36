/* The stage's loop: requests from the shell, signals, children that end. */
#include "stage/server.h"

#include <errno.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sock.h"
#include "base/str.h"
#include "kern/ttyguard.h"
#include "server_priv.h"
#include "sweep.h"

static const int forwarded[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/* After the shell has gone the janitor needs this long at most to take the box down. */
enum { ORPHAN_GRACE_MS = 700 };

static struct bw_watch *watch_of(struct bw_server *sv, pid_t pid)
{
    for (size_t i = 0; i < sv->n_watches; i++)
        if (sv->watches[i].pid == pid)
            return &sv->watches[i];
    return NULL;
}

void bw_server_watch(struct bw_server *sv, pid_t pid)
{
    if (watch_of(sv, pid))
        return;
    sv->watches = bw_realloc(sv->watches, (sv->n_watches + 1) * sizeof *sv->watches);
    sv->watches[sv->n_watches++] = (struct bw_watch){.pid = pid};
}

int bw_server_send(struct bw_server *sv, const struct bw_packet *p, const int *fds, size_t n_fds)
{
    static char buf[BW_PROTO_MAX];
    long len = bw_proto_encode(p, buf, sizeof buf);
    if (len < 0)
        return -1;
    char control[CMSG_SPACE(sizeof(int) * BW_SERVER_FDS)] = {0};
    struct iovec iov = {buf, (size_t)len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (n_fds)
        bw_sock_attach(&msg, control, fds, n_fds);
    return bw_sock_send(sv->sock, &msg, 0) == len ? 0 : -1;
}

static bool has_ended(const struct bw_watch *w)
{
    return w->event == BW_EVENT_EXIT || w->event == BW_EVENT_KILL;
}

/* Tells what has happened to watched programs, as long as the socket takes it without blocking. */
static void flush_events(struct bw_server *sv)
{
    for (size_t i = 0; i < sv->n_watches;) {
        struct bw_watch *w = &sv->watches[i];
        if (!w->event) {
            i++;
            continue;
        }
        struct pollfd room = {.fd = sv->sock, .events = POLLOUT};
        if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
            return;
        struct bw_packet p = {.head = {.kind = BW_KIND_EVENT, .code = (uint16_t)w->event}};
        p.head.n[0] = w->pid;
        p.head.n[1] = w->status;
        p.head.n[2] = sv->generation;
        if (bw_server_send(sv, &p, NULL, 0))
            return;
        if (has_ended(w)) {
            *w = sv->watches[--sv->n_watches];
        } else {
            w->event = 0;
            i++;
        }
    }
}

static void reap(struct bw_server *sv)
{
    int status, tries = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) != 0) {
        if (pid < 0 && (errno == ECHILD || !bw_again(&tries)))
            return;
        if (pid < 0)
            continue;
        struct bw_watch *w = watch_of(sv, pid);
        if (!w)
            continue;
        w->event = WIFSTOPPED(status)    ? BW_EVENT_STOP
                   : WIFSIGNALED(status) ? BW_EVENT_KILL
                                         : BW_EVENT_EXIT;
        w->status = WIFSTOPPED(status)    ? WSTOPSIG(status)
                    : WIFSIGNALED(status) ? WTERMSIG(status)
                                          : WEXITSTATUS(status);
    }
}

bool bw_server_has_children(struct bw_server *sv)
{
    siginfo_t si;
    reap(sv);
    /* Asked twice: for want of an answer this process would have to stay for children it has not.
     */
    for (int i = 0; i < 2; i++)
        if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0)
            return true;
        else if (errno == ECHILD)
            return false;
    return true;
}

static void take_signals(struct bw_server *sv)
{
    struct signalfd_siginfo si;
    while (read(sv->sigfd, &si, sizeof si) == sizeof si) {
        if (si.ssi_signo == SIGCHLD) {
            reap(sv);
            continue;
        }
        /* What the terminal sends goes to the whole foreground group already. */
        if (si.ssi_code == SI_KERNEL)
            continue;
        for (size_t i = 0; i < sv->n_watches; i++)
            kill(sv->watches[i].pid, (int)si.ssi_signo);
    }
}

void bw_server_guard(struct bw_server *sv)
{
    if (!sv->guard)
        return;
    if (bw_ttyguard_install())
        bw_log("stage: the terminal is not guarded: %s", strerror(errno));
    else
        sv->guard = false;
}

/* One request. Returns -1 when the shell has gone. */
static int take_request(struct bw_server *sv)
{
    static char buf[BW_PROTO_MAX + 1];
    static struct bw_packet p;
    char control[CMSG_SPACE(sizeof(int) * BW_SERVER_FDS)];
    struct iovec iov = {buf, sizeof buf};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t len = bw_sock_recv(sv->sock, &msg, 0);
    if (len <= 0)
        return -1;
    struct bw_request rq = {.packet = &p};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        rq.n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(rq.fds, CMSG_DATA(c), rq.n_fds * sizeof(int));
    }
    if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || bw_proto_decode(buf, (size_t)len, &p) ||
        p.head.kind != BW_KIND_REQUEST)
        bw_log("stage: refused a packet of %zd bytes", len);
    else
        bw_server_handle(sv, &rq);
    for (size_t i = 0; i < rq.n_fds; i++)
        if (rq.fds[i] >= 0)
            close(rq.fds[i]);
    return 0;
}

static bool is_pending(const struct bw_server *sv)
{
    for (size_t i = 0; i < sv->n_watches; i++)
        if (sv->watches[i].event)
            return true;
    return false;
}

/* What comes from the shell is its successor's to answer; that the shell has gone concerns both. */
static int take_input(struct bw_server *sv, short revents)
{
    if (sv->retired)
        return (revents & (POLLHUP | POLLERR)) ? -1 : 0;
    return (revents & (POLLIN | POLLHUP | POLLERR)) ? take_request(sv) : 0;
}

static void loop(struct bw_server *sv)
{
    int tries = 0;
    while (!sv->quit) {
        bool pending = is_pending(sv);
        if (sv->retired && !pending && !bw_server_has_children(sv)) {
            sv->quit = true;
            return;
        }
        pending = is_pending(sv);
        short in = sv->retired ? 0 : POLLIN;
        struct pollfd fds[2] = {
            {.fd = sv->sock, .events = (short)(in | (pending ? POLLOUT : 0))},
            {.fd = sv->sigfd, .events = POLLIN},
        };
        if (poll(fds, 2, -1) < 0) {
            if (!bw_again(&tries))
                return;
            continue;
        }
        tries = 0;
        if (fds[1].revents)
            take_signals(sv);
        if (pending)
            flush_events(sv);
        if (take_input(sv, fds[0].revents))
            return;
    }
}

void bw_server_init(struct bw_server *sv, int sock)
{
    *sv = (struct bw_server){.sock = sock};
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        sigaddset(&set, forwarded[i]);
    sv->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (sv->sigfd < 0)
        bw_err_call(&sv->cannot, errno, "signalfd", "-1, [CHLD …], SFD_CLOEXEC|SFD_NONBLOCK");
    if (prctl(PR_SET_CHILD_SUBREAPER, 1))
        bw_err_call(&sv->cannot, errno, "prctl", "PR_SET_CHILD_SUBREAPER, 1");
    prctl(PR_SET_NAME, "bw-stage");
}

/* Nobody else is left to do it. Only a proc that is the kernel's and of this PID namespace says
 * what runs below; without one the programs themselves are all that can be named. */
static void end_programs(const struct bw_server *sv)
{
    struct statfs fs;
    char self[16] = "";
    pid_t me = getpid();
    bool told = statfs("/proc", &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
                readlink("/proc/self", self, sizeof self - 1) > 0 && strtol(self, NULL, 10) == me;

    for (int i = 0; told && i < 200 && bw_sweep_below(me, 0) > 0; i++) {
        poll(NULL, 0, 1);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    for (size_t i = 0; !told && i < sv->n_watches; i++)
        if (!has_ended(&sv->watches[i]))
            kill(sv->watches[i].pid, SIGKILL);
}

_Noreturn void bw_server_run(struct bw_server *sv)
{
    loop(sv);
    /* Without a QUIT the shell has died. The janitor takes the programs down while this process,
     * their ancestor, still holds them together; it ends with them. Where the janitor was killed,
     * too, it does so itself: process 1 of a PID namespace by ending. */
    if (!sv->quit && !sv->scratch) {
        poll(NULL, 0, ORPHAN_GRACE_MS);
        if (getpid() != 1)
            end_programs(sv);
    }
    _exit(0);
}

_Noreturn void bw_stage_serve(int sock, const struct bw_err *cannot)
{
    struct bw_server sv;
    bw_server_init(&sv, sock);
    if (cannot->status)
        sv.cannot = *cannot;
    bw_server_run(&sv);
}
