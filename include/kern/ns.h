/* The eight kinds of namespace: namespaces(7). One table names them everywhere. */
#ifndef BW_KERN_NS_H
#define BW_KERN_NS_H

#include <stdint.h>
#include <sys/types.h>

struct bw_err;

/* In the order they are shown; the JSON of inspect has the same order. */
enum bw_ns {
    BW_NS_PID,
    BW_NS_MNT,
    BW_NS_UTS,
    BW_NS_IPC,
    BW_NS_NET,
    BW_NS_USER,
    BW_NS_CGROUP,
    BW_NS_TIME,
    BW_NS_COUNT
};

struct bw_ns_info {
    const char *name;     /* "pid": the word of unshare, the file in /proc/PID/ns, the JSON key */
    int flag;             /* CLONE_NEWPID */
    const char *constant; /* "CLONE_NEWPID" */
    const char *long_opt; /* util-linux's option: "pid", "mount" … */
    char short_opt;       /* util-linux's letter: 'p', 'm' …; time has 'T' */
    const char *isolates; /* what it gives, in a few words */
};

extern const struct bw_ns_info bw_ns_table[BW_NS_COUNT];

/* The kind with this name ("mnt", also "mount", "network", "hostname"…), or -1. */
int bw_ns_by_name(const char *name);
/* Refuses a word that is no kind of namespace, and tells the kinds there are. Returns -1. */
int bw_ns_unknown(const char *name, struct bw_err *err);

/* The inode of a process's namespace as the caller's /proc shows it, 0 with errno when it cannot
 * be read. for_children reads pid_for_children and time_for_children. */
uint64_t bw_ns_inode(pid_t pid, enum bw_ns ns);
uint64_t bw_ns_inode_for_children(pid_t pid, enum bw_ns ns);

/* The inode of the user namespace that owns this one (of a user namespace: of its parent), 0 with
 * errno EPERM when it lies outside the caller's own: ioctl_ns(2). */
uint64_t bw_ns_owner(pid_t pid, enum bw_ns ns);

/* Opens /proc/PID/ns/NAME for setns(2). Returns a descriptor or -1 with err filled. */
int bw_ns_open(pid_t pid, enum bw_ns ns, struct bw_err *err);

#endif
