/* The parts of a sample that are lists. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "diff_priv.h"
#include "kern/observe.h"
#include "live_priv.h"
#include "model/diff.h"
#include "model/journal.h"

void bw_lines_free(struct bw_lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i]);
    free(l->v);
    *l = (struct bw_lines){0};
}

void bw_lines_add(struct bw_lines *l, const char *text)
{
    l->v = bw_realloc(l->v, (l->n + 1) * sizeof *l->v);
    l->v[l->n++] = bw_strdup(text);
}

void bw_live_free(struct bw_live *l)
{
    bw_snapshot_free(&l->snap);
    free(l->tree);
    free(l->links);
    bw_lines_free(&l->mounts);
    bw_lines_free(&l->steps);
    bw_lines_free(&l->calls);
    memset(l, 0, sizeof *l);
}

unsigned bw_live_groups(const struct bw_live *l)
{
    unsigned mask = 0;

    for (int i = 0; i < BW_CG_COUNT; i++)
        if (l->snap.cg_path[i] && strstr(l->snap.cg_path[i], "/boxwright-"))
            mask |= 1u << i;
    return mask;
}

/* ---- processes ---- */

static int add_process(struct bw_live *l, pid_t pid, int depth)
{
    struct bw_status_file f;

    if (bw_status_read(pid, &f))
        return -1;
    struct bw_live_process *p = &l->tree[l->n_tree++];
    *p = (struct bw_live_process){.pid = pid, .nspid = pid, .depth = depth, .state = f.state};
    if (f.n_nspid > 0)
        p->nspid = f.nspid[f.n_nspid - 1];
    memcpy(p->comm, f.comm, sizeof p->comm);
    return 0;
}

/* A walk in the order of a tree; what does not fit is only known to be there. */
static void walk(struct bw_live *l, pid_t root)
{
    struct {
        pid_t pid;
        int depth;
    } todo[BW_LIVE_PROCESSES] = {{root, 0}};
    size_t n = 1;

    while (n > 0 && l->n_tree < BW_LIVE_PROCESSES) {
        pid_t pid = todo[--n].pid, children[BW_LIVE_PROCESSES];
        int depth = todo[n].depth;
        if (add_process(l, pid, depth))
            continue;
        size_t some = bw_proc_children(pid, children, BW_LIVE_PROCESSES);
        while (some > 0 && n < BW_LIVE_PROCESSES) {
            todo[n].pid = children[--some];
            todo[n++].depth = depth + 1;
        }
        l->more = l->more || some > 0;
    }
    l->more = l->more || n > 0;
}

void bw_live_tree(struct bw_live *l)
{
    if (!l->tree)
        l->tree = bw_alloc(BW_LIVE_PROCESSES * sizeof *l->tree);
    l->n_tree = 0;
    l->more = false;
    walk(l, l->snap.pid);
    l->snap.processes = bw_alloc((l->n_tree + 1) * sizeof *l->snap.processes);
    l->snap.n_processes = l->n_tree;
    for (size_t i = 0; i < l->n_tree; i++) {
        struct bw_snap_process *p = &l->snap.processes[i];
        *p = (struct bw_snap_process){.pid = l->tree[i].pid, .nspid = l->tree[i].nspid};
        memcpy(p->comm, l->tree[i].comm, sizeof p->comm);
    }
}

/* ---- the network namespace ---- */

/* "  eth0:  123 4 0 0 0 0 0 0  456 …": rx bytes are the first number, tx bytes the ninth. */
static int parse_link(const char *line, struct bw_live_link *out)
{
    const char *colon = strchr(line, ':');
    char *end;

    line += strspn(line, " ");
    if (!colon || colon <= line || (size_t)(colon - line) >= sizeof out->name)
        return -1;
    *out = (struct bw_live_link){0};
    memcpy(out->name, line, (size_t)(colon - line));
    out->rx = strtoll(colon + 1, &end, 10);
    for (int i = 1; i < 9; i++)
        out->tx = strtoll(end, &end, 10);
    return 0;
}

void bw_live_parse_links(const char *text, struct bw_live *l)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);

    for (char *line = copy, *next; line && l->n_links < BW_LIVE_LINES; line = next) {
        struct bw_live_link link;
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (parse_link(line, &link))
            continue;
        l->links = bw_realloc(l->links, (l->n_links + 1) * sizeof *l->links);
        l->links[l->n_links++] = link;
    }
}

void bw_live_links(struct bw_live *l)
{
    BW_AUTO_STR text = BW_STR_INIT;
    char path[64];

    free(l->links);
    l->links = NULL;
    l->n_links = 0;
    snprintf(path, sizeof path, "/proc/%d/net/dev", (int)l->snap.pid);
    if (bw_read_file(AT_FDCWD, path, &text) == 0)
        bw_live_parse_links(bw_str_get(&text), l);
}

/* ---- pressure: Documentation/accounting/psi.rst ---- */

int bw_live_parse_pressure(const char *text)
{
    const char *at = strstr(text, "some avg10=");
    double v = at ? strtod(at + strlen("some avg10="), NULL) : -1;
    /* Written so that what is no number at all is not known, too. */
    return v >= 0 && v <= 100 ? (int)(v * 100 + 0.5) : -1;
}

static int some_avg10(const char *dir, const char *file)
{
    BW_AUTO_STR path = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_str_addf(&path, "%s/%s", dir, file);
    return bw_read_file(AT_FDCWD, path.s, &text) ? -1 : bw_live_parse_pressure(bw_str_get(&text));
}

void bw_live_pressure(const char *dir, struct bw_live *l)
{
    static const char *const files[] = {"cpu.pressure", "memory.pressure", "io.pressure"};

    for (int i = 0; i < 3; i++)
        l->pressure[i] = *dir ? some_avg10(dir, files[i]) : -1;
}

/* ---- mounts, steps, calls ---- */

void bw_live_mounts(struct bw_live *l)
{
    struct bw_mounts host;
    struct bw_diff d = {0};

    if (bw_mounts_read(0, &host))
        return;
    bw_diff_mounts(&host, &l->snap.mounts, &d);
    for (size_t i = 0; i < d.n && i < BW_LIVE_LINES; i++)
        bw_lines_add(&l->mounts, d.line[i]);
    bw_diff_free(&d);
    bw_mounts_free(&host);
}

void bw_live_steps(const struct bw_journal *j, struct bw_live *l)
{
    size_t from = j->n > BW_LIVE_LINES ? j->n - BW_LIVE_LINES : 0;

    bw_lines_free(&l->steps);
    bw_lines_free(&l->calls);
    for (size_t i = from; i < j->n; i++)
        bw_lines_add(&l->steps, j->v[i].line);
    if (j->n == 0)
        return;
    const struct bw_calls *calls = &j->v[j->n - 1].calls;
    for (size_t i = 0; i < calls->n && l->calls.n < BW_LIVE_LINES; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        if (calls->v[i].level != BW_CALL_STEP)
            continue;
        bw_call_format(&calls->v[i], &text);
        bw_lines_add(&l->calls, bw_str_get(&text));
    }
}
