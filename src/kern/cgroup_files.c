/* Reading and writing a group's files: translated, read back, put back when the kernel refuses. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/call.h"

/* Where a group's file is. */
struct place {
    const struct bw_cg_tree *tree;
    struct bw_str dir;
};

static int no_group(const struct bw_cg *cg, const char *group, enum bw_cg_ctl ctl,
                    struct bw_err *err)
{
    unsigned mask = bw_cg_controllers(cg, group);
    if (mask) {
        BW_AUTO_STR has = BW_STR_INIT;
        bw_cg_mask_names(mask, &has);
        bw_err_set(err, "group \"%s\" has no %s controller: it has %s", group, bw_cg_names[ctl],
                   has.s);
    } else {
        bw_err_set(err, "this session has no group \"%s\"", group);
    }
    if (strcmp(group, "box") == 0)
        bw_err_todo(err, "cgcreate %s LIMIT makes it and moves the box in", bw_cg_names[ctl]);
    else
        bw_err_todo(err, "cgcreate -g %s:%s %s", bw_cg_names[ctl], group,
                    mask ? "gives it that" : "makes it");
    return -1;
}

/* The tree that has file, for a group; cgroup.* is looked for where the group is first. */
static int locate(struct bw_cg *cg, const char *group, const char *file, struct place *p,
                  struct bw_err *err)
{
    int ctl = bw_cg_file_ctl(file);
    unsigned mask = bw_cg_controllers(cg, group);
    if (ctl < 0) {
        bw_err_usage(err, "\"%s\" is no file of a control group", file);
        bw_err_todo(err, "files are called CONTROLLER.NAME: cpu.max, memory.limit_in_bytes; cgget "
                         "-g CONTROLLER GROUP lists them");
        return -1;
    }
    if (ctl == BW_CG_COUNT)
        ctl = mask ? __builtin_ctz(mask) : BW_CG_CPU;
    if (!(mask & 1u << ctl))
        return no_group(cg, group, (enum bw_cg_ctl)ctl, err);
    bool acct = strncmp(file, "cpuacct.", 8) == 0;
    p->tree = NULL;
    for (size_t i = 0; i < cg->all->n_trees; i++)
        if (cg->all->trees[i].mask & 1u << ctl && (!p->tree || (acct && cg->all->trees[i].aux)))
            p->tree = &cg->all->trees[i];
    if (!p->tree)
        return no_group(cg, group, (enum bw_cg_ctl)ctl, err);
    bw_cg_group_dir(cg, p->tree, group, &p->dir);
    return 0;
}

static int reader(void *ctx, const char *file, struct bw_str *out)
{
    const struct place *p = ctx;
    return bw_cg_read(p->dir.s, file, out);
}

static bool is_v2(const struct place *p)
{
    return p->tree->ops == &bw_cg_v2_ops;
}

/* ---- why the kernel refused ---- */

static void say_file(const char *path, const char *what, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_read_file(AT_FDCWD, path, &text) == 0)
        bw_err_cause(err, "%s %.*s", what, (int)strcspn(bw_str_get(&text), "\n"),
                     bw_str_get(&text));
}

static void explain(const struct place *p, const struct bw_cg_step *step, struct bw_err *err)
{
    int code = err->code;
    if (code == ENOENT) {
        bw_err_cause(err, "this kernel's v%d group has no file %s", is_v2(p) ? 2 : 1, step->file);
        bw_err_todo(err, "cgget -g CONTROLLER GROUP lists the files there are");
    } else if (code == EINVAL && strncmp(step->file, "cpu.", 4) == 0) {
        bw_err_cause(err,
                     "the kernel takes a quota of 1000 us or more (1%% of the usual period) and "
                     "a period from 1000 to 1000000 us%s",
                     is_v2(p) ? "" : ", and on v1 no larger share than the group above has");
        bw_err_todo(err,
                    "half a core is cgcreate cpu 50%%, or cgset -r cpu.cfs_quota_us=50000 NAME");
    } else if (code == EBUSY && strncmp(step->file, "memory.", 7) == 0) {
        bw_err_cause(err, "the group holds more than that, and it could not be reclaimed");
        bw_err_todo(err, "end what holds it, or set a larger limit");
    } else if ((code == EINVAL || code == ERANGE || code == EACCES) &&
               strcmp(step->file, "cpuset.cpus") == 0) {
        say_file("/sys/devices/system/cpu/online", "the CPUs of this machine are", err);
        bw_err_todo(err, "name CPUs that are there, and that the group above may use");
    } else if (code == ENODEV || code == ENXIO) {
        bw_err_cause(err, "there is no such block device: %.*s", (int)strcspn(step->value, " "),
                     step->value);
        bw_err_todo(err, "host lsblk lists them with their numbers");
    }
}

