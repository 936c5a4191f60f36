/* Something tried in a child that is killed afterwards, so that nothing of it stays. What it found
 * comes back in memory that both see: any call to tell it could be one that is refused. */
#ifndef BW_KERN_TRIAL_H
#define BW_KERN_TRIAL_H

#include <stddef.h>

struct bw_err;

/* run is called in the child, with size zeroed bytes for what it finds, which found gets a copy of.
 * It sets *step to 1 when the rest is not needed, after which it is given little time more.
 * Returns 0, or -1 with err: no child could be made, or it took longer than two seconds. */
int bw_trial(void (*run)(void *ctx, void *found, volatile int *step), void *ctx, void *found,
             size_t size, struct bw_err *err);

#endif
