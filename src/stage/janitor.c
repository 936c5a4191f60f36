/* Waits for the shell's end of a socket to close. */
#include "stage/janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sock.h"
#include "base/str.h"
#include "kern/cgroup.h"
#include "kern/forward.h"
#include "kern/link.h"
#include "kern/mark.h"
#include "kern/observe.h"
#include "kern/room.h"
#include "sweep.h"

enum {
    TELL_STAGE = 'S',
    TELL_CGROUP = 'C',
    TELL_FILE = 'F',
    TELL_DIR = 'D',
    TELL_SCREEN = 'T',
    TELL_LINK = 'L',
    TELL_FORWARD = 'Y',
    TELL_BYE = 'Q',
    DIR_MAX = 512
};

struct bw_janitor {
    int sock;
    bool silent; /* it did not answer once: what it says later is no answer to anything */
};

/* What the janitor has been told. */
struct charge {
    uint64_t mark; /* of the shell's processes */
    int *stages;
    size_t n_stages, cap_stages;
    char **dirs;
    size_t n_dirs;
    char **links; /* "ALIAS NAME" */
    size_t n_links;
    char *forward; /* the session's mark while it holds ip_forward, or NULL */
    struct termios tty;
    bool has_tty, bye;
    char *screen; /* what makes a screen a terminal again, or NULL */
    char *file;   /* the socket for watchers, or NULL */
    char *dir;    /* the folder of a lesson, or NULL */
};

static void make_room(struct charge *c)
{
    size_t live = 0;
    for (size_t i = 0; i < c->n_stages; i++) {
        struct pollfd p = {.fd = c->stages[i], .events = POLLIN};
        if (poll(&p, 1, 0) == 0)
            c->stages[live++] = c->stages[i];
        else
            close(c->stages[i]);
    }
    c->n_stages = live;
    if (2 * live < c->cap_stages)
        return;
    c->cap_stages = c->cap_stages ? 2 * c->cap_stages : 16;
    c->stages = bw_realloc(c->stages, c->cap_stages * sizeof *c->stages);
}

/* Those that have ended are looked for when there is no more room, not each time. */
static void keep_stage(struct charge *c, int pidfd)
{
    if (c->n_stages == c->cap_stages)
        make_room(c);
    c->stages[c->n_stages++] = pidfd;
}

static ssize_t send_byte(int sock, char byte)
{
    struct iovec iov = {&byte, 1};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    return bw_sock_send(sock, &msg, 0);
}

/* A box that is made a thousand times over is told of as often. */
static void add(char ***v, size_t *n, const char *text)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp((*v)[i], text) == 0)
            return;
    *v = bw_realloc(*v, (*n + 1) * sizeof **v);
    (*v)[(*n)++] = bw_strdup(text);
}

/* Takes text in place of what was kept before; an empty one takes that away. */
static void keep(char **kept, const char *text)
{
    free(*kept);
    *kept = *text ? bw_strdup(text) : NULL;
}

/* Returns 'K', or 'E' when the descriptor of a stage did not arrive. */
static char take_note(struct charge *c, const char *text, struct msghdr *msg)
{
    struct cmsghdr *m = CMSG_FIRSTHDR(msg);
    int fd;
    switch (text[0]) {
    case TELL_STAGE:
        if (!m || m->cmsg_type != SCM_RIGHTS)
            return 'E';
        memcpy(&fd, CMSG_DATA(m), sizeof fd);
        keep_stage(c, fd);
        break;
    case TELL_CGROUP:
        add(&c->dirs, &c->n_dirs, text + 1);
        break;
    case TELL_LINK:
        add(&c->links, &c->n_links, text + 1);
        break;
    case TELL_FORWARD:
        keep(&c->forward, text + 1);
        break;
    case TELL_FILE:
        keep(&c->file, text + 1);
        break;
    case TELL_DIR:
        keep(&c->dir, text + 1);
        break;
    case TELL_SCREEN:
        keep(&c->screen, text + 1);
        break;
    }
    return 'K';
}

/* One message. Returns -1 at the end: a dismissal, or the shell's death. */
static int listen_once(int sock, struct charge *c)
{
    char text[DIR_MAX + 2], control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {text, sizeof text - 1};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = bw_sock_recv(sock, &msg, 0);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    if (text[0] == TELL_BYE) {
        c->bye = true;
        return -1;
    }
    /* Tells the shell that it is on record before anything is made. */
    return send_byte(sock, take_note(c, text, &msg)) == 1 ? 0 : -1;
}

