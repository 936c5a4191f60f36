/* Moving the box into namespaces that are there: enter, box share. */
#ifndef BW_CMD_ENTER_H
#define BW_CMD_ENTER_H

#include <sys/types.h>

struct bw_session;
struct bw_stage;

/* setns(2) into those of a process, the user namespace first; for pid and time the stage forks.
 * kinds: a mask of 1u << enum bw_ns, 0 for all that differ. Returns how many, or -1 with s->err. */
int enter_namespaces(struct bw_session *s, pid_t pid, unsigned kinds);
/* A successor, which is in the new PID or time namespace; PID 1 can have none, and it is said. */
int enter_fork(struct bw_session *s, struct bw_stage *st);

#endif
