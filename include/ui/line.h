/* Typing: readline, in module "line", which is loaded only when a person types; without it lines
 * are read as the terminal gives them. */
#ifndef BW_UI_LINE_H
#define BW_UI_LINE_H

#include <stdbool.h>

struct bw_session;

struct bw_split;

/* Runs the interactive loop to its end (^D, quit, a hangup), under the split screen when the
 * terminal can show one and plain is not asked for. Returns the exit status. */
int bw_line_run(struct bw_session *s, bool plain);

/* For the loop, in whichever file it is: runs what was typed, after which the terminal has the
 * modes it had before; and says that the input ended inside a quote. */
void bw_line_execute(struct bw_session *s, const char *text);
void bw_line_unfinished(struct bw_session *s);

/* The module's function: the loop itself. split: NULL where readline is to draw itself. Returns 0,
 * or -1 when there is no terminal to use. */
#define BW_LINE_MODULE "line"
#define BW_LINE_SYMBOL "bw_line_module_run"
typedef int bw_line_loop(struct bw_session *s, struct bw_split *split);

#endif
