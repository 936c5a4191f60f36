/* Sampling a box: cheap things each time, what seldom changes when the kernel says that it did, or
 * once a second. The cost does not depend on how much else runs on the host. */
#include "model/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/observe.h"
#include "live_priv.h"
#include "model/journal.h"

enum { SLOW_MS = 1000 };

struct bw_sampler {
    struct bw_cg_host host;
    bool host_known;
    uint64_t before[BW_NS_COUNT]; /* inodes of the sample before */
    uint64_t children_before[BW_NS_COUNT];
    pid_t pid, counted;   /* the box; the process whose groups are read */
    struct bw_str groups; /* its /proc/PID/cgroup, and what follows from it */
    char *path[BW_CG_COUNT];
    struct bw_cg_dirs dirs;
    long long slow_at, usage, usage_at;
    bool usage_known;
    int mountinfo[2]; /* the host's and the box's: the kernel tells when they change */
    uint64_t mountinfo_of;
    int names;         /* /proc/sys/kernel/hostname: tells when any host name changes */
    uint64_t named_of; /* the UTS namespace whose name is known */
    size_t steps;      /* as many as the sample has, and the last one's words */
    const char *last_step;
};

struct bw_sampler *bw_sampler_new(void)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_sampler *s = bw_alloc(sizeof *s);

    *s = (struct bw_sampler){.mountinfo = {-1, -1}};
    s->host_known = bw_cg_discover(&s->host, &ignored) == 0;
    s->names = open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC);
    s->mountinfo[0] = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    return s;
}

void bw_sampler_free(struct bw_sampler *s)
{
    if (!s)
        return;
    bw_close_ptr(&s->mountinfo[0]);
    bw_close_ptr(&s->mountinfo[1]);
    bw_close_ptr(&s->names);
    bw_str_free(&s->groups);
    for (int i = 0; i < BW_CG_COUNT; i++)
        free(s->path[i]);
    bw_cg_dirs_free(&s->dirs);
    free(s);
}

/* ---- namespaces ---- */

/* A new PID namespace has no number before its first process: that it gets one is no change. */
static bool children_change(const struct bw_sampler *s, const struct bw_live *l, int i)
{
    uint64_t was = s->children_before[i], is = l->snap.ns[i].for_children;

    return was != is && was != 0 && is != l->snap.ns[i].inode;
}

static void note_changes(struct bw_sampler *s, struct bw_live *l)
{
    bool some = s->before[BW_NS_MNT] == 0, first = some;

    /* A box begins in the host's namespaces. */
    for (int i = 0; i < BW_NS_COUNT; i++) {
        if (first)
            s->before[i] = s->children_before[i] = l->snap.ns[i].host;
        some = some || s->before[i] != l->snap.ns[i].inode || children_change(s, l, i);
    }
    for (int i = 0; i < BW_NS_COUNT && some; i++) {
        l->changed[i] = s->before[i] != l->snap.ns[i].inode;
        l->children_changed[i] = children_change(s, l, i);
        if (first || l->changed[i] || l->owner[i] == 0)
            l->owner[i] = bw_ns_owner(l->snap.pid, (enum bw_ns)i);
    }
    for (int i = 0; i < BW_NS_COUNT; i++) {
        s->before[i] = l->snap.ns[i].inode;
        s->children_before[i] = l->snap.ns[i].for_children;
    }
}

/* ---- control groups ---- */

static bool has_own_group(const struct bw_str *groups)
{
    return strstr(bw_str_get(groups), "/boxwright-") != NULL;
}

static void read_groups(pid_t pid, struct bw_str *out)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
    if (bw_read_file(AT_FDCWD, path, out) != 0)
        bw_str_clear(out);
}

/* The stage's own groups, unless it is in none of its own and a program of the box is. */
static pid_t whose_groups(const struct bw_live *l, struct bw_str *groups)
{
    enum { LOOKED_AT = 8 };

    for (size_t i = 0; i < l->n_tree && i < LOOKED_AT; i++) {
        read_groups(l->tree[i].pid, groups);
        if (has_own_group(groups))
            return l->tree[i].pid;
    }
    read_groups(l->snap.pid, groups);
    return l->snap.pid;
}

