/* The names of the goal language, and how each is read from a snapshot. */
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

#include "base/str.h"
#include "goal_priv.h"
#include "kern/caps.h"
#include "kern/link.h"

static void set_number(struct value *v, double n)
{
    v->kind = V_NUMBER;
    v->number = n;
}

static void set_truth(struct value *v, bool b)
{
    v->kind = V_TRUTH;
    v->number = b;
}

static void set_text(struct value *v, const char *s)
{
    v->kind = V_TEXT;
    v->text = s;
}

static const void *at(const struct bw_snapshot *s, size_t offset)
{
    return (const char *)s + offset;
}

static void get_pid(const struct bw_snapshot *s, size_t offset, const char *arg, struct value *v)
{
    (void)arg;
    set_number(v, *(const pid_t *)at(s, offset));
}

static void get_string(const struct bw_snapshot *s, size_t offset, const char *arg, struct value *v)
{
    const char *text = *(char *const *)at(s, offset);

    (void)arg;
    if (text)
        set_text(v, text);
}

static void get_inode(const struct bw_snapshot *s, size_t offset, const char *arg, struct value *v)
{
    uint64_t n = *(const uint64_t *)at(s, offset);

    (void)arg;
    if (n)
        set_number(v, (double)n);
}

/* A new PID namespace has no inode to show before its first process. */
static void get_for_children(const struct bw_snapshot *s, size_t ns, const char *arg,
                             struct value *v)
{
    (void)arg;
    if (s->ns[ns].for_children)
        set_number(v, (double)s->ns[ns].for_children);
    else if (s->ns[ns].inode)
        v->kind = V_NONE;
}

static void get_own(const struct bw_snapshot *s, size_t ns, const char *arg, struct value *v)
{
    (void)arg;
    /* Unknown only where the kernel has the kind and hides the process's. */
    if (s->ns[ns].inode || !s->ns[ns].host)
        set_truth(v, s->ns[ns].own);
}

static void get_counter(const struct bw_snapshot *s, size_t offset, const char *arg,
                        struct value *v)
{
    long long n = *(const long long *)at(s, offset);

    (void)arg;
    if (n >= 0)
        set_number(v, (double)n);
}

static void get_limit(const struct bw_snapshot *s, size_t offset, const char *arg, struct value *v)
{
    static const struct {
        size_t offset;
        enum bw_cg_ctl ctl;
    } of[] = {{offsetof(struct bw_snapshot, cg.cpu_quota_us), BW_CG_CPU},
              {offsetof(struct bw_snapshot, cg.mem_limit), BW_CG_MEMORY},
              {offsetof(struct bw_snapshot, cg.pids_limit), BW_CG_PIDS}};

    get_counter(s, offset, arg, v);
    for (size_t i = 0; v->kind == V_UNSEEN && i < sizeof of / sizeof *of; i++)
        if (of[i].offset == offset && s->cg_path[of[i].ctl])
            set_number(v, (double)INFINITY);
}

static void get_flag(const struct bw_snapshot *s, size_t offset, const char *arg, struct value *v)
{
    int n = *(const int *)at(s, offset);

    (void)arg;
    if (n >= 0)
        set_truth(v, n != 0);
}

static void get_int(const struct bw_snapshot *s, size_t offset, const char *arg, struct value *v)
{
    int n = *(const int *)at(s, offset);

    (void)arg;
    if (n >= 0)
        set_number(v, n);
}

static void get_unsigned(const struct bw_snapshot *s, size_t offset, const char *arg,
                         struct value *v)
{
    (void)arg;
    if (s->programs_seccomp >= 0)
        set_number(v, *(const unsigned *)at(s, offset));
}

static void get_cg_version(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    static const char *const name[] = {
        [BW_CG_NONE] = "none", [BW_CG_V1] = "v1", [BW_CG_V2] = "v2", [BW_CG_HYBRID] = "hybrid"};

    (void)n;
    (void)arg;
    set_text(v, name[s->cg_version]);
}

static void get_cg_path(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    int ctl = bw_cg_by_name(arg);

    (void)n;
    if (ctl >= 0 && s->cg_path[ctl])
        set_text(v, s->cg_path[ctl]);
}

static void get_mounts(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    (void)n;
    (void)arg;
    if (s->mounts_known)
        set_number(v, (double)s->mounts.n);
}

