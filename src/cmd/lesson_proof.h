/* A lesson's commands run in a session of its own, whose output is kept for when one fails: for
 * lessons check and grade. */
#ifndef BW_CMD_LESSON_PROOF_H
#define BW_CMD_LESSON_PROOF_H

#include "cmd/session.h"
#include "lesson_room.h"

struct proof {
    struct bw_session s;
    struct bw_out out;
    struct bw_str said;
    struct lesson_room room;
    int fd[3];   /* the standard descriptors, put aside */
    int written; /* what programs write goes there */
};

/* Returns 0, or -1 with p->s.err; to be closed in either case. */
int proof_open(struct proof *p, const struct bw_lesson *l);
/* kept: files are left in its folder, whose name is lost. */
void proof_close(struct proof *p, bool *kept);
enum { PROOF_SECONDS = 60 };
/* Runs one command. Returns its status; *code is the errno it was refused with. One that takes
 * longer than PROOF_SECONDS ends the session. */
int proof_run(struct proof *p, const char *line, int *code);
/* Whether that has happened since it was last asked; to be asked when the session is closed. */
bool proof_overdue(void);
/* The last lines of what was said. */
const char *proof_said(struct proof *p);
/* Begins a step, with a box that has a process. Returns 0, or -1 with p->s.err. */
int proof_begin(struct proof *p, size_t step);

#endif
