/* A learner's way through one lesson: which step, what was predicted, which hints were told, and
 * whether the step's goal holds. It observes and judges; it runs nothing and prints nothing. */
#ifndef BW_LESSON_ENGINE_H
#define BW_LESSON_ENGINE_H

#include <sys/types.h>

#include "base/str.h"
#include "lesson/lesson.h"

struct bw_engine {
    const struct bw_lesson *lesson;
    char *dir;   /* what relative paths in goals are relative to */
    size_t step; /* n_steps: the lesson is done */
    bool paused; /* nothing counts meanwhile */

    /* Of the step. */
    bool looked;
    uint64_t hints; /* told, a mask */
    size_t told;    /* how many */
    bool solved;    /* the solution was shown */
    int predicted;  /* 1 for the first choice; 0: not asked, or not answered */
    size_t checks;  /* that did not find it done */
    bool has_start;
    struct bw_snapshot start;
    struct bw_samples samples;
};

/* The lesson stays the caller's. */
void bw_engine_open(struct bw_engine *e, const struct bw_lesson *l, const char *dir);
void bw_engine_close(struct bw_engine *e);
/* The step at hand, NULL when all are done. */
const struct bw_lesson_step *bw_engine_step(const struct bw_engine *e);

/* Begins a step: what the box (0: none) is like now is its start. */
void bw_engine_begin(struct bw_engine *e, size_t step, pid_t box);
/* The same step's start once more: the box was built anew. */
void bw_engine_restart(struct bw_engine *e, pid_t box);

/* Whether the step's goal asks how something changes. Then samples are to be taken: forgotten when
 * a command starts, one then, some while it runs, one when it has ended. */
bool bw_engine_samples(const struct bw_engine *e);
void bw_engine_forget(struct bw_engine *e);
void bw_engine_sample(struct bw_engine *e, pid_t box);
/* Whether there are enough of them to judge by. */
bool bw_engine_sampled(const struct bw_engine *e);

/* A command was run, with the errno that the kernel refused it with, or 0: for steps that look. */
void bw_engine_ran(struct bw_engine *e, const char *line, int status, int code);

/* What became of each part of the goal. */
struct bw_verdict {
    bool done;
    size_t n, hold; /* parts, and how many hold; looking is one */
    struct bw_verdict_part {
        enum bw_truth holds;
        const char *say; /* the lesson's */
    } * part;
    struct bw_str why;    /* of the first that does not hold */
    struct bw_str looked; /* the say of looking */
};
/* What is to be run for a step that looks: "`inspect` has been run". */
void bw_engine_look_say(const struct bw_lesson_step *step, struct bw_str *out);
void bw_engine_check(struct bw_engine *e, pid_t box, struct bw_verdict *v);
void bw_verdict_free(struct bw_verdict *v);

/* The next hint: first those that the state asks for, then the ladder. NULL when all that fit were
 * told. */
const char *bw_engine_hint(struct bw_engine *e, pid_t box);
/* What the prediction should have been, as the state says now: 1 for the first choice, 0 when none
 * of them fits (then *seen tells what was). */
int bw_engine_expected(struct bw_engine *e, pid_t box, struct bw_str *seen);

#endif
