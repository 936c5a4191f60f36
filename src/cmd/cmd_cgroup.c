/* Control groups: cgcreate, cgset, cgget, cgexec, cgclassify, cgdelete, short and as libcgroup's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cg_args.h"
#include "cmd/handlers.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "docker.h"
#include "kern/devgroup.h"
#include "kern/observe.h"

enum { CROWD_MAX = 4096, ROUNDS = 16 };

/* The stage, its programs and all below them. */
struct crowd {
    pid_t v[CROWD_MAX];
    size_t n;
};

static void gather(pid_t pid, struct crowd *c)
{
    c->n = 0;
    c->v[c->n++] = pid;
    for (size_t i = 0; i < c->n && c->n < CROWD_MAX; i++)
        c->n += bw_proc_children(c->v[i], c->v + c->n, CROWD_MAX - c->n);
}

/* Whether a process was put into a named group in one of these hierarchies: there it stays. */
static bool placed(const struct bw_cg *cg, unsigned mask, pid_t pid)
{
    for (int i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR group = BW_STR_INIT;
        if (mask & 1u << i && bw_cg_where(cg, (enum bw_cg_ctl)i, pid, &group) == 0 &&
            strcmp(group.s, "box") != 0)
            return true;
    }
    return false;
}

/* Programs that fork while they are moved leave children behind: looked for until none are. */
static int move_box(struct bw_session *s, struct bw_cg *cg, unsigned mask)
{
    static struct crowd c;
    size_t before = 0;
    for (int round = 0; round < ROUNDS; round++) {
        gather(s->box->stage.pid, &c);
        for (size_t i = 0; i < c.n; i++) {
            if (i > 0 && placed(cg, mask, c.v[i]))
                continue;
            if (bw_cg_attach(cg, "box", mask, c.v[i], &s->err) == 0)
                continue;
            if (i == 0 || s->err.code != ESRCH)
                return -1;
            bw_err_clear(&s->err);
        }
        if (round > 0 && c.n <= before)
            break;
        before = c.n;
    }
    return 0;
}

/* Moves the box into its group once its limit is set: limited is what that returned. A group that
 * was made for it, that is, without mask in had, goes when either failed. */
static int move_in(struct bw_session *s, struct bw_cg *cg, unsigned mask, unsigned had, int limited)
{
    if (limited == 0 && move_box(s, cg, mask) == 0) {
        s->outside_changed = true;
        return 0;
    }
    struct bw_err ignored = BW_ERR_INIT;
    if (!(had & mask))
        bw_cg_drop(cg, "box", mask, &ignored);
    return -1;
}

/* Where a group really is: once on v2, for each controller's hierarchy on v1. */
static void note_paths(struct bw_session *s, struct bw_cg *cg, const char *group, unsigned mask)
{
    BW_AUTO_STR text = BW_STR_INIT;
    for (int i = 0; i < BW_CG_COUNT; i++) {
        BW_AUTO_STR dir = BW_STR_INIT;
        if (!(mask & 1u << i) || bw_cg_dir(cg, group, (enum bw_cg_ctl)i, &dir) ||
            (text.len && strstr(text.s, dir.s)))
            continue;
        bw_str_addf(&text, "%s%s", text.len ? ", " : "", dir.s);
    }
    bw_session_show_calls(s);
    bw_session_note(s, "group %s is %s", group, bw_str_get(&text));
}

static int need_group(struct bw_session *s, struct bw_cg *cg, const char *group, unsigned *mask)
{
    unsigned has = bw_cg_controllers(cg, group);
    if (*mask == 0)
        *mask = has;
    if (has && !(*mask & ~has))
        return 0;
    if (!has) {
        if (bw_cg_check_name(group, &s->err))
            return -1;
        bw_err_set(&s->err, "this session has no group \"%s\"", group);
        bw_err_todo(&s->err, "cgcreate -g cpu:%s makes it", group);
        return -1;
    }
    const char *ctl = bw_cg_names[__builtin_ctz(*mask & ~has)];
    bw_err_set(&s->err, "group \"%s\" has no %s controller", group, ctl);
    bw_err_todo(&s->err, "cgcreate -g %s:%s gives it that", ctl, group);
    return -1;
}

