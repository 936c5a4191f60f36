/* v1 and v2 names of the same thing, and how their values differ. Nothing here touches a file:
 * values that depend on another file ask for it. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroup_int.h"

/* v1 says "no limit" with the largest number of whole pages, and takes -1 for it. */
#define V1_NO_LIMIT 0x7FFFFFFFFFFFF000LL

enum kind { QUOTA, PERIOD, SHARES, SAME, BYTES, SWAP, USED, USAGE_NS, FAILS, DEVICE };

struct map {
    const char *v1, *v2;
    enum kind kind;
    const char *key; /* of a line on v2 */
};

static const struct map maps[] = {
    {"cpu.cfs_quota_us", "cpu.max", QUOTA, NULL},
    {"cpu.cfs_period_us", "cpu.max", PERIOD, NULL},
    {"cpu.cfs_burst_us", "cpu.max.burst", SAME, NULL},
    {"cpu.shares", "cpu.weight", SHARES, NULL},
    {"cpuacct.usage", "cpu.stat", USAGE_NS, "usage_usec"},
    {"memory.limit_in_bytes", "memory.max", BYTES, NULL},
    {"memory.soft_limit_in_bytes", "memory.low", BYTES, NULL},
    {"memory.memsw.limit_in_bytes", "memory.swap.max", SWAP, NULL},
    {"memory.usage_in_bytes", "memory.current", USED, NULL},
    {"memory.max_usage_in_bytes", "memory.peak", USED, NULL},
    {"memory.failcnt", "memory.events", FAILS, "max"},
    {"cpuset.effective_cpus", "cpuset.cpus.effective", USED, NULL},
    {"cpuset.effective_mems", "cpuset.mems.effective", USED, NULL},
    {"blkio.throttle.read_bps_device", "io.max", DEVICE, "rbps"},
    {"blkio.throttle.write_bps_device", "io.max", DEVICE, "wbps"},
    {"blkio.throttle.read_iops_device", "io.max", DEVICE, "riops"},
    {"blkio.throttle.write_iops_device", "io.max", DEVICE, "wiops"},
};
enum { MAPS = sizeof maps / sizeof maps[0] };

int bw_cg_file_ctl(const char *file)
{
    size_t n = strcspn(file, ".");
    char name[16];
    if (file[n] != '.' || n >= sizeof name ||
        strlen(file) >= sizeof((struct bw_cg_step *)0)->file ||
        strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789_.") != strlen(file) ||
        strstr(file, ".."))
        return -1;
    memcpy(name, file, n);
    name[n] = '\0';
    return strcmp(name, "cgroup") == 0 ? BW_CG_COUNT : bw_cg_by_name(name);
}

static const struct map *find(const char *file, bool v2)
{
    for (size_t i = 0; i < MAPS; i++)
        if (strcmp(file, v2 ? maps[i].v1 : maps[i].v2) == 0)
            return &maps[i];
    return NULL;
}

