/* Between the files of completion. */
#ifndef BW_UI_COMPLETE_PRIV_H
#define BW_UI_COMPLETE_PRIV_H

#include <sys/types.h>

#include "ui/complete.h"

/* Adds word when it begins with prefix and has no control bytes. */
void bw_candidates_add(struct bw_candidates *c, const char *prefix, const char *word, bool open);

/* Files below the folder part of prefix, as process pid names them (0: the host). */
void bw_complete_path(pid_t pid, const char *prefix, struct bw_candidates *c);
/* Programs along PATH; a prefix with a slash is a path. */
void bw_complete_program(pid_t pid, const char *prefix, struct bw_candidates *c);
/* Lessons by their files' names; a prefix with a slash is a path. */
void bw_complete_lesson(const char *prefix, struct bw_candidates *c);

#endif