/* The words from i on as one, blanks between: an I/O limit has several. */
static void join(char **argv, int i, struct bw_str *out)
{
    for (; argv[i]; i++)
        bw_str_addf(out, "%s%s", out->len ? " " : "", argv[i]);
}

/* ---- the short spelling: the box's own group ---- */

static int parse_short(struct bw_session *s, int argc, char **argv, struct bw_str *value)
{
    int ctl = argc > 1 ? bw_cg_by_name(argv[1]) : -1;
    if (argc < 3) {
        bw_err_usage(&s->err, "%s needs a controller and a limit", argv[0]);
        bw_err_todo(&s->err, "%s cpu 50%%, %s memory 64M, %s pids 20; as libcgroup's: help %s",
                    argv[0], argv[0], argv[0], argv[0]);
        return -1;
    }
    if (ctl < 0) {
        bw_err_usage(&s->err, "\"%s\" is no controller of boxwright", argv[1]);
        bw_err_todo(&s->err, "the controllers are cpu, memory, pids, io and cpuset");
        return -1;
    }
    if (argc > 3 && ctl != BW_CG_IO)
        return bw_err_usage(&s->err, "%s takes one limit, and %s is one too many", argv[1],
                            argv[3]);
    join(argv, 2, value);
    return bw_cg_limit_check((enum bw_cg_ctl)ctl, value->s, &s->err) ? -1 : ctl;
}

static void tell_short(struct bw_session *s, enum bw_cg_ctl ctl, const char *value)
{
    static const char *const hints[BW_CG_COUNT] = {
        [BW_CG_CPU] = "burn cpu, then inspect: usage stays under the quota, throttled periods grow",
        [BW_CG_MEMORY] = "burn memory with more than the limit: the kernel's OOM killer ends it",
        [BW_CG_PIDS] = "burn fork with more than the limit: fork fails with EAGAIN",
        [BW_CG_IO] = "inspect: rbytes and wbytes of the group",
        [BW_CG_CPUSET] = "run nproc: the CPUs the box may use",
    };
    bw_session_hint(s, "%s", hints[ctl]);
    bw_session_shell(s, "cgcreate -g %s:box; cgset, limit %s; cgclassify -g %s:box PID",
                     bw_cg_names[ctl], value, bw_cg_names[ctl]);
}

static int create_short(struct bw_session *s, struct bw_cg *cg, int argc, char **argv)
{
    BW_AUTO_STR value = BW_STR_INIT;
    int found = parse_short(s, argc, argv, &value);
    if (found < 0)
        return -1;
    enum bw_cg_ctl ctl = (enum bw_cg_ctl)found;
    unsigned mask = 1u << ctl, had = bw_cg_controllers(cg, "box");
    if (bw_cg_create(cg, "box", mask, &s->err))
        return -1;
    if (move_in(s, cg, mask, had, bw_cg_limit(cg, "box", ctl, value.s, &s->err)))
        return -1;
    if (!(had & mask))
        note_paths(s, cg, "box", mask);
    tell_short(s, ctl, value.s);
    return 0;
}

int bw_devices_cgroup(struct bw_session *s)
{
    struct bw_cg *cg = bw_session_cg(s);
    unsigned mask = cg ? bw_devgroup_mask(cg) : 0;
    if (!cg)
        return -1;
    if (!mask) {
        bw_err_set(&s->err, "no hierarchy here limits devices: there is no v1 devices controller, "
                            "and no cgroup2 with a controller to make a group with");
        bw_err_todo(&s->err, "devices alone gives the box a /dev without the host's devices");
        return -1;
    }
    unsigned had = bw_cg_controllers(cg, "box");
    if (bw_cg_create(cg, "box", mask, &s->err))
        return -1;
    if (move_in(s, cg, mask, had, bw_devgroup_limit(cg, "box", &s->err)))
        return -1;
    bw_session_shell(s, "echo a >devices.deny; echo 'c 1:3 rwm' >devices.allow; ...");
    bw_session_hint(s, "a node of a disk may be made, if CAP_MKNOD is there, and not opened");
    return 0;
}

