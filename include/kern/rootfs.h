/* Root file systems. These run in a scratch stage, so that files get the box's owner and view. */
#ifndef BW_KERN_ROOTFS_H
#define BW_KERN_ROOTFS_H

#include <stdbool.h>

struct bw_err;

/* A minimal root in dir from the machine's static busybox: bin with a link for each applet, etc,
 * proc, sys, dev, tmp, root. dir is made when missing. One that holds such a root already is left
 * as it is (*made false); any other that is not empty is refused. On failure all that was made is
 * removed again. */
int bw_rootfs_busybox(const char *dir, bool *made, struct bw_err *err);

/* The host's /usr read-only over a tmpfs on dir. Needs a mount namespace of its own. */
int bw_rootfs_host(const char *dir, bool *made, struct bw_err *err);

/* Unpacks an archive (any that libarchive reads) into dir, which is made when missing and must be
 * empty; a failure empties it again. The process is chrooted into dir meanwhile, so that no entry
 * and no link in it can name anything outside; an entry with ".." is refused. Whiteouts of OCI
 * layers (.wh.NAME) remove what they name; an ordinary user's device nodes are left out. Needs
 * CAP_SYS_CHROOT. Loads module "archive". */
int bw_rootfs_tar(const char *file, const char *dir, bool *made, struct bw_err *err);

/* 1: nothing is in it, 0: something is, -1 with err: that cannot be told. */
int bw_rootfs_empty(int dirfd, struct bw_err *err);
/* The refusal of a directory that holds something. Returns -1. */
int bw_rootfs_not_empty(const char *dir, struct bw_err *err);
/* Removes a tree that boxwright made, or with keep all that is in it, never crossing into another
 * mount. Returns 0 or -1. */
int bw_rootfs_remove(const char *dir, bool keep, struct bw_err *err);
/* The same for a path as realpath(3) gave it: no link that came into it since is followed (ELOOP).
 */
int bw_rootfs_unmake(const char *dir, bool keep, struct bw_err *err);
/* Removes the directories in dir, a folder that was made for roots and mount points; files beside
 * them are somebody's and stay. dir is as realpath(3) gave it: no link is followed. */
void bw_rootfs_clear(const char *dir);

#endif
