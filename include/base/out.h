/* The text sink. Handlers write to a struct bw_out, never to stdio or curses: data (what the user
 * asked for) and messages (calls, changes, errors) are two streams, colour is a property of it. */
#ifndef BW_BASE_OUT_H
#define BW_BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>

enum bw_stream { BW_DATA, BW_MSG };

enum bw_style { BW_PLAIN, BW_BOLD, BW_DIM, BW_GOOD, BW_BAD, BW_NOTE };

struct bw_out {
    void (*write)(struct bw_out *o, enum bw_stream stream, const char *s, size_t n);
    void *ctx;
    bool colour[2]; /* by stream */
    int width;      /* columns to wrap to, 0 when unknown */
    int failed;     /* errno of the first write that failed (a full disk), else 0 */
};

/* A sink on standard output and standard error. Colour for a stream that is a terminal, unless
 * NO_COLOR is set or TERM is dumb. */
void bw_out_stdio(struct bw_out *o);
/* A sink that gathers both streams into ctx, a struct bw_str (for tests and the pane). */
struct bw_str;
void bw_out_string(struct bw_out *o, struct bw_str *into);

void bw_data(struct bw_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void bw_msg(struct bw_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As above in a style; plain when the stream has no colour. */
void bw_put(struct bw_out *o, enum bw_stream stream, enum bw_style style, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A table for people: columns padded to the widest cell, two blanks between, no trailing blanks.
 * cells holds rows*cols strings, row by row; NULL is empty. The first row is the header (bold). */
void bw_table(struct bw_out *o, enum bw_stream stream, const char *const *cells, size_t rows,
              size_t cols);

#endif
