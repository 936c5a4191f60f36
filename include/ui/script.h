/* Commands from -c, a file or standard input that is no terminal. */
#ifndef BW_UI_SCRIPT_H
#define BW_UI_SCRIPT_H

struct bw_session;

/* Each returns the exit status of the last command run. Standard input is read byte by byte, so
 * that a program run by a line can read what follows it. */
int bw_script_file(struct bw_session *s, const char *path);
int bw_script_stdin(struct bw_session *s);

#endif
