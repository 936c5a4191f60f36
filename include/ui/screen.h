/* The terminal as a screen: ncurses, in module "screen", loaded only when there is a split screen
 * or a watcher. It shows canvases; what is on them is nothing to it. */
#ifndef BW_UI_SCREEN_H
#define BW_UI_SCREEN_H

#include <stdbool.h>

struct bw_canvas;
struct bw_err;

struct bw_screen {
    /* Takes the terminal. Returns 0, or -1 when it cannot place a cursor (TERM=dumb). ascii says
     * that the user's locale, or the terminal's font, has ASCII alone for sure. */
    int (*open)(bool *ascii);
    void (*close)(void); /* gives it back as it was */
    /* What has to be written to do that when this process is killed. */
    const char *(*goodbye)(void);
    /* Gives it to a program for a while and takes it again; all is drawn anew then. raw: the
     * program has a terminal of its own, and keys are passed on unchanged. */
    void (*suspend)(bool raw);
    void (*resume)(void);
    /* While a program that prints runs: every key counts, ^C and ^Z too. */
    void (*keys)(bool raw);
    /* The size now; what was shown is forgotten when it changed, or when anew is set. */
    void (*size)(bool anew, int *rows, int *cols);
    /* Shows the canvas: writes what differs from what is shown, nothing when nothing does. */
    void (*show)(const struct bw_canvas *c);
    void (*beep)(void);
};

#define BW_SCREEN_MODULE "screen"
#define BW_SCREEN_SYMBOL "bw_screen_module"

/* Loads the module. NULL with err filled when it or ncurses is missing. */
const struct bw_screen *bw_screen_load(struct bw_err *err);

#endif
