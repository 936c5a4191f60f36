/* Counters of a process's own groups, in the same units on v1 and v2. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cgroup_int.h"

/* v1's largest limit means none. */
#define NO_LIMIT 0x7FFFFFFFFFFFF000LL

/* Where files come from: a group's directory, or a test's bytes. */
struct source {
    bw_cg_reader read;
    void *ctx;
};

static int get(const struct source *from, const char *file, struct bw_str *out)
{
    return from->read(from->ctx, file, out);
}

/* A file of one number; -1 when it is not there, is "max", or negative. */
static long long one(const struct source *from, const char *file)
{
    BW_AUTO_STR text = BW_STR_INIT;
    char *end;
    if (get(from, file, &text))
        return -1;
    long long n = strtoll(bw_str_get(&text), &end, 10);
    return end == bw_str_get(&text) || n < 0 ? -1 : n;
}

/* What the kernel counts is not negative; -1 is for what it does not say. */
static long long counter(const char *s)
{
    long long n = strtoll(s, NULL, 10);
    return n < 0 ? -1 : n;
}

/* The number after "KEY " at the start of a line of text, -1 when there is none. */
static long long value_of(const char *text, const char *key)
{
    size_t n = strlen(key);
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strncmp(p, key, n) == 0 && p[n] == ' ')
            return counter(p + n);
    return -1;
}

static long long keyed(const struct source *from, const char *file, const char *key)
{
    BW_AUTO_STR text = BW_STR_INIT;
    return get(from, file, &text) ? -1 : value_of(bw_str_get(&text), key);
}

static long long scaled(long long n, long long by)
{
    return n < 0 ? -1 : n / by;
}

/* The sum of what follows mark in a file with a line for each device; -1 when there is no file. */
static long long summed(const struct source *from, const char *file, const char *mark)
{
    BW_AUTO_STR text = BW_STR_INIT;
    long long sum = 0;
    if (get(from, file, &text))
        return -1;
    for (const char *p = bw_str_get(&text); (p = strstr(p, mark)) != NULL; p += strlen(mark))
        if (__builtin_add_overflow(sum, strtoull(p + strlen(mark), NULL, 10), &sum))
            return INT64_MAX;
    return sum;
}

static void cpu_v1(const struct source *from, struct bw_cg_stats *s)
{
    BW_AUTO_STR stat = BW_STR_INIT;
    s->cpu_quota_us = one(from, "cpu.cfs_quota_us");
    s->cpu_period_us = one(from, "cpu.cfs_period_us");
    if (get(from, "cpu.stat", &stat) == 0) {
        s->nr_periods = value_of(bw_str_get(&stat), "nr_periods");
        s->nr_throttled = value_of(bw_str_get(&stat), "nr_throttled");
        s->throttled_us = scaled(value_of(bw_str_get(&stat), "throttled_time"), 1000);
    }
}

/* The root has neither cpu.max nor periods, though some kernels print zeros for them. */
static void cpu_v2(const struct source *from, struct bw_cg_stats *s)
{
    BW_AUTO_STR max = BW_STR_INIT;
    BW_AUTO_STR stat = BW_STR_INIT;
    char quota[32], period[32];
    if (get(from, "cpu.stat", &stat))
        return;
    s->cpu_usage_us = value_of(bw_str_get(&stat), "usage_usec");
    if (get(from, "cpu.max", &max) || sscanf(bw_str_get(&max), "%31s %31s", quota, period) != 2)
        return;
    s->cpu_quota_us = strcmp(quota, "max") == 0 ? -1 : counter(quota);
    s->cpu_period_us = counter(period);
    s->nr_periods = value_of(bw_str_get(&stat), "nr_periods");
    s->nr_throttled = value_of(bw_str_get(&stat), "nr_throttled");
    s->throttled_us = value_of(bw_str_get(&stat), "throttled_usec");
}

