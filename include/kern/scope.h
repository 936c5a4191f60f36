/* The module "scope": systemd's bus interface, org.freedesktop.systemd1(5). */
#ifndef BW_KERN_SCOPE_H
#define BW_KERN_SCOPE_H

#include <stddef.h>
#include <sys/types.h>

struct bw_err;

/* Asks systemd (root: the system's, else the user's) for a scope named unit whose control group is
 * delegated, holding the n processes of pids, and waits until it is there (5 s at most). Returns
 * 0, or -1 with err. */
int bw_scope_start(const char *unit, const pid_t *pids, size_t n, struct bw_err *err);

#endif
