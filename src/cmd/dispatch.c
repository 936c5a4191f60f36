/* One command: from words to a step that happened wholly or not at all. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/intr.h"
#include "base/words.h"
#include "cmd/article.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "cmd/tutor.h"
#include "kern/explain.h"
#include "kern/inroot.h"
#include "model/snapshot.h"

enum { STEP_PARTS = BW_SNAP_CORE | BW_SNAP_MOUNTS | BW_SNAP_CGROUPS };

/* What belongs to one command alone; also called after it, for commands that run others. */
static void fresh(struct bw_session *s)
{
    bw_calls_free(&s->calls);
    bw_step_free(&s->step);
    s->step = (struct bw_step){0};
    free(s->hint);
    s->hint = NULL;
    s->shown = 0;
    s->outside_changed = false;
    s->had_box = false;
    s->box->stage.changes = 0;
}

static int unknown(struct bw_session *s, const char *word)
{
    const char *near = bw_command_near(word);
    if (bw_command_outside(word, &s->err))
        return -1;
    bw_err_usage(&s->err, "%s is not a command of boxwright", word);
    /* ls is meant as it stands, not as a slip for ps. */
    if (near && !bw_inroot_on_path(s->box->stage.pid, word))
        bw_err_todo(&s->err, "did you mean %s? To run a program in the box: run %s", near, word);
    else
        bw_err_todo(&s->err, "to run it in the box: run %s (outside: host %s; commands: help)",
                    word, word);
    return -1;
}

static int check_needs(struct bw_session *s, const struct bw_command *cmd, unsigned needs)
{
    if ((needs & (BW_BOX | BW_STEP | BW_OWN_MNT)) && !bw_session_box(s))
        return -1;
    if ((needs & BW_OWN_MNT) && !bw_session_own(s, BW_NS_MNT)) {
        bw_err_set(&s->err,
                   "%s needs a mount namespace of its own: this box still shares the host's, "
                   "and no mount of boxwright reaches the host",
                   cmd->name);
        bw_err_todo(&s->err, "unshare mnt, then %s again", cmd->name);
        return -1;
    }
    return 0;
}

static void print_changes(struct bw_session *s)
{
    bw_session_show_calls(s);
    if (s->replaying)
        return;
    for (size_t i = 0; i < s->step.diff.n; i++) {
        BW_AUTO_STR safe = BW_STR_INIT;
        bw_str_add_safe(&safe, s->step.diff.line[i]);
        bw_put(s->out, BW_MSG, BW_GOOD, "  %s\n", bw_str_get(&safe));
    }
    BW_AUTO_STR safe = BW_STR_INIT;
    if (s->hint && s->verbose > 0)
        bw_put(s->out, BW_MSG, BW_DIM, "  next: %s\n", bw_str_safe(&safe, s->hint));
}

/* The words after rewriting, quoted: what replay and save use. */
static char *line_of(int argc, char **argv)
{
    BW_AUTO_STR line = BW_STR_INIT;
    for (int i = 0; i < argc; i++) {
        if (i)
            bw_str_addc(&line, ' ');
        bw_words_quote(&line, argv[i]);
    }
    return bw_str_steal(&line);
}

static bool changed(const struct bw_session *s)
{
    return s->box->stage.changes > 0 || s->outside_changed;
}

/* The stage answers no more since this command: the box went with it. */
static bool lost(const struct bw_session *s)
{
    return s->had_box && !bw_stage_alive(&s->box->stage);
}

/* A step that succeeded: observe it, show it, write it down. before: NULL when it could not be
 * observed, for the reason unseen. */
static void commit(struct bw_session *s, const struct bw_snapshot *before, unsigned parts,
                   const struct bw_err *unseen, int argc, char **argv)
{
    struct bw_snapshot after = {0};
    struct bw_err why = *unseen;
    if (before && bw_snapshot_take(s->box->stage.pid, parts, &after, &why) == 0)
        bw_diff_make(before, &after, parts, &s->step.diff);
    else
        bw_session_note(s, "what changed could not be observed: %s",
                        *why.call ? why.call : why.cause);
    bw_snapshot_free(&after);
    print_changes(s);
    s->step.line = line_of(argc, argv);
    s->step.number = ++s->made;
    bw_calls_move(&s->step.calls, &s->calls);
    bw_journal_add(&s->box->journal, &s->step, !s->replaying && !s->redoing);
    s->step = (struct bw_step){0};
}

