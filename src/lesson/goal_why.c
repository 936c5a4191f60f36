/* Why a goal does not hold, with what was seen. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "goal_priv.h"

void goal_show(const struct value *v, struct bw_str *out)
{
    switch (v->kind) {
    case V_UNSEEN:
        bw_str_add(out, "not to be seen");
        return;
    case V_NONE:
        bw_str_add(out, "none");
        return;
    case V_TRUTH:
        bw_str_add(out, v->number != 0 ? "true" : "false");
        return;
    case V_TEXT:
        bw_str_addc(out, '"');
        bw_str_add_safe(out, v->text);
        bw_str_addc(out, '"');
        return;
    case V_NUMBER:
        break;
    }
    bool fits = v->number >= 0 && v->number < 9e18;
    if (isinf(v->number))
        bw_str_add(out, "without limit");
    else if (v->unit == N_BYTES && fits && v->number >= 1024)
        bw_add_bytes(out, (long long)v->number);
    else if (v->unit == N_US && fits)
        bw_add_us(out, (long long)v->number);
    else if (goal_whole(v->number))
        bw_str_addf(out, "%lld", (long long)v->number);
    else
        bw_str_addf(out, "%.3g", v->number);
}

static void say_unseen(const char *name, enum unseen why, struct bw_str *out)
{
    if (why == U_BOX)
        bw_str_add(out, "there is no box: its stage has ended, and reset starts an empty one");
    else if (why == U_SHORT)
        bw_str_addf(out, "%s has not been watched long enough: let it run for a second or more",
                    name);
    else
        bw_str_addf(out, "%s cannot be seen on this host", name);
}

/* A value that the box has had since the step began is "still" that. */
static bool same_as_at_start(const struct bw_goal *g, const struct bw_scene *s,
                             const struct value *v)
{
    struct bw_scene then = *s;
    struct value was;

    if (g->whose != W_BOX || !s->start)
        return false;
    then.box = s->start;
    goal_value(g, &then, &was);
    if (was.kind != v->kind)
        return false;
    return v->kind == V_TEXT ? strcmp(was.text, v->text) == 0 : was.number == v->number;
}

static void say_absent(const struct bw_goal *g, struct bw_str *out)
{
    BW_AUTO_STR arg = BW_STR_INIT;

    bw_str_add_safe(&arg, g->arg ? g->arg : "");
    if (g->arg && strcmp(g->fact->name, "mount") == 0)
        bw_str_addf(out, "nothing is mounted on %s", arg.s);
    else if (g->arg && g->fact->fields)
        bw_str_addf(out, "the box has no %s called %s", g->fact->name, arg.s);
    else
        bw_str_addf(out, "%s is none", g->source);
}

/* own.KIND in the words of inspect and the pane; short, for it stands on the last line. */
static void say_own(const char *kind, bool own, bool still, struct bw_str *out)
{
    bw_str_addf(out, "%s is %s%s", kind, still ? "still " : "",
                own ? "the box's own" : "shared with the host");
}

static void say_fact(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out)
{
    struct value v;

    goal_value(g, s, &v);
    bool whether = g->fact->fields && g->field <= 0;
    if (v.kind == V_UNSEEN) {
        say_unseen(g->source, v.why, out);
    } else if (v.kind == V_NONE || (whether && v.number == 0)) {
        say_absent(g, out);
    } else if (whether && strcmp(g->fact->name, "mount") == 0) {
        bw_str_addf(out, "something is mounted on %s", g->arg);
    } else if (whether) {
        bw_str_addf(out, "the box has the %s %s", g->fact->name, g->arg);
    } else if (g->whose == W_BOX && bw_str_starts(g->fact->name, "own.")) {
        say_own(g->fact->name + strlen("own."), v.number != 0, same_as_at_start(g, s, &v), out);
    } else {
        bw_str_addf(out, "%s is %s", g->source, same_as_at_start(g, s, &v) ? "still " : "");
        goal_show(&v, out);
    }
}

static void say_sampled(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out)
{
    const char *name = g->kid[0]->source;
    struct value v;

    goal_value(g, s, &v);
    if (v.kind == V_UNSEEN) {
        say_unseen(name, v.why, out);
    } else if (g->op == OP_RISING) {
        bw_str_addf(out, "%s %s", name, v.number != 0 ? "rises" : "does not rise");
    } else {
        bw_str_addf(out, "%s changes by ", name);
        goal_show(&v, out);
        bw_str_add(out, " a second");
    }
}

/* The names in an expression, each with its value, once. */
static void say_names(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out)
{
    BW_AUTO_STR one = BW_STR_INIT;

    if (!g || g->op == OP_LITERAL)
        return;
    if (g->op == OP_RISING || g->op == OP_SLOPE)
        say_sampled(g, s, &one);
    else if (g->op == OP_FACT)
        say_fact(g, s, &one);
    if (one.len > 0 && !(out->len > 0 && strstr(out->s, one.s)))
        bw_str_addf(out, "%s%s", out->len > 0 ? ", " : "", one.s);
    if (one.len > 0)
        return;
    for (int i = 0; i < 3; i++)
        say_names(g->kid[i], s, out);
}

static bool is_name(const struct bw_goal *g)
{
    return g->op == OP_FACT;
}

/* Two names with one value: said as one thing. */
static bool say_same(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out)
{
    struct value v;

    if (g->op != OP_NE || !is_name(g->kid[0]) || !is_name(g->kid[1]))
        return false;
    goal_value(g->kid[0], s, &v);
    if (v.kind != V_NUMBER && v.kind != V_TEXT)
        return false;
    say_fact(g->kid[0], s, out);
    bw_str_addf(out, ", as %s is", g->kid[1]->source);
    return true;
}

/* want: what it should have been. */
static void why(const struct bw_goal *g, const struct bw_scene *s, bool want, struct bw_str *out)
{
    bool all = g->op == (want ? OP_AND : OP_OR);

    if (g->op == OP_NOT) {
        why(g->kid[0], s, !want, out);
    } else if (all) {
        /* The first part that is not as it should be is what to see to first. */
        enum bw_truth first = bw_goal_holds(g->kid[0], s);
        why(g->kid[first == (want ? BW_TRUE : BW_FALSE) ? 1 : 0], s, want, out);
    } else if (g->op == OP_AND || g->op == OP_OR) {
        why(g->kid[0], s, want, out);
        bw_str_add(out, ", ");
        why(g->kid[1], s, want, out);
    } else if (!want || !say_same(g, s, out)) {
        BW_AUTO_STR names = BW_STR_INIT;
        say_names(g, s, &names);
        bw_str_add(out, bw_str_get(&names));
    }
}

void bw_goal_why(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out)
{
    why(g, s, true, out);
}
