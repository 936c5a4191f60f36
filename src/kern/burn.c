#include "kern/burn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define MAX_CORES 1024
#define MAX_CHILDREN 100000
#define MAX_MS 3600000LL
#define MIB (1024 * 1024LL)

/* In a group that is full the OOM killer takes the load before the stage and its programs. */
static const char oom_first[] = "1000";

struct load {
    const struct bw_burn *b;
    long long start, end; /* in ms as this process counts */
    pid_t *child;
    size_t n;
    size_t running;
    double cpu_s;   /* used by children that have ended */
    int killed_by;  /* a signal that ended a child and was not ours, else 0 */
    int stopped_by; /* a signal that asked us to end, else 0 */
    bool ending;    /* from here on children are killed by us */
    volatile long long *touched;
};

int bw_burn_check(const struct bw_burn *b, struct bw_err *err)
{
    struct sysinfo host;

    if (b->ms < 1 || b->ms > MAX_MS)
        return bw_err_usage(err, "a load runs for 1 ms to 1 hour, not for %lld ms", b->ms);
    if (b->kind == BW_BURN_CPU && (b->amount < 1 || b->amount > MAX_CORES))
        return bw_err_usage(err, "burn cpu takes 1 to %d cores, not %lld", MAX_CORES, b->amount);
    if (b->kind == BW_BURN_FORK && (b->amount < 1 || b->amount > MAX_CHILDREN))
        return bw_err_usage(err, "burn fork takes 1 to %d children, not %lld", MAX_CHILDREN,
                            b->amount);
    if (b->kind != BW_BURN_MEMORY)
        return 0;
    if (b->amount < 1)
        return bw_err_usage(err, "burn memory takes a size of 1 byte or more");
    if (sysinfo(&host) != 0)
        return bw_err_call(err, errno, "sysinfo", "{}");
    long long most = ((long long)host.totalram + (long long)host.totalswap) * host.mem_unit;
    if (b->amount > most) {
        bw_err_usage(err, "burn memory %lld MiB is more than this machine has (%lld MiB)",
                     b->amount / MIB, most / MIB);
        bw_err_todo(err, "take a size a little over the box's memory limit");
        return -1;
    }
    return 0;
}

static void sleep_ms(long long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    if (ms > 0)
        nanosleep(&t, NULL);
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
    char line[256];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n > 0)
        (void)bw_write_all(STDOUT_FILENO, line,
                           (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* The signals the load waits for; a child gets them back as they are by default. */
static void own_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGQUIT);
}

static void become_child(pid_t parent)
{
    sigset_t set;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The parent may have ended before the line above; it is 0 across a PID namespace. */
    pid_t now = getppid();
    if (now != parent && now != 0)
        _exit(1);
    own_signals(&set);
    for (int sig = 1; sig < NSIG; sig++)
        if (sigismember(&set, sig) == 1)
            signal(sig, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    BW_AUTO_FD fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0)
        (void)bw_write_all(fd, oom_first, sizeof oom_first - 1);
}

/* Forks one child that runs body with the milliseconds that are left: a child may count time from
 * another start (time_namespaces(7)). Returns 0, or -1 with errno. */
static int start_child(struct load *l, void (*body)(struct load *l, long long left))
{
    long long left = l->end - bw_now_ms();
    pid_t parent = getpid(), pid = fork();

    if (pid < 0)
        return -1;
    if (pid == 0) {
        become_child(parent);
        body(l, left);
        _exit(0);
    }
    l->child[l->n++] = pid;
    l->running++;
    return 0;
}

/* A child that was reaped is forgotten: its number may soon be another process's. Returns whether
 * pid was one; as PID 1 of a namespace this process reaps orphans too. */
static bool forget(struct load *l, pid_t pid)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->child[i] != pid)
            continue;
        l->child[i] = 0;
        l->running--;
        return true;
    }
    return false;
}

static void reap(struct load *l, int flags)
{
    struct rusage used;
    int status;
    pid_t pid;

    while (l->running > 0 && (pid = wait4(-1, &status, flags, &used)) != 0) {
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0) {
            l->running = 0;
            return;
        }
        if (!forget(l, pid))
            continue;
        l->cpu_s += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
        if (!l->ending && WIFSIGNALED(status))
            l->killed_by = WTERMSIG(status);
    }
}

/* Waits at most ms for a signal and acts on it. */
static void wait_signal(struct load *l, long long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    sigset_t set;

    own_signals(&set);
    int sig = sigtimedwait(&set, NULL, &t);
    if (sig == SIGCHLD)
        reap(l, WNOHANG);
    else if (sig > 0)
        l->stopped_by = sig;
}

static void finish(struct load *l)
{
    reap(l, WNOHANG);
    l->ending = true;
    for (size_t i = 0; i < l->n; i++)
        if (l->child[i] > 0)
            kill(l->child[i], SIGKILL);
    reap(l, 0);
}

static void wait_end(struct load *l)
{
    while (l->running > 0 && l->stopped_by == 0) {
        long long left = l->end - bw_now_ms();
        if (left <= 0)
            break;
        wait_signal(l, left);
    }
    finish(l);
}

static void spin(struct load *l, long long left)
{
    volatile unsigned work = 0;
    long long end = bw_now_ms() + left;

    (void)l;
    while (bw_now_ms() < end)
        for (int i = 0; i < 20000; i++)
            work = work * 1664525u + 1013904223u;
}

