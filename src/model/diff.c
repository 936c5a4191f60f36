/* What changed between two observations. */
#include "model/diff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "diff_priv.h"
#include "model/snapshot.h"

void bw_diff_add(struct bw_diff *d, const char *fmt, ...)
{
    char *line;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&line, fmt, ap) < 0)
        abort();
    va_end(ap);
    d->line = bw_realloc(d->line, (d->n + 1) * sizeof *d->line);
    d->line[d->n++] = line;
}

/* The namespace that children will be in, when it is not the process's own. A PID namespace has no
 * number to show before its first process. */
static void children(enum bw_ns ns, const struct bw_snapshot *a, const struct bw_snapshot *b,
                     struct bw_diff *d)
{
    const char *name = bw_ns_table[ns].name;
    uint64_t was = a->ns[ns].for_children, is = b->ns[ns].for_children;

    if (was == is || is == b->ns[ns].inode)
        return;
    if (is)
        bw_diff_add(d, "%s_for_children  %" PRIu64 " -> %" PRIu64, name, was, is);
    else
        bw_diff_add(d, "%s_for_children  %" PRIu64 " -> a new one, without a process yet", name,
                    was);
}

static void namespaces(const struct bw_snapshot *a, const struct bw_snapshot *b, struct bw_diff *d)
{
    for (enum bw_ns i = 0; i < BW_NS_COUNT; i++) {
        if (!a->ns[i].inode || !b->ns[i].inode)
            continue;
        if (a->ns[i].inode != b->ns[i].inode)
            bw_diff_add(d, "%-6s  %" PRIu64 " -> %" PRIu64 "  %s", bw_ns_table[i].name,
                        a->ns[i].inode, b->ns[i].inode, b->ns[i].own ? "own" : "shared");
        if (i == BW_NS_PID || i == BW_NS_TIME)
            children(i, a, b, d);
    }
}

static bool unknown(const char *s)
{
    return !s || strcmp(s, "?") == 0;
}

/* What could not be observed has no change to show. */
static void text(const char *what, const char *a, const char *b, struct bw_diff *d)
{
    /* What could not be read has not changed for all one knows. */
    if (!unknown(a) && !unknown(b) && strcmp(a, b) != 0)
        bw_diff_add(d, "%-6s  %s -> %s", what, a, b);
}

static void number(const char *what, long long a, long long b, struct bw_diff *d)
{
    if (a >= 0 && b >= 0 && a != b)
        bw_diff_add(d, "%-6s  %lld -> %lld", what, a, b);
}

/* A negative limit is none. */
static void limit(const char *what, long long a, long long b, const char *unit, struct bw_diff *d)
{
    char from[40] = "none", to[40] = "none";

    if (a == b)
        return;
    if (a >= 0)
        snprintf(from, sizeof from, "%lld", a);
    if (b >= 0)
        snprintf(to, sizeof to, "%lld%s", b, unit);
    bw_diff_add(d, "%s  %s -> %s", what, from, to);
}

static void cpu(const struct bw_cg_stats *a, const struct bw_cg_stats *b, struct bw_diff *d)
{
    if (a->cpu_quota_us == b->cpu_quota_us && a->cpu_period_us == b->cpu_period_us)
        return;
    if (b->cpu_quota_us >= 0 && b->cpu_period_us > 0)
        bw_diff_add(d, "cpu limit  %lld us of every %lld us  %.4g%% of one core", b->cpu_quota_us,
                    b->cpu_period_us, 100.0 * (double)b->cpu_quota_us / (double)b->cpu_period_us);
    else if (a->cpu_quota_us >= 0)
        bw_diff_add(d, "cpu limit  %lld us -> none", a->cpu_quota_us);
    else if (a->cpu_period_us >= 0 && b->cpu_period_us >= 0)
        bw_diff_add(d, "cpu period  %lld us -> %lld us", a->cpu_period_us, b->cpu_period_us);
}

static void id_map(const char *what, const struct bw_id_range *a, int n,
                   const struct bw_id_range *b, int m, struct bw_diff *d)
{
    if (n < 0 || m < 0 || (n == m && memcmp(a, b, (size_t)n * sizeof *a) == 0))
        return;
    if (m == 0)
        bw_diff_add(d, "%s  none yet: every ID reads as the overflow ID, 65534", what);
    for (int i = 0; i < m; i++)
        bw_diff_add(d, "%s  %u inside is %u outside, count %u", what, b[i].inside, b[i].outside,
                    b[i].count);
}