static void take_paths(struct bw_sampler *s, pid_t pid, struct bw_live *l)
{
    for (enum bw_cg_ctl i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR path = BW_STR_INIT;
        free(s->path[i]);
        s->path[i] = NULL;
        *l->cg_name[i] = '\0';
        if (!s->host.ctl[i].present || bw_cg_path_of(&s->host, pid, i, &path))
            continue;
        const char *name = strrchr(bw_str_get(&path), '/');
        snprintf(l->cg_name[i], sizeof l->cg_name[i], "%s", name && name[1] ? name + 1 : "/");
        s->path[i] = bw_str_steal(&path);
    }
    bw_cg_dirs_free(&s->dirs);
    bw_cg_dirs_of(&s->host, pid, &s->dirs);
}

static void add_history(struct bw_live *l)
{
    memmove(l->history, l->history + 1, sizeof l->history - sizeof *l->history);
    l->history[BW_LIVE_HISTORY - 1] = (int16_t)(l->cpu > INT16_MAX ? INT16_MAX : l->cpu);
    if (l->n_history < BW_LIVE_HISTORY)
        l->n_history++;
}

static void rate(struct bw_sampler *s, struct bw_live *l, bool tick)
{
    long long now = bw_now_us(), usage = l->snap.cg.cpu_usage_us;

    if (!tick && s->usage_known)
        return;
    l->cpu = -1;
    if (s->usage_known && usage >= s->usage && now > s->usage_at)
        l->cpu = (int)((usage - s->usage) * 1000 / (now - s->usage_at));
    s->usage_known = usage >= 0;
    s->usage = usage;
    s->usage_at = now;
    add_history(l);
}

/* groups: as /proc/PID/cgroup has them. */
static bool has_own_devices(const char *groups)
{
    static const char controller[] = ":devices:", session[] = "/boxwright-";
    const char *line = strstr(groups, controller);

    return line && memmem(line, strcspn(line, "\n"), session, strlen(session)) != NULL;
}

static void take_groups(struct bw_sampler *s, struct bw_live *l, bool tick)
{
    BW_AUTO_STR groups = BW_STR_INIT;
    pid_t pid = whose_groups(l, &groups);

    if (pid != s->counted || strcmp(bw_str_get(&groups), bw_str_get(&s->groups)) != 0) {
        take_paths(s, pid, l);
        l->own_devices = has_own_devices(bw_str_get(&groups));
        s->usage_known = false;
        s->counted = pid;
        bw_str_clear(&s->groups);
        bw_str_add(&s->groups, bw_str_get(&groups));
    }
    l->snap.cg_version = s->host.version;
    for (int i = 0; i < BW_CG_COUNT; i++)
        l->snap.cg_path[i] = s->path[i] ? bw_strdup(s->path[i]) : NULL;
    bw_cg_stats_of(&s->host, &s->dirs, bw_live_groups(l), &l->snap.cg);
    rate(s, l, tick);
}

/* ---- mounts ---- */

static bool has_changed(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLPRI};

    return poll(&p, 1, 0) > 0 && (p.revents & (POLLPRI | POLLERR));
}

static void take_mounts(struct bw_sampler *s, struct bw_live *l, struct bw_snapshot *old)
{
    uint64_t ns = l->snap.ns[BW_NS_MNT].inode;
    bool again = ns != s->mountinfo_of || !old->mounts_known;
    char path[64];

    if (ns != s->mountinfo_of || s->mountinfo[1] < 0) {
        snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)l->snap.pid);
        bw_close_ptr(&s->mountinfo[1]);
        s->mountinfo[1] = open(path, O_RDONLY | O_CLOEXEC);
        s->mountinfo_of = ns;
    }
    /* Both are asked: each tells of a change once. A root that changed shows other mounts. */
    bool host = has_changed(s->mountinfo[0]), box = has_changed(s->mountinfo[1]);
    again = again || host || box || !old->root || strcmp(old->root, l->snap.root) != 0;
    if (!again) {
        l->snap.mounts = old->mounts;
        l->snap.mounts_known = true;
        old->mounts = (struct bw_mounts){0};
        return;
    }
    l->snap.mounts_known = bw_mounts_read(l->snap.pid, &l->snap.mounts) == 0;
    bw_lines_free(&l->mounts);
    if (l->snap.mounts_known && l->snap.ns[BW_NS_MNT].own)
        bw_live_mounts(l);
}

