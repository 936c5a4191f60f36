/* What the probes share. Private to probe*.c. */
#ifndef BW_KERN_PROBE_INT_H
#define BW_KERN_PROBE_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kern/probe.h"

struct bw_probe {
    const char *id, *what;
    void (*look)(struct bw_probe_row *row); /* id and what are set; sets the rest */
};

struct bw_probes {
    const struct bw_probe *v;
    size_t n;
};

extern const struct bw_probes bw_probes_ns, bw_probes_mount, bw_probes_cgroup, bw_probes_kernel,
    bw_probes_net, bw_probes_tools;

void bw_probe_found(struct bw_probe_row *row, enum bw_probe_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void bw_probe_fix(struct bw_probe_row *row, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The command of this machine's package manager for a package that goes by these names. */
void bw_probe_package(struct bw_probe_row *row, const char *apt, const char *dnf,
                      const char *pacman, const char *apk);

/* Runs fn in a child that has a second, and whose children end with it. fn returns 0, or -1 with
 * err filled, which is explained where it happened. Returns the same. What it unshares, mounts or
 * loads ends with the child. */
int bw_probe_try(int (*fn)(void *arg, struct bw_err *err), void *arg, struct bw_err *err);
/* A row for a trial that went as told: its cause as found, its todo as fix. */
void bw_probe_refused(struct bw_probe_row *row, enum bw_probe_state state,
                      const struct bw_err *err);

/* In a trial: namespaces of one's own, the user namespace first where the capability is missing,
 * with root mapped. */
int bw_probe_unshare(int flags, struct bw_err *err);
/* As above with a mount namespace, and a tmpfs on /tmp to work in. */
int bw_probe_mounts(int flags, struct bw_err *err);

/* Whether this process has CAP_SYS_ADMIN. */
bool bw_probe_admin(void);
/* Where PATH and the system's usual places have a program; false when none has. */
bool bw_probe_which(const char *name, char *out, size_t size);

#endif
