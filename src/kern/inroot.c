#include "kern/inroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "kern/observe.h"

/* The working directory of pid as a path below its root; "/" when it lies elsewhere. */
static void cwd_in_root(pid_t pid, struct bw_str *out)
{
    char root[PATH_MAX], cwd[PATH_MAX];
    ssize_t r = bw_proc_read_link(pid, "root", root, sizeof root - 1);
    ssize_t c = bw_proc_read_link(pid, "cwd", cwd, sizeof cwd - 1);
    if (r > 0 && c > 0) {
        root[r] = cwd[c] = '\0';
        size_t n = r == 1 ? 0 : (size_t)r;
        if (strncmp(cwd, root, n) == 0 && cwd[n] == '/')
            bw_str_add(out, cwd + n);
    }
    bw_str_addc(out, '/');
}

int bw_inroot_open(pid_t pid, const char *path, int flags)
{
    if (pid == 0)
        return open(path, flags | O_CLOEXEC);
    BW_AUTO_STR full = BW_STR_INIT;
    if (path[0] != '/')
        cwd_in_root(pid, &full);
    bw_str_add(&full, path);
    BW_AUTO_FD root = bw_proc_open_link(pid, "root");
    if (root < 0)
        return -1;
    struct open_how how = {
        .flags = (unsigned long long)flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, bw_str_get(&full), &how, sizeof how);
}

bool bw_inroot_is_program(pid_t pid, const char *path)
{
    BW_AUTO_FD fd = bw_inroot_open(pid, path, O_PATH);
    struct stat st;
    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0;
}

bool bw_inroot_on_path(pid_t pid, const char *name)
{
    const char *dirs = getenv("PATH");
    BW_AUTO_STR path = BW_STR_INIT;
    while (bw_path_next(&dirs, &path)) {
        bw_str_addf(&path, "/%s", name);
        if (path.s[0] == '/' && bw_inroot_is_program(pid, path.s))
            return true;
    }
    return false;
}
