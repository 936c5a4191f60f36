/* Between diff.c, diff_mounts.c and diff_links.c. */
#ifndef BW_MODEL_DIFF_PRIV_H
#define BW_MODEL_DIFF_PRIV_H

struct bw_diff;
struct bw_link;
struct bw_links;
struct bw_mounts;
struct bw_str;

/* Adds a line. */
void bw_diff_add(struct bw_diff *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds what differs between two mount tables. */
void bw_diff_mounts(const struct bw_mounts *a, const struct bw_mounts *b, struct bw_diff *d);

/* Adds what differs between two lists of interfaces. */
void bw_diff_links(const struct bw_links *a, const struct bw_links *b, struct bw_diff *d);
/* Adds an interface in a few words: "up  veth  10.7.0.2/24". */
void bw_link_describe(const struct bw_link *k, struct bw_str *out);

#endif
