/* Looking back. */
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "split_priv.h"

/* Rows of text while the view is held: the last row says so. */
static int rows_of(const struct bw_split *p)
{
    return p->rest.rows > 1 ? p->rest.rows - 1 : 1;
}

bool bw_split_held(const struct bw_split *p)
{
    return p->scroll.held;
}

void bw_split_rows(struct bw_split *p, int rows)
{
    p->not_found = false;
    p->dirty = true;
    bw_scroll_move(&p->scroll, rows, rows_of(p), p->rest.cols);
}

void bw_split_page(struct bw_split *p, int pages)
{
    /* A row of the page before stays in view. */
    bw_split_rows(p, pages * (rows_of(p) > 1 ? rows_of(p) - 1 : 1));
}

void bw_split_ends(struct bw_split *p, bool top)
{
    p->not_found = false;
    p->dirty = true;
    if (top)
        bw_scroll_hold(&p->scroll, (struct bw_place){0}, rows_of(p), p->rest.cols);
    else
        bw_scroll_follow(&p->scroll);
}

void bw_split_follow(struct bw_split *p)
{
    bw_split_ends(p, false);
}

void bw_split_browse(struct bw_split *p, bool on)
{
    p->browsing = on;
}

void bw_split_ask(struct bw_split *p, const char *text)
{
    p->asking = text != NULL;
    bw_str_clear(&p->sought);
    bw_str_add(&p->sought, text ? text : "");
    p->dirty = true;
}

bool bw_split_search(struct bw_split *p, const char *text, bool back)
{
    bool found = bw_scroll_search(&p->scroll, text, back, rows_of(p), p->rest.cols);

    p->not_found = !found;
    p->dirty = true;
    return found;
}

void bw_split_reprint(struct bw_split *p)
{
    struct bw_canvas c = {0};
    BW_AUTO_STR text = BW_STR_INIT;
    int rows = p->canvas.rows > 1 ? p->canvas.rows - 1 : 1;

    bw_canvas_size(&c, rows, p->canvas.cols);
    bw_scroll_follow(&p->scroll);
    int n = bw_scroll_draw(&p->scroll, &c, (struct bw_rect){0, 0, rows, p->canvas.cols});
    c.rows = n;
    bw_canvas_text(&c, &text);
    bw_write_all(STDOUT_FILENO, bw_str_get(&text), text.len);
    c.rows = rows;
    bw_canvas_free(&c);
}