static void take_down(int pidfd)
{
    pid_t pid = bw_pidfd_pid(pidfd);
    if (pid <= 0)
        return;
    /* The stage adopts its orphans, so it goes last. */
    for (int i = 0; i < 200 && bw_sweep_below(pid, 0) > 0; i++)
        poll(NULL, 0, 1);
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    poll(&p, 1, 1000);
}

static void remove_links(const struct charge *c)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_FD sock = c->n_links ? socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) : -1;
    for (size_t i = c->n_links; sock >= 0 && i-- > 0;) {
        char *name = strchr(c->links[i], ' ');
        if (!name)
            continue;
        *name++ = '\0';
        if (bw_link_remove(sock, name, c->links[i], true, &err))
            bw_log("janitor: link %s is left: %s", name, strerror(err.code));
    }
}

/* At once: who started the shell is about to go on in this terminal, with settings of its own. What
 * makes the screen a terminal again is written by a child, whose pid is returned (0: none): a
 * terminal that takes no output must not hold up the rest. */
static pid_t give_terminal_back(const struct charge *c)
{
    if (!c->has_tty)
        return 0;
    tcsetattr(STDERR_FILENO, TCSANOW, &c->tty);
    tcflow(STDERR_FILENO, TCOON);
    if (!c->screen)
        return 0;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    bw_write_all(STDERR_FILENO, c->screen, strlen(c->screen));
    _exit(0);
}

static void end_writer(pid_t pid)
{
    if (pid <= 0)
        return;
    for (int i = 0; i < 500; i++) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return;
        poll(NULL, 0, 1);
    }
    kill(pid, SIGKILL);
}

static void clean_up(const struct charge *c)
{
    pid_t writer = give_terminal_back(c);
    for (size_t i = 0; i < c->n_stages; i++)
        take_down(c->stages[i]);
    /* What a stage no longer held: it was succeeded, or killed with the shell. */
    for (int i = 0; i < 200 && bw_mark_kill(c->mark) > 0; i++)
        poll(NULL, 0, i < 50 ? 1 : 10);
    for (size_t i = c->n_dirs; i-- > 0;)
        if (bw_cg_reap(c->dirs[i]))
            bw_log("janitor: %s is left: %s", c->dirs[i], strerror(errno));
    remove_links(c);
    struct bw_err err = BW_ERR_INIT;
    if (c->forward && bw_forward_drop(c->forward, &err))
        bw_log("janitor: ip_forward: %s: %s", err.op, strerror(err.code));
    if (c->file)
        bw_unlink_with_dir(c->file);
    if (c->dir)
        bw_room_remove(c->dir);
    end_writer(writer);
}

static _Noreturn void janitor_main(int sock, uint64_t mark)
{
    bw_fd_close_others(sock);
    struct charge c = {.mark = mark, .has_tty = tcgetattr(STDERR_FILENO, &c.tty) == 0};
    setsid();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "bw-janitor");
    /* A descriptor for each stage there is. */
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    /* Standard input and output are let go, so that a pipe's reader sees its end; standard error
     * stays only while it is the terminal to restore. */
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    if (!c.has_tty)
        close(STDERR_FILENO);
    if (chdir("/"))
        bw_log("janitor: chdir: %s", strerror(errno));
    while (listen_once(sock, &c) == 0)
        ;
    if (!c.bye)
        clean_up(&c);
    _exit(0);
}

struct bw_janitor *bw_janitor_start(struct bw_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return bw_err_call(err, errno, "socketpair", "AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0"),
               NULL;
    /* Forked twice: it must be nobody's child, least of all the shell's, whose children are swept
     * away with the box. */
    int status = 0;
    uint64_t mark = bw_mark_own();
    /* An earlier session of this process may have made it adopt orphans. */
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    pid_t pid = fork();
    if (pid == 0) {
        pid = fork();
        if (pid == 0)
            janitor_main(pair[1], mark);
        _exit(pid < 0 ? errno : 0);
    }
    int code = pid < 0 ? errno : 0;
    close(pair[1]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid > 0 && WIFEXITED(status))
        code = WEXITSTATUS(status);
    if (code) {
        close(pair[0]);
        return bw_err_call(err, code, "fork", "%s", ""), NULL;
    }
    struct bw_janitor *j = bw_alloc(sizeof *j);
    *j = (struct bw_janitor){.sock = pair[0]};
    return j;
}

