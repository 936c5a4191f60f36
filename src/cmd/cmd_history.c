/* History: plan, undo, redo, reset, save, source. The kernel has no way back from most steps, so
 * going back is building anew. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "base/words.h"
#include "cmd/boxes.h"
#include "cmd/handlers.h"
#include "cmd/net.h"
#include "cmd/program.h"
#include "cmd/seccomp.h"
#include "cmd/session.h"
#include "kern/explain.h"
#include "kern/rootfs.h"

enum { SCRIPT_MAX = 16 << 20, SOURCE_DEPTH = 16 };

void bw_session_end_box(struct bw_session *s)
{
    struct bw_err left = BW_ERR_INIT;
    for (size_t i = 0; i < s->box->n_programs; i++)
        bw_program_forget(s, &s->box->programs[i]);
    free(s->box->programs);
    s->box->programs = NULL;
    s->box->n_programs = 0;
    bw_net_end(s);
    bw_stage_kill(&s->box->stage);
    bw_box_lean_no_more(s->box);
    bw_seccomp_end(s->box);
    if (s->box->cg && bw_cg_remove_all(s->box->cg, &left)) {
        bw_explain_fill(&left, 0);
        bw_err_todo(&left, "the end of the session removes it; if it stays: boxwright cleanup");
        bw_session_print_err(s, &left, NULL);
    }
}

/* Runs one journal line as it was typed; what it made on the host before is its own. */
static int replay_step(struct bw_session *s, struct bw_step *old)
{
    struct bw_words w = {0};
    size_t used;
    if (bw_words_split(old->line, strlen(old->line), &used, &w, &s->err) != BW_WORDS_OK) {
        bw_words_free(&w);
        return -1;
    }
    size_t before = s->box->journal.n;
    int status = bw_session_command(s, w.n, w.v, NULL);
    bw_words_free(&w);
    if (status != 0) {
        s->err = s->last_err;
        return -1;
    }
    if (s->box->journal.n > before)
        s->box->journal.v[s->box->journal.n - 1].number = old->number;
    if (s->box->journal.n > before && old->n_made) {
        struct bw_step *now = &s->box->journal.v[s->box->journal.n - 1];
        char **made = now->made;
        size_t n_made = now->n_made;
        now->made = old->made;
        now->n_made = old->n_made;
        now->there = old->there;
        old->made = made;
        old->n_made = n_made;
    }
    return 0;
}

/* Takes the journal's steps out, so that replaying writes them anew. */
static struct bw_step *take_steps(struct bw_session *s, size_t *n)
{
    struct bw_step *v = s->box->journal.v;
    *n = s->box->journal.n;
    s->box->journal.v = NULL;
    s->box->journal.n = s->box->journal.cap = 0;
    return v;
}

/* A step that once succeeded is refused now. No step is lost: redo makes them again. */
static void give_up(struct bw_session *s, struct bw_step *steps, size_t n)
{
    bw_session_end_box(s);
    for (size_t i = n; i-- > s->box->journal.n;)
        bw_journal_shelve(&s->box->journal, &steps[i]);
    while (bw_journal_undo(&s->box->journal))
        ;
    bw_msg(s->out,
           "  the box could not be built anew and is empty: redo %zu makes its %s again, as far as "
           "they go\n",
           n, n == 1 ? "step" : "steps");
}

/* Boxes in namespaces of this one, or on its network, are left without when it is built anew: they
 * follow. */
static void rebuild_leaning(struct bw_session *s, bool built)
{
    struct bw_box *box = s->box;
    for (size_t i = 0; i < s->n_boxes; i++) {
        struct bw_box *other = s->boxes[i];
        if (!bw_box_leans(other, box))
            continue;
        bw_box_lean_no_more(other);
        if (!built)
            continue;
        s->box = other;
        bool r = bw_session_rebuild(s) == 0;
        bw_msg(s->out, "  box %s, which needs what is box %s's, %s\n", other->name, box->name,
               r ? "was built anew too" : "could not follow it");
    }
    s->box = box;
}

