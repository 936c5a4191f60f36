/* The scrollback: what was printed, as lines of cells, and which part of it is in view. It takes
 * the bytes that programs write: text, tabs, \r and \b, erasing to the end of the line, colours.
 * All other sequences are dropped, so that nothing printed can drive the terminal. */
#ifndef BW_UI_SCROLL_H
#define BW_UI_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"

enum { BW_SCROLL_LINES = 10000, BW_SCROLL_CELLS = 1 << 20, BW_SCROLL_COLS = 4096 };

struct bw_line {
    struct bw_cell *cell;
    size_t n, cap;
};

/* A row on the screen: what of a line stands there when it is cut, between words, at the width.
 * Lines are counted from the first one ever printed, so that a position holds when old lines go. */
struct bw_place {
    size_t line;
    size_t row;
};

struct bw_scroll {
    struct bw_line *line; /* a ring of BW_SCROLL_LINES */
    size_t first, end;    /* lines kept: [first, end), counted from the first ever */
    size_t cells;         /* of all of them */

    size_t col; /* where the next character goes, in the last line */
    uint16_t attr;
    int state; /* of the sequence being read */
    char part[64];
    size_t n_part;

    bool held;           /* top is in view; else the end is */
    struct bw_place top; /* of the view, when held */
    char *found;         /* what is searched for, or NULL */
};

void bw_scroll_init(struct bw_scroll *s);
void bw_scroll_free(struct bw_scroll *s);
void bw_scroll_feed(struct bw_scroll *s, const char *text, size_t n);
/* Ends the last line if it is not empty. */
void bw_scroll_fresh_line(struct bw_scroll *s);
/* The place where the next line will be. */
struct bw_place bw_scroll_end(const struct bw_scroll *s);

/* Rows of a screen of cols columns from a place to the end. */
size_t bw_scroll_rows_from(const struct bw_scroll *s, struct bw_place from, int cols);
/* Holds the view at a place; at or beyond the last screen it follows the end again. */
void bw_scroll_hold(struct bw_scroll *s, struct bw_place top, int rows, int cols);
void bw_scroll_follow(struct bw_scroll *s);
/* Moves the view by this many rows, up when negative. Returns whether it moved. */
bool bw_scroll_move(struct bw_scroll *s, long by, int rows, int cols);
/* Looks for text (in any case) from the view on, and holds the view there. Returns whether there is
 * one; the view stays when there is none. */
bool bw_scroll_search(struct bw_scroll *s, const char *text, bool back, int rows, int cols);

/* Draws the view. The end stands at the bottom of r when there is more than fits, else at its top.
 * Returns the row after the last one drawn. */
int bw_scroll_draw(const struct bw_scroll *s, struct bw_canvas *c, struct bw_rect r);

#endif
