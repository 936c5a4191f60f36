#include "base/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

struct parser {
    const char *text;
    size_t len, at;
    struct bw_words *out;
    struct bw_err *err;
    struct bw_str word;
    bool in_word; /* '' makes a word that is empty */
};

/* Where the byte at p->at stands in its line, in characters from 1. */
static size_t column(const struct parser *p)
{
    size_t start = p->at, n = 1;

    while (start > 0 && p->text[start - 1] != '\n')
        start--;
    for (size_t i = start; i < p->at; i++)
        n += ((unsigned char)p->text[i] & 0xc0) != 0x80;
    return n;
}

static bool at_crlf(const struct parser *p)
{
    return p->text[p->at] == '\r' && p->at + 1 < p->len && p->text[p->at + 1] == '\n';
}

static int bad_byte(struct parser *p)
{
    bw_err_usage(p->err, "byte 0x%02x at column %zu is not text", (unsigned char)p->text[p->at],
                 column(p));
    bw_err_todo(p->err, "give boxwright a plain text script; in a program's argument write the "
                        "byte as an escape, for example with printf");
    return BW_WORDS_ERROR;
}

static bool is_bad_byte(const struct parser *p)
{
    unsigned char c = (unsigned char)p->text[p->at];

    return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
}

static int bad_operator(struct parser *p, size_t n)
{
    bw_err_usage(p->err,
                 "'%.*s' at column %zu is a shell's operator, and boxwright has no pipes, "
                 "redirections or substitutions",
                 (int)n, p->text + p->at, column(p));
    bw_err_todo(p->err, "run sh -c '\xe2\x80\xa6' gives the line to a shell in the box; quote the "
                        "character to mean itself");
    return BW_WORDS_ERROR;
}

/* Doubled operators are named whole: && || >> <<. */
static size_t operator_length(const struct parser *p)
{
    char c = p->text[p->at];

    return strchr("|&<>", c) != NULL && p->at + 1 < p->len && p->text[p->at + 1] == c ? 2 : 1;
}

/* The length of the expansion's beginning at p->at ("$HOME", "${", "$(", "$?"), 0 when the dollar
 * sign means itself. */
static size_t expansion_length(const struct parser *p)
{
    size_t end = p->at + 1;

    if (end >= p->len || p->text[end] == '\0')
        return 0;
    if (strchr("{(?$@*#!-", p->text[end]) != NULL)
        return 2;
    while (end < p->len && (isalnum((unsigned char)p->text[end]) || p->text[end] == '_'))
        end++;
    return end - p->at > 1 ? end - p->at : 0;
}

static int bad_expansion(struct parser *p, size_t n)
{
    bw_err_usage(p->err,
                 "'%.*s' at column %zu is a shell's expansion, and boxwright expands nothing",
                 (int)(n < 40 ? n : 40), p->text + p->at, column(p));
    bw_err_todo(p->err, "run sh -c '\xe2\x80\xa6' gives the line to a shell in the box; single "
                        "quotes keep a dollar sign as it is");
    return BW_WORDS_ERROR;
}

/* What follows a backslash: a joined line adds nothing. Inside double quotes the backslash stays
 * before all but a few characters. */
static int escape(struct parser *p, bool quoted)
{
    p->at++;
    if (p->at < p->len && at_crlf(p))
        p->at++;
    if (p->at >= p->len)
        return BW_WORDS_MORE;
    char c = p->text[p->at];
    if (c == '\n') {
        p->at++;
        return p->at < p->len ? BW_WORDS_OK : BW_WORDS_MORE;
    }
    if (is_bad_byte(p))
        return bad_byte(p);
    if (quoted && strchr("$`\"\\", c) == NULL)
        bw_str_addc(&p->word, '\\');
    bw_str_addc(&p->word, c);
    p->in_word = true;
    p->at++;
    return BW_WORDS_OK;
}

static int single_quoted(struct parser *p)
{
    p->in_word = true;
    for (p->at++; p->at < p->len; p->at++) {
        if (p->text[p->at] == '\'') {
            p->at++;
            return BW_WORDS_OK;
        }
        if (at_crlf(p))
            continue;
        if (is_bad_byte(p))
            return bad_byte(p);
        bw_str_addc(&p->word, p->text[p->at]);
    }
    return BW_WORDS_MORE;
}

static int double_quoted(struct parser *p)
{
    p->in_word = true;
    p->at++;
    while (p->at < p->len) {
        char c = p->text[p->at];
        size_t n = c == '$' ? expansion_length(p) : 0;
        if (c == '"') {
            p->at++;
            return BW_WORDS_OK;
        }
        if (c == '\\') {
            int r = escape(p, true);
            if (r != BW_WORDS_OK)
                return r;
            continue;
        }
        if (n > 0)
            return bad_expansion(p, n);
        if (c == '`')
            return bad_operator(p, 1);
        if (at_crlf(p)) {
            p->at++;
            continue;
        }
        if (is_bad_byte(p))
            return bad_byte(p);
        bw_str_addc(&p->word, c);
        p->at++;
    }
    return BW_WORDS_MORE;
}

