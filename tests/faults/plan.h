/* What is to fail: the steps of the build-up, the calls seen while each was made, the jobs. */
#ifndef PLAN_H
#define PLAN_H

#include "options.h"
#include "place.h"
#include "tracer.h"

enum { STEPS_MAX = 96, LINES_MAX = 8 };

struct step {
    char name[32];
    bool fresh;   /* the box does not exist before */
    bool refused; /* is refused even without a fault */
    bool forgets; /* cannot be typed again with the same effect */
    char *before[LINES_MAX], *line;
    size_t n_before;

    /* What it did with no fault. */
    struct made *made;
    size_t n_made;
    char *said; /* to standard error, digits as N */
    char *was;  /* the box before it */
    char *is;   /* and after */
    int fds;    /* open then, in the shell and the stage */
};

struct job {
    const struct step *step;
    struct fault fault;
    char about[96];
};

struct plan {
    struct step steps[STEPS_MAX];
    size_t n_steps;
    struct job *jobs;
    size_t n_jobs;
    size_t n_calls; /* that have jobs */
};

enum { ERRORS = 5 };
extern const int plan_errors[ERRORS];

/* Reads the steps, runs each once and decides what fails. 0 or -1. */
int plan_make(struct plan *plan, struct place *place, const struct options *opt);
/* Prints the jobs. 0. */
int plan_list(const struct plan *plan);

#endif
