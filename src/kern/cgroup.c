/* A session's groups, on whichever hierarchies their controllers are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kern/cgroup.h"

#include "base/err.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/owner.h"

static void add_tree(struct bw_cg_all *all, const char *mount, const char *root, const char *v1name,
                     unsigned mask, bool aux)
{
    for (size_t i = 0; i < all->n_trees; i++)
        if (strcmp(all->trees[i].mount, mount) == 0) {
            all->trees[i].mask |= mask;
            return;
        }
    struct bw_cg_tree *t = &all->trees[all->n_trees++];
    *t = (struct bw_cg_tree){
        .ops = *v1name ? &bw_cg_v1_ops : &bw_cg_v2_ops, .mask = mask, .aux = aux};
    snprintf(t->mount, sizeof t->mount, "%s", mount);
    snprintf(t->root, sizeof t->root, "%s", root);
    snprintf(t->v1name, sizeof t->v1name, "%s", v1name);
}

struct bw_cg *bw_cg_open(pid_t owner,
                         int (*announce)(void *ctx, const char *dir, struct bw_err *err), void *ctx,
                         struct bw_err *err)
{
    struct bw_cg_all *all = bw_alloc(sizeof *all);
    *all = (struct bw_cg_all){.users = 1, .owner = owner, .announce = announce, .ctx = ctx};
    if (bw_owner_name(BW_OWNER_GROUP, owner, all->name)) {
        bw_err_call(err, errno, "open", "\"/proc/%d/stat\", O_RDONLY|O_CLOEXEC", (int)owner);
    } else if (bw_cg_discover(&all->host, err) == 0) {
        const struct bw_cg_host *h = &all->host;
        for (int i = 0; i < BW_CG_COUNT; i++)
            if (h->ctl[i].present)
                add_tree(all, h->ctl[i].mount, h->ctl[i].root, h->ctl[i].v1name, 1u << i, false);
        if (*h->cpuacct && h->ctl[BW_CG_CPU].present && !h->ctl[BW_CG_CPU].v2)
            add_tree(all, h->cpuacct, h->cpuacct_root, "cpuacct", 1u << BW_CG_CPU, true);
        if (*h->devices)
            add_tree(all, h->devices, h->devices_root, "devices", 1u << BW_CG_DEVICES, false);
        struct bw_cg *cg = bw_alloc(sizeof *cg);
        *cg = (struct bw_cg){.all = all};
        return cg;
    }
    free(all);
    return NULL;
}

struct bw_cg *bw_cg_open_beside(struct bw_cg *first, const char *box)
{
    struct bw_cg *cg = bw_alloc(sizeof *cg);
    *cg = (struct bw_cg){.all = first->all};
    snprintf(cg->box, sizeof cg->box, "%s", box);
    cg->all->users++;
    return cg;
}

static void all_free(struct bw_cg_all *all)
{
    if (--all->users > 0)
        return;
    for (size_t i = 0; i < all->n_trees; i++) {
        free(all->trees[i].session);
        free(all->trees[i].base);
    }
    free(all->groups);
    free(all);
}

void bw_cg_free(struct bw_cg *cg)
{
    if (!cg)
        return;
    all_free(cg->all);
    free(cg);
}

const struct bw_cg_host *bw_cg_hostinfo(const struct bw_cg *cg)
{
    return &cg->all->host;
}

/* ---- groups by name ---- */

static bool is_of(const struct bw_cg *cg, const struct bw_cg_group *g)
{
    return strcmp(g->box, cg->box) == 0;
}

static struct bw_cg_group *find(const struct bw_cg *cg, const char *name)
{
    for (size_t i = 0; i < cg->all->n_groups; i++)
        if (is_of(cg, &cg->all->groups[i]) && strcmp(cg->all->groups[i].name, name) == 0)
            return &cg->all->groups[i];
    return NULL;
}

const char *bw_cg_group(const struct bw_cg *cg, size_t i)
{
    for (size_t k = 0; k < cg->all->n_groups; k++)
        if (is_of(cg, &cg->all->groups[k]) && i-- == 0)
            return cg->all->groups[k].name;
    return NULL;
}

/* A group's name has no colon. */
void bw_cg_group_dir(const struct bw_cg *cg, const struct bw_cg_tree *t, const char *group,
                     struct bw_str *out)
{
    bw_str_addf(out, "%s/%s%s%s", t->session, cg->box, *cg->box ? ":" : "", group);
}

unsigned bw_cg_controllers(const struct bw_cg *cg, const char *group)
{
    const struct bw_cg_group *g = find(cg, group);
    return g ? g->mask : 0;
}

static const struct bw_cg_tree *tree_of(const struct bw_cg *cg, enum bw_cg_ctl ctl)
{
    for (size_t i = 0; i < cg->all->n_trees; i++)
        if (cg->all->trees[i].mask & 1u << ctl && !cg->all->trees[i].aux)
            return &cg->all->trees[i];
    return NULL;
}

