/* Sections: namespaces, the box itself, processes, steps, calls, mounts, interfaces. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "pane_priv.h"

/* ---- namespaces ---- */

static bool children_differ(const struct bw_live *l, int i)
{
    return l->snap.ns[i].inode != 0 && l->snap.ns[i].for_children != l->snap.ns[i].inode;
}

int bw_pane_ns_want(const struct bw_live *l, int cols)
{
    int rows = BW_NS_COUNT;

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

/* As BW_PANE_NS_COLUMNS names them. */
enum { NAME = 2, INODE = 9, HOST = 20, WORD = 31, OWNER = 39 };

/* The columns before the owner's, when that is shown. */
static struct bw_rect left_of(struct bw_rect r, bool owner)
{
    if (owner)
        r.cols = OWNER - 1;
    return r;
}

/* "=web" after an inode: box web is in it too. */
static void draw_ns(const struct bw_live *l, int i, struct bw_canvas *c, struct bw_rect r, int row)
{
    bool own = l->snap.ns[i].own, changed = l->changed[i], known = l->snap.ns[i].inode != 0;
    bool owned = r.cols >= BW_PANE_NS_COLS && l->owner[i];
    unsigned attr = changed ? BW_A_CHANGED : own ? BW_A_OWN : BW_A_SHARED;
    /* An old kernel has no time namespaces; others may not be the user's to read. */
    const char *word = own ? "own" : known ? "shared" : l->snap.ns[i].host ? "n/a" : "none";

    bw_canvas_put(c, r, row, 0, attr & ~(unsigned)BW_A_REVERSE,
                  known ? mark_of(c, own, changed) : "");
    bw_canvas_put(c, r, row, NAME, own ? BW_A_BOLD : 0, bw_ns_table[i].name);
    inode(c, r, row, INODE, attr, l->snap.ns[i].inode);
    inode(c, r, row, HOST, 0, l->snap.ns[i].host);
    if (*l->with[i])
        bw_canvas_putf(c, left_of(r, owned), row, WORD, BW_A_NOTE, "=%s", l->with[i]);
    else
        bw_canvas_put(c, r, row, WORD, own ? BW_A_OWN : BW_A_SHARED, word);
    if (owned)
        inode(c, r, row, OWNER, BW_A_DIM, l->owner[i]);
}

/* What /proc/PID/ns/pid_for_children says, below pid. */
static void draw_children(const struct bw_live *l, int i, struct bw_canvas *c, struct bw_rect r,
                          int row)
{
    uint64_t n = l->snap.ns[i].for_children;
    bool own = n != l->snap.ns[i].host, changed = l->children_changed[i];
    unsigned attr = changed ? BW_A_CHANGED : own ? BW_A_OWN : BW_A_SHARED;

    bw_canvas_put(c, r, row, 0, attr & ~(unsigned)BW_A_REVERSE, mark_of(c, own, changed));
    bw_canvas_put(c, r, row, NAME, 0, c->ascii ? "`" : "\xe2\x94\x94");
    if (n)
        inode(c, r, row, INODE, attr, n);
    else
        bw_canvas_put(c, r, row, INODE, attr, "new, empty");
    bw_canvas_put(c, r, row, HOST, 0, "children's");
    bw_canvas_put(c, r, row, WORD, own ? BW_A_OWN : BW_A_SHARED, own ? "own" : "shared");
}

void bw_pane_ns_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    int row = 0, room = r.rows - BW_NS_COUNT;

    /* With little room what is its own is what counts. */
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < BW_NS_COUNT && row < r.rows; i++) {
            bool first = l->snap.ns[i].own || r.rows >= BW_NS_COUNT;
            if (first != (pass == 0))
                continue;
            draw_ns(l, i, c, r, row++);
            if (children_differ(l, i) && room-- > 0)
                draw_children(l, i, c, r, row++);
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

/* The box keeps what it builds with; its programs may get less. */
static void add_programs_caps(const struct bw_snapshot *s, struct bw_str *out)
{
    BW_AUTO_STR programs = BW_STR_INIT;

    if (!s->is_box || s->programs_caps == s->capabilities)
        return;
    bw_cap_describe(s->programs_caps, &programs);
    bw_str_addf(out, " (programs: %s)", programs.s);
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
    add_programs_caps(&l->snap, &caps);
    bw_str_addf(&more, "%s%s, no_new_privs %s",
                l->snap.seccomp >= 0 && l->snap.seccomp <= 2 ? mode[l->snap.seccomp] : "n/a",
                l->snap.is_box && l->snap.programs_filter ? " (programs: filter)" : "",
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
    return (int)l->n_tree;
}

/* As BW_PANE_PROCESS_COLUMNS names them. */
enum { OUTSIDE = 22, INSIDE = 31, DEPTH = 5 };

static void draw_process(const struct bw_live_process *p, struct bw_canvas *c, struct bw_rect r,
                         int row)
{
    struct bw_rect name = {r.row, r.col, r.rows, r.cols < OUTSIDE ? r.cols : OUTSIDE - 1};
    BW_AUTO_STR b = BW_STR_INIT;
    int depth = p->depth < DEPTH ? p->depth : DEPTH;

    for (int i = 0; i < depth; i++)
        bw_str_add(&b, i + 1 < depth ? "  " : c->ascii ? "` " : "\xe2\x94\x94 ");
    bw_str_add_safe(&b, p->comm);
    if (p->state == 'T' || p->state == 'Z')
        bw_str_add(&b, p->state == 'T' ? " stopped" : " zombie");
    bw_canvas_put(c, name, row, 0, 0, bw_str_get(&b));
    bw_canvas_putf(c, r, row, OUTSIDE, 0, "%d", (int)p->pid);
    bw_canvas_putf(c, r, row, INSIDE, BW_A_BOLD, "%d", (int)p->nspid);
}

void bw_pane_processes_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    for (size_t i = 0; i < l->n_tree && (int)i < r.rows; i++) {
        bool last = (int)i == r.rows - 1 && (i + 1 < l->n_tree || l->more);
        if (!last)
            draw_process(&l->tree[i], c, r, (int)i);
        else
            bw_canvas_putf(c, r, (int)i, 0, BW_A_DIM, "%s%zu more%s", i > 0 ? "and " : "",
                           l->n_tree - i, l->more ? " at least" : "");
    }
}

/* ---- lists of lines ---- */

enum { NUMBER = 3 };

static int rows_of(const char *line, int cols)
{
    int n = bw_text_columns(line);

    return cols < 1 || n < 1 ? 1 : (n + cols - 1) / cols;
}

static int lines_want(const struct bw_lines *v, int cols)
{
    int rows = 0;

    for (size_t i = 0; i < v->n; i++)
        rows += rows_of(v->v[i], cols);
    return rows;
}

/* Puts a line over as many rows as it takes, or cut to one. Returns the row after it. */
static int put_line(const char *line, bool cut, unsigned attr, struct bw_canvas *c,
                    struct bw_rect r, int row)
{
    size_t len = strlen(line), used = 0;
    int col = 0;
    struct bw_cell cell;

    for (size_t n; (n = bw_cell_next(line + used, len - used, &cell)) > 0; used += n) {
        if (col + cell.width > r.cols && (cut || r.cols < 2)) {
            bw_canvas_cut(c, r, row, attr);
            break;
        }
        if (col + cell.width > r.cols) {
            row++;
            col = 0;
        }
        cell.attr = (uint16_t)attr;
        bw_canvas_cells(c, r, row, col, &cell, 1);
        col += cell.width;
    }
    return row + 1;
}

/* Whole lines where all have room, else each cut to a row, and the last ones. */
static void draw_last(const struct bw_lines *v, struct bw_canvas *c, struct bw_rect r, bool numbers)
{
    int left = numbers ? NUMBER : 0, row = 0;
    struct bw_rect text = {r.row, r.col + left, r.rows, r.cols - left};
    bool cut = lines_want(v, text.cols) > r.rows;
    size_t from = cut && v->n > (size_t)r.rows ? v->n - (size_t)r.rows : 0;

    for (size_t i = from; i < v->n; i++) {
        if (numbers)
            bw_canvas_putf(c, r, row, 0, BW_A_DIM, "%2zu", i + 1);
        row = put_line(v->v[i], cut, i + 1 == v->n && numbers ? BW_A_BOLD : 0, c, text, row);
    }
}

int bw_pane_steps_want(const struct bw_live *l, int cols)
{
    return lines_want(&l->steps, cols - NUMBER);
}

void bw_pane_steps_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    draw_last(&l->steps, c, r, true);
}

int bw_pane_calls_want(const struct bw_live *l, int cols)
{
    return lines_want(&l->calls, cols);
}

void bw_pane_calls_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    draw_last(&l->calls, c, r, false);
}

int bw_pane_mounts_want(const struct bw_live *l, int cols)
{
    return lines_want(&l->mounts, cols);
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
