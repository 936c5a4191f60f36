/* The object of inspect --json. Keys and their order are an interface; a number that the host does
 * not provide is null, never 0. */
#include "model/json.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/snapshot.h"

static void put(struct json_object *o, const char *key, struct json_object *value)
{
    json_object_object_add(o, key, value);
}

static struct json_object *text(const char *s)
{
    return s ? json_object_new_string(s) : NULL;
}

/* json-c writes a NULL object as null. */
static struct json_object *number(long long n)
{
    return n < 0 ? NULL : json_object_new_int64(n);
}

static struct json_object *inode(uint64_t n)
{
    return n ? json_object_new_uint64(n) : NULL;
}

static struct json_object *namespaces(const struct bw_snapshot *s)
{
    struct json_object *all = json_object_new_object();

    for (int i = 0; i < BW_NS_COUNT; i++) {
        struct json_object *o = json_object_new_object();
        put(o, "inode", inode(s->ns[i].inode));
        put(o, "host", inode(s->ns[i].host));
        /* Unknown only where the kernel has the kind and hides the process's. */
        bool known = s->ns[i].inode || !s->ns[i].host;
        put(o, "own", known ? json_object_new_boolean(s->ns[i].own) : NULL);
        if (i == BW_NS_PID || i == BW_NS_TIME)
            put(o, "for_children", inode(s->ns[i].for_children));
        put(all, bw_ns_table[i].name, o);
    }
    return all;
}

static struct json_object *id_map(const struct bw_id_range *v, int n)
{
    if (n < 0)
        return NULL;
    struct json_object *a = json_object_new_array();
    for (int i = 0; i < n; i++) {
        struct json_object *row = json_object_new_array();
        json_object_array_add(row, number(v[i].inside));
        json_object_array_add(row, number(v[i].outside));
        json_object_array_add(row, number(v[i].count));
        json_object_array_add(a, row);
    }
    return a;
}

static struct json_object *version(enum bw_cg_version v)
{
    switch (v) {
    case BW_CG_V1:
        return json_object_new_int(1);
    case BW_CG_V2:
        return json_object_new_int(2);
    case BW_CG_HYBRID:
        return json_object_new_string("hybrid");
    case BW_CG_NONE:
        break;
    }
    return NULL;
}

struct counter {
    const char *key;
    long long value;
};

static struct json_object *counters(const struct counter *v, size_t n)
{
    struct json_object *o = json_object_new_object();

    for (size_t i = 0; i < n; i++)
        put(o, v[i].key, number(v[i].value));
    return o;
}

static struct json_object *cgroups(const struct bw_snapshot *s)
{
    const struct bw_cg_stats *c = &s->cg;
    const struct counter cpu[] = {
        {"quota_us", c->cpu_quota_us},     {"period_us", c->cpu_period_us},
        {"usage_us", c->cpu_usage_us},     {"nr_periods", c->nr_periods},
        {"nr_throttled", c->nr_throttled}, {"throttled_us", c->throttled_us},
    };
    const struct counter memory[] = {
        {"limit", c->mem_limit},
        {"current", c->mem_current},
        {"peak", c->mem_peak},
        {"oom_kill", c->oom_kill},
    };
    const struct counter pids[] = {{"limit", c->pids_limit}, {"current", c->pids_current}};
    const struct counter io[] = {{"rbytes", c->rbytes}, {"wbytes", c->wbytes}};
    struct json_object *o = json_object_new_object(), *path = json_object_new_object();

    for (int i = 0; i < BW_CG_COUNT; i++)
        if (s->cg_path[i])
            put(path, bw_cg_names[i], text(s->cg_path[i]));
    put(o, "version", version(s->cg_version));
    put(o, "path", path);
    put(o, "cpu", counters(cpu, sizeof cpu / sizeof cpu[0]));
    put(o, "memory", counters(memory, sizeof memory / sizeof memory[0]));
    put(o, "pids", counters(pids, sizeof pids / sizeof pids[0]));
    put(o, "io", counters(io, sizeof io / sizeof io[0]));
    return o;
}

static struct json_object *mounts(const struct bw_mounts *m, bool known)
{
    struct json_object *a = known ? json_object_new_array() : NULL;

    for (size_t i = 0; i < m->n; i++) {
        struct json_object *o = json_object_new_object();
        put(o, "target", text(m->v[i].target));
        put(o, "type", text(m->v[i].type));
        put(o, "source", text(m->v[i].source));
        put(o, "options", text(m->v[i].options));
        json_object_array_add(a, o);
    }
    return a;
}

static struct json_object *interfaces(const struct bw_snapshot *s)
{
    struct json_object *a = s->links_known ? json_object_new_array() : NULL;

    for (size_t i = 0; i < s->links.n; i++) {
        const struct bw_link *k = &s->links.v[i];
        struct json_object *o = json_object_new_object(), *addresses = json_object_new_array();
        for (size_t n = 0; n < k->n_addr; n++) {
            BW_AUTO_STR ip = BW_STR_INIT;
            bw_ip_add(&k->addr[n], true, &ip);
            json_object_array_add(addresses, text(ip.s));
        }
        put(o, "name", text(k->name));
        put(o, "kind", *k->kind ? text(k->kind) : NULL);
        put(o, "up", json_object_new_boolean(k->up));
        put(o, "mac", *k->mac ? text(k->mac) : NULL);
        put(o, "mtu", number(k->mtu));
        put(o, "addresses", addresses);
        json_object_array_add(a, o);
    }
    return a;
}

