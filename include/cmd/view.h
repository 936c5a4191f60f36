/* The split screen, as far as commands have to know of it. A session that types plainly, and a
 * script, has none (NULL): programs then get the shell's own terminal. */
#ifndef BW_CMD_VIEW_H
#define BW_CMD_VIEW_H

#include <stdbool.h>
#include <sys/types.h>

struct bw_pty; /* the terminal of one program */

struct bw_view {
    void *ctx;
    /* A terminal for a program that is about to start, the size of the part of the screen where
     * output goes; *slave is what the program gets as 0, 1 and 2, the caller closes it. NULL when
     * there is none to be had. */
    struct bw_pty *(*open)(void *ctx, int *slave);
    /* What is typed goes to the program, what it writes to the scrollback, or to the whole screen
     * once it asks for single keys. Until rest. */
    void (*lend)(void *ctx, struct bw_pty *p);
    void (*rest)(void *ctx, struct bw_pty *p);
    void (*close)(void *ctx, struct bw_pty *p);
    /* Where programs in the background write; not to be closed. */
    int (*background)(void *ctx);
    /* The settings of the pane have changed. Returns false when it is on but has no room, and then
     * the size of the terminal. */
    bool (*changed)(void *ctx, int *rows, int *cols);
};

#endif
