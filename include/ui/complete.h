/* Completion, derived from the command table. Nothing here knows of a terminal. */
#ifndef BW_UI_COMPLETE_H
#define BW_UI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

struct bw_session;

struct bw_candidate {
    char *word; /* the whole word, not quoted */
    bool open;  /* more may follow at once: a directory, "cpu:" */
};

struct bw_candidates {
    struct bw_candidate *v; /* sorted, each once */
    size_t n;
    size_t start;  /* byte of the line where the word to replace begins */
    size_t common; /* bytes of v[0].word that all of them begin with */
    size_t shown;  /* bytes of each word that need not be listed: the folder of a path */
};

/* What the word before cursor may become. Paths are looked up where the command looks them up: on
 * the host, or in the box without following a link out of it. Names with control bytes are left
 * out. out is freed with bw_candidates_free also when it is empty. */
void bw_complete(struct bw_session *s, const char *line, size_t cursor, struct bw_candidates *out);
void bw_candidates_free(struct bw_candidates *c);

#endif
