#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "judge.h"

const char *const how_names[HOWS] = {"retried", "done without it", "undone", "not reached"};

/* What a session has been asked so far, and how far its output has been read. */
struct talk {
    struct place *p;
    struct session s;
    long out, err;
    char line[2048];
};

static char *copy(const char *text)
{
    char *one = strdup(text);
    if (!one)
        abort();
    return one;
}

static char *join(char *a, char *b)
{
    char *both = NULL;
    if (asprintf(&both, "%s\nfiles:%s\n", a, b) < 0)
        abort();
    free(a);
    free(b);
    return both;
}

/* The folder's name is the worker's own. */
static void folder_away(const struct place *p, char *text)
{
    size_t n = strlen(p->dir);
    for (char *at = strstr(text, p->dir); at; at = strstr(at, p->dir)) {
        at[0] = '%';
        at[1] = 'W';
        memmove(at + 2, at + n, strlen(at + n) + 1);
    }
}

static pid_t box_pid(const struct session *s)
{
    pid_t pid = session_find(s, STAGE);
    return pid ? pid : session_find(s, SUCCESSOR);
}

/* Descriptors of the shell and of the box's stage. */
static int open_fds(const struct session *s)
{
    int n = 0;
    pid_t pids[] = {s->shell, box_pid(s)};
    for (size_t i = 0; i < 2; i++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/%d/fd", (int)pids[i]);
        DIR *d = pids[i] && !s->ended ? opendir(path) : NULL;
        while (d && readdir(d))
            n++;
        if (d)
            closedir(d);
    }
    return n;
}

static const char *fill(struct talk *t, const char *line)
{
    size_t n = 0;
    for (const char *at = line; *at && n < sizeof t->line - 128; at++) {
        char *to = t->line + n;
        size_t room = sizeof t->line - n;
        if (strncmp(at, "%W", 2) == 0)
            n += (size_t)snprintf(to, room, "%s", t->p->dir), at++;
        else if (strncmp(at, "%P", 2) == 0)
            n += (size_t)snprintf(to, room, "%d", (int)box_pid(&t->s)), at++;
        else if (strncmp(at, "%O", 2) == 0)
            n += (size_t)snprintf(to, room, "%d", (int)t->p->other), at++;
        else
            t->line[n++] = *at;
    }
    t->line[n] = '\0';
    return t->line;
}

/* Gives a line; what it says comes back, to be freed. NULL when it hung. */
static char *say(struct talk *t, const char *line)
{
    if (session_give(&t->s, fill(t, line)))
        return NULL;
    char *said = text_from(t->s.err, &t->err);
    folder_away(t->p, said);
    return said;
}

/* The box, and the folder. */
static char *look_once(struct talk *t)
{
    free(text_from(t->s.out, &t->out));
    char *said = say(t, "inspect --json");
    if (!said)
        return copy("hung");
    char *box = text_from(t->s.out, &t->out);
    folder_away(t->p, box);
    judge_normalise(box);
    if (strstr(said, "boxwright: ")) {
        free(box);
        return said;
    }
    free(said);
    return join(box, place_files(t->p));
}

/* What was killed ends a moment later. */
static char *look_for(struct talk *t, const char *wanted)
{
    char *is = look_once(t);
    for (int i = 0; i < 10 && strcmp(is, wanted) != 0 && !t->s.ended; i++) {
        poll(NULL, 0, 10);
        free(is);
        is = look_once(t);
    }
    return is;
}

static int open_talk(struct talk *t, struct place *p, const struct step *step, char *why,
                     size_t size)
{
    *t = (struct talk){.p = p};
    if (session_start(&t->s, p->program, p->dir, ++p->runs)) {
        snprintf(why, size, "the session did not start");
        return -1;
    }
    for (size_t i = 0; i < step->n_before; i++) {
        char *said = say(t, step->before[i]);
        bool bad = !said || strstr(said, "boxwright: ");
        if (bad)
            snprintf(why, size, "before it, %s: %s", step->before[i], said ? said : "hung");
        free(said);
        if (bad)
            return -1;
    }
    return 0;
}

static void close_talk(struct talk *t, bool keep)
{
    session_kill(&t->s);
    if (!keep) {
        unlink(t->s.out);
        unlink(t->s.err);
    }
    place_clean(t->p);
}

/* ---- without a fault ---- */

