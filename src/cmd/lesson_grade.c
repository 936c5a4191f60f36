/* boxwright grade, boxwright progress: what a class hands in, and what one learner did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cmd/lesson.h"
#include "lesson/progress.h"
#include "lesson_proof.h"
#include "unshare_args.h"

enum { NAME_MAX_BYTES = 64 };

/* ---- which commands of a stranger's file are run ---- */

/* Those that act on the box alone and start no program that is named in the line. */
static const char *const harmless[] = {
    "unshare", "fork",    "map",      "hostname",  "rootfs", "mkdir",      "mount",
    "umount",  "bind",    "chroot",   "mountproc", "pivot",  "overlay",    "cgcreate",
    "cgset",   "cgget",   "cgdelete", "net",       "caps",   "nonewprivs", "seccomp",
    "mask",    "harden",  "burn",     "inspect",   "diff",   "lsns",       "ps",
    "trace",   "explain", "plan",     "undo",      "redo",   "reset",      "set"};

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strcmp(harmless[i], name) == 0)
            return true;
    return false;
}

/* Programs that only read and print, whoever they are given to. */
static const char *const readers[] = {"true", "false", "ps",  "ls",   "id",       "whoami", "echo",
                                      "pwd",  "uname", "cat", "stat", "readlink", "head",   "wc"};

static bool only_reads(const struct bw_words *w)
{
    bool named = strcmp(w->v[0], "run") == 0 || strcmp(w->v[0], "host") == 0;

    if (strcmp(w->v[0], "spawn") == 0 && w->n == 3)
        return strcmp(w->v[1], "sleep") == 0;
    if (!named || w->n < 2)
        return false;
    /* With an argument it sets the name. */
    if (strcmp(w->v[1], "hostname") == 0)
        return w->n == 2;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i], w->v[1]) == 0)
            return true;
    return false;
}

/* Paths lead nowhere but into the lesson's folder, or into the box's own root. */
static bool stays_inside(struct bw_session *s, const char *path)
{
    if (path[0] == '/' && bw_session_on_host(s))
        return false;
    return strcmp(path, "..") != 0 && !bw_str_starts(path, "../") && !strstr(path, "/../") &&
           !(strlen(path) > 2 && strcmp(path + strlen(path) - 3, "/..") == 0);
}

static const char *why_not(struct bw_session *s, const struct bw_words *w)
{
    struct bw_err ignored = BW_ERR_INIT;
    const char *name = w->v[0];
    struct unshare_args a;

    if (only_reads(w))
        return NULL;
    if (!is_harmless(name))
        return "it runs a program, or acts outside the box";
    if (strcmp(name, "unshare") == 0 && (unshare_parse(w->n, w->v, &a, &ignored) || a.program))
        return "it runs a program";
    if (strcmp(name, "chroot") == 0 && w->n > 2)
        return "it runs a program";
    if (strcmp(name, "rootfs") == 0 && w->n > 1 && strcmp(w->v[1], "tar") == 0)
        return "it reads a file of this machine's";
    bool makes = strcmp(name, "rootfs") == 0 || strcmp(name, "mkdir") == 0;
    for (int i = 1; makes && i < w->n; i++)
        if (!stays_inside(s, w->v[i]))
            return "it makes files outside the lesson's folder";
    return NULL;
}

/* ---- judging ---- */

struct grading {
    struct proof p;
    struct bw_session *s; /* who asked: where the result goes */
    const struct bw_lesson *l;
    struct bw_str told; /* the result, while standard output is put aside */
    bool programs;
    size_t left_out;
};

static void say(struct grading *g, bool done, const char *step, const char *why)
{
    BW_AUTO_STR text = BW_STR_INIT;

    bw_str_add_safe(&text, why);
    bw_str_addf(&g->told, "%s %s%s%s\n", done ? "done    " : "not done", step,
                text.len > 0 ? ": " : "", bw_str_get(&text));
}

/* Goes on as long as goals hold: a command may do more than one step. */
static void judge(struct grading *g)
{
    struct bw_engine *e = &g->p.room.e;

    for (const struct bw_lesson_step *step; (step = bw_engine_step(e)) != NULL;) {
        struct bw_verdict v;
        bw_engine_check(e, lesson_room_box(&g->p.room), &v);
        bool done = v.done;
        bw_verdict_free(&v);
        if (!done)
            return;
        say(g, true, step->id, "");
        if (proof_begin(&g->p, e->step + 1))
            return;
    }
}

