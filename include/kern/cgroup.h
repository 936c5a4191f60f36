/* Control groups on v1, hybrid and v2 hosts: cgroups(7), the kernel's cgroup-v1 and cgroup-v2
 * documents. All of it runs in the shell, outside the box.
 *
 * Everything a session makes lies under one directory per hierarchy, named after its owner
 * (kern/owner.h), with -INODE outside of the initial PID namespace:
 *     boxwright-PID-STARTTIME/box        the box's group (cgcreate cpu 50%)
 *     boxwright-PID-STARTTIME/NAME       a named group   (cgcreate -g cpu:NAME)
 *     boxwright-PID-STARTTIME/BOX:box    the same of another box of the session
 *     boxwright-PID-STARTTIME/BOX:NAME
 * so that on v2 no group holds both processes and children, two sessions never meet, and what a
 * dead session left can be found. */
#ifndef BW_KERN_CGROUP_H
#define BW_KERN_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct bw_err;
struct bw_str;

enum bw_cg_ctl { BW_CG_CPU, BW_CG_MEMORY, BW_CG_PIDS, BW_CG_IO, BW_CG_CPUSET, BW_CG_COUNT };

/* v1's devices controller, which has no limits to count and is not in the lists (kern/devgroup.h):
 * one more bit of a mask. */
#define BW_CG_DEVICES BW_CG_COUNT

/* "cpu", "memory", "pids", "io", "cpuset"; by_name also takes v1's "blkio" and "cpuacct". */
extern const char *const bw_cg_names[BW_CG_COUNT];
int bw_cg_by_name(const char *name);

enum bw_cg_version { BW_CG_NONE, BW_CG_V1, BW_CG_V2, BW_CG_HYBRID };

/* What is mounted where. Controllers are looked up one by one: on a hybrid host some are on v1. */
struct bw_cg_host {
    enum bw_cg_version version;
    struct {
        bool present, v2;
        char mount[256]; /* mount point of the hierarchy that has the controller */
        char root[256];  /* what of the hierarchy is mounted there, "/" for all of it */
        char v1name[32]; /* v1: the controller's name there ("blkio") */
    } ctl[BW_CG_COUNT];
    char cpuacct[256], cpuacct_root[256]; /* v1: where cpuacct is mounted, "" on v2 */
    char devices[256], devices_root[256]; /* v1: where devices is mounted, "" on v2 */
    char unified[256], unified_root[256]; /* where cgroup2 is mounted, or "" */
};
int bw_cg_discover(struct bw_cg_host *host, struct bw_err *err);

/* A process's group in a controller's hierarchy: the path below the mount point ("/…"), from
 * /proc/PID/cgroup. Returns 0 or -1 with errno. */
int bw_cg_path_of(const struct bw_cg_host *host, pid_t pid, enum bw_cg_ctl ctl, struct bw_str *out);

/* The directory of a process's group in the cgroup2 hierarchy, which has the pressure files.
 * Returns 0, or -1 when there is none. */
int bw_cg_unified_dir(const struct bw_cg_host *host, pid_t pid, struct bw_str *out);

/* The groups of a session's box. */
struct bw_cg;
enum { BW_CG_BOX_MAX = 32 }; /* bytes of a box's name */
/* Notes owner and start time in the group's name; touches nothing yet. announce (may be NULL) is
 * called with each session's directory before it is made, so that the janitor knows it; none is
 * made where it returns -1. */
struct bw_cg *bw_cg_open(pid_t owner,
                         int (*announce)(void *ctx, const char *dir, struct bw_err *err), void *ctx,
                         struct bw_err *err);
/* Those of another box of the same session; box: as its groups' directories are to begin. */
struct bw_cg *bw_cg_open_beside(struct bw_cg *first, const char *box);
void bw_cg_free(struct bw_cg *cg); /* forgets; removes nothing */
const struct bw_cg_host *bw_cg_hostinfo(const struct bw_cg *cg);

/* Makes group NAME (no '/', no "..") with the controllers in mask (1u << ctl). Controllers are
 * enabled on the way (subtree_control), cpuset's files are inherited on v1, cpuacct joins cpu. A
 * group that exists gains the controllers. Wholly or not at all. */
