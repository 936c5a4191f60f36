/* A lesson's Markdown: what stands before the first step, and for each step what stands before and
 * after its end. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "lesson_priv.h"

static void heading_text(const struct bw_block *b, struct bw_str *out)
{
    bw_str_clear(out);
    for (size_t i = 0; i < b->n; i++)
        bw_str_add(out, b->v[i].text);
}

static struct bw_lesson_step *step_of(struct bw_lesson *l, const char *id)
{
    for (size_t i = 0; i < l->n_steps; i++)
        if (strcmp(l->steps[i].id, id) == 0)
            return &l->steps[i];
    return NULL;
}

static void move_block(struct bw_rich *to, struct bw_block *b)
{
    to->v = bw_realloc(to->v, (to->n + 1) * sizeof *to->v);
    to->v[to->n++] = *b;
    *b = (struct bw_block){0};
}

/* What is to be typed stands in bold code, or in a code block that names no language. */
static void note_span(struct bw_lesson *l, const struct bw_block *b, const struct bw_span *s)
{
    unsigned typed = BW_SPAN_BOLD | BW_SPAN_CODE;

    if (b->kind == BW_BLOCK_CODE ? !b->info : (s->style & typed) == typed)
        bw_lesson_add(&l->commands, s->text, b->at, 0);
    if (s->link && (l->links.n == 0 || strcmp(l->links.v[l->links.n - 1].text, s->link) != 0))
        bw_lesson_add(&l->links, s->link, b->at, 0);
}

/* A heading of the second level begins a step; they stand in the order of the front matter. NULL
 * with f when this one does not follow the one before. */
static struct bw_lesson_step *next_step(struct bw_lesson *l, const struct bw_block *b,
                                        const char *id, const struct bw_lesson_step *before,
                                        struct bw_fault *f)
{
    size_t at = before ? (size_t)(before - l->steps) + 1 : 0;

    if (at < l->n_steps && strcmp(l->steps[at].id, id) == 0)
        return &l->steps[at];
    if (!step_of(l, id))
        bw_fault_set(f, b->at, "no step has the id %.40s", id);
    else
        bw_fault_set(f, b->at, "the step %.40s stands out of its order, or twice", id);
    return NULL;
}

static int all_have_text(const struct bw_lesson *l, struct bw_fault *f)
{
    for (size_t i = 0; i < l->n_steps; i++)
        if (l->steps[i].text.n == 0)
            return bw_fault_set(f, l->steps[i].at,
                                "the step %s has no text: a heading ## %s and what is to be done",
                                l->steps[i].id, l->steps[i].id);
    return 0;
}

static int sort_blocks(struct bw_lesson *l, struct bw_rich *all, struct bw_fault *f)
{
    struct bw_lesson_step *step = NULL;
    struct bw_rich *into = &l->intro;
    BW_AUTO_STR text = BW_STR_INIT;

    for (size_t i = 0; i < all->n; i++) {
        struct bw_block *b = &all->v[i];
        bool heading = b->kind == BW_BLOCK_HEADING;
        heading_text(b, &text);
        if (heading && b->level == 1)
            return bw_fault_set(f, b->at, "the title stands in the front matter, not in a heading");
        if (heading && b->level == 2) {
            step = next_step(l, b, bw_str_get(&text), step, f);
            if (!step)
                return -1;
            into = &step->text;
        } else if (heading && b->level == 3 && step &&
                   strcasecmp(bw_str_get(&text), "after") == 0) {
            into = &step->after;
        } else {
            for (size_t k = 0; k < b->n; k++)
                note_span(l, b, &b->v[k]);
            move_block(into, b);
        }
    }
    return all_have_text(l, f);
}

int lesson_take_text(struct bw_lesson *l, const char *text, size_t len, int first,
                     struct bw_fault *f)
{
    struct bw_rich all = {0};
    int r = bw_rich_parse(text, len, first, &all, f);

    if (r == 0)
        r = sort_blocks(l, &all, f);
    bw_rich_free(&all);
    return r;
}
