#include "tracer.h"

/* Before the kernel's header, which has macros of the same names. */
#include <sys/ptrace.h>

#include <linux/netlink.h>
#include <linux/ptrace.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *const role_names[ROLES] = {"shell",   "child",   "stage", "successor",
                                       "scratch", "janitor", "look",  "program"};

const char *const call_names[CALLS_MAX] = {
#include "calls.h"
};

enum { LIMIT_MS = 6000 };

long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static struct proc *find(struct session *s, pid_t pid)
{
    for (size_t i = 0; i < s->n_procs; i++)
        if (s->procs[i].pid == pid)
            return &s->procs[i];
    return NULL;
}

pid_t session_find(const struct session *s, enum role role)
{
    for (size_t i = 0; i < s->n_procs; i++)
        if (s->procs[i].role == role)
            return s->procs[i].pid;
    return 0;
}

static struct proc *add(struct session *s, pid_t pid, enum role role)
{
    struct proc *p = find(s, pid);
    if (!p && s->n_procs < PROCS_MAX)
        p = &s->procs[s->n_procs++];
    if (!p)
        abort();
    *p = (struct proc){.pid = pid, .role = role, .nr = -1};
    return p;
}

static void drop(struct session *s, pid_t pid)
{
    struct proc *p = find(s, pid);
    if (p)
        *p = s->procs[--s->n_procs];
}

static void proc_text(pid_t pid, const char *file, char *buf, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* What a stage forks: its successor is the shell's child, a scratch stage is its own. */
static enum role forked_role(const struct session *s, const struct proc *parent, pid_t pid)
{
    char text[512];
    if (parent->role == PROGRAM || parent->role == LOOK || parent->role == JANITOR)
        return parent->role;
    if (parent->role == SHELL || parent->role == CHILD)
        return CHILD;
    proc_text(pid, "status", text, sizeof text);
    const char *at = strstr(text, "\nPPid:");
    pid_t ppid = at ? (pid_t)strtol(at + 6, NULL, 10) : 0;
    if (parent->role == SCRATCH)
        return SCRATCH;
    return ppid == s->shell ? SUCCESSOR : SCRATCH;
}

static void renamed(struct proc *p)
{
    char comm[32];
    proc_text(p->pid, "comm", comm, sizeof comm);
    if (strncmp(comm, "bw-janitor", 10) == 0)
        p->role = JANITOR;
    else if (strncmp(comm, "bw-look", 7) == 0)
        p->role = LOOK;
}

static void executed(struct session *s, struct proc *p)
{
    char argv0[64];
    proc_text(p->pid, "cmdline", argv0, sizeof argv0);
    if (p->pid != s->shell)
        p->role = strcmp(argv0, "bw-stage") == 0 ? STAGE : PROGRAM;
    p->loading = p->role == STAGE;
    p->nr = -1;
}

/* ---- what a call is about ---- */

static bool takes_path(int nr, int *arg)
{
    switch (nr) {
    case SYS_openat:
    case SYS_openat2:
    case SYS_newfstatat:
    case SYS_readlinkat:
    case SYS_mkdirat:
    case SYS_unlinkat:
    case SYS_statx:
    case SYS_faccessat:
    case SYS_faccessat2:
    case SYS_fchmodat:
        *arg = 1;
        return true;
#ifdef SYS_open
    case SYS_open:
    case SYS_stat:
    case SYS_readlink:
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_access:
    case SYS_unlink:
#endif
    case SYS_chroot:
    case SYS_chdir:
    case SYS_execve:
    case SYS_umount2:
        *arg = 0;
        return true;
    case SYS_mount:
    case SYS_symlinkat:
        *arg = nr == SYS_mount ? 1 : 2;
        return true;
    default:
        return false;
    }
}

static bool takes_fd(int nr)
{
    return nr == SYS_read || nr == SYS_write || nr == SYS_getdents64 || nr == SYS_sendmsg ||
           nr == SYS_recvmsg || nr == SYS_sendto || nr == SYS_recvfrom || nr == SYS_fstat;
}

static bool copy_in(pid_t pid, uint64_t at, void *to, size_t n)
{
    struct iovec here = {to, n}, there = {(void *)(uintptr_t)at, n};
    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)n;
}

static bool is_netlink(pid_t pid, int fd)
{
    int domain = 0;
    socklen_t len = sizeof domain;
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    bool is = copy >= 0 && getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
              domain == AF_NETLINK;
    if (copy >= 0)
        close(copy);
    if (pidfd >= 0)
        close(pidfd);
    return is;
}

/* What is asked of the kernel over netlink(7): a command has many requests, each for another
 * change. */