int bw_session_rebuild(struct bw_session *s)
{
    size_t n;
    struct bw_step *steps = take_steps(s, &n);
    bool replaying = s->replaying;
    int status = s->status, r = -1;
    s->replaying = true;
    /* What was short for a moment must not cost the box: twice. */
    for (int tries = 0; r && tries < 2 && (tries == 0 || bw_intr_end == 0); tries++) {
        bw_session_end_box(s);
        r = 0;
        while (s->box->journal.n > 0)
            bw_step_free(&s->box->journal.v[--s->box->journal.n]);
        for (size_t i = 0; i < n && r == 0; i++)
            r = replay_step(s, &steps[i]);
    }
    s->replaying = replaying;
    s->status = status;
    if (r)
        give_up(s, steps, n);
    for (size_t i = 0; i < n; i++)
        bw_step_free(&steps[i]);
    free(steps);
    struct bw_err err = s->err;
    rebuild_leaning(s, r == 0);
    s->err = err;
    return r;
}

/* Directories on the host: those of mkdir go when empty, a root file system goes as a whole, but
 * for the directory when it was there before. */
static void remove_made(struct bw_session *s, const struct bw_step *step)
{
    struct bw_err err = BW_ERR_INIT;
    bool tree = !bw_str_starts(step->line, "mkdir");
    for (size_t i = step->n_made; i-- > 0;) {
        const char *dir = step->made[i];
        if (tree && bw_rootfs_unmake(dir, step->there, &err))
            bw_session_print_err(s, &err, NULL);
        else if (!tree && rmdir(dir) && errno != ENOENT)
            bw_session_note(s, "%s stays: %s", dir,
                            errno == ENOTEMPTY
                                ? "files were written into it, and those are not undone"
                                : strerror(errno));
    }
    /* By its name on the host it may be another's. */
    if (!step->n_made && step->root_dir && access(step->root_dir, F_OK) == 0)
        bw_session_note(s,
                        "%s stays: it was there before, or the box had a root or mounts of its own "
                        "when it was made",
                        step->root_dir);
}

static int undo_one(struct bw_session *s)
{
    struct bw_step *step = bw_journal_undo(&s->box->journal);
    if (!step) {
        bw_err_set(&s->err, "there is no step to undo");
        bw_err_todo(&s->err, "make one first, such as unshare uts");
        return -1;
    }
    bw_session_end_box(s);
    remove_made(s, step);
    /* Before the steps that are made anew drop them. */
    bw_session_show_calls(s);
    return 0;
}

static int parse_count(struct bw_session *s, int argc, char **argv, long long *n)
{
    *n = 1;
    if (argc > 2 || (argc == 2 && bw_parse_num(argv[1], 1, 1000000, n)))
        return bw_err_usage(&s->err, "%s takes a number of steps, not %s", argv[0],
                            argv[argc > 2 ? 2 : 1]);
    return 0;
}

/* Refused before the first one: a count mistyped takes nothing back. */
static int too_many(struct bw_session *s, size_t there, long long n, const char *verb)
{
    bw_err_set(&s->err, "there %s %zu %s to %s, not %lld", there == 1 ? "is" : "are", there,
               there == 1 ? "step" : "steps", verb, n);
    bw_err_todo(&s->err, "%s %zu takes them all", verb, there);
    return -1;
}

int bw_cmd_undo(struct bw_session *s, int argc, char **argv)
{
    long long n;
    if (parse_count(s, argc, argv, &n) || bw_box_refuse_shared(s, argv[0]))
        return -1;
    if ((size_t)n > s->box->journal.n && s->box->journal.n > 0)
        return too_many(s, s->box->journal.n, n, argv[0]);
    BW_AUTO_STR safe = BW_STR_INIT;
    for (long long i = 0; i < n; i++) {
        if (undo_one(s))
            return -1;
        bw_msg(s->out, "  undone: %s\n",
               bw_str_safe(&safe, s->box->journal.undone[s->box->journal.n_undone - 1].line));
    }
    if (bw_session_rebuild(s))
        return -1;
    bw_msg(s->out,
           "  the kernel cannot un-unshare: the box was torn down and built anew from %zu %s;"
           " programs in it ended, files they wrote are not undone\n",
           s->box->journal.n, s->box->journal.n == 1 ? "step" : "steps");
    bw_session_hint(s, "redo brings it back, plan lists the steps");
    return 0;
}

