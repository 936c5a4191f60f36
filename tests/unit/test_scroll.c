/* Canvas and scrollback: bytes become cells, and no byte drives the terminal. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

static struct bw_scroll s;
static struct bw_canvas c;
static struct bw_str shown;

static const char *draw(int rows, int cols)
{
    bw_canvas_size(&c, rows, cols);
    bw_scroll_draw(&s, &c, (struct bw_rect){0, 0, rows, cols});
    bw_str_clear(&shown);
    bw_canvas_text(&c, &shown);
    while (shown.len > 1 && shown.s[shown.len - 2] == '\n')
        shown.s[--shown.len] = '\0';
    return shown.s;
}

static void feed(const char *text)
{
    bw_scroll_feed(&s, text, strlen(text));
}

static void begin(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    bw_scroll_init(&s);
}

static void finish(void)
{
    bw_scroll_free(&s);
    bw_canvas_free(&c);
    bw_str_free(&shown);
}

static const struct {
    const char *text, *lines;
} fed[] = {
    {"one\ntwo\n", "one\ntwo\n"},
    {"over\rO", "Over\n"},
    {"abc\b\bX", "aXc\n"},
    {"a\tb", "a       b\n"},
    {"half\r\033[Knew", "new\n"},
    {"\033[31mred\033[0m", "red\n"},
    {"\033]0;title\007x", "x\n"},
    {"\033]0;title\033\\x", "x\n"},
    {"\033[2J\033[Hx", "x\n"},
    {"\033Ptwelve\033\\x", "x\n"},
    {"\033(Bx", "x\n"},
    {"\302\2332Jx", "??2Jx\n"},                             /* C1 control sequence introducer */
    {"a\342\200\256b", "a???b\n"},                          /* right-to-left override */
    {"\377\300\200x", "???x\n"},                            /* no UTF-8 */
    {"e\314\201|", "e\314\201|\n"},                         /* a combining accent */
    {"\344\270\226|", "\344\270\226|\n"},                   /* a wide character */
    {"\344\270\226\rx", "x\n"},                             /* half of it is a blank */
    {"1234567890abc", "1234567890\nabc\n"},                 /* wraps at ten columns */
    {"one two three", "one two\nthree\n"},                  /* between words */
    {"one twenty three", "one twenty\nthree\n"},            /* a blank behind a full row */
    {"a bcdefghijkl", "a bcdefghi\njkl\n"},                 /* not far from the end */
    {"123456789\344\270\226", "123456789\n\344\270\226\n"}, /* not in two */
};

START_TEST(takes_what_programs_write)
{
    feed(fed[_i].text);
    ck_assert_str_eq(draw(6, 10), fed[_i].lines);
    /* The same, a byte at a time. */
    bw_scroll_free(&s);
    bw_scroll_init(&s);
    if (_i == 14)
        return; /* a mark that comes later has nothing to stand on */
    for (const char *p = fed[_i].text; *p; p++)
        bw_scroll_feed(&s, p, 1);
    ck_assert_str_eq(draw(6, 10), fed[_i].lines);
}
END_TEST

START_TEST(looks_back_and_follows_again)
{
    for (int i = 0; i < 50; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d\n", i);
        feed(line);
    }
    ck_assert_str_eq(draw(2, 20), "line 48\nline 49\n");
    ck_assert(bw_scroll_move(&s, -3, 2, 20));
    ck_assert_str_eq(draw(2, 20), "line 45\nline 46\n");
    feed("more\n");
    ck_assert_str_eq(draw(2, 20), "line 45\nline 46\n");
    ck_assert(!bw_scroll_search(&s, "nothing", true, 2, 20));
    ck_assert(bw_scroll_search(&s, "LINE 7", true, 2, 20));
    ck_assert_str_eq(draw(2, 20), "line 7\nline 8\n");
    ck_assert(bw_scroll_move(&s, 1000, 2, 20));
    ck_assert(!s.held);
    ck_assert(bw_scroll_move(&s, -1000, 2, 20));
    ck_assert_str_eq(draw(2, 20), "line 0\nline 1\n");
}
END_TEST

START_TEST(keeps_only_so_much)
{
    for (int i = 0; i < 3 * BW_SCROLL_LINES; i++)
        feed("a line of some length, to be dropped in its time\n");
    ck_assert_uint_le(s.end - s.first, BW_SCROLL_LINES);
    for (int i = 0; i < 400; i++) {
        static char wide[BW_SCROLL_COLS];
        memset(wide, 'x', sizeof wide);
        bw_scroll_feed(&s, wide, sizeof wide);
    }
    ck_assert_uint_le(s.cells, BW_SCROLL_CELLS + 2 * BW_SCROLL_COLS);
}
END_TEST

START_TEST(stays_within_its_rectangle)
{
    bw_canvas_size(&c, 4, 12);
    struct bw_rect r = {1, 3, 2, 5};
    bw_canvas_put(&c, r, 0, 0, 0, "123456789");
    bw_canvas_put(&c, r, 1, 4, 0, "\344\270\226");
    bw_canvas_put(&c, r, 2, 0, 0, "below");
    bw_canvas_put(&c, r, -1, 0, 0, "above");
    bw_canvas_put(&c, (struct bw_rect){9, 9, 9, 9}, 0, 0, 0, "outside");
    bw_str_clear(&shown);
    bw_canvas_text(&c, &shown);
    ck_assert_str_eq(shown.s, "\n   1234\342\200\246\n       \342\200\246\n\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scroll");
    TCase *tc = tcase_create("scroll");
    tcase_add_checked_fixture(tc, begin, finish);
    tcase_add_loop_test(tc, takes_what_programs_write, 0, sizeof fed / sizeof *fed);
    tcase_add_test(tc, looks_back_and_follows_again);
    tcase_add_test(tc, keeps_only_so_much);
    tcase_add_test(tc, stays_within_its_rectangle);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