/* It answers at once, unless somebody has stopped it: that must not hold up the shell. */
static bool answers(struct bw_janitor *j)
{
    enum { PATIENCE_MS = 3000 };
    struct pollfd p = {.fd = j->sock, .events = POLLIN};
    long long end = bw_now_ms() + PATIENCE_MS;
    for (long long left = PATIENCE_MS; left > 0; left = end - bw_now_ms())
        if (poll(&p, 1, (int)left) == 1)
            return true;
    j->silent = true;
    return false;
}

static int tell_silent(struct bw_err *err)
{
    bw_err_set(err, "the janitor, which cleans up after a killed shell, does not answer");
    bw_err_todo(err, "host pgrep -a bw-janitor finds it; if it is stopped (T in host ps), start "
                     "boxwright again");
    return -1;
}

static int tell(struct bw_janitor *j, const char *text, size_t len, int fd, struct bw_err *err)
{
    char control[CMSG_SPACE(sizeof(int))] = {0}, ok;
    struct iovec iov = {(void *)(size_t)text, len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0)
        bw_sock_attach(&msg, control, &fd, 1);
    const char *call = "sendmsg";
    if (j->silent)
        return tell_silent(err);
    ssize_t n = bw_sock_send(j->sock, &msg, 0);
    if (n == (ssize_t)len) {
        if (!answers(j))
            return tell_silent(err);
        struct iovec answer = {&ok, 1};
        struct msghdr in = {.msg_iov = &answer, .msg_iovlen = 1};
        call = "recvmsg";
        n = bw_sock_recv(j->sock, &in, 0);
        if (n == 1 && ok == 'K')
            return 0;
        if (n == 1) {
            errno = EMFILE;
            n = -1;
        }
    }
    if (n < 0 && errno != EPIPE && errno != ECONNRESET)
        bw_err_call(err, errno, call, "%d, …", j->sock),
            bw_err_cause(err, "the janitor, which cleans up after a killed shell, was not reached");
    else
        bw_err_set(err, "the janitor has ended, so a killed shell would leave the box behind");
    bw_err_todo(err, "start boxwright again, and look with: boxwright cleanup");
    return -1;
}

int bw_janitor_stage(struct bw_janitor *j, int pidfd, struct bw_err *err)
{
    char text = TELL_STAGE;
    return tell(j, &text, 1, pidfd, err);
}

static int tell_text(struct bw_janitor *j, char what, const char *arg, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_addf(&text, "%c%s", what, arg);
    if (text.len > DIR_MAX)
        return bw_err_set(err, "the path is longer than %d bytes", DIR_MAX);
    return tell(j, text.s, text.len, -1, err);
}

int bw_janitor_cgroup(struct bw_janitor *j, const char *dir, struct bw_err *err)
{
    return tell_text(j, TELL_CGROUP, dir, err);
}

int bw_janitor_file(struct bw_janitor *j, const char *path, struct bw_err *err)
{
    return tell_text(j, TELL_FILE, path, err);
}

int bw_janitor_link(struct bw_janitor *j, const char *alias, const char *name, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_addf(&text, "%s %s", alias, name);
    return tell_text(j, TELL_LINK, text.s, err);
}

int bw_janitor_forward(struct bw_janitor *j, const char *alias, struct bw_err *err)
{
    return tell_text(j, TELL_FORWARD, alias, err);
}

int bw_janitor_dir(struct bw_janitor *j, const char *path, struct bw_err *err)
{
    return tell_text(j, TELL_DIR, path, err);
}

int bw_janitor_screen(struct bw_janitor *j, const char *sequence, struct bw_err *err)
{
    return tell_text(j, TELL_SCREEN, sequence, err);
}

void bw_janitor_dismiss(struct bw_janitor *j, bool clean)
{
    if (!j)
        return;
    if (clean)
        send_byte(j->sock, TELL_BYE);
    close(j->sock);
    free(j);
}
