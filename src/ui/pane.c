/* Where the sections stand. */
#include "ui/pane.h"

#include <string.h>

#include "pane_priv.h"

static const struct bw_pane_section sections[BW_PANE_SECTIONS] = {
    [BW_PANE_NAMESPACES] = {"namespaces", BW_PANE_NS_COLUMNS, 3, bw_pane_ns_want, bw_pane_ns_draw},
    [BW_PANE_GROUPS] = {"control groups", NULL, 2, bw_pane_groups_want, bw_pane_groups_draw},
    [BW_PANE_BOX] = {"box", NULL, 2, bw_pane_box_want, bw_pane_box_draw},
    [BW_PANE_PROCESSES] = {"processes", BW_PANE_PROCESS_COLUMNS, 2, bw_pane_processes_want,
                           bw_pane_processes_draw},
    [BW_PANE_STEPS] = {"steps", NULL, 1, bw_pane_steps_want, bw_pane_steps_draw},
    [BW_PANE_CALLS] = {"calls of the last step", NULL, 1, bw_pane_calls_want, bw_pane_calls_draw},
    [BW_PANE_MOUNTS] = {"mounts that differ", NULL, 1, bw_pane_mounts_want, bw_pane_mounts_draw},
    [BW_PANE_NET] = {"interfaces", NULL, 1, bw_pane_net_want, bw_pane_net_draw},
};

enum {
    COLUMN = 38,   /* the least width of a column of sections */
    WIDE = 100,    /* of a terminal that has room for a pane on the right */
    TEXT = 80,     /* that are enough beside it for what is printed */
    REST_ROWS = 6, /* that are left to the prompt and what is printed */
    REST_COLS = 30
};

static int between(int n, int low, int high)
{
    return n > high ? high : n < low ? low : n;
}

/* With two columns, once each can show all of a namespace beside enough text. */
static int right_size(int cols)
{
    enum { BOTH = 2 * BW_PANE_NS_COLS + 3 };

    return cols >= BOTH + TEXT ? BOTH : between(cols * 45 / 100, COLUMN + 8, 2 * COLUMN + 10);
}

bool bw_pane_place(const struct bw_pane_opts *o, int rows, int cols, struct bw_rect *pane,
                   struct bw_rect *rest)
{
    bool right = o->side == BW_SIDE_RIGHT || (o->side == BW_SIDE_AUTO && cols >= WIDE);

    *rest = (struct bw_rect){0, 0, rows, cols};
    *pane = (struct bw_rect){0, 0, 0, 0};
    if (!o->on || rows < BW_PANE_MIN_ROWS || cols < BW_PANE_MIN_COLS)
        return false;
    if (right && cols >= COLUMN + REST_COLS) {
        int size = o->size > 0 ? o->size : right_size(cols);
        size = between(size, COLUMN, cols - REST_COLS);
        *pane = (struct bw_rect){0, cols - size, rows, size};
        rest->cols = cols - size;
        return true;
    }
    int size = o->size > 0 ? o->size : between(rows * 45 / 100, BW_NS_COUNT + 3, 24);
    size = between(size, 4, rows - REST_ROWS);
    *pane = (struct bw_rect){0, 0, size, cols};
    rest->row = size;
    rest->rows = rows - size;
    return true;
}

/* Rows given to each section, and the column each is in. */
struct plan {
    int columns, width;
    int rows[BW_PANE_SECTIONS], column[BW_PANE_SECTIONS];
    int left[8];
};

static int roomiest(const struct plan *p)
{
    int best = 0;

    for (int i = 1; i < p->columns; i++)
        if (p->left[i] > p->left[best])
            best = i;
    return best;
}

static int wanted(const struct bw_live *l, const struct bw_pane_opts *o, int i, int width)
{
    return (o->hidden & 1u << i) ? 0 : sections[i].want(l, width);
}

