/* lines as articles print them, rewritten; redirections explained */
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cmd/article.h"
#include "cmd/session.h"
#include "fuzz.h"

static struct bw_session s;
static struct bw_str said;
static struct bw_out out;

/* What is left is a command again: it can be quoted for the journal and split. */
static void check_line(const struct bw_words *w)
{
    BW_AUTO_STR line = BW_STR_INIT;
    struct bw_err err = BW_ERR_INIT;
    struct bw_words again;
    size_t used;

    FUZZ_CHECK(w->n >= 0 && w->v[w->n] == NULL);
    for (int i = 0; i < w->n; i++) {
        FUZZ_CHECK(w->v[i] != NULL);
        bw_str_add(&line, i > 0 ? " " : "");
        bw_words_quote(&line, w->v[i]);
    }
    FUZZ_CHECK(bw_words_split(bw_str_get(&line), line.len, &used, &again, &err) == BW_WORDS_OK);
    FUZZ_CHECK(again.n == w->n);
    bw_words_free(&again);
}

static void check_said(void)
{
    for (char *p = said.s; p && *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    fuzz_check_safe(bw_str_get(&said));
}

static void rewrite(struct bw_words *w)
{
    int status = 99;

    bw_err_clear(&s.err);
    bool done = bw_article_line(&s, &w->n, &w->v, &status);
    FUZZ_CHECK(!done || status == 0 || status == -1);
    fuzz_check_err(done && status == -1 ? -1 : 0, &s.err);
    FUZZ_CHECK(done || w->n > 0);
    check_line(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    size_t len = strlen(text);

    bw_out_string(&out, &said);
    s.out = &out;
    bw_article_prompt(&s, text);
    for (size_t at = 0, used; at < len; at += used) {
        struct bw_words w = {0};
        struct bw_err err = BW_ERR_INIT;
        enum bw_words_result r = bw_words_split(text + at, len - at, &used, &w, &err);
        if (r != BW_WORDS_OK) {
            bw_article_syntax(text + at, len - at, &err);
            fuzz_check_err(r == BW_WORDS_ERROR ? -1 : 0, &err);
        } else if (w.n > 0) {
            rewrite(&w);
        }
        bw_words_free(&w);
        if (used == 0)
            break;
    }
    check_said();
    bw_str_free(&said);
    return 0;
}
