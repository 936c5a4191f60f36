/* Looking at files as a process sees them, without being led out of its root: openat2(2) with
 * RESOLVE_IN_ROOT on /proc/PID/root. Nothing is changed and nothing is recorded. */
#ifndef BW_KERN_INROOT_H
#define BW_KERN_INROOT_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens path as process pid (outside) names it; a relative path starts at that process's working
 * directory. pid 0 is the caller itself. flags are those of open(2), O_CLOEXEC is added. Links
 * are followed inside the root only. Returns a descriptor, or -1 with errno. */
int bw_inroot_open(pid_t pid, const char *path, int flags);

/* Whether path, as pid names it, is a regular file with an execute bit. */
bool bw_inroot_is_program(pid_t pid, const char *path);

/* Whether a directory of PATH has a program of that name, as pid sees it. */
bool bw_inroot_on_path(pid_t pid, const char *name);

#endif
