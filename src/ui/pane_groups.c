/* Section: the counters of the box's own control groups; those it shares with the host say nothing
 * of the box. v1 and v2 have the same rows; what a host does not count is n/a. */
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "pane_priv.h"

enum { LABEL = 9, GRAPH_ROWS = 3, METER = 12, METER_LEAST = 5 };

/* A row of text, and what else is in it. */
struct row {
    struct bw_canvas *c;
    struct bw_rect r;
    int at;
};

enum { LIMIT_MOST = 100000000 }; /* tenths of a percent: more cores than there are */

static int limit_of(const struct bw_live *l)
{
    const struct bw_cg_stats *s = &l->snap.cg;

    if (s->cpu_quota_us < 0 || s->cpu_period_us <= 0)
        return 0;
    /* As numbers that cannot overflow: a sample may come from elsewhere. */
    double limit = (double)s->cpu_quota_us * 1000 / (double)s->cpu_period_us;
    return limit < LIMIT_MOST ? (int)limit : LIMIT_MOST;
}

static void put_line(struct row *t, const char *label, const char *text, unsigned attr)
{
    if (t->at >= t->r.rows)
        return;
    bw_canvas_put(t->c, t->r, t->at, 0, BW_A_DIM, label);
    bw_canvas_put(t->c, t->r, t->at++, LABEL, attr, text);
}

static void cpu(const struct bw_live *l, struct row *t)
{
    BW_AUTO_STR b = BW_STR_INIT;
    int limit = limit_of(l);

    bw_add_percent(&b, l->cpu);
    if (limit > 0) {
        bw_str_add(&b, " of ");
        bw_add_percent(&b, limit);
    } else {
        bw_str_add(&b, ", no limit");
    }
    bw_str_add(&b, ", used ");
    bw_add_us(&b, l->snap.cg.cpu_usage_us);
    put_line(t, "cpu", b.s, limit > 0 && l->cpu >= limit - limit / 50 ? BW_A_OVER : 0);
}

/* The upper edge: somewhat over the limit, or the highest value there is. */
static void history(const struct bw_live *l, struct row *t, int rows)
{
    int limit = limit_of(l), top = limit > 0 ? limit + limit / 4 : 1000;
    const int16_t *v = l->history + BW_LIVE_HISTORY - l->n_history;

    for (int i = 0; i < l->n_history; i++)
        top = v[i] > top ? v[i] : top;
    if (t->at + rows > t->r.rows)
        return;
    struct bw_rect r = {t->r.row + t->at, t->r.col + LABEL, rows, t->r.cols - LABEL};
    BW_AUTO_STR edge = BW_STR_INIT;
    bw_add_percent(&edge, top);
    bw_canvas_put(t->c, t->r, t->at, 0, BW_A_DIM, bw_str_get(&edge));
    if (rows > 1)
        bw_canvas_put(t->c, t->r, t->at + rows - 1, 0, BW_A_DIM, "0%");
    bw_graph_draw(t->c, r, v, l->n_history, top, limit);
    t->at += rows;
}

static void throttling(const struct bw_live *l, struct row *t)
{
    const struct bw_cg_stats *s = &l->snap.cg;
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_add(&b, "throttled ");
    bw_add_number(&b, s->nr_throttled);
    bw_str_add(&b, " of ");
    bw_add_number(&b, s->nr_periods);
    bw_str_add(&b, ", ");
    bw_add_us(&b, s->throttled_us);
    put_line(t, "", b.s, s->nr_throttled > 0 ? BW_A_NOTE : 0);
}

/* A meter stands behind the label where there is a limit. */
static void metered(struct row *t, const char *label, long long part, long long whole,
                    const char *text)
{
    if (t->at >= t->r.rows)
        return;
    int room = t->r.cols - LABEL - 1 - bw_text_columns(text);
    int meter = whole < 0 || room < METER_LEAST ? 0 : room < METER ? room : METER;
    if (meter > 0)
        bw_meter_draw(t->c, t->r, t->at, LABEL, meter, part, whole);
    bw_canvas_put(t->c, t->r, t->at, 0, BW_A_DIM, label);
    bw_canvas_put(t->c, t->r, t->at++, LABEL + (meter > 0 ? meter + 1 : 0), 0, text);
}