/* ---- cgcreate ---- */

static int create_named(struct bw_session *s, struct bw_cg *cg, const struct cg_args *a)
{
    unsigned had[CG_ITEMS] = {0};
    int i = 0;
    for (; i < a->n_g; i++) {
        unsigned mask = a->g[i].mask;
        for (int c = 0; !mask && c < BW_CG_COUNT; c++)
            mask |= bw_cg_hostinfo(cg)->ctl[c].present ? 1u << c : 0;
        had[i] = bw_cg_controllers(cg, a->g[i].group);
        if (bw_cg_create(cg, a->g[i].group, mask, &s->err))
            break;
    }
    if (i == a->n_g)
        return 0;
    while (i-- > 0) {
        struct bw_err ignored = BW_ERR_INIT;
        bw_cg_drop(cg, a->g[i].group, bw_cg_controllers(cg, a->g[i].group) & ~had[i], &ignored);
    }
    return -1;
}

int bw_cmd_cgcreate(struct bw_session *s, int argc, char **argv)
{
    static struct cg_args a;
    struct bw_cg *cg = bw_session_cg(s);
    if (!cg)
        return -1;
    if (argc < 2 || argv[1][0] != '-')
        return create_short(s, cg, argc, argv);
    if (cg_args_parse(argc, argv, "g:", false, &a, &s->err))
        return -1;
    if (a.n_name > 0 || a.n_g == 0) {
        bw_err_usage(&s->err, "cgcreate needs -g CONTROLLERS:NAME%s%s", a.n_name ? ", not " : "",
                     a.n_name ? a.name[0] : "");
        bw_err_todo(&s->err, "cgcreate -g cpu,memory:NAME");
        return -1;
    }
    for (int i = 0; i < a.n_g; i++)
        if (!*a.g[i].group)
            return bw_err_usage(&s->err, "-g needs CONTROLLERS:NAME, as in cpu,memory:web");
    if (create_named(s, cg, &a))
        return -1;
    s->outside_changed = true;
    for (int i = 0; i < a.n_g; i++)
        note_paths(s, cg, a.g[i].group, bw_cg_controllers(cg, a.g[i].group));
    bw_session_shell(s, "cgcreate -g CONTROLLERS:%s", a.g[0].group);
    bw_session_hint(s, "cgset -r FILE=VALUE %s sets a limit, cgexec starts a program in it",
                    a.g[0].group);
    return 0;
}

/* ---- cgset ---- */

/* The files written so far, to put back. */
struct former {
    const char *group;
    char file[64];
    char *value;
};

static int set_one(struct bw_session *s, struct bw_cg *cg, const char *group, const char *pair,
                   struct former *f)
{
    BW_AUTO_STR said = BW_STR_INIT, old = BW_STR_INIT;
    struct bw_err ignored = BW_ERR_INIT;
    const char *is = strchr(pair, '=');
    if (!is || is == pair || (size_t)(is - pair) >= sizeof f->file) {
        bw_err_usage(&s->err, "-r needs FILE=VALUE, not \"%s\"", pair);
        bw_err_todo(&s->err, "cgset -r cpu.cfs_quota_us=50000 %s", group);
        return -1;
    }
    f->group = group;
    memcpy(f->file, pair, (size_t)(is - pair));
    f->file[is - pair] = '\0';
    if (bw_cg_get(cg, group, f->file, &old, NULL, &ignored) == 0)
        f->value = bw_str_steal(&old);
    if (bw_cg_set(cg, group, f->file, is + 1, &said, &s->err))
        return -1;
    bw_session_show_calls(s);
    if (said.len)
        bw_session_note(s, "%s", said.s);
    return 0;
}

