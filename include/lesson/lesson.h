/* One lesson: YAML front matter for what the machine needs, Markdown for what the learner reads.
 * docs/LESSON_FORMAT.md is the reference. A lesson file is not trusted: reading it runs nothing. */
#ifndef BW_LESSON_LESSON_H
#define BW_LESSON_LESSON_H

#include <stdint.h>

#include "lesson/goal.h"
#include "lesson/node.h"
#include "lesson/rich.h"

struct bw_err;

enum { BW_LESSON_BYTES = 256 * 1024, BW_LESSON_ANY = -1 };

struct bw_lesson_line { /* a command, or any other text of one line */
    char *text;
    struct bw_at at;
    int status; /* of a solution's command: what it ends with, or BW_LESSON_ANY */
};
struct bw_lesson_lines {
    struct bw_lesson_line *v;
    size_t n;
};

struct bw_lesson_clause {
    struct bw_goal *that;
    char *say;
    struct bw_at at;
};

struct bw_lesson_hint {
    struct bw_goal *when; /* NULL: always */
    char *say;
};

struct bw_lesson_predict {
    char *ask; /* NULL: nothing is asked */
    struct bw_lesson_lines choices;
    struct bw_goal *expect; /* its value is one of the choices */
    struct bw_at at;
};

struct bw_lesson_step {
    char *id, *title;
    struct bw_at at;
    struct bw_lesson_predict predict;
    struct bw_lesson_clause *goal;
    size_t n_goal;
    struct bw_lesson_lines look; /* a command that begins so has to be run */
    int refused;                 /* and to be refused with this errno; 0: to succeed; -1: any */
    struct bw_lesson_hint *hints;
    size_t n_hints;
    struct bw_lesson_lines solution;
    char *no_undo;              /* why undo does not make the goal false again, or NULL */
    struct bw_rich text, after; /* after: when the step is done */
};

struct bw_lesson {
    char *path, *name; /* the file's name without its folder and ending: "03-pid" */
    char *id, *title;
    int minutes;
    struct bw_lesson_lines requires, without_root, setup;
    struct bw_lesson_step *steps;
    size_t n_steps;
    struct bw_rich intro;
    struct bw_lesson_lines commands; /* named in the text as something to type */
    struct bw_lesson_lines links;    /* where the text's links lead */
    uint64_t hash;                   /* of the file's bytes */
};

/* Reads a file. Returns NULL with err ("FILE:LINE:COLUMN: …", status BW_USAGE, or a failed call).
 */
struct bw_lesson *bw_lesson_read(const char *path, struct bw_err *err);
/* The same of text; path is for messages. */
struct bw_lesson *bw_lesson_parse(const char *path, const char *text, size_t len,
                                  struct bw_err *err);
void bw_lesson_free(struct bw_lesson *l);

/* What is asked for and this machine does not have; 0 when it has all. Each is filled in turn. */
struct bw_lesson_lack {
    char what[32];
    char why[200], fix[220];
};
size_t bw_lesson_lacks(const struct bw_lesson *l, struct bw_lesson_lack *v, size_t max);
/* Whether a word may stand in requires. */
bool bw_lesson_require_known(const char *word);
/* Whether the steps are made without the privileges of root, after without-root. */
bool bw_lesson_unprivileged(const struct bw_lesson *l);

/* The folder of the lessons: beside the program's build folder, else where they were installed. */
struct bw_str;
void bw_lesson_folder(struct bw_str *out);
/* The lesson files of a folder, sorted. Returns 0, or -1 with err. */
int bw_lesson_list(const char *folder, struct bw_lesson_lines *out, struct bw_err *err);
/* Finds a lesson by number, file name or id ("3", "03-pid", "pid-ns"), or by a path with a slash.
 * Returns 0 with its path, or -1 with err. */
int bw_lesson_find(const char *word, struct bw_str *path, struct bw_err *err);

/* Whether a text can be an id: small letters, digits and -, at most 32, a letter first. */
bool bw_lesson_id_valid(const char *text);

/* ---- lists ---- */

void bw_lesson_add(struct bw_lesson_lines *l, const char *text, struct bw_at at, int status);
void bw_lesson_lines_free(struct bw_lesson_lines *l);

#endif
