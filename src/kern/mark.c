#include "kern/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "kern/observe.h"

/* From the top: a tag, PID namespace, start time, pid. Kernels count pids to 2^22. */
enum { PID_BITS = 22, START_BITS = 20, NS_BITS = 14, TAG = 0xb7, TAG_BITS = 8 };

static uint64_t low(uint64_t n, int bits)
{
    return n & ((UINT64_C(1) << bits) - 1);
}

static uint64_t mark_of(pid_t pid)
{
    struct stat ns;
    unsigned long long start = bw_proc_starttime(pid);

    if (start == 0 || stat("/proc/self/ns/pid", &ns))
        return 0;
    uint64_t mark = TAG;
    mark = mark << NS_BITS | low(ns.st_ino, NS_BITS);
    mark = mark << START_BITS | low(start, START_BITS);
    return mark << PID_BITS | low((uint64_t)pid, PID_BITS);
}

uint64_t bw_mark_own(void)
{
    return mark_of(getpid());
}

pid_t bw_mark_owner(uint64_t mark)
{
    return mark >> (64 - TAG_BITS) == TAG ? (pid_t)low(mark, PID_BITS) : 0;
}

void bw_mark_set(pid_t pid, uint64_t mark)
{
    struct rlimit limit;

    if (mark == 0 || (rlim_t)mark != mark || prlimit(pid, RLIMIT_LOCKS, NULL, &limit))
        return;
    limit.rlim_cur = (rlim_t)mark;
    if (limit.rlim_max < limit.rlim_cur)
        limit.rlim_max = limit.rlim_cur;
    /* In a session inside a session an ordinary user's limit may stay the outer one's. */
    if (prlimit(pid, RLIMIT_LOCKS, &limit, NULL))
        bw_log("mark: prlimit: %s", strerror(errno));
}

uint64_t bw_mark_get(pid_t pid)
{
    static const char row[] = "\nMax file locks ";
    char path[64];
    BW_AUTO_STR text = BW_STR_INIT;

    snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
    if (bw_read_file(AT_FDCWD, path, &text))
        return 0;
    const char *at = strstr(bw_str_get(&text), row);
    uint64_t mark = at ? strtoull(at + strlen(row), NULL, 10) : 0;
    return bw_mark_owner(mark) > 0 ? mark : 0;
}

/* Through a descriptor, so that what is looked at is what is killed. False when there is nothing
 * to kill: it bears another mark, or waits to be reaped. */
static bool kill_one(pid_t pid, uint64_t mark)
{
    struct bw_status_file status;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0)
        return false;
    bool found = bw_mark_get(pid) == mark && bw_status_read(pid, &status) == 0 &&
                 !bw_status_is_dead(&status) &&
                 syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;
    close(fd);
    return found;
}

struct hunt {
    uint64_t mark; /* 0: those of every session that is gone */
    size_t found;
    struct bw_str *report;
};

static int kill_marked(pid_t pid, void *ctx)
{
    struct hunt *h = ctx;

    if (bw_mark_get(pid) == h->mark && kill_one(pid, h->mark))
        h->found++;
    return 0;
}

size_t bw_mark_kill(uint64_t mark)
{
    struct hunt h = {.mark = mark};

    if (mark)
        bw_proc_each(kill_marked, &h);
    return h.found;
}

/* Of another PID namespace nobody here can say whether the owner lives. */
static bool is_gone(uint64_t mark)
{
    enum { REST = PID_BITS + START_BITS };
    pid_t owner = bw_mark_owner(mark);
    uint64_t now = mark_of(owner);

    if (mark >> REST != bw_mark_own() >> REST)
        return false;
    if (now == mark)
        return bw_proc_is_zombie(owner);
    /* A /proc that hides processes of other users hides an owner, too. */
    return now != 0 || kill(owner, 0) == 0 || errno != EPERM;
}

static int kill_left(pid_t pid, void *ctx)
{
    struct hunt *h = ctx;
    struct bw_status_file status;
    uint64_t mark = bw_mark_get(pid);

    if (!mark || pid == getpid() || !is_gone(mark) || bw_status_read(pid, &status) ||
        !kill_one(pid, mark))
        return 0;
    BW_AUTO_STR line = BW_STR_INIT;
    bw_status_add_killed(&status, pid, &line);
    bw_str_addf(&line, "its shell, process %d, is gone\n", (int)bw_mark_owner(mark));
    /* Process 1 of a PID namespace stays until all in it were reaped, which may not be for us. */
    if (strstr(bw_str_get(h->report), line.s))
        return 0;
    bw_str_add(h->report, line.s);
    h->found++;
    return 0;
}

void bw_mark_cleanup(struct bw_str *report)
{
    enum { ROUNDS = 100, ROUND_MS = 5 };
    struct hunt h = {.report = report};

    for (size_t i = 0, before = 1; i < ROUNDS && before != h.found; i++) {
        before = h.found;
        bw_proc_each(kill_left, &h);
        if (before != h.found)
            poll(NULL, 0, ROUND_MS);
    }
}
