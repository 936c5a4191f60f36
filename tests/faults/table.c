#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static const char begin_mark[] = "<!-- faults: written by make faults -->";
static const char end_mark[] = "<!-- end of faults -->";

struct count {
    int all, ok;
};

struct row {
    struct count by[ERRORS];
    int how[HOWS];
    int all;
};

static int error_index(int error)
{
    for (int e = 0; e < ERRORS; e++)
        if (plan_errors[e] == error)
            return e;
    return 0;
}

static void add(struct row *row, const struct job *job, const struct verdict *v)
{
    struct count *c = &row->by[error_index(job->fault.error)];
    c->all++;
    c->ok += v->ok;
    row->all++;
    row->how[v->how] += v->ok;
}

static void print_row(FILE *out, const char *name, const struct row *row)
{
    fprintf(out, "| %s |", name);
    for (int e = 0; e < ERRORS; e++) {
        const struct count *c = &row->by[e];
        if (c->all == 0)
            fprintf(out, " - |");
        else if (c->ok == c->all)
            fprintf(out, " %d |", c->all);
        else
            fprintf(out, " **%d of %d** |", c->ok, c->all);
    }
    fprintf(out, " %d | %d | %d |\n", row->how[UNDONE], row->how[RETRIED], row->how[WITHOUT]);
}

static void write_table(FILE *out, const struct plan *plan, const struct verdict *all)
{
    static struct row rows[CALLS_MAX], total;
    struct utsname host;
    uname(&host);
    for (size_t i = 0; i < plan->n_jobs; i++) {
        if (!all[i].done || all[i].how == UNREACHED)
            continue;
        add(&rows[plan->jobs[i].fault.nr], &plan->jobs[i], &all[i]);
        add(&total, &plan->jobs[i], &all[i]);
    }
    fprintf(out, "%d calls of %zu commands were made to fail on Linux %.*s.\n\n", total.all,
            plan->n_steps, (int)strcspn(host.release, "-"), host.release);
    fprintf(out, "| call |");
    for (int e = 0; e < ERRORS; e++)
        fprintf(out, " %s |", strerrorname_np(plan_errors[e]));
    fprintf(out, " undone | retried | done without |\n| --- |");
    for (int e = 0; e < ERRORS + 3; e++)
        fprintf(out, " ---: |");
    fprintf(out, "\n");
    /* By name, as a reader looks for it. */
    const char *last = "";
    for (;;) {
        int next = -1;
        for (int nr = 0; nr < CALLS_MAX; nr++)
            if (rows[nr].all && call_names[nr] && strcmp(call_names[nr], last) > 0 &&
                (next < 0 || strcmp(call_names[nr], call_names[next]) < 0))
                next = nr;
        if (next < 0)
            break;
        last = call_names[next];
        print_row(out, last, &rows[next]);
    }
    print_row(out, "all", &total);
}

/* Writes file anew with the table between its markers. */
static int put_in_file(const struct plan *plan, const struct verdict *all, const char *path)
{
    char name[512];
    long at = 0;
    char *text = text_from(path, &at), *from = strstr(text, begin_mark);
    char *to = from ? strstr(from, end_mark) : NULL;
    snprintf(name, sizeof name, "%s.new", path);
    FILE *out = to ? fopen(name, "we") : NULL;
    if (!out) {
        fprintf(stderr, "faults: %s has no place for the table\n", path);
        free(text);
        return 1;
    }
    fprintf(out, "%.*s%s\n", (int)(from - text), text, begin_mark);
    write_table(out, plan, all);
    fputs(to, out);
    free(text);
    return fclose(out) || rename(name, path) ? 1 : 0;
}

static void print_step(const struct plan *plan, const struct verdict *all, const struct step *s)
{
    int runs = 0, ok = 0;
    for (size_t i = 0; i < plan->n_jobs; i++) {
        if (plan->jobs[i].step != s || all[i].how == UNREACHED)
            continue;
        runs++;
        ok += all[i].ok;
    }
    if (runs)
        printf("%s faults: %s: %d calls made to fail, %d survived\n", ok == runs ? "ok  " : "FAIL",
               s->name, runs, ok);
}

int table_print(const struct plan *plan, const struct verdict *all, const struct options *opt)
{
    int failed = 0, ok = 0, skipped = 0;
    for (size_t i = 0; i < plan->n_steps; i++)
        print_step(plan, all, &plan->steps[i]);
    for (size_t i = 0; i < plan->n_jobs; i++) {
        bool reached = all[i].how != UNREACHED || !all[i].ok;
        failed += !all[i].ok;
        ok += all[i].ok && reached;
        skipped += all[i].ok && !reached;
        if (!reached)
            verdict_print(&plan->jobs[i], &all[i]);
    }
    if (opt->table)
        failed += put_in_file(plan, all, opt->table);
    printf("%d passed, %d failed, %d skipped\n", ok, failed, skipped);
    return failed;
}
