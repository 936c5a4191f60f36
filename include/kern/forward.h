/* The host's net.ipv4.ip_forward while sessions need it. Each that does has an empty file
 * /run/NAME.forward.INODE, of the session's name (kern/owner.h) and the network namespace: the last
 * of them sets 0 again, and cleanup can for one that was killed with its janitor. ip-sysctl,
 * ip_forward.
 */
#ifndef BW_KERN_FORWARD_H
#define BW_KERN_FORWARD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

#define BW_FORWARD_PATH "/proc/sys/net/ipv4/ip_forward"

/* Whether a living session in the caller's network namespace holds it. */
bool bw_forward_held(void);
/* Makes the file of the session with this name (kern/owner.h). Returns 0, or -1 with
 * err: EACCES, EROFS, ENOENT where there is no /run. */
int bw_forward_hold(const char *alias, struct bw_err *err);
/* Removes it and, when no living session has one and ip_forward is 1, sets 0. Does nothing without
 * that file. Returns 0, or -1 with err. */
int bw_forward_drop(const char *alias, struct bw_err *err);
/* The same for each dead session in the caller's network namespace; removes the files of dead ones
 * in network namespaces that no process is in, lest a new one get the inode. Adds lines to report.
 */
void bw_forward_cleanup(struct bw_str *report);

#endif
