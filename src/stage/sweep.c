#include "sweep.h"

#include <signal.h>

#include "kern/observe.h"

size_t bw_sweep_below(pid_t pid, pid_t except)
{
    enum { MOST = 4096 };
    static pid_t stack[MOST];
    size_t n = bw_proc_children(pid, stack, MOST), killed = 0;
    while (n > 0) {
        pid_t p = stack[--n];
        n += bw_proc_children(p, stack + n, MOST - n);
        if (p == except)
            continue;
        kill(p, SIGKILL);
        killed++;
    }
    return killed;
}
