#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/intr.h"
#include "base/str.h"

#define FILE_MAX ((size_t)16 << 20)

enum { TRIES = 100, PAUSE_MS = 10 };

void bw_close_ptr(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

int bw_steal_fd(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

/* Told to end, nobody waits for a reader that does nothing, or a terminal that was stopped. */
static bool gives_up(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (bw_intr_end == 0 || poll(&ready, 1, 0) == 1)
        return false;
    errno = EINTR;
    return true;
}

int bw_write_all(int fd, const void *buf, size_t len)
{
    const char *p = buf;

    while (len > 0) {
        if (gives_up(fd))
            return -1;
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            /* A terminal that another program left non-blocking must not lose output. */
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
            continue;
        }
        if (n < 0)
            return -1;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int bw_read_all(int fd, struct bw_str *out, size_t max)
{
    char buf[4096];
    size_t total = 0;

    for (;;) {
        ssize_t n = read(fd, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            return 0;
        if ((size_t)n > max - total) {
            errno = EFBIG;
            return -1;
        }
        bw_str_addn(out, buf, (size_t)n);
        total += (size_t)n;
    }
}

void bw_unlink_with_dir(const char *path)
{
    BW_AUTO_STR dir = BW_STR_INIT;
    const char *slash = strrchr(path, '/');

    unlink(path);
    if (!slash || slash == path)
        return;
    bw_str_addn(&dir, path, (size_t)(slash - path));
    rmdir(dir.s);
}

int bw_read_file(int dirfd, const char *path, struct bw_str *out)
{
    bw_str_clear(out);
    /* Nothing named on a command line may hang the shell: a FIFO opens without waiting. */
    BW_AUTO_FD fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return -1;
    return bw_read_all(fd, out, FILE_MAX);
}

/* Without close_range(2), which is Linux 5.9, or its flag, 5.11: one by one, as far as there can be
 * any. /proc may be none of this process's. */
static void range(int from, int to, unsigned flags)
{
    struct rlimit most = {.rlim_cur = 1024};

    if (from > to || syscall(SYS_close_range, (unsigned)from, (unsigned)to, flags) == 0)
        return;
    getrlimit(RLIMIT_NOFILE, &most);
    for (int fd = from; fd <= to && (rlim_t)fd < most.rlim_cur; fd++)
        if (flags)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        else
            close(fd);
}

void bw_fd_close_others(int keep)
{
    range(3, keep - 1, 0);
    range(keep < 3 ? 3 : keep + 1, INT_MAX, 0);
}

void bw_fd_cloexec(void)
{
    range(3, INT_MAX, CLOSE_RANGE_CLOEXEC);
}

int bw_fd_std(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* Lower ones are open, so this open gets exactly fd; programs inherit it. Data for a
         * closed output is an error, as it is for any program: so it cannot be written to. */
        if (open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
            return -1;
    }
    return 0;
}

int bw_again(int *tries)
{
    switch (errno) {
    case EINTR:
        return 1;
    /* Of the other side, of the message, or of the caller's flags: waiting changes nothing. */
    case EAGAIN:
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
    case EBADF:
    case ENOTSOCK:
    case EMSGSIZE:
    case E2BIG:
    case EINVAL:
    case EFAULT:
        return 0;
    default:
        break;
    }
    int code = errno;
    if (++*tries > TRIES)
        return 0;
    poll(NULL, 0, PAUSE_MS);
    errno = code;
    return 1;
}

static struct rlimit before;
static bool raised;

int bw_fd_room(size_t n, struct bw_err *err)
{
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now))
        return bw_err_call(err, errno, "getrlimit", "RLIMIT_NOFILE, …");
    if (n <= now.rlim_cur)
        return 0;
    struct rlimit more = {.rlim_cur = 2 * n < now.rlim_max ? 2 * n : now.rlim_max,
                          .rlim_max = now.rlim_max};
    if (n > now.rlim_max) {
        bw_err_set(err, "that takes %zu open files, and this user may have %llu", n,
                   (unsigned long long)now.rlim_max);
        bw_err_todo(err, "raise the limit before boxwright starts: ulimit -Hn");
        return -1;
    }
    if (setrlimit(RLIMIT_NOFILE, &more))
        return bw_err_call(err, errno, "setrlimit", "RLIMIT_NOFILE, {%llu, …}",
                           (unsigned long long)more.rlim_cur);
    if (!raised)
        before = now;
    raised = true;
    return 0;
}

void bw_fd_room_not_for(pid_t pid)
{
    if (raised)
        prlimit(pid, RLIMIT_NOFILE, &before, NULL);
}