static void get_processes(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    double count = 0;

    (void)n;
    for (size_t i = 0; i < s->n_processes; i++)
        count += !arg || strcmp(s->processes[i].comm, arg) == 0;
    set_number(v, count);
}

static int capability(const char *name)
{
    const char *one;

    for (unsigned i = 0; i < 64 && (one = bw_cap_name(i)) != NULL; i++)
        if (strcmp(one, name) == 0)
            return (int)i;
    return -1;
}

/* "shared:1 master:2" in words that are the same each time. */
static void propagation(const char *text, struct value *v)
{
    bool shared = strstr(text, "shared:"), slave = strstr(text, "master:");

    set_text(v, strstr(text, "unbindable") ? "unbindable"
                : shared && slave          ? "shared slave"
                : shared                   ? "shared"
                : slave                    ? "slave"
                                           : "private");
}

/* The mount that is seen at a place: the last one made there. */
static void get_mount(const struct bw_snapshot *s, size_t field, const char *arg, struct value *v)
{
    const struct bw_mount *m = NULL;

    if (!s->mounts_known)
        return;
    for (size_t i = 0; i < s->mounts.n; i++)
        if (strcmp(s->mounts.v[i].target, arg) == 0)
            m = &s->mounts.v[i];
    if (field == 0) {
        set_truth(v, m != NULL);
    } else if (!m) {
        v->kind = V_NONE;
    } else if (field == 4) {
        propagation(m->propagation, v);
    } else {
        const char *const of[] = {"", m->type,  m->source, m->options,
                                  "", m->super, m->root,   m->dev};
        set_text(v, of[field]);
    }
}

static void get_process(const struct bw_snapshot *s, size_t field, const char *arg, struct value *v)
{
    const struct bw_snap_process *p = NULL;

    for (size_t i = 0; i < s->n_processes && !p; i++)
        if (strcmp(s->processes[i].comm, arg) == 0)
            p = &s->processes[i];
    if (field == 0)
        set_truth(v, p != NULL);
    else if (!p)
        v->kind = V_NONE;
    else
        set_number(v, field == 1 ? p->pid : p->nspid);
}

/* The addresses of an interface, blanks between. Few are asked of at a time: four are kept. */
static const char *addresses(const struct bw_link *k)
{
    static struct bw_str kept[4];
    static unsigned next;
    struct bw_str *b = &kept[next++ % 4];

    bw_str_clear(b);
    for (size_t i = 0; i < k->n_addr; i++) {
        bw_str_add(b, i > 0 ? " " : "");
        bw_ip_add(&k->addr[i], true, b);
    }
    return bw_str_get(b);
}

static void get_interfaces(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    (void)n;
    (void)arg;
    if (s->links_known)
        set_number(v, (double)s->links.n);
}

static void get_interface(const struct bw_snapshot *s, size_t field, const char *arg,
                          struct value *v)
{
    const struct bw_link *k = bw_links_find(&s->links, arg);

    if (!s->links_known)
        return;
    if (field == 0)
        set_truth(v, k != NULL);
    else if (!k)
        v->kind = V_NONE;
    else if (field == 1)
        set_truth(v, k->up);
    else if (field == 5)
        set_number(v, k->mtu);
    else
        set_text(v, field == 2 ? k->kind : field == 3 ? addresses(k) : k->mac);
}

/* Without an argument how many the set has; with one whether it has this. */
static void get_cap_set(const struct bw_snapshot *s, size_t offset, const char *arg,
                        struct value *v)
{
    uint64_t set = *(const uint64_t *)at(s, offset);
    int n = arg ? capability(arg) : -1;

    if (arg)
        set_truth(v, n >= 0 && (set >> n & 1));
    else
        set_number(v, __builtin_popcountll(set));
}

/* Without an argument the number of ranges; with one what this ID inside is outside. */
static void look_up(const struct bw_id_range *map, int n, const char *arg, struct value *v)
{
    long long id = 0;

    if (n < 0)
        return;
    if (!arg) {
        set_number(v, n);
        return;
    }
    v->kind = V_NONE;
    bw_parse_num(arg, 0, UINT32_MAX, &id);
    for (int i = 0; i < n; i++)
        if (id >= map[i].inside && id - map[i].inside < map[i].count)
            set_number(v, (double)(map[i].outside + (id - map[i].inside)));
}