static int add(struct bw_cg_plan *p, struct bw_err *err, const char *file, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int add(struct bw_cg_plan *p, struct bw_err *err, const char *file, const char *fmt, ...)
{
    if (p->n == sizeof p->step / sizeof p->step[0])
        return bw_err_usage(err, "more than %zu values are to be written", p->n);
    struct bw_cg_step *s = &p->step[p->n];
    snprintf(s->file, sizeof s->file, "%s", file);
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(s->value, sizeof s->value, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof s->value)
        return bw_err_usage(err, "the value for %s is longer than %zu bytes", file,
                            sizeof s->value - 1);
    p->n++;
    return 0;
}

static int bad_value(struct bw_err *err, const char *file, const char *value, const char *takes)
{
    return bw_err_usage(err, "%s takes %s, not \"%s\"", file, takes, value);
}

/* ---- what is said ---- */

static void say(const struct map *m, bool v2, struct bw_str *said)
{
    const char *from = v2 ? m->v1 : m->v2, *to = v2 ? m->v2 : m->v1;
    if (!said)
        return;
    bw_str_addf(said, "%s is a v%d file: on v%d it is ", from, v2 ? 1 : 2, v2 ? 2 : 1);
    switch (m->kind) {
    case QUOTA:
    case PERIOD:
        if (v2)
            bw_str_addf(said, "the %s word of cpu.max", m->kind == QUOTA ? "first" : "second");
        else
            bw_str_add(said, "cpu.cfs_quota_us and cpu.cfs_period_us");
        break;
    case SHARES:
        bw_str_addf(said, "%s, where %s", to, v2 ? "1024 becomes 100" : "100 becomes 1024");
        break;
    case SWAP:
        bw_str_addf(said, "%s, which %s", to,
                    v2 ? "counts swap alone" : "counts memory and swap together");
        break;
    case DEVICE:
        if (v2)
            bw_str_addf(said, "%s= in io.max", m->key);
        else
            bw_str_add(said, "the four files blkio.throttle.*_device");
        break;
    case USAGE_NS:
    case FAILS:
        bw_str_addf(said, "%s in %s", m->key, to);
        break;
    default:
        bw_str_add(said, to);
    }
}

/* ---- values ---- */

/* Bytes with a unit; "max" and v1's "-1" are -1. */
static int bytes_or_max(const char *text, long long *out)
{
    *out = -1;
    if (strcmp(text, "max") == 0 || strcmp(text, "-1") == 0)
        return 0;
    return bw_parse_size(text, out);
}

static int read_first(bw_cg_reader read, void *ctx, const char *file, struct bw_str *out)
{
    bw_str_clear(out);
    if (read(ctx, file, out))
        return -1;
    size_t n = strcspn(bw_str_get(out), " \n");
    if (n == 0)
        return -1;
    out->s[n] = '\0';
    out->len = n;
    return 0;
}

/* A memory limit as a file has it now: -1 for none, -2 when it cannot be read. */
static long long limit_now(bw_cg_reader read, void *ctx, const char *file)
{
    BW_AUTO_STR text = BW_STR_INIT;
    long long n;
    if (read_first(read, ctx, file, &text) || bytes_or_max(text.s, &n))
        return -2;
    return n >= V1_NO_LIMIT ? -1 : n;
}

enum { SHARES_MIN = 2, SHARES_MAX = 262144, WEIGHT_MIN = 1, WEIGHT_MAX = 10000 };

static long long between(long long n, long long low, long long high)
{
    return n < low ? low : n > high ? high : n;
}

/* The scheduler has one scale for both: v2's 100 is v1's 1024. Each is kept in its own range. */
static long long weight_of(long long shares)
{
    return between((between(shares, 0, SHARES_MAX) * 100 + 512) / 1024, WEIGHT_MIN, WEIGHT_MAX);
}

static long long shares_of(long long weight)
{
    return between((between(weight, 0, WEIGHT_MAX) * 1024 + 50) / 100, SHARES_MIN, SHARES_MAX);
}

/* More than there can be is the most there can be. */
static long long sum_of(long long a, long long b)
{
    long long n;
    return __builtin_add_overflow(a, b, &n) ? INT64_MAX : n;
}

static int set_cpu_max(const char *value, struct bw_cg_plan *plan, struct bw_err *err)
{
    char quota[32] = "", period[32] = "", more[2] = "";
    long long n;
    if (sscanf(value, "%31s %31s %1s", quota, period, more) < 1 || *more ||
        (strcmp(quota, "max") != 0 && bw_parse_num(quota, 0, 1LL << 53, &n)) ||
        (*period && bw_parse_num(period, 0, 1LL << 53, &n)))
        return bad_value(err, "cpu.max", value, "\"QUOTA PERIOD\" in microseconds, or max");
    if (*period)
        add(plan, err, "cpu.cfs_period_us", "%s", period);
    return add(plan, err, "cpu.cfs_quota_us", "%s", strcmp(quota, "max") == 0 ? "-1" : quota);
}

static int set_cpu(const struct map *m, const char *value, bool v2, bw_cg_reader read, void *ctx,
                   struct bw_cg_plan *plan, struct bw_err *err)
{
    long long n;
    BW_AUTO_STR quota = BW_STR_INIT;
    if (!v2)
        return set_cpu_max(value, plan, err);
    if (m->kind == QUOTA) {
        if (bw_parse_num(value, -1, 1LL << 53, &n))
            return bad_value(err, m->v1, value, "microseconds for each period, or -1");
        return n < 0 ? add(plan, err, m->v2, "max") : add(plan, err, m->v2, "%lld", n);
    }
    if (bw_parse_num(value, 0, 1LL << 53, &n))
        return bad_value(err, m->v1, value, "microseconds");
    if (read_first(read, ctx, m->v2, &quota))
        return bw_err_set(err, "%s cannot be read, so its first word cannot be kept", m->v2);
    return add(plan, err, m->v2, "%s %lld", quota.s, n);
}

static int set_shares(const struct map *m, const char *value, bool v2, struct bw_cg_plan *plan,
                      struct bw_err *err)
{
    long long n;
    if (v2 && bw_parse_num(value, SHARES_MIN, SHARES_MAX, &n))
        return bad_value(err, m->v1, value, "a number from 2 to 262144");
    if (!v2 && bw_parse_num(value, WEIGHT_MIN, WEIGHT_MAX, &n))
        return bad_value(err, m->v2, value, "a number from 1 to 10000");
    return v2 ? add(plan, err, m->v2, "%lld", weight_of(n))
              : add(plan, err, m->v1, "%lld", shares_of(n));
}

static int set_bytes(const struct map *m, const char *value, bool v2, struct bw_cg_plan *plan,
                     struct bw_err *err)
{
    long long n;
    if (bytes_or_max(value, &n))
        return bad_value(err, v2 ? m->v1 : m->v2, value,
                         v2 ? "bytes, 64M, or -1" : "bytes, 64M, or max");
    if (n < 0)
        return add(plan, err, v2 ? m->v2 : m->v1, "%s", v2 ? "max" : "-1");
    return add(plan, err, v2 ? m->v2 : m->v1, "%lld", n);
}

/* v1 limits the sum of memory and swap, v2 swap alone. */
static int set_swap(const struct map *m, const char *value, bool v2, bw_cg_reader read, void *ctx,
                    struct bw_cg_plan *plan, struct bw_err *err)
{
    const char *memory = v2 ? "memory.max" : "memory.limit_in_bytes";
    long long n, now;
    if (bytes_or_max(value, &n))
        return bad_value(err, v2 ? m->v1 : m->v2, value, "bytes, or none");
    if (n < 0)
        return set_bytes(m, value, v2, plan, err);
    now = limit_now(read, ctx, memory);
    if (now < 0) {
        bw_err_set(err, "%s is not limited, so memory and swap together cannot be told from swap",
                   memory);
        bw_err_todo(err, "set %s first", memory);
        return -1;
    }
    if (v2 && n < now)
        return bw_err_usage(err, "%s cannot be less than the memory limit, %lld", m->v1, now);
    return add(plan, err, v2 ? m->v2 : m->v1, "%lld", v2 ? n - now : sum_of(n, now));
}

/* "MAJ:MIN", all of it. */
static bool is_device(const char *s, size_t len)
{
    size_t a = strspn(s, "0123456789");
    return a > 0 && s[a] == ':' && a + 1 < len && strspn(s + a + 1, "0123456789") == len - a - 1;
}

/* v1: "8:0 1048576" in a file for each direction. v2: "8:0 rbps=1048576". */
static int set_device(const struct map *m, const char *value, bool v2, struct bw_cg_plan *plan,
                      struct bw_err *err)
{
    size_t dev = strcspn(value, " ");
    const char *p = value + dev;
    long long n;
    if (!is_device(value, dev) || *p != ' ')
        return bad_value(err, v2 ? m->v1 : m->v2, value,
                         v2 ? "\"MAJ:MIN NUMBER\"" : "\"MAJ:MIN rbps=NUMBER …\"");
    if (v2) {
        if (bw_parse_num(p + strspn(p, " "), 0, INT64_MAX, &n))
            return bad_value(err, m->v1, value, "\"MAJ:MIN NUMBER\"");
        return n ? add(plan, err, m->v2, "%.*s %s=%lld", (int)dev, value, m->key, n)
                 : add(plan, err, m->v2, "%.*s %s=max", (int)dev, value, m->key);
    }
    for (p += strspn(p, " "); *p; p += strcspn(p, " "), p += strspn(p, " ")) {
        char key[8], number[24];
        const struct map *d = NULL;
        int end = 0;
        if (sscanf(p, "%7[a-z]=%23[0-9max]%n", key, number, &end) == 2 &&
            strcspn(p, " ") == (size_t)end)
            for (size_t i = 0; i < MAPS; i++)
                if (maps[i].kind == DEVICE && strcmp(maps[i].key, key) == 0)
                    d = &maps[i];
        n = 0;
        if (!d || (strcmp(number, "max") != 0 && bw_parse_num(number, 1, INT64_MAX, &n)))
            return bad_value(err, m->v2, value, "rbps= wbps= riops= wiops= with a number or max");
        if (add(plan, err, d->v1, "%.*s %lld", (int)dev, value, n))
            return bad_value(err, m->v2, value, "each key once");
    }
    if (plan->n == 0)
        return bad_value(err, m->v2, value, "\"MAJ:MIN rbps=NUMBER …\"");
    return 0;
}

int bw_cg_plan_set(const char *file, const char *value, bool v2, bw_cg_reader read, void *ctx,
                   struct bw_cg_plan *plan, struct bw_str *said, struct bw_err *err)
{
    const struct map *m = find(file, v2);
    plan->n = 0;
    if (!m)
        return add(plan, err, file, "%s", value);
    say(m, v2, said);
    switch (m->kind) {
    case QUOTA:
    case PERIOD:
        return set_cpu(m, value, v2, read, ctx, plan, err);
    case SHARES:
        return set_shares(m, value, v2, plan, err);
    case SAME:
        return add(plan, err, v2 ? m->v2 : m->v1, "%s", value);
    case BYTES:
        return set_bytes(m, value, v2, plan, err);
    case SWAP:
        return set_swap(m, value, v2, read, ctx, plan, err);
    case DEVICE:
        return set_device(m, value, v2, plan, err);
    default:
        return bw_err_usage(err, "%s is a counter: it is read, not set", file);
    }
}

/* ---- reading ---- */

static void add_limit(struct bw_str *out, long long n, bool v2)
{
    if (n >= 0)
        bw_str_addf(out, "%lld", n);
    else if (v2)
        bw_str_addf(out, "%lld", V1_NO_LIMIT);
    else
        bw_str_add(out, "max");
}

static int get_cpu(const struct map *m, const char *text, bool v2, bw_cg_reader read, void *ctx,
                   struct bw_str *out)
{
    char quota[32], period[32];
    BW_AUTO_STR p = BW_STR_INIT;
    if (v2) {
        if (sscanf(text, "%31s %31s", quota, period) != 2)
            return -1;
        bw_str_add(out, m->kind == PERIOD ? period : strcmp(quota, "max") == 0 ? "-1" : quota);
        return 0;
    }
    if (sscanf(text, "%31s", quota) != 1 || read_first(read, ctx, "cpu.cfs_period_us", &p))
        return -1;
    bw_str_addf(out, "%s %s", *quota == '-' ? "max" : quota, p.s);
    return 0;
}

static int get_swap(const char *text, bool v2, bw_cg_reader read, void *ctx, struct bw_str *out)
{
    char word[32] = "";
    long long n, memory = limit_now(read, ctx, v2 ? "memory.max" : "memory.limit_in_bytes");
    if (sscanf(text, "%31s", word) != 1 || bytes_or_max(word, &n) || memory == -2)
        return -1;
    if (n < 0 || n >= V1_NO_LIMIT || memory < 0)
        n = -1;
    else
        n = v2 ? sum_of(n, memory) : n > memory ? n - memory : 0;
    add_limit(out, n, v2);
    return 0;
}

/* The number after "key " at the start of a line. */
static int keyed(const char *text, const char *key, long long *out)
{
    size_t n = strlen(key);
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strncmp(p, key, n) == 0 && p[n] == ' ') {
            *out = strtoll(p + n, NULL, 10);
            return 0;
        }
    return -1;
}

