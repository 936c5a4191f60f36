#include "base/state.h"

#include <errno.h>
#include <fcntl.h>
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

/* Makes the folders down to the last slash; those that are missing get mode 0700. */
static int make_folders(const char *name)
{
    BW_AUTO_FREE char *path = bw_strdup(name);

    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int r = mkdir(path, 0700);
        *slash = '/';
        if (r != 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

int bw_state_open(const char *name, int flags)
{
    struct stat st;

    if ((flags & O_CREAT) && make_folders(name) != 0)
        return -1;
    /* O_NONBLOCK: a FIFO in its place must not hold the shell up. */
    BW_AUTO_FD fd = open(name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
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
