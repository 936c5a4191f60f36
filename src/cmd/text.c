/* Text of many commands. */
#include <stdio.h>
#include <string.h>

#include "base/intr.h"
#include "base/words.h"
#include "cmd/article.h"
#include "cmd/session.h"

static size_t lines_in(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

static void prefix(char *buf, size_t size, const char *name, size_t line)
{
    if (name)
        snprintf(buf, size, "%s:%zu: ", name, line);
    else
        buf[0] = '\0';
}

/* "# unshare pid", copied with a root prompt: where the comment's text starts, or NULL. */
static const char *copied_prompt(const struct bw_session *s, const char *at, size_t len)
{
    char line[4096];
    size_t n = strcspn(at, "\n");
    if (n > len)
        n = len;
    while (n > 0 && (*at == ' ' || *at == '\t'))
        at++, n--;
    if (n < 2 || at[0] != '#' || n >= sizeof line)
        return NULL;
    memcpy(line, at, n);
    line[n] = '\0';
    return bw_article_prompt(s, line) ? at + 1 : NULL;
}

static int syntax_error(struct bw_session *s, const char *where)
{
    s->last_err = s->err;
    bw_session_print_err(s, &s->err, where);
    return s->status = s->err.status;
}

int bw_session_text(struct bw_session *s, const char *text, size_t len, const char *name)
{
    size_t at = 0, line = 1 + s->lines_before;
    s->lines_before = 0;
    while (at < len && !s->quit && bw_intr_end == 0) {
        char where[512];
        const char *from = copied_prompt(s, text + at, len - at);
        if (from) {
            bw_session_note(s,
                            "the leading # is a copied root prompt: the command after it is meant");
            at = (size_t)(from - text);
        }
        struct bw_words w = {0};
        size_t used = 0;
        bw_err_clear(&s->err);
        enum bw_words_result r = bw_words_split(text + at, len - at, &used, &w, &s->err);
        size_t skipped = strspn(text + at, " \t\r\n");
        prefix(where, sizeof where, name, line + lines_in(text + at, skipped < used ? skipped : 0));
        if (r == BW_WORDS_MORE) {
            bw_err_usage(&s->err, "a quote is not closed, or the last line ends in a backslash");
            bw_err_todo(&s->err, "close the quote with the same mark that opened it");
        }
        if (r != BW_WORDS_OK) {
            bw_words_free(&w);
            bw_article_syntax(text + at, len - at, &s->err);
            syntax_error(s, where);
            if (!s->keep_going || r == BW_WORDS_MORE)
                return s->status;
        }
        if (w.n > 0 && bw_session_command(s, w.n, w.v, where) != 0 && !s->keep_going && !s->quit) {
            bw_words_free(&w);
            return s->status;
        }
        bw_words_free(&w);
        line += lines_in(text + at, used);
        at += used ? used : len - at;
    }
    return s->status;
}
