/* Sections: namespaces, the box itself, processes, steps, calls, mounts, interfaces. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "pane_priv.h"

/* ---- namespaces ---- */

static bool children_differ(const struct bw_live *l, int i)
{
    return l->snap.ns[i].for_children != 0 && l->snap.ns[i].for_children != l->snap.ns[i].inode;
}

int bw_pane_ns_want(const struct bw_live *l, int cols)
{
    int rows = BW_NS_COUNT + 1;

    (void)cols;
    for (int i = 0; i < BW_NS_COUNT; i++)
        rows += children_differ(l, i);
    return rows;
}

static const char *mark_of(const struct bw_canvas *c, bool own, bool changed)
{
    if (changed)
        return c->ascii ? ">" : "\xe2\x96\xb6";
    if (own)
        return c->ascii ? "*" : "\xe2\x97\x8f";
    return c->ascii ? "-" : "\xe2\x97\x8b";
}

static void inode(struct bw_canvas *c, struct bw_rect r, int row, int col, unsigned attr,
                  uint64_t n)
{
    if (n)
        bw_canvas_putf(c, r, row, col, attr, "%llu", (unsigned long long)n);
    else
        bw_canvas_put(c, r, row, col, attr, "n/a");
}

enum { NAME = 2, INODE = 9, HOST = 20, WORD = 31, OWNER = 39 };

static void draw_ns(const struct bw_live *l, int i, struct bw_canvas *c, struct bw_rect r, int row)
{
    bool own = l->snap.ns[i].own, changed = l->changed[i];
    unsigned attr = changed ? BW_A_CHANGED : own ? BW_A_OWN : BW_A_SHARED;

    bw_canvas_put(c, r, row, 0, attr & ~(unsigned)BW_A_REVERSE, mark_of(c, own, changed));
    bw_canvas_put(c, r, row, NAME, own ? BW_A_BOLD : 0, bw_ns_table[i].name);
    inode(c, r, row, INODE, attr, l->snap.ns[i].inode);
    inode(c, r, row, HOST, 0, l->snap.ns[i].host);
    bw_canvas_put(c, r, row, WORD, own ? BW_A_OWN : BW_A_SHARED, own ? "own" : "shared");
    if (r.cols >= OWNER + 10 && l->owner[i])
        inode(c, r, row, OWNER, BW_A_DIM, l->owner[i]);
}

void bw_pane_ns_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    int row = 0, room = r.rows - BW_NS_COUNT;

    if (room > 0) {
        bw_canvas_put(c, r, 0, NAME, BW_A_DIM, "kind");
        bw_canvas_put(c, r, 0, INODE, BW_A_DIM, "in the box");
        bw_canvas_put(c, r, 0, HOST, BW_A_DIM, "on the host");
        if (r.cols >= OWNER + 10)
            bw_canvas_put(c, r, 0, OWNER, BW_A_DIM, "owner (user)");
        row++;
        room--;
    }
    /* With little room what is its own is what counts. */
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < BW_NS_COUNT && row < r.rows; i++) {
            bool first = l->snap.ns[i].own || r.rows >= BW_NS_COUNT;
            if (first != (pass == 0))
                continue;
            draw_ns(l, i, c, r, row++);
            if (!children_differ(l, i) || room-- <= 0)
                continue;
            bw_canvas_put(c, r, row, NAME, BW_A_NOTE, "  for children");
            inode(c, r, row++, HOST, BW_A_NOTE, l->snap.ns[i].for_children);
        }
}

/* ---- the box ---- */

static void add_map(const struct bw_id_range *v, int n, struct bw_str *b)
{
    if (n < 0)
        bw_str_add(b, "n/a");
    else if (n == 0)
        bw_str_add(b, "none yet: every ID is 65534");
    for (int i = 0; i < n && i < 3; i++)
        bw_str_addf(b, "%s%u = host %u, %u ID%s", i > 0 ? "; " : "", v[i].inside, v[i].outside,
                    v[i].count, v[i].count == 1 ? "" : "s");
    if (n > 3)
        bw_str_addf(b, "; %d more", n - 3);
}

static void labelled(struct bw_canvas *c, struct bw_rect r, int row, const char *label,
                     const char *text)
{
    bw_canvas_put(c, r, row, 0, BW_A_DIM, label);
    bw_canvas_put(c, r, row, 9, 0, text);
}

int bw_pane_box_want(const struct bw_live *l, int cols)
{
    (void)l;
    (void)cols;
    return 6;
}