static void record(void *ctx, const struct made *m)
{
    struct step *s = ctx;
    if (s->n_made % 256 == 0)
        s->made = realloc(s->made, (s->n_made + 256) * sizeof *s->made);
    if (!s->made)
        abort();
    struct made *one = &s->made[s->n_made++];
    *one = *m;
    /* One of many alike stands for all. */
    char *bin = strstr(one->about, "bin/");
    if (bin)
        memcpy(bin + 4, "*", 2);
    char *dir = strstr(one->about, "/bwfaults."), *rest = dir ? strchr(dir + 1, '/') : NULL;
    rest = rest ? strchr(rest + 1, '/') : NULL;
    if (rest)
        memmove(one->about, rest, strlen(rest) + 1);
}

/* What there is before the first command: looking would make it. */
static char *empty_box(struct place *p)
{
    struct talk t;
    char why[64];
    static const struct step none = {.name = "none"};
    char *box = open_talk(&t, p, &none, why, sizeof why) ? copy("") : look_once(&t);
    close_talk(&t, false);
    return box;
}

int run_clean(struct place *p, struct step *step)
{
    struct talk t;
    char why[512] = "";
    step->was = step->fresh ? empty_box(p) : NULL;
    int r = open_talk(&t, p, step, why, sizeof why);
    if (r == 0) {
        if (!step->fresh)
            step->was = look_once(&t);
        t.s.saw = record;
        t.s.ctx = step;
        t.s.armed = true;
        step->said = say(&t, step->line);
        t.s.armed = false;
        step->is = look_once(&t);
        step->fds = open_fds(&t.s);
        bool error = step->said && strstr(step->said, "boxwright: ");
        if (!step->said || error != step->refused || session_end(&t.s)) {
            snprintf(why, sizeof why, "%s", step->said ? step->said : "it hung");
            r = -1;
        }
    }
    if (step->said)
        judge_digits_away(step->said);
    close_talk(&t, false);
    if (r)
        fprintf(stderr, "faults: %s, without a fault: %s\n", step->name, why);
    return r;
}

/* ---- with one ---- */

