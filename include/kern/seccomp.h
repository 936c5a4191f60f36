/* Filters of system calls: seccomp(2), seccomp_unotify(2). A filter is kept as compiled for a
 * kernel that answers by itself. Where somebody listens, what it refuses or logs is turned into a
 * notification, and the listener finds the answer by running the same filter. */
#ifndef BW_KERN_SECCOMP_H
#define BW_KERN_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bw_err;

#define BW_FILTER_MAX BPF_MAXINSNS /* instructions that the kernel takes */

struct bw_filter {
    struct sock_filter *v;
    size_t n;
};

void bw_filter_free(struct bw_filter *f);
/* A sealed memfd of it, -1 with err; and back: anything malformed is refused (-1 with err). */
int bw_filter_send(const struct bw_filter *f, struct bw_err *err);
int bw_filter_receive(int fd, struct bw_filter *f, struct bw_err *err);

/* What the filter returns for a call: SECCOMP_RET_…, with the errno in SECCOMP_RET_DATA. A program
 * that the kernel would not take, or that runs past its end, kills (SECCOMP_RET_KILL_PROCESS).
 * *args: it looked at an argument on its way. */
uint32_t bw_filter_run(const struct bw_filter *f, const struct seccomp_data *call, bool *args);
/* Whether it answers code to each execve of a program of this machine's own architecture. */
bool bw_filter_refuses_exec(const struct bw_filter *f, int code);
/* Each return of an errno or of SECCOMP_RET_LOG becomes SECCOMP_RET_USER_NOTIF. */
void bw_filter_notify(struct bw_filter *f);

/* Installs the filter in the calling thread. With listener (set to -1 first) it is asked to
 * notify; where the kernel cannot, or somebody listens already, it is installed as it is and
 * *listener stays -1. flags: those of the call made last. Nothing is recorded: it may be made by a
 * thread. Returns 0 or -1 with errno: EACCES without CAP_SYS_ADMIN and no_new_privs. */
int bw_filter_install(const struct bw_filter *f, int *listener, unsigned long *flags);
/* Tries that in a child that ends at once. *notifies: a listener could be had; *mode: what
 * PR_GET_SECCOMP answered it afterwards, -1 when that was refused. Recorded. */
int bw_filter_try(const struct bw_filter *f, bool *notifies, int *mode, struct bw_err *err);

#endif
