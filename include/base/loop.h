/* Waiting. Whoever waits for something of its own (a program's end, a reply, a key) waits here, and
 * meanwhile the sources are served: the pane's timer, watchers, a program's terminal. Without
 * sources, as in a script, it is ppoll(2) and nothing more. */
#ifndef BW_BASE_LOOP_H
#define BW_BASE_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>

struct bw_source {
    int fd;
    short events;                            /* POLLIN, POLLOUT … */
    void (*ready)(void *ctx, short revents); /* must not wait itself; may add and remove sources */
    void *ctx;
};

/* The caller keeps the source until it removes it. Returns 0, or -1 when there are too many. */
int bw_loop_add(struct bw_source *s);
void bw_loop_remove(struct bw_source *s);

/* As ppoll(2) on fds, ms -1 for ever, mask NULL for the current one: the number of fds that are
 * ready, 0 when the time is over, -1 with errno EINTR on a signal. fds may be NULL when n is 0. */
int bw_loop_poll(struct pollfd *fds, nfds_t n, int ms, const sigset_t *mask);

#endif
