/* What was observed of a box, or of any process: all that inspect shows. The pane, the lessons'
 * goals and diff read only this. */
#ifndef BW_MODEL_SNAPSHOT_H
#define BW_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kern/caps.h"
#include "kern/cgroup.h"
#include "kern/idmap.h"
#include "kern/link.h"
#include "kern/mnt.h"
#include "kern/ns.h"
#include "kern/rlimits.h"

struct bw_err;
struct bw_str;
struct bw_out;

struct bw_snap_process {
    pid_t pid, nspid;
    char comm[64];
};

struct bw_snapshot {
    pid_t pid, nspid;
    char *root;
    char *hostname; /* NULL when it cannot be read */
    struct {
        uint64_t inode, host, for_children; /* 0 when it cannot be read */
        bool own;
    } ns[BW_NS_COUNT];
    struct bw_id_range uid_map[BW_IDMAP_MAX], gid_map[BW_IDMAP_MAX];
    int n_uid_map, n_gid_map; /* -1 when it cannot be read */
    enum bw_cg_version cg_version;
    char *cg_path[BW_CG_COUNT]; /* NULL where the controller is not there */
    struct bw_cg_stats cg;
    struct bw_mounts mounts; /* those that can be reached from its root */
    bool mounts_known;       /* they could be read */
    struct bw_links links;   /* interfaces of its network namespace */
    bool links_known;
    /* Those in its PID namespace when that is its own, else the process and its descendants. */
    struct bw_snap_process *processes;
    size_t n_processes;
    uint64_t capabilities; /* effective */
    uint64_t cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
    int no_new_privs, seccomp;
    /* Of a box's stage: what its programs get on their way, as a child that tried it found. */
    bool is_box;
    uint64_t programs_caps;   /* what execve(2) leaves of the sets above */
    int programs_seccomp;     /* 0 or 2; -1 unknown */
    unsigned programs_filter; /* instructions */
    struct {
        bool set;
        struct rlimit v;
    } programs_limits[BW_RLIMITS];
};

/* Which parts to read: a step's before and after need not walk all processes. Namespaces, root,
 * maps and privilege are always read; the hostname, which takes a child process, is in CORE. */
enum {
    BW_SNAP_IDENTITY = 0,
    BW_SNAP_CORE = 1,
    BW_SNAP_MOUNTS = 2,
    BW_SNAP_CGROUPS = 4,
    BW_SNAP_PROCESSES = 8,
    BW_SNAP_LINKS = 16, /* takes a child process, in another network namespace */
    BW_SNAP_ALL = 31
};

/* Observes a process. Own and shared are relative to the caller. Returns 0, or -1 with err (no
 * such process, not allowed to look). */
int bw_snapshot_take(pid_t pid, unsigned parts, struct bw_snapshot *out, struct bw_err *err);
void bw_snapshot_free(struct bw_snapshot *s);

/* The table for people, and the JSON of the design (one line; module "json"). */
void bw_snapshot_print(const struct bw_snapshot *s, struct bw_out *out);
int bw_snapshot_json(const struct bw_snapshot *s, struct bw_str *out, struct bw_err *err);

/* Adds a set in a few words: "full", "none", "full but CAP_SYS_RESOURCE", a short list, or how many
 * of all. Full is all that this kernel has. */
void bw_cap_describe(uint64_t set, struct bw_str *out);

#endif
