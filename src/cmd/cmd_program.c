/* Programs: run, sh, spawn, fg, ps, kill, burn, host. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "cmd/handlers.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "kern/explain.h"
#include "kern/inroot.h"
#include "kern/observe.h"
#include "look.h"
#include "model/snapshot.h"

extern char **environ;

int bw_cmd_run(struct bw_session *s, int argc, char **argv)
{
    struct bw_stage child;
    if (argc < 2)
        return bw_err_usage(&s->err, "run needs a program");
    if (bw_program_scratch(s, false, &child))
        return -1;
    return bw_program_run(s, &child, argv + 1);
}

int bw_cmd_sh(struct bw_session *s, int argc, char **argv)
{
    static char bash[] = "/bin/bash", sh[] = "/bin/sh";
    char *shell = bw_inroot_is_program(s->box->stage.pid, bash) ? bash : sh;
    BW_AUTO_FREE char **words = bw_alloc((size_t)(argc + 1) * sizeof *words);
    memcpy(words, argv, (size_t)(argc + 1) * sizeof *words);
    words[0] = shell;
    struct bw_stage child;
    if (bw_program_scratch(s, false, &child))
        return -1;
    return bw_program_run(s, &child, words);
}

static char *rest_of_line(char *const argv[])
{
    BW_AUTO_STR line = BW_STR_INIT;
    for (; *argv; argv++) {
        bw_words_quote(&line, *argv);
        if (argv[1])
            bw_str_addc(&line, ' ');
    }
    return bw_str_steal(&line);
}

/* Notes which programs have ended or stopped since it was last asked. */
static void refresh(struct bw_session *s)
{
    for (size_t i = 0; i < s->box->n_programs; i++) {
        struct bw_program *p = &s->box->programs[i];
        int status;
        if (p->ended)
            continue;
        enum bw_wait what = bw_stage_wait(&p->child, 0, &status);
        p->ended = what == BW_WAIT_EXITED || what == BW_WAIT_LOST;
        p->stopped = what == BW_WAIT_STOPPED || (p->stopped && what == BW_WAIT_RUNNING);
        p->status = what == BW_WAIT_EXITED ? status : 0;
    }
}

int bw_cmd_spawn(struct bw_session *s, int argc, char **argv)
{
    struct bw_stage child;
    if (argc < 2)
        return bw_err_usage(&s->err, "spawn needs a program");
    refresh(s);
    if (bw_program_scratch(s, true, &child))
        return -1;
    if (bw_stage_exec(&child, argv + 1, environ, &s->err)) {
        bw_explain_fill(&s->err, child.pid);
        bw_stage_close(&child);
        return -1;
    }
    s->box->programs =
        bw_realloc(s->box->programs, (s->box->n_programs + 1) * sizeof *s->box->programs);
    s->box->programs[s->box->n_programs++] =
        (struct bw_program){.child = child, .line = rest_of_line(argv + 1)};
    bw_msg(s->out, "  started: process %d outside, %d to its stage\n", (int)child.pid,
           (int)child.inner);
    bw_session_hint(s, "ps lists it, kill %d ends it", (int)child.pid);
    return 0;
}

static struct bw_program *stopped_program(struct bw_session *s, const char *word)
{
    long long pid = 0;
    if (word && bw_parse_num(word, 1, 1 << 30, &pid)) {
        bw_err_usage(&s->err, "fg takes the PID of a stopped program, not %s", word);
        return NULL;
    }
    for (size_t i = s->box->n_programs; i-- > 0;)
        if (s->box->programs[i].stopped && (!word || s->box->programs[i].child.pid == pid))
            return &s->box->programs[i];
    bw_err_set(&s->err,
               word ? "no program %s of this session is stopped" : "no program is stopped%s",
               word ? word : "");
    bw_err_todo(&s->err, "on a terminal, ^Z stops a program that run, sh or cgexec started");
    return NULL;
}

int bw_cmd_fg(struct bw_session *s, int argc, char **argv)
{
    if (argc > 2)
        return bw_err_usage(&s->err, "fg takes one PID");
    refresh(s);
    struct bw_program *p = stopped_program(s, argc > 1 ? argv[1] : NULL);
    if (!p)
        return -1;
    struct bw_stage child = p->child;
    struct bw_pty *pty = p->pty;
    BW_AUTO_FREE char *line = p->line;
    *p = s->box->programs[--s->box->n_programs];
    return bw_program_continue(s, &child, pty, line);
}

