/* Module json: a snapshot as the JSON of inspect. */
#include <json-c/json.h>
#include <stdint.h>

#include "base/str.h"
#include "model/snapshot.h"

/* -1 stands for what the kernel does not provide. */
static struct json_object *number(long long n)
{
    return n < 0 ? NULL : json_object_new_int64(n);
}

static struct json_object *inode(uint64_t n)
{
    return n ? json_object_new_uint64(n) : NULL;
}

/* File names may be any bytes; what is not text is escaped as it is on the screen. */
static struct json_object *text(const char *s)
{
    if (!s)
        return NULL;
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_str_add_safe(&safe, s);
    return json_object_new_string(bw_str_get(&safe));
}

static struct json_object *namespaces(const struct bw_snapshot *s)
{
    struct json_object *all = json_object_new_object();
    for (int i = 0; i < BW_NS_COUNT; i++) {
        struct json_object *o = json_object_new_object();
        json_object_object_add(o, "inode", inode(s->ns[i].inode));
        json_object_object_add(o, "host", inode(s->ns[i].host));
        json_object_object_add(o, "own", json_object_new_boolean(s->ns[i].own));
        if (i == BW_NS_PID || i == BW_NS_TIME)
            json_object_object_add(o, "for_children", inode(s->ns[i].for_children));
        json_object_object_add(all, bw_ns_table[i].name, o);
    }
    return all;
}

static struct json_object *map(const struct bw_id_range *v, int n)
{
    struct json_object *all = json_object_new_array();
    for (int i = 0; i < n; i++) {
        struct json_object *o = json_object_new_array();
        json_object_array_add(o, json_object_new_int64(v[i].inside));
        json_object_array_add(o, json_object_new_int64(v[i].outside));
        json_object_array_add(o, json_object_new_int64(v[i].count));
        json_object_array_add(all, o);
    }
    return all;
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
    default:
        return NULL;
    }
}

static struct json_object *cgroups(const struct bw_snapshot *s)
{
    const struct bw_cg_stats *c = &s->cg;
    struct json_object *all = json_object_new_object(), *path = json_object_new_object();
    struct json_object *cpu = json_object_new_object(), *mem = json_object_new_object();
    struct json_object *pids = json_object_new_object(), *io = json_object_new_object();
    json_object_object_add(all, "version", version(s->cg_version));
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (s->cg_path[i])
            json_object_object_add(path, bw_cg_names[i], text(s->cg_path[i]));
    json_object_object_add(all, "path", path);
    json_object_object_add(cpu, "quota_us", number(c->cpu_quota_us));
    json_object_object_add(cpu, "period_us", number(c->cpu_period_us));
    json_object_object_add(cpu, "usage_us", number(c->cpu_usage_us));
    json_object_object_add(cpu, "nr_periods", number(c->nr_periods));
    json_object_object_add(cpu, "nr_throttled", number(c->nr_throttled));
    json_object_object_add(cpu, "throttled_us", number(c->throttled_us));
    json_object_object_add(all, "cpu", cpu);
    json_object_object_add(mem, "limit", number(c->mem_limit));
    json_object_object_add(mem, "current", number(c->mem_current));
    json_object_object_add(mem, "peak", number(c->mem_peak));
    json_object_object_add(mem, "oom_kill", number(c->oom_kill));
    json_object_object_add(all, "memory", mem);
    json_object_object_add(pids, "limit", number(c->pids_limit));
    json_object_object_add(pids, "current", number(c->pids_current));
    json_object_object_add(all, "pids", pids);
    json_object_object_add(io, "rbytes", number(c->rbytes));
    json_object_object_add(io, "wbytes", number(c->wbytes));
    json_object_object_add(all, "io", io);
    return all;
}

static struct json_object *mounts(const struct bw_snapshot *s)
{
    struct json_object *all = json_object_new_array();
    for (size_t i = 0; i < s->mounts.n; i++) {
        const struct bw_mount *m = &s->mounts.v[i];
        struct json_object *o = json_object_new_object();
        json_object_object_add(o, "target", text(m->target));
        json_object_object_add(o, "type", text(m->type));
        json_object_object_add(o, "source", text(m->source));
        json_object_object_add(o, "options", text(m->options));
        json_object_array_add(all, o);
    }
    return all;
}

static struct json_object *processes(const struct bw_snapshot *s)
{
    struct json_object *all = json_object_new_array();
    for (size_t i = 0; i < s->n_processes; i++) {
        struct json_object *o = json_object_new_object();
        json_object_object_add(o, "pid", json_object_new_int(s->processes[i].pid));
        json_object_object_add(o, "nspid", json_object_new_int(s->processes[i].nspid));
        json_object_object_add(o, "comm", text(s->processes[i].comm));
        json_object_array_add(all, o);
    }
    return all;
}

static struct json_object *capabilities(const struct bw_snapshot *s)
{
    struct json_object *all = json_object_new_array();
    for (unsigned i = 0; bw_cap_name(i); i++)
        if (s->capabilities >> i & 1)
            json_object_array_add(all, json_object_new_string(bw_cap_name(i)));
    return all;
}

/* Found by name from bw_snapshot_json. */
void bw_json_module_snapshot(const struct bw_snapshot *s, struct bw_str *out);

void bw_json_module_snapshot(const struct bw_snapshot *s, struct bw_str *out)
{
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "boxwright", json_object_new_string(BW_VERSION));
    json_object_object_add(o, "pid", json_object_new_int(s->pid));
    json_object_object_add(o, "nspid", json_object_new_int(s->nspid));
    json_object_object_add(o, "root", text(s->root));
    json_object_object_add(o, "hostname", text(s->hostname));
    json_object_object_add(o, "namespaces", namespaces(s));
    json_object_object_add(o, "uid_map", map(s->uid_map, s->n_uid_map));
    json_object_object_add(o, "gid_map", map(s->gid_map, s->n_gid_map));
    json_object_object_add(o, "cgroups", cgroups(s));
    json_object_object_add(o, "mounts", mounts(s));
    json_object_object_add(o, "processes", processes(s));
    json_object_object_add(o, "capabilities", capabilities(s));
    json_object_object_add(o, "no_new_privs",
                           s->no_new_privs < 0 ? NULL : json_object_new_boolean(s->no_new_privs));
    json_object_object_add(o, "seccomp", number(s->seccomp));
    bw_str_add(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
                                                          JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}