static int burn_cpu(struct load *l)
{
    for (long long i = 0; i < l->b->amount; i++) {
        if (start_child(l, spin) == 0)
            continue;
        int code = errno;
        finish(l);
        say("burn cpu: only %zu of %lld workers: the kernel refused the next fork with %s (%s)\n",
            l->n, l->b->amount, bw_err_name(code), strerror(code));
        return BW_REFUSED;
    }
    wait_end(l);
    double wall = (double)(bw_now_ms() - l->start) / 1000;
    say("burn cpu: %zu worker%s used %.2f s of CPU time in %.2f s: %.0f %% of one core\n", l->n,
        l->n == 1 ? "" : "s", l->cpu_s, wall, wall > 0 ? 100 * l->cpu_s / wall : 0);
    return BW_OK;
}

/* Over a part of the time, so that a watcher sees it grow, and holds the pages after. */
static void touch(struct load *l, long long left)
{
    size_t size = (size_t)l->b->amount, page = (size_t)sysconf(_SC_PAGESIZE);
    long long ramp = left / 4 < 2000 ? left / 4 : 2000, begin = bw_now_ms();
    volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED) {
        *l->touched = -errno;
        return;
    }
    /* One page at a time, or the counter would trail what is really used. */
    madvise((void *)(size_t)p, size, MADV_NOHUGEPAGE);
    size_t step = size / 100 > (size_t)MIB ? size / 100 : (size_t)MIB;
    for (size_t at = 0, next = step; at < size; at += page) {
        if (at >= next) {
            next += step;
            sleep_ms(begin + (long long)((double)ramp * (double)at / (double)size) - bw_now_ms());
        }
        p[at] = 1;
        *l->touched = (long long)(at + page < size ? at + page : size);
    }
    for (;;)
        pause();
}

/* How many processes the OOM killer has ended on this machine, -1 when it cannot be read. */
static long long oom_kills(void)
{
    BW_AUTO_STR text = BW_STR_INIT;

    if (bw_read_file(AT_FDCWD, "/proc/vmstat", &text) != 0)
        return -1;
    const char *line = strstr(bw_str_get(&text), "\noom_kill ");
    return line != NULL ? strtoll(line + strlen("\noom_kill "), NULL, 10) : -1;
}

static int say_memory(const struct load *l, long long kills_before)
{
    double got = (double)*l->touched / (double)MIB, all = (double)l->b->amount / (double)MIB;

    if (*l->touched < 0) {
        int code = (int)-*l->touched;
        say("burn memory: the kernel refused to map %.1f MiB with %s (%s)\n", all,
            bw_err_name(code), strerror(code));
        return BW_REFUSED;
    }
    if (l->killed_by == 0) {
        say("burn memory: touched %.1f of %.1f MiB\n", got, all);
        return BW_OK;
    }
    long long kills = oom_kills();
    if (l->killed_by == SIGKILL && kills_before >= 0 && kills > kills_before)
        say("burn memory: the OOM killer ended it after %.1f of %.1f MiB\n", got, all);
    else
        say("burn memory: signal %d (%s) ended it after %.1f of %.1f MiB\n", l->killed_by,
            strsignal(l->killed_by), got, all);
    return 128 + l->killed_by;
}

static int burn_memory(struct load *l)
{
    long long kills = oom_kills();

    l->touched =
        mmap(NULL, sizeof *l->touched, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (l->touched == MAP_FAILED || start_child(l, touch) != 0) {
        say("burn memory: cannot start: %s (%s)\n", bw_err_name(errno), strerror(errno));
        return BW_REFUSED;
    }
    wait_end(l);
    int status = say_memory(l, kills);
    munmap((void *)(size_t)l->touched, sizeof *l->touched);
    return status;
}

static void hold(struct load *l, long long left)
{
    (void)l;
    (void)left;
    for (;;)
        pause();
}

static int burn_fork(struct load *l)
{
    size_t want = (size_t)l->b->amount;
    int code = 0;

    while (l->n < want && l->stopped_by == 0 && bw_now_ms() < l->end) {
        if (start_child(l, hold) != 0) {
            code = errno;
            break;
        }
        if (l->n % 64 == 0)
            wait_signal(l, 0);
    }
    if (code != 0)
        say("burn fork: %zu of %zu children, then the kernel refused fork with %s (%s)\n", l->n,
            want, bw_err_name(code), strerror(code));
    else
        say("burn fork: %zu of %zu children%s\n", l->n, want,
            l->n < want ? ", then the time was over" : "");
    wait_end(l);
    return code != 0 ? BW_REFUSED : BW_OK;
}

int bw_burn_run(const struct bw_burn *b)
{
    struct load l = {.b = b, .start = bw_now_ms()};
    size_t children = b->kind == BW_BURN_MEMORY ? 1 : (size_t)b->amount;
    sigset_t set, before;

    own_signals(&set);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &set, &before);
    l.end = l.start + b->ms;
    l.child = bw_alloc(children * sizeof *l.child);
    int status = b->kind == BW_BURN_CPU      ? burn_cpu(&l)
                 : b->kind == BW_BURN_MEMORY ? burn_memory(&l)
                                             : burn_fork(&l);
    free(l.child);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (status != BW_OK)
        return status;
    if (l.killed_by != 0)
        return 128 + l.killed_by;
    return l.stopped_by != 0 ? 128 + l.stopped_by : BW_OK;
}
