/* Every system call that changes something goes through here: it is made, recorded and, when it
 * fails, described in a struct bw_err. What is recorded is written as strace writes it. A call is
 * recorded only after it was made.
 *
 * There is one current recorder in a process. The stage sends its records with each reply, the
 * shell appends them to its own, so that a step has one list in the order made. */
#ifndef BW_KERN_CALL_H
#define BW_KERN_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct bw_err;
struct bw_str;

enum bw_call_level {
    BW_CALL_STEP = 1,  /* shown with each step */
    BW_CALL_DETAIL = 2 /* shown by set verbose 2 and by trace: opens, bulk file creation */
};

struct bw_call {
    char *name;   /* "unshare" */
    char *args;   /* "CLONE_NEWUTS" */
    char *note;   /* a remark for people ("5 is /proc/812/ns/net"), or NULL */
    long result;  /* as returned; -1 on failure */
    int code;     /* errno on failure, else 0 */
    int level;    /* enum bw_call_level */
    bool outside; /* made by the shell, not by the stage */
};

struct bw_calls {
    struct bw_call *v;
    size_t n, cap;
};

void bw_calls_free(struct bw_calls *c);
/* Appends a record; strings are copied, note may be NULL. */
void bw_calls_add(struct bw_calls *c, const struct bw_call *call);
/* Moves all of src to the end of dst. */
void bw_calls_move(struct bw_calls *dst, struct bw_calls *src);
/* Adds "unshare(CLONE_NEWUTS) = 0" or "… = -1 EPERM (Operation not permitted)". */
void bw_call_format(const struct bw_call *call, struct bw_str *out);

/* Sets where this process records (NULL: nowhere) and whether it is outside the box. Returns the
 * recorder that was set before. */
struct bw_calls *bw_call_recorder(struct bw_calls *to, bool outside);
/* Records a call already made by the caller: result -1 means it failed with errno, which is kept,
 * and err (may be NULL) is filled. args is what stands between the parentheses. Returns result. */
long bw_call_done(struct bw_err *err, int level, long result, const char *name, const char *args,
                  ...) __attribute__((format(printf, 5, 6)));
/* Moves records made by another process to the end of the current recorder, or drops them. */
void bw_call_append(struct bw_calls *from);
/* Attaches a remark to the call recorded last. */
void bw_call_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The calls themselves. Each returns what the kernel returned, -1 with errno and err filled. */
int bw_sys_unshare(int flags, struct bw_err *err);        /* unshare(2) */
int bw_sys_setns(int fd, int nstype, struct bw_err *err); /* setns(2) */
/* flags with CLONE_PIDFD set *pidfd. The child returns 0 and records nothing. clone3 in clone(2) */
pid_t bw_sys_clone3(unsigned long long flags, int exit_signal, int *pidfd, struct bw_err *err);
int bw_sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
                 const char *data, struct bw_err *err);                /* mount(2) */
int bw_sys_umount2(const char *target, int flags, struct bw_err *err); /* umount(2) */
int bw_sys_chroot(const char *path, struct bw_err *err);               /* chroot(2) */
int bw_sys_chdir(const char *path, struct bw_err *err);                /* chdir(2) */
int bw_sys_fchdir(int fd, struct bw_err *err);
int bw_sys_pivot_root(const char *new_root, const char *put_old, struct bw_err *err);
int bw_sys_sethostname(const char *name, size_t len, struct bw_err *err); /* sethostname(2) */
int bw_sys_mkdirat(int dirfd, const char *path, mode_t mode, int level, struct bw_err *err);
int bw_sys_rmdir(const char *path, struct bw_err *err);
/* openat2(2) with resolve (RESOLVE_IN_ROOT …); a BW_CALL_DETAIL. */
int bw_sys_openat2(int dirfd, const char *path, unsigned long long flags, unsigned long long mode,
                   unsigned long long resolve, struct bw_err *err);
/* open_tree(2), mount_setattr(2), move_mount(2) on descriptors, with empty paths; what is recorded
 * names what they are. ENOSYS before Linux 5.2, and for mount_setattr before 5.12. */
int bw_sys_open_tree(int fd, unsigned flags, const char *what, struct bw_err *err);
int bw_sys_mount_setattr(int fd, unsigned flags, unsigned long long set, const char *what,
                         struct bw_err *err);
int bw_sys_move_mount(int tree, int to, const char *what, struct bw_err *err);
/* In the working directory. create returns a descriptor (O_PATH) of a new empty file. */
int bw_sys_create(const char *name, mode_t mode, struct bw_err *err);
int bw_sys_symlink(const char *to, const char *name, struct bw_err *err);
int bw_sys_chmod(const char *name, mode_t mode, struct bw_err *err);
/* Opens path for writing, writes text, closes; one BW_CALL_STEP record, written as strace -y
 * writes it: write(3</proc/812/uid_map>, "0 1000 1", 8) = 8. Returns 0 or -1. */
int bw_sys_write_file(int dirfd, const char *path, const char *text, struct bw_err *err);
/* setresgid(2), setgroups(2) with none where allowed, setresuid(2), to one ID each. */
int bw_sys_setid(uid_t uid, gid_t gid, struct bw_err *err);
int bw_sys_pidfd_send_signal(int pidfd, int sig, pid_t pid_for_people, struct bw_err *err);

/* Formats flag words as strace does: in ascending value, joined by |, "0" for none. */
void bw_call_clone_flags(unsigned long long flags, struct bw_str *out);
void bw_call_mount_flags(unsigned long flags, struct bw_str *out);

#endif
