/* Between the files of the tutor. */
#ifndef BW_CMD_TUTOR_PRIV_H
#define BW_CMD_TUTOR_PRIV_H

#include "cmd/session.h"
#include "cmd/tutor.h"
#include "lesson_room.h"

struct bw_tutor {
    struct bw_lesson *lesson;
    struct lesson_room room;
    bool waiting; /* the commands of setup were shown, and wait for consent */
    bool present;
    size_t typed;   /* of the step's solution, by the presenter */
    char **began;   /* for each step reached, what makes the box it began with: a line each */
    size_t n_steps; /* of the journal when the step began, and when it was paused */
    size_t n_paused;
    long long ms; /* when the step began */
    char *ran;    /* the command that runs now */
    size_t n_before;
    struct bw_str did; /* what was typed since the step began, a line each */
    size_t asked, right, hints;
    struct bw_str where; /* for the status line */
};

/* Begins step i of the lesson with the box as it is; tells its text. Goes on to the next at once
 * where the goal holds already. */
void tutor_begin(struct bw_session *s, size_t i);
/* Judges. loud: each part is told, and samples are waited for. Returns whether the step is done,
 * which was told, recorded and left. */
bool tutor_judge(struct bw_session *s, bool loud);
/* Makes the box as it was when step i began: setup and the commands noted. 0, or -1 with s->err. */
int tutor_rebuild(struct bw_session *s, size_t i);
/* Starts a lesson, resuming where progress says unless anew. 0, or -1 with s->err. */
int tutor_open(struct bw_session *s, struct bw_lesson *l, bool trusted, bool present);
/* After consent: setup, and the first step that is not done. */
int tutor_start(struct bw_session *s, bool anew);
int tutor_pause(struct bw_session *s);
int tutor_resume(struct bw_session *s);

/* ---- tutor_say.c: what is printed ---- */

void tutor_say_intro(struct bw_session *s);
void tutor_say_setup(struct bw_session *s);
void tutor_say_step(struct bw_session *s);
void tutor_say_question(struct bw_session *s);
void tutor_say_verdict(struct bw_session *s, const struct bw_verdict *v);
void tutor_say_done(struct bw_session *s);
void tutor_say_end(struct bw_session *s);
/* In plain mode the status lines are printed after each command. */
void tutor_say_status(struct bw_session *s);
int tutor_width(const struct bw_session *s);

#endif
