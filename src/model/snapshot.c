/* Observing a process: what the kernel says of it, part by part. */
#include "model/snapshot.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/module.h"
#include "base/str.h"
#include "kern/observe.h"
#include "stage/client.h"

static void take_namespaces(pid_t pid, struct bw_snapshot *s)
{
    pid_t self = getpid();

    for (enum bw_ns i = 0; i < BW_NS_COUNT; i++) {
        bool separate = i == BW_NS_PID || i == BW_NS_TIME;
        s->ns[i].inode = bw_ns_inode(pid, i);
        s->ns[i].host = bw_ns_inode(self, i);
        s->ns[i].for_children = separate ? bw_ns_inode_for_children(pid, i) : s->ns[i].inode;
        s->ns[i].own = s->ns[i].inode && s->ns[i].inode != s->ns[i].host;
    }
}

static pid_t innermost(pid_t pid, const struct bw_status_file *f)
{
    return f->n_nspid > 0 ? f->nspid[f->n_nspid - 1] : pid;
}

static void take_programs(pid_t pid, const struct bw_status_file *f, struct bw_snapshot *s)
{
    const struct bw_stage_programs *p = bw_stage_programs_of(pid);

    s->is_box = p != NULL;
    if (!p)
        return;
    s->programs_caps = bw_cap_after_exec(f, bw_cap_is_root(pid, f));
    s->programs_seccomp = p->seccomp;
    s->programs_filter = p->instructions;
    for (int i = 0; i < BW_RLIMITS; i++) {
        s->programs_limits[i].set = p->limits[i].set;
        s->programs_limits[i].v = p->limits[i].v;
    }
}

static void take_identity(pid_t pid, const struct bw_status_file *f, unsigned parts,
                          struct bw_snapshot *s)
{
    BW_AUTO_STR text = BW_STR_INIT;

    s->pid = pid;
    s->nspid = innermost(pid, f);
    s->capabilities = f->cap_eff;
    s->cap_permitted = f->cap_prm;
    s->cap_inheritable = f->cap_inh;
    s->cap_bounding = f->cap_bnd;
    s->cap_ambient = f->cap_amb;
    s->no_new_privs = f->no_new_privs;
    s->seccomp = f->seccomp;
    take_programs(pid, f, s);
    bw_proc_root(pid, &text);
    s->root = bw_str_steal(&text);
    if ((parts & BW_SNAP_CORE) && bw_proc_hostname(pid, &text) == 0)
        s->hostname = bw_str_steal(&text);
    s->n_uid_map = bw_idmap_read(pid, BW_UID, s->uid_map, BW_IDMAP_MAX);
    s->n_gid_map = bw_idmap_read(pid, BW_GID, s->gid_map, BW_IDMAP_MAX);
}

static void take_cgroups(pid_t pid, struct bw_snapshot *s)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_cg_host host;

    if (bw_cg_discover(&host, &ignored))
        return;
    s->cg_version = host.version;
    for (enum bw_cg_ctl i = 0; i < BW_CG_COUNT; i++) {
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
        return -1;
    s->processes = bw_realloc(s->processes, (s->n_processes + 1) * sizeof *s->processes);
    struct bw_snap_process *p = &s->processes[s->n_processes++];
    *p = (struct bw_snap_process){.pid = pid, .nspid = innermost(pid, &f)};
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

/* The list is its own queue: each process is asked for its children when its turn comes. */
static void add_family(pid_t pid, struct bw_snapshot *s)
{
    enum { MOST = 4096 };
    BW_AUTO_FREE pid_t *children = bw_alloc(MOST * sizeof *children);

    add_process(pid, s);
    for (size_t i = 0; i < s->n_processes && s->n_processes < MOST; i++) {
        size_t n = bw_proc_children(s->processes[i].pid, children, MOST);
        for (size_t k = 0; k < n; k++)
            add_process(children[k], s);
    }
}

static int by_pid(const void *a, const void *b)
{
    const struct bw_snap_process *x = a, *y = b;

    return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static void take_processes(pid_t pid, struct bw_snapshot *s)
{
    if (s->ns[BW_NS_PID].own)
        bw_proc_each(add_if_same_ns, s);
    else
        add_family(pid, s);
    if (s->n_processes > 0)
        qsort(s->processes, s->n_processes, sizeof *s->processes, by_pid);
}

static void take_links(pid_t pid, struct bw_snapshot *s)
{
    struct bw_err ignored = BW_ERR_INIT;
    BW_AUTO_FD sock = bw_net_socket(pid, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &ignored);

    s->links_known = sock >= 0 && bw_links_read(sock, &s->links) == 0;
}

static void unknown_counters(struct bw_snapshot *s)
{
    s->cg = (struct bw_cg_stats){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
}

static int refuse(pid_t pid, const char *file, int code, struct bw_err *err)
{
    bw_err_call(err, code, "stat", "\"/proc/%d%s\"", (int)pid, file);
    if (code == ENOENT || code == ESRCH) {
        bw_err_cause(err, "there is no process %d", (int)pid);
        bw_err_todo(err, "ps lists the processes of the box, host ps -e all of them");
    } else {
        bw_err_cause(err, "process %d is another user's, or has privileges that this shell has not",
                     (int)pid);
        if (geteuid() == 0)
            bw_err_todo(err,
                        "grep Cap /proc/%d/status /proc/self/status shows what this root "
                        "has not: it takes CAP_SYS_PTRACE, and all that the other has",
                        (int)pid);
        else
            bw_err_todo(err, "look as its owner or as root: sudo boxwright inspect %d", (int)pid);
    }
    return -1;
}

/* A process that has ended keeps its number until it is reaped, but nothing to look at. */
static int refuse_ended(pid_t pid, struct bw_err *err)
{
    bw_err_set(err, "process %d has ended and only waits to be reaped by its parent", (int)pid);
    bw_err_todo(err, "ps lists the processes of the box, host ps -e all of them");
    return -1;
}

int bw_snapshot_take(pid_t pid, unsigned parts, struct bw_snapshot *s, struct bw_err *err)
{
    struct bw_status_file f;

    memset(s, 0, sizeof *s);
    unknown_counters(s);
    if (bw_status_read(pid, &f))
        return refuse(pid, "/status", errno == EINVAL ? ESRCH : errno, err);
    if (bw_status_is_dead(&f))
        return refuse_ended(pid, err);
    if (bw_ns_inode(pid, BW_NS_PID) == 0)
        return refuse(pid, "/ns/pid", errno, err);
    take_namespaces(pid, s);
    take_identity(pid, &f, parts, s);
    if (parts & BW_SNAP_MOUNTS)
        s->mounts_known = bw_mounts_read(pid, &s->mounts) == 0;
    if (parts & BW_SNAP_CGROUPS)
        take_cgroups(pid, s);
    if (parts & BW_SNAP_PROCESSES)
        take_processes(pid, s);
    if (parts & BW_SNAP_LINKS)
        take_links(pid, s);
    return 0;
}

void bw_snapshot_free(struct bw_snapshot *s)
{
    free(s->root);
    free(s->hostname);
    for (int i = 0; i < BW_CG_COUNT; i++)
        free(s->cg_path[i]);
    bw_mounts_free(&s->mounts);
    bw_links_free(&s->links);
    free(s->processes);
    memset(s, 0, sizeof *s);
}

int bw_snapshot_json(const struct bw_snapshot *s, struct bw_str *out, struct bw_err *err)
{
    void (*write)(const struct bw_snapshot *, struct bw_str *) = NULL;

    if (bw_module_function("json", "bw_json_snapshot", &write, err))
        return -1;
    write(s, out);
    return 0;
}
