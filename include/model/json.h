/* Module "json": what needs json-c. bw_snapshot_json in model/snapshot.h loads it; nothing else
 * calls it. */
#ifndef BW_MODEL_JSON_H
#define BW_MODEL_JSON_H

struct bw_snapshot;
struct bw_str;

/* Adds the object of inspect --json on one line, in ASCII: every other character is escaped, a
 * byte that is no UTF-8 becomes U+FFFD. */
void bw_json_snapshot(const struct bw_snapshot *s, struct bw_str *out);

#endif
