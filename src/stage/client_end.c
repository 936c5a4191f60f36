/* The end of stages: each takes what is its box's along, and nothing of another's. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "client_priv.h"
#include "kern/observe.h"
#include "sweep.h"

enum { CHILDREN_MAX = 4096 };

bool bw_stage_alive(const struct bw_stage *st)
{
    if (st->pid <= 0 || st->pidfd < 0 || st->lost)
        return false;
    struct pollfd p = {.fd = st->pidfd, .events = POLLIN};
    return poll(&p, 1, 0) <= 0;
}

void bw_stage_tidy(struct bw_stage *st)
{
    size_t live = 0;
    for (size_t i = 0; i < st->n_beside; i++) {
        if (waitpid(st->beside[i].pid, NULL, WNOHANG) == 0)
            st->beside[live++] = st->beside[i];
        else if (st->beside[i].pidfd >= 0)
            close(st->beside[i].pidfd);
    }
    st->n_beside = live;
}

void bw_stage_add_beside(struct bw_stage *st, pid_t pid, int pidfd)
{
    bw_stage_tidy(st);
    st->beside = bw_realloc(st->beside, (st->n_beside + 1) * sizeof *st->beside);
    st->beside[st->n_beside++] = (struct bw_stage_beside){.pid = pid, .pidfd = pidfd};
}

static void forget(struct bw_stage *st)
{
    bw_client_list(st, false);
    if (st->sock >= 0)
        close(st->sock);
    if (st->pidfd >= 0)
        close(st->pidfd);
    for (size_t i = 0; i < st->n_beside; i++)
        if (st->beside[i].pidfd >= 0)
            close(st->beside[i].pidfd);
    free(st->beside);
    free(st->events);
    *st = (struct bw_stage)BW_STAGE_INIT;
}

/* Kills what is below the shell but not another box's, st (NULL: every box's) itself spared.
 * Returns how many there were. */
static size_t sweep(const struct bw_stage *st)
{
    static pid_t v[CHILDREN_MAX];
    size_t n = bw_proc_children(getpid(), v, CHILDREN_MAX), killed = 0;
    for (size_t i = 0; i < n; i++) {
        bool spare = st ? v[i] == st->pid : bw_client_is_of_box(v[i], NULL);
        if (st && !spare && bw_client_is_of_box(v[i], st))
            continue;
        killed += bw_sweep_below(v[i], 0);
        if (spare)
            continue;
        kill(v[i], SIGKILL);
        killed++;
    }
    return killed;
}

/* Reaps what has ended and is not another box's. Whether the stage was among it. */
static bool reap(const struct bw_stage *st)
{
    static pid_t v[CHILDREN_MAX];
    size_t n = bw_proc_children(getpid(), v, CHILDREN_MAX);
    bool gone = false;
    for (size_t i = 0; i < n; i++)
        if (!bw_client_is_of_box(v[i], st) && waitpid(v[i], NULL, WNOHANG) == v[i])
            gone = gone || v[i] == st->pid;
    return gone;
}

void bw_stage_kill(struct bw_stage *st)
{
    if (st->pid <= 0)
        return;
    /* The stage adopts its orphans, the shell those of a stage that was killed: below the shell is
     * all there is. The stage goes last, so that nothing slips away to the host's init. */
    bool gone = false;
    for (int i = 0; i < 400 && sweep(st) > 0; i++) {
        gone = reap(st) || gone;
        poll(NULL, 0, i < 50 ? 1 : 10);
    }
    /* Its number is its own until it is reaped. */
    for (int i = 0; i < 1000 && !gone; i++) {
        kill(st->pid, SIGKILL);
        struct pollfd end = {.fd = st->pidfd, .events = POLLIN};
        poll(&end, 1, i < 10 ? 100 : 1);
        gone = waitpid(st->pid, NULL, WNOHANG) != 0;
    }
    st->pid = 0;
    for (int i = 0; i < 100 && sweep(st) > 0; i++) {
        reap(st);
        poll(NULL, 0, 1);
    }
    reap(st);
    forget(st);
}

static void reap_any(void)
{
    int tries = 0;
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) != 0)
        if (pid < 0 && (errno == ECHILD || !bw_again(&tries)))
            return;
}

/* One sweep for all of them: a thousand boxes do not look at each other's children one by one. */
void bw_stage_kill_all(void)
{
    struct bw_stage *st;
    if (!bw_client_box(0))
        return;
    for (int i = 0; i < 400 && sweep(NULL) > 0; i++) {
        reap_any();
        poll(NULL, 0, i < 50 ? 1 : 10);
    }
    for (size_t i = 0; (st = bw_client_box(i)) != NULL; i++)
        syscall(SYS_pidfd_send_signal, st->pidfd, SIGKILL, NULL, 0);
    while ((st = bw_client_box(0)) != NULL) {
        struct pollfd end = {.fd = st->pidfd, .events = POLLIN};
        /* Process 1 of a PID namespace ends when all in it were reaped, other boxes' stages too. */
        for (int i = 0; i < 1000 && poll(&end, 1, i < 50 ? 1 : 10) != 1; i++) {
            syscall(SYS_pidfd_send_signal, st->pidfd, SIGKILL, NULL, 0);
            reap_any();
        }
        waitpid(st->pid, NULL, WNOHANG);
        forget(st);
    }
    for (int i = 0; i < 100 && sweep(NULL) > 0; i++) {
        reap_any();
        poll(NULL, 0, 1);
    }
    reap_any();
}

void bw_stage_close(struct bw_stage *child)
{
    if (child->pid <= 0)
        return;
    if (child->pidfd >= 0 && child->sock >= 0)
        syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
    forget(child);
}

void bw_stage_end(struct bw_stage *child)
{
    if (child->pid <= 0)
        return;
    /* Stopped first, so that it starts nothing in place of what is killed. */
    kill(child->pid, SIGSTOP);
    for (int i = 0; i < 20 && bw_sweep_below(child->pid, 0) > 0; i++)
        poll(NULL, 0, 5);
    bw_stage_close(child);
}
