#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/str.h"

void bw_canvas_size(struct bw_canvas *c, int rows, int cols)
{
    if (rows < 1)
        rows = 1;
    if (cols < 1)
        cols = 1;
    if (rows != c->rows || cols != c->cols) {
        c->rows = rows;
        c->cols = cols;
        c->cell = bw_realloc(c->cell, (size_t)rows * (size_t)cols * sizeof *c->cell);
    }
    bw_canvas_clear(c);
}

void bw_canvas_free(struct bw_canvas *c)
{
    free(c->cell);
    *c = (struct bw_canvas){0};
}

/* Every byte of a cell is set, so that two canvases can be compared as memory. */
void bw_canvas_clear(struct bw_canvas *c)
{
    struct bw_cell blank;

    memset(&blank, 0, sizeof blank);
    blank.width = 1;
    for (int i = 0; i < c->rows * c->cols; i++)
        memcpy(&c->cell[i], &blank, sizeof blank);
    c->cursor_row = c->cursor_col = -1;
}

struct bw_cell *bw_canvas_at(struct bw_canvas *c, int row, int col)
{
    if (row < 0 || col < 0 || row >= c->rows || col >= c->cols)
        return NULL;
    return &c->cell[row * c->cols + col];
}

/* The bytes of one character at text, or 0 for what is none that can be shown. */
static size_t decode(const char *text, size_t len, wchar_t *out)
{
    mbstate_t state;
    size_t n;

    memset(&state, 0, sizeof state);
    n = mbrtowc(out, text, len, &state);
    if (n == 0 || n > len)
        return 0;
    return bw_str_drives((unsigned)*out) ? 0 : n;
}

static size_t add_combining(const char *text, size_t len, struct bw_cell *cell)
{
    size_t used = 0, room = strlen(cell->text);
    wchar_t wc;

    for (size_t n; (n = decode(text + used, len - used, &wc)) > 0 && wcwidth(wc) == 0; used += n)
        if (room + n < sizeof cell->text) {
            memcpy(cell->text + room, text + used, n);
            room += n;
        }
    return used;
}

size_t bw_cell_next(const char *text, size_t len, struct bw_cell *out)
{
    wchar_t wc;

    memset(out, 0, sizeof *out);
    if (len == 0)
        return 0;
    size_t n = decode(text, len, &wc);
    int width = n > 0 ? wcwidth(wc) : -1;
    if (width < 1) {
        /* Also a combining mark with nothing to stand on. */
        out->text[0] = '?';
        out->width = 1;
        return n > 0 ? n : 1;
    }
    memcpy(out->text, text, n);
    out->width = (uint8_t)width;
    if (wc == L' ')
        out->text[0] = '\0';
    return n + (wc == L' ' ? 0 : add_combining(text + n, len - n, out));
}

int bw_text_columns(const char *text)
{
    size_t len = strlen(text);
    struct bw_cell cell;
    int cols = 0;

    for (size_t n; (n = bw_cell_next(text, len, &cell)) > 0; text += n, len -= n)
        cols += cell.width;
    return cols;
}

/* Half of a wide character that is written over leaves a blank. */
static void unpair(struct bw_canvas *c, int row, int col)
{
    struct bw_cell *at = bw_canvas_at(c, row, col), *other = NULL;

    if (at && at->width == 0)
        other = bw_canvas_at(c, row, col - 1);
    else if (at && at->width == 2)
        other = bw_canvas_at(c, row, col + 1);
    if (other) {
        memset(other->text, 0, sizeof other->text);
        other->width = 1;
    }
}

static int put_cell(struct bw_canvas *c, struct bw_rect r, int row, int col, struct bw_cell cell)
{
    if (row < 0 || row >= r.rows || col < 0 || col + cell.width > r.cols)
        return r.cols;
    struct bw_cell *at = bw_canvas_at(c, r.row + row, r.col + col);
    struct bw_cell *next = bw_canvas_at(c, r.row + row, r.col + col + 1);
    if (!at || (cell.width == 2 && !next))
        return r.cols;
    unpair(c, r.row + row, r.col + col);
    *at = cell;
    if (cell.width == 2) {
        unpair(c, r.row + row, r.col + col + 1);
        memset(next, 0, sizeof *next);
        next->attr = cell.attr;
    }
    return col + cell.width;
}

int bw_canvas_put(struct bw_canvas *c, struct bw_rect r, int row, int col, unsigned attr,
                  const char *text)
{
    size_t len = strlen(text);
    struct bw_cell cell;

    for (size_t n; (n = bw_cell_next(text, len, &cell)) > 0; text += n, len -= n) {
        if (col + cell.width > r.cols) {
            bw_canvas_cut(c, r, row, attr);
            return r.cols;
        }
        cell.attr = (uint16_t)attr;
        col = put_cell(c, r, row, col, cell);
    }
    return col;
}

void bw_canvas_cut(struct bw_canvas *c, struct bw_rect r, int row, unsigned attr)
{
    struct bw_cell mark;

    bw_cell_next(c->ascii ? ">" : "\xe2\x80\xa6", c->ascii ? 1 : 3, &mark);
    mark.attr = (uint16_t)attr;
    put_cell(c, r, row, r.cols - 1, mark);
}

int bw_canvas_putf(struct bw_canvas *c, struct bw_rect r, int row, int col, unsigned attr,
                   const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    col = bw_canvas_put(c, r, row, col, attr, text);
    free(text);
    return col;
}

void bw_canvas_cells(struct bw_canvas *c, struct bw_rect r, int row, int col,
                     const struct bw_cell *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (v[i].width > 0)
            col = put_cell(c, r, row, col, v[i]);
}

void bw_canvas_mark(struct bw_canvas *c, struct bw_rect r, int row, int col, int cols,
                    unsigned attr)
{
    for (int i = col; i < col + cols && i < r.cols; i++) {
        struct bw_cell *at = bw_canvas_at(c, r.row + row, r.col + i);
        if (at && row < r.rows)
            at->attr = (uint16_t)attr;
    }
}

void bw_canvas_text(const struct bw_canvas *c, struct bw_str *out)
{
    for (int row = 0; row < c->rows; row++) {
        for (int col = 0; col < c->cols; col++) {
            const struct bw_cell *at = &c->cell[row * c->cols + col];
            if (at->width > 0)
                bw_str_add(out, at->text[0] ? at->text : " ");
        }
        while (out->len > 0 && out->s[out->len - 1] == ' ')
            out->s[--out->len] = '\0';
        bw_str_addc(out, '\n');
    }
}
