/* Taking down what runs below a process. */
#ifndef BW_STAGE_SWEEP_H
#define BW_STAGE_SWEEP_H

#include <stddef.h>
#include <sys/types.h>

/* Sends SIGKILL to every descendant of pid but except (0: none). Returns how many lived; call
 * again until it is 0, for what was forked meanwhile. A stopped parent reaps nothing: what waits
 * for it alone is no reason to wait. */
size_t bw_sweep_below(pid_t pid, pid_t except);

#endif
