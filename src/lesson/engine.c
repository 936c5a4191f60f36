#include "lesson/engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/words.h"

void bw_engine_open(struct bw_engine *e, const struct bw_lesson *l, const char *dir)
{
    *e = (struct bw_engine){.lesson = l, .dir = bw_strdup(dir)};
}

static void leave_step(struct bw_engine *e)
{
    if (e->has_start)
        bw_snapshot_free(&e->start);
    e->has_start = false;
    bw_samples_clear(&e->samples);
}

void bw_engine_close(struct bw_engine *e)
{
    leave_step(e);
    free(e->dir);
    *e = (struct bw_engine){0};
}

const struct bw_lesson_step *bw_engine_step(const struct bw_engine *e)
{
    return e->lesson && e->step < e->lesson->n_steps ? &e->lesson->steps[e->step] : NULL;
}

void bw_engine_restart(struct bw_engine *e, pid_t box)
{
    struct bw_err ignored = BW_ERR_INIT;

    leave_step(e);
    e->has_start = box > 0 && bw_snapshot_take(box, BW_SNAP_ALL, &e->start, &ignored) == 0;
}

void bw_engine_begin(struct bw_engine *e, size_t step, pid_t box)
{
    e->step = step;
    e->looked = e->solved = false;
    e->hints = 0;
    e->told = e->checks = 0;
    e->predicted = 0;
    bw_engine_restart(e, box);
}

/* ---- samples ---- */

bool bw_engine_samples(const struct bw_engine *e)
{
    const struct bw_lesson_step *s = bw_engine_step(e);

    for (size_t i = 0; s && i < s->n_goal; i++)
        if (bw_goal_sampled(s->goal[i].that))
            return true;
    return false;
}

void bw_engine_forget(struct bw_engine *e)
{
    bw_samples_clear(&e->samples);
}

void bw_engine_sample(struct bw_engine *e, pid_t box)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_snapshot snap;

    if (box <= 0 || bw_snapshot_take(box, BW_SNAP_CGROUPS, &snap, &ignored))
        return;
    bw_samples_add(&e->samples, bw_now_ms(), &snap);
}

bool bw_engine_sampled(const struct bw_engine *e)
{
    return bw_samples_span(&e->samples) >= BW_SAMPLED_MS;
}

/* ---- looking ---- */

/* Whether the words of line begin with those of start. */
static bool begins_with(const char *line, const char *start)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_words a = {0}, b = {0};
    size_t used;
    bool is = bw_words_split(line, strlen(line), &used, &a, &ignored) == BW_WORDS_OK &&
              bw_words_split(start, strlen(start), &used, &b, &ignored) == BW_WORDS_OK && b.n > 0 &&
              a.n >= b.n;

    for (int i = 0; is && i < b.n; i++)
        is = strcmp(a.v[i], b.v[i]) == 0;
    bw_words_free(&a);
    bw_words_free(&b);
    return is;
}

void bw_engine_ran(struct bw_engine *e, const char *line, int status, int code)
{
    const struct bw_lesson_step *s = bw_engine_step(e);
    bool as_wanted = false;

    if (!s || e->paused)
        return;
    if (s->refused == 0)
        as_wanted = status == 0;
    else
        as_wanted = status != 0 && (s->refused == BW_LESSON_ANY || s->refused == code);
    for (size_t i = 0; i < s->look.n && as_wanted && !e->looked; i++)
        e->looked = begins_with(line, s->look.v[i].text);
}

/* ---- judging ---- */

/* What goals are asked of, taken now. */
struct seen {
    struct bw_snapshot box, host;
    bool has_box, has_host;
    struct bw_scene scene;
};

static void look(struct bw_engine *e, pid_t pid, struct seen *s)
{
    struct bw_err ignored = BW_ERR_INIT;

    memset(s, 0, sizeof *s);
    s->has_box = pid > 0 && bw_snapshot_take(pid, BW_SNAP_ALL, &s->box, &ignored) == 0;
    s->has_host = bw_snapshot_take(getpid(), BW_SNAP_ALL, &s->host, &ignored) == 0;
    s->scene = (struct bw_scene){.box = s->has_box ? &s->box : NULL,
                                 .host = s->has_host ? &s->host : NULL,
                                 .start = e->has_start ? &e->start : NULL,
                                 .samples = &e->samples,
                                 .dir = e->dir};
}

