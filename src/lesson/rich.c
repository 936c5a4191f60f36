/* Text with attributes: made, filled to a width, printed. */
#include "lesson/rich.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/err.h"
#include "base/module.h"
#include "base/str.h"

enum { WIDTH = 78, INDENT_MAX = 24 };

void bw_block_free(struct bw_block *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->v[i].text);
        free(b->v[i].link);
    }
    free(b->v);
    free(b->info);
    *b = (struct bw_block){0};
}

void bw_rich_free(struct bw_rich *r)
{
    for (size_t i = 0; i < r->n; i++)
        bw_block_free(&r->v[i]);
    free(r->v);
    *r = (struct bw_rich){0};
}

struct bw_block *bw_rich_block(struct bw_rich *r, enum bw_block_kind kind, struct bw_at at)
{
    r->v = bw_realloc(r->v, (r->n + 1) * sizeof *r->v);
    r->v[r->n] = (struct bw_block){.kind = kind, .at = at};
    return &r->v[r->n++];
}

/* An entity may spell what the file itself may not hold. */
static char *safe_copy(const char *text, size_t len)
{
    BW_AUTO_STR all = BW_STR_INIT, safe = BW_STR_INIT;

    bw_str_addn(&all, text, len);
    for (char *p = all.s; *p; p++)
        if (*p == '\t')
            *p = ' ';
    bw_str_add_safe(&safe, bw_str_get(&all));
    bw_str_addn(&safe, "", 0);
    return bw_str_steal(&safe);
}

void bw_block_span(struct bw_block *b, unsigned style, const char *text, size_t len,
                   const char *link)
{
    b->v = bw_realloc(b->v, (b->n + 1) * sizeof *b->v);
    b->v[b->n++] = (struct bw_span){.style = style,
                                    .text = safe_copy(text, len),
                                    .link = link ? safe_copy(link, strlen(link)) : NULL};
}

int bw_rich_parse(const char *text, size_t len, int first, struct bw_rich *out, struct bw_fault *f)
{
    int (*parse)(const char *, size_t, int, struct bw_rich *, struct bw_fault *) = NULL;

    if (bw_node_reader(BW_MARKDOWN_MODULE, BW_MARKDOWN_SYMBOL, &parse, f))
        return -1;
    return parse(text, len, first, out, f);
}

/* ---- printing ---- */

struct printer {
    struct bw_out *out;
    enum bw_stream stream;
    int width, indent;
    int col;    /* 0: at the beginning of a line */
    bool blank; /* a blank is due before the next word */
    struct bw_str word;
    struct piece { /* of the word: its style begins at this byte */
        size_t at;
        unsigned style;
    } * pieces;
    size_t n_pieces;
};

static int columns(const char *s)
{
    mbstate_t state = {0};
    int all = 0;

    for (size_t n; *s; s += n) {
        wchar_t c;
        n = mbrtowc(&c, s, strlen(s), &state);
        if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
            memset(&state, 0, sizeof state);
            n = 1;
            all++;
            continue;
        }
        int w = wcwidth(c);
        all += w > 0 ? w : 0;
    }
    return all;
}

static enum bw_style style_of(unsigned style)
{
    if (style & BW_SPAN_CODE)
        return style & BW_SPAN_BOLD ? BW_BOLD : BW_NOTE;
    return style & BW_SPAN_BOLD ? BW_BOLD : BW_PLAIN;
}

static void margin(struct printer *p)
{
    bw_put(p->out, p->stream, BW_PLAIN, "%*s", p->indent, "");
    p->col = p->indent;
}

static void end_line(struct printer *p)
{
    bw_put(p->out, p->stream, BW_PLAIN, "\n");
    p->col = 0;
    p->blank = false;
}

/* The gathered word, on this line or the next. */
static void put_word(struct printer *p)
{
    if (p->word.len == 0)
        return;
    int w = columns(p->word.s);
    if (p->col > p->indent && p->col + p->blank + w > p->width)
        end_line(p);
    if (p->col == 0)
        margin(p);
    else if (p->blank)
        bw_put(p->out, p->stream, BW_PLAIN, " "), p->col++;
    for (size_t i = 0; i < p->n_pieces; i++) {
        size_t end = i + 1 < p->n_pieces ? p->pieces[i + 1].at : p->word.len;
        bw_put(p->out, p->stream, style_of(p->pieces[i].style), "%.*s",
               (int)(end - p->pieces[i].at), p->word.s + p->pieces[i].at);
    }
    p->col += w;
    p->blank = false;
    bw_str_clear(&p->word);
    p->n_pieces = 0;
}

