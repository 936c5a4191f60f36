/* What this host allows, found by looking and by trying in a forked child; the host is as before
 * after each probe. doctor shows the rows; causes and lesson requirements are derived from them. */
#ifndef BW_KERN_PROBE_H
#define BW_KERN_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum bw_probe_state { BW_PROBE_OK, BW_PROBE_LIMITED, BW_PROBE_NO, BW_PROBE_UNKNOWN };

struct bw_probe_row {
    char id[32];   /* "userns", "cgroup-cpu", "busybox" … stable names */
    char what[64]; /* "user namespaces for ordinary users" */
    enum bw_probe_state state;
    char found[160]; /* what was seen: "max_user_namespaces is 0" */
    char fix[200];   /* what to do, a command where there is one; empty when OK */
};

/* Runs all probes. Returns the number of rows stored. */
size_t bw_probe_all(struct bw_probe_row *rows, size_t max);
/* Runs one by id; returns 0, or -1 when there is no such probe. */
int bw_probe_one(const char *id, struct bw_probe_row *row);
/* Whether there is such a probe. */
bool bw_probe_known(const char *id);

#endif
