/* Makes calls of a build-up fail, one a run, and judges what boxwright does: faults [OPTION…].
 *   (none)      each kind of call once, with two of the errors; calls that change something at
 *               their first and last time in each command, with all five
 *   -f          all five errors for each;  -a each call at each time it is made
 *   -o COMMAND -c CALL -e ERROR    only these
 *   -l          lists what would fail, without doing it
 *   -v          tells of each run;  -k keeps what was written in those that failed
 *   -j N        at once (2);  -t FILE writes the table between the marks in FILE
 * Ends with totals; 1 when one failed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan.h"
#include "run.h"
#include "table.h"

static struct options opt;

static void usage(void)
{
    fprintf(stderr, "usage: faults [-aflvk] [-o COMMAND] [-c CALL] [-e ERROR] [-j N] [-t FILE]\n");
    exit(2);
}

/* A tracer and its tracees take turns: on one processor they need not wake another. */
static void stay_on(int n)
{
    cpu_set_t have, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof have, &have))
        return;
    n %= CPU_COUNT(&have);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &have) && n-- == 0)
            CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* Each worker takes every n-th job and writes its results to a file of its own. */
static void work(const struct plan *plan, const char *dir, int n, int of)
{
    char path[96];
    snprintf(path, sizeof path, "%s/w%d", dir, n);
    struct place place;
    stay_on(n);
    /* The links of two sessions would be in each other's way. */
    if (unshare(CLONE_NEWNET) || place_make(&place, path, opt.program))
        exit(1);
    snprintf(path, sizeof path, "%s/results.%d", dir, n);
    FILE *out = fopen(path, "we");
    for (size_t i = (size_t)n; out && i < plan->n_jobs; i += (size_t)of) {
        struct verdict v;
        run_job(&place, &plan->jobs[i], &opt, &v);
        fprintf(out, "%zu %d %d %s\n", i, v.ok, v.how, v.why);
        fflush(out);
        if (opt.verbose || !v.ok)
            verdict_print(&plan->jobs[i], &v);
    }
    place_remove(&place);
    exit(out && fclose(out) == 0 ? 0 : 1);
}

static void gather(const struct plan *plan, const char *dir, struct verdict *all)
{
    for (int n = 0; n < opt.workers; n++) {
        char path[96], line[600];
        snprintf(path, sizeof path, "%s/results.%d", dir, n);
        FILE *in = fopen(path, "re");
        while (in && fgets(line, sizeof line, in)) {
            char *at = line;
            size_t i = strtoul(at, &at, 10);
            if (i >= plan->n_jobs)
                continue;
            all[i].done = true;
            all[i].ok = strtol(at, &at, 10) != 0;
            all[i].how = (enum how)strtol(at, &at, 10);
        }
        if (in)
            fclose(in);
    }
}

static int run_all(const struct plan *plan, const char *dir)
{
    struct verdict *all = calloc(plan->n_jobs + 1, sizeof *all);
    if (!all)
        abort();
    fflush(stdout);
    pid_t pids[16];
    for (int n = 0; n < opt.workers; n++) {
        pids[n] = fork();
        if (pids[n] == 0)
            work(plan, dir, n, opt.workers);
    }
    int bad = 0;
    for (int n = 0; n < opt.workers; n++) {
        int status = 1;
        if (pids[n] < 0 || waitpid(pids[n], &status, 0) < 0 || status != 0)
            bad++;
    }
    gather(plan, dir, all);
    int failed = table_print(plan, all, &opt);
    free(all);
    return failed + bad;
}

static void parse(int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "aflvko:c:e:j:t:")) != -1) {
        bool *flag = c == 'a'   ? &opt.all
                     : c == 'f' ? &opt.every
                     : c == 'l' ? &opt.list
                     : c == 'v' ? &opt.verbose
                     : c == 'k' ? &opt.keep
                                : NULL;
        const char **text = c == 'o'   ? &opt.command
                            : c == 'c' ? &opt.call
                            : c == 'e' ? &opt.error
                            : c == 't' ? &opt.table
                                       : NULL;
        if (flag)
            *flag = true;
        else if (text)
            *text = optarg;
        else if (c == 'j')
            opt.workers = atoi(optarg);
        else
            usage();
    }
    opt.every = opt.every || opt.all;
    if (optind < argc || opt.workers < 1 || opt.workers > 16)
        usage();
}

/* Whether this machine lets no call fail; says why. */
static bool cannot(void)
{
    const char *why = NULL;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    if (geteuid() != 0)
        why = "needs root";
    else if (pid < 0 || ptrace(PTRACE_SEIZE, pid, 0, 0))
        why = "this machine does not let ptrace trace";
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, __WALL);
    }
    if (why)
        printf("SKIP faults: %s\n0 passed, 0 failed, 1 skipped\n", why);
    return why != NULL;
}

/* What a fault may bring boxwright to do to the host is done to a host name, mounts and a network
 * of the test's own: they are looked at after each run, as the host's would be. */
static int stand_in_for_host(void)
{
    if (unshare(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWNET) == 0 &&
        mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
        return 0;
    perror("faults: unshare");
    return -1;
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/bwfaults.XXXXXX";
    const char *program = getenv("BW"), *steps = getenv("BW_FAULT_STEPS");
    opt = (struct options){.workers = 2, .steps = steps ? steps : "tests/faults/steps"};
    parse(argc, argv);
    if (cannot())
        return 0;
    opt.program = realpath(program ? program : "build/boxwright", NULL);
    opt.table = opt.table ? realpath(opt.table, NULL) : NULL;
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (stand_in_for_host() || !mkdtemp(dir))
        return 1;
    chmod(dir, 0755);
    static struct plan plan;
    struct place place;
    char first[96];
    snprintf(first, sizeof first, "%s/plan", dir);
    int r = place_make(&place, first, opt.program) || plan_make(&plan, &place, &opt) ? 1 : 0;
    place_remove(&place);
    if (!r && plan.n_jobs == 0 && (opt.command || opt.call || opt.error))
        r = fprintf(stderr, "faults: no command makes such a call: -l lists them\n") != 0;
    if (r)
        printf("0 passed, 1 failed, 0 skipped\n");
    else
        r = opt.list ? plan_list(&plan) : run_all(&plan, dir) != 0;
    if (!opt.keep)
        tree_remove(dir);
    else
        printf("kept: %s\n", dir);
    return r;
}
