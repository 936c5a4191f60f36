#include "ui/split.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "base/str.h"
#include "cmd/session.h"
#include "cmd/tutor.h"
#include "cmd/view.h"
#include "split_priv.h"
#include "ui/feed.h"
#include "ui/pane.h"
#include "ui/watch.h"

/* ---- what is printed ---- */

static void write_scroll(struct bw_out *o, enum bw_stream stream, const char *text, size_t n)
{
    struct bw_split *p = o->ctx;

    (void)stream;
    bw_scroll_feed(&p->scroll, text, n);
    p->dirty = true;
}

static void take_out(struct bw_split *p)
{
    const char *no = getenv("NO_COLOR");
    bool colour = !(no && *no);

    p->out_before = *p->s->out;
    *p->s->out = (struct bw_out){.write = write_scroll, .ctx = p, .colour = {colour, colour}};
}

/* ---- layout ---- */

static int input_rows(const struct bw_split *p, int cols)
{
    int all = bw_text_columns(bw_str_get(&p->prompt)) + bw_text_columns(bw_str_get(&p->line));

    return all / (cols > 0 ? cols : 1) + 1;
}

/* The rows of the lesson are the last ones beside or below the pane. */
static void place_lesson(struct bw_split *p)
{
    enum { ROWS = 2, LEAST = 8 };
    int rows = p->s->tutor && p->rest.rows >= LEAST ? ROWS : 0;

    p->rest.rows -= rows;
    p->lesson = (struct bw_rect){p->rest.row + p->rest.rows, p->rest.col, rows, p->rest.cols};
}

void bw_split_layout(struct bw_split *p)
{
    p->has_pane = bw_pane_place(&p->s->pane, p->canvas.rows, p->canvas.cols, &p->pane, &p->rest);
    place_lesson(p);
    p->s->out->width = p->rest.cols;
    if (p->pty && !bw_pty_whole(p->pty))
        bw_pty_size(p->pty, p->rest.rows, p->rest.cols);
    else if (p->pty)
        bw_pty_size(p->pty, p->canvas.rows, p->canvas.cols);
    bool looked = p->feed->looking;
    p->feed->looking = p->has_pane;
    if (p->has_pane && !looked)
        bw_feed_refresh(p->feed);
    p->dirty = true;
}

void bw_split_resize(struct bw_split *p)
{
    int rows = 24, cols = 80;

    p->screen->size(true, &rows, &cols);
    bw_canvas_size(&p->canvas, rows, cols);
    bw_split_layout(p);
}

/* ---- drawing ---- */

/* Puts text that wraps; stores where byte `point` is. Returns the place after it. */
static int put_wrapped(struct bw_split *p, struct bw_rect r, int at, const char *text, long point)
{
    size_t len = strlen(text), used = 0;
    struct bw_cell cell;

    for (size_t n; (n = bw_cell_next(text + used, len - used, &cell)) > 0; used += n) {
        if (at % r.cols + cell.width > r.cols)
            at += r.cols - at % r.cols;
        if (point >= 0 && used >= (size_t)point) {
            p->canvas.cursor_row = r.row + at / r.cols;
            p->canvas.cursor_col = r.col + at % r.cols;
            point = -1;
        }
        bw_canvas_cells(&p->canvas, r, at / r.cols, at % r.cols, &cell, 1);
        at += cell.width;
    }
    if (point >= 0) {
        p->canvas.cursor_row = r.row + at / r.cols;
        p->canvas.cursor_col = r.col + at % r.cols;
    }
    return at;
}

/* A line longer than its rows shows its end. */
static void draw_input(struct bw_split *p, struct bw_rect r, int rows)
{
    int want = input_rows(p, r.cols);
    struct bw_rect in = {r.row - (want > rows ? want - rows : 0), r.col, want > rows ? want : rows,
                         r.cols};
    int at = put_wrapped(p, in, 0, bw_str_get(&p->prompt), -1);

    put_wrapped(p, in, at, bw_str_get(&p->line), (long)p->point);
}