int bw_cmd_redo(struct bw_session *s, int argc, char **argv)
{
    long long n;
    if (parse_count(s, argc, argv, &n))
        return -1;
    if ((size_t)n > s->box->journal.n_undone && s->box->journal.n_undone > 0)
        return too_many(s, s->box->journal.n_undone, n, argv[0]);
    for (long long i = 0; i < n; i++) {
        struct bw_step step;
        if (bw_journal_redo(&s->box->journal, &step)) {
            bw_err_set(&s->err, "there is no step to redo");
            bw_err_todo(&s->err, "undo comes first, and a new step forgets what was undone");
            return -1;
        }
        BW_AUTO_STR safe = BW_STR_INIT;
        bw_msg(s->out, "> %s\n", bw_str_safe(&safe, step.line));
        struct bw_words w = {0};
        size_t used;
        int status = BW_REFUSED;
        s->redoing = true;
        if (bw_words_split(step.line, strlen(step.line), &used, &w, &s->err) == BW_WORDS_OK)
            status = bw_session_command(s, w.n, w.v, NULL);
        s->redoing = false;
        bw_words_free(&w);
        if (status != 0) {
            bw_journal_shelve(&s->box->journal, &step);
            return status;
        }
        bw_step_free(&step);
    }
    return 0;
}

int bw_cmd_reset(struct bw_session *s, int argc, char **argv)
{
    if (argc > 1)
        return bw_err_usage(&s->err, "reset takes no arguments, not %s", argv[1]);
    if (bw_box_refuse_shared(s, argv[0]))
        return -1;
    size_t n = s->box->journal.n;
    bw_session_end_box(s);
    while (bw_journal_undo(&s->box->journal))
        ;
    bw_msg(s->out, "  the box is empty: %zu %s undone; directories made on the host stay\n", n,
           n == 1 ? "step" : "steps");
    if (n)
        bw_session_hint(s, "redo %zu brings them back", n);
    return 0;
}

int bw_cmd_plan(struct bw_session *s, int argc, char **argv)
{
    const struct bw_journal *j = &s->box->journal;
    BW_AUTO_STR safe = BW_STR_INIT;
    if (argc > 1)
        return bw_err_usage(&s->err, "plan takes no arguments, not %s", argv[1]);
    if (j->n + j->n_undone == 0)
        bw_msg(s->out, "  no step has been made yet\n");
    for (size_t i = 0; i < j->n; i++) {
        bw_data(s->out, "%3zu  %s", i + 1, bw_str_safe(&safe, j->v[i].line));
        if (j->v[i].shell)
            bw_put(s->out, BW_DATA, BW_DIM, "    # %s", bw_str_safe(&safe, j->v[i].shell));
        bw_data(s->out, "\n");
    }
    for (size_t i = j->n_undone; i-- > 0;)
        bw_put(s->out, BW_DATA, BW_DIM, "  -  %s    # undone: redo\n",
               bw_str_safe(&safe, j->undone[i].line));
    return 0;
}

/* The step that was made next after the one of this number, in whichever box. */
static const struct bw_step *step_after(const struct bw_session *s, unsigned long number,
                                        struct bw_box **box)
{
    const struct bw_step *next = NULL;
    for (size_t i = 0; i < s->n_boxes; i++)
        for (size_t k = 0; k < s->boxes[i]->journal.n; k++) {
            const struct bw_step *step = &s->boxes[i]->journal.v[k];
            if (step->number > number && (!next || step->number < next->number)) {
                next = step;
                *box = s->boxes[i];
            }
        }
    return next;
}

/* A script is run in a session that has box "box" alone. */
static void save_turn(struct bw_box *box, const struct bw_box **now, bool *known, size_t i,
                      struct bw_str *text)
{
    if (box == *now)
        return;
    bw_str_addf(text, "box %s%s\n", known[i] ? "" : "new ", box->name);
    known[i] = true;
    *now = box;
}