static void add_text(struct printer *p, unsigned style, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, " \n");
        if (n > 0) {
            p->pieces = bw_realloc(p->pieces, (p->n_pieces + 1) * sizeof *p->pieces);
            p->pieces[p->n_pieces++] = (struct piece){p->word.len, style};
            bw_str_addn(&p->word, text, n);
        }
        text += n;
        if (*text) {
            put_word(p);
            p->blank = p->blank || p->col > p->indent;
            text++;
        }
    }
}

static void add_span(struct printer *p, const struct bw_span *s)
{
    bool marks = s->style & BW_SPAN_CODE && !p->out->colour[p->stream];

    if (s->style & BW_SPAN_BREAK) {
        put_word(p);
        end_line(p);
        return;
    }
    if (marks)
        add_text(p, 0, "`");
    add_text(p, s->style, s->text);
    if (marks)
        add_text(p, 0, "`");
}

static void finish(struct printer *p)
{
    put_word(p);
    if (p->col > 0)
        end_line(p);
    bw_str_free(&p->word);
    free(p->pieces);
    p->pieces = NULL;
    p->n_pieces = 0;
}

static void begin(struct printer *p, struct bw_out *out, enum bw_stream stream, int width)
{
    *p = (struct printer){.out = out, .stream = stream};
    p->width = width <= 0 || width > WIDTH ? WIDTH : width < 20 ? 20 : width;
}

static void print_code(struct printer *p, const struct bw_block *b)
{
    for (size_t i = 0; i < b->n; i++) {
        bw_put(p->out, p->stream, BW_PLAIN, "%*s", p->indent + 4, "");
        bw_put(p->out, p->stream, b->info ? BW_PLAIN : BW_BOLD, "%s", b->v[i].text);
        end_line(p);
    }
}

static void print_block(const struct bw_block *b, struct bw_out *out, enum bw_stream stream,
                        int width)
{
    struct printer p;

    begin(&p, out, stream, width);
    if (b->kind != BW_BLOCK_HEADING)
        p.indent = b->level < INDENT_MAX ? b->level : INDENT_MAX;
    if (b->kind == BW_BLOCK_RULE) {
        bw_put(out, stream, BW_DIM, "%*s* * *\n", p.indent, "");
        return;
    }
    if (*b->marker) {
        int before = p.indent - (int)strlen(b->marker);
        bw_put(out, stream, BW_PLAIN, "%*s%s", before > 0 ? before : 0, "", b->marker);
        p.col = p.indent;
        if (b->kind == BW_BLOCK_CODE)
            end_line(&p);
    }
    if (b->kind == BW_BLOCK_CODE)
        print_code(&p, b);
    for (size_t i = 0; b->kind != BW_BLOCK_CODE && i < b->n; i++) {
        struct bw_span s = b->v[i];
        if (b->kind == BW_BLOCK_HEADING)
            s.style |= BW_SPAN_BOLD;
        add_span(&p, &s);
    }
    finish(&p);
}

/* Items of a list stand close; all else is parted by an empty line. */
static bool close_to(const struct bw_block *a, const struct bw_block *b)
{
    return a->kind == BW_BLOCK_TEXT && b->kind == BW_BLOCK_TEXT && *b->marker && a->level > 0 &&
           *b->marker != '>';
}

void bw_rich_print(const struct bw_rich *r, struct bw_out *out, enum bw_stream stream, int width)
{
    for (size_t i = 0; i < r->n; i++) {
        if (i > 0 && !close_to(&r->v[i - 1], &r->v[i]))
            bw_put(out, stream, BW_PLAIN, "\n");
        print_block(&r->v[i], out, stream, width);
    }
}

void bw_rich_line(const char *text, const char *first, int indent, struct bw_out *out,
                  enum bw_stream stream, int width)
{
    struct printer p;
    bool code = false;

    begin(&p, out, stream, width);
    p.indent = indent;
    bw_put(out, stream, BW_PLAIN, "%s", first);
    p.col = indent;
    for (size_t n; *text; text += n + (text[n] == '`')) {
        n = strcspn(text, "`");
        struct bw_span s = {.style = code ? BW_SPAN_CODE : 0, .text = safe_copy(text, n)};
        if (n > 0)
            add_span(&p, &s);
        free(s.text);
        code = code != (text[n] == '`');
    }
    finish(&p);
}
