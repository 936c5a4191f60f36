/* Observing a process: what the kernel says of it, part by part. */
#include "model/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/module.h"
#include "base/str.h"
#include "kern/observe.h"

static void take_namespaces(pid_t pid, struct bw_snapshot *s)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        s->ns[i].inode = bw_ns_inode(pid, i);
        s->ns[i].host = bw_ns_inode(getpid(), i);
        s->ns[i].for_children = bw_ns_inode_for_children(pid, i);
        s->ns[i].own = s->ns[i].inode && s->ns[i].inode != s->ns[i].host;
    }
}

static int maps_or_none(int n)
{
    return n < 0 ? 0 : n;
}

static void take_identity(pid_t pid, const struct bw_status_file *f, struct bw_snapshot *s)
{
    BW_AUTO_STR text = BW_STR_INIT;
    s->pid = pid;
    s->nspid = f->n_nspid ? f->nspid[f->n_nspid - 1] : pid;
    s->capabilities = f->cap_eff;
    s->no_new_privs = f->no_new_privs;
    s->seccomp = f->seccomp;
    bw_proc_root(pid, &text);
    s->root = bw_str_steal(&text);
    if (bw_proc_hostname(pid, &text) == 0)
        s->hostname = bw_strdup(bw_str_get(&text));
    s->n_uid_map = maps_or_none(bw_idmap_read(pid, BW_UID, s->uid_map, BW_IDMAP_MAX));
    s->n_gid_map = maps_or_none(bw_idmap_read(pid, BW_GID, s->gid_map, BW_IDMAP_MAX));
}

static void take_cgroups(pid_t pid, struct bw_snapshot *s)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_cg_host host;
    if (bw_cg_discover(&host, &ignored))
        return;
    s->cg_version = host.version;
    for (int i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR path = BW_STR_INIT;
        if (host.ctl[i].present && bw_cg_path_of(&host, pid, i, &path) == 0)
            s->cg_path[i] = bw_str_steal(&path);
    }
    bw_cg_stats_read(&host, pid, &s->cg);
}

static int add_process(pid_t pid, struct bw_snapshot *s)
{
    struct bw_status_file f;
    if (bw_status_read(pid, &f))
        return 0;
    s->processes = bw_realloc(s->processes, (s->n_processes + 1) * sizeof *s->processes);
    struct bw_snap_process *p = &s->processes[s->n_processes++];
    *p = (struct bw_snap_process){.pid = pid, .nspid = f.n_nspid ? f.nspid[f.n_nspid - 1] : pid};
    memcpy(p->comm, f.comm, sizeof p->comm);
    return 0;
}

static int add_if_same_ns(pid_t pid, void *ctx)
{
    struct bw_snapshot *s = ctx;
    if (bw_ns_inode(pid, BW_NS_PID) == s->ns[BW_NS_PID].inode)
        add_process(pid, s);
    return 0;
}

/* With a PID namespace of its own: all that share it. Else the process and what descends from it.
 */
static void take_processes(pid_t pid, struct bw_snapshot *s)
{
    enum { MOST = 8192 };
    static pid_t stack[MOST];
    if (s->ns[BW_NS_PID].own) {
        bw_proc_each(add_if_same_ns, s);
        return;
    }
    size_t n = 1;
    stack[0] = pid;
    while (n > 0) {
        pid_t p = stack[--n];
        add_process(p, s);
        n += bw_proc_children(p, stack + n, MOST - n);
    }
}

static void unknown_counters(struct bw_snapshot *s)
{
    s->cg = (struct bw_cg_stats){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
}

/* A process that exists but whose links are hidden belongs to somebody else. */
static int refuse(pid_t pid, int code, struct bw_err *err)
{
    bw_err_call(err, code, "stat", "\"/proc/%d/ns/pid\"", (int)pid);
    if (code == ENOENT || code == ESRCH) {
        bw_err_cause(err, "there is no process %d", (int)pid);
        bw_err_todo(err, "list processes with: ps, or host ps -e");
    } else {
        bw_err_cause(err, "process %d belongs to another user, or has more rights than this one",
                     (int)pid);
        bw_err_todo(err, "look at it as its owner, or as root: sudo boxwright inspect %d",
                    (int)pid);
    }
    return -1;
}

int bw_snapshot_take(pid_t pid, unsigned parts, struct bw_snapshot *s, struct bw_err *err)
{
    struct bw_status_file f;
    memset(s, 0, sizeof *s);
    unknown_counters(s);
    if (bw_status_read(pid, &f))
        return refuse(pid, ENOENT, err);
    errno = 0;
    take_namespaces(pid, s);
    if (s->ns[BW_NS_PID].inode == 0)
        return refuse(pid, errno ? errno : EACCES, err);
    take_identity(pid, &f, s);
    if ((parts & BW_SNAP_MOUNTS) && bw_mounts_read(pid, &s->mounts))
        s->mounts = (struct bw_mounts){0};
    if (parts & BW_SNAP_CGROUPS)
        take_cgroups(pid, s);
    if (parts & BW_SNAP_PROCESSES)
        take_processes(pid, s);
    return 0;
}

void bw_snapshot_free(struct bw_snapshot *s)
{
    free(s->root);
    free(s->hostname);
    for (int i = 0; i < BW_CG_COUNT; i++)
        free(s->cg_path[i]);
    bw_mounts_free(&s->mounts);
    free(s->processes);
    memset(s, 0, sizeof *s);
}

int bw_snapshot_json(const struct bw_snapshot *s, struct bw_str *out, struct bw_err *err)
{
    void (*write)(const struct bw_snapshot *, struct bw_str *);
    void *found = bw_module_symbol("json", "bw_json_module_snapshot", err);
    if (!found)
        return -1;
    memcpy(&write, &found, sizeof write);
    write(s, out);
    return 0;
}