/* The lines of io.max that have this key, as v1's file has them. */
static void get_device_v1(const struct map *m, const char *text, struct bw_str *out)
{
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        char dev[32] = "", key[8];
        const char *q = p + strcspn(p, " \n");
        snprintf(dev, sizeof dev, "%.*s", (int)(q - p), p);
        for (; *q == ' '; q += strcspn(q + 1, " \n") + 1) {
            char number[24];
            if (sscanf(q, " %7[a-z]=%23[0-9]", key, number) == 2 && strcmp(key, m->key) == 0)
                bw_str_addf(out, "%s%s %s", out->len ? "\n" : "", dev, number);
        }
    }
}

/* The four v1 files as lines of io.max, a line for each device and key. */
static void get_device_v2(bw_cg_reader read, void *ctx, struct bw_str *out)
{
    for (size_t i = 0; i < MAPS; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        if (maps[i].kind != DEVICE || read(ctx, maps[i].v1, &text))
            continue;
        for (const char *p = bw_str_get(&text); *p; p += strcspn(p, "\n"), p += *p == '\n') {
            char dev[32], number[24];
            if (sscanf(p, "%31s %23[0-9]", dev, number) == 2)
                bw_str_addf(out, "%s%s %s=%s", out->len ? "\n" : "", dev, maps[i].key, number);
        }
    }
}

