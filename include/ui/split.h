/* The split screen: the pane, the scrollback and the line being typed, on one canvas. It knows
 * neither readline nor curses: the line editor tells it what is typed, a struct bw_screen shows it.
 * There is one in a process at most. */
#ifndef BW_UI_SPLIT_H
#define BW_UI_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

struct bw_feed;
struct bw_session;
struct bw_split;

/* Takes the terminal and what the session prints from now on. NULL when the terminal cannot place
 * a cursor, or ncurses is missing: type plainly then. */
struct bw_split *bw_split_open(struct bw_session *s, struct bw_feed *f);
/* Gives the terminal back; what was printed last is printed there once more, so that it stays. */
void bw_split_close(struct bw_split *p);

/* The line as it is now; drawn with the next frame. point: byte of the cursor. */
void bw_split_line(struct bw_split *p, const char *prompt, const char *line, size_t point);
/* Takes out what was typed ahead while a program ran, and not read by it. */
struct bw_str;
void bw_split_ahead(struct bw_split *p, struct bw_str *out);
/* The line was ended: it goes to the scrollback, with mark ("" or "^C") after it. */
void bw_split_enter(struct bw_split *p, const char *mark);
/* A command has run: a long output is held at its first screen. */
void bw_split_ran(struct bw_split *p);

/* Draws what has changed. */
void bw_split_frame(struct bw_split *p);
/* The window has another size, or its content is in doubt (^L). */
void bw_split_resize(struct bw_split *p);
void bw_split_beep(struct bw_split *p);
/* Gives the terminal away while the shell itself is stopped, and takes it again. */
void bw_split_leave(struct bw_split *p);
void bw_split_return(struct bw_split *p);

/* ---- looking back ---- */

/* Whether the view is held, so that keys mean moving in it. */
bool bw_split_held(const struct bw_split *p);
void bw_split_page(struct bw_split *p, int pages); /* up when negative */
void bw_split_rows(struct bw_split *p, int rows);
void bw_split_ends(struct bw_split *p, bool top);
void bw_split_follow(struct bw_split *p);
/* The user looks back on purpose: the status line names the keys for it. */
void bw_split_browse(struct bw_split *p, bool on);
/* What is searched for is being typed (NULL: no more). */
void bw_split_ask(struct bw_split *p, const char *text);
/* Looks for text back or forth from the view. Returns whether there is any; else the status line
 * says so. */
bool bw_split_search(struct bw_split *p, const char *text, bool back);

#endif
