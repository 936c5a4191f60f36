/* The shell's side of a stage. Each function sends one request, waits for the reply, appends the
 * calls made to the current recorder (kern/call.h) and returns 0, or -1 with err filled. A stage
 * that died answers with an error that says so. */
#ifndef BW_STAGE_CLIENT_H
#define BW_STAGE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kern/attack.h"
#include "kern/burn.h"
#include "kern/mask.h"
#include "kern/rlimits.h"

struct bw_err;

/* What each program of a box gets on its way, as a child of the stage found when it tried it. */
struct bw_stage_programs {
    int seccomp;           /* 0 or 2 as in status; -1 unknown */
    unsigned instructions; /* of the filter */
    bool notifies;
    struct {
        bool set;
        struct rlimit v;
    } limits[BW_RLIMITS];
};

struct bw_stage {
    int sock;
    int pidfd;
    pid_t pid;               /* as the shell counts */
    pid_t inner;             /* as the parent stage counts (scratch stages), else pid */
    struct bw_stage *parent; /* of a scratch stage: who reaps it; NULL for the box's own */
    unsigned generation;     /* how many stages the box had before; of a scratch stage: at its
                                start */
    struct bw_stage_beside *beside; /* more of the shell's children that are the box's */
    size_t n_beside;
    unsigned changes;              /* requests that changed the box since it was last set to 0 */
    unsigned seq;                  /* of the last request */
    int killed_by;                 /* the signal that ended the program it became, or 0 */
    bool lost;                     /* nothing more can be asked of it */
    struct bw_stage_event *events; /* told by the stage, not asked for yet */
    size_t n_events;
    struct bw_stage_programs programs;
};

struct bw_stage_event {
    int kind; /* enum bw_event */
    pid_t pid;
    int status;
    unsigned generation;
};

struct bw_stage_beside {
    pid_t pid;
    int pidfd;
};

#define BW_STAGE_INIT                                                                              \
    {                                                                                              \
        .sock = -1, .pidfd = -1                                                                    \
    }

/* Starts the box's stage in the host's namespaces. */
int bw_stage_start(struct bw_stage *st, struct bw_err *err);
/* Kills it and all that runs in it, and waits for it. Other boxes' stages and what is below them
 * are left alone. */
void bw_stage_kill(struct bw_stage *st);
/* The same for all stages of boxes there are, and whatever else is below the shell. */
void bw_stage_kill_all(void);
/* A child of the shell that is the box's and ends with it; takes pidfd over. */
void bw_stage_add_beside(struct bw_stage *st, pid_t pid, int pidfd);
/* Lets go of those that have ended meanwhile. */
void bw_stage_tidy(struct bw_stage *st);
bool bw_stage_alive(const struct bw_stage *st);
/* Whether a request is on its way, so that no other may be made: the pane samples meanwhile. */
bool bw_stage_busy(void);

int bw_stage_unshare(struct bw_stage *st, int flags, struct bw_err *err);
/* The successor by clone3(CLONE_PARENT); st is it afterwards. From PID 1 of a namespace the kernel
 * refuses (EINVAL). */
int bw_stage_fork(struct bw_stage *st, struct bw_err *err);
int bw_stage_setns(struct bw_stage *st, int fd, int nstype, struct bw_err *err);
/* root and source_root: NULL, or the beginning of target or source that is an untrusted root file
 * system; see kern/mnt.h. */
int bw_stage_mount(struct bw_stage *st, const char *root, const char *source,
                   const char *source_root, const char *target, const char *type,
                   unsigned long flags, const char *data, struct bw_err *err);
int bw_stage_umount(struct bw_stage *st, const char *root, const char *target, int flags,
                    struct bw_err *err);
int bw_stage_propagation(struct bw_stage *st, const char *target, unsigned long flag,
                         struct bw_err *err);
int bw_stage_chroot(struct bw_stage *st, const char *dir, struct bw_err *err);
int bw_stage_pivot(struct bw_stage *st, const char *new_root, struct bw_err *err);
int bw_stage_hostname(struct bw_stage *st, const char *name, struct bw_err *err);
/* Takes on these IDs of its user namespace, and drops supplementary groups. */
int bw_stage_setid(struct bw_stage *st, unsigned uid, unsigned gid, struct bw_err *err);
/* Privilege that programs started from now on have: kern/caps.h. */
enum bw_caps_kind { BW_CAPS_KEEP, BW_CAPS_AMBIENT };
int bw_stage_caps(struct bw_stage *st, enum bw_caps_kind kind, uint64_t set, struct bw_err *err);
int bw_stage_no_new_privs(struct bw_stage *st, struct bw_err *err);
/* kern/mask.h. */
int bw_stage_mask(struct bw_stage *st, enum bw_mask_kind kind, const char *root, const char *path,
                  bool *there, struct bw_err *err);
