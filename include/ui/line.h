/* The line editor: readline, in module "line". The program asks for it only when a person types. */
#ifndef BW_UI_LINE_H
#define BW_UI_LINE_H

struct bw_session;

/* Runs the interactive loop to its end (^D, quit). Returns the exit status. */
int bw_line_run(struct bw_session *s);

#endif
