/* What a goal is worth: three-valued, for what a host does not show is neither true nor false. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "goal_priv.h"

static void unseen(struct value *v, enum unseen why)
{
    *v = (struct value){.kind = V_UNSEEN, .why = why};
}

static void truth(struct value *v, bool b)
{
    *v = (struct value){.kind = V_TRUTH, .number = b};
}

static void number(struct value *v, double n, enum unit unit)
{
    *v = (struct value){.kind = V_NUMBER, .number = n, .unit = unit};
}

/* ---- names ---- */

/* A relative path in a goal means one below the lesson's folder. */
static void read_fact(const struct bw_goal *g, const struct bw_snapshot *snap, const char *dir,
                      struct value *v)
{
    const struct fact *f = g->fact;
    BW_AUTO_STR path = BW_STR_INIT;
    const char *arg = g->arg;

    unseen(v, U_HOST);
    v->unit = f->unit;
    if (arg && strcmp(f->arg, "PATH") == 0 && arg[0] != '/') {
        bw_str_addf(&path, "%s/%s", dir ? dir : "", arg);
        arg = path.s;
    }
    f->get(snap, f->fields ? (size_t)g->field : f->n, arg, v);
}

static void fact_value(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    const struct bw_snapshot *const of[] = {s->box, s->host, s->start};
    const struct bw_snapshot *snap = of[g->whose];

    if (!snap)
        unseen(v, U_BOX);
    else
        read_fact(g, snap, s->dir, v);
}

/* The first and the last sample that show the number. Returns the milliseconds between them. */
static long long ends(const struct bw_goal *fact, const struct bw_scene *s, struct value *first,
                      struct value *last)
{
    long long from = -1, to = -1;

    unseen(last, U_HOST);
    for (size_t i = 0; s->samples && i < s->samples->n; i++) {
        struct value v;
        read_fact(fact, &s->samples->v[i].snap, s->dir, &v);
        if (v.kind != V_NUMBER)
            continue;
        if (from < 0) {
            *first = v;
            from = s->samples->v[i].ms;
        }
        *last = v;
        to = s->samples->v[i].ms;
    }
    return to - from;
}

static void sampled(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    struct value first, last;
    long long ms = ends(g->kid[0], s, &first, &last);

    if (last.kind == V_UNSEEN) {
        /* Without samples the name itself tells whether it can be seen at all. */
        fact_value(g->kid[0], s, v);
        unseen(v, v->kind == V_UNSEEN ? v->why : U_SHORT);
    } else if (ms < BW_SAMPLED_MS) {
        unseen(v, U_SHORT);
    } else if (g->op == OP_RISING) {
        truth(v, last.number > first.number);
    } else {
        number(v, (last.number - first.number) * 1000 / (double)ms, g->kid[0]->fact->unit);
    }
}

/* ---- operators ---- */

static bool equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == V_TEXT)
        return strcmp(a->text, b->text) == 0;
    if (a->kind == V_NONE || a->number == b->number)
        return true;
    /* 0.1 + 0.2 is 0.3 to whoever writes a goal. */
    double off = a->number - b->number, size = a->number;
    off = off < 0 ? -off : off;
    size = size < 0 ? -size : size;
    return isfinite(a->number) && isfinite(b->number) && off <= 1e-9 * size;
}

