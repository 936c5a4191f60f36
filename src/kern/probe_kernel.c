/* Calls and features that a kernel may lack, or a filter around this process hide. */
#include "probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/observe.h"
#include "kern/sealed.h"

static void missing_call(struct bw_probe_row *row, const char *name, const char *since)
{
    struct utsname u;
    int code = errno;
    if (uname(&u) != 0)
        u.release[0] = '\0';
    bw_probe_found(row, BW_PROBE_NO, "%s gives %s on Linux %.60s", name, bw_err_name(code),
                   u.release);
    bw_probe_fix(row, "Linux %s or later; in a container also a seccomp profile that knows %s",
                 since, name);
}

static void openat2_call(struct bw_probe_row *row)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    BW_AUTO_FD fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how);
    if (fd < 0)
        missing_call(row, "openat2", "5.6");
    else
        bw_probe_found(row, BW_PROBE_OK, "RESOLVE_IN_ROOT works");
}

static void clone3_call(struct bw_probe_row *row)
{
    /* Too short to be taken: what does not have the call says so before it looks. */
    long r = syscall(SYS_clone3, NULL, (size_t)0);
    if (r == -1 && errno == EINVAL)
        bw_probe_found(row, BW_PROBE_OK, "the kernel has it");
    else
        missing_call(row, "clone3", "5.3");
}

static void pidfd(struct bw_probe_row *row)
{
    BW_AUTO_FD fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (fd < 0)
        missing_call(row, "pidfd_open", "5.3");
    else
        bw_probe_found(row, BW_PROBE_OK, "pidfd_open works");
}

static void seccomp(struct bw_probe_row *row)
{
    struct bw_status_file st;
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    if (bw_status_read(getpid(), &st) == 0 && st.seccomp == 2) {
        bw_probe_found(row, BW_PROBE_LIMITED,
                       "a filter surrounds boxwright (Seccomp is 2 in status), as in a container");
        bw_probe_fix(row, "run boxwright on the host, or start the container with --security-opt "
                          "seccomp=unconfined");
    } else if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) {
        bw_probe_found(row, BW_PROBE_OK, "filters can be set, and none surrounds boxwright");
    } else {
        missing_call(row, "seccomp", "4.14 with CONFIG_SECCOMP_FILTER,");
    }
}

static int make_copy(void *arg, struct bw_err *err)
{
    (void)arg;
    return bw_sealed_program(err) < 0 ? -1 : 0;
}

/* Without it there is no box at all. */
static void sealed(struct bw_probe_row *row)
{
    struct bw_err err = BW_ERR_INIT;
    if (bw_probe_try(make_copy, NULL, &err))
        bw_probe_refused(row, BW_PROBE_NO, &err);
    else
        bw_probe_found(row, BW_PROBE_OK, "boxwright's copy in memory was made and sealed");
}

static const struct bw_probe probes[] = {
    {"sealed", "the box's own program", sealed},
    {"clone3", "clone3", clone3_call},
    {"openat2", "openat2", openat2_call},
    {"pidfd", "pidfd", pidfd},
    {"seccomp", "seccomp", seccomp},
};

const struct bw_probes bw_probes_kernel = {probes, sizeof probes / sizeof probes[0]};
