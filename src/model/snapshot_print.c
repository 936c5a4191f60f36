/* The table of inspect, for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "base/units.h"
#include "diff_priv.h"
#include "model/diff.h"
#include "model/snapshot.h"

enum { LABEL = 14 }; /* columns of the left-hand names */

/* A row: a name, or blanks under the name above, and what is to be said. */
static void row(struct bw_out *out, const char *what, const char *text)
{
    BW_AUTO_STR safe = BW_STR_INIT;

    bw_str_add_safe(&safe, text);
    bw_data(out, "%-*s%s\n", LABEL, what, bw_str_get(&safe));
}

static void title(struct bw_out *out, const char *text)
{
    bw_put(out, BW_DATA, BW_BOLD, "\n%s\n", text);
}

static void print_namespaces(const struct bw_snapshot *s, struct bw_out *out)
{
    title(out, "namespace     in the box  on the host");
    for (enum bw_ns i = 0; i < BW_NS_COUNT; i++) {
        uint64_t in = s->ns[i].inode, children = s->ns[i].for_children;
        bw_data(out, "%-*s", LABEL, bw_ns_table[i].name);
        if (!in) {
            bw_data(out, "%s\n", s->ns[i].host ? "cannot be read" : "not in this kernel");
            continue;
        }
        bw_data(out, "%-10" PRIu64 "  %-11" PRIu64 "  ", in, s->ns[i].host);
        bw_put(out, BW_DATA, s->ns[i].own ? BW_GOOD : BW_DIM, s->ns[i].own ? "own" : "shared");
        if (children && children != in)
            bw_put(out, BW_DATA, BW_NOTE, "  its children: %" PRIu64, children);
        else if (!children)
            bw_put(out, BW_DATA, BW_NOTE, "  its children: a new one, without a process yet");
        bw_data(out, "\n");
    }
}

static void print_map(const char *what, const struct bw_id_range *v, int n, struct bw_out *out)
{
    enum { MOST = 6 };

    if (n <= 0)
        row(out, what, n < 0 ? "cannot be read" : "none: every ID reads as the overflow ID, 65534");
    for (int i = 0; i < n && i < MOST; i++) {
        BW_AUTO_STR b = BW_STR_INIT;
        bw_str_addf(&b, "%u inside is %u outside, count %u", v[i].inside, v[i].outside, v[i].count);
        if (n == 1 && v[i].count == UINT32_MAX && v[i].inside == v[i].outside)
            bw_str_add(&b, ": all as outside");
        row(out, i ? "" : what, b.s);
    }
    if (n > MOST)
        bw_data(out, "%-*sand %d more ranges\n", LABEL, "", n - MOST);
}

static void add_cpu(const struct bw_cg_stats *c, struct bw_str *b)
{
    if (c->cpu_quota_us >= 0 && c->cpu_period_us > 0)
        bw_str_addf(b, "limit %.4g%% of one core (%lld us of every %lld us)",
                    100.0 * (double)c->cpu_quota_us / (double)c->cpu_period_us, c->cpu_quota_us,
                    c->cpu_period_us);
    else
        bw_str_add(b, "no limit");
    bw_str_add(b, ", used ");
    bw_add_us(b, c->cpu_usage_us);
}

static void add_throttling(const struct bw_cg_stats *c, struct bw_str *b)
{
    if (c->nr_periods <= 0)
        return;
    bw_add_number(b, c->nr_throttled);
    bw_str_addf(b, " of %lld periods throttled, for ", c->nr_periods);
    bw_add_us(b, c->throttled_us);
}

static void add_memory(const struct bw_cg_stats *c, struct bw_str *b)
{
    bw_add_bytes(b, c->mem_current);
    if (c->mem_limit >= 0) {
        bw_str_add(b, " of ");
        bw_add_bytes(b, c->mem_limit);
    } else {
        bw_str_add(b, ", no limit");
    }
    bw_str_add(b, ", peak ");
    bw_add_bytes(b, c->mem_peak);
    bw_str_add(b, ", OOM kills ");
    bw_add_number(b, c->oom_kill);
}

static void add_pids(const struct bw_cg_stats *c, struct bw_str *b)
{
    bw_add_number(b, c->pids_current);
    if (c->pids_limit >= 0)
        bw_str_addf(b, " of %lld", c->pids_limit);
    else
        bw_str_add(b, ", no limit");
}

static void add_io(const struct bw_cg_stats *c, struct bw_str *b)
{
    bw_str_add(b, "read ");
    bw_add_bytes(b, c->rbytes);
    bw_str_add(b, ", written ");
    bw_add_bytes(b, c->wbytes);
}

