/* Lessons: lessons, learn, hint, check, solution, play. */
#include <string.h>

#include "cmd/handlers.h"
#include "cmd/lesson.h"
#include "lesson/lesson.h"
#include "tutor_priv.h"

int bw_cmd_lessons(struct bw_session *s, int argc, char **argv)
{
    if (argc > 1) {
        bw_err_usage(&s->err, "lessons takes no arguments, not %s", argv[1]);
        bw_err_todo(&s->err, "learn %s begins one; boxwright lessons check proves them", argv[1]);
        return -1;
    }
    return bw_lessons_list(s, "learn");
}

/* The lesson, when there is one with a step at hand; else an error. */
static struct bw_tutor *at_step(struct bw_session *s, const char *name)
{
    struct bw_tutor *t = s->tutor;

    if (!t) {
        bw_err_set(&s->err, "%s is for a lesson, and none has been begun", name);
        bw_err_todo(&s->err, "lessons lists them, learn NAME begins one");
        return NULL;
    }
    if (t->waiting) {
        bw_err_set(&s->err, "the lesson's first commands have not been run yet");
        bw_err_todo(&s->err, "learn begin runs them, learn stop leaves");
        return NULL;
    }
    if (!bw_engine_step(&t->room.e)) {
        bw_err_set(&s->err, "the lesson is done");
        bw_err_todo(&s->err, "lessons lists the others, learn reset lesson begins this one anew");
        return NULL;
    }
    return t;
}

static int no_words(struct bw_session *s, int argc, char **argv)
{
    return argc > 1 ? bw_err_usage(&s->err, "%s takes no arguments, not %s", argv[0], argv[1]) : 0;
}

static int not_paused(struct bw_session *s, const struct bw_tutor *t)
{
    if (!t->room.e.paused)
        return 0;
    bw_err_set(&s->err, "the lesson is paused");
    bw_err_todo(&s->err, "play goes on with it");
    return -1;
}

/* ---- learn ---- */

static int begin(struct bw_session *s, const char *word, bool present)
{
    BW_AUTO_STR path = BW_STR_INIT;

    if (bw_lesson_find(word, &path, &s->err))
        return -1;
    struct bw_lesson *l = bw_lesson_read(path.s, &s->err);
    /* What was installed is the program's own; a file from elsewhere asks first. */
    return l ? tutor_open(s, l, strchr(word, '/') == NULL, present) : -1;
}

static int reset(struct bw_session *s, bool lesson)
{
    struct bw_tutor *t = s->tutor;

    if (!t->began || (!lesson && !at_step(s, "learn reset")))
        return -1;
    if (t->room.e.paused)
        t->room.e.paused = false;
    if (lesson)
        return tutor_start(s, true);
    if (tutor_rebuild(s, t->room.e.step))
        return -1;
    bw_msg(s->out, "  The box is as it was when the step began.\n");
    tutor_begin(s, t->room.e.step);
    return 0;
}

static int show(struct bw_session *s)
{
    struct bw_tutor *t = s->tutor;

    if (!t)
        return bw_lessons_list(s, "learn");
    if (t->waiting)
        tutor_say_setup(s);
    else if (bw_engine_step(&t->room.e))
        tutor_say_step(s);
    else
        tutor_say_end(s);
    return 0;
}

static int stop(struct bw_session *s)
{
    bw_tutor_close(s);
    bw_msg(s->out, "  The lesson has ended and its box is gone. What is done is kept.\n");
    return 0;
}

int bw_cmd_learn(struct bw_session *s, int argc, char **argv)
{
    bool present = argc > 1 && strcmp(argv[1], "--present") == 0;
    const char *word = argc > 1 + present ? argv[1 + present] : NULL;
    bool lesson = argc == 3 && strcmp(argv[1], "reset") == 0 && strcmp(argv[2], "lesson") == 0;

    if (!word && !present)
        return show(s);
    if (!word || (argc > 2 + present && !lesson)) {
        bw_err_usage(&s->err, "learn takes one lesson, or begin, reset, reset lesson, stop");
        bw_err_todo(&s->err, "lessons lists the lessons");
        return -1;
    }
    bool own = !present && (strcmp(word, "begin") == 0 || strcmp(word, "reset") == 0 ||
                            strcmp(word, "stop") == 0);
    if (!own)
        return begin(s, word, present);
    if (!s->tutor) {
        bw_err_set(&s->err, "learn %s is for a lesson, and none has been begun", word);
        bw_err_todo(&s->err, "lessons lists them, learn NAME begins one");
        return -1;
    }
    if (word[0] == 's')
        return stop(s);
    if (word[0] == 'r')
        return s->tutor->waiting && !at_step(s, "learn reset") ? -1 : reset(s, lesson);
    if (!s->tutor->waiting)
        return bw_err_set(&s->err, "the lesson has begun already");
    return tutor_start(s, false);
}

/* ---- in a step ---- */

int bw_cmd_check(struct bw_session *s, int argc, char **argv)
{
    struct bw_tutor *t = at_step(s, "check");

    if (no_words(s, argc, argv) || !t || not_paused(s, t))
        return -1;
    tutor_judge(s, true);
    return 0;
}

int bw_cmd_hint(struct bw_session *s, int argc, char **argv)
{
    struct bw_tutor *t = at_step(s, "hint");

    if (no_words(s, argc, argv) || !t || not_paused(s, t))
        return -1;
    const char *say = bw_engine_hint(&t->room.e, lesson_room_box(&t->room));
    if (!say) {
        bw_msg(s->out, "  That was the last hint. solution shows how it is done.\n");
        return 0;
    }
    t->hints++;
    bw_rich_line(say, "  ", 2, s->out, BW_MSG, tutor_width(s));
    return 0;
}

int bw_cmd_solution(struct bw_session *s, int argc, char **argv)
{
    struct bw_tutor *t = at_step(s, "solution");

    if (no_words(s, argc, argv) || !t || not_paused(s, t))
        return -1;
    const struct bw_lesson_step *step = bw_engine_step(&t->room.e);
    BW_AUTO_STR safe = BW_STR_INIT;
    t->room.e.solved = true;
    for (size_t i = 0; i < step->solution.n; i++)
        bw_data(s->out, "    %s\n", bw_str_safe(&safe, step->solution.v[i].text));
    bw_msg(s->out, "  From where the step began, that is; learn reset takes you there.\n");
    return 0;
}

int bw_cmd_play(struct bw_session *s, int argc, char **argv)
{
    struct bw_tutor *t = at_step(s, "play");

    if (no_words(s, argc, argv) || !t)
        return -1;
    return t->room.e.paused ? tutor_resume(s) : tutor_pause(s);
}