/* ---- the whole ---- */

static void forget_box(struct bw_sampler *s, struct bw_live *l)
{
    struct bw_lines steps = l->steps, calls = l->calls;
    pid_t session = l->session;

    l->steps = l->calls = (struct bw_lines){0};
    bw_live_free(l);
    *l = (struct bw_live){.session = session, .steps = steps, .calls = calls, .cpu = -1};
    l->pressure[0] = l->pressure[1] = l->pressure[2] = -1;
    memset(s->before, 0, sizeof s->before);
    memset(s->children_before, 0, sizeof s->children_before);
    bw_close_ptr(&s->mountinfo[1]);
    s->mountinfo[1] = -1;
    s->mountinfo_of = 0;
    s->pid = s->counted = 0;
    s->usage_known = false;
}

/* A name inside takes a child process to read: only when some name has changed. */
static void take_name(struct bw_sampler *s, struct bw_live *l, struct bw_snapshot *old)
{
    BW_AUTO_STR name = BW_STR_INIT;
    uint64_t ns = l->snap.ns[BW_NS_UTS].inode;
    bool changed = s->names < 0 || has_changed(s->names);

    if (!changed && ns == s->named_of && old->hostname) {
        l->snap.hostname = old->hostname;
        old->hostname = NULL;
        return;
    }
    s->named_of = ns;
    if (bw_proc_hostname(l->snap.pid, &name) == 0)
        l->snap.hostname = bw_str_steal(&name);
}

static void take_slow(const struct bw_sampler *s, struct bw_live *l)
{
    BW_AUTO_STR dir = BW_STR_INIT;

    bw_live_links(l);
    /* On a hybrid host the group with the pressure files is the host's. */
    if (s->host_known && s->host.version == BW_CG_V2 && bw_live_groups(l) != 0)
        bw_cg_unified_dir(&s->host, s->counted, &dir);
    bw_live_pressure(bw_str_get(&dir), l);
}

/* A line may have many steps: each is told with the first sample after it. */
static void take_steps(struct bw_sampler *s, const struct bw_journal *j, bool fresh,
                       struct bw_live *l)
{
    const char *last = j->n > 0 ? j->v[j->n - 1].line : NULL;

    if (!fresh && j->n == s->steps && last == s->last_step)
        return;
    s->steps = j->n;
    s->last_step = last;
    bw_live_steps(j, l);
}

void bw_sampler_take(struct bw_sampler *s, pid_t pid, const struct bw_journal *j, bool fresh,
                     struct bw_live *l)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_snapshot old = l->snap;
    long long now = bw_now_us() / 1000;
    bool slow = fresh || now - s->slow_at >= SLOW_MS || pid != s->pid;

    l->session = getpid();
    take_steps(s, j, fresh, l);
    if (pid <= 0 || !l->box)
        forget_box(s, l), old = (struct bw_snapshot){0};
    if (pid <= 0)
        return;
    if (bw_snapshot_take(pid, BW_SNAP_IDENTITY, &l->snap, &ignored)) {
        l->snap = old;
        forget_box(s, l);
        return;
    }
    l->box = true;
    s->pid = pid;
    note_changes(s, l);
    bw_live_tree(l);
    if (s->host_known)
        take_groups(s, l, !fresh);
    take_mounts(s, l, &old);
    take_name(s, l, &old);
    if (slow) {
        take_slow(s, l);
        s->slow_at = now;
    }
    bw_snapshot_free(&old);
}
