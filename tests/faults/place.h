/* The folder a session works in, and what of the host a box must not change. */
#ifndef PLACE_H
#define PLACE_H

#include <sys/types.h>

struct place {
    char dir[96];
    const char *program;
    pid_t other;  /* a process with namespaces of its own */
    char *mounts; /* of the host, before */
    char *net;    /* the host's, before */
    char name[65];
    int runs;
};

int place_make(struct place *p, const char *dir, const char *program);
void place_remove(struct place *p);
/* Empties it of what a session left. */
void place_clean(struct place *p);
/* The names below it, without the session's output. The caller frees. */
char *place_files(const struct place *p);
/* What the host has that it had not: a mount, another name, a link, a group of the shell. NULL:
 * nothing. The caller frees. */
char *place_traces(const struct place *p, pid_t shell, unsigned long long start);
/* A file's text from offset at; at is moved to its end. The caller frees. */
char *text_from(const char *path, long *at);
void tree_remove(const char *dir);

#endif
