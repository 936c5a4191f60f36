/* Bytes become lines of cells. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ui/scroll.h"

enum state { TEXT, ESCAPE, CSI, STRING, STRING_ESCAPE, CHARSET };
enum { TAB = 8 };

static struct bw_line *line_at(struct bw_scroll *s, size_t i)
{
    return &s->line[i % BW_SCROLL_LINES];
}

static struct bw_line *last(struct bw_scroll *s)
{
    return line_at(s, s->end - 1);
}

static void drop_first(struct bw_scroll *s)
{
    struct bw_line *l = line_at(s, s->first++);

    s->cells -= l->n;
    free(l->cell);
    *l = (struct bw_line){0};
}

static void new_line(struct bw_scroll *s)
{
    while (s->end - s->first >= BW_SCROLL_LINES ||
           (s->cells > BW_SCROLL_CELLS && s->end - s->first > 1))
        drop_first(s);
    *line_at(s, s->end++) = (struct bw_line){0};
    s->col = 0;
}

void bw_scroll_init(struct bw_scroll *s)
{
    *s = (struct bw_scroll){0};
    s->line = bw_alloc(BW_SCROLL_LINES * sizeof *s->line);
    memset(s->line, 0, BW_SCROLL_LINES * sizeof *s->line);
    new_line(s);
}

void bw_scroll_free(struct bw_scroll *s)
{
    if (!s->line)
        return;
    while (s->first < s->end)
        drop_first(s);
    free(s->line);
    free(s->found);
    *s = (struct bw_scroll){0};
}

void bw_scroll_fresh_line(struct bw_scroll *s)
{
    s->state = TEXT;
    s->n_part = 0;
    s->attr = 0;
    if (last(s)->n > 0)
        new_line(s);
    s->col = 0;
}

struct bw_place bw_scroll_end(const struct bw_scroll *s)
{
    const struct bw_line *l = &s->line[(s->end - 1) % BW_SCROLL_LINES];

    return (struct bw_place){.line = l->n > 0 ? s->end : s->end - 1};
}

static void reach(struct bw_scroll *s, size_t n)
{
    struct bw_line *l = last(s);

    if (!l->cell || n > l->cap) {
        l->cap = n < 32 ? 32 : n * 2;
        l->cell = bw_realloc(l->cell, l->cap * sizeof *l->cell);
    }
    for (; l->n < n; l->n++, s->cells++) {
        memset(&l->cell[l->n], 0, sizeof *l->cell);
        l->cell[l->n].width = 1;
    }
}

static void blank(struct bw_cell *c)
{
    memset(c->text, 0, sizeof c->text);
    c->width = 1;
}

/* A cell over old ones: half of a wide character that stays is a blank. */
static void put(struct bw_scroll *s, struct bw_cell cell)
{
    if (s->col + cell.width > BW_SCROLL_COLS)
        new_line(s);
    reach(s, s->col + cell.width);
    struct bw_line *l = last(s);
    size_t after = s->col + cell.width;
    if (l->cell[s->col].width == 0)
        blank(&l->cell[s->col - 1]);
    if (after < l->n && l->cell[after].width == 0)
        blank(&l->cell[after]);
    cell.attr = s->attr;
    l->cell[s->col] = cell;
    if (cell.width == 2) {
        memset(&l->cell[s->col + 1], 0, sizeof cell);
        l->cell[s->col + 1].attr = s->attr;
    }
    s->col = after;
}

/* Puts what has gathered; the start of a character that is not whole yet is kept, and so is the
 * last whole one, which marks may follow. */
static void flush(struct bw_scroll *s)
{
    struct bw_cell cell;
    size_t at = 0;

    for (size_t n; (n = bw_cell_next(s->part + at, s->n_part - at, &cell)) > 0; at += n)
        put(s, cell);
    s->n_part = 0;
}

static bool is_start(unsigned char b)
{
    return (b & 0xc0) != 0x80;
}

static void text_byte(struct bw_scroll *s, char c)
{
    /* A mark in a part of its own would have nothing to stand on: keep the part as long as it can
     * be one character with its marks. */
    bool ascii = (unsigned char)c < 0x80;
    if (s->n_part > 0 && (ascii || (is_start((unsigned char)c) && s->n_part > 24)))
        flush(s);
    if (s->n_part == sizeof s->part)
        flush(s);
    s->part[s->n_part++] = c;
}

/* ---- sequences ---- */

static unsigned nearest(unsigned n)
{
    /* Of the colour cube and the greys: which of the eight is nearest. */
    if (n < 16)
        return n;
    if (n >= 232)
        return n >= 244 ? 7 : 8;
    unsigned r = (n - 16) / 36, g = (n - 16) / 6 % 6, b = (n - 16) % 6;
    return (r > 2 ? 1u : 0u) | (g > 2 ? 2u : 0u) | (b > 2 ? 4u : 0u);
}

static void colour(struct bw_scroll *s, unsigned n)
{
    s->attr = (uint16_t)((s->attr & ~(unsigned)BW_A_COLOUR) | BW_A_FG(n));
}