static struct json_object *processes(const struct bw_snapshot *s)
{
    struct json_object *a = json_object_new_array();

    for (size_t i = 0; i < s->n_processes; i++) {
        struct json_object *o = json_object_new_object();
        put(o, "pid", number(s->processes[i].pid));
        put(o, "nspid", number(s->processes[i].nspid));
        put(o, "comm", text(s->processes[i].comm));
        json_object_array_add(a, o);
    }
    return a;
}

static struct json_object *capabilities(uint64_t set)
{
    struct json_object *a = json_object_new_array();

    for (unsigned i = 0; i < 64; i++) {
        char unnamed[16];
        const char *name = bw_cap_name(i);
        if (!(set >> i & 1))
            continue;
        snprintf(unnamed, sizeof unnamed, "CAP_%u", i);
        json_object_array_add(a, text(name ? name : unnamed));
    }
    return a;
}

/* The length of the UTF-8 character at p, and its code point; 0 when there is none. */
static size_t decode(const unsigned char *p, unsigned *cp)
{
    size_t n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (*p < 0xc2 || *p > 0xf4)
        return 0;
    *cp = *p & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *cp = *cp << 6 | (p[i] & 0x3f);
    }
    bool surrogate = *cp >= 0xd800 && *cp <= 0xdfff;
    return *cp < least[n] || *cp > 0x10ffff || surrogate ? 0 : n;
}

/* Adds the escapes of the character at p, U+FFFD for what is none. Returns how many bytes it has.
 */
static size_t add_escaped(struct bw_str *out, const unsigned char *p)
{
    unsigned cp = *p;
    size_t n = *p == 0x7f ? 1 : decode(p, &cp);

    if (n == 0) {
        n = 1;
        cp = 0xfffd;
    }
    if (cp > 0xffff)
        bw_str_addf(out, "\\u%04x\\u%04x", 0xd800 + ((cp - 0x10000) >> 10),
                    0xdc00 + ((cp - 0x10000) & 0x3ff));
    else
        bw_str_addf(out, "\\u%04x", cp);
    return n;
}

/* json-c passes bytes above 0x7e through: a name chosen in the box must neither break the JSON nor
 * drive a terminal. It also writes blanks inside brackets, which are left out. */
static void add_tidy(struct bw_str *out, const char *json)
{
    bool quoted = false;

    for (const unsigned char *p = (const unsigned char *)json; *p;) {
        bool before = p[1] && strchr("]}", p[1]),
             after = out->len > 0 && strchr("[{", out->s[out->len - 1]);
        if (*p >= 0x7f) {
            p += add_escaped(out, p);
            continue;
        }
        if (*p == '\\' && quoted)
            bw_str_addc(out, (char)*p++);
        else if (*p == '"')
            quoted = !quoted;
        if (quoted || *p != ' ' || !(before || after))
            bw_str_addc(out, (char)*p);
        p++;
    }
}

/* "capabilities" is the effective set; these are the other four. */
static struct json_object *capability_sets(const struct bw_snapshot *s)
{
    struct json_object *o = json_object_new_object();

    put(o, "permitted", capabilities(s->cap_permitted));
    put(o, "inheritable", capabilities(s->cap_inheritable));
    put(o, "bounding", capabilities(s->cap_bounding));
    put(o, "ambient", capabilities(s->cap_ambient));
    return o;
}

/* None is null. */
static struct json_object *rlimit(rlim_t v)
{
    return v == RLIM_INFINITY ? NULL : json_object_new_int64((int64_t)v);
}

static struct json_object *programs(const struct bw_snapshot *s)
{
    struct json_object *o = json_object_new_object();

    put(o, "capabilities", capabilities(s->programs_caps));
    put(o, "seccomp", number(s->programs_seccomp));
    put(o, "filter_instructions", number(s->programs_filter));
    struct json_object *limits = json_object_new_object();
    for (int i = 0; i < BW_RLIMITS; i++) {
        if (!s->programs_limits[i].set)
            continue;
        struct json_object *pair = json_object_new_array();
        json_object_array_add(pair, rlimit(s->programs_limits[i].v.rlim_cur));
        json_object_array_add(pair, rlimit(s->programs_limits[i].v.rlim_max));
        put(limits, bw_rlimits[i].name, pair);
    }
    put(o, "rlimits", limits);
    return o;
}

void bw_json_snapshot(const struct bw_snapshot *s, struct bw_str *out)
{
    struct json_object *o = json_object_new_object();

    put(o, "boxwright", text(BW_VERSION));
    put(o, "pid", number(s->pid));
    put(o, "nspid", s->nspid > 0 ? number(s->nspid) : NULL);
    put(o, "root", text(s->root));
    put(o, "hostname", text(s->hostname));
    put(o, "namespaces", namespaces(s));
    put(o, "uid_map", id_map(s->uid_map, s->n_uid_map));
    put(o, "gid_map", id_map(s->gid_map, s->n_gid_map));
    put(o, "cgroups", cgroups(s));
    put(o, "mounts", mounts(&s->mounts, s->mounts_known));
    put(o, "processes", processes(s));
    put(o, "capabilities", capabilities(s->capabilities));
    put(o, "capability_sets", capability_sets(s));
    put(o, "no_new_privs",
        s->no_new_privs < 0 ? NULL : json_object_new_boolean(s->no_new_privs != 0));
    put(o, "seccomp", number(s->seccomp));
    put(o, "programs", s->is_box ? programs(s) : NULL);
    put(o, "interfaces", interfaces(s));
    add_tidy(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_SPACED |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}