static void print_cgroups(const struct bw_snapshot *s, struct bw_out *out)
{
    static const char *const version[] = {[BW_CG_NONE] = "none mounted",
                                          [BW_CG_V1] = "v1",
                                          [BW_CG_V2] = "v2",
                                          [BW_CG_HYBRID] = "hybrid, v1 beside v2"};
    static void (*const add[BW_CG_COUNT][2])(const struct bw_cg_stats *, struct bw_str *) = {
        [BW_CG_CPU] = {add_cpu, add_throttling},
        [BW_CG_MEMORY] = {add_memory},
        [BW_CG_PIDS] = {add_pids},
        [BW_CG_IO] = {add_io}};

    bw_put(out, BW_DATA, BW_BOLD, "\n%-*s%s\n", LABEL, "cgroup", version[s->cg_version]);
    for (int i = 0; i < BW_CG_COUNT; i++) {
        if (!s->cg_path[i])
            continue;
        row(out, bw_cg_names[i], s->cg_path[i]);
        for (int k = 0; k < 2 && add[i][k]; k++) {
            BW_AUTO_STR b = BW_STR_INIT;
            add[i][k](&s->cg, &b);
            if (b.len > 0)
                row(out, "", b.s);
        }
    }
}

/* The other sets only where they are not what a process usually has. */
static void print_set(const char *name, uint64_t set, uint64_t usual, struct bw_out *out)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_cap_describe(set, &b);
    if (set != usual)
        row(out, name, b.s);
}

static void print_privilege(const struct bw_snapshot *s, struct bw_out *out)
{
    static const char *const mode[] = {"off", "strict", "filter"};
    BW_AUTO_STR b = BW_STR_INIT;

    bw_cap_describe(s->capabilities, &b);
    bw_data(out, "\n");
    row(out, "capabilities", b.s);
    if (s->is_box)
        print_set("of programs", s->programs_caps, s->capabilities, out);
    print_set("bounding set", s->cap_bounding, bw_cap_all(), out);
    print_set("inheritable", s->cap_inheritable, 0, out);
    print_set("ambient", s->cap_ambient, 0, out);
    row(out, "no_new_privs", s->no_new_privs < 0 ? "n/a" : s->no_new_privs ? "yes" : "no");
    bw_str_clear(&b);
    bw_str_add(&b, s->seccomp >= 0 && s->seccomp <= 2 ? mode[s->seccomp] : "n/a");
    if (s->is_box && s->programs_filter)
        bw_str_addf(&b, "; its programs: a filter of %u instructions", s->programs_filter);
    row(out, "seccomp", b.s);
}

static void print_mounts(const struct bw_snapshot *s, struct bw_out *out)
{
    struct bw_mounts host;
    struct bw_diff d = {0};

    bw_data(out, "\n");
    if (!s->mounts_known) {
        row(out, "mounts", "cannot be read");
        return;
    }
    bw_data(out, "%-*s%zu", LABEL, "mounts", s->mounts.n);
    if (bw_mounts_read(0, &host) == 0) {
        bw_data(out, ", on the host %zu", host.n);
        if (s->ns[BW_NS_MNT].own)
            bw_diff_mounts(&host, &s->mounts, &d);
        bw_mounts_free(&host);
    }
    bw_data(out, "\n");
    for (size_t i = 0; i < d.n; i++)
        row(out, "", d.line[i]);
    bw_diff_free(&d);
}

static void print_links(const struct bw_snapshot *s, struct bw_out *out)
{
    bw_data(out, "\n");
    if (!s->links_known) {
        row(out, "interfaces", "cannot be read");
        return;
    }
    bw_data(out, "%-*s%zu%s\n", LABEL, "interfaces", s->links.n,
            s->ns[BW_NS_NET].own ? "" : ", all the host's");
    for (size_t i = 0; s->ns[BW_NS_NET].own && i < s->links.n; i++) {
        BW_AUTO_STR b = BW_STR_INIT;
        bw_str_addf(&b, "%-8s  ", s->links.v[i].name);
        bw_link_describe(&s->links.v[i], &b);
        row(out, "", b.s);
    }
}

static void print_processes(const struct bw_snapshot *s, struct bw_out *out)
{
    enum { MOST = 20 };

    title(out, "process       inside    outside   name");
    for (size_t i = 0; i < s->n_processes && i < MOST; i++) {
        const struct bw_snap_process *p = &s->processes[i];
        BW_AUTO_STR b = BW_STR_INIT;
        bw_str_addf(&b, "%-8d  %-8d  %s", (int)p->nspid, (int)p->pid, p->comm);
        row(out, "", b.s);
    }
    if (s->n_processes > MOST)
        bw_data(out, "%-*sand %zu more\n", LABEL, "", s->n_processes - MOST);
}

void bw_snapshot_print(const struct bw_snapshot *s, struct bw_out *out)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_addf(&b, "%d outside, %d inside", (int)s->pid, (int)s->nspid);
    row(out, "pid", b.s);
    row(out, "root", s->root);
    row(out, "hostname", s->hostname ? s->hostname : "n/a");
    print_namespaces(s, out);
    bw_data(out, "\n");
    print_map("uid_map", s->uid_map, s->n_uid_map, out);
    print_map("gid_map", s->gid_map, s->n_gid_map, out);
    print_cgroups(s, out);
    print_privilege(s, out);
    print_mounts(s, out);
    print_links(s, out);
    print_processes(s, out);
}