int bw_cg_dir(const struct bw_cg *cg, const char *group, enum bw_cg_ctl ctl, struct bw_str *out)
{
    const struct bw_cg_tree *t = tree_of(cg, ctl);
    if (!t || !t->session) {
        errno = ENOENT;
        return -1;
    }
    bw_cg_group_dir(cg, t, group, out);
    return 0;
}

int bw_cg_where(const struct bw_cg *cg, enum bw_cg_ctl ctl, pid_t pid, struct bw_str *group)
{
    const struct bw_cg_tree *t = tree_of(cg, ctl);
    BW_AUTO_STR dir = BW_STR_INIT;
    if (!t || !t->session || bw_cg_dir_in(t, pid, &dir))
        return -1;
    BW_AUTO_STR begins = BW_STR_INIT;
    bw_cg_group_dir(cg, t, "", &begins);
    const char *name = dir.s + begins.len;
    if (!bw_str_starts(dir.s, begins.s) || strcspn(name, ":") < strcspn(name, "/"))
        return -1;
    bw_str_addn(group, name, strcspn(name, "/"));
    return 0;
}

int bw_cg_check_name(const char *name, struct bw_err *err)
{
    size_t n = strlen(name);
    if (n == 0 || n >= sizeof((struct bw_cg_group *)0)->name)
        return bw_err_usage(err, "a group's name has 1 to %zu bytes, this one has %zu",
                            sizeof((struct bw_cg_group *)0)->name - 1, n);
    if (strchr(name, '/') || name[0] == '.' || name[0] == '-') {
        bw_err_usage(err,
                     "\"%s\" is no name for a group: it lies in the session's directory, so it "
                     "has no / and does not begin with . or -",
                     name);
        return -1;
    }
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == ':' || *p == ',')
            return bw_err_usage(err,
                                "a group's name has no blank, control character, colon or comma");
    return 0;
}

static unsigned host_mask(const struct bw_cg *cg)
{
    unsigned mask = 0;
    for (size_t i = 0; i < cg->all->n_trees; i++)
        mask |= cg->all->trees[i].mask;
    return mask;
}

