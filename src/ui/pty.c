#include "ui/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/loop.h"
#include "base/str.h"

/* READS: chunks taken in one turn, so that a flood of output leaves time for keys. LAST_READS: at
 * the end, more than a terminal holds; who still writes may never stop. */
enum { CHUNK = 8192, READS = 8, LAST_READS = 256, SAID_MAX = 16384, KEYS_MAX = 65536 };

struct bw_pty {
    struct bw_pty_user user;
    int master, slave; /* slave: for what the program leaves unread */
    struct bw_source out, keys;
    struct bw_str typed; /* not taken by the program yet */
    struct bw_str said;  /* what it has written, while that may have to be shown again */
    bool whole, lent, deaf;
};

/* ---- what the program writes ---- */

/* A program that reads keys one by one draws on the screen: its line discipline says so, the
 * master shows it. */
static bool wants_screen(const struct bw_pty *p, const char *text, size_t n)
{
    static const char *const alternate[] = {"\033[?1049h", "\033[?1047h", "\033[?47h"};
    struct termios t;

    for (size_t i = 0; i < sizeof alternate / sizeof *alternate; i++)
        if (memmem(text, n, alternate[i], strlen(alternate[i])))
            return true;
    return tcgetattr(p->master, &t) == 0 && !(t.c_lflag & ICANON);
}

/* What it wrote before is shown once more, on the screen that is now its own. */
static void give_screen(struct bw_pty *p)
{
    p->whole = true;
    p->user.whole(p->user.ctx);
    bw_write_all(STDOUT_FILENO, bw_str_get(&p->said), p->said.len);
    bw_str_free(&p->said);
}

static void take_output(struct bw_pty *p, const char *text, size_t n)
{
    if (p->whole) {
        bw_write_all(STDOUT_FILENO, text, n);
        return;
    }
    if (p->deaf) {
        p->user.print(p->user.ctx, text, n);
        return;
    }
    if (p->said.len + n <= SAID_MAX)
        bw_str_addn(&p->said, text, n);
    if (wants_screen(p, text, n))
        give_screen(p);
    else
        p->user.print(p->user.ctx, text, n);
}

/* Returns false when there is nothing more for now. */
static bool read_once(struct bw_pty *p)
{
    char buf[CHUNK];
    ssize_t n = read(p->master, buf, sizeof buf);

    if (n > 0)
        take_output(p, buf, (size_t)n);
    return n > 0;
}

/* ---- keys ---- */

static void send_typed(struct bw_pty *p)
{
    size_t sent = 0;

    while (sent < p->typed.len) {
        ssize_t n = write(p->master, p->typed.s + sent, p->typed.len - sent);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    BW_AUTO_STR left = BW_STR_INIT;
    bw_str_addn(&left, bw_str_get(&p->typed) + sent, p->typed.len - sent);
    bw_str_free(&p->typed);
    p->typed = left;
    left = (struct bw_str)BW_STR_INIT;
    p->out.events = (short)(p->typed.len > 0 ? POLLIN | POLLOUT : POLLIN);
}

/* ^Z is not passed on: a program that leads a session of its own would not be stopped by it. */
static bool stops(struct bw_pty *p, const char *key)
{
    struct termios t;
    pid_t group = -1;

    if (p->whole || tcgetattr(p->master, &t) != 0 || !(t.c_lflag & ISIG) ||
        (unsigned char)*key != t.c_cc[VSUSP])
        return false;
    if (ioctl(p->master, TIOCGPGRP, &group) == 0 && group > 1)
        kill(-group, SIGSTOP);
    return true;
}

static void on_keys(void *ctx, short revents)
{
    struct bw_pty *p = ctx;
    char buf[1024];
    ssize_t n = read(STDIN_FILENO, buf, sizeof buf);

    (void)revents;
    if (n <= 0) {
        /* The terminal is gone: the hangup is a signal of its own. */
        if (n == 0 || (errno != EINTR && errno != EAGAIN))
            bw_loop_remove(&p->keys);
        return;
    }
    for (ssize_t i = 0; i < n; i++)
        if (!stops(p, &buf[i]) && p->typed.len < KEYS_MAX)
            bw_str_addn(&p->typed, &buf[i], 1);
    send_typed(p);
}

static void on_output(void *ctx, short revents)
{
    struct bw_pty *p = ctx;

    if (revents & POLLOUT)
        send_typed(p);
    bool some = false;
    for (int i = 0; i < READS && read_once(p); i++)
        some = true;
    /* All who had it open have closed it: what else there is to wait for is the program's end. */
    if (!some && (revents & POLLHUP))
        bw_loop_remove(&p->out);
}

/* ---- the whole ---- */

static int open_pair(int *master, int *slave)
{
    BW_AUTO_FD m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (m < 0 || grantpt(m) != 0 || unlockpt(m) != 0)
        return -1;
    *slave = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0)
        return -1;
    *master = bw_steal_fd(&m);
    return 0;
}

struct bw_pty *bw_pty_open(const struct bw_pty_user *user, int rows, int cols, int *slave)
{
    struct termios t;
    int master;

    if (open_pair(&master, slave) != 0)
        return NULL;
    struct bw_pty *p = bw_alloc(sizeof *p);
    *p = (struct bw_pty){.user = *user, .master = master};
    /* Opened anew: not to wait must hold for this descriptor alone, not for the program's. */
    p->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    p->out = (struct bw_source){master, POLLIN, on_output, p};
    p->keys = (struct bw_source){STDIN_FILENO, POLLIN, on_keys, p};
    if (tcgetattr(master, &t) == 0) {
        t.c_iflag |= IUTF8;
        tcsetattr(master, TCSANOW, &t);
    }
    bw_pty_size(p, rows, cols);
    return p;
}

void bw_pty_size(struct bw_pty *p, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    ioctl(p->master, TIOCSWINSZ, &size);
}

void bw_pty_lend(struct bw_pty *p)
{
    if (p->lent)
        return;
    p->lent = true;
    bw_loop_add(&p->out);
    bw_loop_add(&p->keys);
    if (p->whole)
        p->user.whole(p->user.ctx);
}

void bw_pty_listen(struct bw_pty *p)
{
    p->lent = p->deaf = true;
    bw_loop_add(&p->out);
}

void bw_pty_rest(struct bw_pty *p)
{
    if (!p->lent)
        return;
    p->lent = false;
    bw_loop_remove(&p->keys);
    bw_loop_remove(&p->out);
    for (int i = 0; i < LAST_READS && read_once(p); i++)
        ;
}

void bw_pty_close(struct bw_pty *p)
{
    if (!p)
        return;
    bw_pty_rest(p);
    close(p->master);
    bw_close_ptr(&p->slave);
    bw_str_free(&p->typed);
    bw_str_free(&p->said);
    free(p);
}

void bw_pty_unread(struct bw_pty *p, struct bw_str *out)
{
    struct termios t;
    char buf[1024];
    ssize_t n;

    if (p->slave < 0 || tcgetattr(p->slave, &t) != 0)
        return;
    /* A line that was not ended can be read, too. */
    t.c_lflag &= ~(tcflag_t)ICANON;
    t.c_cc[VMIN] = t.c_cc[VTIME] = 0;
    tcsetattr(p->slave, TCSANOW, &t);
    while ((n = read(p->slave, buf, sizeof buf)) > 0)
        bw_str_addn(out, buf, (size_t)n);
    bw_str_addn(out, bw_str_get(&p->typed), p->typed.len);
}

bool bw_pty_whole(const struct bw_pty *p)
{
    return p->whole;
}
