/* Between pane.c and the files that draw its sections. */
#ifndef BW_UI_PANE_PRIV_H
#define BW_UI_PANE_PRIV_H

#include "model/live.h"
#include "ui/pane.h"

/* Of a section: rows below its title that it would like, given this many columns; 0 leaves it out.
 * Drawing uses the rows that it gets. */
struct bw_pane_section {
    const char *title;
    const char *columns; /* their names, each where its column is, two blanks apart; or NULL */
    int least;           /* rows that make sense */
    int (*want)(const struct bw_live *l, int cols);
    void (*draw)(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
};

#define BW_PANE_NS_COLUMNS "            in box  on host            owned by"
enum { BW_PANE_NS_COLS = 49 };

int bw_pane_ns_want(const struct bw_live *l, int cols);
void bw_pane_ns_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
int bw_pane_groups_want(const struct bw_live *l, int cols);
void bw_pane_groups_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
int bw_pane_box_want(const struct bw_live *l, int cols);
void bw_pane_box_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
#define BW_PANE_PROCESS_COLUMNS "                      outside  inside"
int bw_pane_processes_want(const struct bw_live *l, int cols);
void bw_pane_processes_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
int bw_pane_steps_want(const struct bw_live *l, int cols);
void bw_pane_steps_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
int bw_pane_calls_want(const struct bw_live *l, int cols);
void bw_pane_calls_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
int bw_pane_mounts_want(const struct bw_live *l, int cols);
void bw_pane_mounts_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);
int bw_pane_net_want(const struct bw_live *l, int cols);
void bw_pane_net_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r);

/* A graph of the last values (tenths of a percent, -1 unknown) over r; top is its upper edge. What
 * reaches limit (0: none) stands out. Braille, two values a column; blocks of ASCII without. */
void bw_graph_draw(struct bw_canvas *c, struct bw_rect r, const int16_t *v, int n, int top,
                   int limit);
/* A bar of cols columns, part of whole filled. */
void bw_meter_draw(struct bw_canvas *c, struct bw_rect r, int row, int col, int cols,
                   long long part, long long whole);

#endif