static void draw_status(struct bw_split *p, struct bw_rect r)
{
    BW_AUTO_STR text = BW_STR_INIT;

    if (p->asking) {
        bw_str_addf(&text, "/%s", bw_str_get(&p->sought));
        int col = bw_canvas_put(&p->canvas, r, 0, 0, 0, text.s);
        p->canvas.cursor_row = r.row;
        p->canvas.cursor_col = r.col + (col < r.cols ? col : r.cols - 1);
        return;
    }
    size_t below = bw_scroll_rows_from(&p->scroll, p->scroll.top, r.cols);
    size_t shown = (size_t)(p->rest.rows - 1);
    bool narrow = r.cols < 50;
    bw_str_addf(&text, " %s%zu more: %s ", p->not_found ? "not found; " : "",
                below > shown ? below - shown : 0,
                p->browsing ? (narrow ? "PgUp PgDn / n N q" : "PgUp PgDn, / search, n N, q")
                : narrow    ? "Space PgUp /, or type"
                            : "Space, PgUp, / search, or type on");
    int col = bw_canvas_put(&p->canvas, r, 0, 0, BW_A_REVERSE, text.s);
    bw_canvas_mark(&p->canvas, r, 0, 0, col, BW_A_REVERSE);
}

static void draw_rest(struct bw_split *p)
{
    struct bw_rect r = p->rest, text = r, below;
    int rows = p->editing ? input_rows(p, r.cols) : 0;

    if (p->scroll.held) {
        text.rows--;
        bw_scroll_draw(&p->scroll, &p->canvas, text);
        below = (struct bw_rect){r.row + r.rows - 1, r.col, 1, r.cols};
        draw_status(p, below);
        return;
    }
    rows = rows > r.rows / 2 ? r.rows / 2 : rows;
    rows = rows < 1 ? 1 : rows;
    text.rows -= p->editing ? rows : 0;
    int at = bw_scroll_draw(&p->scroll, &p->canvas, text);
    below = (struct bw_rect){r.row + at, r.col, rows, r.cols};
    if (p->editing) {
        draw_input(p, below, rows);
    } else {
        /* The cursor waits where the next output goes. */
        size_t col = p->scroll.col % (size_t)r.cols;
        p->canvas.cursor_row = r.row + (col > 0 ? at - 1 : at < r.rows ? at : r.rows - 1);
        p->canvas.cursor_col = r.col + (int)col;
    }
}

static void draw_lesson(struct bw_split *p)
{
    BW_AUTO_STR where = BW_STR_INIT, keys = BW_STR_INIT, safe = BW_STR_INIT;

    if (p->lesson.rows == 0 || !bw_tutor_status(p->s, &where, &keys))
        return;
    bw_canvas_put(&p->canvas, p->lesson, 0, 0, BW_A_REVERSE, bw_str_safe(&safe, where.s));
    bw_canvas_mark(&p->canvas, p->lesson, 0, 0, p->lesson.cols, BW_A_REVERSE);
    bw_canvas_put(&p->canvas, p->lesson, 1, 0, BW_A_DIM, bw_str_safe(&safe, keys.s));
}

void bw_split_frame(struct bw_split *p)
{
    /* Half a sample is not shown: the frame comes after it. */
    if (!p->dirty || p->away || p->feed->taking || (p->pty && bw_pty_whole(p->pty)))
        return;
    p->dirty = false;
    bw_canvas_clear(&p->canvas);
    draw_rest(p);
    draw_lesson(p);
    if (p->has_pane)
        bw_pane_draw(&p->feed->live, &p->s->pane, &p->canvas, p->pane,
                     p->pane.row == 0 && p->pane.rows == p->canvas.rows ? BW_EDGE_LEFT
                                                                        : BW_EDGE_BELOW);
    p->screen->show(&p->canvas);
}

/* The clock: a new sample is drawn; what is the same writes nothing. */
static void on_sample(void *ctx, bool changed)
{
    struct bw_split *p = ctx;

    if (bw_intr_size) {
        bw_intr_size = 0;
        bw_split_resize(p);
    }
    p->dirty = p->dirty || changed;
    bw_split_frame(p);
}

/* ---- the line ---- */