static void memory(const struct source *from, bool v2, struct bw_cg_stats *s)
{
    s->mem_limit = one(from, v2 ? "memory.max" : "memory.limit_in_bytes");
    if (s->mem_limit >= NO_LIMIT)
        s->mem_limit = -1;
    s->mem_current = one(from, v2 ? "memory.current" : "memory.usage_in_bytes");
    s->mem_peak = one(from, v2 ? "memory.peak" : "memory.max_usage_in_bytes");
    s->oom_kill = keyed(from, v2 ? "memory.events" : "memory.oom_control", "oom_kill");
}

static void io(const struct source *from, bool v2, struct bw_cg_stats *s)
{
    const char *v1 = "blkio.throttle.io_service_bytes_recursive";
    s->rbytes = v2 ? summed(from, "io.stat", " rbytes=") : summed(from, v1, " Read ");
    s->wbytes = v2 ? summed(from, "io.stat", " wbytes=") : summed(from, v1, " Write ");
}

void bw_cg_dirs_of(const struct bw_cg_host *host, pid_t pid, struct bw_cg_dirs *out)
{
    *out = (struct bw_cg_dirs){0};
    for (int i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR dir = BW_STR_INIT;
        if (host->ctl[i].present && bw_cg_dir_of(host->ctl[i].mount, host->ctl[i].root,
                                                 host->ctl[i].v1name, pid, &dir) == 0)
            out->dir[i] = bw_str_steal(&dir);
    }
    BW_AUTO_STR acct = BW_STR_INIT;
    if (*host->cpuacct &&
        bw_cg_dir_of(host->cpuacct, host->cpuacct_root, "cpuacct", pid, &acct) == 0)
        out->cpuacct = bw_str_steal(&acct);
}

void bw_cg_dirs_free(struct bw_cg_dirs *d)
{
    for (int i = 0; i < BW_CG_COUNT; i++)
        free(d->dir[i]);
    free(d->cpuacct);
    *d = (struct bw_cg_dirs){0};
}

static int from_dir(void *ctx, const char *file, struct bw_str *out)
{
    return bw_cg_read(ctx, file, out);
}

void bw_cg_stats_add(enum bw_cg_ctl ctl, bool v2, bw_cg_reader read, void *ctx,
                     struct bw_cg_stats *out)
{
    const struct source from = {read, ctx};
    if (ctl == BW_CG_CPU && v2)
        cpu_v2(&from, out);
    else if (ctl == BW_CG_CPU)
        cpu_v1(&from, out);
    else if (ctl == BW_CG_MEMORY)
        memory(&from, v2, out);
    else if (ctl == BW_CG_IO)
        io(&from, v2, out);
    else if (ctl == BW_CG_PIDS) {
        out->pids_limit = one(&from, "pids.max");
        out->pids_current = one(&from, "pids.current");
    }
}

void bw_cg_stats_acct(bw_cg_reader read, void *ctx, struct bw_cg_stats *out)
{
    const struct source from = {read, ctx};
    out->cpu_usage_us = scaled(one(&from, "cpuacct.usage"), 1000);
}

void bw_cg_stats_of(const struct bw_cg_host *host, const struct bw_cg_dirs *d, unsigned mask,
                    struct bw_cg_stats *out)
{
    /* Every byte 0xff is -1 in each counter. */
    memset(out, 0xff, sizeof *out);
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (mask & 1u << i && d->dir[i])
            bw_cg_stats_add((enum bw_cg_ctl)i, host->ctl[i].v2, from_dir, d->dir[i], out);
    if (mask & 1u << BW_CG_CPU && d->dir[BW_CG_CPU] && !host->ctl[BW_CG_CPU].v2 && d->cpuacct)
        bw_cg_stats_acct(from_dir, d->cpuacct, out);
}

void bw_cg_stats_read(const struct bw_cg_host *host, pid_t pid, struct bw_cg_stats *out)
{
    struct bw_cg_dirs d;
    bw_cg_dirs_of(host, pid, &d);
    bw_cg_stats_of(host, &d, ~0u, out);
    bw_cg_dirs_free(&d);
}