static void memory(const struct bw_live *l, struct row *t)
{
    const struct bw_cg_stats *s = &l->snap.cg;
    BW_AUTO_STR b = BW_STR_INIT;
    BW_AUTO_STR more = BW_STR_INIT;

    bw_add_bytes(&b, s->mem_current);
    bw_str_add(&b, s->mem_limit >= 0 ? " of " : ", no limit");
    if (s->mem_limit >= 0)
        bw_add_bytes(&b, s->mem_limit);
    metered(t, "memory", s->mem_current, s->mem_limit, b.s);
    bw_str_add(&more, "peak ");
    bw_add_bytes(&more, s->mem_peak);
    bw_str_add(&more, ", oom_kill ");
    bw_add_number(&more, s->oom_kill);
    put_line(t, "", more.s, s->oom_kill > 0 ? BW_A_NOTE : 0);
}

static void pids(const struct bw_live *l, struct row *t)
{
    const struct bw_cg_stats *s = &l->snap.cg;
    BW_AUTO_STR b = BW_STR_INIT;

    bw_add_number(&b, s->pids_current);
    if (s->pids_limit >= 0)
        bw_str_addf(&b, " of %lld", s->pids_limit);
    else
        bw_str_add(&b, ", no limit");
    metered(t, "pids", s->pids_current, s->pids_limit, b.s);
}

static void io(const struct bw_live *l, struct row *t)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_add(&b, "read ");
    bw_add_bytes(&b, l->snap.cg.rbytes);
    bw_str_add(&b, ", written ");
    bw_add_bytes(&b, l->snap.cg.wbytes);
    put_line(t, "io", b.s, 0);
}

static bool has_pressure(const struct bw_live *l)
{
    return bw_live_groups(l) != 0 &&
           (l->pressure[0] >= 0 || l->pressure[1] >= 0 || l->pressure[2] >= 0);
}

static void pressure(const struct bw_live *l, struct row *t)
{
    static const char *const names[] = {"cpu", "memory", "io"};
    BW_AUTO_STR b = BW_STR_INIT;

    for (int i = 0; i < 3; i++)
        if (l->pressure[i] < 0)
            bw_str_addf(&b, "%s%s n/a", i > 0 ? "  " : "", names[i]);
        else
            bw_str_addf(&b, "%s%s %d.%02d%%", i > 0 ? "  " : "", names[i], l->pressure[i] / 100,
                        l->pressure[i] % 100);
    put_line(t, "pressure", b.s, 0);
}

/* The groups' names: those of different controllers may differ. */
static void name(const struct bw_live *l, unsigned own, struct row *t)
{
    static const char *const version[] = {[BW_CG_NONE] = "no control groups",
                                          [BW_CG_V1] = "v1",
                                          [BW_CG_V2] = "v2",
                                          [BW_CG_HYBRID] = "hybrid"};
    BW_AUTO_STR b = BW_STR_INIT;
    const char *last = "";

    for (int i = 0; i < BW_CG_COUNT; i++) {
        if (!(own & 1u << i))
            continue;
        if (strcmp(last, l->cg_name[i]) != 0) {
            bw_str_addf(&b, "%s%s:", b.len > 0 ? ", " : "", l->cg_name[i]);
            last = l->cg_name[i];
        }
        bw_str_addf(&b, " %s", bw_cg_names[i]);
    }
    if (l->own_devices)
        bw_str_addf(&b, "%sdevices", own ? " " : "");
    bw_str_addf(&b, "%s, %s", b.len > 0 ? "" : "all the host's", version[l->snap.cg_version]);
    put_line(t, "group", b.s, own || l->own_devices ? BW_A_OWN : BW_A_SHARED);
}

int bw_pane_groups_want(const struct bw_live *l, int cols)
{
    unsigned own = bw_live_groups(l);
    int rows = 1 + has_pressure(l);

    (void)cols;
    rows += (own & 1u << BW_CG_CPU) ? 2 + GRAPH_ROWS : 0;
    rows += (own & 1u << BW_CG_MEMORY) ? 2 : 0;
    rows += (own & 1u << BW_CG_PIDS) ? 1 : 0;
    return rows + ((own & 1u << BW_CG_IO) ? 1 : 0);
}

void bw_pane_groups_draw(const struct bw_live *l, struct bw_canvas *c, struct bw_rect r)
{
    struct row t = {c, r, 0};
    unsigned own = bw_live_groups(l);
    int graph = GRAPH_ROWS - (bw_pane_groups_want(l, r.cols) - r.rows);

    name(l, own, &t);
    if (own & 1u << BW_CG_CPU) {
        cpu(l, &t);
        if (graph > 0)
            history(l, &t, graph < GRAPH_ROWS ? graph : GRAPH_ROWS);
        throttling(l, &t);
    }
    if (own & 1u << BW_CG_MEMORY)
        memory(l, &t);
    if (own & 1u << BW_CG_PIDS)
        pids(l, &t);
    if (own & 1u << BW_CG_IO)
        io(l, &t);
    if (has_pressure(l))
        pressure(l, &t);
}