static void end_word(struct parser *p)
{
    if (!p->in_word)
        return;
    size_t size = ((size_t)p->out->n + 2) * sizeof *p->out->v;
    p->out->v = bw_realloc(p->out->v, size);
    p->out->v[p->out->n++] = bw_str_steal(&p->word);
    p->out->v[p->out->n] = NULL;
    p->in_word = false;
}

/* One step over unquoted text that is neither a blank nor a separator. */
static int unquoted(struct parser *p)
{
    char c = p->text[p->at];
    size_t n = c == '$' ? expansion_length(p) : 0;

    if (c == '\'')
        return single_quoted(p);
    if (c == '"')
        return double_quoted(p);
    if (c == '\\')
        return escape(p, false);
    if (n > 0)
        return bad_expansion(p, n);
    if (is_bad_byte(p))
        return bad_byte(p);
    if (strchr("|&<>`()", c) != NULL)
        return bad_operator(p, operator_length(p));
    bw_str_addc(&p->word, c);
    p->in_word = true;
    p->at++;
    return BW_WORDS_OK;
}

static int skip_comment(struct parser *p)
{
    while (p->at < p->len && p->text[p->at] != '\n') {
        if (is_bad_byte(p) && !at_crlf(p))
            return bad_byte(p);
        p->at++;
    }
    return BW_WORDS_OK;
}

/* A backslash before a line's end adds nothing, as a blank does. */
static bool at_joint(const struct parser *p)
{
    size_t next = p->at + 1;

    if (p->text[p->at] != '\\' || next >= p->len)
        return false;
    return p->text[next] == '\n' ||
           (p->text[next] == '\r' && next + 1 < p->len && p->text[next + 1] == '\n');
}

/* Parses up to the separator, where p->at is left; start and end enclose the command's text. */
static int command(struct parser *p, size_t *start, size_t *end)
{
    bool any = false;

    while (p->at < p->len) {
        char c = p->text[p->at];
        if (c == '\n' || c == ';')
            break;
        if (c == ' ' || c == '\t' || at_crlf(p)) {
            end_word(p);
            p->at++;
            continue;
        }
        int r = BW_WORDS_OK;
        if (c == '#' && !p->in_word) {
            r = skip_comment(p);
        } else if (at_joint(p)) {
            r = unquoted(p);
        } else {
            if (!any)
                *start = p->at;
            any = true;
            r = unquoted(p);
            *end = p->at;
        }
        if (r != BW_WORDS_OK)
            return r;
    }
    end_word(p);
    return BW_WORDS_OK;
}

enum bw_words_result bw_words_split(const char *text, size_t len, size_t *used,
                                    struct bw_words *out, struct bw_err *err)
{
    struct parser p = {.text = text, .len = len, .out = out, .err = err};
    size_t start = 0, end = 0;

    *out = (struct bw_words){0};
    int r = command(&p, &start, &end);
    bw_str_free(&p.word);
    if (r == BW_WORDS_MORE) {
        *used = 0;
        bw_words_free(out);
        return BW_WORDS_MORE;
    }
    if (r == BW_WORDS_ERROR) {
        /* The rest of a line that was not understood is not run. */
        const char *eol = p.at < len ? memchr(text + p.at, '\n', len - p.at) : NULL;
        *used = eol != NULL ? (size_t)(eol - text) + 1 : len;
        bw_words_free(out);
        return BW_WORDS_ERROR;
    }
    *used = p.at < len ? p.at + 1 : len;
    struct bw_str command_text = BW_STR_INIT;
    bw_str_addn(&command_text, text + start, end - start);
    out->text = bw_str_steal(&command_text);
    if (out->v == NULL) {
        out->v = bw_alloc(sizeof *out->v);
        out->v[0] = NULL;
    }
    return BW_WORDS_OK;
}

void bw_words_free(struct bw_words *w)
{
    for (int i = 0; i < w->n; i++)
        free(w->v[i]);
    free(w->v);
    free(w->text);
    *w = (struct bw_words){0};
}

static bool is_plain(const char *word)
{
    if (*word == '\0')
        return false;
    for (; *word != '\0'; word++)
        if (!isalnum((unsigned char)*word) && strchr("_-+=:,./@%^~*?[]{}!", *word) == NULL &&
            (unsigned char)*word < 0x80)
            return false;
    return true;
}

void bw_words_quote(struct bw_str *out, const char *word)
{
    if (is_plain(word)) {
        bw_str_add(out, word);
        return;
    }
    bw_str_addc(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            bw_str_add(out, "'\\''");
        else
            bw_str_addc(out, *word);
    }
    bw_str_addc(out, '\'');
}
