/* Between diff.c and diff_mounts.c. */
#ifndef BW_MODEL_DIFF_PRIV_H
#define BW_MODEL_DIFF_PRIV_H

struct bw_diff;
struct bw_mounts;

/* Adds a line. */
void bw_diff_add(struct bw_diff *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds what differs between two mount tables. */
void bw_diff_mounts(const struct bw_mounts *a, const struct bw_mounts *b, struct bw_diff *d);

#endif
