#include "base/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

void bw_state_name(const char *file, struct bw_str *out)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state && state[0] == '/')
        bw_str_addf(out, "%s/boxwright/%s", state, file);
    else if (home && home[0] == '/')
        bw_str_addf(out, "%s/.local/state/boxwright/%s", home, file);
}

/* Whether nobody else can put a link in the way; with sudo HOME may be another user's. The last
 * folder is the user's own and no link itself. */
static bool trusted(const char *path, bool last)
{
    struct stat st;
    int r = last ? lstat(path, &st) : stat(path, &st);

    return r == 0 && S_ISDIR(st.st_mode) && (st.st_uid == geteuid() || (st.st_uid == 0 && !last));
}

/* Goes down to the last slash; folders that are missing are made, with mode 0700. */
static int check_folders(const char *name, bool make)
{
    BW_AUTO_FREE char *path = bw_strdup(name);
    char *next;

    for (char *slash = strchr(path + 1, '/'); slash; slash = next) {
        next = strchr(slash + 1, '/');
        *slash = '\0';
        if (make && mkdir(path, 0700) != 0 && errno != EEXIST)
            return -1;
        if (!trusted(path, next == NULL)) {
            errno = errno == ENOENT ? ENOENT : EPERM;
            return -1;
        }
        *slash = '/';
    }
    return 0;
}

int bw_state_open(const char *name, int flags)
{
    struct stat st;

    if (check_folders(name, flags & O_CREAT) != 0)
        return -1;
    /* O_NONBLOCK: a FIFO in its place must not hold the shell up. */
    BW_AUTO_FD fd = open(name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1) {
        errno = EINVAL;
        return -1;
    }
    if ((st.st_mode & 077) != 0)
        fchmod(fd, 0600);
    return bw_steal_fd(&fd);
}

int bw_state_replace(const char *name, const char *text, size_t len)
{
    BW_AUTO_STR fresh = BW_STR_INIT;

    bw_str_addf(&fresh, "%s.%d", name, (int)getpid());
    BW_AUTO_FD fd = bw_state_open(fresh.s, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return -1;
    if (bw_write_all(fd, text, len) == 0 && fsync(fd) == 0 && rename(fresh.s, name) == 0)
        return 0;
    int saved = errno;
    unlink(fresh.s);
    errno = saved;
    return -1;
}
