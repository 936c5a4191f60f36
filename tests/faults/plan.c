#include "plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "run.h"

const int plan_errors[ERRORS] = {EPERM, ENOMEM, ENOSPC, EINTR, ENOSYS};

/* These cannot fail, or do what they do even when they say that they failed. The kernel's brk says
 * no with the old end, never with an error, and the C library takes one for a success. */
static const int left_out[] = {
    SYS_exit,    SYS_exit_group,   SYS_getpid,          SYS_gettid, SYS_getppid, SYS_getuid,
    SYS_geteuid, SYS_getgid,       SYS_getegid,         SYS_close,  SYS_munmap,  SYS_umask,
    SYS_futex,   SYS_rt_sigreturn, SYS_restart_syscall, SYS_brk,
};

/* What changes a box or the host, and makes processes: failed in every command that makes it. */
static const int changing[] = {
    SYS_unshare,    SYS_clone3,   SYS_clone,       SYS_mount,     SYS_umount2,   SYS_chroot,
    SYS_chdir,      SYS_fchdir,   SYS_mkdirat,     SYS_unlinkat,  SYS_setns,     SYS_pivot_root,
    SYS_execve,     SYS_openat2,  SYS_sethostname, SYS_symlinkat, SYS_setresuid, SYS_setresgid,
    SYS_socketpair, SYS_sendfile, SYS_kill,        SYS_fchmodat,  SYS_pipe2,
#ifdef SYS_mkdir
    SYS_mkdir,      SYS_rmdir,    SYS_unlink,      SYS_symlink,   SYS_vfork,     SYS_fork,
#endif
};

static bool in(const int *v, size_t n, int nr)
{
    for (size_t i = 0; i < n; i++)
        if (v[i] == nr)
            return true;
    return false;
}
#define IN(v, nr) in(v, sizeof(v) / sizeof *(v), nr)

/* ---- the steps ---- */

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = '\0';
    return text;
}

static int take_step(struct plan *plan, char *line)
{
    char *name = strsep(&line, "|"), *before = strsep(&line, "|"), *one;
    if (!before || !line || plan->n_steps == STEPS_MAX)
        return -1;
    struct step *s = &plan->steps[plan->n_steps++];
    name = trim(name);
    size_t n = strlen(name);
    s->fresh = n > 0 && name[n - 1] == '+';
    s->forgets = n > 0 && name[n - 1] == '-';
    s->refused = n > 0 && name[n - 1] == '!';
    snprintf(s->name, sizeof s->name, "%.*s", (int)(n - (s->fresh || s->forgets || s->refused)),
             name);
    while ((one = strsep(&before, ";")))
        if (*trim(one) && s->n_before < LINES_MAX)
            s->before[s->n_before++] = strdup(trim(one));
    s->line = strdup(trim(line));
    return 0;
}

static int read_steps(struct plan *plan, const char *path)
{
    FILE *in = fopen(path, "re");
    char line[1024];
    if (!in) {
        fprintf(stderr, "faults: %s: %s\n", path, strerror(errno));
        return -1;
    }
    int bad = 0;
    while (fgets(line, sizeof line, in))
        if (*trim(line) && line[0] != '#' && take_step(plan, line)) {
            fprintf(stderr, "faults: %s: not a step, or one too many: %s\n", path, line);
            bad = -1;
        }
    fclose(in);
    return bad;
}

/* ---- the jobs ---- */

static void add_job(struct plan *plan, const struct step *s, const struct made *m, int error)
{
    if (plan->n_jobs % 1024 == 0)
        plan->jobs = realloc(plan->jobs, (plan->n_jobs + 1024) * sizeof *plan->jobs);
    if (!plan->jobs)
        abort();
    struct job *j = &plan->jobs[plan->n_jobs++];
    *j =
        (struct job){.step = s, .fault = {.role = m->role, .nr = m->nr, .n = m->n, .error = error}};
    memcpy(j->about, m->about, sizeof j->about);
}

static bool same_kind(const struct made *a, const struct made *b)
{
    return a->role == b->role && a->nr == b->nr && strcmp(a->about, b->about) == 0;
}

/* Whether a call of this kind comes before the i-th of a step, there or in an earlier step. */
static bool seen_before(const struct plan *plan, const struct step *s, size_t i, bool here_only)
{
    for (size_t k = 0; k < i; k++)
        if (same_kind(&s->made[k], &s->made[i]))
            return true;
    for (const struct step *e = plan->steps; !here_only && e < s; e++)
        for (size_t k = 0; k < e->n_made; k++)
            if (same_kind(&e->made[k], &s->made[i]))
                return true;
    return false;
}

static bool last_of_its_number(const struct step *s, size_t i)
{
    for (size_t k = i + 1; k < s->n_made; k++)
        if (s->made[k].role == s->made[i].role && s->made[k].nr == s->made[i].nr)
            return false;
    return true;
}

/* So does what is written to a group, or to a map, and most that is sent over netlink. */
static bool changes(const struct made *m)
{
    return IN(changing, m->nr) || strncmp(m->about, NETLINK "request", 15) == 0 ||
           (m->nr == SYS_write &&
            (strncmp(m->about, "/proc/", 6) == 0 || strncmp(m->about, "/sys/", 5) == 0));
}

static bool is_wanted(const struct plan *plan, const struct step *s, size_t i,
                      const struct options *opt)
{
    const struct made *m = &s->made[i];
    if (IN(left_out, m->nr) || (opt->call && strcmp(opt->call, call_names[m->nr]) != 0))
        return false;
    /* The C library ends a process that may not register a new thread. */
    if (m->nr == SYS_rseq && m->role == SCRATCH)
        return false;
    /* What stands between a mistyped line and the host is looked at each time. */
    if (opt->all || s->refused)
        return true;
    bool change = changes(m);
    if (change && (m->n == 1 || last_of_its_number(s, i)))
        return true;
    return !seen_before(plan, s, i, change);
}

/* A run of make check takes two errors, in turn, where a call only looks. */
static bool error_wanted(const struct plan *plan, const struct made *m, int e,
                         const struct options *opt)
{
    if (opt->error)
        return strcmp(opt->error, strerrorname_np(plan_errors[e])) == 0;
    size_t turn = plan->n_calls % ERRORS;
    return opt->every || changes(m) || (size_t)e == turn || (size_t)e == (turn + 2) % ERRORS;
}

static void add_jobs(struct plan *plan, const struct step *s, const struct options *opt)
{
    for (size_t i = 0; i < s->n_made; i++) {
        if (!is_wanted(plan, s, i, opt))
            continue;
        for (int e = 0; e < ERRORS; e++)
            if (error_wanted(plan, &s->made[i], e, opt))
                add_job(plan, s, &s->made[i], plan_errors[e]);
        plan->n_calls++;
    }
}

int plan_make(struct plan *plan, struct place *place, const struct options *opt)
{
    if (read_steps(plan, opt->steps))
        return -1;
    for (size_t i = 0; i < plan->n_steps; i++)
        if (run_clean(place, &plan->steps[i]))
            return -1;
    for (size_t i = 0; i < plan->n_steps; i++)
        if (!opt->command || strcmp(opt->command, plan->steps[i].name) == 0)
            add_jobs(plan, &plan->steps[i], opt);
    return 0;
}

int plan_list(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_jobs; i++) {
        const struct job *j = &plan->jobs[i];
        printf("%s: %s %s %d %s %s\n", j->step->name, role_names[j->fault.role],
               call_names[j->fault.nr], j->fault.n, strerrorname_np(j->fault.error), j->about);
    }
    printf("%zu\n", plan->n_jobs);
    return 0;
}
