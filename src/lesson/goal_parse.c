/* The parser of goals, by recursive descent. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "goal_priv.h"
#include "kern/caps.h"

enum { DEPTH_MAX = 32, NODES_MAX = 256, BYTES_MAX = 1000 };

struct parser {
    const char *text, *p;
    struct bw_at at;
    bool plain;
    int depth, nodes;
    struct bw_fault *f;
    bool failed;
};

static struct bw_goal *parse_any(struct parser *p);

__attribute__((format(printf, 3, 4))) static struct bw_goal *
fail(struct parser *p, const char *where, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    struct bw_at at = p->at;

    if (p->failed)
        return NULL;
    p->failed = true;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (p->plain)
        at.col += (int)(where - p->text);
    bw_fault_set(p->f, at, "%s", text);
    return NULL;
}

static void blanks(struct parser *p)
{
    while (*p->p == ' ' || *p->p == '\n' || *p->p == '\t')
        p->p++;
}

static bool name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Takes a sign or a word when it is next. */
static bool next_is(struct parser *p, const char *what)
{
    size_t n = strlen(what);

    blanks(p);
    if (strncmp(p->p, what, n) != 0 || (name_byte(*what) && name_byte(p->p[n])))
        return false;
    p->p += n;
    return true;
}

static struct bw_goal *make(struct parser *p, enum op op, enum type type)
{
    struct bw_goal *g = bw_alloc(sizeof *g);

    *g = (struct bw_goal){.op = op, .type = type};
    if (++p->nodes > NODES_MAX)
        fail(p, p->p, "the goal is too long: make two of it");
    return g;
}

static struct bw_goal *join(struct parser *p, enum op op, enum type type, struct bw_goal *a,
                            struct bw_goal *b)
{
    struct bw_goal *g = make(p, op, type);

    g->kid[0] = a;
    g->kid[1] = b;
    return g;
}

static const char *type_name(enum type t)
{
    static const char *const name[] = {"true or false", "a number", "a text", "anything"};

    return name[t];
}

/* g is to be of this type. */
static void want(struct parser *p, const struct bw_goal *g, enum type t, const char *where,
                 const char *what)
{
    if (g && g->type != t && g->type != T_ANY)
        fail(p, where, "%s takes %s, and this is %s", what, type_name(t), type_name(g->type));
}

/* ---- literals ---- */

static double suffix(struct parser *p)
{
    static const struct {
        const char *name;
        double factor;
    } of[] = {{"%", 0.01},
              {"us", 1},
              {"ms", 1e3},
              {"s", 1e6},
              {"K", 1024},
              {"M", 1024 * 1024.},
              {"G", 1024 * 1024 * 1024.},
              {"T", 1024 * 1024 * 1024 * 1024.}};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        size_t n = strlen(of[i].name);
        if (strncmp(p->p, of[i].name, n) == 0 && !name_byte(p->p[n])) {
            p->p += n;
            return of[i].factor;
        }
    }
    if (name_byte(*p->p))
        fail(p, p->p, "a number ends in nothing, %%, us, ms, s, K, M, G or T");
    return 1;
}

/* strtod would follow the locale and take 1e9, 0x and inf. */
static struct bw_goal *number(struct parser *p)
{
    struct bw_goal *g = make(p, OP_LITERAL, T_NUMBER);
    double n = 0, place = 1;
    const char *from = p->p;

    for (; isdigit((unsigned char)*p->p); p->p++)
        n = n * 10 + (*p->p - '0');
    if (*p->p == '.' && isdigit((unsigned char)p->p[1]))
        for (p->p++; isdigit((unsigned char)*p->p); p->p++)
            n += (*p->p - '0') * (place /= 10);
    g->literal = (struct value){.kind = V_NUMBER, .number = n * suffix(p)};
    g->source = bw_alloc((size_t)(p->p - from) + 1);
    snprintf(g->source, (size_t)(p->p - from) + 1, "%s", from);
    return g;
}

/* Returns the text between quotes, or NULL. */
static char *quoted(struct parser *p)
{
    const char *from = p->p, *end = strchr(from + 1, *from);

    if (!end) {
        fail(p, from, "a quote that is not closed");
        return NULL;
    }
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_addn(&text, from + 1, (size_t)(end - from - 1));
    p->p = end + 1;
    return bw_str_steal(&text);
}

static struct bw_goal *text(struct parser *p)
{
    struct bw_goal *g = make(p, OP_LITERAL, T_TEXT);

    g->source = quoted(p);
    g->literal = (struct value){.kind = V_TEXT, .text = g->source ? g->source : ""};
    return g;
}

