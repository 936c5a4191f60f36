/* scripts and lines as typed: words split, quoted and split again */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/words.h"
#include "fuzz.h"
#include "ui/script.h"

/* A command as the journal and save write it reads back as the same words. */
static void check_quoting(const struct bw_words *w)
{
    BW_AUTO_STR line = BW_STR_INIT;
    struct bw_err err = BW_ERR_INIT;
    struct bw_words again;
    size_t used;

    for (int i = 0; i < w->n; i++) {
        bw_str_add(&line, i > 0 ? " " : "");
        bw_words_quote(&line, w->v[i]);
    }
    FUZZ_CHECK(bw_words_split(bw_str_get(&line), line.len, &used, &again, &err) == BW_WORDS_OK);
    FUZZ_CHECK(used == line.len);
    FUZZ_CHECK(again.n == w->n);
    for (int i = 0; i < w->n; i++)
        FUZZ_CHECK(strcmp(again.v[i], w->v[i]) == 0);
    bw_words_free(&again);
}

/* What was typed stands in the journal: split again it is the same command. */
static void check_text(const struct bw_words *w)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_words again;
    size_t used;

    FUZZ_CHECK(bw_words_split(w->text, strlen(w->text), &used, &again, &err) == BW_WORDS_OK);
    FUZZ_CHECK(again.n == w->n);
    for (int i = 0; i < w->n; i++)
        FUZZ_CHECK(strcmp(again.v[i], w->v[i]) == 0);
    FUZZ_CHECK(strcmp(again.text, w->text) == 0);
    bw_words_free(&again);
}

static void check_words(const struct bw_words *w)
{
    FUZZ_CHECK(w->n >= 0 && w->v != NULL && w->v[w->n] == NULL && w->text != NULL);
    for (int i = 0; i < w->n; i++)
        for (const char *p = w->v[i]; *p; p++)
            FUZZ_CHECK(*p == '\t' || *p == '\n' || ((unsigned char)*p >= 0x20 && *p != 0x7f));
    check_quoting(w);
    check_text(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    bool open = false;

    for (size_t at = 0, used; at < size; at += used) {
        struct bw_words w = {0};
        struct bw_err err = BW_ERR_INIT;
        enum bw_words_result r = bw_words_split(text + at, size - at, &used, &w, &err);
        if (r == BW_WORDS_OK) {
            check_words(&w);
        } else {
            FUZZ_CHECK(w.n == 0 && w.v == NULL && w.text == NULL);
            fuzz_check_err(r == BW_WORDS_ERROR ? -1 : 0, &err);
        }
        bw_words_free(&w);
        open = r == BW_WORDS_MORE;
        if (open) {
            FUZZ_CHECK(used == 0);
            break;
        }
        /* Something is taken each time, or a script would never end. */
        FUZZ_CHECK(used > 0 && used <= size - at);
    }
    FUZZ_CHECK(bw_script_open(text, size) == open);
    return 0;
}
