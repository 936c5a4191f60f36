/* What the handlers of looking share. */
#ifndef BW_CMD_LOOK_H
#define BW_CMD_LOOK_H

#include <sys/types.h>

struct bw_session;

/* Reads a process ID from a command's argument. Returns 0, or -1 with s->err (usage) filled. */
int bw_look_pid(struct bw_session *s, const char *command, const char *word, pid_t *pid);

/* The pid of the box's stage, started if need be, once it is up: before that it looks like the
 * shell it was forked from. Returns -1 with s->err filled. */
pid_t bw_look_box(struct bw_session *s);

/* Prints two processes side by side. b may be 0: then the box, or this shell where there is no box
 * yet, is compared with a. Returns an exit status, or -1 with s->err filled. */
int bw_look_compare(struct bw_session *s, pid_t a, pid_t b);

#endif
