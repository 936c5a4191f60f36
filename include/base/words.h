/* The command language: words split as a POSIX shell splits them ('…', "…", \), # starts a
 * comment, ; and newlines separate commands. Nothing is expanded. What a shell would treat as an
 * operator or an expansion (| & < > ` ( ) and $NAME) is a syntax error that names run sh -c. */
#ifndef BW_BASE_WORDS_H
#define BW_BASE_WORDS_H

#include <stddef.h>

struct bw_err;

struct bw_words {
    char **v; /* NULL-terminated */
    int n;
    char *text; /* the command as typed, blanks trimmed at both ends */
};

enum bw_words_result {
    BW_WORDS_OK = 0,
    BW_WORDS_ERROR = -1, /* err is filled, status BW_USAGE */
    BW_WORDS_MORE = 1    /* an open quote or a trailing backslash: more input is needed */
};

/* Splits the first command of text[0..len). *used is the number of bytes consumed, the separator
 * included; after an error all of the line it stands on, 0 when more is needed. out->n is 0 for an
 * empty command or a comment; out->text leaves a comment out. CRLF ends a line; NUL and other
 * control bytes are an error. out is overwritten, and empty unless the result is BW_WORDS_OK. */
enum bw_words_result bw_words_split(const char *text, size_t len, size_t *used,
                                    struct bw_words *out, struct bw_err *err);
void bw_words_free(struct bw_words *w);

/* Adds a word to text so that bw_words_split reads it back unchanged; control bytes other than
 * tab and newline have no spelling in the language. */
struct bw_str;
void bw_words_quote(struct bw_str *out, const char *word);

#endif
