/* Between split.c (drawing), split_back.c (looking back) and split_view.c (programs). */
#ifndef BW_UI_SPLIT_PRIV_H
#define BW_UI_SPLIT_PRIV_H

#include "base/loop.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/view.h"
#include "ui/canvas.h"
#include "ui/pty.h"
#include "ui/screen.h"
#include "ui/scroll.h"
#include "ui/split.h"

struct bw_split {
    struct bw_session *s;
    struct bw_feed *feed;
    const struct bw_screen *screen;
    struct bw_out out_before;
    struct bw_view view;

    struct bw_canvas canvas;
    struct bw_rect pane, rest, lesson; /* lesson: its two rows, or none */
    bool has_pane;
    bool dirty; /* something may have changed since the last frame */
    bool away;  /* the shell has given the terminal away */

    struct bw_scroll scroll;
    struct bw_place ran_from; /* where the output of the last command begins */
    bool program_ran;         /* it ran a program */
    bool asking, browsing, not_found;
    struct bw_str sought;

    struct bw_str prompt, line, ahead; /* ahead: typed while a program ran that did not read it */
    size_t point;
    bool editing;

    struct bw_pty *pty;        /* of the program that has the keys, or NULL */
    struct bw_pty *background; /* of programs in the background */
    int background_slave;
};

/* Places pane and scrollback for the size and the settings there are now. */
void bw_split_layout(struct bw_split *p);

/* Hands the screen to commands (cmd/view.h), and takes it back. */
void bw_split_view(struct bw_split *p);
void bw_split_unview(struct bw_split *p);
/* Prints the end of the scrollback on the plain terminal. */
void bw_split_reprint(struct bw_split *p);

#endif
