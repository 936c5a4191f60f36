/* Facts about processes, read from /proc: proc_pid_status(5) and its neighbours. Pure readers:
 * nothing is changed, nothing is believed that was not read. */
#ifndef BW_KERN_OBSERVE_H
#define BW_KERN_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct bw_err;
struct bw_str;

struct bw_status_file {
    char comm[64];
    char state;
    pid_t ppid;
    pid_t nspid[32]; /* as each nested PID namespace counts, outermost first */
    int n_nspid;
    unsigned uid[4], gid[4]; /* real, effective, saved, file system */
    uint64_t cap_inh, cap_prm, cap_eff, cap_bnd, cap_amb;
    int no_new_privs, seccomp; /* -1 when the kernel does not say */
};

int bw_status_parse(const char *text, size_t len, struct bw_status_file *out);
int bw_status_read(pid_t pid, struct bw_status_file *out);
/* What has ended, and waits at most for its parent to reap it. */
bool bw_status_is_dead(const struct bw_status_file *f);
/* Adds "killed process PID (NAME): ", as cleanup reports it. */
void bw_status_add_killed(const struct bw_status_file *f, pid_t pid, struct bw_str *report);

/* Each parses the text of a file in /proc, as what reads the file below says: PID/stat, a pidfd's
 * fdinfo, PID/task/TID/children. */
unsigned long long bw_starttime_parse(const char *text);
pid_t bw_fdinfo_parse(const char *text);
size_t bw_children_parse(const char *text, pid_t *v, size_t max);

/* What /proc/PID/NAME leads to, where NAME is a link that only who may trace the process can
 * follow: "ns/uts", "root", "cwd"; pid 0 is the caller. Opens it (root and cwd with O_PATH); gives
 * its inode; its text. Each returns -1 with errno. */
int bw_proc_open_link(pid_t pid, const char *name);
int bw_proc_stat_link(pid_t pid, const char *name, struct stat *st);
ssize_t bw_proc_read_link(pid_t pid, const char *name, char *buf, size_t size);
/* Sets who opens a link that may not be followed (EACCES, EPERM): a process that is on our side
 * can do so itself and hand the descriptor over. ask returns it, or -1 with errno. */
void bw_proc_ask_with(int (*ask)(pid_t pid, const char *name));

/* Whether /proc shows the caller under its own number. Returns 0, or -1 with the cause: nothing is
 * mounted there, or the proc of another PID namespace, in which every number is somebody else's
 * (pid_namespaces(7)). */
int bw_proc_check(struct bw_err *err);
/* Start time in clock ticks since boot (field 22 of /proc/PID/stat), the same in every time
 * namespace; 0 when there is none. */
unsigned long long bw_proc_starttime(pid_t pid);
/* It has ended, and waits for its parent to reap it: in some containers for ever. */
bool bw_proc_is_zombie(pid_t pid);
/* The root directory of a process as the caller can name it; "?" when it cannot be read. */
void bw_proc_root(pid_t pid, struct bw_str *out);
/* The outside pid a pidfd refers to (its fdinfo), -1 when it has ended. */
pid_t bw_pidfd_pid(int pidfd);
/* Host name inside a process's UTS namespace, without entering it from the caller: a child is
 * forked that does. Returns 0 or -1 with errno (EPERM, ENOSYS). */
int bw_proc_hostname(pid_t pid, struct bw_str *out);

/* All processes: calls fn for each pid in /proc until it returns non-zero. */
int bw_proc_each(int (*fn)(pid_t pid, void *ctx), void *ctx);
/* Children of a process (all threads), from /proc/PID/task; falls back to scanning. Returns the
 * number stored, at most max. */
size_t bw_proc_children(pid_t pid, pid_t *v, size_t max);

#endif
