/* A session's parts: started when something needs them, ended together. */
#include "cmd/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/boxes.h"
#include "cmd/net.h"
#include "cmd/tutor.h"
#include "kern/ns.h"
#include "kern/observe.h"

void bw_session_open(struct bw_session *s, struct bw_out *out)
{
    *s = (struct bw_session){.out = out, .verbose = 1};
    s->box = bw_box_add(s, BW_BOX_FIRST);
    s->box->first = true;
    bw_pane_default(&s->pane);
}

int bw_session_janitor(struct bw_session *s)
{
    if (!s->janitor && bw_proc_check(&s->err) == 0)
        s->janitor = bw_janitor_start(&s->err);
    return s->janitor ? 0 : -1;
}

struct bw_stage *bw_session_box(struct bw_session *s)
{
    if (s->box->stage.pid > 0) {
        if (bw_stage_alive(&s->box->stage))
            return &s->box->stage;
        bw_err_set(&s->err, "the box's stage (process %d) has ended, and the box with it",
                   (int)s->box->stage.pid);
        bw_err_todo(&s->err, "reset starts an empty box, and redo %zu then makes its steps again",
                    s->box->journal.n);
        return NULL;
    }
    if (bw_session_janitor(s) || bw_stage_start(&s->box->stage, &s->err))
        return NULL;
    if (bw_janitor_stage(s->janitor, s->box->stage.pidfd, &s->err)) {
        bw_stage_kill(&s->box->stage);
        return NULL;
    }
    return &s->box->stage;
}

int bw_session_fork(struct bw_session *s)
{
    if (bw_stage_fork(&s->box->stage, &s->err))
        return -1;
    return bw_janitor_stage(s->janitor, s->box->stage.pidfd, &s->err);
}

static int announce(void *ctx, const char *dir, struct bw_err *err)
{
    struct bw_session *s = ctx;
    return bw_janitor_cgroup(s->janitor, dir, err);
}

struct bw_cg *bw_session_cg(struct bw_session *s)
{
    if (!s->cg && bw_session_janitor(s) == 0)
        s->cg = bw_cg_open(getpid(), announce, s, &s->err);
    if (!s->box->cg && s->cg)
        s->box->cg = bw_cg_open_beside(s->cg, s->box->first ? "" : s->box->name);
    return s->box->cg;
}

bool bw_session_own(struct bw_session *s, enum bw_ns ns)
{
    /* What could not be read is nobody's own: a step must never be done to the host instead. */
    uint64_t box = s->box->stage.pid > 0 ? bw_ns_inode(s->box->stage.pid, ns) : 0;
    uint64_t host = bw_ns_inode(getpid(), ns);
    return box && host && box != host;
}

bool bw_session_on_host(struct bw_session *s)
{
    BW_AUTO_STR root = BW_STR_INIT;
    bw_proc_root(s->box->stage.pid, &root);
    return !bw_session_own(s, BW_NS_MNT) && strcmp(bw_str_get(&root), "/") == 0;
}

static void set_text(char **to, const char *fmt, va_list ap)
{
    free(*to);
    if (vasprintf(to, fmt, ap) < 0)
        abort();
}

void bw_session_hint(struct bw_session *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_text(&s->hint, fmt, ap);
    va_end(ap);
}

void bw_session_shell(struct bw_session *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_text(&s->step.shell, fmt, ap);
    va_end(ap);
}

void bw_session_made(struct bw_session *s, const char *dir)
{
    char *path = realpath(dir, NULL);
    if (!path)
        return;
    s->step.made = bw_realloc(s->step.made, (s->step.n_made + 1) * sizeof *s->step.made);
    s->step.made[s->step.n_made++] = path;
}

void bw_session_made_root(struct bw_session *s, const char *dir, bool there)
{
    if (!bw_session_on_host(s))
        return;
    bw_session_made(s, dir);
    s->step.there = there;
}

void bw_session_root(struct bw_session *s, const char *dir)
{
    free(s->step.root_dir);
    s->step.root_dir = realpath(dir, NULL);
}

void bw_session_note(struct bw_session *s, const char *fmt, ...)
{
    if (s->replaying)
        return;
    BW_AUTO_FREE char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    set_text(&text, fmt, ap);
    va_end(ap);
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_str_add_safe(&safe, text);
    bw_put(s->out, BW_MSG, BW_NOTE, "note: ");
    bw_msg(s->out, "%s\n", bw_str_get(&safe));
}

bool bw_session_touched(const struct bw_session *s)
{
    for (size_t i = 0; i < s->calls.n; i++) {
        const struct bw_call *c = &s->calls.v[i];
        if (c->code == 0 && c->outside && c->level == BW_CALL_STEP)
            return true;
    }
    return false;
}

void bw_session_show_calls(struct bw_session *s)
{
    for (; s->shown < s->calls.n; s->shown++) {
        const struct bw_call *c = &s->calls.v[s->shown];
        if (s->replaying || s->verbose < c->level)
            continue;
        BW_AUTO_STR line = BW_STR_INIT;
        bw_call_format(c, &line);
        bw_msg(s->out, "  %s", line.s);
        if (c->note) {
            bw_str_clear(&line);
            bw_str_add_safe(&line, c->note);
            bw_put(s->out, BW_MSG, BW_DIM, "  # %s", line.s);
        }
        bw_msg(s->out, "\n");
    }
}

void bw_session_print_err(struct bw_session *s, const struct bw_err *err, const char *where)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (where)
        bw_str_add_safe(&text, where);
    if (*err->call) {
        bw_str_add_safe(&text, err->call);
        /* A filter may answer 0 in the kernel's place. */
        if (err->code == 0)
            bw_str_add(&text, " = 0");
        else
            bw_str_addf(&text, " = -1 %s (%s)", bw_err_name(err->code), strerror(err->code));
    } else {
        bw_str_add_safe(&text, err->cause);
    }
    bw_put(s->out, BW_MSG, BW_BAD, "boxwright: ");
    bw_msg(s->out, "%s\n", bw_str_get(&text));
    if (*err->call && *err->cause) {
        bw_str_clear(&text);
        bw_str_add_safe(&text, err->cause);
        bw_msg(s->out, "  cause: %s\n", bw_str_get(&text));
    }
    if (*err->todo) {
        bw_str_clear(&text);
        bw_str_add_safe(&text, err->todo);
        bw_msg(s->out, "  do:    %s\n", bw_str_get(&text));
    }
}

void bw_session_close(struct bw_session *s)
{
    bw_tutor_close(s);
    bw_box_end_all(s);
    bw_net_close(s);
    bw_janitor_dismiss(s->janitor, !s->cg || !bw_cg_left(s->cg));
    bw_cg_free(s->cg);
    bw_calls_free(&s->calls);
    bw_step_free(&s->step);
    free(s->hint);
    s->hint = NULL;
}