static size_t index_of(const struct bw_session *s, const struct bw_box *box)
{
    size_t i = 0;
    while (s->boxes[i] != box)
        i++;
    return i;
}

size_t bw_session_steps(const struct bw_session *s, struct bw_str *text)
{
    BW_AUTO_FREE bool *known = bw_alloc(s->n_boxes * sizeof *known);
    const struct bw_box *now = NULL;
    struct bw_box *box = NULL;
    const struct bw_step *step;
    size_t n = 0;
    bool begins = false;
    for (size_t i = 0; i < s->n_boxes; i++) {
        known[i] = strcmp(s->boxes[i]->name, "box") == 0;
        if (known[i])
            now = s->boxes[i];
        begins = begins || known[i];
    }
    for (unsigned long at = 0; (step = step_after(s, at, &box)) != NULL; at = step->number, n++) {
        save_turn(box, &now, known, index_of(s, box), text);
        bw_str_addf(text, "%s\n", step->line);
    }
    for (size_t i = 0; i < s->n_boxes; i++)
        if (!known[i])
            save_turn(s->boxes[i], &now, known, i, text);
    save_turn(s->box, &now, known, index_of(s, s->box), text);
    if (!begins)
        bw_str_add(text, "box rm box\n");
    return n;
}

int bw_cmd_save(struct bw_session *s, int argc, char **argv)
{
    if (argc != 2)
        return bw_err_usage(&s->err, "save needs the name of one file");
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_add(&text, "#!/usr/bin/env boxwright\n");
    size_t n = bw_session_steps(s, &text);
    BW_AUTO_FD fd = open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        bw_err_call(&s->err, errno, "open", "\"%s\", O_WRONLY|O_CREAT|O_EXCL", argv[1]);
        if (errno == EEXIST) {
            bw_err_cause(&s->err, "the file exists, and save overwrites nothing");
            bw_err_todo(&s->err, "choose another name");
        }
        bw_explain_fill(&s->err, 0);
        return -1;
    }
    if (bw_write_all(fd, text.s, text.len)) {
        int code = errno;
        unlink(argv[1]);
        return bw_err_call(&s->err, code, "write", "\"%s\"", argv[1]);
    }
    BW_AUTO_STR safe = BW_STR_INIT;
    const char *name = bw_str_safe(&safe, argv[1]);
    bw_msg(s->out, "  %zu %s written to %s; run them with: boxwright %s\n", n,
           n == 1 ? "step" : "steps", name, name);
    return 0;
}

int bw_session_read_script(struct bw_session *s, const char *path, struct bw_str *text)
{
    struct stat st;
    BW_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st)) {
        bw_err_call(&s->err, errno, "open", "\"%s\", O_RDONLY", path);
        bw_explain_fill(&s->err, 0);
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        bw_err_set(&s->err, "%s is not a regular file", path);
        bw_err_todo(&s->err, "name a text file with one command a line");
        return -1;
    }
    if (bw_read_all(fd, text, SCRIPT_MAX) == 0)
        return 0;
    if (errno == EFBIG)
        return bw_err_set(&s->err, "%s is larger than a script of 16 MiB", path);
    return bw_err_call(&s->err, errno, "read", "\"%s\"", path);
}

int bw_cmd_source(struct bw_session *s, int argc, char **argv)
{
    static int depth;
    if (argc != 2)
        return bw_err_usage(&s->err, "source needs the name of one script");
    if (depth == SOURCE_DEPTH)
        return bw_err_set(&s->err, "scripts source each other %d deep: %s is not read",
                          SOURCE_DEPTH, argv[1]);
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_session_read_script(s, argv[1], &text))
        return -1;
    BW_AUTO_FREE char *name = bw_strdup(argv[1]);
    bool from_file = s->from_file;
    s->from_file = true;
    s->status = 0;
    depth++;
    int status = bw_session_text(s, bw_str_get(&text), text.len, name);
    depth--;
    s->from_file = from_file;
    return status;
}