/* ---- writing ---- */

/* What to write to have a file as it was. For one with a line for each device, that device's. */
static void former(const struct bw_cg_step *step, const char *old, struct bw_str *out)
{
    if (!strchr(step->value, ':')) {
        bw_str_addn(out, old, strcspn(old, "\n"));
        return;
    }
    size_t dev = strcspn(step->value, " ");
    for (const char *p = old; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strncmp(p, step->value, dev) == 0 && p[dev] == ' ') {
            bw_str_addn(out, p, strcspn(p, "\n"));
            return;
        }
    bw_str_addn(out, step->value, dev);
    bw_str_add(out,
               strcmp(step->file, "io.max") == 0 ? " rbps=max wbps=max riops=max wiops=max" : " 0");
}

static int not_kept(const struct bw_cg_step *step, const char *kept, struct bw_err *err)
{
    bw_err_set(err, "the kernel took \"%s\" for %s and keeps \"%.*s\"", step->value, step->file,
               (int)strcspn(kept, "\n"), kept);
    bw_err_todo(err, "write a value that it keeps; the file is as it was before");
    return -1;
}

static int apply_one(const struct place *p, const struct bw_cg_step *step, struct bw_str *old,
                     struct bw_str *said, struct bw_err *err)
{
    BW_AUTO_STR now = BW_STR_INIT;
    bool readable = bw_cg_read(p->dir.s, step->file, old) == 0;
    if (bw_cg_write(p->dir.s, step->file, step->value, err)) {
        explain(p, step, err);
        return -1;
    }
    if (!readable || bw_cg_read(p->dir.s, step->file, &now))
        return 0;
    int kept = bw_cg_kept(step->value, bw_str_get(&now));
    if (kept > 0)
        return 0;
    size_t n = strcspn(bw_str_get(&now), "\n");
    if (kept == 0) {
        bw_call_note("the kernel keeps %.*s: whole pages", (int)n, bw_str_get(&now));
        if (said)
            bw_str_addf(said, "%sthe kernel keeps %.*s: whole pages", said->len ? "; " : "", (int)n,
                        bw_str_get(&now));
        return 0;
    }
    BW_AUTO_STR was = BW_STR_INIT;
    former(step, bw_str_get(old), &was);
    bw_cg_write(p->dir.s, step->file, bw_str_get(&was), err);
    return not_kept(step, bw_str_get(&now), err);
}

/* All or none. A period that is there already is not written again. */
static int apply(const struct place *p, const struct bw_cg_plan *plan, struct bw_str *said,
                 struct bw_err *err)
{
    struct bw_str old[sizeof plan->step / sizeof plan->step[0]] = {0};
    bool written[sizeof plan->step / sizeof plan->step[0]] = {0};
    int r = 0;
    for (size_t i = 0; i < plan->n && r == 0; i++) {
        const struct bw_cg_step *step = &plan->step[i];
        BW_AUTO_STR now = BW_STR_INIT;
        if (strcmp(step->file, "cpu.cfs_period_us") == 0 && i + 1 < plan->n &&
            bw_cg_read(p->dir.s, step->file, &now) == 0 &&
            bw_cg_kept(step->value, bw_str_get(&now)) == 1)
            continue;
        r = apply_one(p, step, &old[i], said, err);
        written[i] = r == 0;
    }
    for (size_t i = plan->n; r != 0 && i-- > 0;) {
        BW_AUTO_STR was = BW_STR_INIT;
        struct bw_err ignored = BW_ERR_INIT;
        if (!written[i])
            continue;
        former(&plan->step[i], bw_str_get(&old[i]), &was);
        bw_cg_write(p->dir.s, plan->step[i].file, bw_str_get(&was), &ignored);
    }
    for (size_t i = 0; i < plan->n; i++)
        bw_str_free(&old[i]);
    return r;
}

static int refuse_moving(const char *file, struct bw_err *err)
{
    static const char *const moving[] = {"cgroup.procs", "cgroup.threads", "tasks"};
    for (size_t i = 0; i < sizeof moving / sizeof moving[0]; i++)
        if (strcmp(file, moving[i]) == 0) {
            bw_err_usage(err, "%s moves processes, and cgset sets values", file);
            bw_err_todo(err, "cgclassify -g CONTROLLER:GROUP PID moves a process of the box");
            return -1;
        }
    return 0;
}

