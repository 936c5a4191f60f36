/* boxwright lessons check: each lesson's own solutions prove that its goals are sound. */
#include "lesson_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/intr.h"
#include "cmd/lesson.h"
#include "cmd/session.h"
#include "host_print.h"
#include "lesson_proof.h"

enum { SETTLE_TRIES = 20, SETTLE_MS = 100 };

/* One lesson being proved. */
struct proving {
    struct proof p;
    struct complaints *c;
};

static bool expected(const struct bw_lesson_step *step, const struct bw_lesson_line *l, int status)
{
    if (l->status == BW_LESSON_ANY || l->status == status)
        return true;
    /* The last command of a step that looks at a refusal is that. */
    return step && step->refused && l->status == 0;
}

static bool run_all(struct proving *p, const struct bw_lesson_lines *v,
                    const struct bw_lesson_step *step)
{
    for (size_t i = 0; i < v->n; i++) {
        int code, status = proof_run(&p->p, v->v[i].text, &code);
        if (!expected(step, &v->v[i], status)) {
            complain(p->c, v->v[i].at, "%s ended with status %d:\n%s", v->v[i].text, status,
                     proof_said(&p->p));
            return false;
        }
        bw_engine_ran(&p->p.room.e, v->v[i].text, status, code);
    }
    return true;
}

static void judge(struct proving *p, struct bw_verdict *v)
{
    /* A limit's counters may take a moment to move. */
    if (bw_engine_samples(&p->p.room.e) && p->p.room.e.samples.n > 0)
        lesson_room_watch(&p->p.room);
    bw_engine_check(&p->p.room.e, lesson_room_box(&p->p.room), v);
}

static bool begin(struct proving *p, size_t i)
{
    const struct bw_err *err = &p->p.s.err;

    if (proof_begin(&p->p, i) == 0)
        return true;
    complain(p->c, p->c->lesson->steps[i].at, "no box: %s", *err->call ? err->call : err->cause);
    return false;
}

static void prove_false(struct proving *p, const struct bw_lesson_step *step, const char *when)
{
    struct bw_verdict v;

    judge(p, &v);
    if (v.done)
        complain(p->c, step->at, "step %s: the goal holds already %s", step->id, when);
    bw_verdict_free(&v);
}

static bool prove_true(struct proving *p, const struct bw_lesson_step *step)
{
    struct bw_verdict v;

    judge(p, &v);
    bool done = v.done;
    if (!done)
        complain(p->c, step->solution.v[0].at,
                 "step %s: the solution does not solve it: %zu of %zu hold; %s", step->id, v.hold,
                 v.n, bw_str_get(&v.why));
    bw_verdict_free(&v);
    return done;
}

static void prove_prediction(struct proving *p, const struct bw_lesson_step *step)
{
    BW_AUTO_STR seen = BW_STR_INIT;

    if (step->predict.ask &&
        bw_engine_expected(&p->p.room.e, lesson_room_box(&p->p.room), &seen) == 0)
        complain(p->c, step->predict.at, "step %s: what is expected is \"%s\", none of the choices",
                 step->id, bw_str_get(&seen));
}

/* Undone, the goal is false; redone, the next step can begin. */
static bool prove_undo(struct proving *p, const struct bw_lesson_step *step, size_t before)
{
    size_t n = p->p.s.box->journal.n;
    char line[32];
    int code;

    if (n <= before || step->no_undo || step->n_goal == 0)
        return true;
    n -= before;
    snprintf(line, sizeof line, "undo %zu", n);
    if (proof_run(&p->p, line, &code) != 0 || !begin(p, p->p.room.e.step)) {
        complain(p->c, step->at, "step %s: %s failed:\n%s", step->id, line, proof_said(&p->p));
        return false;
    }
    prove_false(p, step, "after undo; where that is right, no-undo says why");
    snprintf(line, sizeof line, "redo %zu", n);
    if (proof_run(&p->p, line, &code) == 0)
        return true;
    complain(p->c, step->at, "step %s: %s failed:\n%s", step->id, line, proof_said(&p->p));
    return false;
}

static void prove_steps(struct proving *p)
{
    const struct bw_lesson *l = p->c->lesson;

    if (bw_lesson_unprivileged(l) && !run_all(p, &l->without_root, NULL))
        return;
    if (!run_all(p, &l->setup, NULL))
        return;
    for (size_t i = 0; i < l->n_steps && bw_intr_end == 0; i++) {
        const struct bw_lesson_step *step = &l->steps[i];
        size_t before = p->p.s.box->journal.n;
        if (!begin(p, i))
            return;
        prove_false(p, step, "when the step begins");
        if (!run_all(p, &step->solution, step) || !prove_true(p, step))
            return;
        prove_prediction(p, step);
        if (!prove_undo(p, step, before))
            return;
    }
}

/* ---- the host ---- */

