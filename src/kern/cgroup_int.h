/* What the cgroup_*.c files share. A tree is one hierarchy; v1 and v2 differ in a table of
 * functions. */
#ifndef BW_KERN_CGROUP_INT_H
#define BW_KERN_CGROUP_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "kern/cgroup.h"
#include "kern/owner.h"

/* A session's v2 directory has a sibling of this suffix while its base had to be emptied of
 * processes: the shell, the janitor and the stage wait there. */
#define BW_CG_SHELL ".shell"

struct bw_cg_tree;
struct bw_mounts;

struct bw_cg_ops {
    /* Makes the session's directory if need be, and the box's group with the controllers in mask.
     * Wholly or not at all. */
    int (*make)(struct bw_cg *cg, struct bw_cg_tree *t, const char *group, unsigned mask,
                struct bw_err *err);
    /* Switches controllers off that no group of the session has any more. */
    int (*disable)(struct bw_cg_tree *t, unsigned mask, struct bw_err *err);
    /* Removes the session's directory, which is empty, and what was changed above it. */
    int (*end)(struct bw_cg *cg, struct bw_cg_tree *t, struct bw_err *err);
};

extern const struct bw_cg_ops bw_cg_v1_ops, bw_cg_v2_ops;

struct bw_cg_tree {
    const struct bw_cg_ops *ops;
    char mount[256], root[256];
    char v1name[32]; /* how /proc/PID/cgroup calls it, "" on v2 */
    unsigned mask;   /* controllers that are here */
    bool aux;        /* cpuacct beside cpu: its counters only */
    char *base;      /* where the session's directory is; NULL until it is made */
    char *session;   /* the session's directory, or NULL */
};

struct bw_cg_group {
    char name[65];
    char box[BW_CG_BOX_MAX + 1]; /* whose it is */
    unsigned mask;
};

/* What the boxes of a session share. */
struct bw_cg_all {
    unsigned users;
    struct bw_cg_host host;
    pid_t owner;
    char name[BW_OWNER_NAME];
    int (*announce)(void *ctx, const char *dir, struct bw_err *err);
    void *ctx;
    struct bw_cg_tree trees[BW_CG_COUNT + 2];
    size_t n_trees;
    struct bw_cg_group *groups;
    size_t n_groups;
};

struct bw_cg {
    struct bw_cg_all *all;
    char box[BW_CG_BOX_MAX + 1];
};

/* cgroup.c */
/* Adds a group's directory in a tree's session: no other box has one of that name. */
void bw_cg_group_dir(const struct bw_cg *cg, const struct bw_cg_tree *t, const char *group,
                     struct bw_str *out);

/* cgroup_host.c */
/* The path in a line of /proc/PID/cgroup: v1name's, or with "" the v2 line's. -1 when absent. */
int bw_cg_line(const char *text, const char *v1name, struct bw_str *out);
/* The same below what is mounted of the hierarchy, its mountinfo root. -1 with errno ENOENT when it
 * is not below. */
int bw_cg_path_below(const char *text, const char *root, const char *v1name, struct bw_str *out);
/* What of a mount table are control groups; controllers of v2 and the version are left open. */
void bw_cg_host_of(const struct bw_mounts *mounts, struct bw_cg_host *h);
/* The directory a process is in, in the hierarchy mounted at mount with mountinfo root. */
int bw_cg_dir_of(const char *mount, const char *root, const char *v1name, pid_t pid,
                 struct bw_str *out);
int bw_cg_dir_in(const struct bw_cg_tree *t, pid_t pid, struct bw_str *out);
/* Adds the names of the controllers in mask, blank-separated. */
void bw_cg_mask_names(unsigned mask, struct bw_str *out);
/* The controllers named in text, a cgroup.controllers or cgroup.subtree_control file. */
unsigned bw_cg_mask_parse(const char *text);
unsigned bw_cg_mask_read(const char *dir, const char *file);

/* cgroup_dir.c: directories and the processes in them. */
/* The pids of DIR/cgroup.procs (free with free()); 0 stands for one that cannot be seen. */
size_t bw_cg_pids(const char *dir, pid_t **pids);
size_t bw_cg_pids_parse(const char *text, pid_t **pids);
/* Makes dir, if it is not there. */
int bw_cg_mkdir(const char *dir, struct bw_err *err);
int bw_cg_put(const char *dir, pid_t pid, struct bw_err *err);
/* Moves all processes of dir to another; those that end meanwhile are fine. */
int bw_cg_move(const char *dir, const char *to, struct bw_err *err);
/* Moves all processes of dir and of groups below it to another, and removes it and them. */
int bw_cg_vacate(const char *dir, const char *to, struct bw_err *err);
/* Waits until dir is empty, then rmdir; zombies hold a group for a moment. */
int bw_cg_rmdir(const char *dir, struct bw_err *err);
/* Kills all in dir and below and removes it with what is below. The caller must be elsewhere. */
int bw_cg_destroy(const char *dir, struct bw_err *err);
/* Calls fn for each directory in dir. */
int bw_cg_each_dir(const char *dir, int (*fn)(const char *path, const char *name, void *ctx),
                   void *ctx);
int bw_cg_read(const char *dir, const char *file, struct bw_str *out);
int bw_cg_write(const char *dir, const char *file, const char *value, struct bw_err *err);

/* cgroup_v2.c */
/* Switches off in dir and above, up to the mount, what boxwright switched on and nobody uses. */
void bw_cg_v2_restore(const char *dir);

/* cgroup_own.c */
/* Whether a process is the owner, below it, or its janitor. */
bool bw_cg_ours(pid_t owner, pid_t pid);
/* Asks systemd for a delegated scope with the session's own processes, when dir is not theirs
 * already. Returns 1 when they were moved, 0 when there was no need, -1 with err. */
int bw_cg_delegate(struct bw_cg *cg, const char *dir, struct bw_err *err);

/* cgroup_translate.c: pure. What is to be written, in order. */
struct bw_cg_step {
    char file[64], value[160];
};
struct bw_cg_plan {
    struct bw_cg_step step[8];
    size_t n;
};
/* Adds a file of a group to out. Returns 0, or -1 with errno. */
typedef int (*bw_cg_reader)(void *ctx, const char *file, struct bw_str *out);
/* The controller a file belongs to, by its prefix; BW_CG_COUNT for cgroup.*; -1 for none. */
int bw_cg_file_ctl(const char *file);
int bw_cg_plan_set(const char *file, const char *value, bool v2, bw_cg_reader read, void *ctx,
                   struct bw_cg_plan *plan, struct bw_str *said, struct bw_err *err);
int bw_cg_plan_get(const char *file, bool v2, bw_cg_reader read, void *ctx, struct bw_str *out,
                   struct bw_str *said, struct bw_err *err);

/* cgroup_stats.c: pure. The counters of one controller, out of the files that read gives, and that
 * of v1's cpuacct. */
void bw_cg_stats_add(enum bw_cg_ctl ctl, bool v2, bw_cg_reader read, void *ctx,
                     struct bw_cg_stats *out);
void bw_cg_stats_acct(bw_cg_reader read, void *ctx, struct bw_cg_stats *out);

/* cgroup_limit.c: pure. A limit as people write it becomes a v2 file and value. */
int bw_cg_parse_limit(enum bw_cg_ctl ctl, const char *text, struct bw_cg_step *out,
                      struct bw_err *err);
/* How the kernel kept a value: 1 as written, 0 rounded to pages, -1 otherwise. */
int bw_cg_kept(const char *written, const char *kept);

#endif
