/* What one may mount in a mount namespace of one's own. */
#include "probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/explain.h"
#include "kern/rootfs.h"

static int try_tmpfs(void *arg, struct bw_err *err)
{
    (void)arg;
    return bw_probe_mounts(0, err);
}

static void tmpfs(struct bw_probe_row *row)
{
    struct bw_err err;
    if (bw_probe_try(try_tmpfs, NULL, &err) != 0)
        bw_probe_refused(row, BW_PROBE_NO, &err);
    else
        bw_probe_found(row, BW_PROBE_OK, "a tmpfs was mounted in a mount namespace of its own");
}

/* proc shows the pid namespace of who mounts it, so that a child has to. */
static int try_proc(void *arg, struct bw_err *err)
{
    int p[2];
    (void)arg;
    if (bw_probe_mounts(CLONE_NEWUSER | CLONE_NEWPID, err) != 0)
        return -1;
    if (pipe2(p, O_CLOEXEC) != 0)
        return bw_err_call(err, errno, "pipe2", "O_CLOEXEC");
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (bw_sys_mount("proc", "/tmp/dir", "proc", 0, NULL, err) == 0)
            bw_err_clear(err);
        else
            bw_explain_fill(err, 0);
        (void)!write(p[1], err, sizeof *err);
        _exit(0);
    }
    close(p[1]);
    if (pid < 0)
        return bw_err_call(err, errno, "fork", "%s", "");
    if (read(p[0], err, sizeof *err) != (ssize_t)sizeof *err)
        return bw_err_set(err, "PID 1 of the trial ended without an answer");
    return err->status == BW_OK ? 0 : -1;
}

static void proc(struct bw_probe_row *row)
{
    struct bw_err err;
    if (bw_probe_try(try_proc, NULL, &err) == 0)
        bw_probe_found(row, BW_PROBE_OK, "mounted in a new user, pid and mnt namespace");
    else
        bw_probe_refused(row, bw_probe_admin() ? BW_PROBE_LIMITED : BW_PROBE_NO, &err);
}

static int try_overlay(void *arg, struct bw_err *err)
{
    static const char *const dirs[] = {"/tmp/lower", "/tmp/upper", "/tmp/work"};
    (void)arg;
    if (bw_probe_mounts(0, err) != 0)
        return -1;
    for (size_t i = 0; i < 3; i++)
        if (bw_sys_mkdirat(AT_FDCWD, dirs[i], 0755, BW_CALL_DETAIL, err) != 0)
            return -1;
    return bw_sys_mount("overlay", "/tmp/dir", "overlay", 0,
                        "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work", err);
}

static void overlay(struct bw_probe_row *row)
{
    struct bw_err err;
    if (bw_probe_try(try_overlay, NULL, &err) == 0)
        bw_probe_found(row, BW_PROBE_OK, "mounted%s",
                       bw_probe_admin() ? "" : " in a user namespace (Linux 5.11 and later)");
    else
        bw_probe_refused(row, BW_PROBE_NO, &err);
}

static int try_busybox(void *arg, struct bw_err *err)
{
    bool made;
    (void)arg;
    return bw_probe_mounts(0, err) == 0 ? bw_rootfs_busybox("/tmp/root", &made, err) : -1;
}

static void busybox(struct bw_probe_row *row)
{
    struct bw_err err;
    if (bw_probe_try(try_busybox, NULL, &err) == 0) {
        bw_probe_found(row, BW_PROBE_OK, "rootfs busybox made a root on a tmpfs");
        return;
    }
    bw_probe_refused(row, BW_PROBE_NO, &err);
    if (!err.op[0] && strstr(err.cause, "busybox"))
        bw_probe_package(row, "busybox-static", "busybox", "busybox", "busybox-static");
}

static const struct bw_probe probes[] = {
    {"mount", "mounts", tmpfs},
    {"proc", "proc in a new pid namespace", proc},
    {"overlay", "overlay", overlay},
    {"busybox", "rootfs busybox", busybox},
};

const struct bw_probes bw_probes_mount = {probes, sizeof probes / sizeof probes[0]};
