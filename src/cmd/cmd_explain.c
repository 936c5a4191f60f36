/* Why: explain, and what this machine allows: doctor. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "kern/explain.h"
#include "kern/probe.h"

enum { ROWS_MAX = 64 };

/* "EPERM", "eperm" or "1"; 0 for anything else. */
static int errno_of(const char *word)
{
    char name[24];
    long long n;
    size_t len = strlen(word);
    if (bw_parse_num(word, 1, 4095, &n) == 0)
        return strcmp(bw_err_name((int)n), "E?") == 0 ? 0 : (int)n;
    if (len < 2 || len >= sizeof name)
        return 0;
    for (size_t i = 0; i <= len; i++)
        name[i] = (char)toupper((unsigned char)word[i]);
    return bw_err_by_name(name);
}

static int show_errno(struct bw_session *s, const char *op, int code)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_explain_errno(op, code, &text) != 0) {
        bw_err_usage(&s->err, "no causes are known of %s failing with %s", op ? op : "a call",
                     bw_err_name(code));
        bw_err_todo(&s->err, "explain %s", bw_err_name(code));
        return -1;
    }
    bw_data(s->out, "%s", bw_str_get(&text));
    return BW_OK;
}

static void field(struct bw_session *s, const char *title, const char *text)
{
    BW_AUTO_STR safe = BW_STR_INIT;
    if (!*text)
        return;
    bw_str_add_safe(&safe, text);
    bw_put(s->out, BW_DATA, BW_BOLD, "%-8s", title);
    bw_data(s->out, "%s\n", safe.s);
}

static int show_error(struct bw_session *s, const struct bw_err *e)
{
    if (!e->op[0]) {
        field(s, "refused", e->cause);
        field(s, "by", "boxwright itself: no system call failed, and nothing was changed");
        field(s, "do", e->todo);
        return BW_OK;
    }
    BW_AUTO_STR call = BW_STR_INIT;
    bw_str_addf(&call, "%s = -1 %s (%s)", e->call, bw_err_name(e->code), strerror(e->code));
    field(s, "call", call.s);
    field(s, "cause", e->cause);
    field(s, "do", e->todo);
    bw_data(s->out, "\n");
    return show_errno(s, bw_explain_man(e->op) ? e->op : NULL, e->code);
}

static int show_command(struct bw_session *s, char *name)
{
    char *argv[] = {(char *)(size_t) "help", name, NULL};
    return bw_cmd_help(s, 2, argv);
}

/* Without an error the last step is what can be explained. */
static int show_last(struct bw_session *s)
{
    if (s->last_err.status)
        return show_error(s, &s->last_err);
    const char *line = s->box->journal.n ? s->box->journal.v[s->box->journal.n - 1].line : "";
    BW_AUTO_STR name = BW_STR_INIT;
    bw_str_addn(&name, line, strcspn(line, " "));
    if (!bw_command_find(bw_str_get(&name))) {
        bw_err_set(&s->err, "nothing failed yet, and no step was made");
        bw_err_todo(&s->err, "explain COMMAND, explain EPERM, or explain unshare EPERM");
        return -1;
    }
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_data(s->out, "Nothing failed yet. The last step was: %s\n\n", bw_str_safe(&safe, line));
    return show_command(s, name.s);
}

static int unknown(struct bw_session *s, const char *word)
{
    const char *near = bw_command_near(word);
    if (bw_explain_man(word)) {
        bw_err_usage(&s->err, "%s is a system call; name the error, too", word);
        bw_err_todo(&s->err, "explain %s EPERM; its manual: %s", word, bw_explain_man(word));
        return -1;
    }
    bw_err_usage(&s->err, "%s is neither a command nor an error", word);
    bw_err_todo(&s->err,
                "%s%s%sexplain takes a COMMAND, an error (EPERM or 1), a call and an error "
                "(unshare EPERM), or last",
                near ? "did you mean " : "", near ? near : "", near ? "? " : "");
    return -1;
}

