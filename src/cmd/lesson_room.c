#include "lesson_room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "cmd/session.h"
#include "kern/room.h"

enum { SAMPLE_MS = 250 };

/* ---- the folder ---- */

int lesson_room_open(struct lesson_room *r, struct bw_session *s, const struct bw_lesson *l)
{
    *r = (struct lesson_room){.s = s, .before = -1, .timer = {.fd = -1}};
    if (bw_session_janitor(s) || !(r->dir = bw_room_make(&s->err)))
        return -1;
    /* A killed shell leaves it to the janitor. */
    if (bw_janitor_dir(s->janitor, r->dir, &s->err)) {
        rmdir(r->dir);
        free(r->dir);
        r->dir = NULL;
        return -1;
    }
    r->before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (chdir(r->dir) != 0)
        bw_session_note(s, "the working directory stays: %s", strerror(errno));
    bw_engine_open(&r->e, l, r->dir);
    return 0;
}

void lesson_room_close(struct lesson_room *r, bool *kept)
{
    if (!r->dir)
        return;
    lesson_room_after(r);
    if (r->before >= 0 && fchdir(r->before) == 0)
        close(r->before);
    *kept = bw_room_remove(r->dir) != 0;
    bw_engine_close(&r->e);
    free(r->dir);
    *r = (struct lesson_room){.before = -1, .timer = {.fd = -1}};
}

pid_t lesson_room_box(const struct lesson_room *r)
{
    const struct bw_stage *st = &r->s->box->stage;

    return st->pid > 0 && bw_stage_alive(st) ? st->pid : 0;
}

/* ---- the clock ---- */

static void sample(struct lesson_room *r)
{
    /* An ordinary user's shell has to ask the stage for some of it. */
    if (!bw_stage_busy())
        bw_engine_sample(&r->e, lesson_room_box(r));
}

static void on_timer(void *ctx, short revents)
{
    struct lesson_room *r = ctx;
    uint64_t times;

    (void)revents;
    if (read(r->timer.fd, &times, sizeof times) > 0)
        sample(r);
}

void lesson_room_before(struct lesson_room *r)
{
    struct itimerspec t = {{0, SAMPLE_MS * 1000000L}, {0, SAMPLE_MS * 1000000L}};

    if (!bw_engine_samples(&r->e) || r->timer.fd >= 0)
        return;
    bw_engine_forget(&r->e);
    sample(r);
    r->timer = (struct bw_source){.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                                  .events = POLLIN,
                                  .ready = on_timer,
                                  .ctx = r};
    if (r->timer.fd < 0)
        return;
    timerfd_settime(r->timer.fd, 0, &t, NULL);
    bw_loop_add(&r->timer);
}

void lesson_room_after(struct lesson_room *r)
{
    if (r->timer.fd < 0)
        return;
    bw_loop_remove(&r->timer);
    close(r->timer.fd);
    r->timer.fd = -1;
    sample(r);
}

void lesson_room_watch(struct lesson_room *r)
{
    if (bw_engine_sampled(&r->e))
        return;
    lesson_room_before(r);
    for (int i = 0; i < 4 * BW_SAMPLED_MS / SAMPLE_MS && !bw_engine_sampled(&r->e); i++) {
        if (bw_intr_end || bw_intr_key)
            break;
        bw_loop_poll(NULL, 0, SAMPLE_MS, NULL);
    }
    lesson_room_after(r);
}