int bw_cg_create(struct bw_cg *cg, const char *group, unsigned mask, struct bw_err *err);
/* Refuses what can be no group's name (BW_USAGE): empty, too long, with / or a leading dot. */
int bw_cg_check_name(const char *name, struct bw_err *err);
/* The box's groups by number, NULL beyond the last. */
const char *bw_cg_group(const struct bw_cg *cg, size_t i);
/* Whether the box has this group, and with which controllers (a mask, 0 when absent). */
unsigned bw_cg_controllers(const struct bw_cg *cg, const char *group);
/* Its directory in the hierarchy of ctl. */
int bw_cg_dir(const struct bw_cg *cg, const char *group, enum bw_cg_ctl ctl, struct bw_str *out);

/* A limit as people write it: cpu "50%" or "1.5" cores, memory "64M", pids "20", cpuset "0-1", io
 * "MAJ:MIN rbps=1M" or "/dev/sda rbps=1M"; "max" lifts it. The file and value written are shown
 * by the call record. */
int bw_cg_limit(struct bw_cg *cg, const char *group, enum bw_cg_ctl ctl, const char *value,
                struct bw_err *err);
/* Whether value is such a limit; a usage error otherwise. Touches no group. */
int bw_cg_limit_check(enum bw_cg_ctl ctl, const char *value, struct bw_err *err);

/* A file by its v1 or v2 name. What is named for the other version is translated; said (may be
 * NULL) gets one line about it ("cpu.cfs_quota_us is v1: on v2 it is the first word of cpu.max").
 * A value the kernel does not keep as written is an error with the kernel's own. */
int bw_cg_set(struct bw_cg *cg, const char *group, const char *file, const char *value,
              struct bw_str *said, struct bw_err *err);
int bw_cg_get(struct bw_cg *cg, const char *group, const char *file, struct bw_str *out,
              struct bw_str *said, struct bw_err *err);

/* Reads all files of the controllers in mask, as "FILE: VALUE" lines (v1's or v2's own names). */
int bw_cg_list(struct bw_cg *cg, const char *group, unsigned mask, struct bw_str *out,
               struct bw_err *err);

/* Moves a process (outside pid) into the group, in the hierarchies of mask. All or none. */
int bw_cg_attach(struct bw_cg *cg, const char *group, unsigned mask, pid_t pid, struct bw_err *err);

/* The box's group that a process is in, in the hierarchy of ctl. -1 when it is in none. */
int bw_cg_where(const struct bw_cg *cg, enum bw_cg_ctl ctl, pid_t pid, struct bw_str *group);

/* Takes controllers away from a group; one that has none left is removed. Processes in it go back
 * to where the owner is. */
int bw_cg_drop(struct bw_cg *cg, const char *group, unsigned mask, struct bw_err *err);
/* Removes all of the box's groups, and with the session's last the directories above them. */
int bw_cg_remove_all(struct bw_cg *cg, struct bw_err *err);
/* Whether a directory of the session could not be removed. */
bool bw_cg_left(const struct bw_cg *cg);

/* Finds groups of dead owners in every hierarchy, on v1 and v2 (owner's pid gone or reused), kills
 * what is left in them, removes them and adds one line each to report. Returns how many were
 * removed, or -1. */
int bw_cg_cleanup(struct bw_str *report, struct bw_err *err);
/* Removes one announced directory and what is below it, killing processes in it: the janitor. */
int bw_cg_reap(const char *dir);

/* Counters of a process's groups for inspect; -1 stands for null: not provided, or no limit. */
struct bw_cg_stats {
    long long cpu_quota_us, cpu_period_us, cpu_usage_us, nr_periods, nr_throttled, throttled_us;
    long long mem_limit, mem_current, mem_peak, oom_kill;
    long long pids_limit, pids_current;
    long long rbytes, wbytes;
};
void bw_cg_stats_read(const struct bw_cg_host *host, pid_t pid, struct bw_cg_stats *out);

/* The directories of a process's groups, NULL where there is none, for whoever reads counters again
 * and again: they hold as long as /proc/PID/cgroup says the same. */
struct bw_cg_dirs {
    char *dir[BW_CG_COUNT];
    char *cpuacct; /* v1 */
};
void bw_cg_dirs_of(const struct bw_cg_host *host, pid_t pid, struct bw_cg_dirs *out);
void bw_cg_dirs_free(struct bw_cg_dirs *d);
/* The counters of the controllers in mask (1u << ctl); the others are -1. */
void bw_cg_stats_of(const struct bw_cg_host *host, const struct bw_cg_dirs *d, unsigned mask,
                    struct bw_cg_stats *out);

#endif