static void fail(struct verdict *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct verdict *v, const char *fmt, ...)
{
    va_list ap;
    if (!v->ok)
        return;
    v->ok = false;
    va_start(ap, fmt);
    vsnprintf(v->why, sizeof v->why, fmt, ap);
    va_end(ap);
    for (char *c = v->why; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static void differ(struct verdict *v, const char *what, const char *is, const char *should)
{
    size_t n = 0;
    while (is[n] && is[n] == should[n])
        n++;
    size_t from = n > 40 ? n - 40 : 0;
    fail(v, "%s: ...%.100s... but should be ...%.100s...", what, is + from, should + from);
}

/* The failed call wrote a message. */
static bool lost_words(const struct job *job)
{
    return job->fault.nr == SYS_write &&
           (strncmp(job->about, "/err.", 5) == 0 || strncmp(job->about, "/out.", 5) == 0);
}

/* What a library met has its words, and the error's. */
static bool library_names(const struct message *m, int error)
{
    return strstr(m->first, " cannot be loaded: ") || strstr(m->first, "unpacked") ||
           ((strstr(m->first, "the archive") || strstr(m->first, "nftables refused")) &&
            strstr(m->first, strerror(error)));
}

static void judge_refused(struct talk *t, const struct job *job, char *said, const char *was,
                          struct verdict *v)
{
    const struct step *step = job->step;
    struct message m;
    judge_message(said, &m);
    v->how = UNDONE;
    if (t->s.ended && !step->forgets) {
        fail(v, "the session ended, status %d: %s", t->s.status, said);
        return;
    }
    v->named =
        judge_names(&m, call_names[job->fault.nr], job->about, strerrorname_np(job->fault.error));
    if (!v->named && !library_names(&m, job->fault.error) &&
        !(t->s.loading && strstr(m.first, "ended while it started")))
        fail(v, "the message does not name the call: %s", m.first);
    else if (!m.todo || (m.call && !m.cause))
        fail(v, "the message lacks a part: %s", said);
    if (step->forgets)
        return;
    /* Done, with something told that was left over, is as good as undone. */
    char *is = look_for(t, was);
    if (strcmp(is, was) != 0 && strcmp(is, step->is) != 0)
        differ(v, "not undone", is, was);
    else if (strcmp(is, was) != 0)
        v->how = WITHOUT;
    free(is);
    char *again = say(t, step->line);
    if (!again || strstr(again, "boxwright: "))
        fail(v, "a second time: %s", again ? again : "hung");
    free(again);
    char *then = look_for(t, step->is);
    if (strcmp(then, step->is) != 0)
        differ(v, "done again", then, step->is);
    free(then);
}

static void judge_done(struct talk *t, const struct job *job, char *said, struct verdict *v)
{
    v->how = t->s.retried ? RETRIED : WITHOUT;
    judge_digits_away(said);
    bool wrote = lost_words(job);
    char *new = wrote ? NULL : judge_new_line(said, job->step->said, call_names[job->fault.nr]);
    if (new)
        fail(v, "said otherwise: %s", new);
    char *is = look_for(t, job->step->is);
    if (strcmp(is, job->step->is) != 0)
        differ(v, "done, but", is, job->step->is);
    free(is);
}

/* A step that is refused anyway is refused with the fault too, and nothing has happened. */
static void judge_never(struct talk *t, const struct job *job, char *said, const char *was,
                        struct verdict *v)
{
    struct message m;
    judge_message(said, &m);
    v->how = UNDONE;
    if (!lost_words(job) && (!m.errors || !m.todo))
        fail(v, "%s: %s", m.errors ? "the message lacks a part" : "not refused", said);
    char *is = look_for(t, was);
    if (strcmp(is, was) != 0)
        differ(v, "not as before", is, was);
    free(is);
}

static void judge_end(struct talk *t, const struct job *job, struct verdict *v)
{
    if (session_end(&t->s))
        fail(v, "%s", t->s.ended ? "processes stay" : "the end hung");
    if (*t->s.died)
        fail(v, "died: %s", t->s.died);
    /* What was not written is not forgotten: a lost message makes the status 1. */
    bool wrote = lost_words(job);
    if (t->s.status != 0 && !(wrote && t->s.status == 1 && job->fault.error != EINTR))
        fail(v, "exit status %d at the end", t->s.status);
    char *traces = place_traces(t->p, t->s.shell, t->s.start);
    if (traces)
        fail(v, "left: %s", traces);
    free(traces);
}

static void one_run(struct place *p, const struct job *job, const struct options *opt,
                    struct verdict *v)
{
    const struct step *step = job->step;
    struct talk t;
    char why[300] = "";
    long long began = now_ms();
    *v = (struct verdict){.done = true, .ok = true, .how = WITHOUT};
    if (open_talk(&t, p, step, why, sizeof why)) {
        fail(v, "%s", why);
    } else {
        char *was = step->fresh ? copy(step->was) : look_once(&t);
        t.s.fault = &job->fault;
        t.s.armed = true;
        char *said = say(&t, step->line);
        t.s.armed = false;
        if (!said)
            fail(v, "it hung");
        else if (!t.s.hit)
            v->how = UNREACHED;
        else if (step->refused)
            judge_never(&t, job, said, was, v);
        else if (strstr(said, "boxwright: "))
            judge_refused(&t, job, said, was, v);
        else
            judge_done(&t, job, said, v);
        free(said);
        free(was);
        if (open_fds(&t.s) > step->fds)
            fail(v, "%d descriptors are open instead of %d", open_fds(&t.s), step->fds);
        judge_end(&t, job, v);
    }
    if (opt->keep && !v->ok)
        snprintf(v->why + strlen(v->why), sizeof v->why - strlen(v->why), " [%s]", t.s.err);
    close_talk(&t, opt->keep && !v->ok);
    v->ms = (int)(now_ms() - began);
}

/* What was timed otherwise is tried again. */
void run_job(struct place *p, const struct job *job, const struct options *opt, struct verdict *v)
{
    for (int i = 0; i < 3; i++) {
        one_run(p, job, opt, v);
        if (v->how != UNREACHED)
            return;
    }
}

void verdict_print(const struct job *job, const struct verdict *v)
{
    printf("%s faults: %4d ms %s: %s %s %d %s (%s): %s%s%s\n",
           v->how == UNREACHED ? "SKIP"
           : v->ok             ? "ok  "
                               : "FAIL",
           v->ms, job->step->name, role_names[job->fault.role], call_names[job->fault.nr],
           job->fault.n, strerrorname_np(job->fault.error), job->about, how_names[v->how],
           v->ok ? "" : ": ", v->why);
}
