#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

/* The open log, kept across fork and chroot. Its identity tells whether the number still means
 * the log after somebody closed descriptors. */
static struct {
    bool asked;
    int fd;
    dev_t dev;
    ino_t ino;
} file = {.fd = -1};

static void open_log(void)
{
    struct stat st;
    const char *path = secure_getenv("BW_LOG");

    file.asked = true;
    if (path == NULL || path[0] == '\0')
        return;
    /* A link or a file that somebody else put at a place known beforehand, as in /tmp, is left. */
    BW_AUTO_FD fd =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        st.st_nlink > 1)
        return;
    /* Never one of the standard descriptors, even when those were closed. */
    file.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    file.dev = st.st_dev;
    file.ino = st.st_ino;
}

static bool still_open(void)
{
    struct stat st;

    return file.fd >= 0 && fstat(file.fd, &st) == 0 && st.st_dev == file.dev &&
           st.st_ino == file.ino;
}

void bw_log(const char *fmt, ...)
{
    int saved = errno;
    struct timespec now;
    char text[2048];
    va_list ap;

    if (!file.asked)
        open_log();
    if (!still_open()) {
        errno = saved;
        return;
    }
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    clock_gettime(CLOCK_MONOTONIC, &now);
    BW_AUTO_STR line = BW_STR_INIT;
    bw_str_addf(&line, "%d %lld.%03ld ", (int)getpid(), (long long)now.tv_sec,
                now.tv_nsec / 1000000);
    if (n >= 0)
        bw_str_add_safe(&line, text);
    bw_str_addc(&line, '\n');
    (void)bw_write_all(file.fd, line.s, line.len);
    errno = saved;
}
