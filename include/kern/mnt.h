/* Mounts as the caller's mount namespace sees them, and mounting without leaving a root:
 * mount(2), mount_namespaces(7), openat2(2). */
#ifndef BW_KERN_MNT_H
#define BW_KERN_MNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct bw_err;

/* One line of /proc/PID/mountinfo: proc_pid_mountinfo(5). Octal escapes are undone. */
struct bw_mount {
    int id, parent;
    char *dev;                   /* "8:1": tells two file systems of the same type apart */
    char *root;                  /* of the mount within its file system */
    char *target;                /* relative to the process's root */
    char *options;               /* per-mount: "rw,relatime" */
    char *propagation;           /* "shared:1 master:2", "" when private */
    char *type, *source, *super; /* super: per-superblock options */
};

struct bw_mounts {
    struct bw_mount *v;
    size_t n;
};

/* Parses the text of a mountinfo file; malformed lines are an error (-1, errno EINVAL). */
int bw_mounts_parse(const char *text, size_t len, struct bw_mounts *out);
/* Reads /proc/PID/mountinfo (pid 0: self). Returns 0 or -1 with errno. */
int bw_mounts_read(pid_t pid, struct bw_mounts *out);
void bw_mounts_free(struct bw_mounts *m);

/* Parses fstab-like options ("ro,nosuid,size=64M,rprivate") into mount(2) flags, propagation
 * flags included, and the rest, which goes to the file system as data (free with free()). */
int bw_mnt_options(const char *text, unsigned long *flags, char **data, struct bw_err *err);

/* In the four below root is NULL, or the beginning of the path that is an untrusted root file
 * system: then what follows is resolved with openat2(RESOLVE_IN_ROOT), so that no link in it leads
 * out, and the call is made on what was found there, however names are swapped meanwhile. They run
 * in the stage. */

/* Mounts source at target; source_root does for source, which a bind names, what root does for
 * target. */
int bw_mnt_mount(const char *root, const char *source, const char *source_root, const char *target,
                 const char *type, unsigned long flags, const char *data, struct bw_err *err);
int bw_mnt_umount(const char *root, const char *target, int flags, struct bw_err *err);
/* Directories above the last are made silently when parents is set, as mkdir -p does. */
int bw_mnt_mkdir(const char *root, const char *path, mode_t mode, bool parents, struct bw_err *err);
int bw_mnt_rmdir(const char *root, const char *path, struct bw_err *err);

/* mount(NULL or "none", "/", NULL, MS_REC | flag): flag is MS_PRIVATE, MS_SLAVE, MS_SHARED. */
int bw_mnt_propagation(const char *target, unsigned long flag, struct bw_err *err);

/* chroot(2) and chdir("/"). The directory must exist and be one; a path that is refused leaves
 * root and working directory as they were. */
int bw_mnt_chroot(const char *dir, struct bw_err *err);

/* pivot_root(2) into new_root, which is bound onto itself when it is not a mount point; the old
 * root is detached. Ends with root and working directory at "/". *half: it failed after the root
 * was changed, and there is no way back. */
int bw_mnt_pivot(const char *new_root, bool *half, struct bw_err *err);

#endif