/* Whether list, words parted by blanks or commas, has word. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list) {
        size_t n = strcspn(list, " ,");
        if (n > 0 && n == len && memcmp(list, word, n) == 0)
            return true;
        list += n + (list[n] != '\0');
    }
    return false;
}

static void compare(enum op op, const struct value *a, const struct value *b, struct value *v)
{
    if (a->kind == V_UNSEEN || b->kind == V_UNSEEN)
        unseen(v, a->kind == V_UNSEEN ? a->why : b->why);
    else if (op == OP_EQ || op == OP_NE)
        truth(v, equal(a, b) == (op == OP_EQ));
    else if (op == OP_IN)
        truth(v, a->kind == V_TEXT && b->kind == V_TEXT && has_word(b->text, a->text));
    else if (a->kind != V_NUMBER || b->kind != V_NUMBER)
        truth(v, false);
    else
        truth(v, op == OP_LT   ? a->number < b->number
                 : op == OP_LE ? a->number <= b->number
                 : op == OP_GT ? a->number > b->number
                               : a->number >= b->number);
}

static void reckon(enum op op, const struct value *a, const struct value *b, struct value *v)
{
    enum unit unit = a->unit == b->unit ? a->unit : N_PLAIN;

    if (a->kind == V_UNSEEN || b->kind == V_UNSEEN) {
        unseen(v, a->kind == V_UNSEEN ? a->why : b->why);
        return;
    }
    double n = op == OP_ADD   ? a->number + b->number
               : op == OP_SUB ? a->number - b->number
               : op == OP_MUL ? a->number * b->number
                              : a->number / b->number;
    if (a->kind != V_NUMBER || b->kind != V_NUMBER || isnan(n) || (op == OP_DIV && b->number == 0))
        *v = (struct value){.kind = V_NONE};
    else
        number(v, n, op == OP_DIV || op == OP_MUL ? N_PLAIN : unit);
}

static void connect(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    struct value a, b;
    bool or = g->op == OP_OR;

    goal_value(g->kid[0], s, &a);
    goal_value(g->kid[1], s, &b);
    /* One that decides does so whatever the other would be. */
    if (a.kind == V_TRUTH && (a.number != 0) == or)
        *v = a;
    else if (b.kind == V_TRUTH && (b.number != 0) == or)
        *v = b;
    else
        *v = a.kind == V_UNSEEN ? a : b;
}

static void choose(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    struct value when;

    goal_value(g->kid[1], s, &when);
    if (when.kind == V_UNSEEN)
        *v = when;
    else
        goal_value(g->kid[when.number != 0 ? 0 : 2], s, v);
}

static void within(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    struct value x, low, high;

    goal_value(g->kid[0], s, &x);
    goal_value(g->kid[1], s, &low);
    goal_value(g->kid[2], s, &high);
    compare(OP_GE, &x, &low, v);
    if (v->kind == V_TRUTH && v->number != 0)
        compare(OP_LE, &x, &high, v);
}

static void one(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    struct value a;

    goal_value(g->kid[0], s, &a);
    if (a.kind == V_UNSEEN)
        *v = a;
    else if (g->op == OP_NOT)
        truth(v, a.kind != V_TRUTH || a.number == 0);
    else
        number(v, -a.number, a.unit);
}

void goal_value(const struct bw_goal *g, const struct bw_scene *s, struct value *v)
{
    struct value a, b;

    switch (g->op) {
    case OP_LITERAL:
        *v = g->literal;
        return;
    case OP_FACT:
        fact_value(g, s, v);
        return;
    case OP_OR:
    case OP_AND:
        connect(g, s, v);
        return;
    case OP_NOT:
    case OP_NEG:
        one(g, s, v);
        return;
    case OP_WITHIN:
        within(g, s, v);
        return;
    case OP_IF:
        choose(g, s, v);
        return;
    case OP_RISING:
    case OP_SLOPE:
        sampled(g, s, v);
        return;
    default:
        goal_value(g->kid[0], s, &a);
        goal_value(g->kid[1], s, &b);
        if (g->op >= OP_ADD)
            reckon(g->op, &a, &b, v);
        else
            compare(g->op, &a, &b, v);
    }
}

enum bw_truth bw_goal_holds(const struct bw_goal *g, const struct bw_scene *s)
{
    struct value v;

    goal_value(g, s, &v);
    if (v.kind == V_UNSEEN)
        return BW_UNSEEN;
    return v.kind == V_TRUTH && v.number != 0 ? BW_TRUE : BW_FALSE;
}

bool goal_whole(double n)
{
    return n > -1e15 && n < 1e15 && n == (double)(long long)n;
}

static void plain_number(double n, struct bw_str *out)
{
    if (isinf(n))
        bw_str_add(out, n > 0 ? "no limit" : "less than nothing");
    else if (goal_whole(n))
        bw_str_addf(out, "%lld", (long long)n);
    else
        bw_str_addf(out, "%.3g", n);
}

void bw_goal_text(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out)
{
    struct value v;

    goal_value(g, s, &v);
    if (v.kind == V_NUMBER)
        plain_number(v.number, out);
    else if (v.kind == V_TEXT)
        bw_str_add_safe(out, v.text);
    else
        bw_str_add(out, v.kind == V_TRUTH  ? v.number != 0 ? "true" : "false"
                        : v.kind == V_NONE ? "none"
                                           : "unseen");
}