void bw_split_line(struct bw_split *p, const char *prompt, const char *line, size_t point)
{
    bw_str_clear(&p->prompt);
    bw_str_add(&p->prompt, prompt);
    bw_str_clear(&p->line);
    bw_str_add(&p->line, line);
    p->point = point;
    p->editing = p->dirty = true;
}

void bw_split_ahead(struct bw_split *p, struct bw_str *out)
{
    bw_str_free(out);
    *out = p->ahead;
    p->ahead = (struct bw_str)BW_STR_INIT;
}

void bw_split_enter(struct bw_split *p, const char *mark)
{
    static const char bold[] = "\033[1m", plain[] = "\033[0m";

    p->editing = false;
    p->not_found = false;
    bw_scroll_follow(&p->scroll);
    bw_scroll_fresh_line(&p->scroll);
    bw_scroll_feed(&p->scroll, bw_str_get(&p->prompt), p->prompt.len);
    bw_scroll_feed(&p->scroll, bold, sizeof bold - 1);
    bw_scroll_feed(&p->scroll, bw_str_get(&p->line), p->line.len);
    bw_scroll_feed(&p->scroll, plain, sizeof plain - 1);
    bw_scroll_feed(&p->scroll, mark, strlen(mark));
    bw_scroll_feed(&p->scroll, "\n", 1);
    bw_str_clear(&p->line);
    p->ran_from = bw_scroll_end(&p->scroll);
    p->program_ran = false;
    p->dirty = true;
    bw_split_frame(p);
}

void bw_split_ran(struct bw_split *p)
{
    if ((p->s->tutor != NULL) != (p->lesson.rows > 0))
        bw_split_layout(p);
    size_t rows = bw_scroll_rows_from(&p->scroll, p->ran_from, p->rest.cols);

    bw_feed_refresh(p->feed);
    /* A program had its say as it went; what a command says at once is read from its beginning. */
    if (!p->program_ran && rows >= (size_t)p->rest.rows)
        bw_scroll_hold(&p->scroll, p->ran_from, p->rest.rows - 1, p->rest.cols);
    bw_scroll_fresh_line(&p->scroll);
    p->dirty = true;
}

void bw_split_beep(struct bw_split *p)
{
    p->screen->beep();
}

void bw_split_leave(struct bw_split *p)
{
    p->away = true;
    p->screen->suspend(false);
}

void bw_split_return(struct bw_split *p)
{
    p->away = false;
    p->screen->resume();
    bw_split_resize(p);
    bw_split_frame(p);
}

/* ---- the whole ---- */

struct bw_split *bw_split_open(struct bw_session *s, struct bw_feed *f)
{
    struct bw_err ignored = BW_ERR_INIT;
    const struct bw_screen *screen = bw_screen_load(&ignored);
    bool ascii = false;

    if (!screen)
        bw_session_note(s, "no split screen: %s", ignored.cause);
    if (!screen || screen->open(&ascii) != 0)
        return NULL;
    struct bw_split *p = bw_alloc(sizeof *p);
    *p = (struct bw_split){.s = s, .feed = f, .screen = screen};
    p->canvas.ascii = ascii;
    bw_janitor_screen(s->janitor, screen->goodbye(), &ignored);
    bw_scroll_init(&p->scroll);
    f->ctx = p;
    f->taken = on_sample;
    take_out(p);
    bw_split_view(p);
    bw_split_resize(p);
    bw_feed_rate(f);
    return p;
}

void bw_split_close(struct bw_split *p)
{
    if (!p)
        return;
    p->feed->taken = NULL;
    p->feed->looking = false;
    bw_split_unview(p);
    *p->s->out = p->out_before;
    struct bw_err ignored = BW_ERR_INIT;
    p->screen->close();
    bw_janitor_screen(p->s->janitor, "", &ignored);
    bw_split_reprint(p);
    bw_scroll_free(&p->scroll);
    bw_canvas_free(&p->canvas);
    bw_str_free(&p->prompt);
    bw_str_free(&p->line);
    bw_str_free(&p->sought);
    bw_str_free(&p->ahead);
    free(p);
}
