/* File descriptors: closed at the end of their scope, EINTR handled, O_CLOEXEC everywhere. */
#ifndef BW_BASE_FD_H
#define BW_BASE_FD_H

#include <stddef.h>
#include <sys/types.h>

struct bw_str;
struct bw_err;

#define BW_AUTO_FD __attribute__((cleanup(bw_close_ptr))) int

/* For BW_AUTO_FD: closes *fd when it is not negative; errno is kept. */
void bw_close_ptr(int *fd);
/* Hands a descriptor over: returns *fd and sets it to -1. */
int bw_steal_fd(int *fd);

/* Writes all of buf. Returns 0, or -1 with errno; EINTR when a signal said to end and fd takes no
 * more. */
int bw_write_all(int fd, const void *buf, size_t len);

/* Adds what is left to read from fd to out, at most max bytes. Returns 0, or -1 with errno;
 * EFBIG when there is more than max. */
int bw_read_all(int fd, struct bw_str *out, size_t max);

/* Removes a file, and the directory it was in when nothing else is there. */
void bw_unlink_with_dir(const char *path);

/* Reads a whole small file, relative to dirfd (AT_FDCWD for the working directory), at most
 * 16 MiB: proc, sysfs and cgroup files. Returns 0, or -1 with errno. out is cleared first. */
int bw_read_file(int dirfd, const char *path, struct bw_str *out);

/* Whether a call that failed with errno, and must not, is worth another try: what says nothing of
 * its arguments or of another process is tried for about a second. Waits a moment then; *tries
 * counts, from 0. */
int bw_again(int *tries);

/* Lets this process have n descriptors. Returns 0, or -1 with err. */
int bw_fd_room(size_t n, struct bw_err *err);
/* Gives a process (0: the caller) the limit that bw_fd_room raised: programs are not to see it. */
void bw_fd_room_not_for(pid_t pid);

/* Closes every descriptor from 3 on but keep (-1: none). */
void bw_fd_close_others(int keep);
/* Lets an exec close every descriptor from 3 on. */
void bw_fd_cloexec(void);

/* Makes all three standard descriptors open, on /dev/null if they were closed. Returns 0 or -1. */
int bw_fd_std(void);

#endif
