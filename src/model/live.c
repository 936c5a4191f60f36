/* Sampling a box: cheap things each time, what seldom changes when the kernel says that it did, or
 * once a second. The cost does not depend on how much else runs on the host. */
#include "model/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
    pid_t pid, counted;           /* the box; the process whose groups are read */
    long long slow_at, usage, usage_at;
    bool usage_known;
    int mountinfo[2]; /* the host's and the box's: the kernel tells when they change */
    uint64_t mountinfo_of;
};

struct bw_sampler *bw_sampler_new(void)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_sampler *s = bw_alloc(sizeof *s);

    *s = (struct bw_sampler){.mountinfo = {-1, -1}};
    s->host_known = bw_cg_discover(&s->host, &ignored) == 0;
    s->mountinfo[0] = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    return s;
}

void bw_sampler_free(struct bw_sampler *s)
{
    if (!s)
        return;
    bw_close_ptr(&s->mountinfo[0]);
    bw_close_ptr(&s->mountinfo[1]);
    free(s);
}

static long long now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/* ---- namespaces ---- */

static void note_changes(struct bw_sampler *s, struct bw_live *l)
{
    bool some = s->before[BW_NS_MNT] == 0, first = some;

    /* A box begins in the host's namespaces. */
    for (int i = 0; i < BW_NS_COUNT; i++) {
        if (first)
            s->before[i] = l->snap.ns[i].host;
        some = some || s->before[i] != l->snap.ns[i].inode;
    }
    if (!some)
        return;
    for (int i = 0; i < BW_NS_COUNT; i++) {
        l->changed[i] = s->before[i] != l->snap.ns[i].inode;
        if (first || l->changed[i] || l->owner[i] == 0)
            l->owner[i] = bw_ns_owner(l->snap.pid, (enum bw_ns)i);
        s->before[i] = l->snap.ns[i].inode;
    }
}

/* ---- control groups ---- */

/* The stage's own groups, unless it is in none of its own and a program of the box is. */
static pid_t whose_groups(const struct bw_sampler *s, const struct bw_live *l)
{
    for (size_t i = 0; i < l->n_tree && i < 8; i++)
        for (enum bw_cg_ctl c = 0; c < BW_CG_COUNT; c++) {
            BW_AUTO_STR path = BW_STR_INIT;
            if (s->host.ctl[c].present && bw_cg_path_of(&s->host, l->tree[i].pid, c, &path) == 0 &&
                strstr(bw_str_get(&path), "/boxwright-") != NULL)
                return l->tree[i].pid;
        }
    return l->snap.pid;
}

static void take_paths(const struct bw_sampler *s, pid_t pid, struct bw_live *l)
{
    for (enum bw_cg_ctl i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR path = BW_STR_INIT;
        if (!s->host.ctl[i].present || bw_cg_path_of(&s->host, pid, i, &path))
            continue;
        const char *name = strrchr(bw_str_get(&path), '/');
        snprintf(l->cg_name[i], sizeof l->cg_name[i], "%s", name && name[1] ? name + 1 : "/");
        l->snap.cg_path[i] = bw_str_steal(&path);
    }
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
    long long now = now_us(), usage = l->snap.cg.cpu_usage_us;

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

static void take_groups(struct bw_sampler *s, struct bw_live *l, bool tick)
{
    pid_t pid = whose_groups(s, l);

    l->snap.cg_version = s->host.version;
    take_paths(s, pid, l);
    bw_cg_stats_read(&s->host, pid, &l->snap.cg);
    if (pid != s->counted)
        s->usage_known = false;
    s->counted = pid;
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
    bw_close_ptr(&s->mountinfo[1]);
    s->mountinfo[1] = -1;
    s->mountinfo_of = 0;
    s->pid = 0;
    s->usage_known = false;
}

/* What is not looked at this time is taken over from the sample before. */
static void keep_slow(struct bw_snapshot *old, struct bw_live *l)
{
    l->snap.hostname = old->hostname;
    old->hostname = NULL;
}

static void take_slow(const struct bw_sampler *s, struct bw_live *l)
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR dir = BW_STR_INIT;

    if (bw_proc_hostname(l->snap.pid, &name) == 0)
        l->snap.hostname = bw_str_steal(&name);
    bw_live_links(l);
    if (s->host_known)
        bw_cg_unified_dir(&s->host, s->counted, &dir);
    bw_live_pressure(bw_str_get(&dir), l);
}

void bw_sampler_take(struct bw_sampler *s, pid_t pid, const struct bw_journal *j, bool fresh,
                     struct bw_live *l)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_snapshot old = l->snap;
    long long now = now_us() / 1000;
    bool slow = fresh || now - s->slow_at >= SLOW_MS || pid != s->pid;

    l->session = getpid();
    if (fresh)
        bw_live_steps(j, l);
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
    if (slow) {
        take_slow(s, l);
        s->slow_at = now;
    } else {
        keep_slow(&old, l);
    }
    bw_snapshot_free(&old);
}