static int check_mask(const struct bw_cg *cg, unsigned mask, struct bw_err *err)
{
    unsigned have = host_mask(cg), missing = mask & ~have;
    BW_AUTO_STR lacks = BW_STR_INIT, has = BW_STR_INIT;
    bw_cg_mask_names(missing, &lacks);
    bw_cg_mask_names(have, &has);
    if (mask == 0)
        return bw_err_usage(err, "no controller is named");
    if (!missing)
        return 0;
    if (have == 0) {
        bw_err_set(err, "no cgroup file system with controllers is mounted here");
        bw_err_todo(err, "as root: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
        return -1;
    }
    bw_err_set(err, "this host has no controller %s: it has %s", lacks.s, has.s);
    bw_err_todo(err, "take one of those; doctor says what a kernel or a container leaves out");
    return -1;
}

/* ---- making ---- */

static struct bw_cg_group *add_group(struct bw_cg *cg, const char *name)
{
    struct bw_cg_group *g = find(cg, name);
    if (g)
        return g;
    cg->all->groups =
        bw_realloc(cg->all->groups, (cg->all->n_groups + 1) * sizeof *cg->all->groups);
    g = &cg->all->groups[cg->all->n_groups++];
    *g = (struct bw_cg_group){0};
    snprintf(g->box, sizeof g->box, "%s", cg->box);
    snprintf(g->name, sizeof g->name, "%s", name);
    return g;
}

static void forget_if_empty(struct bw_cg *cg, struct bw_cg_group *g)
{
    if (g->mask == 0)
        *g = cg->all->groups[--cg->all->n_groups];
}

int bw_cg_create(struct bw_cg *cg, const char *group, unsigned mask, struct bw_err *err)
{
    if (bw_cg_check_name(group, err) || check_mask(cg, mask, err))
        return -1;
    unsigned add = mask & ~bw_cg_controllers(cg, group);
    struct bw_cg_group *g = add_group(cg, group);
    for (size_t i = 0; i < cg->all->n_trees; i++) {
        struct bw_cg_tree *t = &cg->all->trees[i];
        if (!(t->mask & add))
            continue;
        if (t->ops->make(cg, t, group, add & t->mask, err) == 0) {
            if (!t->aux)
                g->mask |= t->mask & add;
            continue;
        }
        struct bw_err failed = *err, ignored = BW_ERR_INIT;
        if (g->mask & add)
            bw_cg_drop(cg, group, add, &ignored);
        else
            forget_if_empty(cg, g);
        *err = failed;
        return -1;
    }
    return 0;
}

/* ---- moving ---- */

static int put(const struct bw_cg *cg, const struct bw_cg_tree *t, const char *group, pid_t pid,
               struct bw_err *err)
{
    BW_AUTO_STR dir = BW_STR_INIT, now = BW_STR_INIT;
    bw_cg_group_dir(cg, t, group, &dir);
    if (bw_cg_dir_in(t, pid, &now) == 0 && strcmp(now.s, dir.s) == 0)
        return 0;
    if (bw_cg_put(dir.s, pid, err) == 0)
        return 0;
    if (err->code == ESRCH)
        bw_err_cause(err, "process %d has ended", (int)pid);
    else if (err->code == EACCES || err->code == EPERM)
        bw_err_cause(err, "process %d is in a group that this user may not take it from", (int)pid);
    else if (err->code == EBUSY)
        bw_err_cause(err, "%s hands controllers to groups below it, so it takes no process", dir.s);
    else if (err->code == ENOSPC)
        bw_err_cause(err, "%s has no CPUs or no memory nodes yet", dir.s);
    return -1;
}

int bw_cg_attach(struct bw_cg *cg, const char *group, unsigned mask, pid_t pid, struct bw_err *err)
{
    char *before[BW_CG_COUNT + 2] = {0};
    int r = 0;
    for (size_t i = 0; i < cg->all->n_trees && r == 0; i++) {
        const struct bw_cg_tree *t = &cg->all->trees[i];
        BW_AUTO_STR now = BW_STR_INIT;
        if (!(t->mask & mask & bw_cg_controllers(cg, group)))
            continue;
        if (bw_cg_dir_in(t, pid, &now) == 0)
            before[i] = bw_str_steal(&now);
        r = put(cg, t, group, pid, err);
        if (r == 0)
            continue;
        struct bw_err ignored = BW_ERR_INIT;
        while (i-- > 0)
            if (before[i])
                bw_cg_put(before[i], pid, &ignored);
        break;
    }
    for (size_t i = 0; i < cg->all->n_trees; i++)
        free(before[i]);
    return r;
}

/* ---- removing ---- */

/* What the session's groups have in a tree, one left out. */
static unsigned in_use(const struct bw_cg *cg, const struct bw_cg_tree *t, const char *group)
{
    const struct bw_cg_group *but = find(cg, group);
    unsigned mask = 0;
    for (size_t i = 0; i < cg->all->n_groups; i++)
        if (&cg->all->groups[i] != but)
            mask |= cg->all->groups[i].mask & t->mask;
    return mask;
}

static int drop_in(struct bw_cg *cg, struct bw_cg_tree *t, const char *group, unsigned left,
                   unsigned mask, struct bw_err *err)
{
    BW_AUTO_STR dir = BW_STR_INIT, home = BW_STR_INIT;
    int r = 0;
    if (!t->session)
        return 0;
    bw_cg_group_dir(cg, t, group, &dir);
    if (!(left & t->mask)) {
        r = bw_cg_dir_in(t, cg->all->owner, &home) ? bw_cg_rmdir(dir.s, err)
                                                   : bw_cg_vacate(dir.s, home.s, err);
    }
    unsigned others = in_use(cg, t, group);
    if (r == 0)
        r = t->ops->disable(t, mask & t->mask & ~others & ~left, err);
    if (r == 0 && !others && !(left & t->mask))
        r = t->ops->end(cg, t, err);
    return r;
}

int bw_cg_drop(struct bw_cg *cg, const char *group, unsigned mask, struct bw_err *err)
{
    struct bw_cg_group *g = find(cg, group);
    int r = 0;
    if (!g) {
        bw_err_set(err, "this session has no group \"%s\"", group);
        bw_err_todo(err, "cgcreate -g cpu:%s makes it", group);
        return -1;
    }
    mask &= g->mask;
    for (size_t i = 0; i < cg->all->n_trees; i++) {
        struct bw_cg_tree *t = &cg->all->trees[i];
        struct bw_err one = BW_ERR_INIT;
        if (!(t->mask & mask))
            continue;
        if (drop_in(cg, t, group, g->mask & ~mask, mask, &one) == 0)
            continue;
        if (r == 0)
            *err = one;
        r = -1;
    }
    if (r == 0) {
        g->mask &= ~mask;
        forget_if_empty(cg, g);
    }
    return r;
}

bool bw_cg_left(const struct bw_cg *cg)
{
    for (size_t i = 0; i < cg->all->n_trees; i++)
        if (cg->all->trees[i].session)
            return true;
    return false;
}

int bw_cg_remove_all(struct bw_cg *cg, struct bw_err *err)
{
    int r = 0;
    for (size_t i = cg->all->n_groups; i-- > 0;) {
        struct bw_err one = BW_ERR_INIT;
        if (!is_of(cg, &cg->all->groups[i]) ||
            bw_cg_drop(cg, cg->all->groups[i].name, ~0u, &one) == 0)
            continue;
        if (r == 0)
            *err = one;
        r = -1;
    }
    return r;
}