static bool describe_request(pid_t pid, int nr, const uint64_t args[6], char out[96])
{
    struct nlmsghdr head;
    struct msghdr msg;
    struct iovec iov;
    uint64_t at = args[1];
    if ((nr != SYS_sendmsg && nr != SYS_sendto) || !is_netlink(pid, (int)args[0]))
        return false;
    if (nr == SYS_sendmsg) {
        if (!copy_in(pid, args[1], &msg, sizeof msg) ||
            !copy_in(pid, (uintptr_t)msg.msg_iov, &iov, sizeof iov))
            return false;
        at = (uintptr_t)iov.iov_base;
    }
    if (!copy_in(pid, at, &head, sizeof head))
        return false;
    bool dump = (head.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    snprintf(out, 96, NETLINK "%s %#x", dump ? "dump" : "request", head.nlmsg_type);
    return true;
}

static void describe(pid_t pid, int nr, const uint64_t args[6], char out[96])
{
    char text[PATH_MAX] = "", link[64];
    int arg = 0;
    if (describe_request(pid, nr, args, out))
        return;
    if (takes_path(nr, &arg)) {
        /* The end of a page may come before the end of what is asked for. */
        for (size_t n = 256; n > 0 && !copy_in(pid, args[arg], text, n); n /= 2)
            ;
    } else if (takes_fd(nr)) {
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, (int)args[0]);
        ssize_t n = readlink(link, text, sizeof text - 1);
        text[n > 0 ? n : 0] = '\0';
    }
    size_t n = 0;
    for (const char *c = text; *c && n < 95; c++) {
        bool digit = isdigit((unsigned char)*c);
        if (digit && n > 0 && out[n - 1] == 'N')
            continue;
        out[n++] = digit ? 'N' : *c;
    }
    out[n] = '\0';
}

/* ---- stops ---- */

static bool reads_commands(const struct session *s, const struct proc *p, int nr,
                           const uint64_t args[6])
{
    return p->pid == s->shell && nr == SYS_read && args[0] == 0;
}

/* Writes over the number of the call that is entered, or the result of one that was left out. */
static void poke(pid_t pid, size_t at, long value)
{
    ptrace(PTRACE_POKEUSER, pid, at, value);
}

static void entered(struct session *s, struct proc *p, int nr, const uint64_t args[6])
{
    p->nr = nr;
    if (reads_commands(s, p, nr, args)) {
        s->at_prompt = s->unread == 0;
        return;
    }
    if (!s->armed || nr < 0 || nr >= CALLS_MAX || p->role == PROGRAM)
        return;
    if (s->hit && p->since++ < 2 && p->since > 0 && nr == s->fault->nr)
        s->retried = true;
    int n = ++s->counts[p->role][nr];
    if (s->saw) {
        struct made m = {.role = p->role, .nr = nr, .n = n};
        describe(p->pid, nr, args, m.about);
        s->saw(s->ctx, &m);
    }
    const struct fault *f = s->fault;
    if (!f || s->hit || f->role != p->role || f->nr != nr || f->n != n)
        return;
    s->hit = true;
    for (size_t i = 0; i < s->n_procs; i++)
        s->procs[i].since = 2;
    p->since = 0;
    p->failing = true;
    s->loading = p->loading;
    poke(p->pid, offsetof(struct user, regs.orig_rax), -1);
}

static void left(struct session *s, struct proc *p, long long result)
{
    if (p->failing)
        poke(p->pid, offsetof(struct user, regs.rax), -s->fault->error);
    else if (p->pid == s->shell && p->nr == SYS_read && s->unread > 0 && result == 1)
        s->unread--;
    else if (p->nr == SYS_prctl)
        renamed(p);
    /* The first thing a stage asks for itself. */
    if (p->nr == SYS_getsockopt)
        p->loading = false;
    p->failing = false;
    p->nr = -1;
}

static void syscall_stop(struct session *s, struct proc *p)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof info, &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        uint64_t args[6];
        for (int i = 0; i < 6; i++)
            args[i] = info.entry.args[i];
        entered(s, p, (int)info.entry.nr, args);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        left(s, p, info.exit.rval);
    }
}

static void resume(const struct proc *p, int sig)
{
    if (!p)
        return;
    ptrace(p->role == PROGRAM ? PTRACE_CONT : PTRACE_SYSCALL, p->pid, 0, sig);
}

static bool is_crash(int sig)
{
    return sig == SIGSEGV || sig == SIGABRT || sig == SIGBUS || sig == SIGFPE || sig == SIGILL ||
           sig == SIGSYS || sig == SIGPIPE;
}

static void event_stop(struct session *s, struct proc *p, int event)
{
    unsigned long pid = 0;
    if (event == PTRACE_EVENT_EXEC) {
        executed(s, p);
        /* A thread that becomes the program takes the process's number, and no end of it is told.
         */
        ptrace(PTRACE_GETEVENTMSG, p->pid, 0, &pid);
        if ((pid_t)pid != p->pid)
            drop(s, (pid_t)pid);
    }
    if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
        ptrace(PTRACE_GETEVENTMSG, p->pid, 0, &pid);
        /* Where the child was seen first it waits for its part. */
        struct proc *child = find(s, (pid_t)pid);
        enum role role = forked_role(s, p, (pid_t)pid);
        if (child && child->nr == -2) {
            resume(add(s, (pid_t)pid, role), 0);
        } else {
            add(s, (pid_t)pid, role);
        }
    }
}