static void one_command(struct grading *g, const struct bw_words *w, int line)
{
    const char *why = g->programs ? NULL : why_not(&g->p.s, w);
    BW_AUTO_STR safe = BW_STR_INIT;
    int code;

    bw_str_add_safe(&safe, w->text);
    if (why) {
        bw_str_addf(&g->told, "  line %d is left out: %s (%s)\n", line, safe.s, why);
        g->left_out++;
        return;
    }
    int status = proof_run(&g->p, w->text, &code);
    bw_engine_ran(&g->p.room.e, w->text, status, code);
    if (status != 0)
        bw_str_addf(&g->told, "  line %d ended with status %d: %s\n", line, status, safe.s);
    judge(g);
}

static int all_commands(struct grading *g, const struct bw_str *text)
{
    int line = 1;

    for (size_t at = 0, used = 0; at < text->len; at += used) {
        struct bw_words w = {0};
        struct bw_err *err = &g->s->err;
        enum bw_words_result r = bw_words_split(text->s + at, text->len - at, &used, &w, err);
        if (r != BW_WORDS_OK || used == 0) {
            bw_words_free(&w);
            return bw_err_usage(err, "line %d is no command of boxwright's language", line);
        }
        if (w.n > 0)
            one_command(g, &w, line);
        bw_words_free(&w);
        for (size_t i = 0; i < used; i++)
            line += text->s[at + i] == '\n';
    }
    return 0;
}

static int setup(struct grading *g)
{
    const struct bw_lesson_lines *of[] = {&g->l->without_root, &g->l->setup};
    int code;

    for (size_t k = bw_lesson_unprivileged(g->l) ? 0 : 1; k < 2; k++)
        for (size_t i = 0; i < of[k]->n; i++)
            if (proof_run(&g->p, of[k]->v[i].text, &code) != 0)
                return bw_err_set(&g->s->err, "the lesson's own setup fails here: %s",
                                  of[k]->v[i].text);
    return 0;
}

static int grade(struct grading *g, const struct bw_str *text)
{
    struct bw_engine *e = &g->p.room.e;

    if (proof_open(&g->p, g->l)) {
        g->s->err = g->p.s.err;
        return -1;
    }
    if (setup(g))
        return -1;
    if (proof_begin(&g->p, 0)) {
        g->s->err = g->p.s.err;
        return -1;
    }
    if (all_commands(g, text))
        return -1;
    for (size_t i = e->step; i < g->l->n_steps; i++) {
        struct bw_verdict v = {0};
        if (i == e->step)
            bw_engine_check(e, lesson_room_box(&g->p.room), &v);
        say(g, false, g->l->steps[i].id, bw_str_get(&v.why));
        bw_verdict_free(&v);
    }
    bw_str_addf(&g->told, "%s: %zu of %zu steps done\n", g->l->id, e->step, g->l->n_steps);
    return e->step == g->l->n_steps ? 0 : BW_REFUSED;
}

/* ---- the file ---- */

static int lesson_of(struct bw_session *s, const char *file, const struct bw_str *text,
                     struct bw_lesson **l)
{
    static const char mark[] = "# lesson: ";
    const char *p = strstr(bw_str_get(text), mark);
    BW_AUTO_STR path = BW_STR_INIT;
    char id[NAME_MAX_BYTES] = "";

    if (p)
        sscanf(p + sizeof mark - 1, "%63[a-z0-9-]", id);
    if (!bw_lesson_id_valid(id)) {
        bw_err_usage(&s->err, "%s does not say which lesson it is of", file);
        bw_err_todo(&s->err, "boxwright progress --record LESSON writes such a file");
        return -1;
    }
    if (bw_lesson_find(id, &path, &s->err))
        return -1;
    *l = bw_lesson_read(path.s, &s->err);
    return *l ? 0 : -1;
}

