/* Shared by mnt.c, mask.c and devices.c. */
#ifndef BW_KERN_MNT_PRIV_H
#define BW_KERN_MNT_PRIV_H

struct bw_err;

/* Opens (O_PATH) what path names, without leaving root, which it begins with. */
int bw_mnt_open(const char *root, const char *path, struct bw_err *err);
/* mount(2) onto the directory that fd is, with "." as its name. */
int bw_mnt_at_dir(int fd, const char *source, const char *type, unsigned long flags,
                  const char *data, struct bw_err *err);
/* The directory becomes the working directory, until it is gone back; r is passed on with errno. */
int bw_mnt_go_to(int fd, int *back, struct bw_err *err);
int bw_mnt_come_back(int r, int back, struct bw_err *err);

#endif