int bw_cmd_explain(struct bw_session *s, int argc, char **argv)
{
    if (argc == 1 || (argc == 2 && strcmp(argv[1], "last") == 0))
        return show_last(s);
    if (argc == 2) {
        int code = errno_of(argv[1]);
        if (bw_command_find(argv[1]))
            return show_command(s, argv[1]);
        return code ? show_errno(s, NULL, code) : unknown(s, argv[1]);
    }
    if (argc > 3) {
        bw_err_usage(&s->err, "explain takes at most a call and an error");
        bw_err_todo(&s->err, "explain unshare EPERM");
        return -1;
    }
    int code = errno_of(argv[2]);
    if (!code) {
        bw_err_usage(&s->err, "%s is not the name or number of an error", argv[2]);
        bw_err_todo(&s->err, "explain %s EPERM", argv[1]);
        return -1;
    }
    if (!bw_explain_man(argv[1])) {
        bw_err_usage(&s->err, "%s is not a system call whose causes are known", argv[1]);
        bw_err_todo(&s->err, "unshare, clone3, setns, sethostname, mount, umount, pivot_root, "
                             "chroot, chdir, execve, open, mkdir, rmdir, "
                             "write, prctl, capset, seccomp, prlimit64, move_mount, mknod, bpf");
        return -1;
    }
    return show_errno(s, argv[1], code);
}

static const struct {
    const char *word;
    enum bw_style style;
} states[] = {[BW_PROBE_OK] = {"ok", BW_GOOD},
              [BW_PROBE_LIMITED] = {"limited", BW_NOTE},
              [BW_PROBE_NO] = {"no", BW_BAD},
              [BW_PROBE_UNKNOWN] = {"unknown", BW_NOTE}};

static const struct bw_probe_row *row_of(const struct bw_probe_row *rows, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

/* The article needs a box, and root, or a user namespace in which one is root. */
static int verdict(struct bw_session *s, const struct bw_probe_row *rows, size_t n)
{
    const struct bw_probe_row *sealed = row_of(rows, n, "sealed");
    const struct bw_probe_row *root = row_of(rows, n, "privilege");
    const struct bw_probe_row *user = row_of(rows, n, "userns");
    if (sealed && sealed->state == BW_PROBE_NO) {
        bw_data(s->out, "The article cannot be walked here: no box can be made. See %s above.\n",
                sealed->what);
        return BW_REFUSED;
    }
    if (root && root->state == BW_PROBE_OK) {
        bw_data(s->out, "The article can be walked here, as root.\n");
        return BW_OK;
    }
    if (user && user->state == BW_PROBE_OK) {
        bw_data(s->out, "The article can be walked here: unshare user and map root come first.\n");
        return BW_OK;
    }
    bw_data(s->out, "The article cannot be walked here: it needs root or user namespaces.\n");
    return BW_REFUSED;
}

int bw_cmd_doctor(struct bw_session *s, int argc, char **argv)
{
    if (argc > 1) {
        bw_err_usage(&s->err, "doctor takes no arguments, not %s", argv[1]);
        bw_err_todo(&s->err, "doctor");
        return -1;
    }
    BW_AUTO_FREE struct bw_probe_row *rows = bw_alloc(ROWS_MAX * sizeof *rows);
    size_t n = bw_probe_all(rows, ROWS_MAX), wide = 0;
    for (size_t i = 0; i < n; i++)
        if (strlen(rows[i].what) > wide)
            wide = strlen(rows[i].what);
    for (size_t i = 0; i < n; i++) {
        BW_AUTO_STR found = BW_STR_INIT, fix = BW_STR_INIT;
        bw_str_add_safe(&found, rows[i].found);
        bw_str_add_safe(&fix, rows[i].fix);
        bw_put(s->out, BW_DATA, states[rows[i].state].style, "%-7s", states[rows[i].state].word);
        bw_data(s->out, "  %-*s  %s\n", (int)wide, rows[i].what, bw_str_get(&found));
        if (fix.len)
            bw_data(s->out, "         %-*s  fix: %s\n", (int)wide, "", fix.s);
    }
    return verdict(s, rows, n);
}
