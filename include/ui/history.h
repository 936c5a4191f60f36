/* What was typed, kept under $XDG_STATE_HOME/boxwright/history (by default ~/.local/state). A
 * file that cannot be read or written is no reason to stop: it is only logged. */
#ifndef BW_UI_HISTORY_H
#define BW_UI_HISTORY_H

#include <stdbool.h>

struct bw_str;

enum { BW_HISTORY_MAX = 1000 }; /* commands kept */

/* Calls add for each command, the oldest first. A file that has grown is cut to the last
 * BW_HISTORY_MAX commands. */
void bw_history_load(void (*add)(const char *command));

/* Appends a command of one or more lines. The file has mode 0600, its folder 0700. */
void bw_history_append(const char *command);

/* The file's format, without a file. Where the newest commands of a text begin; *grown: the text is
 * longer than what is to be kept. Calls add for each command. Adds a command as the file has it;
 * -1 when it is none to keep. */
const char *bw_history_newest(const char *text, bool *grown);
void bw_history_each(const char *text, void (*add)(const char *command));
int bw_history_entry(const char *command, struct bw_str *out);

#endif
