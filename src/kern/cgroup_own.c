/* A session's own processes, and the scope systemd gives them: systemd's CGROUP_DELEGATION. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/module.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/observe.h"
#include "kern/scope.h"

enum { PARENTS_MAX = 256 };

/* The janitor is nobody's child; it is known by its name and program. */
static bool is_janitor(pid_t owner, const char *comm, pid_t pid)
{
    char a[32], b[32];
    struct stat mine, its;
    snprintf(a, sizeof a, "/proc/%d/exe", (int)owner);
    snprintf(b, sizeof b, "/proc/%d/exe", (int)pid);
    return strcmp(comm, "bw-janitor") == 0 && stat(a, &mine) == 0 && stat(b, &its) == 0 &&
           mine.st_ino == its.st_ino && mine.st_dev == its.st_dev;
}

bool bw_cg_ours(pid_t owner, pid_t pid)
{
    struct bw_status_file f;
    for (int i = 0; i < PARENTS_MAX && pid > 0; i++) {
        if (pid == owner)
            return true;
        if (bw_status_read(pid, &f))
            return errno == ENOENT || errno == ESRCH;
        if (i == 0 && is_janitor(owner, f.comm, pid))
            return true;
        pid = f.ppid;
    }
    return false;
}

/* systemd marks what it delegates; root could write anywhere, but may not. What an ordinary user
 * may write was handed to them, marked or not. */
static bool delegated(const char *dir)
{
    char yes[2] = "";
    BW_AUTO_STR file = BW_STR_INIT;
    bw_str_addf(&file, "%s/cgroup.subtree_control", dir);
    if (geteuid() != 0 && access(file.s, W_OK) == 0)
        return true;
    return (getxattr(dir, "user.delegate", yes, sizeof yes) == 1 ||
            getxattr(dir, "trusted.delegate", yes, sizeof yes) == 1) &&
           yes[0] == '1';
}

int bw_cg_delegate(struct bw_cg *cg, const char *dir, struct bw_err *err)
{
    if (access("/run/systemd/system", F_OK))
        return 0;
    BW_AUTO_FREE pid_t *pids = NULL;
    size_t n = bw_cg_pids(dir, &pids), ours = 0;
    for (size_t i = 0; i < n; i++)
        if (bw_cg_ours(cg->all->owner, pids[i]))
            pids[ours++] = pids[i];
    if (delegated(dir) && ours == n)
        return 0;
    __typeof__(bw_scope_start) *start;
    BW_AUTO_STR unit = BW_STR_INIT;
    bw_str_addf(&unit, "%s.scope", cg->all->name);
    if (bw_module_function("scope", "bw_scope_start", &start, err) ||
        start(unit.s, pids, ours, err)) {
        bw_err_todo(err, "systemd-run %s--scope -p Delegate=yes boxwright starts it in a scope",
                    geteuid() == 0 ? "" : "--user ");
        return -1;
    }
    return 1;
}
