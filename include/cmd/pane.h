/* What the user wants of the pane: command pane sets it, it is kept from session to session, and
 * whoever draws reads it. */
#ifndef BW_CMD_PANE_H
#define BW_CMD_PANE_H

#include <stdbool.h>
#include <stddef.h>

struct bw_err;

/* In the order of importance: what has no room is left out from the end. */
enum bw_section {
    BW_PANE_NAMESPACES,
    BW_PANE_GROUPS,
    BW_PANE_BOX,
    BW_PANE_PROCESSES,
    BW_PANE_STEPS,
    BW_PANE_CALLS,
    BW_PANE_MOUNTS,
    BW_PANE_NET,
    BW_PANE_SECTIONS
};
extern const char *const bw_pane_names[BW_PANE_SECTIONS]; /* "namespaces", "groups" … */

enum bw_side { BW_SIDE_AUTO, BW_SIDE_RIGHT, BW_SIDE_TOP };

struct bw_pane_opts {
    bool on;
    unsigned hidden; /* 1u << enum bw_section */
    int rate;        /* samples a second, in tenths: 5 to 100 */
    enum bw_side side;
    int size; /* columns (right) or rows (top); 0: by the terminal's size */
};

/* Of the terminal: with less there is no pane. */
enum { BW_PANE_MIN_ROWS = 12, BW_PANE_MIN_COLS = 40 };
enum { BW_PANE_RATE_MIN = 5, BW_PANE_RATE = 40, BW_PANE_RATE_MAX = 100 };

void bw_pane_default(struct bw_pane_opts *o);
/* As it was kept, or the default; keeping is tried, no more. */
void bw_pane_load(struct bw_pane_opts *o);
void bw_pane_keep(const struct bw_pane_opts *o);
/* One setting as the command takes it: "on", "off", "rate 2", "side top", "size 50", "mounts off".
 * Returns 0, or -1 with a usage error and *o as it was. */
int bw_pane_set(struct bw_pane_opts *o, int argc, char *const *argv, struct bw_err *err);
/* The lines that bring *o about, and the other way round; unknown lines are passed over. */
struct bw_str;
void bw_pane_write(const struct bw_pane_opts *o, struct bw_str *out);
void bw_pane_read(struct bw_pane_opts *o, const char *text);

#endif