static void get_uid_map(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    (void)n;
    look_up(s->uid_map, s->n_uid_map, arg, v);
}

static void get_gid_map(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v)
{
    (void)n;
    look_up(s->gid_map, s->n_gid_map, arg, v);
}

#define AT(member) offsetof(struct bw_snapshot, member)
#define NS(name, kind)                                                                             \
    {"ns." name, T_NUMBER, get_inode, AT(ns[kind].inode),                                          \
     0,          NULL,     NULL,      "inode of the " name " namespace"},                          \
    {                                                                                              \
        "own." name, T_TRUTH, get_own, kind, 0, NULL, NULL,                                        \
            "whether that is another one than the host's"                                          \
    }

/* A line each. */
/* clang-format off */
const struct fact facts[] = {
    {"pid", T_NUMBER, get_pid, AT(pid), 0, NULL, NULL, "the box's process, as the host counts"},
    {"nspid", T_NUMBER, get_pid, AT(nspid), 0, NULL, NULL, "the same, as the box counts"},
    {"root", T_TEXT, get_string, AT(root), 0, NULL, NULL, "its root directory, as the host names it"},
    {"hostname", T_TEXT, get_string, AT(hostname), 0, NULL, NULL, "its host name"},
    NS("pid", BW_NS_PID),
    NS("mnt", BW_NS_MNT),
    NS("uts", BW_NS_UTS),
    NS("ipc", BW_NS_IPC),
    NS("net", BW_NS_NET),
    NS("user", BW_NS_USER),
    NS("cgroup", BW_NS_CGROUP),
    NS("time", BW_NS_TIME),
    {"ns.pid_for_children", T_NUMBER, get_for_children, BW_NS_PID, 0, NULL, NULL, "the PID namespace that its children will be in; none while nobody is in it"},
    {"ns.time_for_children", T_NUMBER, get_for_children, BW_NS_TIME, 0, NULL, NULL, "the time namespace that its children will be in"},
    {"uid_map", T_NUMBER, get_uid_map, 0, 0, "?ID", NULL, "how many ranges of user IDs are mapped; uid_map(0): what 0 inside is outside, or none"},
    {"gid_map", T_NUMBER, get_gid_map, 0, 0, "?ID", NULL, "the same of group IDs"},
    {"cgroups.version", T_TEXT, get_cg_version, 0, 0, NULL, NULL, "\"v1\", \"v2\", \"hybrid\" or \"none\""},
    {"cgroups.path", T_TEXT, get_cg_path, 0, 0, "CONTROLLER", NULL, "its control group, for cpu, memory, pids, io or cpuset"},
    {"cpu.quota_us", T_NUMBER, get_limit, AT(cg.cpu_quota_us), N_US, NULL, NULL, "CPU time in each period; more than any number when there is no limit"},
    {"cpu.period_us", T_NUMBER, get_counter, AT(cg.cpu_period_us), N_US, NULL, NULL, "the period"},
    {"cpu.usage_us", T_NUMBER, get_counter, AT(cg.cpu_usage_us), N_US, NULL, NULL, "CPU time used by its group"},
    {"cpu.nr_periods", T_NUMBER, get_counter, AT(cg.nr_periods), 0, NULL, NULL, "periods gone by"},
    {"cpu.nr_throttled", T_NUMBER, get_counter, AT(cg.nr_throttled), 0, NULL, NULL, "periods in which it was stopped"},
    {"cpu.throttled_us", T_NUMBER, get_counter, AT(cg.throttled_us), N_US, NULL, NULL, "for how long it was stopped"},
    {"memory.limit", T_NUMBER, get_limit, AT(cg.mem_limit), N_BYTES, NULL, NULL, "bytes; more than any number when there is no limit"},
    {"memory.current", T_NUMBER, get_counter, AT(cg.mem_current), N_BYTES, NULL, NULL, "bytes in use"},
    {"memory.peak", T_NUMBER, get_counter, AT(cg.mem_peak), N_BYTES, NULL, NULL, "the most that were in use"},
    {"memory.oom_kill", T_NUMBER, get_counter, AT(cg.oom_kill), 0, NULL, NULL, "processes killed by the OOM killer"},
    {"pids.limit", T_NUMBER, get_limit, AT(cg.pids_limit), 0, NULL, NULL, "tasks allowed; more than any number when there is no limit"},
    {"pids.current", T_NUMBER, get_counter, AT(cg.pids_current), 0, NULL, NULL, "tasks there are"},
    {"io.rbytes", T_NUMBER, get_counter, AT(cg.rbytes), N_BYTES, NULL, NULL, "bytes read"},
    {"io.wbytes", T_NUMBER, get_counter, AT(cg.wbytes), N_BYTES, NULL, NULL, "bytes written"},
    {"mounts", T_NUMBER, get_mounts, 0, 0, NULL, NULL, "how many mounts it sees"},
    {"mount", T_TRUTH, get_mount, 0, 0, "PATH", "type source options propagation super root dev", "whether something is mounted there"},
    {"processes", T_NUMBER, get_processes, 0, 0, "?NAME", NULL, "how many processes it has, of that name"},
    {"process", T_TRUTH, get_process, 0, 0, "NAME", "pid# nspid#", "whether it has a process of that name"},
    {"capabilities", T_NUMBER, get_cap_set, AT(capabilities), 0, NULL, NULL, "how many capabilities are effective"},
    {"capability", T_TRUTH, get_cap_set, AT(capabilities), 0, "CAPABILITY", NULL, "whether it has this one"},
    {"capability_sets.permitted", T_NUMBER, get_cap_set, AT(cap_permitted), 0, "?CAPABILITY", NULL, "how many are permitted; with a capability, whether it is"},
    {"capability_sets.inheritable", T_NUMBER, get_cap_set, AT(cap_inheritable), 0, "?CAPABILITY", NULL, "the same of the inheritable set"},
    {"capability_sets.bounding", T_NUMBER, get_cap_set, AT(cap_bounding), 0, "?CAPABILITY", NULL, "the same of the bounding set"},
    {"capability_sets.ambient", T_NUMBER, get_cap_set, AT(cap_ambient), 0, "?CAPABILITY", NULL, "the same of the ambient set"},
    {"programs.seccomp", T_NUMBER, get_int, AT(programs_seccomp), 0, NULL, NULL, "the mode that its programs get: 0 off, 2 a filter"},
    {"programs.filter_instructions", T_NUMBER, get_unsigned, AT(programs_filter), 0, NULL, NULL, "how long that filter is"},
    {"interfaces", T_NUMBER, get_interfaces, 0, 0, NULL, NULL, "how many network interfaces it has"},
    {"interface", T_TRUTH, get_interface, 0, 0, "NAME", "up? kind addresses mac mtu#", "whether it has one of that name"},
    {"no_new_privs", T_TRUTH, get_flag, AT(no_new_privs), 0, NULL, NULL, "whether no_new_privs is set"},
    {"seccomp", T_NUMBER, get_int, AT(seccomp), 0, NULL, NULL, "0 off, 1 strict, 2 a filter"},
};
/* clang-format on */
const size_t facts_n = sizeof facts / sizeof *facts;

const struct fact *fact_find(const char *name, size_t len)
{
    for (size_t i = 0; i < facts_n; i++)
        if (strlen(facts[i].name) == len && memcmp(facts[i].name, name, len) == 0)
            return &facts[i];
    return NULL;
}

int fact_field(const struct fact *f, const char *name, size_t len)
{
    const char *p = f->fields ? f->fields : "";

    for (int i = 1; *p; i++) {
        size_t n = strcspn(p, " #?");
        if (n == len && memcmp(p, name, len) == 0)
            return i;
        p += strcspn(p, " ");
        p += *p == ' ';
    }
    return -1;
}

enum type fact_field_type(const struct fact *f, int field)
{
    const char *p = f->fields;

    if (field <= 0)
        return f->type;
    for (int i = 1; i < field; i++)
        p += strcspn(p, " ") + 1;
    p += strcspn(p, " #?");
    return *p == '#' ? T_NUMBER : *p == '?' ? T_TRUTH : T_TEXT;
}

size_t bw_goal_names(const char **names, const char **what, size_t max)
{
    size_t i = 0;

    for (; i < facts_n && i < max; i++) {
        names[i] = facts[i].name;
        what[i] = facts[i].what;
    }
    return i;
}