/* ---- names ---- */

/* The nearest name for one that there is not. */
static const char *near_name(const char *name, size_t len)
{
    char word[64];
    const char *best = NULL;
    size_t least = 4;

    snprintf(word, sizeof word, "%.*s", (int)len, name);
    for (size_t i = 0; i < facts_n; i++) {
        size_t d = bw_str_distance(word, facts[i].name);
        if (d < least) {
            least = d;
            best = facts[i].name;
        }
    }
    return best;
}

static void unknown_name(struct parser *p, const char *name, size_t len)
{
    const char *near = near_name(name, len);
    char hint[100] = "";

    if (near)
        snprintf(hint, sizeof hint, "; %s?", near);
    fail(p, name, "there is no name %.*s%s", (int)(len < 60 ? len : 60), name, hint);
    if (!near && p->f->todo[0] == '\0')
        snprintf(p->f->todo, sizeof p->f->todo, "docs/LESSON_FORMAT.md lists the names");
}

static bool known_capability(const char *name)
{
    const char *one;

    for (unsigned i = 0; i < 64 && (one = bw_cap_name(i)) != NULL; i++)
        if (strcmp(one, name) == 0)
            return true;
    return false;
}

/* What is in the parentheses, as text; a number is its digits. */
static void argument(struct parser *p, struct bw_goal *g)
{
    const struct fact *f = g->fact;
    const char *from;
    long long id;

    blanks(p);
    from = p->p;
    if (*p->p == '"' || *p->p == '\'') {
        g->arg = quoted(p);
    } else {
        BW_AUTO_STR digits = BW_STR_INIT;
        bw_str_addn(&digits, from, strspn(from, "0123456789"));
        p->p += digits.len;
        g->arg = bw_str_steal(&digits);
    }
    const char *what = f->arg[0] == '?' ? f->arg + 1 : f->arg;
    if (!g->arg || *g->arg == '\0')
        fail(p, from, "%s(%s) takes %s", f->name, what,
             strcmp(what, "ID") == 0 ? "a number" : "a text in quotes");
    else if (strcmp(what, "ID") == 0 && bw_parse_num(g->arg, 0, UINT32_MAX, &id) != 0)
        fail(p, from, "%s takes a number of at most 32 bits", f->name);
    else if (strcmp(what, "CONTROLLER") == 0 && bw_cg_by_name(g->arg) < 0)
        fail(p, from, "%s is no controller", g->arg);
    else if (strcmp(what, "CAPABILITY") == 0 && !known_capability(g->arg))
        fail(p, from, "%s is no capability; they are written as CAP_SYS_ADMIN", g->arg);
    if (!next_is(p, ")"))
        fail(p, p->p, "a ) is missing");
}

static void bad_field(struct parser *p, const char *from, const struct fact *f)
{
    BW_AUTO_STR names = BW_STR_INIT;

    for (const char *c = f->fields; *c; c++)
        if (*c != '#' && *c != '?')
            bw_str_addc(&names, *c);
    fail(p, from, "%s(...) has the fields %s", f->name, bw_str_get(&names));
}

static void field(struct parser *p, struct bw_goal *g)
{
    const char *from = p->p + 1;
    size_t len = strspn(from, "abcdefghijklmnopqrstuvwxyz_");

    g->field = fact_field(g->fact, from, len);
    if (g->field < 0)
        bad_field(p, from, g->fact);
    p->p = from + len;
}

static struct bw_goal *fact(struct parser *p, const char *from, const char *name, size_t len,
                            enum whose whose)
{
    struct bw_goal *g = make(p, OP_FACT, T_ANY);

    g->whose = whose;
    g->fact = fact_find(name, len);
    if (!g->fact) {
        unknown_name(p, name, len);
        return g;
    }
    if (whose == W_START && (bw_str_starts(name, "ns.") || bw_str_starts(name, "pid")))
        fail(p, from,
             "a box that is built anew has other inodes and PIDs than when the step began");
    const char *arg = g->fact->arg;
    if (arg && next_is(p, "("))
        argument(p, g);
    else if (arg && arg[0] != '?')
        fail(p, p->p, "%s needs its %s in parentheses", g->fact->name, arg);
    if (g->arg && *p->p == '.' && p->p[1] != '.' && g->fact->fields)
        field(p, g);
    g->type = fact_field_type(g->fact, g->field);
    /* Without its argument it counts, with it it tells whether. */
    if (g->arg && arg && strcmp(arg, "?CAPABILITY") == 0)
        g->type = T_TRUTH;
    g->source = bw_alloc((size_t)(p->p - from) + 1);
    snprintf(g->source, (size_t)(p->p - from) + 1, "%s", from);
    return g;
}

