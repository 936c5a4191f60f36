/* Lessons as the command line has them. */
#ifndef BW_CMD_LESSON_H
#define BW_CMD_LESSON_H

#include <stdbool.h>

struct bw_session;

/* Lists them; learn is how to begin one: "learn", or from outside a session "boxwright learn". */
int bw_lessons_list(struct bw_session *s, const char *learn);
/* boxwright lessons check [DIR or FILE]: reads each lesson, runs its solutions in boxes of their
 * own and proves that goals are false before, true after and false again when undone. Returns an
 * exit status: BW_USAGE when a file is not well written, BW_REFUSED when a lesson is not sound. */
int bw_lessons_check(struct bw_session *s, const char *where);

/* boxwright progress: what was learnt, a row a step; as one JSON object; or (record: a lesson's
 * name) all that was typed in that lesson, for grade. */
int bw_lessons_progress(struct bw_session *s, bool json, const char *record);
/* boxwright grade: does what was typed in a lesson again, in a box of its own, and says which steps
 * are done. Commands that run programs other than those that only read, or act outside the box, are
 * left out and told, unless programs is set: who grades is not who wrote the file. Returns an exit
 * status, 0 when all is done. */
int bw_lessons_grade(struct bw_session *s, const char *file, bool programs);

#endif
