/* Hiding paths and making them read-only, as OCI runtimes do, and a small /dev: runtime-spec
 * config-linux.md (maskedPaths, readonlyPaths, default devices), mount_setattr(2), open_tree(2).
 * All of it runs in the stage. root is as in kern/mnt.h. *half: something was changed before a call
 * failed. */
#ifndef BW_KERN_MASK_H
#define BW_KERN_MASK_H

#include <stdbool.h>

struct bw_err;

enum bw_mask_kind { BW_MASK_HIDE, BW_MASK_READ_ONLY };

/* HIDE: /dev/null over a file, an empty read-only tmpfs over a directory. That /dev/null is the
 * kernel's own is looked at first, and what was looked at is what is mounted. READ_ONLY: the path,
 * with all mounts below it, bound onto itself read-only. *there is false, and nothing is done, when
 * there is no such path. */
int bw_mask(enum bw_mask_kind kind, const char *root, const char *path, bool *there, bool *half,
            struct bw_err *err);
/* The mount that the root directory is in becomes read-only, those below it stay as they are. A
 * root that is no mount is bound onto itself first, and entered. */
int bw_mask_root(bool *half, struct bw_err *err);

/* A tmpfs on dir (made if need be) with null, zero, full, random, urandom and tty, bound from /dev
 * where they are, else made; devpts, shm, and the links that programs look for. */
int bw_devices(const char *root, const char *dir, bool *half, struct bw_err *err);

#endif
