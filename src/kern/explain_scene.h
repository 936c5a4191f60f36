/* What the causes look at: the failed call, the process that made it, the host. Private to
 * explain*.c. Everything here only reads. */
#ifndef BW_KERN_EXPLAIN_SCENE_H
#define BW_KERN_EXPLAIN_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/mnt.h"
#include "kern/ns.h"
#include "kern/observe.h"

struct bw_scene {
    struct bw_err *err; /* op, call and code are the failure; cause and todo are to be found */
    pid_t pid;          /* of the box, 0 for this process */
    bool alive;         /* st could be read */
    struct bw_status_file st;
};

/* One cause. look says it with bw_err_cause and bw_err_todo and returns true, or returns false
 * when what it sees does not fit. The causes of a call are tried in the order of their table. */
struct bw_cause {
    const char *op; /* "unshare"; see bw_scene_op */
    int code;
    bool (*look)(struct bw_scene *s);
    const char *about; /* for `explain unshare EPERM`, a sentence without a full stop */
};

struct bw_causes {
    const struct bw_cause *v;
    size_t n;
};

extern const struct bw_causes bw_causes_ns, bw_causes_mount, bw_causes_root, bw_causes_exec,
    bw_causes_idmap, bw_causes_cgroup, bw_causes_priv, bw_causes_file;

/* ---- the call ---- */

/* The name causes are filed under: mkdirat is "mkdir", openat2 "open", umount2 "umount" … */
const char *bw_scene_op(const char *name);
/* Argument n (from 0) of the call as printed. A string loses its quotes and escapes, a descriptor
 * "3</path>" becomes its path. Returns false when there is none, or it is NULL. */
bool bw_scene_arg(const struct bw_scene *s, unsigned n, struct bw_str *out);
/* Whether the call contains this flag word. */
bool bw_scene_flag(const struct bw_scene *s, const char *word);
/* The path a call on one file is about: of open, mkdir, write … */
bool bw_scene_file(const struct bw_scene *s, struct bw_str *out);
/* Splits /proc/PID/NAME and /proc/self/NAME. Returns NAME, or NULL for another path. */
const char *bw_scene_proc_name(const char *path, pid_t *pid);
/* Whether the path is one that the shell, not the box, works on: /proc/PID and the cgroup trees. */
bool bw_scene_outside(const char *path);
/* The words of unshare for the CLONE_NEW… flags of the call: "pid uts". */
void bw_scene_kinds(const struct bw_scene *s, struct bw_str *out);

/* ---- the box ---- */

/* "/proc/812/NAME", or /proc/self for this process. */
void bw_scene_proc(const struct bw_scene *s, const char *name, char *buf, size_t size);
/* Inode of /proc/BOX/ns/NAME, 0 when it cannot be read. */
uint64_t bw_scene_ns(const struct bw_scene *s, const char *name);
/* Whether the box is in the shell's own user namespace (for this process: the first one). */
bool bw_scene_host_userns(const struct bw_scene *s);
/* Whether CapEff has this capability (linux/capability.h). */
bool bw_scene_has_cap(const struct bw_scene *s, unsigned cap);
/* Says that the capability is missing, who the box is, and "unshare user, then map root, then
 * NEXT". False when the box has it. */
bool bw_scene_lacks(struct bw_scene *s, unsigned cap, const char *name, const char *next);
/* Says that the box's namespace of this kind belongs to a user namespace that the box has no
 * capabilities in. False when it has. */
bool bw_scene_foreign(struct bw_scene *s, enum bw_ns ns, const char *todo);
/* Whether id is one of the box's user namespace; id as this process counts. */
bool bw_scene_mapped(const struct bw_scene *s, bool gid, unsigned id);
/* The box's AppArmor profile when one confines it. */
bool bw_scene_profile(const struct bw_scene *s, struct bw_str *out);

/* ---- paths as the box resolves them ---- */

/* Opens without leaving the box's root. flags: O_PATH …; only regular files are opened for
 * reading. Returns a descriptor or -1 with errno. */
int bw_scene_open(const struct bw_scene *s, const char *path, int flags);
/* Walks path a component at a time. Returns 0 when all is there, else the errno, and the shortest
 * part that fails in bad. */
int bw_scene_walk(const struct bw_scene *s, const char *path, struct bw_str *bad);
/* Looks for the component that may not be searched, or a last one without the rights in want
 * (R_OK | W_OK | X_OK), and says who owns it. parent: the last one is about to be made. */
bool bw_scene_denied(struct bw_scene *s, const char *path, int want, bool parent);
/* The mount that has path as its mount point, or with cover the one that path lies on. */
const struct bw_mount *bw_scene_mount(const struct bw_mounts *m, const char *path, bool cover);
/* The first mount that lies over a part of the mount at, NULL when none does. */
const struct bw_mount *bw_scene_covered(const struct bw_mounts *m, const struct bw_mount *at);
/* Says that path is not a mount point. False when it is. */
bool bw_scene_no_mount(struct bw_scene *s, const char *path);
/* Says which part of path is missing, is no directory or is a link in a circle; role is what the
 * path is for ("mount point"), or NULL. False when all is there. */
bool bw_scene_missing(struct bw_scene *s, const char *path, const char *role);
/* path without "." and double slashes, absolute (relative to the box's working directory). */
void bw_scene_absolute(const struct bw_scene *s, const char *path, struct bw_str *out);
/* Reads the box's mounts. */
bool bw_scene_mounts(const struct bw_scene *s, struct bw_mounts *out);

/* ---- the host ---- */

/* A number in a file of proc or sysfs; false when there is none. */
bool bw_scene_number(const char *path, long long *out);
/* The same as the box's user namespace sees it: limits of namespaces differ in each. */
bool bw_scene_number_in(const struct bw_scene *s, const char *path, long long *out);
/* Whether a seccomp filter that surrounds this process refuses a call: a form of it that the
 * kernel itself never answers with EPERM is tried. */
bool bw_scene_filtered(const char *op);

#endif
