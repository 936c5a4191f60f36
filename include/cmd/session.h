/* One session: a shell, its box, what was done so far. Handlers get it and nothing else. */
#ifndef BW_CMD_SESSION_H
#define BW_CMD_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/pane.h"
#include "kern/call.h"
#include "kern/cgroup.h"
#include "kern/ns.h"
#include "model/journal.h"
#include "stage/client.h"
#include "stage/janitor.h"

struct bw_command;
struct bw_pty;
struct bw_seccomp;
struct bw_tutor;
struct bw_view;

struct bw_program { /* started with spawn, or stopped with ^Z */
    struct bw_stage child;
    char *line;
    bool ended, stopped;
    int status;
    struct bw_pty *pty; /* the split screen's, or NULL */
};

/* What is one box's own. */
struct bw_box {
    char name[BW_CG_BOX_MAX + 1];
    bool first;            /* the one that the session began with */
    struct bw_stage stage; /* pid 0 until something needs it */
    struct bw_cg *cg;      /* NULL until something needs it */
    struct bw_journal journal;
    struct bw_program *programs;
    size_t n_programs;
    struct bw_seccomp *seccomp; /* NULL until something needs it: cmd/seccomp.h */
    struct bw_box **leans;      /* boxes in whose namespaces, or on whose network, it was put */
    size_t n_leans;
    struct bw_box_net *net; /* what net made for it; NULL until something needs it */
};

struct bw_session {
    struct bw_out *out;
    struct bw_box *box;    /* the one that commands are about; never NULL, never moved */
    struct bw_box **boxes; /* all of them, in the order they were made */
    size_t n_boxes;
    struct bw_cg *cg;   /* what their groups have in common; NULL until something needs it */
    unsigned long made; /* steps so far, over all boxes */
    struct bw_net *net; /* what net made for several boxes; NULL until something needs it */
    struct bw_janitor *janitor;
    struct bw_view *view; /* the split screen, or NULL */
    struct bw_pty *pty;   /* for the program that is about to start, or NULL */
    struct bw_pane_opts pane;
    struct bw_tutor *tutor; /* the lesson, or NULL */
    int depth;              /* of commands that run commands */
    /* How many watch the session, and the name of the socket for it; NULL when nobody can. */
    int (*watchers)(void *ctx, const char **where);
    void *watchers_ctx;

    int verbose;         /* set verbose: 0 changes only, 1 calls and changes, 2 every call */
    bool interactive;    /* a person types */
    const char *first;   /* a command that the session begins with, or NULL */
    bool keep_going;     /* -k */
    bool from_file;      /* a script file: "# word" is always a comment */
    bool quit;           /* quit was typed */
    size_t lines_before; /* lines of standard input read before the text that is run next */
    int status;          /* of the last command */

    /* Of the command that runs now; the dispatcher clears them before each. */
    bool replaying; /* undo, redo and roll-back: quiet, and what exists is fine */
    bool redoing;   /* redo: what could still be redone is kept */
    struct bw_err err;
    struct bw_calls calls; /* the current recorder */
    struct bw_step step;   /* what the journal will get */
    bool had_box;          /* its stage answered when the command began */
    bool outside_changed;  /* something outside the box was changed (a group, a map) */
    char *hint;
    size_t shown; /* calls printed already */

    struct bw_err last_err; /* for explain last */
    const struct bw_command *last_cmd;
};

void bw_session_open(struct bw_session *s, struct bw_out *out);
/* Ends the box, removes its groups, dismisses the janitor. */
void bw_session_close(struct bw_session *s);

/* The box's stage, started if need be. NULL with s->err filled. */
struct bw_stage *bw_session_box(struct bw_session *s);
/* Starts the janitor, which a session with a box or a screen must have. 0, or -1 with s->err. */
int bw_session_janitor(struct bw_session *s);
/* The box's control groups. NULL with s->err filled. */
struct bw_cg *bw_session_cg(struct bw_session *s);
/* Whether the box has a namespace of its own of this kind (read from /proc). */
bool bw_session_own(struct bw_session *s, enum bw_ns ns);
/* Whether a path of the box is that path of the host: the box has no root and no mounts of its
 * own. Only then may undo remove by name what a step made. */
bool bw_session_on_host(struct bw_session *s);

/* The successor of the box's stage, known to the janitor. */
int bw_session_fork(struct bw_session *s);
/* Whether a call of this command has changed something outside the box. */
bool bw_session_touched(const struct bw_session *s);
/* Prints the calls made since it was last asked, as set verbose says. */
void bw_session_show_calls(struct bw_session *s);

/* For handlers of steps: one line about something the user should know now; the one line of what
 * to look at next; the equivalent shell line; a directory on the host that this step made. */
void bw_session_note(struct bw_session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void bw_session_hint(struct bw_session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void bw_session_shell(struct bw_session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void bw_session_made(struct bw_session *s, const char *dir);
/* A root file system that this step made, if on the host; there: its directory was there before. */
void bw_session_made_root(struct bw_session *s, const char *dir, bool there);
/* A root file system that the box is not yet inside of: links in it are not to be trusted. */
void bw_session_root(struct bw_session *s, const char *dir);

/* Runs one command already split; where stands before an error ("demo.bw:3: ", or NULL). Returns
 * its exit status, which is also s->status. Commands may run commands (source, undo). */
int bw_session_command(struct bw_session *s, int argc, char **argv, const char *where);
/* Runs text: commands separated by ; or newlines; name stands before errors ("demo.bw:3: ").
 * Stops at the first failure unless s->keep_going. Returns the last status. */
int bw_session_text(struct bw_session *s, const char *text, size_t len, const char *name);

/* Reads a script: a regular file of at most 16 MiB. Returns 0, or -1 with s->err filled. */
int bw_session_read_script(struct bw_session *s, const char *path, struct bw_str *text);

/* Ends the box and all that runs in it, and removes its control groups. The journal stays. */
void bw_session_end_box(struct bw_session *s);
/* Adds the steps of all boxes, a line each, in the order they were made, so that what is shared is
 * there when it is; lines between them go from box to box. For a session whose only box is called
 * box. Returns how many steps. */
size_t bw_session_steps(const struct bw_session *s, struct bw_str *text);
/* Tears the box down and replays the journal; on failure the box is empty and s->err says why. */
int bw_session_rebuild(struct bw_session *s);

/* Prints an error with its three parts. */
void bw_session_print_err(struct bw_session *s, const struct bw_err *err, const char *where);

#endif