/* A step that failed after something had changed: the kernel has no way back but building anew. */
static void roll_back(struct bw_session *s)
{
    struct bw_err failed = s->err;
    size_t n = s->box->journal.n;
    if (bw_session_rebuild(s)) {
        bw_session_print_err(s, &s->err, "undoing the step: ");
    } else if (n > 0) {
        bw_msg(s->out, "  the step was undone: the box was built anew from its %zu %s\n", n,
               n == 1 ? "step" : "steps");
    }
    s->err = failed;
}

/* The third part of an error, where nothing better is known. */
static void point_to_help(struct bw_session *s)
{
    if (!*s->err.todo && s->last_cmd)
        bw_err_todo(&s->err, "help %s says how it is used", s->last_cmd->name);
}

static int failed(struct bw_session *s, const char *where)
{
    /* The call that failed is the error's first line: not shown twice. */
    if (s->calls.n > s->shown && s->calls.v[s->calls.n - 1].code)
        s->calls.v[s->calls.n - 1].level = BW_CALL_DETAIL;
    bw_session_show_calls(s);
    bw_explain_fill(&s->err, s->box->stage.pid);
    point_to_help(s);
    s->last_err = s->err;
    if (!s->err.status)
        s->err.status = BW_REFUSED;
    if (s->replaying)
        return s->err.status;
    bw_session_print_err(s, &s->err, where);
    /* A session that was told to end takes the box with it. */
    if ((changed(s) || lost(s)) && bw_intr_end == 0)
        roll_back(s);
    return s->err.status;
}

static int run_entry(struct bw_session *s, const struct bw_command *cmd, int argc, char **argv,
                     const char *where)
{
    /* Not static: undoing a step comes here again. */
    struct bw_snapshot before;
    int status = -1;
    unsigned needs = cmd->needs_of ? cmd->needs_of(argc, argv) : cmd->needs;
    unsigned parts = STEP_PARTS | (needs & BW_NET ? BW_SNAP_LINKS : 0);
    bool step = needs & BW_STEP, seen = false;
    struct bw_err unseen = BW_ERR_INIT;
    if (check_needs(s, cmd, needs) == 0) {
        memset(&before, 0, sizeof before);
        seen = step && bw_snapshot_take(s->box->stage.pid, parts, &before, &unseen) == 0;
        s->box->stage.changes = 0;
        s->had_box = bw_stage_alive(&s->box->stage);
        status = cmd->run(s, argc, argv);
    }
    /* A step that failed may have others made again, which look, too. */
    if (status < 0) {
        if (seen)
            bw_snapshot_free(&before);
        return failed(s, where);
    }
    if (step && changed(s))
        commit(s, seen ? &before : NULL, parts, &unseen, argc, argv);
    else
        print_changes(s);
    if (seen)
        bw_snapshot_free(&before);
    return status;
}

static char **copy_words(int argc, char **argv)
{
    char **v = bw_alloc((size_t)(argc + 1) * sizeof *v);
    for (int i = 0; i < argc; i++)
        v[i] = bw_strdup(argv[i]);
    v[argc] = NULL;
    return v;
}

static void free_words(int argc, char **v)
{
    for (int i = 0; i < argc; i++)
        free(v[i]);
    free(v);
}

static int run_words(struct bw_session *s, int argc, char **argv, const char *where)
{
    fresh(s);
    bw_err_clear(&s->err);
    bw_stage_tidy(&s->box->stage);
    bw_call_recorder(&s->calls, true);
    int n = argc, status = 0;
    char **words = copy_words(argc, argv);
    if (bw_article_line(s, &n, &words, &status)) {
        if (status < 0) {
            s->last_cmd = n > 0 ? bw_command_find(words[0]) : NULL;
            status = failed(s, where);
        }
    } else if (n > 0) {
        const struct bw_command *cmd = bw_command_find(words[0]);
        if (cmd) {
            s->last_cmd = cmd;
            status = run_entry(s, cmd, n, words, where);
        } else {
            unknown(s, words[0]);
            status = failed(s, where);
        }
    }
    free_words(n, words);
    bw_call_recorder(NULL, false);
    fresh(s);
    return s->status = status;
}

int bw_session_command(struct bw_session *s, int argc, char **argv, const char *where)
{
    if (argc == 0)
        return s->status;
    bool typed = s->depth == 0;
    if (typed && bw_tutor_before(s, argc, argv))
        return s->status = 0;
    s->depth++;
    run_words(s, argc, argv, where);
    s->depth--;
    if (typed)
        bw_tutor_after(s, argc, argv);
    return s->status;
}