static int grade_file(struct bw_session *s, const char *file, bool programs)
{
    struct bw_lesson_lack lack[1];
    struct bw_lesson *l = NULL;
    BW_AUTO_STR text = BW_STR_INIT;
    bool kept = false;

    if (bw_session_read_script(s, file, &text) || lesson_of(s, file, &text, &l))
        return -1;
    if (bw_lesson_lacks(l, lack, 1) > 0) {
        bw_err_set(&s->err, "the lesson requires %s: %s", lack[0].what, lack[0].why);
        bw_err_todo(&s->err, "%s", lack[0].fix);
        bw_lesson_free(l);
        return -1;
    }
    struct grading g = {.s = s, .l = l, .programs = programs};
    int r = grade(&g, &text);
    proof_close(&g.p, &kept);
    if (proof_overdue())
        bw_str_addf(&g.told, "a command took longer than %d seconds; what follows it was not run\n",
                    PROOF_SECONDS);
    bw_data(s->out, "%s", bw_str_get(&g.told));
    bw_str_free(&g.told);
    if (g.left_out > 0)
        bw_msg(s->out, "  %zu %s left out; --programs runs them, for a file that you trust\n",
               g.left_out, g.left_out == 1 ? "line was" : "lines were");
    bw_lesson_free(l);
    return r;
}

int bw_lessons_grade(struct bw_session *s, const char *file, bool programs)
{
    int r = grade_file(s, file, programs);

    if (r >= 0)
        return r;
    bw_session_print_err(s, &s->err, NULL);
    return s->err.status ? s->err.status : BW_REFUSED;
}

/* ---- progress ---- */

static void print_table(struct bw_session *s, const struct bw_progress *p)
{
    enum { COLUMNS = 7 };
    static const char *const head[COLUMNS] = {"WHEN",  "LESSON",     "STEP",    "SECONDS",
                                              "HINTS", "PREDICTION", "SOLUTION"};
    static const char *const said[] = {"", "right", "wrong", "open"};
    const char **cells = bw_alloc((p->n + 1) * COLUMNS * sizeof *cells);
    char(*number)[2][12] = bw_alloc((p->n + 1) * sizeof *number);

    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i < p->n; i++) {
        const struct bw_done *d = &p->v[i];
        bool anew = strcmp(d->step, "-") == 0;
        snprintf(number[i][0], sizeof number[i][0], "%u", d->seconds);
        snprintf(number[i][1], sizeof number[i][1], "%u", d->hints);
        const char *row[COLUMNS] = {d->when,
                                    d->lesson,
                                    anew ? "(begun anew)" : d->step,
                                    anew ? "" : number[i][0],
                                    anew ? "" : number[i][1],
                                    said[d->predicted],
                                    d->solution ? "shown" : ""};
        memcpy(cells + (i + 1) * COLUMNS, row, sizeof row);
    }
    bw_table(s->out, BW_DATA, cells, p->n + 1, COLUMNS);
    free(cells);
    free(number);
}

static int print_record(struct bw_session *s, const struct bw_progress *p, const char *word)
{
    BW_AUTO_STR path = BW_STR_INIT, text = BW_STR_INIT;
    struct bw_lesson *l = NULL;

    if (bw_lesson_find(word, &path, &s->err) || !(l = bw_lesson_read(path.s, &s->err))) {
        bw_session_print_err(s, &s->err, NULL);
        return s->err.status ? s->err.status : BW_REFUSED;
    }
    bw_progress_record(p, l, &text);
    bw_data(s->out, "%s", bw_str_get(&text));
    bw_lesson_free(l);
    return 0;
}

int bw_lessons_progress(struct bw_session *s, bool json, const char *record)
{
    int status = 0;

    struct bw_progress p;
    BW_AUTO_STR text = BW_STR_INIT;

    if (bw_progress_read(&p, &s->err)) {
        bw_session_print_err(s, &s->err, NULL);
        return BW_REFUSED;
    }
    if (record) {
        status = print_record(s, &p, record);
    } else if (json) {
        bw_progress_json(&p, &text);
        bw_data(s->out, "%s", text.s);
    } else if (p.n == 0) {
        bw_msg(s->out, "nothing was learnt yet: boxwright learn 01\n");
    } else {
        print_table(s, &p);
    }
    bw_progress_free(&p);
    return status;
}