static struct bw_goal *sampled(struct parser *p, enum op op)
{
    const char *name = op == OP_RISING ? "rising" : "slope", *from;
    struct bw_goal *g = make(p, op, op == OP_RISING ? T_TRUTH : T_NUMBER);

    if (!next_is(p, "("))
        fail(p, p->p, "%s needs a name in parentheses", name);
    blanks(p);
    from = p->p;
    g->kid[0] = parse_any(p);
    if (g->kid[0] && (g->kid[0]->op != OP_FACT || g->kid[0]->type != T_NUMBER))
        fail(p, from, "%s takes the name of a number, such as cpu.usage_us", name);
    if (!next_is(p, ")"))
        fail(p, p->p, "a ) is missing");
    return g;
}

static struct bw_goal *word(struct parser *p)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *from = p->p, *name = from;
    enum whose whose = W_BOX;

    if (next_is(p, "true") || next_is(p, "false") || next_is(p, "none")) {
        struct bw_goal *g = make(p, OP_LITERAL, *from == 'n' ? T_ANY : T_TRUTH);
        g->literal.kind = *from == 'n' ? V_NONE : V_TRUTH;
        g->literal.number = *from == 't';
        g->source = bw_strdup(*from == 't' ? "true" : *from == 'f' ? "false" : "none");
        return g;
    }
    if (next_is(p, "rising"))
        return sampled(p, OP_RISING);
    if (next_is(p, "slope"))
        return sampled(p, OP_SLOPE);
    static const char *const prefix[] = {"box.", "host.", "start."};
    for (int i = 0; i < 3; i++)
        if (bw_str_starts(from, prefix[i])) {
            whose = (enum whose)i;
            name = from + strlen(prefix[i]);
            break;
        }
    const char *end = name + strspn(name, letters);
    while (*end == '.' && isalpha((unsigned char)end[1]))
        end += 1 + strspn(end + 1, letters);
    p->p = end;
    return fact(p, from, name, (size_t)(end - name), whose);
}

static struct bw_goal *primary(struct parser *p)
{
    blanks(p);
    if (isdigit((unsigned char)*p->p))
        return number(p);
    if (*p->p == '"' || *p->p == '\'')
        return text(p);
    if (isalpha((unsigned char)*p->p))
        return word(p);
    if (next_is(p, "(")) {
        struct bw_goal *g = parse_any(p);
        if (!next_is(p, ")"))
            fail(p, p->p, "a ) is missing");
        return g;
    }
    if (*p->p == '\0')
        return fail(p, p->p, "a value is missing at the end");
    return fail(p, p->p, "a value is missing before %c",
                isprint((unsigned char)*p->p) ? *p->p : '?');
}

/* ---- operators, the loosest last ---- */

static struct bw_goal *unary(struct parser *p)
{
    if (!next_is(p, "-"))
        return primary(p);
    const char *from = p->p;
    if (++p->depth > DEPTH_MAX)
        return fail(p, from, "nested too deep");
    struct bw_goal *g = join(p, OP_NEG, T_NUMBER, unary(p), NULL);
    p->depth--;
    want(p, g->kid[0], T_NUMBER, from, "-");
    return g;
}

static struct bw_goal *product(struct parser *p)
{
    struct bw_goal *g = unary(p);

    for (;;) {
        const char *from = p->p;
        enum op op = next_is(p, "*") ? OP_MUL : next_is(p, "/") ? OP_DIV : OP_LITERAL;
        if (op == OP_LITERAL || p->failed)
            return g;
        g = join(p, op, T_NUMBER, g, unary(p));
        want(p, g->kid[0], T_NUMBER, from, "arithmetic");
        want(p, g->kid[1], T_NUMBER, from, "arithmetic");
    }
}

static struct bw_goal *sum(struct parser *p)
{
    struct bw_goal *g = product(p);

    for (;;) {
        const char *from = p->p;
        enum op op = next_is(p, "+") ? OP_ADD : next_is(p, "-") ? OP_SUB : OP_LITERAL;
        if (op == OP_LITERAL || p->failed)
            return g;
        g = join(p, op, T_NUMBER, g, product(p));
        want(p, g->kid[0], T_NUMBER, from, "arithmetic");
        want(p, g->kid[1], T_NUMBER, from, "arithmetic");
    }
}

static struct bw_goal *in(struct parser *p, struct bw_goal *g, const char *from)
{
    struct bw_goal *low = sum(p);

