/* The pane: the box as the kernel sees it, drawn by pure functions from a sample into a canvas.
 * The session, its watchers and the pictures in the README use the same ones. */
#ifndef BW_UI_PANE_H
#define BW_UI_PANE_H

#include <stdbool.h>

#include "cmd/pane.h"
#include "ui/canvas.h"

struct bw_live;

/* Shares a screen between the pane and the rest (the line between them is the pane's). Returns
 * false when there is no room for a pane or it is off: rest is all then. */
bool bw_pane_place(const struct bw_pane_opts *o, int rows, int cols, struct bw_rect *pane,
                   struct bw_rect *rest);
/* The line between the pane and the rest. */
enum bw_edge { BW_EDGE_NONE, BW_EDGE_LEFT, BW_EDGE_BELOW };

/* Draws the sections that fit, and the line. */
void bw_pane_draw(const struct bw_live *l, const struct bw_pane_opts *o, struct bw_canvas *c,
                  struct bw_rect r, enum bw_edge edge);

#endif
