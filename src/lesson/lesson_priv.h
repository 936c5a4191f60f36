/* Between the files that read a lesson. */
#ifndef BW_LESSON_LESSON_PRIV_H
#define BW_LESSON_LESSON_PRIV_H

#include "lesson/lesson.h"

/* The front matter; the text, whose first line is line first of the file. 0, or -1 with f. */
int lesson_take_front(struct bw_lesson *l, const struct bw_node *front, struct bw_fault *f);
int lesson_take_text(struct bw_lesson *l, const char *text, size_t len, int first,
                     struct bw_fault *f);

#endif
