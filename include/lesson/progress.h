/* What was learnt, kept from session to session: one line a step, appended and synced, in
 * $XDG_STATE_HOME/boxwright/progress. A line that a power cut tore is passed over. Nothing in it
 * belongs to a boot: the box is made anew from the commands of the line. */
#ifndef BW_LESSON_PROGRESS_H
#define BW_LESSON_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bw_err;
struct bw_lesson;
struct bw_str;

enum bw_predicted { BW_NOT_ASKED, BW_RIGHT, BW_WRONG, BW_NO_ANSWER };

struct bw_done {
    char when[24];             /* UTC, "2026-11-25T01:20:33Z" */
    char lesson[40], step[40]; /* ids; step "-": the lesson was begun anew */
    uint64_t hash;             /* of the lesson's file */
    unsigned hints, checks, seconds;
    bool solution; /* was shown */
    enum bw_predicted predicted;
    char *commands; /* that make the box as it was then, a line each */
    char *typed;    /* what the learner typed for the step, a line each */
};

struct bw_progress {
    struct bw_done *v;
    size_t n;
};

/* Reads all of it; nothing is there when there is no file. Returns 0, or -1 with err. */
int bw_progress_read(struct bw_progress *p, struct bw_err *err);
void bw_progress_free(struct bw_progress *p);
/* Appends a line; when is filled. */
int bw_progress_add(struct bw_done *d, struct bw_err *err);
/* As a line, and from one. Returns 0, or -1 when it is none of ours. */
void bw_progress_line(const struct bw_done *d, struct bw_str *out);
int bw_progress_parse(const char *line, size_t len, struct bw_done *out);

/* How many steps from the first on are done, of this version of the lesson and since it was begun
 * anew; *commands (may be NULL) is what makes the box of the last one, owned by p. */
size_t bw_progress_of(const struct bw_progress *p, const struct bw_lesson *l,
                      const char **commands);
/* What was typed in this lesson, for grade: a script with the lesson's id, and each step's. */
void bw_progress_record(const struct bw_progress *p, const struct bw_lesson *l, struct bw_str *out);
/* {"boxwright": VERSION, "steps": [{"when", "lesson", "version", "step", "hints", …}…]} */
void bw_progress_json(const struct bw_progress *p, struct bw_str *out);

#endif
