/* A lesson in a session: what happens around each command. */
#include "cmd/tutor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "cmd/boxes.h"
#include "cmd/table.h"
#include "kern/rootfs.h"
#include "lesson/progress.h"
#include "tutor_priv.h"

void bw_tutor_close(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;
    bool kept = false;

    if (!t)
        return;
    s->tutor = NULL;
    bw_box_begin_anew(s);
    BW_AUTO_STR dir = BW_STR_INIT;
    bw_str_add(&dir, t->room.dir ? t->room.dir : "");
    size_t n = t->lesson->n_steps;
    lesson_room_close(&t->room, &kept);
    if (kept)
        bw_session_note(s, "the lesson's folder stays, with files of yours in it: %s", dir.s);
    for (size_t i = 0; t->began && i < n; i++)
        free(t->began[i]);
    free(t->began);
    free(t->ran);
    bw_str_free(&t->did);
    bw_str_free(&t->where);
    bw_lesson_free(t->lesson);
    free(t);
}

/* ---- the box as a step began with it ---- */

static void note_journal(struct bw_session *s, struct bw_str *out)
{
    bw_str_add(out, "");
    bw_session_steps(s, out);
    if (out->len > 0)
        out->s[--out->len] = '\0';
}

static void note_began(struct bw_session *s, size_t step)
{
    struct bw_tutor *t = s->tutor;
    BW_AUTO_STR lines = BW_STR_INIT;

    t->n_steps = s->box->journal.n;
    if (step >= t->lesson->n_steps)
        return;
    note_journal(s, &lines);
    free(t->began[step]);
    t->began[step] = bw_str_steal(&lines);
}

static int run_quietly(struct bw_session *s, const char *text)
{
    bool replaying = s->replaying;

    s->status = 0;
    s->replaying = true;
    int status = bw_session_text(s, text, strlen(text), NULL);
    s->replaying = replaying;
    if (status == 0)
        return 0;
    s->err = s->last_err;
    return -1;
}

int tutor_rebuild(struct bw_session *s, size_t i)
{
    struct bw_tutor *t = s->tutor;
    const char *lines = t->began[i] ? t->began[i] : "";

    bw_box_begin_anew(s);
    bw_rootfs_clear(t->room.dir);
    if (run_quietly(s, lines) || !bw_session_box(s)) {
        bw_box_begin_anew(s);
        return -1;
    }
    return 0;
}

/* ---- steps ---- */

static void record(struct bw_session *s, enum bw_predicted predicted)
{
    struct bw_tutor *t = s->tutor;
    struct bw_engine *e = &t->room.e;
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR lines = BW_STR_INIT;
    struct bw_done d = {.hash = t->lesson->hash,
                        .hints = (unsigned)e->told,
                        .checks = (unsigned)e->checks,
                        .seconds = (unsigned)((bw_now_ms() - t->ms) / 1000),
                        .solution = e->solved,
                        .predicted = predicted};

    note_journal(s, &lines);
    d.commands = lines.s;
    d.typed = t->did.s;
    snprintf(d.lesson, sizeof d.lesson, "%s", t->lesson->id);
    snprintf(d.step, sizeof d.step, "%s", t->lesson->steps[e->step].id);
    if (!t->present && bw_progress_add(&d, &err))
        bw_session_print_err(s, &err, NULL);
}

static enum bw_predicted score(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;
    const struct bw_lesson_step *step = bw_engine_step(&t->room.e);
    BW_AUTO_STR seen = BW_STR_INIT;

    if (!step->predict.ask)
        return BW_NOT_ASKED;
    int is = bw_engine_expected(&t->room.e, lesson_room_box(&t->room), &seen);
    int said = t->room.e.predicted;
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_str_add_safe(&safe, is > 0 ? step->predict.choices.v[is - 1].text : bw_str_get(&seen));
    t->asked += said > 0;
    t->right += said > 0 && said == is;
    if (said == 0)
        bw_msg(s->out, "  Your question had the answer: %s\n", safe.s);
    else if (said == is)
        bw_put(s->out, BW_MSG, BW_GOOD, "  You predicted it: %s\n", safe.s);
    else
        bw_msg(s->out, "  You predicted %s; it is: %s\n", step->predict.choices.v[said - 1].text,
               safe.s);
    return said == 0 ? BW_NO_ANSWER : said == is ? BW_RIGHT : BW_WRONG;
}

/* What the box was when the step began is the measure of "still". */
static void enter(struct bw_session *s, size_t i)
{
    struct bw_tutor *t = s->tutor;

    bw_session_box(s);
    t->typed = 0;
    bw_str_clear(&t->did);
    t->ms = bw_now_ms();
    note_began(s, i);
    bw_engine_begin(&t->room.e, i, lesson_room_box(&t->room));
}

