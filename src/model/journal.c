#include "model/journal.h"

#include <stdlib.h>

#include "base/str.h"

void bw_step_free(struct bw_step *s)
{
    free(s->line);
    free(s->shell);
    for (size_t i = 0; i < s->n_made; i++)
        free(s->made[i]);
    free(s->made);
    free(s->root_dir);
    bw_calls_free(&s->calls);
    bw_diff_free(&s->diff);
    *s = (struct bw_step){0};
}

/* Appends to one of the journal's two lists. */
static void push(struct bw_step **v, size_t *n, size_t *cap, const struct bw_step *step)
{
    if (*n == *cap) {
        *cap = *cap ? 2 * *cap : 16;
        *v = bw_realloc(*v, *cap * sizeof **v);
    }
    (*v)[(*n)++] = *step;
}

static void forget(struct bw_journal *j)
{
    while (j->n_undone > 0)
        bw_step_free(&j->undone[--j->n_undone]);
}

void bw_journal_add(struct bw_journal *j, struct bw_step *step, int forget_undone)
{
    if (forget_undone)
        forget(j);
    push(&j->v, &j->n, &j->cap, step);
    *step = (struct bw_step){0};
}

void bw_journal_shelve(struct bw_journal *j, struct bw_step *step)
{
    push(&j->undone, &j->n_undone, &j->cap_undone, step);
    *step = (struct bw_step){0};
}

struct bw_step *bw_journal_undo(struct bw_journal *j)
{
    if (j->n == 0)
        return NULL;
    bw_journal_shelve(j, &j->v[--j->n]);
    return &j->undone[j->n_undone - 1];
}

int bw_journal_redo(struct bw_journal *j, struct bw_step *out)
{
    if (j->n_undone == 0)
        return -1;
    *out = j->undone[--j->n_undone];
    return 0;
}

void bw_journal_free(struct bw_journal *j)
{
    forget(j);
    while (j->n > 0)
        bw_step_free(&j->v[--j->n]);
    free(j->v);
    free(j->undone);
    *j = (struct bw_journal){0};
}