/* All or none. */
static int set_all(struct bw_session *s, struct bw_cg *cg, const struct cg_args *a)
{
    size_t n = (size_t)a->n_name * (size_t)a->n_r, i = 0;
    struct former *f = bw_alloc(n * sizeof *f);
    memset(f, 0, n * sizeof *f);
    for (; i < n; i++) {
        const char *group = a->name[i / (size_t)a->n_r];
        if (set_one(s, cg, group, a->r[i % (size_t)a->n_r], &f[i]))
            break;
    }
    int r = i == n ? 0 : -1;
    while (r && i-- > 0) {
        struct bw_err ignored = BW_ERR_INIT;
        if (f[i].value && !strchr(f[i].value, '\n'))
            bw_cg_set(cg, f[i].group, f[i].file, f[i].value, NULL, &ignored);
    }
    for (i = 0; i < n; i++)
        free(f[i].value);
    free(f);
    return r;
}

static int set_short(struct bw_session *s, struct bw_cg *cg, int argc, char **argv)
{
    BW_AUTO_STR value = BW_STR_INIT;
    int ctl = parse_short(s, argc, argv, &value);
    if (ctl < 0 || bw_cg_limit(cg, "box", (enum bw_cg_ctl)ctl, value.s, &s->err))
        return -1;
    s->outside_changed = true;
    tell_short(s, (enum bw_cg_ctl)ctl, value.s);
    return 0;
}

int bw_cmd_cgset(struct bw_session *s, int argc, char **argv)
{
    static struct cg_args a;
    struct bw_cg *cg = bw_session_cg(s);
    if (!cg)
        return -1;
    if (argc < 2 || (argv[1][0] != '-' && bw_cg_by_name(argv[1]) >= 0))
        return set_short(s, cg, argc, argv);
    if (cg_args_parse(argc, argv, "r:", false, &a, &s->err))
        return -1;
    if (a.n_r == 0 || a.n_name == 0) {
        bw_err_usage(&s->err, "cgset needs -r FILE=VALUE and the name of a group");
        bw_err_todo(&s->err,
                    "cgset -r cpu.cfs_quota_us=50000 NAME, or for the box: cgset cpu 50%%");
        return -1;
    }
    if (set_all(s, cg, &a))
        return -1;
    s->outside_changed = true;
    bw_session_shell(s, "cgset -r %s %s", a.r[0], a.name[0]);
    bw_session_hint(s, "cgget -g CONTROLLER %s shows all its files", a.name[0]);
    return 0;
}

/* ---- cgget ---- */

static int get_files(struct bw_session *s, struct bw_cg *cg, const struct cg_args *a,
                     const char *group, struct bw_str *out)
{
    for (int i = 0; i < a->n_r; i++) {
        BW_AUTO_STR value = BW_STR_INIT, said = BW_STR_INIT;
        if (bw_cg_get(cg, group, a->r[i], &value, &said, &s->err))
            return -1;
        if (said.len)
            bw_session_note(s, "%s", said.s);
        bw_str_addf(out, "%s: ", a->r[i]);
        for (const char *p = bw_str_get(&value); *p; p++)
            bw_str_addf(out, *p == '\n' ? "\n\t" : "%c", *p);
        bw_str_addc(out, '\n');
    }
    return 0;
}

/* FILE: VALUE lines, or only what stands after the colon. */
static void print_lines(struct bw_session *s, const struct bw_str *lines, bool values_only)
{
    for (const char *p = bw_str_get(lines); *p; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t n = strcspn(p, "\n"), skip = 0;
        if (values_only && *p != '\t') {
            const char *colon = strstr(p, ": ");
            skip = colon && (size_t)(colon - p) < n ? (size_t)(colon - p) + 2 : 0;
        }
        bw_data(s->out, "%.*s\n", (int)(n - skip), p + skip);
    }
}

