/* Where a lesson takes place: a folder of its own that relative paths are in, and a clock that
 * takes samples while commands run. */
#ifndef BW_CMD_LESSON_ROOM_H
#define BW_CMD_LESSON_ROOM_H

#include "base/loop.h"
#include "lesson/engine.h"

struct bw_session;

struct lesson_room {
    struct bw_session *s;
    struct bw_engine e;
    int before; /* the working directory from before, or -1 */
    char *dir;
    struct bw_source timer;
};

/* Makes the folder and goes into it. The lesson stays the caller's. Returns 0, or -1 with s->err.
 */
int lesson_room_open(struct lesson_room *r, struct bw_session *s, const struct bw_lesson *l);
/* Goes back and removes the folder with what boxwright made in it. Where files of the user's are in
 * it, it stays (*kept true). The box must have ended. */
void lesson_room_close(struct lesson_room *r, bool *kept);

/* The box's process, 0 when there is none that could be looked at. */
pid_t lesson_room_box(const struct lesson_room *r);
/* Around a command: samples are taken meanwhile, if the step asks for them. */
void lesson_room_before(struct lesson_room *r);
void lesson_room_after(struct lesson_room *r);
/* Waits and samples until there is enough to judge by, ^C is typed or the session is to end. */
void lesson_room_watch(struct lesson_room *r);

#endif
