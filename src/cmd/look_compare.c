/* Two processes side by side. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/session.h"
#include "kern/observe.h"
#include "look.h"
#include "model/snapshot.h"

enum { COLS = 4, CELL_MAX = 34, ROWS_MAX = 64 };

/* A table being filled; what is too long for a cell follows below it. */
struct sheet {
    char *cell[ROWS_MAX * COLS];
    size_t rows;
    size_t differ; /* namespaces */
    pid_t pid[2];
    struct bw_str below;
};

static char *safe(const char *text)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_add_safe(&b, text);
    return bw_str_steal(&b);
}

/* The end of what is too long: of a path that is the part that tells. */
static char *cell(const char *text)
{
    BW_AUTO_STR b = BW_STR_INIT;
    size_t len = strlen(text);

    if (len > CELL_MAX) {
        bw_str_add(&b, "...");
        text += len - (CELL_MAX - 3);
        while (((unsigned char)*text & 0xc0) == 0x80)
            text++;
    }
    bw_str_add(&b, text);
    return bw_str_steal(&b);
}

static void row(struct sheet *t, const char *what, const char *a, const char *b)
{
    bool same = strcmp(a, b) == 0;
    BW_AUTO_FREE char *left = safe(a);
    BW_AUTO_FREE char *right = safe(b);

    if (t->rows == ROWS_MAX)
        return;
    if (!same && (strlen(left) > CELL_MAX || strlen(right) > CELL_MAX))
        bw_str_addf(&t->below, "%s\n  %-*d  %s\n  %-*d  %s\n", what, 7, (int)t->pid[0], left, 7,
                    (int)t->pid[1], right);
    char **cells = &t->cell[COLS * t->rows++];
    cells[0] = bw_strdup(what);
    cells[1] = cell(left);
    cells[2] = cell(right);
    cells[3] = bw_strdup(same ? "same" : "differs");
}

static void namespaces(struct sheet *t, const struct bw_snapshot *a, const struct bw_snapshot *b)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        char left[24] = "?", right[24] = "?";
        t->differ += a->ns[i].inode != b->ns[i].inode;
        if (a->ns[i].inode)
            snprintf(left, sizeof left, "%" PRIu64, a->ns[i].inode);
        if (b->ns[i].inode)
            snprintf(right, sizeof right, "%" PRIu64, b->ns[i].inode);
        row(t, bw_ns_table[i].name, left, right);
    }
}

static void map_row(struct sheet *t, const char *what, const struct bw_id_range *const v[2],
                    const int n[2])
{
    BW_AUTO_STR left = BW_STR_INIT;
    BW_AUTO_STR right = BW_STR_INIT;
    struct bw_str *text[2] = {&left, &right};

    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < n[k]; i++)
            bw_str_addf(text[k], "%s%u:%u:%u", i ? " " : "", v[k][i].inside, v[k][i].outside,
                        v[k][i].count);
        if (n[k] <= 0)
            bw_str_add(text[k], n[k] < 0 ? "?" : "none");
    }
    row(t, what, left.s, right.s);
}

static void number_row(struct sheet *t, const char *what, long long a, long long b,
                       const char *none)
{
    char left[24], right[24];

    snprintf(left, sizeof left, "%lld", a);
    snprintf(right, sizeof right, "%lld", b);
    row(t, what, a < 0 ? none : left, b < 0 ? none : right);
}

static void capabilities(struct sheet *t, uint64_t a, uint64_t b)
{
    BW_AUTO_STR left = BW_STR_INIT;
    BW_AUTO_STR right = BW_STR_INIT;

    bw_cap_describe(a, &left);
    bw_cap_describe(b, &right);
    if (left.len > CELL_MAX || right.len > CELL_MAX || strcmp(left.s, right.s) == 0) {
        bw_str_clear(&left);
        bw_str_clear(&right);
        bw_str_addf(&left, "%016" PRIx64, a);
        bw_str_addf(&right, "%016" PRIx64, b);
    }
    row(t, "capabilities", left.s, right.s);
    for (int k = 0; k < 2; k++) {
        uint64_t only = k ? b & ~a : a & ~b;
        if (!only)
            continue;
        bw_str_addf(&t->below, "only %d has", (int)t->pid[k]);
        for (unsigned i = 0, column = 20; i < 64; i++) {
            const char *name = bw_cap_name(i);
            if (!(only >> i & 1) || !name)
                continue;
            column += (unsigned)strlen(name) + 1;
            if (column > 98) {
                bw_str_add(&t->below, "\n ");
                column = (unsigned)strlen(name) + 2;
            }
            bw_str_addf(&t->below, " %s", name);
        }
        bw_str_addc(&t->below, '\n');
    }
}