static int get_group(struct bw_session *s, struct bw_cg *cg, const struct cg_args *a,
                     const char *group, unsigned mask, bool list)
{
    BW_AUTO_STR out = BW_STR_INIT;
    if (need_group(s, cg, group, &mask) || get_files(s, cg, a, group, &out))
        return -1;
    if (list && bw_cg_list(cg, group, mask, &out, &s->err))
        return -1;
    BW_AUTO_STR safe = BW_STR_INIT;
    if (!a->no_header)
        bw_data(s->out, "%s:\n", bw_str_safe(&safe, group));
    print_lines(s, &out, a->values_only);
    if (!a->no_header)
        bw_data(s->out, "\n");
    return 0;
}

int bw_cmd_cgget(struct bw_session *s, int argc, char **argv)
{
    static struct cg_args a;
    struct bw_cg *cg = bw_session_cg(s);
    unsigned mask = 0;
    int named = 0;
    if (!cg || cg_args_parse(argc, argv, "g:r:nva", false, &a, &s->err))
        return -1;
    if (a.n_name == 1 && bw_cg_by_name(a.name[0]) >= 0 && a.n_r + a.n_g == 0 && !a.all)
        return get_group(s, cg, &a, "box", 1u << bw_cg_by_name(a.name[0]), true);
    for (int i = 0; i < a.n_g; i++)
        if (!*a.g[i].group)
            mask |= a.g[i].mask ? a.g[i].mask : 0;
    bool list = a.all || (a.n_g > 0 && a.n_r == 0);
    for (int i = 0; i < a.n_g; i++)
        if (*a.g[i].group) {
            named++;
            if (get_group(s, cg, &a, a.g[i].group, a.g[i].mask, true))
                return -1;
        }
    if (named + a.n_name == 0 || (a.n_r == 0 && !list)) {
        bw_err_usage(&s->err, "cgget needs -r FILE or -g CONTROLLER, and the name of a group");
        bw_err_todo(&s->err, "cgget -r cpu.max NAME, cgget -g cpu NAME, or for the box: cgget cpu");
        return -1;
    }
    for (int i = 0; i < a.n_name; i++)
        if (get_group(s, cg, &a, a.name[i], a.all ? 0 : mask, list))
            return -1;
    return 0;
}

/* ---- cgexec, cgclassify, cgdelete ---- */

static int need_groups(struct bw_session *s, struct bw_cg *cg, struct cg_args *a)
{
    for (int i = 0; i < a->n_g; i++) {
        if (!*a->g[i].group)
            return bw_err_usage(&s->err, "-g needs CONTROLLERS:NAME, as in cpu,memory:web");
        if (need_group(s, cg, a->g[i].group, &a->g[i].mask))
            return -1;
    }
    return 0;
}

static int need_targets(struct bw_session *s, struct bw_cg *cg, struct cg_args *a, const char *name)
{
    if (a->n_g == 0) {
        bw_err_usage(&s->err, "%s needs -g CONTROLLERS:NAME", name);
        bw_err_todo(&s->err, "%s -g cpu:NAME …", name);
        return -1;
    }
    return need_groups(s, cg, a);
}

static int attach_all(struct bw_session *s, struct bw_cg *cg, const struct cg_args *a, pid_t pid)
{
    for (int i = 0; i < a->n_g; i++)
        if (bw_cg_attach(cg, a->g[i].group, a->g[i].mask, pid, &s->err))
            return -1;
    return 0;
}

int bw_cmd_cgexec(struct bw_session *s, int argc, char **argv)
{
    static struct cg_args a;
    struct bw_stage child;
    struct bw_cg *cg = bw_session_cg(s);
    if (!cg || cg_args_parse(argc, argv, "g:", true, &a, &s->err))
        return -1;
    if (!*a.program) {
        bw_err_usage(&s->err, "cgexec needs a program to start");
        bw_err_todo(&s->err, "cgexec -g cpu:NAME PROGRAM…");
        return -1;
    }
    if (need_targets(s, cg, &a, "cgexec") || bw_program_scratch(s, false, &child))
        return -1;
    if (attach_all(s, cg, &a, child.pid)) {
        bw_stage_close(&child);
        return -1;
    }
    return bw_program_run(s, &child, a.program);
}

