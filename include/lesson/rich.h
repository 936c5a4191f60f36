/* Text with attributes: what a lesson's Markdown means on a terminal. Module "markdown" makes it
 * with libcmark. Nothing in it can drive a terminal. */
#ifndef BW_LESSON_RICH_H
#define BW_LESSON_RICH_H

#include <stddef.h>

#include "base/out.h"
#include "lesson/node.h"

enum { BW_SPAN_BOLD = 1, BW_SPAN_EMPHASIS = 2, BW_SPAN_CODE = 4, BW_SPAN_BREAK = 8 };

struct bw_span {
    unsigned style;
    char *text;
    char *link; /* where it leads, or NULL */
};

enum bw_block_kind { BW_BLOCK_TEXT, BW_BLOCK_HEADING, BW_BLOCK_CODE, BW_BLOCK_RULE };

struct bw_block {
    enum bw_block_kind kind;
    struct bw_at at;
    int level;      /* of a heading; else columns of indent */
    char marker[8]; /* "- ", "1. ", "> " before its first line, or empty */
    char *info;     /* of code, the word after the fence, or NULL */
    struct bw_span *v;
    size_t n;
};

struct bw_rich {
    struct bw_block *v;
    size_t n;
};

/* Parses Markdown whose first line is line first of the file. Images and HTML are refused. */
int bw_rich_parse(const char *text, size_t len, int first, struct bw_rich *out, struct bw_fault *f);
void bw_rich_free(struct bw_rich *r);
void bw_block_free(struct bw_block *b);
/* Appends, copying text. */
struct bw_block *bw_rich_block(struct bw_rich *r, enum bw_block_kind kind, struct bw_at at);
void bw_block_span(struct bw_block *b, unsigned style, const char *text, size_t len,
                   const char *link);

/* Prints, filled to width columns; where the stream has no colour code stands in backticks. */
void bw_rich_print(const struct bw_rich *r, struct bw_out *out, enum bw_stream stream, int width);
/* One paragraph of plain text in which `code` is code, after first, its further lines indented. */
void bw_rich_line(const char *text, const char *first, int indent, struct bw_out *out,
                  enum bw_stream stream, int width);

/* The module's function. */
int bw_markdown_parse(const char *text, size_t len, int first, struct bw_rich *out,
                      struct bw_fault *f);
#define BW_MARKDOWN_MODULE "markdown"
#define BW_MARKDOWN_SYMBOL "bw_markdown_parse"

#endif
