/* The folder that a lesson takes place in: made when it begins, removed when it ends, by the
 * janitor of a killed shell, or by cleanup. */
#ifndef BW_KERN_ROOM_H
#define BW_KERN_ROOM_H

struct bw_err;
struct bw_str;

/* Makes one in $TMPDIR, else /tmp, with mode 0711 and the caller's name in its own (kern/owner.h).
 * Returns its path as realpath(3) has it, the caller's to free, or NULL with err (EACCES, ENOSPC).
 */
char *bw_room_make(struct bw_err *err);
/* Removes the directories in it and, unless files were put there, itself. Returns 0, or -1 with
 * errno: ENOTEMPTY. */
int bw_room_remove(const char *dir);
/* Removes those of the caller's own dead sessions in $TMPDIR and /tmp; adds a line each to report.
 * What holds files is left, and what lies where others may rename it. */
void bw_room_cleanup(struct bw_str *report);

#endif
