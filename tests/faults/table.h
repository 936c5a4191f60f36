/* The totals, and the table of docs/TESTING.md. */
#ifndef TABLE_H
#define TABLE_H

#include "run.h"

/* Prints the totals, and writes the table where opt says. Returns how many runs failed. */
int table_print(const struct plan *plan, const struct verdict *all, const struct options *opt);

#endif
