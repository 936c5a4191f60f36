/* Bounded loads to watch limits with. They run in a program of their own that ends by itself. */
#ifndef BW_KERN_BURN_H
#define BW_KERN_BURN_H

enum bw_burn_kind { BW_BURN_CPU, BW_BURN_MEMORY, BW_BURN_FORK };

struct bw_burn {
    enum bw_burn_kind kind;
    long long amount; /* cores, bytes or children */
    long long ms;     /* how long at most */
};

struct bw_err;

/* Refuses, as a usage error, what no machine should be asked for: over 1024 cores, more memory
 * than RAM and swap together, over 100000 children, more than an hour. */
int bw_burn_check(const struct bw_burn *b, struct bw_err *err);

/* Runs the load in this process and its children and returns an exit status; a line about what
 * was reached (cpu seconds used, bytes touched, children forked) goes to fd 1. Every child ends
 * with it, also when it is killed. The status is 0 when all of it was reached, 1 when the kernel
 * refused a fork or the memory, 128+N when signal N ended a child (137 after the OOM killer) or,
 * as SIGINT, the load. Needs this process to be single-threaded: fork(2), prctl(2). */
int bw_burn_run(const struct bw_burn *b);

#endif
