/* The front matter's tree becomes a lesson. Every key is known, every fault has its place. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "lesson_priv.h"

/* One key of a map: who takes its value. */
struct key {
    const char *name;
    bool must;
    int (*take)(void *into, const struct bw_node *v, struct bw_fault *f);
};

static const struct key *find_key(const struct key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static int unknown_key(const struct bw_node *key, const struct key *keys, size_t n,
                       const char *what, struct bw_fault *f)
{
    BW_AUTO_STR known = BW_STR_INIT;

    for (size_t i = 0; i < n; i++)
        bw_str_addf(&known, "%s%s", i > 0 ? " " : "", keys[i].name);
    bw_fault_set(f, key->at, "%s has no key %.40s", what, key->text);
    snprintf(f->todo, sizeof f->todo, "its keys are %.180s", bw_str_get(&known));
    return -1;
}

static int take_map(void *into, const struct bw_node *map, const struct key *keys, size_t n,
                    const char *what, struct bw_fault *f)
{
    if (map->kind != BW_NODE_MAP)
        return bw_fault_set(f, map->at, "%s is a map: KEY: VALUE", what);
    for (size_t i = 0; i + 1 < map->n; i += 2) {
        const struct key *k = find_key(keys, n, map->v[i]->text);
        if (!k)
            return unknown_key(map->v[i], keys, n, what, f);
        if (k->take(into, map->v[i + 1], f))
            return -1;
    }
    for (size_t k = 0; k < n; k++) {
        bool there = !keys[k].must;
        for (size_t i = 0; i + 1 < map->n && !there; i += 2)
            there = strcmp(map->v[i]->text, keys[k].name) == 0;
        if (!there)
            return bw_fault_set(f, map->at, "%s needs the key %s", what, keys[k].name);
    }
    return 0;
}

/* ---- texts ---- */

static int take_text(char **into, const struct bw_node *v, struct bw_fault *f)
{
    if (v->kind != BW_NODE_TEXT)
        return bw_fault_set(f, v->at, "a text belongs here; one with a colon or a # needs quotes");
    if (v->text[strspn(v->text, " \n\t")] == '\0')
        return bw_fault_set(f, v->at, "a text is missing here");
    free(*into);
    *into = bw_strdup(v->text);
    for (char *p = *into; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    return 0;
}

static int take_id(char **into, const struct bw_node *v, struct bw_fault *f)
{
    if (take_text(into, v, f))
        return -1;
    if (!bw_lesson_id_valid(*into))
        return bw_fault_set(f, v->at,
                            "an id is at most 32 small letters, digits and -, and begins with a "
                            "letter");
    return 0;
}

static int take_goal(struct bw_goal **into, const struct bw_node *v, bool truth, struct bw_fault *f)
{
    struct bw_at at = v->at;

    if (v->kind != BW_NODE_TEXT)
        return bw_fault_set(f, v->at, "an expression belongs here, in quotes");
    at.col += v->quote;
    bw_goal_free(*into);
    *into = bw_goal_parse(v->text, v->plain ? at : v->at, v->plain, truth, f);
    return *into ? 0 : -1;
}

static int take_lines(struct bw_lesson_lines *into, const struct bw_node *v, struct bw_fault *f)
{
    if (v->kind != BW_NODE_LIST)
        return bw_fault_set(f, v->at, "a list belongs here: [one, two] or lines that begin with -");
    for (size_t i = 0; i < v->n; i++) {
        BW_AUTO_FREE char *text = NULL;
        if (take_text(&text, v->v[i], f))
            return -1;
        bw_lesson_add(into, text, v->v[i]->at, 0);
    }
    return 0;
}

/* ---- a solution's command: a text, or do and status ---- */

static int take_do(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson_line *l = into;

    l->at = v->at;
    return take_text(&l->text, v, f);
}

static int take_status(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson_line *l = into;
    long long n = 0;

    if (v->kind == BW_NODE_TEXT && strcmp(v->text, "any") == 0) {
        l->status = BW_LESSON_ANY;
        return 0;
    }
    if (v->kind != BW_NODE_TEXT || bw_parse_num(v->text, 0, 255, &n))
        return bw_fault_set(f, v->at, "status is a number from 0 to 255, or any");
    l->status = (int)n;
    return 0;
}

static int take_solution(void *into, const struct bw_node *v, struct bw_fault *f)
{
    static const struct key keys[] = {{"do", true, take_do}, {"status", true, take_status}};
    struct bw_lesson_step *s = into;

    if (v->kind != BW_NODE_LIST || v->n == 0)
        return bw_fault_set(f, v->at, "solution is a list of commands");
    for (size_t i = 0; i < v->n; i++) {
        struct bw_lesson_line l = {.at = v->v[i]->at};
        int r = v->v[i]->kind == BW_NODE_MAP
                    ? take_map(&l, v->v[i], keys, 2, "a command of a solution", f)
                    : take_do(&l, v->v[i], f);
        if (r == 0)
            bw_lesson_add(&s->solution, l.text, l.at, l.status);
        free(l.text);
        if (r)
            return -1;
    }
    return 0;
}

/* ---- goals ---- */

static int take_that(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson_clause *c = into;

    c->at = v->at;
    return take_goal(&c->that, v, true, f);
}

static int take_clause_say(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_text(&((struct bw_lesson_clause *)into)->say, v, f);
}

static int take_goals(void *into, const struct bw_node *v, struct bw_fault *f)
{
    static const struct key keys[] = {{"that", true, take_that}, {"say", true, take_clause_say}};
    struct bw_lesson_step *s = into;

    if (v->kind != BW_NODE_LIST || v->n == 0)
        return bw_fault_set(f, v->at, "goal is a list of {that: \"...\", say: \"...\"}");
    for (size_t i = 0; i < v->n; i++) {
        s->goal = bw_realloc(s->goal, (s->n_goal + 1) * sizeof *s->goal);
        s->goal[s->n_goal] = (struct bw_lesson_clause){0};
        if (take_map(&s->goal[s->n_goal++], v->v[i], keys, 2, "a part of a goal", f))
            return -1;
    }
    return 0;
}

/* ---- hints: a text, or one with a condition ---- */

static int take_if(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_goal(&((struct bw_lesson_hint *)into)->when, v, true, f);
}

static int take_hint_say(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_text(&((struct bw_lesson_hint *)into)->say, v, f);
}

static int take_hints(void *into, const struct bw_node *v, struct bw_fault *f)
{
    static const struct key keys[] = {{"if", true, take_if}, {"say", true, take_hint_say}};
    struct bw_lesson_step *s = into;

    if (v->kind != BW_NODE_LIST || v->n > 32)
        return bw_fault_set(f, v->at, "hints is a list of at most 32");
    for (size_t i = 0; i < v->n; i++) {
        s->hints = bw_realloc(s->hints, (s->n_hints + 1) * sizeof *s->hints);
        struct bw_lesson_hint *h = &s->hints[s->n_hints++];
        *h = (struct bw_lesson_hint){0};
        int r = v->v[i]->kind == BW_NODE_MAP
                    ? take_map(h, v->v[i], keys, 2, "a hint with a condition", f)
                    : take_hint_say(h, v->v[i], f);
        if (r)
            return -1;
    }
    return 0;
}

/* ---- a prediction ---- */

static int take_ask(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_text(&((struct bw_lesson_predict *)into)->ask, v, f);
}

static int take_choices(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson_predict *p = into;

    if (take_lines(&p->choices, v, f))
        return -1;
    if (p->choices.n < 2 || p->choices.n > 9)
        return bw_fault_set(f, v->at, "a prediction has 2 to 9 choices");
    return 0;
}

static int take_expect(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_goal(&((struct bw_lesson_predict *)into)->expect, v, false, f);
}

static int take_predict(void *into, const struct bw_node *v, struct bw_fault *f)
{
    static const struct key keys[] = {
        {"ask", true, take_ask}, {"choices", true, take_choices}, {"expect", true, take_expect}};
    struct bw_lesson_predict *p = &((struct bw_lesson_step *)into)->predict;

    p->at = v->at;
    return take_map(p, v, keys, 3, "predict", f);
}

/* ---- a step ---- */

static int take_step_id(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_id(&((struct bw_lesson_step *)into)->id, v, f);
}

static int take_step_title(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_text(&((struct bw_lesson_step *)into)->title, v, f);
}

static int take_look(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_lines(&((struct bw_lesson_step *)into)->look, v, f);
}

static int take_refused(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson_step *s = into;

    if (v->kind != BW_NODE_TEXT)
        return bw_fault_set(f, v->at, "refused is the name of an error, such as EPERM, or any");
    s->refused = strcmp(v->text, "any") == 0 ? BW_LESSON_ANY : bw_err_by_name(v->text);
    return s->refused ? 0 : bw_fault_set(f, v->at, "%.30s is no error of the kernel", v->text);
}

static int take_no_undo(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson_step *s = into;

    if (take_text(&s->no_undo, v, f))
        return -1;
    if (strlen(s->no_undo) < 8)
        return bw_fault_set(f, v->at, "no-undo says in a sentence why undo does not undo the goal");
    return 0;
}

static int take_step(struct bw_lesson_step *s, const struct bw_node *v, struct bw_fault *f)
{
    static const struct key keys[] = {
        {"id", true, take_step_id},       {"title", false, take_step_title},
        {"predict", false, take_predict}, {"goal", false, take_goals},
        {"look", false, take_look},       {"refused", false, take_refused},
        {"hints", false, take_hints},     {"solution", true, take_solution},
        {"no-undo", false, take_no_undo}};

    s->at = v->at;
    if (take_map(s, v, keys, sizeof keys / sizeof *keys, "a step", f))
        return -1;
    if (s->n_goal == 0 && s->look.n == 0)
        return bw_fault_set(f, v->at, "a step needs a goal, or look: the commands to look with");
    if (s->refused && s->look.n == 0)
        return bw_fault_set(f, v->at, "refused goes with look: the command that is refused");
    if (!s->title)
        s->title = bw_strdup(s->id);
    return 0;
}

/* ---- the lesson ---- */

static int take_lesson_id(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_id(&((struct bw_lesson *)into)->id, v, f);
}

static int take_title(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_text(&((struct bw_lesson *)into)->title, v, f);
}

static int take_minutes(void *into, const struct bw_node *v, struct bw_fault *f)
{
    long long n = 0;

    if (v->kind != BW_NODE_TEXT || bw_parse_num(v->text, 1, 120, &n))
        return bw_fault_set(f, v->at, "minutes is a number from 1 to 120");
    ((struct bw_lesson *)into)->minutes = (int)n;
    return 0;
}

static int take_requires(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson *l = into;

    if (take_lines(&l->requires, v, f))
        return -1;
    for (size_t i = 0; i < l->requires.n; i++)
        if (!bw_lesson_require_known(l->requires.v[i].text)) {
            bw_fault_set(f, l->requires.v[i].at, "nothing called %.30s can be required",
                         l->requires.v[i].text);
            snprintf(f->todo, sizeof f->todo, "docs/LESSON_FORMAT.md lists the words");
            return -1;
        }
    return 0;
}

static int take_without_root(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_lines(&((struct bw_lesson *)into)->without_root, v, f);
}

static int take_setup(void *into, const struct bw_node *v, struct bw_fault *f)
{
    return take_lines(&((struct bw_lesson *)into)->setup, v, f);
}

static int take_steps(void *into, const struct bw_node *v, struct bw_fault *f)
{
    struct bw_lesson *l = into;

    if (v->kind != BW_NODE_LIST || v->n == 0)
        return bw_fault_set(f, v->at, "steps is a list of steps");
    for (size_t i = 0; i < v->n; i++) {
        l->steps = bw_realloc(l->steps, (l->n_steps + 1) * sizeof *l->steps);
        struct bw_lesson_step *s = &l->steps[l->n_steps++];
        *s = (struct bw_lesson_step){0};
        if (take_step(s, v->v[i], f))
            return -1;
        for (size_t k = 0; k < i; k++)
            if (strcmp(l->steps[k].id, s->id) == 0)
                return bw_fault_set(f, s->at, "there are two steps with the id %s", s->id);
    }
    return 0;
}

int lesson_take_front(struct bw_lesson *l, const struct bw_node *front, struct bw_fault *f)
{
    static const struct key keys[] = {{"id", true, take_lesson_id},
                                      {"title", true, take_title},
                                      {"minutes", false, take_minutes},
                                      {"requires", false, take_requires},
                                      {"without-root", false, take_without_root},
                                      {"setup", false, take_setup},
                                      {"steps", true, take_steps}};

    return take_map(l, front, keys, sizeof keys / sizeof *keys, "a lesson", f);
}
