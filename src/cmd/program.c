/* A scratch stage becomes a program; the terminal goes there and comes back. */
#include "cmd/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "base/words.h"
#include "cmd/article.h"
#include "cmd/seccomp.h"
#include "cmd/view.h"
#include "kern/explain.h"
#include "kern/ttyguard.h"

extern char **environ;

enum { LOOK_MS = 1000, HOST_LOOK_MS = 100 };

/* The terminal while a program has it: the shell's own, or one of the split screen's. */
struct tty {
    bool held;
    struct termios modes;
    struct bw_pty *pty;
};

static bool have_terminal(void)
{
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* kill(0, …) of a program reaches its whole process group, in every PID namespace. Without a
 * controlling terminal there is no ^C to share, and nothing else speaks for one group. */
static bool wants_group(void)
{
    BW_AUTO_FD tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    return tty < 0 || have_terminal();
}

/* tcsetpgrp from a group that is not in the foreground stops it unless SIGTTOU is out of the way.
 */
static void foreground(pid_t group)
{
    sigset_t ttou, before;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    sigprocmask(SIG_BLOCK, &ttou, &before);
    tcsetpgrp(STDIN_FILENO, group);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void lend_terminal(struct bw_session *s, struct tty *t, pid_t group)
{
    t->pty = s->pty;
    s->pty = NULL;
    if (t->pty) {
        s->view->lend(s->view->ctx, t->pty);
        return;
    }
    t->held = have_terminal() && tcgetattr(STDIN_FILENO, &t->modes) == 0;
    if (t->held)
        foreground(group);
}

static void take_terminal(struct bw_session *s, const struct tty *t)
{
    if (t->pty && s->view)
        s->view->rest(s->view->ctx, t->pty);
    if (!t->held)
        return;
    foreground(getpgrp());
    /* What a program stopped with tcflow(3) no key starts again. */
    tcflow(STDIN_FILENO, TCOON);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t->modes);
}

/* While a program runs ^C is meant for it: the terminal sends it to the program's group, or to
 * both when they share one. */
static void signals_for_program(struct sigaction before[2], bool restore)
{
    static const int sigs[2] = {SIGINT, SIGQUIT};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (int i = 0; i < 2; i++)
        if (restore)
            sigaction(sigs[i], &before[i], NULL);
        else
            sigaction(sigs[i], &ignore, &before[i]);
}

static bool is_directory(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* fchdir(2) on it would lead out of any root directory the box has. */
static int refuse_directory(struct bw_session *s, int fd)
{
    static const char *const names[] = {"standard input", "standard output", "standard error"};
    bw_err_set(&s->err,
               "%s is a directory of the host, through which a program would leave the box",
               names[fd]);
    bw_err_todo(&s->err, "start boxwright with a file, a pipe or a terminal there");
    return -1;
}

static void drop_pty(struct bw_session *s, struct bw_pty **p)
{
    if (*p && s->view)
        s->view->close(s->view->ctx, *p);
    *p = NULL;
}

/* What a program gets as its descriptors, and what of a session of its own. *own is to be closed.
 */
static int choose_fds(struct bw_session *s, bool background, int fds[3], unsigned *flags, int *own)
{
    drop_pty(s, &s->pty);
    *flags = wants_group() ? BW_SCRATCH_GROUP : 0;
    if (background) {
        *own = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (*own < 0)
            return bw_err_call(&s->err, errno, "open", "\"/dev/null\", O_RDONLY|O_CLOEXEC");
        fds[0] = *own;
        *flags = BW_SCRATCH_SESSION;
        if (s->view)
            fds[1] = fds[2] = s->view->background(s->view->ctx);
    } else if (s->view && (s->pty = s->view->open(s->view->ctx, own)) != NULL) {
        fds[0] = fds[1] = fds[2] = *own;
        *flags = BW_SCRATCH_TTY;
    }
    return 0;
}

int bw_program_scratch(struct bw_session *s, bool background, struct bw_stage *child)
{
    struct bw_stage *box = bw_session_box(s);
    if (!box)
        return -1;
    BW_AUTO_FD own = -1;
    int fds[3] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    unsigned flags;
    if (choose_fds(s, background, fds, &flags, &own))
        return -1;
    if (bw_ttyguard_needed())
        flags |= BW_SCRATCH_GUARD;
    for (int i = 0; i < 3; i++)
        if (is_directory(fds[i]))
            return refuse_directory(s, i);
    unsigned changes = box->changes;
    int r = bw_stage_scratch(box, fds, flags, child, &s->err);
    box->changes = changes;
    return r;
}

void bw_program_forget(struct bw_session *s, struct bw_program *p)
{
    bw_stage_close(&p->child);
    drop_pty(s, &p->pty);
    free(p->line);
    p->line = NULL;
}

static void keep_stopped(struct bw_session *s, struct bw_stage *child, struct bw_pty *pty,
                         const char *line)
{
    s->box->programs =
        bw_realloc(s->box->programs, (s->box->n_programs + 1) * sizeof *s->box->programs);
    s->box->programs[s->box->n_programs++] =
        (struct bw_program){.child = *child, .line = bw_strdup(line), .stopped = true, .pty = pty};
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_msg(s->out, "\n  stopped: process %d (%s). Continue it with: fg %d\n", (int)child->pid,
           bw_str_safe(&safe, line), (int)child->pid);
    *child = (struct bw_stage)BW_STAGE_INIT;
}

/* What ended it, as other shells say it; ^C and a pipe that nobody reads speak for themselves. */
static void tell_signal(struct bw_session *s, const char *line, int sig)
{
    const char *name = sigabbrev_np(sig), *why = "";
    if (sig == 0 || sig == SIGINT || sig == SIGPIPE)
        return;
    if (sig == SIGSYS && s->box->seccomp && s->box->seccomp->filter)
        why = ": a filter does so for a call, which seccomp show tells";
    else if (sig == SIGKILL)
        why = ": kill -9 does so, and the kernel at a memory limit (OOM kills in inspect)";
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_session_note(s, "SIG%s ended %s%s", name ? name : "RT", bw_str_safe(&safe, line), why);
}

/* Waits in the foreground; the terminal is lent already. */
static int wait_program(struct bw_session *s, struct bw_stage *child, struct tty *t,
                        const char *line)
{
    struct sigaction before[2];
    int status = 0;
    enum bw_wait what;
    signals_for_program(before, false);
    /* Not for ever at once: a signal that came just before is looked at soon. */
    do
        what = bw_stage_wait(child, LOOK_MS, &status);
    while ((what == BW_WAIT_RUNNING && bw_intr_end == 0) ||
           (what == BW_WAIT_STOPPED && !t->held && !t->pty));
    signals_for_program(before, true);
    take_terminal(s, t);
    if (what == BW_WAIT_STOPPED) {
        keep_stopped(s, child, t->pty, line);
        return 128 + status;
    }
    int sig = what == BW_WAIT_EXITED ? child->killed_by : 0;
    /* First the program, which may still read the terminal, then the terminal. */
    bw_stage_close(child);
    drop_pty(s, &t->pty);
    if (what == BW_WAIT_RUNNING)
        return 128 + (int)bw_intr_end;
    if (what == BW_WAIT_LOST)
        return bw_err_set(&s->err, "the program's stage ended before it said how %s ended", line);
    tell_signal(s, line, sig);
    return status;
}

int bw_program_continue(struct bw_session *s, struct bw_stage *child, struct bw_pty *pty,
                        const char *line)
{
    struct tty t = {0};
    drop_pty(s, &s->pty);
    s->pty = pty;
    lend_terminal(s, &t, child->pid);
    kill(-child->pid, SIGCONT);
    return wait_program(s, child, &t, line);
}

int bw_program_burn(struct bw_session *s, struct bw_stage *child, const struct bw_burn *burn)
{
    struct tty t = {0};
    if (bw_stage_ping(child, &s->err)) {
        bw_stage_close(child);
        return -1;
    }
    lend_terminal(s, &t, child->pid);
    if (bw_stage_burn(child, burn, &s->err)) {
        take_terminal(s, &t);
        drop_pty(s, &t.pty);
        bw_stage_close(child);
        return -1;
    }
    return wait_program(s, child, &t, "burn");
}

static char *line_of(char *const argv[])
{
    BW_AUTO_STR line = BW_STR_INIT;
    for (char *const *a = argv; *a; a++) {
        if (a != argv)
            bw_str_addc(&line, ' ');
        bw_words_quote(&line, *a);
    }
    return bw_str_steal(&line);
}

int bw_program_run(struct bw_session *s, struct bw_stage *child, char *const argv[])
{
    BW_AUTO_FREE char *line = line_of(argv);
    char *name = argv[0];
    struct tty t = {0};
    bw_session_show_calls(s);
    if (bw_stage_ping(child, &s->err)) {
        bw_stage_close(child);
        return -1;
    }
    bw_article_shell_fallback(s, child->pid, &name);
    size_t n = 0;
    while (argv[n])
        n++;
    BW_AUTO_FREE char **words = bw_alloc((n + 1) * sizeof *words);
    memcpy(words, argv, (n + 1) * sizeof *words);
    words[0] = name;
    lend_terminal(s, &t, child->pid);
    if (bw_stage_exec(child, words, environ, &s->err)) {
        take_terminal(s, &t);
        drop_pty(s, &t.pty);
        /* Looked at in the root it was to run in, which ends with the child. */
        bw_explain_fill(&s->err, child->pid);
        bw_stage_close(child);
        return -1;
    }
    return wait_program(s, child, &t, line);
}

static _Noreturn void host_child(char *const argv[], int report, bool terminal, int slave)
{
    if (slave >= 0) {
        setsid();
        for (int i = 0; i < 3; i++)
            dup2(slave, i);
        ioctl(0, TIOCSCTTY, 0);
    } else if (terminal) {
        setpgid(0, 0);
        foreground(getpid());
    }
    bw_intr_defaults();
    bw_intr_unblock();
    bw_fd_room_not_for(0);
    execvp(argv[0], argv);
    int code = errno;
    if (write(report, &code, sizeof code) != sizeof code)
        _exit(BW_NOEXEC);
    _exit(code == ENOENT ? BW_NOTFOUND : BW_NOEXEC);
}

/* Waits for a child of the shell itself, which the loop does by its pidfd; ^Z stops both, as the
 * outside has no job table. */
static int wait_host(struct bw_session *s, pid_t pid, struct tty *t)
{
    BW_AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    pid_t group = t->held || t->pty ? -pid : pid;
    int status;
    for (;;) {
        struct pollfd ended = {.fd = pidfd, .events = POLLIN};
        if (bw_intr_end != 0) {
            kill(group, SIGTERM);
            kill(group, SIGCONT);
            take_terminal(s, t);
            return 128 + (int)bw_intr_end;
        }
        pid_t r = waitpid(pid, &status, WUNTRACED | WNOHANG);
        if (r < 0 && errno != EINTR)
            return BW_REFUSED;
        if (r == pid && !WIFSTOPPED(status))
            break;
        if (r == pid) {
            if (t->held)
                foreground(pid);
            kill(-pid, SIGCONT);
        }
        bw_loop_poll(&ended, 1, HOST_LOOK_MS, NULL);
    }
    take_terminal(s, t);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int bw_program_host(struct bw_session *s, char *const argv[])
{
    int report[2], code = 0;
    struct tty t = {0};
    struct sigaction before[2];
    BW_AUTO_FD slave = -1;
    if (pipe2(report, O_CLOEXEC))
        return bw_err_call(&s->err, errno, "pipe2", "O_CLOEXEC");
    BW_AUTO_FD in = report[0];
    BW_AUTO_FD out = report[1];
    s->pty = s->view ? s->view->open(s->view->ctx, &slave) : NULL;
    bool terminal = !s->pty && have_terminal();
    signals_for_program(before, false);
    if (terminal)
        tcgetattr(STDIN_FILENO, &t.modes);
    pid_t pid = fork();
    if (pid == 0)
        host_child(argv, out, terminal, slave);
    if (pid < 0) {
        signals_for_program(before, true);
        drop_pty(s, &s->pty);
        return bw_err_call(&s->err, errno, "fork", "%s", "");
    }
    t.held = terminal;
    if (s->pty)
        lend_terminal(s, &t, pid);
    close(bw_steal_fd(&slave));
    close(bw_steal_fd(&out));
    ssize_t n;
    do
        n = read(in, &code, sizeof code);
    while (n < 0 && errno == EINTR);
    int status = wait_host(s, pid, &t);
    signals_for_program(before, true);
    drop_pty(s, &t.pty);
    if (n != sizeof code)
        return status;
    bw_err_call(&s->err, code, "execvp", "\"%s\", …", argv[0]);
    bw_explain_fill(&s->err, 0);
    s->err.status = status;
    return -1;
}
