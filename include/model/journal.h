/* The list of steps that succeeded, and of those undone that redo can bring back. */
#ifndef BW_MODEL_JOURNAL_H
#define BW_MODEL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "kern/call.h"
#include "model/diff.h"

struct bw_step {
    char *line;           /* the command, words quoted so that it reads back */
    unsigned long number; /* in the order of the session's steps, over all of its boxes */
    char *shell;          /* the equivalent shell line, or NULL */
    char **made; /* directories on the host that this step made, in order, removed by undo */
    size_t n_made;
    bool there;            /* the directory of a root file system was there before: it stays */
    char *root_dir;        /* a root file system that this step made or took as it was; or NULL */
    struct bw_calls calls; /* as made */
    struct bw_diff diff;   /* as observed */
};

struct bw_journal {
    struct bw_step *v;
    size_t n, cap;          /* v[0..n) are in force */
    struct bw_step *undone; /* undone[n_undone-1] is the next to redo */
    size_t n_undone, cap_undone;
};

/* Appends a step, taking over what it points to; forgets what could have been redone when
 * forget_undone is not 0. */
void bw_journal_add(struct bw_journal *j, struct bw_step *step, int forget_undone);
/* Moves the last step to the undone ones. Returns it (owned by the journal) or NULL. */
struct bw_step *bw_journal_undo(struct bw_journal *j);
/* Makes a step, taking over what it points to, the next to redo. */
void bw_journal_shelve(struct bw_journal *j, struct bw_step *step);
/* Takes the next step to redo out; the caller frees it with bw_step_free. Returns 0 or -1. */
int bw_journal_redo(struct bw_journal *j, struct bw_step *out);
void bw_step_free(struct bw_step *s);
void bw_journal_free(struct bw_journal *j);

#endif
