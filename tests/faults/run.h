/* One run: the lines before, the line that meets the fault, the same line again. */
#ifndef RUN_H
#define RUN_H

#include "plan.h"

enum how { RETRIED, WITHOUT, UNDONE, UNREACHED, HOWS };
extern const char *const how_names[HOWS];

struct verdict {
    bool done, ok;
    enum how how;
    bool named; /* the message had the call and the error */
    int ms;
    char why[400];
};

/* The step once without a fault, for what it says, does and calls. 0, or -1 with a message. */
int run_clean(struct place *p, struct step *step);
void run_job(struct place *p, const struct job *job, const struct options *opt, struct verdict *v);
void verdict_print(const struct job *job, const struct verdict *v);

#endif
