/* The rows of doctor, and how a trial is made without leaving a trace: in a child that ends. */
#include "probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/explain.h"
#include "kern/observe.h"

enum { TRIAL_MS = 1000 };

static const struct bw_probes *const tables[] = {&bw_probes_ns,     &bw_probes_mount,
                                                 &bw_probes_cgroup, &bw_probes_net,
                                                 &bw_probes_kernel, &bw_probes_tools};
#define TABLES (sizeof tables / sizeof tables[0])

static void run(const struct bw_probe *p, struct bw_probe_row *row)
{
    memset(row, 0, sizeof *row);
    snprintf(row->id, sizeof row->id, "%s", p->id);
    snprintf(row->what, sizeof row->what, "%s", p->what);
    row->state = BW_PROBE_UNKNOWN;
    p->look(row);
}

size_t bw_probe_all(struct bw_probe_row *rows, size_t max)
{
    size_t n = 0;
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t]->n && n < max; i++)
            run(&tables[t]->v[i], &rows[n++]);
    return n;
}

static const struct bw_probe *find(const char *id)
{
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t]->n; i++)
            if (strcmp(tables[t]->v[i].id, id) == 0)
                return &tables[t]->v[i];
    return NULL;
}

bool bw_probe_known(const char *id)
{
    return find(id) != NULL;
}

int bw_probe_one(const char *id, struct bw_probe_row *row)
{
    const struct bw_probe *p = find(id);

    if (!p)
        return -1;
    run(p, row);
    return 0;
}

void bw_probe_found(struct bw_probe_row *row, enum bw_probe_state state, const char *fmt, ...)
{
    va_list ap;
    row->state = state;
    va_start(ap, fmt);
    vsnprintf(row->found, sizeof row->found, fmt, ap);
    va_end(ap);
}

void bw_probe_fix(struct bw_probe_row *row, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(row->fix, sizeof row->fix, fmt, ap);
    va_end(ap);
}

void bw_probe_package(struct bw_probe_row *row, const char *apt, const char *dnf,
                      const char *pacman, const char *apk)
{
    char path[256];
    const struct {
        const char *program, *command, *package;
    } managers[] = {{"apt-get", "apt install", apt},
                    {"dnf", "dnf install", dnf},
                    {"pacman", "pacman -S", pacman},
                    {"apk", "apk add", apk}};
    for (size_t i = 0; i < 4; i++)
        if (bw_probe_which(managers[i].program, path, sizeof path)) {
            bw_probe_fix(row, "as root: %s %s", managers[i].command, managers[i].package);
            return;
        }
    bw_probe_fix(row, "install the package %s (Debian's name)", apt);
}

void bw_probe_refused(struct bw_probe_row *row, enum bw_probe_state state, const struct bw_err *err)
{
    if (err->op[0])
        bw_probe_found(row, state, "%s: %.130s", bw_err_name(err->code), err->cause);
    else
        bw_probe_found(row, state, "%.150s", err->cause);
    bw_probe_fix(row, "%.190s", err->todo);
}

/* The error comes back through a pipe, which also ends the waiting. */
static void child_main(int (*fn)(void *, struct bw_err *), void *arg, int to)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_calls unused = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bw_call_recorder(&unused, false);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    if (fn(arg, &err) == 0)
        bw_err_clear(&err);
    else if (err.code)
        bw_explain_fill(&err, 0);
    (void)!write(to, &err, sizeof err);
    _exit(0);
}

int bw_probe_try(int (*fn)(void *arg, struct bw_err *err), void *arg, struct bw_err *err)
{
    int p[2];
    bw_err_clear(err);
    if (pipe2(p, O_CLOEXEC) != 0)
        return bw_err_call(err, errno, "pipe2", "O_CLOEXEC");
    BW_AUTO_FD from = p[0];
    BW_AUTO_FD to = p[1];
    pid_t pid = fork();
    if (pid == 0)
        child_main(fn, arg, to);
    bw_close_ptr(&to);
    to = -1;
    if (pid < 0)
        return bw_err_call(err, errno, "fork", "%s", "");
    struct pollfd ready = {.fd = from, .events = POLLIN};
    int r = poll(&ready, 1, TRIAL_MS);
    bool told = r == 1 && read(from, err, sizeof *err) == (ssize_t)sizeof *err;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (!told)
        return bw_err_set(err, r == 0 ? "the trial did not end within a second"
                                      : "the trial ended without an answer");
    return err->status == BW_OK ? 0 : -1;
}

bool bw_probe_admin(void)
{
    struct bw_status_file st;
    return bw_status_read(getpid(), &st) == 0 && (st.cap_eff >> CAP_SYS_ADMIN & 1) != 0;
}

int bw_probe_unshare(int flags, struct bw_err *err)
{
    char map[64];
    unsigned uid = geteuid(), gid = getegid();
    if (bw_probe_admin() && !(flags & CLONE_NEWUSER))
        return bw_sys_unshare(flags, err);
    if (bw_sys_unshare(CLONE_NEWUSER, err) != 0)
        return -1;
    /* Kernels before 3.19 have no setgroups file and want no denial. */
    if (access("/proc/self/setgroups", F_OK) == 0 &&
        bw_sys_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", err) != 0)
        return -1;
    snprintf(map, sizeof map, "0 %u 1", uid);
    if (bw_sys_write_file(AT_FDCWD, "/proc/self/uid_map", map, err) != 0)
        return -1;
    snprintf(map, sizeof map, "0 %u 1", gid);
    if (bw_sys_write_file(AT_FDCWD, "/proc/self/gid_map", map, err) != 0)
        return -1;
    flags &= ~CLONE_NEWUSER;
    return flags ? bw_sys_unshare(flags, err) : 0;
}

int bw_probe_mounts(int flags, struct bw_err *err)
{
    if (bw_probe_unshare(flags | CLONE_NEWNS, err) != 0 ||
        bw_sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err) != 0 ||
        bw_sys_mount("tmpfs", "/tmp", "tmpfs", 0, "size=16M", err) != 0)
        return -1;
    return bw_sys_mkdirat(AT_FDCWD, "/tmp/dir", 0755, BW_CALL_DETAIL, err);
}

bool bw_probe_which(const char *name, char *out, size_t size)
{
    const char *own = getenv("PATH");
    BW_AUTO_STR all = BW_STR_INIT, dir = BW_STR_INIT;
    bw_str_addf(&all, "%s%s" BW_PATH_USUAL, own ? own : "", own ? ":" : "");
    for (const char *rest = all.s; bw_path_next(&rest, &dir);) {
        struct stat st;
        snprintf(out, size, "%s/%s", dir.s, name);
        if (stat(out, &st) == 0 && S_ISREG(st.st_mode) && access(out, X_OK) == 0)
            return true;
    }
    return false;
}