/* First each gets what makes sense, the important ones first; then they share what is left. */
static void make_plan(const struct bw_live *l, const struct bw_pane_opts *o, struct bw_rect r,
                      struct plan *p)
{
    memset(p, 0, sizeof *p);
    p->columns = between(r.cols / COLUMN, 1, 4);
    p->width = (r.cols - (p->columns - 1)) / p->columns;
    for (int i = 0; i < p->columns; i++)
        p->left[i] = r.rows;
    for (int i = 0; i < BW_PANE_SECTIONS; i++) {
        int want = wanted(l, o, i, p->width), at = roomiest(p);
        int least = between(sections[i].least, 1, want);
        if (want == 0 || p->left[at] < least + 1)
            continue;
        /* A column to itself while there are columns: it may have what it wants. */
        p->column[i] = at;
        p->rows[i] = p->left[at] == r.rows && p->columns > 1 ? between(want, 1, r.rows - 1) : least;
        p->left[at] -= p->rows[i] + 1;
    }
    for (int i = 0; i < BW_PANE_SECTIONS; i++) {
        int more = p->rows[i] > 0 ? wanted(l, o, i, p->width) - p->rows[i] : 0;
        more = between(more, 0, p->left[p->column[i]]);
        p->rows[i] += more;
        p->left[p->column[i]] -= more;
    }
}

/* Names of columns that have no room are left out, as the columns are. */
static void draw_columns(struct bw_canvas *c, struct bw_rect r, const char *names)
{
    for (int at = 0, n; names[at]; at += n) {
        int blanks = (int)strspn(names + at, " ");
        const char *end = strstr(names + at + blanks, "  ");
        n = blanks + (int)(end ? end - (names + at + blanks) : (long)strlen(names + at + blanks));
        if (at + n <= r.cols && n > blanks)
            bw_canvas_putf(c, r, 0, at + blanks - 1, BW_A_DIM, " %.*s ", n - blanks,
                           names + at + blanks);
    }
}

static void draw_title(struct bw_canvas *c, struct bw_rect r, const struct bw_pane_section *s)
{
    int col = bw_canvas_put(c, r, 0, 0, BW_A_TITLE, s->title);

    bw_canvas_put(c, r, 0, col++, 0, " ");
    while (col < r.cols)
        col = bw_canvas_put(c, r, 0, col, BW_A_DIM, c->ascii ? "-" : "\xe2\x94\x80");
    if (s->columns)
        draw_columns(c, r, s->columns);
}

static void draw_edge(struct bw_canvas *c, struct bw_rect *r, enum bw_edge edge)
{
    if (edge == BW_EDGE_NONE)
        return;
    if (edge == BW_EDGE_LEFT) {
        for (int i = 0; i < r->rows; i++)
            bw_canvas_put(c, *r, i, 0, BW_A_DIM, c->ascii ? "|" : "\xe2\x94\x82");
        r->col += 2;
        r->cols -= 2;
        return;
    }
    for (int i = 0; i < r->cols; i++)
        bw_canvas_put(c, *r, r->rows - 1, i, BW_A_DIM, c->ascii ? "=" : "\xe2\x94\x81");
    r->rows--;
}

static void draw_none(struct bw_canvas *c, struct bw_rect r)
{
    static const char *const lines[] = {"The first step makes one: unshare uts",
                                        "It begins in the host's namespaces.",
                                        "",
                                        "Here will stand what the kernel says of",
                                        "the box after each step. help pane says",
                                        "how to change what is shown."};

    bw_canvas_put(c, r, 0, 0, BW_A_TITLE, "no box yet");
    for (int i = 0; i < (int)(sizeof lines / sizeof *lines); i++)
        bw_canvas_put(c, r, i + 1, 0, i < 2 ? 0 : BW_A_DIM, lines[i]);
}

void bw_pane_draw(const struct bw_live *l, const struct bw_pane_opts *o, struct bw_canvas *c,
                  struct bw_rect r, enum bw_edge edge)
{
    struct plan p;
    int at[8] = {0};

    draw_edge(c, &r, edge);
    if (!l->box) {
        draw_none(c, r);
        return;
    }
    make_plan(l, o, r, &p);
    for (int i = 0; i < BW_PANE_SECTIONS; i++) {
        if (p.rows[i] == 0)
            continue;
        int col = p.column[i];
        struct bw_rect s = {r.row + at[col], r.col + col * (p.width + 1), p.rows[i] + 1, p.width};
        draw_title(c, s, &sections[i]);
        s.row++;
        s.rows--;
        sections[i].draw(l, c, s);
        at[col] += p.rows[i] + 1;
    }
}
