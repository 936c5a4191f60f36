/* Calls such as `boxwright inspect PID`, which are no session. */
#ifndef BW_UI_SUBCOMMAND_H
#define BW_UI_SUBCOMMAND_H

struct bw_session;

/* Returns an exit status, or -1 when the first word is no subcommand. */
int bw_subcommand(struct bw_session *s, int argc, char **argv);
/* Says what is wrong with the call. Returns the exit status for it. */
int bw_call_usage(struct bw_session *s, const char *what, const char *word);

#endif
