/* base/words: splitting as a POSIX shell splits, what is refused, and quoting back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/words.h"

/* Words joined by | (no test word has one), the rest of the input after the separator. */
static const struct {
    const char *in, *words, *text, *rest;
} good[] = {
    {"", "", "", ""},
    {"   \t ", "", "", ""},
    {"unshare pid", "unshare|pid", "unshare pid", ""},
    {"  unshare   pid  ", "unshare|pid", "unshare   pid", ""},
    {"a b;c d", "a|b", "a b", "c d"},
    {"a b ; c", "a|b", "a b", " c"},
    {"a\nb", "a", "a", "b"},
    {"a b\r\nc", "a|b", "a b", "c"},
    {"\r\n\r\nc", "", "", "\r\nc"},
    {";a", "", "", "a"},
    {"# whole line; not a command\nnext", "", "", "next"},
    {"a # rest; of line\nnext", "a", "a", "next"},
    {"a#b", "a#b", "a#b", ""},
    {"a ''#b", "a|#b", "a ''#b", ""},
    {"'a b' \"c d\"", "a b|c d", "'a b' \"c d\"", ""},
    {"a'b'\"c\"d", "abcd", "a'b'\"c\"d", ""},
    {"''", "", "''", ""},
    {"a '' b", "a||b", "a '' b", ""},
    {"a;b", "a", "a", "b"},
    {"'a;b\n#c'", "a;b\n#c", "'a;b\n#c'", ""},
    {"\"a;b\"", "a;b", "\"a;b\"", ""},
    {"a\\ b", "a b", "a\\ b", ""},
    {"\\#a \\; \\'", "#a|;|'", "\\#a \\; \\'", ""},
    {"a \\\nb", "a|b", "a \\\nb", ""},
    {"a\\\nb", "ab", "a\\\nb", ""},
    {"a \\\r\n b", "a|b", "a \\\r\n b", ""},
    {"\"\\a\\\"\\\\\\$\\`\"", "\\a\"\\$`", "\"\\a\\\"\\\\\\$\\`\"", ""},
    {"\"a\\\nb\"", "ab", "\"a\\\nb\"", ""},
    {"'\\a'", "\\a", "'\\a'", ""},
    {"$ ls", "$|ls", "$ ls", ""},
    {"a$", "a$", "a$", ""},
    {"\"$\" '$HOME' \\$HOME", "$|$HOME|$HOME", "\"$\" '$HOME' \\$HOME", ""},
    {"\"a & b > c ( d )\"", "a & b > c ( d )", "\"a & b > c ( d )\"", ""},
    {"run ls *.c ~ {a,b} [x] !", "run|ls|*.c|~|{a,b}|[x]|!", "run ls *.c ~ {a,b} [x] !", ""},
    {"hostname gr\xc3\xbc\xc3\x9f", "hostname|gr\xc3\xbc\xc3\x9f", "hostname gr\xc3\xbc\xc3\x9f",
     ""},
    {"'a\r\nb'", "a\nb", "'a\r\nb'", ""},
};

static void join(const struct bw_words *w, struct bw_str *out)
{
    for (int i = 0; i < w->n; i++)
        bw_str_addf(out, "%s%s", i > 0 ? "|" : "", w->v[i]);
}

START_TEST(splits)
{
    struct bw_words w;
    struct bw_err err = BW_ERR_INIT;
    size_t used = 99;
    BW_AUTO_STR joined = BW_STR_INIT;
    const char *in = good[_i].in;

    ck_assert_int_eq(bw_words_split(in, strlen(in), &used, &w, &err), BW_WORDS_OK);
    join(&w, &joined);
    ck_assert_str_eq(bw_str_get(&joined), good[_i].words);
    ck_assert_str_eq(w.text, good[_i].text);
    ck_assert_ptr_null(w.v[w.n]);
    ck_assert_str_eq(in + used, good[_i].rest);
    ck_assert_int_eq(err.status, BW_OK);
    bw_words_free(&w);
    ck_assert_int_eq(w.n, 0);
    ck_assert_ptr_null(w.v);
}
END_TEST

