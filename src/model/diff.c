/* What changed between two observations. */
#include "model/diff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/snapshot.h"

__attribute__((format(printf, 2, 3))) static void add(struct bw_diff *d, const char *fmt, ...)
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

/* A PID namespace has no number to show before its first process. */
static void children(const char *name, uint64_t a, uint64_t b, struct bw_diff *d)
{
    if (b)
        add(d, "%s_for_children  %" PRIu64 " -> %" PRIu64, name, a, b);
    else
        add(d, "%s_for_children  %" PRIu64 " -> a new one, waiting for its first process", name, a);
}

static void namespaces(const struct bw_snapshot *a, const struct bw_snapshot *b, struct bw_diff *d)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        const char *name = bw_ns_table[i].name;
        if (a->ns[i].inode != b->ns[i].inode)
            add(d, "%-6s  %" PRIu64 " -> %" PRIu64 "  %s", name, a->ns[i].inode, b->ns[i].inode,
                b->ns[i].own ? "own" : "shared with the host");
        if (a->ns[i].for_children != b->ns[i].for_children &&
            b->ns[i].for_children != b->ns[i].inode)
            children(name, a->ns[i].for_children, b->ns[i].for_children, d);
    }
}

static void text(const char *what, const char *a, const char *b, struct bw_diff *d)
{
    a = a ? a : "-";
    b = b ? b : "-";
    if (strcmp(a, b) != 0)
        add(d, "%-6s  %s -> %s", what, a, b);
}

static void number(const char *what, long long a, long long b, const char *unit, struct bw_diff *d)
{
    BW_AUTO_STR from = BW_STR_INIT, to = BW_STR_INIT;
    if (a == b)
        return;
    if (a < 0)
        bw_str_add(&from, "none");
    else
        bw_str_addf(&from, "%lld%s", a, unit);
    if (b < 0)
        bw_str_add(&to, "none");
    else
        bw_str_addf(&to, "%lld%s", b, unit);
    add(d, "%s  %s -> %s", what, from.s, to.s);
}

static void one_map(const char *what, const struct bw_id_range *a, int n,
                    const struct bw_id_range *b, int m, struct bw_diff *d)
{
    if (n == m && memcmp(a, b, (size_t)n * sizeof *a) == 0)
        return;
    if (m == 0)
        add(d, "%s  none: every ID shows as 65534", what);
    for (int i = 0; i < m; i++)
        add(d, "%s  inside %u = outside %u, count %u", what, b[i].inside, b[i].outside, b[i].count);
}

static const struct bw_mount *find(const struct bw_mounts *m, const struct bw_mount *like)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].target, like->target) == 0 && strcmp(m->v[i].type, like->type) == 0 &&
            strcmp(m->v[i].source, like->source) == 0 && strcmp(m->v[i].root, like->root) == 0)
            return &m->v[i];
    return NULL;
}

static size_t count_shared(const struct bw_mounts *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += strstr(m->v[i].propagation, "shared:") != NULL;
    return n;
}

static void mounts(const struct bw_mounts *a, const struct bw_mounts *b, struct bw_diff *d)
{
    enum { MOST = 6 };
    size_t gone = 0, come = 0;
    for (size_t i = 0; i < b->n; i++)
        if (!find(a, &b->v[i]) && ++come <= MOST)
            add(d, "mount + %s (%s)", b->v[i].target, b->v[i].type);
    for (size_t i = 0; i < a->n; i++)
        if (!find(b, &a->v[i]) && ++gone <= MOST)
            add(d, "mount - %s (%s)", a->v[i].target, a->v[i].type);
    /* As many as before, only twice at the same place: a mount over a mount. */
    if (come == 0 && gone == 0 && a->n != b->n)
        add(d, "mounts  %zu -> %zu", a->n, b->n);
    if (come > MOST || gone > MOST)
        add(d, "mounts  %zu more, %zu fewer in all", come, gone);
    if (count_shared(a) && !count_shared(b))
        add(d, "propagation  shared -> private: no mount reaches the host");
}

static void cgroups(const struct bw_snapshot *a, const struct bw_snapshot *b, struct bw_diff *d)
{
    for (int i = 0; i < BW_CG_COUNT; i++) {
        const char *from = a->cg_path[i] ? a->cg_path[i] : "-",
                   *to = b->cg_path[i] ? b->cg_path[i] : "-";
        if (strcmp(from, to) != 0)
            add(d, "cgroup %s  %s -> %s", bw_cg_names[i], from, to);
    }
    number("cpu quota", a->cg.cpu_quota_us, b->cg.cpu_quota_us, " us", d);
    number("cpu period", a->cg.cpu_period_us, b->cg.cpu_period_us, " us", d);
    number("memory limit", a->cg.mem_limit, b->cg.mem_limit, " bytes", d);
    number("pids limit", a->cg.pids_limit, b->cg.pids_limit, "", d);
}

void bw_diff_make(const struct bw_snapshot *a, const struct bw_snapshot *b, unsigned parts,
                  struct bw_diff *out)
{
    *out = (struct bw_diff){0};
    if (parts & BW_SNAP_CORE) {
        namespaces(a, b, out);
        number("nspid", a->nspid, b->nspid, "", out);
        text("root", a->root, b->root, out);
        text("hostname", a->hostname, b->hostname, out);
        one_map("uid_map", a->uid_map, a->n_uid_map, b->uid_map, b->n_uid_map, out);
        one_map("gid_map", a->gid_map, a->n_gid_map, b->gid_map, b->n_gid_map, out);
        if (a->capabilities != b->capabilities)
            add(out, "capabilities  %016" PRIx64 " -> %016" PRIx64, a->capabilities,
                b->capabilities);
        number("no_new_privs", a->no_new_privs, b->no_new_privs, "", out);
        number("seccomp", a->seccomp, b->seccomp, "", out);
    }
    if (parts & BW_SNAP_MOUNTS)
        mounts(&a->mounts, &b->mounts, out);
    if (parts & BW_SNAP_CGROUPS)
        cgroups(a, b, out);
}

void bw_diff_free(struct bw_diff *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->line[i]);
    free(d->line);
    *d = (struct bw_diff){0};
}
