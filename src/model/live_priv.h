/* Between live.c, live_parts.c and live_pack.c. */
#ifndef BW_MODEL_LIVE_PRIV_H
#define BW_MODEL_LIVE_PRIV_H

#include "model/live.h"

void bw_lines_free(struct bw_lines *l);
void bw_lines_add(struct bw_lines *l, const char *text);

/* Each fills its part of l from what l->snap says so far. */
void bw_live_tree(struct bw_live *l);
void bw_live_links(struct bw_live *l);
void bw_live_pressure(const char *dir, struct bw_live *l); /* dir: of the group on v2, or "" */
void bw_live_mounts(struct bw_live *l);
/* The text of /proc/PID/net/dev, added to l, and of a pressure file: some avg10 in hundredths. */
void bw_live_parse_links(const char *text, struct bw_live *l);
int bw_live_parse_pressure(const char *text);
void bw_live_steps(const struct bw_journal *j, struct bw_live *l);

#endif