START_TEST(empty_word_is_a_word)
{
    struct bw_words w;
    size_t used;

    ck_assert_int_eq(bw_words_split("''", 2, &used, &w, NULL), BW_WORDS_OK);
    ck_assert_int_eq(w.n, 1);
    ck_assert_str_eq(w.v[0], "");
    bw_words_free(&w);
}
END_TEST

static const char *const unfinished[] = {"'a",     "\"a",      "a \\",      "a 'b\nc", "\"a\\",
                                         "a \\\n", "a \\\r\n", "x \"b\\\"", "\"a'"};

START_TEST(asks_for_more)
{
    struct bw_words w;
    size_t used = 99;
    const char *in = unfinished[_i];

    ck_assert_int_eq(bw_words_split(in, strlen(in), &used, &w, NULL), BW_WORDS_MORE);
    ck_assert_uint_eq(used, 0);
    ck_assert_int_eq(w.n, 0);
    ck_assert_ptr_null(w.v);
    ck_assert_ptr_null(w.text);
}
END_TEST

/* What the message must say, and what is left for a script that goes on. */
static const struct {
    const char *in;
    size_t len; /* 0: strlen */
    const char *says, *hint, *rest;
} bad[] = {
    {"ls | wc", 0, "'|' at column 4", "run sh -c", ""},
    {"a && b\nc", 0, "'&&' at column 3", "run sh -c", "c"},
    {"a || b", 0, "'||'", "run sh -c", ""},
    {"a &", 0, "'&'", "run sh -c", ""},
    {"a > f", 0, "'>'", "run sh -c", ""},
    {"a >> f", 0, "'>>'", "run sh -c", ""},
    {"a 2>f", 0, "'>' at column 4", "run sh -c", ""},
    {"a < f", 0, "'<'", "run sh -c", ""},
    {"a `b`", 0, "'`'", "run sh -c", ""},
    {"a \"`b`\"", 0, "'`'", "run sh -c", ""},
    {"(a)", 0, "'('", "run sh -c", ""},
    {"a )", 0, "')'", "run sh -c", ""},
    {"a $HOME b", 0, "'$HOME' at column 3", "single quotes", ""},
    {"a \"x $HOME\"", 0, "'$HOME'", "single quotes", ""},
    {"a ${B}", 0, "'${'", "single quotes", ""},
    {"a $(b)", 0, "'$('", "single quotes", ""},
    {"kill $$", 0, "'$$'", "single quotes", ""},
    {"a $1", 0, "'$1'", "single quotes", ""},
    {"a\0b", 3, "byte 0x00 at column 2", "text", ""},
    {"a 'b\0c'", 7, "byte 0x00 at column 5", "text", ""},
    {"# \0", 3, "byte 0x00 at column 3", "text", ""},
    {"a \\\0", 4, "byte 0x00", "text", ""},
    {"a $\0", 4, "byte 0x00", "text", ""},
    {"\x7f"
     "ELF\x02\nnext",
     0, "byte 0x7f at column 1", "text", "next"},
    {"a\rb", 0, "byte 0x0d at column 2", "text", ""},
    {"a \"\033[m\"", 0, "byte 0x1b", "text", ""},
    {"\xc3\xbc\xc3\xbc |", 0, "column 4", "run sh -c", ""},
    {"a \\\n  | b", 0, "column 3", "run sh -c", ""},
};

START_TEST(refuses)
{
    struct bw_words w;
    struct bw_err err = BW_ERR_INIT;
    size_t used = 0;
    size_t len = bad[_i].len > 0 ? bad[_i].len : strlen(bad[_i].in);

    ck_assert_int_eq(bw_words_split(bad[_i].in, len, &used, &w, &err), BW_WORDS_ERROR);
    ck_assert_int_eq(err.status, BW_USAGE);
    ck_assert_msg(strstr(err.cause, bad[_i].says) != NULL, "says: %s", err.cause);
    ck_assert_msg(strstr(err.todo, bad[_i].hint) != NULL, "hints: %s", err.todo);
    ck_assert_uint_eq(len - used, strlen(bad[_i].rest));
    ck_assert_int_eq(w.n, 0);
    ck_assert_ptr_null(w.v);
}
END_TEST

