/* Bounded loads to watch limits with. They run in a program of their own that ends by itself. */
#ifndef BW_KERN_BURN_H
#define BW_KERN_BURN_H

enum bw_burn_kind { BW_BURN_CPU, BW_BURN_MEMORY, BW_BURN_FORK };

struct bw_burn {
    enum bw_burn_kind kind;
    long long amount; /* cores, bytes or children */
    long long ms;     /* how long at most */
};

/* Runs the load in this process and its children and returns an exit status; a line about what
 * was reached (cpu seconds used, bytes touched, children forked) goes to fd 1. Every child ends
 * with it, also when it is killed. */
int bw_burn_run(const struct bw_burn *b);

#endif
