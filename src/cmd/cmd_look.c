/* Looking: inspect, diff, trace. Facts are read anew each time; nothing is changed. */
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "look.h"
#include "model/snapshot.h"

int bw_look_pid(struct bw_session *s, const char *command, const char *word, pid_t *pid)
{
    long long n;

    if (bw_parse_num(word, 1, INT_MAX, &n)) {
        bw_err_usage(&s->err, "%s takes a process ID, and \"%s\" is not one", command, word);
        bw_err_todo(&s->err, "ps lists the processes of the box, host ps -e all of them");
        return -1;
    }
    *pid = (pid_t)n;
    return 0;
}

pid_t bw_look_box(struct bw_session *s)
{
    struct bw_stage *box = bw_session_box(s);

    return box && bw_stage_ping(box, &s->err) == 0 ? box->pid : -1;
}

int bw_cmd_inspect(struct bw_session *s, int argc, char **argv)
{
    bool json = false;
    pid_t pid = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
            continue;
        }
        if (argv[i][0] == '-') {
            bw_err_usage(&s->err, "inspect has no option %s", argv[i]);
            bw_err_todo(&s->err, "inspect [--json] [PID]");
            return -1;
        }
        if (pid) {
            bw_err_usage(&s->err, "inspect looks at one process, and two are named");
            bw_err_todo(&s->err, "to compare them: diff %d %s", (int)pid, argv[i]);
            return -1;
        }
        if (bw_look_pid(s, "inspect", argv[i], &pid))
            return -1;
    }
    if (!pid && (pid = bw_look_box(s)) < 0)
        return -1;
    struct bw_snapshot shot;
    if (bw_snapshot_take(pid, BW_SNAP_ALL, &shot, &s->err))
        return -1;
    int status = BW_OK;
    if (json) {
        BW_AUTO_STR text = BW_STR_INIT;
        status = bw_snapshot_json(&shot, &text, &s->err);
        if (status == 0)
            bw_data(s->out, "%s\n", bw_str_get(&text));
    } else {
        bw_snapshot_print(&shot, s->out);
    }
    bw_snapshot_free(&shot);
    return status;
}

static void step_title(struct bw_session *s, size_t i)
{
    BW_AUTO_STR line = BW_STR_INIT;

    bw_str_add_safe(&line, s->box->journal.v[i].line);
    bw_put(s->out, BW_DATA, BW_BOLD, "%zu  %s\n", i + 1, bw_str_get(&line));
}

static int no_step(struct bw_session *s)
{
    bw_msg(s->out, "no step was made yet: nothing was changed\n");
    return BW_OK;
}

static int last_diff(struct bw_session *s)
{
    if (s->box->journal.n == 0)
        return no_step(s);
    size_t last = s->box->journal.n - 1;
    const struct bw_diff *d = &s->box->journal.v[last].diff;
    step_title(s, last);
    for (size_t i = 0; i < d->n; i++) {
        BW_AUTO_STR line = BW_STR_INIT;
        bw_str_add_safe(&line, d->line[i]);
        bw_data(s->out, "   %s\n", bw_str_get(&line));
    }
    if (d->n == 0)
        bw_data(s->out, "   nothing that inspect shows\n");
    return BW_OK;
}

int bw_cmd_diff(struct bw_session *s, int argc, char **argv)
{
    pid_t pid[2] = {0, 0};

    if (argc == 1)
        return last_diff(s);
    if (argc > 3) {
        bw_err_usage(&s->err, "diff compares two processes, and %d are named", argc - 1);
        bw_err_todo(&s->err, "diff [PID [PID]]");
        return -1;
    }
    for (int i = 1; i < argc; i++)
        if (bw_look_pid(s, "diff", argv[i], &pid[i - 1]))
            return -1;
    return bw_look_compare(s, pid[0], pid[1]);
}

/* The column of the remarks: past the longest call that leaves room for one. */
static size_t remark_column(const struct bw_calls *calls)
{
    enum { MOST = 64 };
    size_t column = 0;

    for (size_t i = 0; i < calls->n; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        bw_call_format(&calls->v[i], &text);
        if (text.len <= MOST && text.len > column)
            column = text.len;
    }
    return column;
}

static void trace_step(struct bw_session *s, size_t i)
{
    const struct bw_calls *calls = &s->box->journal.v[i].calls;
    size_t column = remark_column(calls);

    step_title(s, i);
    for (size_t k = 0; k < calls->n; k++) {
        const struct bw_call *c = &calls->v[k];
        BW_AUTO_STR text = BW_STR_INIT, note = BW_STR_INIT;
        bw_call_format(c, &text);
        if (c->outside)
            bw_str_add(&note, c->note ? "outside: " : "outside");
        bw_str_add_safe(&note, c->note ? c->note : "");
        bw_data(s->out, "   %s", bw_str_get(&text));
        if (note.len > 0)
            bw_put(s->out, BW_DATA, BW_DIM, "%*s  # %s",
                   text.len < column ? (int)(column - text.len) : 0, "", note.s);
        bw_data(s->out, "\n");
    }
    if (calls->n == 0)
        bw_data(s->out, "   no call\n");
}

int bw_cmd_trace(struct bw_session *s, int argc, char **argv)
{
    size_t n = s->box->journal.n;
    long long which = (long long)n;
    bool all = argc == 2 && strcmp(argv[1], "all") == 0;

    if (argc > 2 || (argc == 2 && !all && bw_parse_num(argv[1], 1, INT_MAX, &which))) {
        bw_err_usage(&s->err, "trace takes the number of a step, or all");
        bw_err_todo(&s->err, "plan lists the steps; trace alone shows the last one");
        return -1;
    }
    if (argc == 2 && !all && (size_t)which > n) {
        bw_err_set(&s->err, "there is no step %lld: %zu %s made", which, n,
                   n == 1 ? "step was" : "steps were");
        bw_err_todo(&s->err, "plan lists the steps");
        return -1;
    }
    if (n == 0)
        return no_step(s);
    for (size_t i = all ? 0 : (size_t)which - 1; i < (all ? n : (size_t)which); i++)
        trace_step(s, i);
    return BW_OK;
}
