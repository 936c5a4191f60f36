/* What of the scrollback is in view. */
#include "ui/scroll.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static const struct bw_line *line_of(const struct bw_scroll *s, size_t i)
{
    return &s->line[i % BW_SCROLL_LINES];
}

static bool is_blank(const struct bw_cell *c)
{
    return c->width == 1 && (c->text[0] == '\0' || strcmp(c->text, " ") == 0);
}

/* Where the row that begins at cell `from` ends: behind a blank, when there is one in its second
 * half, and the blank behind a full row belongs to it, out of sight. A wide character is not cut in
 * two. */
static size_t row_end(const struct bw_line *l, size_t from, int cols)
{
    size_t end = from + (size_t)(cols > 0 ? cols : 1);

    if (end >= l->n)
        return l->n;
    if (is_blank(&l->cell[end]))
        return end + 1;
    for (size_t i = end; i > from + (end - from) / 2; i--)
        if (is_blank(&l->cell[i - 1]))
            return i;
    return l->cell[end].width == 0 && end > from + 1 ? end - 1 : end;
}

static size_t rows_of(const struct bw_line *l, int cols)
{
    size_t rows = 1;

    for (size_t at = row_end(l, 0, cols); at < l->n; at = row_end(l, at, cols))
        rows++;
    return rows;
}

static size_t row_start(const struct bw_line *l, size_t row, int cols)
{
    size_t at = 0;

    while (row-- > 0 && at < l->n)
        at = row_end(l, at, cols);
    return at;
}

/* The last line counts once something stands in it. */
static size_t end_of(const struct bw_scroll *s)
{
    return line_of(s, s->end - 1)->n > 0 ? s->end : s->end - 1;
}

size_t bw_scroll_rows_from(const struct bw_scroll *s, struct bw_place from, int cols)
{
    size_t rows = 0;

    if (from.line < s->first)
        from = (struct bw_place){.line = s->first};
    for (size_t i = from.line; i < end_of(s); i++)
        rows += rows_of(line_of(s, i), cols);
    return rows > from.row ? rows - from.row : 0;
}

/* The place of the first row of the last screen. */
static struct bw_place last_screen(const struct bw_scroll *s, int rows, int cols)
{
    size_t left = rows > 0 ? (size_t)rows : 1, i = end_of(s);

    while (i > s->first) {
        size_t n = rows_of(line_of(s, i - 1), cols);
        i--;
        if (n >= left)
            return (struct bw_place){i, n - left};
        left -= n;
    }
    return (struct bw_place){s->first, 0};
}

static bool before(struct bw_place a, struct bw_place b)
{
    return a.line != b.line ? a.line < b.line : a.row < b.row;
}

void bw_scroll_follow(struct bw_scroll *s)
{
    s->held = false;
}

void bw_scroll_hold(struct bw_scroll *s, struct bw_place top, int rows, int cols)
{
    if (top.line < s->first)
        top = (struct bw_place){.line = s->first};
    s->held = before(top, last_screen(s, rows, cols));
    s->top = top;
}

static struct bw_place up(const struct bw_scroll *s, struct bw_place p, size_t by, int cols)
{
    while (by > 0) {
        if (p.row >= by)
            return (struct bw_place){p.line, p.row - by};
        by -= p.row;
        if (p.line <= s->first)
            return (struct bw_place){.line = s->first};
        p.line--;
        p.row = rows_of(line_of(s, p.line), cols);
    }
    return p;
}

static struct bw_place down(const struct bw_scroll *s, struct bw_place p, size_t by, int cols)
{
    while (p.line < end_of(s)) {
        size_t rows = rows_of(line_of(s, p.line), cols);
        if (p.row + by < rows)
            return (struct bw_place){p.line, p.row + by};
        by -= rows - p.row;
        p = (struct bw_place){.line = p.line + 1};
    }
    return p;
}

