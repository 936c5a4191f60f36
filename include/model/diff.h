/* Differences between two snapshots, a line each, as they are shown after a step:
 *     uts  4026531838 -> 4026532201  own
 *     root /  ->  /container */
#ifndef BW_MODEL_DIFF_H
#define BW_MODEL_DIFF_H

#include <stddef.h>

struct bw_snapshot;

struct bw_diff {
    char **line;
    size_t n;
};

/* Only parts read in both (enum BW_SNAP_…) are compared. */
void bw_diff_make(const struct bw_snapshot *before, const struct bw_snapshot *after, unsigned parts,
                  struct bw_diff *out);
void bw_diff_free(struct bw_diff *d);

#endif