static void control_groups(struct sheet *t, const struct bw_snapshot *a,
                           const struct bw_snapshot *b)
{
    for (int i = 0; i < BW_CG_COUNT; i++) {
        char what[32];
        if (!a->cg_path[i] && !b->cg_path[i])
            continue;
        snprintf(what, sizeof what, "cgroup %s", bw_cg_names[i]);
        row(t, what, a->cg_path[i] ? a->cg_path[i] : "?", b->cg_path[i] ? b->cg_path[i] : "?");
    }
    char quota[2][48] = {"none", "none"};
    const struct bw_cg_stats *const c[2] = {&a->cg, &b->cg};
    for (int k = 0; k < 2; k++)
        if (c[k]->cpu_quota_us >= 0)
            snprintf(quota[k], sizeof quota[k], "%lld of every %lld us", c[k]->cpu_quota_us,
                     c[k]->cpu_period_us);
    row(t, "cpu limit", quota[0], quota[1]);
    number_row(t, "memory limit", a->cg.mem_limit, b->cg.mem_limit, "none");
    number_row(t, "pids limit", a->cg.pids_limit, b->cg.pids_limit, "none");
}

static void fill(struct sheet *t, const struct bw_snapshot *a, const struct bw_snapshot *b)
{
    namespaces(t, a, b);
    number_row(t, "pid inside", a->nspid, b->nspid, "?");
    row(t, "root", a->root, b->root);
    row(t, "hostname", a->hostname ? a->hostname : "?", b->hostname ? b->hostname : "?");
    map_row(t, "uid_map", (const struct bw_id_range *[]){a->uid_map, b->uid_map},
            (int[]){a->n_uid_map, b->n_uid_map});
    map_row(t, "gid_map", (const struct bw_id_range *[]){a->gid_map, b->gid_map},
            (int[]){a->n_gid_map, b->n_gid_map});
    control_groups(t, a, b);
    capabilities(t, a->capabilities, b->capabilities);
    number_row(t, "no_new_privs", a->no_new_privs, b->no_new_privs, "?");
    number_row(t, "seccomp", a->seccomp, b->seccomp, "?");
    number_row(t, "mounts", (long long)a->mounts.n, (long long)b->mounts.n, "?");
}

static char *title(pid_t pid, const char *role)
{
    struct bw_status_file st;
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_addf(&b, "%d", (int)pid);
    if (role) {
        bw_str_addf(&b, " (%s)", role);
    } else if (bw_status_read(pid, &st) == 0) {
        bw_str_add(&b, " (");
        bw_str_add_safe(&b, st.comm);
        bw_str_addc(&b, ')');
    }
    return bw_str_steal(&b);
}

static void print(struct bw_session *s, const struct sheet *t, const struct bw_snapshot *a,
                  const struct bw_snapshot *b)
{
    struct bw_diff mounts;

    bw_table(s->out, BW_DATA, (const char *const *)t->cell, t->rows, COLS);
    if (t->below.len > 0)
        bw_data(s->out, "\n%s", t->below.s);
    bw_diff_make(a, b, BW_SNAP_MOUNTS, &mounts);
    for (size_t i = 0; i < mounts.n; i++) {
        BW_AUTO_STR line = BW_STR_INIT;
        bw_str_add_safe(&line, mounts.line[i]);
        bw_data(s->out, "%s%s\n", i ? "" : "\n", bw_str_get(&line));
    }
    bw_diff_free(&mounts);
    bw_data(s->out, "\n%zu of %d namespaces differ\n", t->differ, (int)BW_NS_COUNT);
}

int bw_look_compare(struct bw_session *s, pid_t a, pid_t b)
{
    enum { PARTS = BW_SNAP_CORE | BW_SNAP_MOUNTS | BW_SNAP_CGROUPS };
    struct bw_snapshot one, two;
    struct sheet t = {.pid = {a, b}};
    const char *role = NULL;

    if (!b) {
        /* One process is named: it stands on the right, what the user has in hand on the left. */
        bool box = s->box->stage.pid > 0;
        role = box ? "the box" : "this shell";
        t.pid[0] = box ? s->box->stage.pid : getpid();
        t.pid[1] = a;
    }
    if (bw_snapshot_take(t.pid[0], PARTS, &one, &s->err))
        return -1;
    if (bw_snapshot_take(t.pid[1], PARTS, &two, &s->err)) {
        bw_snapshot_free(&one);
        return -1;
    }
    t.cell[0] = bw_strdup("");
    t.cell[1] = title(t.pid[0], role);
    t.cell[2] = title(t.pid[1], NULL);
    t.cell[3] = bw_strdup("");
    t.rows = 1;
    fill(&t, &one, &two);
    print(s, &t, &one, &two);
    bw_snapshot_free(&one);
    bw_snapshot_free(&two);
    for (size_t i = 0; i < t.rows * COLS; i++)
        free(t.cell[i]);
    bw_str_free(&t.below);
    return BW_OK;
}
