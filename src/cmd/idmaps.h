/* ID maps as commands give them: unshare's options and map's words. */
#ifndef BW_CMD_IDMAPS_H
#define BW_CMD_IDMAPS_H

#include <stddef.h>
#include <sys/types.h>

#include "kern/idmap.h"

struct bw_err;
struct bw_stage;

struct idmaps {
    struct bw_id_range uid[BW_IDMAP_MAX], gid[BW_IDMAP_MAX];
    size_t n_uid, n_gid;
    int setgroups; /* -1 not said, 0 deny, 1 allow */
};

/* Adds one line: inside is the caller's own ID. */
int idmaps_one(struct idmaps *m, enum bw_id_kind kind, unsigned inside, struct bw_err *err);
int idmaps_both(struct idmaps *m, unsigned uid, unsigned gid, struct bw_err *err);
/* Adds "INSIDE:OUTSIDE:COUNT" (commas too), or the caller's subordinate IDs for "auto". */
int idmaps_range(struct idmaps *m, enum bw_id_kind kind, const char *text, struct bw_err *err);
/* Writes them for the user namespace of the stage, from outside. */
int idmaps_write(const struct idmaps *m, struct bw_stage *st, struct bw_err *err);
/* A stage whose own ID is in no map becomes root of its namespace, when there is one. */
int idmaps_settle(struct bw_stage *st, struct bw_err *err);

#endif