static const char *const words[] = {"",           "a",    "a b",   "'",   "a'b'c",  "\"",  "$HOME",
                                    "`x`",        "#a",   "a#",    "\\",  "a\\",    "a;b", "a\nb",
                                    "*",          "~",    "a&b|c", "(x)", "\t",     "$",   "-x=y",
                                    "gr\xc3\xbc", "\xff", "''''",  "<>",  "cpu:/g", "50%"};

START_TEST(quotes_back)
{
    struct bw_words w;
    struct bw_err err = BW_ERR_INIT;
    size_t used;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_str_add(&text, "run ");
    bw_words_quote(&text, words[_i]);
    ck_assert_int_eq(bw_words_split(text.s, text.len, &used, &w, &err), BW_WORDS_OK);
    ck_assert_uint_eq(used, text.len);
    ck_assert_int_eq(w.n, 2);
    ck_assert_str_eq(w.v[1], words[_i]);
    bw_words_free(&w);
}
END_TEST

START_TEST(quotes_only_what_needs_it)
{
    BW_AUTO_STR text = BW_STR_INIT;

    bw_words_quote(&text, "cpu.max=50000/x,y:z");
    ck_assert_str_eq(text.s, "cpu.max=50000/x,y:z");
    bw_str_clear(&text);
    bw_words_quote(&text, "it's");
    ck_assert_str_eq(text.s, "'it'\\''s'");
}
END_TEST

/* The same numbers on every machine, so that a failure can be had again. */
static size_t next(unsigned *state, size_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* Any bytes at all: it ends, uses no more than there is, and what it accepts reads back. */
START_TEST(survives_noise)
{
    static const char alphabet[] = "ab '\"\\#;$&|\n\r\t{(\x01\xc3\xbc-";
    char in[24];

    unsigned state = (unsigned)_i;

    for (int round = 0; round < 2000; round++) {
        struct bw_words w;
        struct bw_err err = BW_ERR_INIT;
        size_t len = next(&state, sizeof in), used = 99;
        for (size_t i = 0; i < len; i++)
            in[i] = alphabet[next(&state, sizeof alphabet)];
        enum bw_words_result r = bw_words_split(in, len, &used, &w, &err);
        ck_assert_uint_le(used, len);
        ck_assert(r != BW_WORDS_ERROR || err.status == BW_USAGE);
        ck_assert(r == BW_WORDS_MORE || used > 0 || len == 0);
        if (r != BW_WORDS_OK)
            continue;
        BW_AUTO_STR again = BW_STR_INIT;
        for (int i = 0; i < w.n; i++) {
            bw_words_quote(&again, w.v[i]);
            bw_str_addc(&again, ' ');
        }
        struct bw_words back;
        ck_assert_int_eq(bw_words_split(bw_str_get(&again), again.len, &used, &back, &err),
                         BW_WORDS_OK);
        ck_assert_int_eq(back.n, w.n);
        for (int i = 0; i < w.n; i++)
            ck_assert_str_eq(back.v[i], w.v[i]);
        bw_words_free(&back);
        bw_words_free(&w);
    }
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("words");
    TCase *tc = tcase_create("words");

    tcase_add_loop_test(tc, splits, 0, COUNT(good));
    tcase_add_test(tc, empty_word_is_a_word);
    tcase_add_loop_test(tc, asks_for_more, 0, COUNT(unfinished));
    tcase_add_loop_test(tc, refuses, 0, COUNT(bad));
    tcase_add_loop_test(tc, quotes_back, 0, COUNT(words));
    tcase_add_test(tc, quotes_only_what_needs_it);
    tcase_add_loop_test(tc, survives_noise, 0, 10);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
