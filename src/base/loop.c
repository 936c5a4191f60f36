#include "base/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum { SOURCES = 32, OWN = 8 };

static struct bw_source *sources[SOURCES];
static size_t n_sources;

int bw_loop_add(struct bw_source *s)
{
    if (n_sources == SOURCES)
        return -1;
    sources[n_sources++] = s;
    return 0;
}

static size_t place_of(const struct bw_source *s)
{
    size_t i = 0;

    while (i < n_sources && sources[i] != s)
        i++;
    return i;
}

void bw_loop_remove(struct bw_source *s)
{
    size_t i = place_of(s);

    if (i < n_sources)
        memmove(&sources[i], &sources[i + 1], (--n_sources - i) * sizeof *sources);
}

static int wait_once(struct pollfd *fds, nfds_t n, long long ms, const sigset_t *mask)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    return ppoll(fds, n, ms < 0 ? NULL : &left, mask);
}

/* A source that another one has removed meanwhile is not called any more. */
static void serve(const struct pollfd *ready, struct bw_source *const *whose, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ready[i].revents && place_of(whose[i]) < n_sources)
            whose[i]->ready(whose[i]->ctx, ready[i].revents);
}

int bw_loop_poll(struct pollfd *fds, nfds_t n, int ms, const sigset_t *mask)
{
    struct pollfd all[SOURCES + OWN];
    struct bw_source *whose[SOURCES];
    long long end = ms < 0 ? -1 : bw_now_ms() + ms;

    if (n_sources == 0 || n > OWN)
        return wait_once(fds, n, ms, mask);
    for (;;) {
        size_t m = n_sources;
        long long left = end < 0 ? -1 : end - bw_now_ms();
        memcpy(whose, sources, m * sizeof *whose);
        if (n > 0)
            memcpy(all, fds, n * sizeof *fds);
        for (size_t i = 0; i < m; i++)
            all[n + i] = (struct pollfd){.fd = whose[i]->fd, .events = whose[i]->events};
        int r = wait_once(all, n + m, end < 0 || left > 0 ? left : 0, mask);
        if (r < 0)
            return -1;
        serve(all + n, whose, m);
        int own = 0;
        for (nfds_t i = 0; i < n; i++) {
            fds[i].revents = all[i].revents;
            own += all[i].revents != 0;
        }
        if (own > 0 || (end >= 0 && bw_now_ms() >= end))
            return own;
    }
}
