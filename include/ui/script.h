/* Commands from -c, a file or standard input that is no terminal. */
#ifndef BW_UI_SCRIPT_H
#define BW_UI_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct bw_session;

/* Each returns the exit status of the last command run. Standard input is read byte by byte, so
 * that a program run by a line can read what follows it. A file that is not regular, not readable,
 * larger than 16 MiB or not text is refused with status 2. */
int bw_script_file(struct bw_session *s, const char *path);
int bw_script_stdin(struct bw_session *s);

/* Whether text ends inside a quote or after a backslash, so that another line belongs to it. */
bool bw_script_open(const char *text, size_t len);

#endif
