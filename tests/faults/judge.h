/* Whether a command that met a failing call did what DESIGN promises: reading its messages, and
 * the box as inspect --json shows it. */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes over what differs between two boxes built alike: inodes, process ids, counters, hardware
 * addresses, the session's number in the name of a group or a link. In place. */
void judge_normalise(char *text);
/* Writes N for numbers, and for names of links, in what a command says. In place. */
void judge_digits_away(char *text);

struct message {
    int errors; /* how many there are */
    bool call, cause, todo;
    char op[32];    /* the call that is named */
    char error[24]; /* and the error */
    char first[200];
};

/* Reads what a command wrote to standard error. */
void judge_message(const char *text, struct message *m);
/* Whether the message names the call (or the library's name for it) and the error. */
bool judge_names(const struct message *m, const char *call, const char *about, const char *error);
/* The first line of text that clean does not have, or NULL. Both are normalised. Notes, the call
 * that failed, and what was called in its place may be new. */
char *judge_new_line(char *text, const char *clean, const char *call);

#endif
