/* The lesson that a session is in: what the commands learn, hint, check … work on, and what looks
 * at the box after each command. */
#ifndef BW_CMD_TUTOR_H
#define BW_CMD_TUTOR_H

#include <stdbool.h>
#include <stddef.h>

struct bw_session;
struct bw_str;

/* Around each command that is typed. before returns true when the words were an answer to the
 * question that is open, and the command is dealt with. after judges, and goes on when the step is
 * done. Without a lesson both do nothing. */
bool bw_tutor_before(struct bw_session *s, int argc, char *const *argv);
void bw_tutor_after(struct bw_session *s, int argc, char *const *argv);

/* The two lines that are always on the screen: where one is; what one can do. false: no lesson. */
bool bw_tutor_status(struct bw_session *s, struct bw_str *where, struct bw_str *keys);

/* ^C at the prompt: out of play. Returns whether it was that. */
bool bw_tutor_interrupt(struct bw_session *s);

enum { BW_PACE_MS = 45 }; /* between two keys of the presenter */
/* The presenter types this next, NULL when there is nothing to type. It is handed out once. */
const char *bw_tutor_next(struct bw_session *s);

/* Ends the lesson, and the box with it. */
void bw_tutor_close(struct bw_session *s);

#endif
