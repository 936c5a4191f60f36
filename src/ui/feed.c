#include "ui/feed.h"

#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "cmd/boxes.h"
#include "cmd/session.h"
#include "ui/watch.h"

static bool somebody(const struct bw_feed *f)
{
    return f->looking || bw_watch_count(f->server) > 0;
}

/* Which boxes share what changes with a command alone. */
static void take_sharing(struct bw_feed *f)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        BW_AUTO_STR with = BW_STR_INIT;
        bw_box_with(f->s, f->s->box, (enum bw_ns)i, &with);
        snprintf(f->live.with[i], sizeof f->live.with[i], "%s", bw_str_get(&with));
    }
}

/* Returns whether it is another sample than before. */
static bool take(struct bw_feed *f, bool fresh)
{
    /* An ordinary user's shell has to ask the stage for some of it, and is served meanwhile. */
    if (f->taking)
        return false;
    BW_AUTO_STR before = f->packed;
    f->packed = (struct bw_str)BW_STR_INIT;
    if (!bw_stage_busy()) {
        pid_t pid = f->s->box->stage.pid > 0 && bw_stage_alive(&f->s->box->stage)
                        ? f->s->box->stage.pid
                        : 0;
        f->taking = true;
        /* Another box is no change of the one before. */
        if (f->box != f->s->box)
            bw_sampler_take(f->sampler, 0, &f->s->box->journal, true, &f->live);
        f->box = f->s->box;
        bw_sampler_take(f->sampler, pid, &f->s->box->journal, fresh, &f->live);
        if (fresh)
            take_sharing(f);
        f->taking = false;
    }
    bw_live_pack(&f->live, &f->packed);
    if (f->server)
        bw_watch_send(f->server, &f->packed);
    return f->packed.len != before.len ||
           memcmp(bw_str_get(&f->packed), bw_str_get(&before), before.len) != 0;
}

static void on_timer(void *ctx, short revents)
{
    struct bw_feed *f = ctx;
    uint64_t times;

    (void)revents;
    if (read(f->timer.fd, &times, sizeof times) < 0)
        return;
    bool changed = somebody(f) && take(f, false);
    if (f->taken)
        f->taken(f->ctx, changed);
}

void bw_feed_rate(struct bw_feed *f)
{
    long long ns = 10000000000LL / f->s->pane.rate;
    struct itimerspec t = {{0}, {0}};

    /* Who draws must hear of a new size of the window even when nobody samples. */
    if (somebody(f) || f->taken)
        t.it_value = (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    t.it_interval = t.it_value;
    timerfd_settime(f->timer.fd, 0, &t, NULL);
}

static void on_watchers(void *ctx)
{
    bw_feed_rate(ctx);
    bw_feed_refresh(ctx);
}

static int watchers(void *ctx, const char **where)
{
    struct bw_feed *f = ctx;

    *where = bw_watch_path(f->server);
    return bw_watch_count(f->server);
}

void bw_feed_open(struct bw_feed *f, struct bw_session *s)
{
    struct bw_err err = BW_ERR_INIT;

    *f = (struct bw_feed){.s = s, .sampler = bw_sampler_new()};
    f->timer = (struct bw_source){timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                                  POLLIN, on_timer, f};
    f->server = bw_watch_open(on_watchers, f, &err);
    if (f->server && bw_session_janitor(s) == 0)
        bw_janitor_file(s->janitor, bw_watch_path(f->server), &err);
    else if (!f->server)
        bw_log("no socket for watchers: %s %s", err.call, err.cause);
    s->watchers = watchers;
    s->watchers_ctx = f;
    bw_loop_add(&f->timer);
    bw_feed_rate(f);
}

void bw_feed_close(struct bw_feed *f)
{
    if (!f->sampler)
        return;
    f->s->watchers = NULL;
    bw_loop_remove(&f->timer);
    close(f->timer.fd);
    bw_watch_close(f->server);
    bw_sampler_free(f->sampler);
    bw_live_free(&f->live);
    bw_str_free(&f->packed);
    *f = (struct bw_feed){0};
}

void bw_feed_refresh(struct bw_feed *f)
{
    if (somebody(f))
        take(f, true);
}
