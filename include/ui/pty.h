/* The terminal of a program that runs under the split screen. What it writes goes to the
 * scrollback; once it asks for single keys or for the alternate screen, as editors, pagers and
 * shells do, the whole screen is lent to it until it ends. */
#ifndef BW_UI_PTY_H
#define BW_UI_PTY_H

#include <stdbool.h>
#include <stddef.h>

struct bw_pty;

struct bw_pty_user {
    void *ctx;
    void (*print)(void *ctx, const char *text, size_t n); /* into the scrollback */
    void (*whole)(void *ctx);                             /* the program has the screen from now */
};

/* Returns NULL with errno. *slave is the caller's to close. */
struct bw_pty *bw_pty_open(const struct bw_pty_user *user, int rows, int cols, int *slave);
/* Relays keys and output until rest; the loop (base/loop.h) does it while others wait. */
void bw_pty_lend(struct bw_pty *p);
/* Shows what is written there, for programs in the background: no keys, never the whole screen. */
void bw_pty_listen(struct bw_pty *p);
/* The program has stopped or ended: what it has written so far is shown, keys are not read. */
void bw_pty_rest(struct bw_pty *p);
void bw_pty_close(struct bw_pty *p);
void bw_pty_size(struct bw_pty *p, int rows, int cols);
/* Whether it has the whole screen. */
bool bw_pty_whole(const struct bw_pty *p);
/* Adds what was typed and not read by the program, which has ended. */
struct bw_str;
void bw_pty_unread(struct bw_pty *p, struct bw_str *out);

#endif