/* One number of ESC [ … m. Returns how many more numbers it takes. */
static size_t look(struct bw_scroll *s, const unsigned *v, size_t n)
{
    static const struct {
        unsigned code, set, clear;
    } flags[] = {{0, 0, 0xffff},          {1, BW_A_BOLD, 0},     {2, BW_A_DIM, 0},
                 {4, BW_A_UNDERLINE, 0},  {7, BW_A_REVERSE, 0},  {22, 0, BW_A_BOLD | BW_A_DIM},
                 {24, 0, BW_A_UNDERLINE}, {27, 0, BW_A_REVERSE}, {39, 0, BW_A_COLOUR}};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].code == v[0])
            s->attr = (uint16_t)((s->attr & ~flags[i].clear) | flags[i].set);
    if (v[0] >= 30 && v[0] <= 37)
        colour(s, v[0] - 30);
    else if (v[0] >= 90 && v[0] <= 97)
        colour(s, v[0] - 90 + 8);
    if ((v[0] != 38 && v[0] != 48) || n < 2)
        return 0;
    if (v[1] == 5 && n > 2 && v[0] == 38)
        colour(s, nearest(v[2] & 0xff));
    return v[1] == 5 ? 2 : v[1] == 2 ? 4 : 1;
}

static void colours(struct bw_scroll *s)
{
    unsigned v[16] = {0};
    size_t n = 1;

    for (size_t i = 0; i < s->n_part; i++) {
        char c = s->part[i];
        if (c >= '0' && c <= '9' && v[n - 1] < 10000)
            v[n - 1] = v[n - 1] * 10 + (unsigned)(c - '0');
        else if ((c == ';' || c == ':') && n < 16)
            n++;
    }
    for (size_t i = 0; i < n; i++)
        i += look(s, v + i, n - i);
}

static void erase(struct bw_scroll *s)
{
    struct bw_line *l = last(s);

    /* ESC [ K and ESC [ 0 K: to the end; 1 and 2 are rare and also clear what stood before. */
    size_t from = s->n_part == 0 || s->part[0] == '0' ? s->col : 0;
    if (from < l->n) {
        s->cells -= l->n - from;
        l->n = from;
    }
    if (l->n > 0 && l->cell[l->n - 1].width == 2)
        blank(&l->cell[l->n - 1]);
}

static void csi_byte(struct bw_scroll *s, char c)
{
    if ((unsigned char)c < 0x40) {
        if (s->n_part < sizeof s->part)
            s->part[s->n_part++] = c;
        return;
    }
    if (c == 'm' && !(s->n_part > 0 && s->part[0] >= '<'))
        colours(s);
    else if (c == 'K')
        erase(s);
    s->state = TEXT;
    s->n_part = 0;
}

static void escape_byte(struct bw_scroll *s, char c)
{
    if (c == '[')
        s->state = CSI;
    else if (strchr("]PX^_", c) && c != '\0')
        s->state = STRING;
    else if (strchr("()*+#% ", c) && c != '\0')
        s->state = CHARSET;
    else
        s->state = TEXT;
}

static void control(struct bw_scroll *s, char c)
{
    flush(s);
    if (c == '\n')
        new_line(s);
    else if (c == '\r')
        s->col = 0;
    else if (c == '\b')
        s->col -= s->col > 0;
    else if (c == '\t')
        s->col = s->col / TAB * TAB + TAB < BW_SCROLL_COLS ? s->col / TAB * TAB + TAB : s->col;
    else if (c == '\033')
        s->state = ESCAPE;
}

static void one_byte(struct bw_scroll *s, char c)
{
    bool is_control = (unsigned char)c < 0x20 || c == 0x7f;

    if (s->state == STRING || s->state == STRING_ESCAPE) {
        bool over = c == '\a' || (s->state == STRING_ESCAPE && c == '\\') || c == '\n';
        s->state = over ? TEXT : c == '\033' ? STRING_ESCAPE : STRING;
    } else if (s->state == TEXT) {
        if (is_control)
            control(s, c);
        else
            text_byte(s, c);
    } else if (is_control) {
        /* A sequence cut off: what comes now counts. */
        s->state = TEXT;
        s->n_part = 0;
        control(s, c);
    } else if (s->state == CSI) {
        csi_byte(s, c);
    } else if (s->state == ESCAPE) {
        escape_byte(s, c);
    } else {
        s->state = TEXT;
    }
}

/* A whole character at the end of what was written is shown at once. */
static bool ends_whole(const struct bw_scroll *s)
{
    size_t back = 0;

    while (back < s->n_part && back < 4 && !is_start((unsigned char)s->part[s->n_part - 1 - back]))
        back++;
    if (back >= s->n_part)
        return true;
    unsigned char lead = (unsigned char)s->part[s->n_part - 1 - back];
    size_t want = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return back + 1 >= want;
}

void bw_scroll_feed(struct bw_scroll *s, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        one_byte(s, text[i]);
    if (s->state == TEXT && ends_whole(s))
        flush(s);
}
