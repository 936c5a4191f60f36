/* Programs under the split screen: what cmd/view.h promises to commands. */
#include <unistd.h>

#include "base/intr.h"
#include "cmd/session.h"
#include "split_priv.h"
#include "ui/feed.h"

static void print(void *ctx, const char *text, size_t n)
{
    struct bw_split *p = ctx;

    bw_scroll_feed(&p->scroll, text, n);
    p->program_ran = true;
    p->dirty = true;
    bw_split_frame(p);
}

static void whole(void *ctx)
{
    struct bw_split *p = ctx;

    p->screen->suspend(true);
    p->program_ran = true;
    bw_split_layout(p);
}

static const struct bw_pty_user user_of_none = {.print = print, .whole = whole};

static struct bw_pty *open_pty(void *ctx, int *slave)
{
    struct bw_split *p = ctx;
    struct bw_pty_user user = user_of_none;

    user.ctx = p;
    return bw_pty_open(&user, p->rest.rows, p->rest.cols, slave);
}

static void lend(void *ctx, struct bw_pty *pty)
{
    struct bw_split *p = ctx;

    p->pty = pty;
    p->program_ran = true;
    p->screen->keys(true);
    bw_pty_lend(pty);
    bw_split_layout(p);
    bw_split_frame(p);
}

static void rest(void *ctx, struct bw_pty *pty)
{
    struct bw_split *p = ctx;

    bw_pty_rest(pty);
    p->pty = NULL;
    if (bw_pty_whole(pty)) {
        p->screen->resume();
        bw_split_resize(p);
    } else {
        p->screen->keys(false);
    }
    bw_scroll_fresh_line(&p->scroll);
    bw_split_frame(p);
}

static void close_pty(void *ctx, struct bw_pty *pty)
{
    struct bw_split *p = ctx;

    bw_pty_unread(pty, &p->ahead);
    bw_pty_close(pty);
}

static int background(void *ctx)
{
    struct bw_split *p = ctx;

    if (!p->background) {
        p->background = open_pty(p, &p->background_slave);
        if (p->background)
            bw_pty_listen(p->background);
    }
    return p->background ? p->background_slave : STDOUT_FILENO;
}

static bool changed(void *ctx, int *rows, int *cols)
{
    struct bw_split *p = ctx;

    bw_split_layout(p);
    bw_feed_rate(p->feed);
    *rows = p->canvas.rows;
    *cols = p->canvas.cols;
    return p->has_pane || !p->s->pane.on;
}

void bw_split_view(struct bw_split *p)
{
    p->view = (struct bw_view){p, open_pty, lend, rest, close_pty, background, changed};
    p->s->view = &p->view;
}

void bw_split_unview(struct bw_split *p)
{
    for (size_t b = 0; b < p->s->n_boxes; b++)
        for (size_t i = 0; i < p->s->boxes[b]->n_programs; i++) {
            bw_pty_close(p->s->boxes[b]->programs[i].pty);
            p->s->boxes[b]->programs[i].pty = NULL;
        }
    /* One for a program that did not start. */
    bw_pty_close(p->s->pty);
    p->s->pty = NULL;
    p->s->view = NULL;
    bw_pty_close(p->background);
    if (p->background)
        close(p->background_slave);
}