void bw_pane_box_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    static const char *const mode[] = {"off", "strict", "filter"};
    BW_AUTO_STR pid = BW_STR_INIT;
    BW_AUTO_STR map = BW_STR_INIT;
    BW_AUTO_STR caps = BW_STR_INIT;
    BW_AUTO_STR more = BW_STR_INIT;

    bw_str_addf(&pid, "%d outside, %d inside", (int)l->snap.pid, (int)l->snap.nspid);
    add_map(l->snap.uid_map, l->snap.n_uid_map, &map);
    bw_cap_describe(l->snap.capabilities, &caps);
    bw_str_addf(&more, "%s, no_new_privs %s",
                l->snap.seccomp >= 0 && l->snap.seccomp <= 2 ? mode[l->snap.seccomp] : "n/a",
                l->snap.no_new_privs < 0 ? "n/a"
                : l->snap.no_new_privs   ? "yes"
                                         : "no");
    labelled(c, r, 0, "root", l->snap.root ? l->snap.root : "n/a");
    labelled(c, r, 1, "hostname", l->snap.hostname ? l->snap.hostname : "n/a");
    labelled(c, r, 2, "pid", pid.s);
    labelled(c, r, 3, "uid map", map.s);
    labelled(c, r, 4, "caps", bw_str_get(&caps));
    labelled(c, r, 5, "seccomp", more.s);
}

/* ---- processes ---- */

int bw_pane_processes_want(const struct bw_live *l, int cols)
{
    (void)cols;
    return (int)l->n_tree + 1;
}

void bw_pane_processes_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    int row = 0;

    bw_canvas_put(c, r, row, 0, BW_A_DIM, "outside");
    bw_canvas_put(c, r, row, 9, BW_A_DIM, "inside");
    bw_canvas_put(c, r, row++, 17, BW_A_DIM, "name");
    for (size_t i = 0; i < l->n_tree && row < r.rows; i++) {
        const struct bw_live_process *p = &l->tree[i];
        bool last = row == r.rows - 1 && (i + 1 < l->n_tree || l->more);
        if (last) {
            bw_canvas_putf(c, r, row, 0, BW_A_DIM, "and %zu more%s", l->n_tree - i,
                           l->more ? " at least" : "");
            break;
        }
        bw_canvas_putf(c, r, row, 0, 0, "%d", (int)p->pid);
        bw_canvas_putf(c, r, row, 9, BW_A_BOLD, "%d", (int)p->nspid);
        BW_AUTO_STR name = BW_STR_INIT;
        for (int k = 0; k < p->depth && k < 12; k++)
            bw_str_add(&name, k + 1 < p->depth && k + 1 < 12 ? "  "
                              : c->ascii                     ? "` "
                                                             : "\xe2\x94\x94 ");
        bw_str_add_safe(&name, p->comm);
        if (p->state == 'T' || p->state == 'Z')
            bw_str_add(&name, p->state == 'T' ? " (stopped)" : " (zombie)");
        bw_canvas_put(c, r, row++, 17, 0, bw_str_get(&name));
    }
}

/* ---- lists of lines ---- */

static int lines_want(const struct bw_lines *v)
{
    return (int)v->n;
}

/* The last ones, when not all fit. */
static void draw_last(const struct bw_lines *v, struct bw_canvas *c, struct bw_rect r, bool numbers)
{
    size_t from = v->n > (size_t)r.rows ? v->n - (size_t)r.rows : 0;

    for (size_t i = from; i < v->n; i++) {
        int col = 0;
        if (numbers)
            col = bw_canvas_putf(c, r, (int)(i - from), 0, BW_A_DIM, "%2zu ", i + 1);
        bw_canvas_put(c, r, (int)(i - from), col, i + 1 == v->n && numbers ? BW_A_BOLD : 0,
                      v->v[i]);
    }
}

int bw_pane_steps_want(const struct bw_live *l, int cols)
{
    (void)cols;
    return lines_want(&l->steps);
}

void bw_pane_steps_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    draw_last(&l->steps, c, r, true);
}

int bw_pane_calls_want(const struct bw_live *l, int cols)
{
    (void)cols;
    return lines_want(&l->calls);
}

void bw_pane_calls_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    draw_last(&l->calls, c, r, false);
}

int bw_pane_mounts_want(const struct bw_live *l, int cols)
{
    (void)cols;
    return lines_want(&l->mounts);
}

void bw_pane_mounts_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    draw_last(&l->mounts, c, r, false);
}

int bw_pane_net_want(const struct bw_live *l, int cols)
{
    (void)cols;
    return l->snap.ns[BW_NS_NET].own ? (int)l->n_links : 1;
}

void bw_pane_net_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    if (!l->snap.ns[BW_NS_NET].own) {
        bw_canvas_putf(c, r, 0, 0, BW_A_SHARED, "%zu, all the host's", l->n_links);
        return;
    }
    for (size_t i = 0; i < l->n_links && (int)i < r.rows; i++) {
        BW_AUTO_STR b = BW_STR_INIT;
        bw_str_add(&b, "rx ");
        bw_add_bytes(&b, l->links[i].rx);
        bw_str_add(&b, "  tx ");
        bw_add_bytes(&b, l->links[i].tx);
        bw_canvas_put(c, r, (int)i, 0, BW_A_OWN, l->links[i].name);
        bw_canvas_put(c, r, (int)i, 12, 0, b.s);
    }
}
