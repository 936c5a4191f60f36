/* Files that are kept from session to session, under $XDG_STATE_HOME/boxwright (by default
 * ~/.local/state/boxwright): mode 0600, in folders of mode 0700. */
#ifndef BW_BASE_STATE_H
#define BW_BASE_STATE_H

#include <stddef.h>

struct bw_str;

/* The file's full name; empty when the environment names no absolute folder. */
void bw_state_name(const char *file, struct bw_str *out);
/* Opens a regular file by its full name; O_CREAT makes the folders too. Links, FIFOs, files
 * with a second name, other users' files and what lies in their folders are refused. Returns a
 * descriptor, or -1 with errno. */
int bw_state_open(const char *name, int flags);
/* Puts text in the file's place as a whole: after a power cut there is the old one or the new one.
 * Returns 0, or -1 with errno. */
int bw_state_replace(const char *name, const char *text, size_t len);

#endif