static void settle(const struct bw_str *before, struct bw_str *changed)
{
    const struct timespec moment = {.tv_nsec = SETTLE_MS * 1000000L};

    for (int i = 0; i < SETTLE_TRIES; i++) {
        BW_AUTO_STR after = BW_STR_INIT;
        host_print(&after);
        bw_str_clear(changed);
        host_compare(bw_str_get(before), bw_str_get(&after), changed);
        if (changed->len == 0)
            return;
        nanosleep(&moment, NULL);
    }
}

static void prove_lesson(const struct bw_lesson *l, struct complaints *c)
{
    struct proving p = {.c = c};
    BW_AUTO_STR before = BW_STR_INIT, changed = BW_STR_INIT;
    bool kept = false;

    host_print(&before);
    if (proof_open(&p.p, l) == 0)
        prove_steps(&p);
    else
        complain(c, (struct bw_at){1, 1}, "%s", p.p.s.err.cause);
    proof_close(&p.p, &kept);
    if (proof_overdue())
        complain(c, (struct bw_at){1, 1}, "a command took longer than %d seconds", PROOF_SECONDS);
    if (kept)
        complain(c, (struct bw_at){1, 1}, "it leaves files in its folder");
    settle(&before, &changed);
    if (changed.len > 0)
        complain(c, (struct bw_at){1, 1}, "the host is not what it was:\n%s", changed.s);
}

/* ---- one file, all files ---- */

struct totals {
    size_t passed, failed, skipped;
    int status;
};

static void print_complaints(struct bw_session *s, const struct complaints *c)
{
    for (size_t i = 0; i < c->v.n; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        const struct bw_lesson_line *l = &c->v.v[i];
        bw_str_addf(&text, "%s:%d:%d: ", c->lesson->path, l->at.line, l->at.col);
        for (const char *p = l->text; *p;) {
            BW_AUTO_STR line = BW_STR_INIT;
            size_t n = strcspn(p, "\n");
            bw_str_addn(&line, p, n);
            bw_str_add_safe(&text, bw_str_get(&line));
            p += n + (p[n] == '\n');
            bw_str_add(&text, *p ? "\n    | " : "\n");
        }
        bw_data(s->out, "%s", text.s);
    }
}

static void skip(struct bw_session *s, const struct bw_lesson *l, const struct bw_lesson_lack *v,
                 size_t n)
{
    for (size_t i = 0; i < n; i++)
        bw_data(s->out, "SKIP %s: requires %s: %s; %s\n", l->name, v[i].what, v[i].why, v[i].fix);
}

static void check_file(struct bw_session *s, const char *path, struct totals *t)
{
    struct bw_lesson_lack lacks[8];
    struct bw_lesson *l = bw_lesson_read(path, &s->err);

    if (!l) {
        bw_data(s->out, "FAIL %s\n", path);
        bw_session_print_err(s, &s->err, NULL);
        t->failed++;
        t->status = BW_USAGE;
        return;
    }
    struct complaints c = {.lesson = l};
    lesson_words_check(&c);
    size_t n = bw_lesson_lacks(l, lacks, 8), steps = l->n_steps;
    if (c.v.n == 0 && n == 0)
        prove_lesson(l, &c);
    if (c.v.n > 0) {
        bw_put(s->out, BW_DATA, BW_BAD, "FAIL %s\n", l->name);
        print_complaints(s, &c);
        t->failed++;
        t->status = t->status ? t->status : BW_REFUSED;
    } else if (n > 0) {
        skip(s, l, lacks, n);
        t->skipped++;
    } else {
        bw_data(s->out, "ok   %s: %zu %s\n", l->name, steps, steps == 1 ? "step" : "steps");
        t->passed++;
    }
    bw_lesson_lines_free(&c.v);
    bw_lesson_free(l);
}

static int files_of(struct bw_session *s, const char *where, struct bw_lesson_lines *files)
{
    BW_AUTO_STR folder = BW_STR_INIT;
    struct stat st;

    if (!where) {
        bw_lesson_folder(&folder);
        where = folder.s;
    }
    if (stat(where, &st) == 0 && S_ISREG(st.st_mode)) {
        bw_lesson_add(files, where, (struct bw_at){0, 0}, 0);
        return 0;
    }
    if (bw_lesson_list(where, files, &s->err))
        return -1;
    if (files->n > 0)
        return 0;
    bw_err_set(&s->err, "there is no lesson in %s", where);
    bw_err_todo(&s->err, "a lesson's file is called NN-name.md");
    return -1;
}

int bw_lessons_check(struct bw_session *s, const char *where)
{
    struct bw_lesson_lines files = {0};
    struct totals t = {0};

    if (files_of(s, where, &files)) {
        bw_lesson_lines_free(&files);
        bw_session_print_err(s, &s->err, NULL);
        return s->err.status ? s->err.status : BW_REFUSED;
    }
    host_print_mark();
    for (size_t i = 0; i < files.n && bw_intr_end == 0; i++)
        check_file(s, files.v[i].text, &t);
    bw_lesson_lines_free(&files);
    bw_data(s->out, "%zu passed, %zu failed, %zu skipped\n", t.passed, t.failed, t.skipped);
    return t.status;
}
