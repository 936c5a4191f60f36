/* Waiting for a program: its stage tells, or the kernel does when the shell has become its parent.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/loop.h"
#include "client_priv.h"

/* How long the stage may take to tell of a program whose pidfd says it has ended. */
enum { TELL_MS = 1000 };

static int killed(struct bw_stage *child, int sig)
{
    child->killed_by = sig;
    return 128 + sig;
}

/* Takes what is known of the child out of its stage's events. */
static bool take_event(struct bw_stage *child, enum bw_wait *what, int *status)
{
    struct bw_stage *st = child->parent;
    for (size_t i = 0; i < st->n_events; i++) {
        struct bw_stage_event e = st->events[i];
        if (e.pid != child->inner || e.generation != child->generation)
            continue;
        memmove(&st->events[i], &st->events[i + 1], (--st->n_events - i) * sizeof e);
        *what = e.kind == BW_EVENT_STOP ? BW_WAIT_STOPPED : BW_WAIT_EXITED;
        *status = e.kind == BW_EVENT_KILL ? killed(child, e.status) : e.status;
        return true;
    }
    return false;
}

/* A program whose stage was succeeded has become the shell's own child. */
static bool adopted(struct bw_stage *child, int *status)
{
    siginfo_t si = {0};
    if (waitid(P_PIDFD, (id_t)child->pidfd, &si, WEXITED | WNOHANG) || si.si_pid == 0)
        return false;
    *status = si.si_code == CLD_EXITED ? si.si_status : killed(child, si.si_status);
    return true;
}

enum bw_wait bw_stage_wait(struct bw_stage *child, int ms, int *status)
{
    enum bw_wait what;
    bool ended = false;
    for (;;) {
        bw_client_events(child->parent);
        if (take_event(child, &what, status))
            return what;
        if ((ended || child->parent->lost) && adopted(child, status))
            return BW_WAIT_EXITED;
        if (child->parent->lost)
            return BW_WAIT_LOST;
        struct pollfd fds[2] = {{.fd = child->parent->sock, .events = POLLIN},
                                {.fd = ended ? -1 : child->pidfd, .events = POLLIN}};
        int r = bw_loop_poll(fds, 2, ended ? TELL_MS : ms, NULL);
        if (r < 0 && errno == EINTR)
            return BW_WAIT_RUNNING;
        if (r == 0)
            return ended ? BW_WAIT_LOST : BW_WAIT_RUNNING;
        if (fds[1].revents)
            ended = true;
    }
}