static int get_mapped(const struct map *m, const char *text, bool v2, bw_cg_reader read, void *ctx,
                      struct bw_str *out)
{
    long long n;
    switch (m->kind) {
    case QUOTA:
    case PERIOD:
        return get_cpu(m, text, v2, read, ctx, out);
    case SHARES:
        n = strtoll(text, NULL, 10);
        bw_str_addf(out, "%lld", v2 ? shares_of(n) : weight_of(n));
        return 0;
    case BYTES: {
        char word[32];
        if (sscanf(text, "%31s", word) != 1 || bytes_or_max(word, &n))
            return -1;
        add_limit(out, n >= V1_NO_LIMIT ? -1 : n, v2);
        return 0;
    }
    case SWAP:
        return get_swap(text, v2, read, ctx, out);
    case USAGE_NS:
        if (keyed(text, m->key, &n))
            return -1;
        bw_str_addf(out, "%lld", between(n, 0, INT64_MAX / 1000) * 1000);
        return 0;
    case FAILS:
        if (keyed(text, m->key, &n))
            return -1;
        bw_str_addf(out, "%lld", n);
        return 0;
    case DEVICE:
        if (v2)
            get_device_v1(m, text, out);
        else
            get_device_v2(read, ctx, out);
        return 0;
    default:
        bw_str_addn(out, text, strcspn(text, "\n"));
        return 0;
    }
}

int bw_cg_plan_get(const char *file, bool v2, bw_cg_reader read, void *ctx, struct bw_str *out,
                   struct bw_str *said, struct bw_err *err)
{
    const struct map *m = find(file, v2);
    BW_AUTO_STR text = BW_STR_INIT;
    /* v1 has a cpu.stat of its own, and no file with what memory.events counts. */
    if (m && !v2 && (m->kind == USAGE_NS || m->kind == FAILS))
        m = NULL;
    const char *real = !m ? file : v2 ? m->v2 : m->v1;
    if (read(ctx, real, &text))
        return bw_err_call(err, errno, "open", "\"%s\", O_RDONLY", real);
    if (!m) {
        while (text.len > 0 && text.s[text.len - 1] == '\n')
            text.s[--text.len] = '\0';
        bw_str_add(out, bw_str_get(&text));
        return 0;
    }
    say(m, v2, said);
    if (get_mapped(m, bw_str_get(&text), v2, read, ctx, out))
        return bw_err_set(err, "%s does not read as expected: \"%.60s\"", real, bw_str_get(&text));
    return 0;
}