    if (!next_is(p, "..")) {
        want(p, g, T_TEXT, from, "in");
        want(p, low, T_TEXT, from, "in");
        return join(p, OP_IN, T_TRUTH, g, low);
    }
    g = join(p, OP_WITHIN, T_TRUTH, g, low);
    g->kid[2] = sum(p);
    for (int i = 0; i < 3; i++)
        want(p, g->kid[i], T_NUMBER, from, "in A..B");
    return g;
}

static void check_pair(struct parser *p, const struct bw_goal *g, const char *from)
{
    const struct bw_goal *a = g->kid[0], *b = g->kid[1];

    if (!a || !b)
        return;
    if (a->type != b->type && a->type != T_ANY && b->type != T_ANY)
        fail(p, from, "%s is compared with %s", type_name(a->type), type_name(b->type));
    else if (g->op != OP_EQ && g->op != OP_NE)
        want(p, a, T_NUMBER, from, "this comparison");
}

static struct bw_goal *comparison(struct parser *p)
{
    static const struct {
        const char *sign;
        enum op op;
    } of[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE},
              {">=", OP_GE}, {"<", OP_LT},  {">", OP_GT}};
    struct bw_goal *g = sum(p);

    blanks(p);
    const char *from = p->p;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (next_is(p, of[i].sign)) {
            g = join(p, of[i].op, T_TRUTH, g, sum(p));
            check_pair(p, g, from);
            return g;
        }
    if (next_is(p, "in"))
        return in(p, g, from);
    if (*p->p == '=')
        fail(p, p->p, "a comparison is written ==");
    return g;
}

static struct bw_goal *negation(struct parser *p)
{
    if (!next_is(p, "not"))
        return comparison(p);
    const char *from = p->p;
    if (++p->depth > DEPTH_MAX)
        return fail(p, from, "nested too deep");
    struct bw_goal *g = join(p, OP_NOT, T_TRUTH, negation(p), NULL);
    p->depth--;
    want(p, g->kid[0], T_TRUTH, from, "not");
    return g;
}

static struct bw_goal *chain(struct parser *p, enum op op)
{
    const char *sign = op == OP_OR ? "or" : "and";
    struct bw_goal *g = op == OP_OR ? chain(p, OP_AND) : negation(p);

    for (;;) {
        blanks(p);
        const char *from = p->p;
        if (p->failed || !next_is(p, sign))
            return g;
        g = join(p, op, T_TRUTH, g, op == OP_OR ? chain(p, OP_AND) : negation(p));
        want(p, g->kid[0], T_TRUTH, from, sign);
        want(p, g->kid[1], T_TRUTH, from, sign);
    }
}

static struct bw_goal *parse_any(struct parser *p)
{
    if (++p->depth > DEPTH_MAX)
        return fail(p, p->p, "nested too deep");
    struct bw_goal *g = chain(p, OP_OR);
    blanks(p);
    const char *from = p->p;
    if (!p->failed && next_is(p, "if")) {
        g = join(p, OP_IF, g ? g->type : T_ANY, g, chain(p, OP_OR));
        want(p, g->kid[1], T_TRUTH, from, "if");
        if (!next_is(p, "else"))
            fail(p, p->p, "an else is missing");
        g->kid[2] = parse_any(p);
        if (g->kid[0] && g->kid[2] && g->kid[0]->type != g->kid[2]->type)
            g->type = T_ANY;
    }
    p->depth--;
    return g;
}

struct bw_goal *bw_goal_parse(const char *text_, struct bw_at at, bool plain, bool truth,
                              struct bw_fault *f)
{
    struct parser p = {.text = text_, .p = text_, .at = at, .plain = plain, .f = f};

    if (strlen(text_) > BYTES_MAX) {
        fail(&p, text_, "the goal is too long: make two of it");
        return NULL;
    }
    struct bw_goal *g = parse_any(&p);
    blanks(&p);
    if (!p.failed && *p.p)
        fail(&p, p.p, "the end, and, or, or a comparison is expected here");
    if (!p.failed && truth)
        want(&p, g, T_TRUTH, text_, "a goal");
    if (!p.failed)
        return g;
    bw_goal_free(g);
    return NULL;
}

void bw_goal_free(struct bw_goal *g)
{
    if (!g)
        return;
    for (int i = 0; i < 3; i++)
        bw_goal_free(g->kid[i]);
    free(g->arg);
    free(g->source);
    free(g);
}

bool bw_goal_sampled(const struct bw_goal *g)
{
    return g && (g->op == OP_RISING || g->op == OP_SLOPE || bw_goal_sampled(g->kid[0]) ||
                 bw_goal_sampled(g->kid[1]) || bw_goal_sampled(g->kid[2]));
}
