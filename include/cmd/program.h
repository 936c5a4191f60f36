/* Running programs in the box: descriptors, process group, terminal, exit status. */
#ifndef BW_CMD_PROGRAM_H
#define BW_CMD_PROGRAM_H

#include <stdbool.h>

#include "cmd/session.h"

/* A scratch stage of the box with the shell's standard descriptors; in a process group of its own
 * when the shell has a terminal. Requests made of it (unshare, mount, chroot …) end with it. */
int bw_program_scratch(struct bw_session *s, bool background, struct bw_stage *child);

/* The scratch stage becomes argv; the terminal is handed over, the program waited for, the
 * terminal taken back. ^Z leaves it among the session's programs. Returns its exit status, or -1
 * with s->err (status 126, 127) filled. child is closed in every case. */
int bw_program_run(struct bw_session *s, struct bw_stage *child, char *const argv[]);
/* The same for a load (kern/burn.h) instead of a program. */
int bw_program_burn(struct bw_session *s, struct bw_stage *child, const struct bw_burn *burn);
/* A stopped program goes on in the foreground; line is its command for people. */
int bw_program_continue(struct bw_session *s, struct bw_stage *child, struct bw_pty *pty,
                        const char *line);

/* Closes what a program of the session's list holds. */
void bw_program_forget(struct bw_session *s, struct bw_program *p);

/* Runs a program outside the box. Returns its exit status, or -1 with s->err filled. */
int bw_program_host(struct bw_session *s, char *const argv[]);

#endif