static void capabilities(const char *what, uint64_t a, uint64_t b, struct bw_diff *d)
{
    BW_AUTO_STR from = BW_STR_INIT;
    BW_AUTO_STR to = BW_STR_INIT;

    if (a == b)
        return;
    bw_cap_describe(a, &from);
    bw_cap_describe(b, &to);
    if (strcmp(from.s, to.s) != 0)
        bw_diff_add(d, "%s  %s -> %s", what, from.s, to.s);
    else
        bw_diff_add(d, "%s  %016" PRIx64 " -> %016" PRIx64, what, a, b);
}

/* What programs of a box get on their way; the box itself has no filter. */
static void programs(const struct bw_snapshot *a, const struct bw_snapshot *b, struct bw_diff *d)
{
    if (!a->is_box || !b->is_box)
        return;
    for (int i = 0; i < BW_RLIMITS; i++) {
        BW_AUTO_STR now = BW_STR_INIT;
        bool same = a->programs_limits[i].set == b->programs_limits[i].set &&
                    memcmp(&a->programs_limits[i].v, &b->programs_limits[i].v,
                           sizeof a->programs_limits[i].v) == 0;
        bw_rlimit_add(b->programs_limits[i].v.rlim_cur, &now);
        bw_str_add(&now, ", hard ");
        bw_rlimit_add(b->programs_limits[i].v.rlim_max, &now);
        if (!same)
            bw_diff_add(d, "rlimit %s of programs  soft %s", bw_rlimits[i].name, now.s);
    }
    if (a->programs_filter == b->programs_filter)
        return;
    if (!b->programs_filter)
        bw_diff_add(d, "seccomp of programs  filter -> off");
    else
        bw_diff_add(d, "seccomp of programs  %s -> filter, %u instructions",
                    a->programs_filter ? "filter" : "off", b->programs_filter);
}

static void core(const struct bw_snapshot *a, const struct bw_snapshot *b, struct bw_diff *d)
{
    namespaces(a, b, d);
    number("nspid", a->nspid, b->nspid, d);
    text("root", a->root, b->root, d);
    text("hostname", a->hostname, b->hostname, d);
    id_map("uid_map", a->uid_map, a->n_uid_map, b->uid_map, b->n_uid_map, d);
    id_map("gid_map", a->gid_map, a->n_gid_map, b->gid_map, b->n_gid_map, d);
    capabilities("capabilities", a->capabilities, b->capabilities, d);
    capabilities("bounding set", a->cap_bounding, b->cap_bounding, d);
    capabilities("inheritable", a->cap_inheritable, b->cap_inheritable, d);
    capabilities("ambient", a->cap_ambient, b->cap_ambient, d);
    number("no_new_privs", a->no_new_privs, b->no_new_privs, d);
    number("seccomp", a->seccomp, b->seccomp, d);
    programs(a, b, d);
}

static void cgroups(const struct bw_snapshot *a, const struct bw_snapshot *b, struct bw_diff *d)
{
    for (int i = 0; i < BW_CG_COUNT; i++) {
        char what[24];
        snprintf(what, sizeof what, "cgroup %s", bw_cg_names[i]);
        text(what, a->cg_path[i], b->cg_path[i], d);
    }
    cpu(&a->cg, &b->cg, d);
    limit("memory limit", a->cg.mem_limit, b->cg.mem_limit, " bytes", d);
    limit("pids limit", a->cg.pids_limit, b->cg.pids_limit, "", d);
}

void bw_diff_make(const struct bw_snapshot *a, const struct bw_snapshot *b, unsigned parts,
                  struct bw_diff *out)
{
    *out = (struct bw_diff){0};
    if (parts & BW_SNAP_CORE)
        core(a, b, out);
    if ((parts & BW_SNAP_MOUNTS) && a->mounts_known && b->mounts_known)
        bw_diff_mounts(&a->mounts, &b->mounts, out);
    if (parts & BW_SNAP_CGROUPS)
        cgroups(a, b, out);
    if ((parts & BW_SNAP_LINKS) && a->links_known && b->links_known)
        bw_diff_links(&a->links, &b->links, out);
}

void bw_diff_free(struct bw_diff *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->line[i]);
    free(d->line);
    *d = (struct bw_diff){0};
}
