#ifndef BW_CMD_UNTRUSTED_H
#define BW_CMD_UNTRUSTED_H

#include "cmd/session.h"
#include "kern/mnt.h"

/* The beginning of path, as written, that is a root file system of which the box is not inside:
 * links below it were put there by somebody else, and may change at any moment. *root is NULL when
 * there is none; else the caller's to free. Returns 0, or -1 with s->err when it cannot be told. */
int untrusted_root(struct bw_session *s, const char *path, char **root);
/* Refuses a mount at target that could also appear on the host, as the one it lies in is shared. 0,
 * or -1 with s->err. */
int stays_in_box(struct bw_session *s, const char *target);
/* What the box has mounted. The caller frees it. 0, or -1 with s->err. */
int box_mounts(struct bw_session *s, struct bw_mounts *out);

#endif