int bw_cg_set(struct bw_cg *cg, const char *group, const char *file, const char *value,
              struct bw_str *said, struct bw_err *err)
{
    struct place p = {0};
    struct bw_cg_plan plan;
    int r = -1;
    if (!*value)
        return bw_err_usage(err, "%s= has no value", file);
    if (refuse_moving(file, err) == 0 && locate(cg, group, file, &p, err) == 0 &&
        bw_cg_plan_set(file, value, is_v2(&p), reader, &p, &plan, said, err) == 0)
        r = apply(&p, &plan, said, err);
    bw_str_free(&p.dir);
    return r;
}

/* On both versions a memory limit holds for memory and swap together: else the box would swap
 * where a limit is to be seen. v1 wants the sum never below the memory limit, so the order depends
 * on the direction. */
static void plan_swap(const struct place *p, struct bw_cg_plan *plan)
{
    struct bw_cg_step *limit = &plan->step[0], *swap = &plan->step[1];
    BW_AUTO_STR now = BW_STR_INIT;
    const char *file = is_v2(p) ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
    if (bw_cg_read(p->dir.s, file, &now))
        return;
    *swap = *limit;
    snprintf(swap->file, sizeof swap->file, "%s", file);
    plan->n = 2;
    if (is_v2(p)) {
        if (strcmp(limit->value, "max") != 0)
            snprintf(swap->value, sizeof swap->value, "0");
        return;
    }
    long long have = strtoll(bw_str_get(&now), NULL, 10);
    long long want = strtoll(limit->value, NULL, 10);
    if (want < 0 || want > have) {
        struct bw_cg_step first = *swap;
        *swap = *limit;
        *limit = first;
    }
}

int bw_cg_limit(struct bw_cg *cg, const char *group, enum bw_cg_ctl ctl, const char *value,
                struct bw_err *err)
{
    struct place p = {0};
    struct bw_cg_plan plan;
    struct bw_cg_step step;
    int r = -1;
    if (bw_cg_parse_limit(ctl, value, &step, err))
        return -1;
    if (locate(cg, group, step.file, &p, err) == 0 &&
        bw_cg_plan_set(step.file, step.value, is_v2(&p), reader, &p, &plan, NULL, err) == 0) {
        if (ctl == BW_CG_MEMORY)
            plan_swap(&p, &plan);
        r = apply(&p, &plan, NULL, err);
    }
    bw_str_free(&p.dir);
    return r;
}

/* ---- reading ---- */

int bw_cg_get(struct bw_cg *cg, const char *group, const char *file, struct bw_str *out,
              struct bw_str *said, struct bw_err *err)
{
    struct place p = {0};
    int r = locate(cg, group, file, &p, err);
    if (r == 0)
        r = bw_cg_plan_get(file, is_v2(&p), reader, &p, out, said, err);
    if (r && err->code == ENOENT) {
        bw_err_cause(err, "%s has no such file, and no file of the other version means the same",
                     p.dir.s);
        bw_err_todo(err, "cgget -g CONTROLLER GROUP lists the files there are");
    }
    bw_str_free(&p.dir);
    return r;
}

static int wanted(const struct dirent *e, const char *prefix)
{
    return bw_str_starts(e->d_name, prefix) && e->d_name[strlen(prefix)] == '.';
}

static void list_tree(const struct bw_cg *cg, const struct bw_cg_tree *t, const char *group,
                      const char *prefix, struct bw_str *out)
{
    struct dirent **v;
    BW_AUTO_STR dir = BW_STR_INIT;
    bw_cg_group_dir(cg, t, group, &dir);
    int n = scandir(dir.s, &v, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        if (wanted(v[i], prefix) && bw_cg_read(dir.s, v[i]->d_name, &text) == 0) {
            bw_str_addf(out, "%s: ", v[i]->d_name);
            const char *p = bw_str_get(&text);
            for (; *p; p++)
                if (*p != '\n')
                    bw_str_addc(out, *p);
                else if (p[1])
                    bw_str_add(out, "\n\t");
            bw_str_add(out, "\n");
        }
        free(v[i]);
    }
    if (n >= 0)
        free(v);
}

int bw_cg_list(struct bw_cg *cg, const char *group, unsigned mask, struct bw_str *out,
               struct bw_err *err)
{
    unsigned has = bw_cg_controllers(cg, group);
    if (!has || (mask & ~has))
        return no_group(cg, group, (enum bw_cg_ctl)__builtin_ctz(has ? mask & ~has : mask), err);
    for (size_t i = 0; i < cg->all->n_trees; i++)
        for (int c = 0; c < BW_CG_COUNT; c++) {
            const struct bw_cg_tree *t = &cg->all->trees[i];
            if (!(t->mask & mask & 1u << c))
                continue;
            list_tree(cg, t, group,
                      t->aux       ? "cpuacct"
                      : *t->v1name ? cg->all->host.ctl[c].v1name
                                   : bw_cg_names[c],
                      out);
        }
    return 0;
}
