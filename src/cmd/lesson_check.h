/* Between lesson_check.c (running) and lesson_words.c (reading). */
#ifndef BW_CMD_LESSON_CHECK_H
#define BW_CMD_LESSON_CHECK_H

#include "lesson/lesson.h"

/* What was found wrong, a line each. */
struct complaints {
    const struct bw_lesson *lesson;
    struct bw_lesson_lines v;
};
void complain(struct complaints *c, struct bw_at at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Commands that are named exist, links lead somewhere. */
void lesson_words_check(struct complaints *c);

#endif
