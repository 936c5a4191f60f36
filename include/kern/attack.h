/* What a program of the box could do to the host, tried harmlessly: each is the call that an attack
 * begins with, made so that it changes nothing even where it is let through. */
#ifndef BW_KERN_ATTACK_H
#define BW_KERN_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kern/seccomp.h"

struct bw_attack {
    const char *word; /* "module": how it is named on a line */
    const char *aim;  /* what it is for, without a full stop */
    const char *call; /* as it is made: "init_module(\"\", 0, \"\")" */
};

enum bw_attack_id {
    BW_ATTACK_MODULE,
    BW_ATTACK_CLOCK,
    BW_ATTACK_REBOOT,
    BW_ATTACK_LOG,
    BW_ATTACK_HANDLE,
    BW_ATTACK_MOUNT,
    BW_ATTACK_BPF,
    BW_ATTACK_KCORE,
    BW_ATTACK_KEYS,
    BW_ATTACK_TIMERS,
    BW_ATTACK_CORE_PATTERN,
    BW_ATTACK_SYSRQ,
    BW_ATTACK_DISK,
    BW_ATTACK_KEYCTL,
    BW_ATTACK_USERNS,
    BW_ATTACK_IO_URING,
    BW_ATTACK_CHROOT,
    BW_ATTACK_COUNT
};

extern const struct bw_attack bw_attacks[BW_ATTACK_COUNT];

/* Beside an errno. */
#define BW_ATTACK_EMPTY (-1) /* there is nothing in it */

/* Tries it in a child of the caller, the stage, that has what execve(2) would leave a program, and
 * its filter (NULL: none). *result: 0 when it worked, an errno, or BW_ATTACK_EMPTY. Returns 0, or
 * -1 with err when it could not be tried. */
int bw_attack_try(enum bw_attack_id id, const struct bw_filter *f, int *result, struct bw_err *err);
/* Whether a result means that the attack is over: refused, hidden, or not there. */
bool bw_attack_refused(int result);

#endif
