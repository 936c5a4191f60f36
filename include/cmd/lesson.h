/* Lessons as the command line has them. */
#ifndef BW_CMD_LESSON_H
#define BW_CMD_LESSON_H

struct bw_session;

/* boxwright lessons: lists them. */
int bw_lessons_list(struct bw_session *s);
/* boxwright lessons check [DIR or FILE]: reads each lesson, runs its solutions in boxes of their
 * own and proves that goals are false before, true after and false again when undone. Returns an
 * exit status: BW_USAGE when a file is not well written, BW_REFUSED when a lesson is not sound. */
int bw_lessons_check(struct bw_session *s, const char *where);

#endif
