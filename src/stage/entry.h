#ifndef BW_STAGE_ENTRY_H
#define BW_STAGE_ENTRY_H

#include <stdbool.h>
#include <sys/types.h>

struct bw_err;

/* Starts a stage that serves sock, as a child. Returns 0, or -1 with err filled. */
int bw_entry_spawn(int sock, pid_t *pid, struct bw_err *err);
/* Whether proc hides from this user what is not dumpable (hidepid): then a stage must be dumpable,
 * or the shell would not see its own box. */
bool bw_entry_proc_hides(void);

#endif