/* Where the view is; a held one may have lost its first lines or have been wrapped anew. */
static struct bw_place view(const struct bw_scroll *s, int rows, int cols)
{
    struct bw_place end = last_screen(s, rows, cols);

    if (!s->held || s->top.line >= s->end)
        return end;
    if (s->top.line < s->first)
        return (struct bw_place){.line = s->first};
    size_t n = rows_of(line_of(s, s->top.line), cols);
    return (struct bw_place){s->top.line, s->top.row < n ? s->top.row : n - 1};
}

bool bw_scroll_move(struct bw_scroll *s, long by, int rows, int cols)
{
    struct bw_place was = view(s, rows, cols);
    struct bw_place to = by < 0 ? up(s, was, (size_t)-by, cols) : down(s, was, (size_t)by, cols);

    bw_scroll_hold(s, to, rows, cols);
    return before(view(s, rows, cols), was) || before(was, view(s, rows, cols));
}

/* ---- searching ---- */

/* The text of a line and, for each byte, the cell it belongs to. */
static void text_of(const struct bw_line *l, struct bw_str *text, struct bw_str *cells)
{
    for (size_t i = 0; i < l->n; i++) {
        const char *t = l->cell[i].width == 0 ? "" : l->cell[i].text[0] ? l->cell[i].text : " ";
        uint32_t at = (uint32_t)i;
        bw_str_add(text, t);
        for (size_t k = strlen(t); k > 0 && cells; k--)
            bw_str_addn(cells, (const char *)&at, sizeof at);
    }
}

static bool has(const struct bw_line *l, const char *what)
{
    BW_AUTO_STR text = BW_STR_INIT;

    text_of(l, &text, NULL);
    return strcasestr(bw_str_get(&text), what) != NULL;
}

bool bw_scroll_search(struct bw_scroll *s, const char *what, bool back, int rows, int cols)
{
    BW_AUTO_FREE char *old = s->found;
    struct bw_place from = view(s, rows, cols);
    size_t i = from.line;

    s->found = *what ? bw_strdup(what) : NULL;
    if (!s->found)
        return false;
    while (back ? i > s->first : i + 1 < end_of(s)) {
        i = back ? i - 1 : i + 1;
        if (!has(line_of(s, i), what))
            continue;
        bw_scroll_hold(s, (struct bw_place){.line = i}, rows, cols);
        return true;
    }
    return false;
}

/* ---- drawing ---- */

static void mark_found(const struct bw_scroll *s, const struct bw_line *l, size_t from, size_t end,
                       struct bw_canvas *c, struct bw_rect r, int row)
{
    BW_AUTO_STR text = BW_STR_INIT;
    BW_AUTO_STR cells = BW_STR_INIT;

    text_of(l, &text, &cells);
    size_t n = strlen(s->found);
    for (const char *p = bw_str_get(&text); (p = strcasestr(p, s->found)) != NULL; p += n)
        for (size_t b = (size_t)(p - text.s); b < (size_t)(p - text.s) + n; b++) {
            uint32_t at;
            memcpy(&at, bw_str_get(&cells) + b * sizeof at, sizeof at);
            if (at >= from && at < end)
                bw_canvas_mark(c, r, row, (int)(at - from), l->cell[at].width, BW_A_REVERSE);
        }
}

int bw_scroll_draw(const struct bw_scroll *s, struct bw_canvas *c, struct bw_rect r)
{
    struct bw_place p = view(s, r.rows, r.cols);
    int row = 0;

    for (size_t i = p.line; i < end_of(s) && row < r.rows; i++) {
        const struct bw_line *l = line_of(s, i);
        size_t at = row_start(l, i == p.line ? p.row : 0, r.cols);
        do {
            size_t end = row_end(l, at, r.cols);
            if (at < end)
                bw_canvas_cells(c, r, row, 0, l->cell + at, end - at);
            if (s->held && s->found)
                mark_found(s, l, at, end, c, r, row);
            row++;
            at = end;
        } while (at < l->n && row < r.rows);
    }
    return row;
}
