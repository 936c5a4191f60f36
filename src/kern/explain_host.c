/* Facts of the host that causes look at. */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

static bool number(const char *text, long long *out)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || errno || (*end && *end != '\n' && *end != ' ' && *end != '\t'))
        return false;
    *out = v;
    return true;
}

bool bw_scene_number(const char *path, long long *out)
{
    BW_AUTO_STR text = BW_STR_INIT;
    return bw_read_file(AT_FDCWD, path, &text) == 0 && number(bw_str_get(&text), out);
}

/* In the child: the limits that proc shows are those of the reader's user namespace. */
static void read_inside(int userns, const char *path, int to)
{
    BW_AUTO_STR text = BW_STR_INIT;
    /* The box's programs hold every capability there, and this is a copy of the shell. */
    prctl(PR_SET_DUMPABLE, 0);
    if (setns(userns, CLONE_NEWUSER) == 0 && bw_read_file(AT_FDCWD, path, &text) == 0)
        (void)!write(to, bw_str_get(&text), text.len < 64 ? text.len : 64);
    _exit(0);
}

bool bw_scene_number_in(const struct bw_scene *s, const char *path, long long *out)
{
    char text[65];
    if (!s->pid || bw_scene_host_userns(s))
        return bw_scene_number(path, out);
    BW_AUTO_FD userns = bw_proc_open_link(s->pid, "ns/user");
    int p[2];
    if (userns < 0 || pipe2(p, O_CLOEXEC) != 0)
        return false;
    BW_AUTO_FD from = p[0];
    BW_AUTO_FD to = p[1];
    pid_t pid = fork();
    if (pid == 0)
        read_inside(userns, path, to);
    bw_close_ptr(&to);
    to = -1;
    struct pollfd ready = {.fd = from, .events = POLLIN};
    ssize_t n = pid > 0 && poll(&ready, 1, 500) == 1 ? read(from, text, sizeof text - 1) : 0;
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (n <= 0)
        return false;
    text[n] = '\0';
    return number(text, out);
}

bool bw_scene_filtered(const char *op)
{
    long r = 0;
    errno = 0;
    if (strcmp(op, "unshare") == 0)
        r = unshare(0); /* asks for nothing, which is granted to everyone */
    else if (strcmp(op, "setns") == 0)
        r = setns(-1, 0); /* EBADF */
    else if (strcmp(op, "clone3") == 0)
        r = syscall(SYS_clone3, NULL, (size_t)0); /* EINVAL: too short */
    else if (strcmp(op, "mount") == 0)
        r = syscall(SYS_mount, (void *)-1L, (void *)-1L, (void *)-1L, 0UL, NULL); /* EFAULT */
    else if (strcmp(op, "pivot_root") == 0)
        return false; /* the kernel, too, asks for the privilege first */
    return r == -1 && (errno == EPERM || errno == ENOSYS);
}