static int check_pid(struct bw_session *s, const struct crowd *c, const char *word, pid_t *pid)
{
    long long n;
    struct bw_status_file f;
    if (bw_parse_num(word, 1, 1 << 30, &n)) {
        bw_err_usage(&s->err, "\"%s\" is no PID", word);
        bw_err_todo(&s->err, "ps lists the box's processes as the outside counts them");
        return -1;
    }
    *pid = (pid_t)n;
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i] == *pid)
            return 0;
    if (bw_status_read(*pid, &f))
        bw_err_set(&s->err, "there is no process %lld", n);
    else
        bw_err_set(&s->err, "process %lld (%s) is not of the box: boxwright moves no other process",
                   n, f.comm);
    bw_err_todo(&s->err, "ps lists the box's processes as the outside counts them");
    return -1;
}

int bw_cmd_cgclassify(struct bw_session *s, int argc, char **argv)
{
    static struct cg_args a;
    static struct crowd c;
    struct bw_cg *cg = bw_session_cg(s);
    pid_t pids[CG_NAMES];
    int n = 0;
    if (!cg || cg_args_parse(argc, argv, "g:", false, &a, &s->err))
        return -1;
    if (a.n_name == 0)
        return bw_err_usage(&s->err, "cgclassify needs the PIDs to move");
    if (need_targets(s, cg, &a, "cgclassify"))
        return -1;
    gather(s->box->stage.pid, &c);
    for (int i = 0; i < a.n_name; i++) {
        if (check_pid(s, &c, a.name[i], &pids[n]) == 0)
            n++;
        else if (s->replaying && s->err.status == BW_REFUSED)
            bw_err_clear(&s->err); /* programs are not brought back by undo and redo */
        else
            return -1;
    }
    for (int i = 0; i < n; i++) {
        if (attach_all(s, cg, &a, pids[i]))
            return -1;
        s->outside_changed = true;
    }
    bw_session_shell(s, "cgclassify -g CONTROLLERS:%s PID", a.g[0].group);
    bw_session_hint(s, "inspect %s: its groups", a.name[0]);
    return 0;
}

/* Words become group and mask; `cgdelete cpu` means the box's. */
static int delete_targets(struct bw_session *s, struct bw_cg *cg, struct cg_args *a)
{
    for (int i = 0; i < a->n_name; i++) {
        int ctl = bw_cg_by_name(a->name[i]);
        bool own = ctl >= 0 && !bw_cg_controllers(cg, a->name[i]);
        const char *group = own ? "box" : a->name[i];
        if (a->n_g == CG_ITEMS || strlen(group) >= sizeof a->g[0].group)
            return bw_err_usage(&s->err, "that is more than cgdelete takes at once");
        a->g[a->n_g].mask = own ? 1u << ctl : 0;
        memcpy(a->g[a->n_g++].group, group, strlen(group) + 1);
    }
    return need_groups(s, cg, a);
}

int bw_cmd_cgdelete(struct bw_session *s, int argc, char **argv)
{
    static struct cg_args a;
    struct bw_cg *cg = bw_session_cg(s);
    if (!cg || cg_args_parse(argc, argv, "g:r", false, &a, &s->err))
        return -1;
    if (a.n_g + a.n_name == 0) {
        bw_err_usage(&s->err, "cgdelete needs the name of a group");
        bw_err_todo(&s->err, "cgdelete NAME, cgdelete -g cpu:NAME, or for the box: cgdelete cpu");
        return -1;
    }
    if (delete_targets(s, cg, &a))
        return -1;
    for (int i = 0; i < a.n_g; i++) {
        if (bw_cg_controllers(cg, a.g[i].group) &&
            bw_cg_drop(cg, a.g[i].group, a.g[i].mask, &s->err)) {
            s->outside_changed = bw_session_touched(s);
            return -1;
        }
        s->outside_changed = true;
    }
    bw_session_shell(s, "cgdelete -g CONTROLLERS:%s", a.g[0].group);
    bw_session_hint(s, "inspect: the box's groups");
    return 0;
}