static void ended(struct session *s, pid_t pid, int status)
{
    struct proc *p = find(s, pid);
    if (WIFSIGNALED(status) && p && !p->loading && p->role != PROGRAM && is_crash(WTERMSIG(status)))
        snprintf(s->died, sizeof s->died, "%s by SIG%s", role_names[p->role],
                 sigabbrev_np(WTERMSIG(status)));
    if (pid == s->shell) {
        s->ended = true;
        s->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    drop(s, pid);
}

/* One stop or end of a process, waited for until the limit. -1: nothing came. */
static int step(struct session *s, long long limit)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) == 0) {
        if (now_ms() > limit)
            return -1;
        struct timespec wait = {0, 1000000};
        sigset_t chld;
        sigemptyset(&chld);
        sigaddset(&chld, SIGCHLD);
        sigtimedwait(&chld, NULL, &wait);
    }
    if (pid < 0)
        return -1;
    if (!WIFSTOPPED(status)) {
        ended(s, pid, status);
        return 0;
    }
    struct proc *p = find(s, pid);
    int sig = WSTOPSIG(status), event = status >> 16;
    if (!p) {
        add(s, pid, CHILD)->nr = -2;
        return 0;
    }
    if (sig == (SIGTRAP | 0x80)) {
        syscall_stop(s, p);
        if (!s->at_prompt || pid != s->shell)
            resume(p, 0);
    } else if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
        ptrace(PTRACE_LISTEN, pid, 0, 0);
    } else if (event) {
        event_stop(s, p, event);
        resume(find(s, pid), 0);
    } else {
        resume(p, sig);
    }
    return 0;
}

/* Until the shell is about to read a command that was not given yet. */
static int to_prompt(struct session *s)
{
    long long limit = now_ms() + LIMIT_MS;
    while (!s->ended && !s->at_prompt)
        if (step(s, limit))
            return -1;
    return 0;
}

int session_give(struct session *s, const char *line)
{
    size_t len = strlen(line);
    if (s->ended)
        return 0;
    s->unread += len + 1;
    if (write(s->in, line, len) != (ssize_t)len || write(s->in, "\n", 1) != 1)
        return -1;
    s->at_prompt = false;
    /* Who succeeded the stage is the stage now. */
    for (size_t i = 0; i < s->n_procs; i++)
        if (s->procs[i].role == SUCCESSOR)
            s->procs[i].role = STAGE;
    struct proc *p = find(s, s->shell);
    if (p)
        resume(p, 0);
    return to_prompt(s);
}

int session_end(struct session *s)
{
    enum { AFTER_MS = 3000 };
    long long limit = now_ms() + LIMIT_MS;
    close(s->in);
    struct proc *p = find(s, s->shell);
    bool waits = p && s->at_prompt;
    s->at_prompt = false;
    s->unread = 1; /* no prompt any more */
    if (waits)
        resume(p, 0);
    while (!s->ended)
        if (step(s, limit))
            return -1;
    limit = now_ms() + AFTER_MS;
    while (s->n_procs > 0)
        if (step(s, limit))
            return -1;
    return 0;
}

void session_kill(struct session *s)
{
    long long limit = now_ms() + 2000;
    for (size_t i = 0; i < s->n_procs; i++)
        kill(s->procs[i].pid, SIGKILL);
    while (s->n_procs > 0 && step(s, limit) == 0)
        for (size_t i = 0; i < s->n_procs; i++)
            kill(s->procs[i].pid, SIGKILL);
    s->n_procs = 0;
}

static _Noreturn void become(struct session *s, const char *program, int in, int go)
{
    char c;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int out = open(s->out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    int err = open(s->err, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    ssize_t n = read(go, &c, 1); /* until it is traced */
    syscall(SYS_close_range, 3u, ~0u, 0u);
    if (n >= 0)
        execl(program, "boxwright", "-k", "-", (char *)NULL);
    _exit(127);
}

int session_start(struct session *s, const char *program, const char *dir, int n)
{
    int in[2], go[2];
    *s = (struct session){.in = -1};
    snprintf(s->out, sizeof s->out, "%s/out.%d", dir, n);
    snprintf(s->err, sizeof s->err, "%s/err.%d", dir, n);
    if (pipe2(in, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
        return -1;
    s->shell = fork();
    if (s->shell == 0) {
        close(go[1]);
        become(s, program, in[0], go[0]);
    }
    close(in[0]);
    close(go[0]);
    s->in = in[1];
    add(s, s->shell, SHELL);
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    int r = (int)ptrace(PTRACE_SEIZE, s->shell, 0, options);
    if (r == 0)
        ptrace(PTRACE_INTERRUPT, s->shell, 0, 0);
    close(go[1]);
    char stat[512];
    proc_text(s->shell, "stat", stat, sizeof stat);
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    s->start = at ? strtoull(at, NULL, 10) : 0;
    return r ? -1 : to_prompt(s);
}