static const char *state_of(struct bw_session *s, pid_t pid, char state)
{
    for (size_t i = 0; i < s->box->n_programs; i++)
        if (s->box->programs[i].child.pid == pid && s->box->programs[i].stopped)
            return "stopped";
    if (pid == s->box->stage.pid)
        return "the stage";
    switch (state) {
    case 'R':
        return "running";
    case 'T':
        return "stopped";
    case 'Z':
        return "zombie";
    default:
        return "sleeping";
    }
}

/* What a column holds; freed by the table's caller. */
static char *number(long n)
{
    BW_AUTO_STR b = BW_STR_INIT;
    bw_str_addf(&b, "%ld", n);
    return bw_str_steal(&b);
}

static char *safe_name(const char *name)
{
    BW_AUTO_STR b = BW_STR_INIT;
    bw_str_add_safe(&b, name);
    return bw_str_steal(&b);
}

enum { PS_COLS = 5 };

static void ps_row(struct bw_session *s, char **cell, const struct bw_snap_process *p)
{
    struct bw_status_file f = {.state = '?'};
    bw_status_read(p->pid, &f);
    cell[0] = number(p->pid);
    cell[1] = number(p->nspid);
    cell[2] = number(f.ppid);
    cell[3] = bw_strdup(state_of(s, p->pid, f.state));
    cell[4] = safe_name(p->comm);
}

static void tell_ended(struct bw_session *s)
{
    size_t live = 0;
    for (size_t i = 0; i < s->box->n_programs; i++) {
        struct bw_program *p = &s->box->programs[i];
        if (!p->ended) {
            s->box->programs[live++] = *p;
            continue;
        }
        BW_AUTO_STR safe = BW_STR_INIT;
        const char *sig = p->child.killed_by ? sigabbrev_np(p->child.killed_by) : NULL;
        bw_msg(s->out, "  ended: process %d (%s), status %d%s%s\n", (int)p->child.pid,
               bw_str_safe(&safe, p->line), p->status, sig ? ", by SIG" : "", sig ? sig : "");
        bw_program_forget(s, p);
    }
    s->box->n_programs = live;
}

int bw_cmd_ps(struct bw_session *s, int argc, char **argv)
{
    static struct bw_snapshot snap;
    static const char *const head[PS_COLS] = {"PID", "INSIDE", "PPID", "STATE", "COMMAND"};
    if (argc > 1)
        return bw_err_usage(
            &s->err, "ps takes no arguments, not %s (run ps shows the box's own view)", argv[1]);
    refresh(s);
    tell_ended(s);
    pid_t box = bw_look_box(s);
    if (box < 0 || bw_snapshot_take(box, BW_SNAP_CORE | BW_SNAP_PROCESSES, &snap, &s->err))
        return -1;
    size_t rows = snap.n_processes + 1;
    BW_AUTO_FREE char **cells = bw_alloc(rows * PS_COLS * sizeof *cells);
    for (size_t c = 0; c < PS_COLS; c++)
        cells[c] = bw_strdup(head[c]);
    for (size_t i = 1; i < rows; i++)
        ps_row(s, &cells[i * PS_COLS], &snap.processes[i - 1]);
    bw_table(s->out, BW_DATA, (const char *const *)cells, rows, PS_COLS);
    for (size_t i = 0; i < rows * PS_COLS; i++)
        free(cells[i]);
    bw_snapshot_free(&snap);
    return 0;
}

static int parse_signal(const char *word)
{
    long long n;
    if (bw_parse_num(word, 1, NSIG - 1, &n) == 0)
        return (int)n;
    if (bw_str_starts(word, "SIG"))
        word += 3;
    for (int sig = 1; sig < NSIG; sig++) {
        const char *name = sigabbrev_np(sig);
        if (name && strcasecmp(name, word) == 0)
            return sig;
    }
    return -1;
}

/* Of the box: among the processes inspect shows, and not the stage itself. */
static bool of_box(const struct bw_snapshot *snap, pid_t pid)
{
    for (size_t i = 0; i < snap->n_processes; i++)
        if (snap->processes[i].pid == pid)
            return pid != snap->pid;
    return false;
}