void tutor_begin(struct bw_session *s, size_t i)
{
    struct bw_tutor *t = s->tutor;

    enter(s, i);
    if (!bw_engine_step(&t->room.e)) {
        tutor_say_end(s);
        return;
    }
    tutor_say_step(s);
    bw_str_clear(&t->where);
}

static void done(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;

    tutor_say_done(s);
    enum bw_predicted predicted = score(s);
    bw_msg(s->out, "\n");
    bw_rich_print(&bw_engine_step(&t->room.e)->after, s->out, BW_MSG, tutor_width(s));
    record(s, predicted);
    tutor_begin(s, t->room.e.step + 1);
}

bool tutor_judge(struct bw_session *s, bool loud)
{
    struct bw_tutor *t = s->tutor;
    struct bw_engine *e = &t->room.e;
    struct bw_verdict v;

    /* Undone to its beginning the box has no process, and is what the next one begins with. */
    if (s->box->stage.pid <= 0 && bw_session_box(s))
        bw_engine_restart(e, lesson_room_box(&t->room));
    if (loud && bw_engine_samples(e))
        lesson_room_watch(&t->room);
    bw_engine_check(e, lesson_room_box(&t->room), &v);
    bw_str_clear(&t->where);
    bw_str_addf(&t->where, "%zu of %zu hold", v.hold, v.n);
    if (v.why.len > 0)
        bw_str_addf(&t->where, "; %s", v.why.s);
    if (loud)
        tutor_say_verdict(s, &v);
    e->checks += loud && !v.done;
    bool is_done = v.done;
    bw_verdict_free(&v);
    if (is_done)
        done(s);
    return is_done;
}

/* ---- around a command ---- */

static bool answered(struct bw_session *s, int argc, char *const *argv)
{
    struct bw_engine *e = &s->tutor->room.e;
    const struct bw_lesson_step *step = bw_engine_step(e);
    long long n;

    if (argc != 1 || !step || !step->predict.ask || e->paused || s->tutor->waiting ||
        bw_parse_num(argv[0], 0, 99, &n))
        return false;
    if (n < 1 || n > (long long)step->predict.choices.n) {
        bw_msg(s->out, "  The choices are numbered from 1 to %zu.\n", step->predict.choices.n);
        return true;
    }
    e->predicted = (int)n;
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_msg(s->out, "  You predict: %s. Now see.\n",
           bw_str_safe(&safe, step->predict.choices.v[n - 1].text));
    return true;
}

static bool of_lessons(const char *name)
{
    const struct bw_command *c = bw_command_find(name);

    return c && bw_command_group(c) == BW_G_LESSON;
}

bool bw_tutor_before(struct bw_session *s, int argc, char *const *argv)
{
    struct bw_tutor *t = s->tutor;

    if (!t || s->replaying || answered(s, argc, argv))
        return t && !s->replaying;
    BW_AUTO_STR line = BW_STR_INIT;
    for (int i = 0; i < argc; i++) {
        if (i > 0)
            bw_str_addc(&line, ' ');
        bw_words_quote(&line, argv[i]);
    }
    free(t->ran);
    t->ran = bw_str_steal(&line);
    t->n_before = s->box->journal.n;
    if (!t->room.e.paused)
        lesson_room_before(&t->room);
    return false;
}

/* What a class hands in: all that was typed for the step, in its order. */
static void note_typed(struct bw_session *s, const char *name)
{
    const struct bw_command *c = bw_command_find(name);
    struct bw_tutor *t = s->tutor;

    if (c && bw_command_group(c) != BW_G_SHELL && t->ran && !strchr(t->ran, '\n'))
        bw_str_addf(&t->did, "%s%s", t->did.len > 0 ? "\n" : "", t->ran);
}

void bw_tutor_after(struct bw_session *s, int argc, char *const *argv)
{
    struct bw_tutor *t = s->tutor;

    if (!t || s->replaying || s->quit || argc == 0)
        return;
    lesson_room_after(&t->room);
    if (!of_lessons(argv[0]) && !t->waiting && !t->room.e.paused && bw_engine_step(&t->room.e)) {
        int status = s->status, code = status ? s->err.code : 0;
        note_typed(s, argv[0]);
        if (s->box->journal.n == t->n_steps && s->box->journal.n < t->n_before)
            bw_engine_restart(&t->room.e, lesson_room_box(&t->room));
        bw_engine_ran(&t->room.e, t->ran ? t->ran : "", status, code);
        tutor_judge(s, false);
    }
    free(t->ran);
    t->ran = NULL;
    tutor_say_status(s);
}

const char *bw_tutor_next(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;
    const struct bw_lesson_step *step = t ? bw_engine_step(&t->room.e) : NULL;

    if (!step || !t->present || t->room.e.paused || t->waiting || t->typed >= step->solution.n)
        return NULL;
    return step->solution.v[t->typed++].text;
}
