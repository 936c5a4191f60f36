/* Keeping a program of the box from typing into the shell's terminal: ioctl_tty(2) TIOCSTI, and
 * TIOCLINUX of a virtual console, put characters where the shell will read them as typed. */
#ifndef BW_KERN_TTYGUARD_H
#define BW_KERN_TTYGUARD_H

#include <stdbool.h>

/* Whether this process has a terminal into which a program could type: kernels since 6.2 can
 * refuse it themselves (dev.tty.legacy_tiocsti is 0). */
bool bw_ttyguard_needed(void);

/* From here on this process and all it starts get EPERM for both requests: seccomp(2). Returns 0,
 * or -1 with errno: EACCES without CAP_SYS_ADMIN in its user namespace and without no_new_privs. */
int bw_ttyguard_install(void);

#endif
