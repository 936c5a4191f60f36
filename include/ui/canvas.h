/* A screen in memory: a grid of cells that is drawn into by pure functions and shown by whoever has
 * a terminal. Nothing here knows of curses. */
#ifndef BW_UI_CANVAS_H
#define BW_UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A cell's look: a colour and flags. Colours are the terminal's 16, so that its own palette holds;
 * BW_A_PLAIN is the terminal's own. */
enum {
    BW_A_PLAIN = 0,
    BW_A_COLOUR = 0x1f, /* 0 none, 1 + colour number otherwise */
    BW_A_BOLD = 0x20,
    BW_A_DIM = 0x40,
    BW_A_UNDERLINE = 0x80,
    BW_A_REVERSE = 0x100
};
#define BW_A_FG(n) ((uint16_t)((n) + 1))

/* What colours mean in the pane. Blue and yellow are told apart with every kind of colour vision;
 * each has a mark beside it, so that nothing is lost without colour. */
enum {
    BW_A_OWN = BW_A_FG(6) | BW_A_BOLD,
    BW_A_SHARED = BW_A_DIM,
    BW_A_CHANGED = BW_A_FG(3) | BW_A_BOLD | BW_A_REVERSE,
    BW_A_TITLE = BW_A_BOLD,
    BW_A_NOTE = BW_A_FG(3),
    BW_A_METER = BW_A_FG(4) | BW_A_BOLD,
    BW_A_OVER = BW_A_FG(3) | BW_A_BOLD
};

/* One column. text is one character with its combining marks in UTF-8, "" is a blank; the second
 * column of a wide character has width 0. */
struct bw_cell {
    char text[12];
    uint16_t attr;
    uint8_t width;
};

struct bw_canvas {
    int rows, cols;
    struct bw_cell *cell;
    int cursor_row, cursor_col; /* -1: hidden */
    bool ascii;                 /* lines, marks and graphs are to be drawn with ASCII alone */
};

struct bw_rect {
    int row, col, rows, cols;
};

void bw_canvas_size(struct bw_canvas *c, int rows, int cols); /* blank afterwards */
void bw_canvas_free(struct bw_canvas *c);
void bw_canvas_clear(struct bw_canvas *c);
struct bw_cell *bw_canvas_at(struct bw_canvas *c, int row, int col); /* NULL outside */

/* Puts UTF-8 text at row, col of r, cut and marked at its right edge. Control bytes and what is no
 * UTF-8 are shown as '?'. Returns the column of r after it. */
int bw_canvas_put(struct bw_canvas *c, struct bw_rect r, int row, int col, unsigned attr,
                  const char *text);
int bw_canvas_putf(struct bw_canvas *c, struct bw_rect r, int row, int col, unsigned attr,
                   const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Marks a row as cut, in its last column. */
void bw_canvas_cut(struct bw_canvas *c, struct bw_rect r, int row, unsigned attr);
/* Puts cells, as the scrollback keeps them. */
void bw_canvas_cells(struct bw_canvas *c, struct bw_rect r, int row, int col,
                     const struct bw_cell *v, size_t n);
/* Sets an attribute on a run of columns. */
void bw_canvas_mark(struct bw_canvas *c, struct bw_rect r, int row, int col, int cols,
                    unsigned attr);

/* The next character of UTF-8 text as a cell: combining marks that follow belong to it. Stores the
 * cell and returns the bytes used, 0 at the end. A control byte or invalid byte becomes '?'. */
size_t bw_cell_next(const char *text, size_t len, struct bw_cell *out);
/* Columns that text takes. */
int bw_text_columns(const char *text);

/* The canvas as text, a line a row without trailing blanks (for tests and plain transcripts). */
struct bw_str;
void bw_canvas_text(const struct bw_canvas *c, struct bw_str *out);

#endif
