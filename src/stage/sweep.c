#include "sweep.h"

#include <signal.h>

#include "kern/observe.h"

enum { MOST = 4096 };

/* Returns how many were alive; *dead counts those that wait for a parent to reap them. */
static size_t sweep_once(pid_t pid, pid_t except, size_t *dead)
{
    static pid_t stack[MOST];
    size_t n = bw_proc_children(pid, stack, MOST), killed = 0;
    *dead = 0;
    while (n > 0) {
        struct bw_status_file status;
        pid_t p = stack[--n];
        n += bw_proc_children(p, stack + n, MOST - n);
        if (p == except)
            continue;
        kill(p, SIGKILL);
        if (bw_status_read(p, &status) == 0 && !bw_status_is_dead(&status))
            killed++;
        else
            (*dead)++;
    }
    return killed;
}

size_t bw_sweep_below(pid_t pid, pid_t except)
{
    size_t dead, killed = sweep_once(pid, except, &dead);
    /* What has just died may have left children to a process that was looked at before. */
    return killed > 0 || dead == 0 ? killed : sweep_once(pid, except, &dead);
}