static int kill_one(struct bw_session *s, const struct bw_snapshot *snap, const char *word, int sig)
{
    long long pid;
    if (bw_parse_num(word, 1, 1 << 30, &pid))
        return bw_err_usage(&s->err, "kill takes PIDs as ps shows them, not %s", word);
    BW_AUTO_FD fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (pid == snap->pid) {
        bw_err_set(&s->err, "process %lld is the stage: the box would end with it", pid);
        bw_err_todo(&s->err, "reset ends the box and starts an empty one");
        return -1;
    }
    if (fd < 0 || !of_box(snap, (pid_t)pid)) {
        bw_err_set(&s->err, "process %lld is not one of the box's: boxwright signals no other",
                   pid);
        bw_err_todo(&s->err, "ps lists them; host kill %lld is yours to type", pid);
        return -1;
    }
    return bw_sys_pidfd_send_signal(fd, sig, (pid_t)pid, &s->err);
}

int bw_cmd_kill(struct bw_session *s, int argc, char **argv)
{
    static struct bw_snapshot snap;
    int sig = SIGTERM, first = 1;
    if (argc > 1 && argv[1][0] == '-') {
        sig = parse_signal(argv[1] + 1);
        first = 2;
    }
    if (sig < 0)
        return bw_err_usage(&s->err, "%s is not a signal (kill -KILL PID, kill -9 PID)",
                            argv[1] + 1);
    if (first >= argc)
        return bw_err_usage(&s->err, "kill needs the PID of a process of the box");
    if (bw_snapshot_take(s->box->stage.pid, BW_SNAP_CORE | BW_SNAP_PROCESSES, &snap, &s->err))
        return -1;
    int r = 0;
    for (int i = first; i < argc && r == 0; i++)
        r = kill_one(s, &snap, argv[i], sig);
    bw_snapshot_free(&snap);
    return r;
}

int bw_cmd_host(struct bw_session *s, int argc, char **argv)
{
    if (argc < 2)
        return bw_err_usage(&s->err, "host needs a program");
    return bw_program_host(s, argv + 1);
}

static int parse_burn(struct bw_session *s, int argc, char **argv, struct bw_burn *b)
{
    enum { DEFAULT_MS = 10000, MOST_MS = 3600000 };
    *b = (struct bw_burn){.amount = 1, .ms = DEFAULT_MS};
    const char *amount = argc > 2 ? argv[2] : NULL, *time = argc > 3 ? argv[3] : NULL;
    if (strcmp(argv[1], "cpu") == 0) {
        b->kind = BW_BURN_CPU;
        /* burn cpu 3s: a time alone */
        if (amount && !time && strpbrk(amount, "sm") && bw_parse_time(amount, &b->ms) == 0)
            return 0;
        if (amount && bw_parse_num(amount, 1, 1024, &b->amount))
            return bw_err_usage(&s->err, "%s is not a number of cores from 1 to 1024", amount);
    } else if (strcmp(argv[1], "memory") == 0) {
        b->kind = BW_BURN_MEMORY;
        if (!amount || bw_parse_size(amount, &b->amount) || b->amount < 1)
            return bw_err_usage(&s->err, "burn memory needs a size such as 64M, not %s",
                                amount ? amount : "none");
    } else if (strcmp(argv[1], "fork") == 0) {
        b->kind = BW_BURN_FORK;
        if (!amount || bw_parse_num(amount, 1, 100000, &b->amount))
            return bw_err_usage(&s->err, "burn fork needs a number of children from 1 to 100000");
    } else {
        return bw_err_usage(&s->err, "burn loads cpu, memory or fork, not %s", argv[1]);
    }
    if (time && (bw_parse_time(time, &b->ms) || b->ms < 1 || b->ms > MOST_MS))
        return bw_err_usage(&s->err, "%s is not a time of at most an hour, such as 3s or 500ms",
                            time);
    return 0;
}

int bw_cmd_burn(struct bw_session *s, int argc, char **argv)
{
    struct bw_burn b;
    struct bw_stage child;
    if (argc < 2 || argc > 4)
        return bw_err_usage(
            &s->err, "usage: burn cpu [CORES] [TIME], burn memory SIZE [TIME], burn fork N [TIME]");
    if (parse_burn(s, argc, argv, &b) || bw_burn_check(&b, &s->err) ||
        bw_program_scratch(s, false, &child))
        return -1;
    return bw_program_burn(s, &child, &b);
}
