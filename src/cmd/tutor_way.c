/* The way through a lesson: beginning, resuming, pausing. */
#include <stdlib.h>
#include <string.h>

#include "cmd/boxes.h"
#include "lesson/progress.h"
#include "tutor_priv.h"

static int empty_box_first(struct bw_session *s)
{
    if (s->n_boxes > 1) {
        bw_err_set(&s->err, "a lesson begins with one box, and this session has %zu", s->n_boxes);
        bw_err_todo(&s->err, "save FILE keeps their steps, box rm removes one; then learn again");
        return -1;
    }
    if (s->box->journal.n == 0)
        return 0;
    bw_err_set(&s->err, "a lesson begins with an empty box, and this one has %zu %s",
               s->box->journal.n, s->box->journal.n == 1 ? "step" : "steps");
    bw_err_todo(&s->err, "save FILE keeps them, reset empties the box; then learn again");
    return -1;
}

static int machine_first(struct bw_session *s, const struct bw_lesson *l)
{
    struct bw_lesson_lack lack[1];

    if (bw_lesson_lacks(l, lack, 1) == 0)
        return 0;
    bw_err_set(&s->err, "the lesson requires %s: %s", lack[0].what, lack[0].why);
    bw_err_todo(&s->err, "%s", lack[0].fix);
    return -1;
}

int tutor_open(struct bw_session *s, struct bw_lesson *l, bool trusted, bool present)
{
    if (s->tutor)
        bw_tutor_close(s);
    if (empty_box_first(s) || machine_first(s, l)) {
        bw_lesson_free(l);
        return -1;
    }
    struct bw_tutor *t = bw_alloc(sizeof *t);
    *t = (struct bw_tutor){.lesson = l, .present = present};
    if (lesson_room_open(&t->room, s, l)) {
        bw_lesson_free(l);
        free(t);
        return -1;
    }
    /* An empty box forgets what an earlier one could have redone: it was made elsewhere. */
    bw_box_begin_anew(s);
    t->began = bw_alloc(l->n_steps * sizeof *t->began);
    memset(t->began, 0, l->n_steps * sizeof *t->began);
    s->tutor = t;
    tutor_say_intro(s);
    bool setup = l->setup.n > 0 || bw_lesson_unprivileged(l);
    if (setup)
        tutor_say_setup(s);
    if (!setup || trusted)
        return tutor_start(s, false);
    t->waiting = true;
    return 0;
}

/* What the lesson itself makes before its first step. */
static void setup_lines(const struct bw_lesson *l, struct bw_str *out)
{
    bw_str_add(out, "");
    for (size_t i = 0; bw_lesson_unprivileged(l) && i < l->without_root.n; i++)
        bw_str_addf(out, "%s\n", l->without_root.v[i].text);
    for (size_t i = 0; i < l->setup.n; i++)
        bw_str_addf(out, "%s\n", l->setup.v[i].text);
}

/* Where progress says, if the box can be made so once more; else the beginning. */
static size_t resume_at(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;
    struct bw_progress p;
    struct bw_err err = BW_ERR_INIT;
    const char *commands = "";

    if (bw_progress_read(&p, &err)) {
        bw_session_print_err(s, &err, NULL);
        return 0;
    }
    size_t n = bw_progress_of(&p, t->lesson, &commands);
    if (n > 0 && n < t->lesson->n_steps) {
        free(t->began[n]);
        t->began[n] = bw_strdup(commands);
    }
    bw_progress_free(&p);
    return n < t->lesson->n_steps ? n : 0;
}

static int begin_anew(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;
    BW_AUTO_STR setup = BW_STR_INIT;

    setup_lines(t->lesson, &setup);
    free(t->began[0]);
    t->began[0] = bw_str_steal(&setup);
    return tutor_rebuild(s, 0);
}

static void note_anew(struct bw_session *s)
{
    struct bw_done d = {.hash = s->tutor->lesson->hash, .lesson = "", .step = "-"};
    struct bw_err err = BW_ERR_INIT;

    strncpy(d.lesson, s->tutor->lesson->id, sizeof d.lesson - 1);
    if (!s->tutor->present && bw_progress_add(&d, &err))
        bw_session_print_err(s, &err, NULL);
}

int tutor_start(struct bw_session *s, bool anew)
{
    struct bw_tutor *t = s->tutor;
    size_t at = anew || t->present ? 0 : resume_at(s);

    t->waiting = false;
    if (anew)
        note_anew(s);
    if (at > 0 && tutor_rebuild(s, at) == 0) {
        size_t n = s->box->journal.n;
        bw_msg(s->out, "  Going on after step %zu", at);
        if (n > 0)
            bw_msg(s->out, ": the box was made again from its %zu %s", n,
                   n == 1 ? "step" : "steps");
        bw_msg(s->out, ". learn reset lesson begins anew.\n");
    } else {
        if (at > 0)
            bw_session_note(s, "the box of step %zu could not be made again: %s", at + 1,
                            *s->err.call ? s->err.call : s->err.cause);
        at = 0;
        if (begin_anew(s)) {
            struct bw_err err = s->err;
            bw_tutor_close(s);
            s->err = err;
            return -1;
        }
    }
    tutor_begin(s, at);
    return 0;
}

/* ---- play ---- */

int tutor_pause(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;

    t->room.e.paused = true;
    t->n_paused = s->box->journal.n;
    bw_msg(s->out, "  The lesson waits: nothing counts now. play or ^C goes on with it, and takes "
                   "back what you did meanwhile.\n");
    return 0;
}

int tutor_resume(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;
    size_t more = s->box->journal.n > t->n_paused ? s->box->journal.n - t->n_paused : 0;

    t->room.e.paused = false;
    if (more > 0) {
        for (size_t i = 0; i < more; i++)
            bw_journal_undo(&s->box->journal);
        if (bw_session_rebuild(s))
            return -1;
        bw_msg(s->out, "  %zu %s taken back.\n", more, more == 1 ? "step" : "steps");
    } else if (s->box->journal.n < t->n_paused) {
        bw_session_note(s, "steps of the lesson were undone meanwhile: redo, or learn reset");
    }
    bw_msg(s->out, "  The lesson goes on.\n");
    if (!bw_session_box(s))
        return -1;
    bw_engine_restart(&t->room.e, lesson_room_box(&t->room));
    return 0;
}

bool bw_tutor_interrupt(struct bw_session *s)
{
    if (!s->tutor || !s->tutor->room.e.paused)
        return false;
    if (tutor_resume(s))
        bw_session_print_err(s, &s->err, NULL);
    tutor_say_status(s);
    return true;
}