static void unlook(struct seen *s)
{
    if (s->has_box)
        bw_snapshot_free(&s->box);
    if (s->has_host)
        bw_snapshot_free(&s->host);
}

void bw_engine_look_say(const struct bw_lesson_step *step, struct bw_str *out)
{
    for (size_t i = 0; i < step->look.n; i++)
        bw_str_addf(out, "%s`%s`", i > 0 ? " or " : "", step->look.v[i].text);
    if (step->refused == 0)
        bw_str_add(out, " has been run");
    else if (step->refused == BW_LESSON_ANY)
        bw_str_add(out, " has been refused");
    else
        bw_str_addf(out, " has been refused with %s", bw_err_name(step->refused));
}

static void looking_part(const struct bw_engine *e, const struct bw_lesson_step *s,
                         struct bw_verdict *v)
{
    bw_engine_look_say(s, &v->looked);
    v->part[v->n++] =
        (struct bw_verdict_part){e->looked ? BW_TRUE : BW_FALSE, bw_str_get(&v->looked)};
    if (!e->looked && v->why.len == 0)
        bw_str_addf(&v->why, "%s has not been %s yet", s->look.v[0].text,
                    s->refused ? "refused" : "run");
}

void bw_engine_check(struct bw_engine *e, pid_t box, struct bw_verdict *v)
{
    const struct bw_lesson_step *s = bw_engine_step(e);
    struct seen seen;

    *v = (struct bw_verdict){0};
    if (!s)
        return;
    look(e, box, &seen);
    v->part = bw_alloc((s->n_goal + 1) * sizeof *v->part);
    for (size_t i = 0; i < s->n_goal; i++) {
        enum bw_truth t = bw_goal_holds(s->goal[i].that, &seen.scene);
        v->part[v->n++] = (struct bw_verdict_part){t, s->goal[i].say};
        if (t != BW_TRUE && v->why.len == 0)
            bw_goal_why(s->goal[i].that, &seen.scene, &v->why);
    }
    if (s->look.n > 0)
        looking_part(e, s, v);
    for (size_t i = 0; i < v->n; i++)
        v->hold += v->part[i].holds == BW_TRUE;
    v->done = v->hold == v->n;
    unlook(&seen);
}

void bw_verdict_free(struct bw_verdict *v)
{
    free(v->part);
    bw_str_free(&v->why);
    bw_str_free(&v->looked);
    *v = (struct bw_verdict){0};
}

static bool fits(const struct bw_lesson_hint *h, const struct bw_scene *s)
{
    return !h->when || bw_goal_holds(h->when, s) == BW_TRUE;
}

const char *bw_engine_hint(struct bw_engine *e, pid_t box)
{
    const struct bw_lesson_step *s = bw_engine_step(e);
    const char *say = NULL;
    struct seen seen;

    if (!s)
        return NULL;
    look(e, box, &seen);
    for (int ladder = 0; ladder < 2 && !say; ladder++)
        for (size_t i = 0; i < s->n_hints && !say; i++)
            if (!(e->hints >> i & 1) && (s->hints[i].when == NULL) == ladder &&
                fits(&s->hints[i], &seen.scene)) {
                say = s->hints[i].say;
                e->hints |= UINT64_C(1) << i;
                e->told++;
            }
    unlook(&seen);
    return say;
}

int bw_engine_expected(struct bw_engine *e, pid_t box, struct bw_str *seen_text)
{
    const struct bw_lesson_step *s = bw_engine_step(e);
    struct seen seen;

    if (!s || !s->predict.ask)
        return 0;
    look(e, box, &seen);
    bw_goal_text(s->predict.expect, &seen.scene, seen_text);
    unlook(&seen);
    for (size_t i = 0; i < s->predict.choices.n; i++)
        if (strcmp(s->predict.choices.v[i].text, bw_str_get(seen_text)) == 0)
            return (int)i + 1;
    return 0;
}
