/* Shared by the kinds of root file system. */
#ifndef BW_KERN_ROOTFS_PRIV_H
#define BW_KERN_ROOTFS_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

struct bw_err;

/* Opens the directory, which is made (*created) when missing. Returns a descriptor or -1. */
int bw_rootfs_open(const char *dir, bool *created, struct bw_err *err);
/* Refuses a directory that is not empty; one that was made (created) for it goes again. */
int bw_rootfs_begin(const char *dir, int fd, bool created, struct bw_err *err);
/* Removes all below dirfd, never crossing into another mount. Returns 0, or -1 with errno. */
int bw_rootfs_empty_out(int dirfd);
/* Directories (NULL-terminated), /tmp and the files of /etc that programs look for. */
int bw_rootfs_skeleton(int dirfd, const char *const *dirs, struct bw_err *err);
int bw_rootfs_file(int dirfd, const char *path, mode_t mode, const char *text, struct bw_err *err);
int bw_rootfs_link(int dirfd, const char *to, const char *path, struct bw_err *err);

#endif
