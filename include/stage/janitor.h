/* The janitor outlives a killed shell just long enough to remove what the box left: processes,
 * control groups, a terminal in raw mode. It does nothing while the shell lives. */
#ifndef BW_STAGE_JANITOR_H
#define BW_STAGE_JANITOR_H

#include <stdbool.h>
#include <sys/types.h>

struct bw_err;
struct bw_janitor;

/* Forks the janitor. */
struct bw_janitor *bw_janitor_start(struct bw_err *err);
/* Tells it of a stage to kill (its pidfd), and of a cgroup directory to remove. */
int bw_janitor_stage(struct bw_janitor *j, int pidfd, struct bw_err *err);
int bw_janitor_cgroup(struct bw_janitor *j, const char *dir, struct bw_err *err);
/* Tells it of a file to remove (one at most), and of what to write to the terminal to make a screen
 * a terminal again ("" when it is one). */
int bw_janitor_file(struct bw_janitor *j, const char *path, struct bw_err *err);
/* Tells it of a folder to clear of directories and to remove if nothing else is in it (one at most;
 * it may be gone by then). */
int bw_janitor_dir(struct bw_janitor *j, const char *path, struct bw_err *err);
int bw_janitor_screen(struct bw_janitor *j, const char *sequence, struct bw_err *err);
/* Tells it of a link in the shell's network namespace to remove (kern/link.h), and that the session
 * with this mark holds ip_forward (kern/forward.h; "": no more).
 */
int bw_janitor_link(struct bw_janitor *j, const char *alias, const char *name, struct bw_err *err);
int bw_janitor_forward(struct bw_janitor *j, const char *alias, struct bw_err *err);
/* clean: it exits without doing anything; else it does what a killed shell leaves to it. */
void bw_janitor_dismiss(struct bw_janitor *j, bool clean);

#endif
