/* Samples of the box, taken at the pane's rate for whoever looks: the split screen, and watchers in
 * other terminals. Nobody looking costs nothing. */
#ifndef BW_UI_FEED_H
#define BW_UI_FEED_H

#include <stdbool.h>

#include "base/loop.h"
#include "base/str.h"
#include "model/live.h"

struct bw_box;
struct bw_session;
struct bw_watch_server;

struct bw_feed {
    struct bw_session *s;
    struct bw_sampler *sampler;
    const struct bw_box *box; /* the one that live is of */
    struct bw_live live;
    struct bw_source timer;
    struct bw_str packed; /* live as watchers get it: what is the same need not be drawn */
    bool looking;         /* the pane is to be seen */
    bool taking;          /* live is half a sample */
    void (*taken)(void *ctx, bool changed); /* after each tick; may be NULL */
    void *ctx;
    struct bw_watch_server *server;
};

/* Starts the timer and the socket for watchers. */
void bw_feed_open(struct bw_feed *f, struct bw_session *s);
void bw_feed_close(struct bw_feed *f);
/* Looks now, at everything: a command has ended. */
void bw_feed_refresh(struct bw_feed *f);
/* The rate, or who looks, has changed. */
void bw_feed_rate(struct bw_feed *f);

#endif
