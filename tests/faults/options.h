/* What faults was asked for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

struct options {
    bool all;   /* each call at each time it is made */
    bool every; /* each error for each call */
    bool list, verbose, keep;
    const char *command, *call, *error; /* only these, or NULL */
    int workers;
    const char *table, *program, *steps;
};

#endif
