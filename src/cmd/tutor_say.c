/* What a lesson says. */
#include <stdio.h>
#include <string.h>

#include "tutor_priv.h"

enum { WIDTH = 78 };

int tutor_width(const struct bw_session *s)
{
    int w = s->out->width > 0 ? s->out->width - 1 : WIDTH;

    return w > WIDTH ? WIDTH : w;
}

static void line(struct bw_session *s, const char *first, int indent, const char *text)
{
    bw_rich_line(text, first, indent, s->out, BW_MSG, tutor_width(s));
}

void tutor_say_intro(struct bw_session *s)
{
    const struct bw_lesson *l = s->tutor->lesson;
    BW_AUTO_STR title = BW_STR_INIT;

    bw_put(s->out, BW_MSG, BW_BOLD, "%s\n\n", bw_str_safe(&title, l->title));
    bw_rich_print(&l->intro, s->out, BW_MSG, tutor_width(s));
}

static void commands(struct bw_session *s, const struct bw_lesson_lines *v)
{
    BW_AUTO_STR safe = BW_STR_INIT;

    for (size_t i = 0; i < v->n; i++)
        bw_put(s->out, BW_MSG, BW_BOLD, "    %s\n", bw_str_safe(&safe, v->v[i].text));
}

void tutor_say_setup(struct bw_session *s)
{
    const struct bw_lesson *l = s->tutor->lesson;

    bw_msg(s->out, "\nThis lesson begins with these commands:\n");
    if (bw_lesson_unprivileged(l))
        commands(s, &l->without_root);
    commands(s, &l->setup);
}

void tutor_say_question(struct bw_session *s)
{
    const struct bw_lesson_predict *p = &bw_engine_step(&s->tutor->room.e)->predict;

    if (!p->ask)
        return;
    bw_msg(s->out, "\n");
    line(s, "? ", 2, p->ask);
    for (size_t i = 0; i < p->choices.n; i++) {
        char number[32];
        snprintf(number, sizeof number, "  %zu  ", i + 1);
        line(s, number, 5, p->choices.v[i].text);
    }
    bw_put(s->out, BW_MSG, BW_DIM, "  Predict first: type the number. Or go on without.\n");
}

static void say_goals(struct bw_session *s)
{
    const struct bw_lesson_step *step = bw_engine_step(&s->tutor->room.e);
    BW_AUTO_STR look = BW_STR_INIT;

    bw_msg(s->out, "\n");
    for (size_t i = 0; i < step->n_goal; i++)
        line(s, "[ ] ", 4, step->goal[i].say);
    bw_engine_look_say(step, &look);
    if (step->look.n > 0)
        line(s, "[ ] ", 4, look.s);
}

void tutor_say_step(struct bw_session *s)
{
    const struct bw_engine *e = &s->tutor->room.e;
    const struct bw_lesson_step *step = bw_engine_step(e);
    BW_AUTO_STR title = BW_STR_INIT;

    bw_put(s->out, BW_MSG, BW_BOLD, "\nStep %zu of %zu: %s\n\n", e->step + 1, e->lesson->n_steps,
           bw_str_safe(&title, step->title));
    bw_rich_print(&step->text, s->out, BW_MSG, tutor_width(s));
    say_goals(s);
    tutor_say_question(s);
    if (s->tutor->present)
        bw_put(s->out, BW_MSG, BW_DIM, "  Enter types the next command, Enter again runs it.\n");
}

void tutor_say_verdict(struct bw_session *s, const struct bw_verdict *v)
{
    static const char *const mark[] = {
        [BW_FALSE] = "[ ] ", [BW_TRUE] = "[x] ", [BW_UNSEEN] = "[?] "};

    for (size_t i = 0; i < v->n; i++)
        line(s, mark[v->part[i].holds], 4, v->part[i].say);
    if (v->done)
        return;
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_addf(&text, "%s.", s->tutor->where.s);
    line(s, "", 0, text.s);
}

void tutor_say_done(struct bw_session *s)
{
    const struct bw_engine *e = &s->tutor->room.e;

    bw_put(s->out, BW_MSG, BW_GOOD, "\nDone: step %zu of %zu.\n", e->step + 1, e->lesson->n_steps);
}

void tutor_say_end(struct bw_session *s)
{
    const struct bw_tutor *t = s->tutor;
    BW_AUTO_STR title = BW_STR_INIT;

    bw_put(s->out, BW_MSG, BW_GOOD, "\nThe lesson is done: %s.\n",
           bw_str_safe(&title, t->lesson->title));
    if (t->asked > 0)
        bw_msg(s->out, "  %zu of %zu predictions were right.\n", t->right, t->asked);
    if (t->hints > 0)
        bw_msg(s->out, "  %zu %s told.\n", t->hints, t->hints == 1 ? "hint was" : "hints were");
    bw_msg(s->out, "  The box stays as long as you like; learn NAME or learn stop ends it. lessons "
                   "lists them.\n");
}

bool bw_tutor_status(struct bw_session *s, struct bw_str *where, struct bw_str *keys)
{
    const struct bw_tutor *t = s->tutor;

    if (!t)
        return false;
    const struct bw_engine *e = &t->room.e;
    const struct bw_lesson_step *step = bw_engine_step(e);
    if (t->waiting)
        bw_str_addf(where, "%s: its first commands wait for learn begin", t->lesson->name);
    else if (!step)
        bw_str_addf(where, "%s: done", t->lesson->name);
    else if (e->paused)
        bw_str_addf(where, "%s: paused at step %zu of %zu", t->lesson->name, e->step + 1,
                    t->lesson->n_steps);
    else
        bw_str_addf(where, "%s, step %zu of %zu%s%s", t->lesson->name, e->step + 1,
                    t->lesson->n_steps, t->where.len > 0 ? ": " : "", bw_str_get(&t->where));
    if (t->waiting)
        bw_str_add(keys, "learn begin, learn stop");
    else if (e->paused)
        bw_str_add(keys, "play goes on, ^C too");
    else if (!step)
        bw_str_add(keys, "lessons, learn stop, learn reset lesson");
    else
        bw_str_add(keys, "hint, check, undo, play, learn reset, learn reset lesson");
    return true;
}

void tutor_say_status(struct bw_session *s)
{
    BW_AUTO_STR where = BW_STR_INIT, keys = BW_STR_INIT, safe = BW_STR_INIT;

    if (s->view || !bw_tutor_status(s, &where, &keys))
        return;
    bw_put(s->out, BW_MSG, BW_NOTE, "-- %s\n", bw_str_safe(&safe, where.s));
    bw_put(s->out, BW_MSG, BW_DIM, "   %s\n", keys.s);
}