int bw_stage_mask_root(struct bw_stage *st, struct bw_err *err);
int bw_stage_devices(struct bw_stage *st, const char *root, const char *dir, struct bw_err *err);
/* Of each program that the stage starts: kern/rlimits.h. It is tried first, in a child. */
int bw_stage_rlimit(struct bw_stage *st, int which, const struct rlimit *r, struct bw_err *err);
/* Tries what a program of the box could do: kern/attack.h. Changes nothing. */
int bw_stage_attack(struct bw_stage *st, enum bw_attack_id id, int *result, struct bw_err *err);
/* Has each program that the stage starts get this filter, NULL for none: kern/seccomp.h. It is
 * tried first, in a child of the stage. */
struct bw_filter;
int bw_stage_filter(struct bw_stage *st, const struct bw_filter *f, struct bw_err *err);
/* That of the box whose stage is process pid; NULL when there is none. */
const struct bw_stage_programs *bw_stage_programs_of(pid_t pid);
/* Who takes the descriptor of a program's notifications, right before the program begins. */
void bw_stage_on_listener(void (*take)(void *ctx, int fd), void *ctx);

int bw_stage_mkdir(struct bw_stage *st, const char *root, const char *path, mode_t mode,
                   bool parents, struct bw_err *err);
int bw_stage_rmdir(struct bw_stage *st, const char *root, const char *path, struct bw_err *err);
/* kind: "busybox", "host", "tar" (archive is the file then, else NULL). */
int bw_stage_rootfs(struct bw_stage *st, const char *kind, const char *dir, const char *archive,
                    bool *made, struct bw_err *err);
/* Removes dir with all in it, or only what is in it. */
int bw_stage_rmtree(struct bw_stage *st, const char *dir, bool keep, struct bw_err *err);

/* Flags of a scratch stage. */
enum {
    BW_SCRATCH_GROUP = 1,   /* a process group of its own, for job control */
    BW_SCRATCH_SESSION = 2, /* a session of its own, for what runs in the background */
    BW_SCRATCH_GUARD = 4,   /* no typing into the terminal: kern/ttyguard.h */
    BW_SCRATCH_TTY = 8      /* the program leads a session whose terminal is its descriptor 0 */
};

/* A child of st, itself a stage, that takes requests of its own and then becomes a program. fds
 * are its standard descriptors. All that is done to it ends with it: st is unchanged. */
int bw_stage_scratch(struct bw_stage *st, const int fds[3], unsigned flags, struct bw_stage *child,
                     struct bw_err *err);

/* The scratch stage becomes the program: argv[0] is looked up along PATH of env, in the box.
 * err->status is BW_NOTFOUND or BW_NOEXEC. After success child->sock is closed. */
int bw_stage_exec(struct bw_stage *child, char *const argv[], char *const env[],
                  struct bw_err *err);
int bw_stage_burn(struct bw_stage *child, const struct bw_burn *burn, struct bw_err *err);

/* What belongs to the stage in /proc is root's, so that programs beside it cannot look into it.
 * show lets it be its user's, for the moment in which an ordinary user's shell writes its ID maps
 * or clock offsets; refused while a program runs in it. Does nothing for root. */
int bw_stage_show(struct bw_stage *st, bool show, struct bw_err *err);

/* Returns once the stage has answered: a successor is up and in its process group. */
int bw_stage_ping(struct bw_stage *st, struct bw_err *err);

enum bw_wait { BW_WAIT_EXITED, BW_WAIT_STOPPED, BW_WAIT_RUNNING, BW_WAIT_LOST };
/* Waits up to ms (-1: for ever; returns early with BW_WAIT_RUNNING on a signal) for the program to
 * end or stop. *status is an exit status, 128+N for a signal, or the stopping signal. */
enum bw_wait bw_stage_wait(struct bw_stage *child, int ms, int *status);
/* Kills the program that a scratch stage became with all that it started, and closes it. */
void bw_stage_end(struct bw_stage *child);
/* Kills a scratch stage and closes its descriptors; harmless when it has ended. */
void bw_stage_close(struct bw_stage *child);

#endif
