/* The table of inspect, for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "model/snapshot.h"

static void row(struct bw_out *out, const char *what, const char *text)
{
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_str_add_safe(&safe, text);
    bw_data(out, "%-13s %s\n", what, bw_str_get(&safe));
}

static void print_namespaces(const struct bw_snapshot *s, struct bw_out *out)
{
    bw_put(out, BW_DATA, BW_BOLD, "%-13s %-12s %-12s %s\n", "namespace", "box", "host", "");
    for (int i = 0; i < BW_NS_COUNT; i++) {
        const char *name = bw_ns_table[i].name;
        if (!s->ns[i].inode) {
            bw_data(out, "%-13s %-12s %-12s %s\n", name, "-", "-", "not in this kernel");
            continue;
        }
        bw_data(out, "%-13s %-12" PRIu64 " %-12" PRIu64 " ", name, s->ns[i].inode, s->ns[i].host);
        bw_put(out, BW_DATA, s->ns[i].own ? BW_GOOD : BW_DIM, s->ns[i].own ? "own" : "shared");
        if (s->ns[i].for_children != s->ns[i].inode)
            bw_data(out, "  (children: %" PRIu64 ")", s->ns[i].for_children);
        bw_data(out, "\n");
    }
}

static void print_map(const char *what, const struct bw_id_range *v, int n, struct bw_out *out)
{
    BW_AUTO_STR b = BW_STR_INIT;
    for (int i = 0; i < n; i++)
        bw_str_addf(&b, "%s%u = outside %u, count %u", i ? "; " : "", v[i].inside, v[i].outside,
                    v[i].count);
    row(out, what, n ? bw_str_get(&b) : "none: every ID shows as 65534");
}

/* "n/a" where the kernel gives no number. */
static void add_number(struct bw_str *b, const char *before, long long n, const char *after)
{
    if (n < 0)
        bw_str_addf(b, "%sn/a", before);
    else
        bw_str_addf(b, "%s%lld%s", before, n, after);
}

static void add_bytes(struct bw_str *b, const char *before, long long n, const char *none)
{
    if (n < 0)
        bw_str_addf(b, "%s%s", before, none);
    else if (n >= 1 << 20)
        bw_str_addf(b, "%s%.1f MiB", before, (double)n / (1 << 20));
    else
        bw_str_addf(b, "%s%lld KiB", before, n >> 10);
}

static void print_cpu(const struct bw_snapshot *s, struct bw_out *out)
{
    const struct bw_cg_stats *c = &s->cg;
    BW_AUTO_STR b = BW_STR_INIT;
    if (c->cpu_quota_us < 0)
        bw_str_add(&b, "no limit");
    else
        bw_str_addf(&b, "limit %.0f %% (%lld of %lld us)",
                    100.0 * (double)c->cpu_quota_us / (double)c->cpu_period_us, c->cpu_quota_us,
                    c->cpu_period_us);
    add_number(&b, ", used ", c->cpu_usage_us, " us");
    add_number(&b, ", periods ", c->nr_periods, "");
    add_number(&b, ", throttled ", c->nr_throttled, "");
    add_number(&b, " for ", c->throttled_us, " us");
    row(out, "  cpu", b.s);
}

static void print_counters(const struct bw_snapshot *s, struct bw_out *out)
{
    const struct bw_cg_stats *c = &s->cg;
    BW_AUTO_STR mem = BW_STR_INIT, pids = BW_STR_INIT;
    print_cpu(s, out);
    add_bytes(&mem, "limit ", c->mem_limit, "none");
    add_bytes(&mem, ", current ", c->mem_current, "n/a");
    add_bytes(&mem, ", peak ", c->mem_peak, "n/a");
    add_number(&mem, ", oom_kill ", c->oom_kill, "");
    row(out, "  memory", mem.s);
    if (c->pids_limit < 0)
        bw_str_add(&pids, "limit none");
    else
        add_number(&pids, "limit ", c->pids_limit, "");
    add_number(&pids, ", current ", c->pids_current, "");
    row(out, "  pids", pids.s);
}

static void print_cgroups(const struct bw_snapshot *s, struct bw_out *out)
{
    static const char *const version[] = {"none", "v1", "v2", "hybrid (v1 and v2)"};
    row(out, "cgroups", version[s->cg_version]);
    for (int i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR b = BW_STR_INIT;
        if (!s->cg_path[i])
            continue;
        bw_str_addf(&b, "%-7s %s", bw_cg_names[i], s->cg_path[i]);
        row(out, "", b.s);
    }
    print_counters(s, out);
}

static void print_capabilities(const struct bw_snapshot *s, struct bw_out *out)
{
    BW_AUTO_STR b = BW_STR_INIT;
    unsigned have = 0, known = 0;
    for (unsigned i = 0; bw_cap_name(i); i++) {
        known++;
        if (!(s->capabilities >> i & 1))
            continue;
        have++;
        if (have <= 8)
            bw_str_addf(&b, "%s%s", have > 1 ? " " : "", bw_cap_name(i));
    }
    if (have > 8) {
        bw_str_clear(&b);
        bw_str_addf(&b, "%u of %u", have, known);
    }
    row(out, "capabilities", have ? b.s : "none");
    bw_data(out, "%-13s %d, seccomp %d\n", "no_new_privs", s->no_new_privs, s->seccomp);
}

static void print_mounts(const struct bw_snapshot *s, struct bw_out *out)
{
    struct bw_mounts host;
    BW_AUTO_STR b = BW_STR_INIT;
    bw_str_addf(&b, "%zu", s->mounts.n);
    row(out, "mounts", b.s);
    if (!s->ns[BW_NS_MNT].own || bw_mounts_read(0, &host))
        return;
    for (size_t i = 0; i < s->mounts.n; i++) {
        const struct bw_mount *m = &s->mounts.v[i];
        bool known = false;
        for (size_t k = 0; k < host.n && !known; k++)
            known = strcmp(host.v[k].target, m->target) == 0 &&
                    strcmp(host.v[k].super, m->super) == 0 && strcmp(host.v[k].type, m->type) == 0;
        if (known)
            continue;
        bw_str_clear(&b);
        bw_str_addf(&b, "%s (%s, %s)", m->target, m->type, m->options);
        row(out, "", b.s);
    }
    bw_mounts_free(&host);
}

static void print_processes(const struct bw_snapshot *s, struct bw_out *out)
{
    enum { MOST = 20 };
    for (size_t i = 0; i < s->n_processes && i < MOST; i++) {
        BW_AUTO_STR b = BW_STR_INIT;
        bw_str_addf(&b, "%d outside, %d inside, %s", (int)s->processes[i].pid,
                    (int)s->processes[i].nspid, s->processes[i].comm);
        row(out, i ? "" : "processes", b.s);
    }
    if (s->n_processes > MOST)
        bw_data(out, "%-13s and %zu more\n", "", s->n_processes - MOST);
}

void bw_snapshot_print(const struct bw_snapshot *s, struct bw_out *out)
{
    BW_AUTO_STR b = BW_STR_INIT;
    bw_str_addf(&b, "%d outside, %d inside", (int)s->pid, (int)s->nspid);
    row(out, "pid", b.s);
    row(out, "root", s->root);
    row(out, "hostname", s->hostname ? s->hostname : "n/a");
    print_namespaces(s, out);
    print_map("uid_map", s->uid_map, s->n_uid_map, out);
    print_map("gid_map", s->gid_map, s->n_gid_map, out);
    print_cgroups(s, out);
    print_capabilities(s, out);
    print_mounts(s, out);
    print_processes(s, out);
}
