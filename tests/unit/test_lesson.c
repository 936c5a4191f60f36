/* Reading lessons: what is malformed or hostile is refused with its place. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "lesson/lesson.h"

#define HEAD "---\nid: a\ntitle: T\n"
#define STEPS "steps:\n  - id: x\n    look: [inspect]\n    solution: [inspect]\n"
#define BODY "---\n## x\n\ntext\n"
#define GOAL(that)                                                                                 \
    HEAD "steps:\n  - id: x\n    goal: [{that: " that ", say: s}]\n"                               \
         "    solution: [inspect]\n" BODY

static struct bw_lesson *parse(const char *text, size_t len, struct bw_err *err)
{
    bw_err_clear(err);
    return bw_lesson_parse("dir/07-name.md", text, len, err);
}

START_TEST(takes_what_is_well_written)
{
    static const char text[] =
        "---\nid: pid-ns\ntitle: \"Own: process\"\nminutes: 8\nrequires: [root, net]\n"
        "setup:\n  - rootfs busybox box\nsteps:\n"
        "  - id: one\n    title: First\n"
        "    predict: {ask: \"Which?\", choices: [\"1\", two], expect: nspid}\n"
        "    goal:\n      - {that: \"nspid == 1\", say: \"process 1\"}\n"
        "    hints:\n      - {if: 'own.pid', say: \"so\"}\n      - plain `code`\n"
        "    solution: [unshare pid, {do: burn fork 3, status: any}, {do: run x, status: 127}]\n"
        "    no-undo: it cannot be undone\n"
        "  - id: two\n    look: [run, \"run ps\"]\n    refused: EPERM\n    solution: [run ps]\n"
        "---\nIntro **`help`** and [x](y.md).\n\n## one\n\nText.\n\n### After\n\nSo it is.\n\n"
        "    inspect\n\n```text\nnot this\n```\n## two\n\nLook.\n";
    struct bw_err err = BW_ERR_INIT;
    struct bw_lesson *l = parse(text, sizeof text - 1, &err);

    ck_assert_msg(l != NULL, "%s", err.cause);
    ck_assert_str_eq(l->name, "07-name");
    ck_assert_str_eq(l->title, "Own: process");
    ck_assert_uint_eq(l->n_steps, 2);
    ck_assert_uint_eq(l->requires.n, 2);
    ck_assert_uint_eq(l->setup.n, 1);
    ck_assert_uint_eq(l->intro.n, 1);
    ck_assert_str_eq(l->steps[0].goal[0].say, "process 1");
    ck_assert_int_eq(l->steps[0].goal[0].at.line, 13);
    ck_assert_int_eq(l->steps[0].solution.v[1].status, BW_LESSON_ANY);
    ck_assert_int_eq(l->steps[0].solution.v[2].status, 127);
    ck_assert_uint_eq(l->steps[0].n_hints, 2);
    ck_assert_uint_eq(l->steps[0].after.n, 3);
    ck_assert_str_eq(l->steps[1].title, "two");
    ck_assert_int_eq(l->steps[1].refused, 1);
    /* Commands that are to be typed: in bold code, and in code that names no language. */
    ck_assert_uint_eq(l->commands.n, 2);
    ck_assert_str_eq(l->commands.v[0].text, "help");
    ck_assert_str_eq(l->commands.v[1].text, "inspect");
    ck_assert_int_eq(l->commands.v[0].at.line, 24);
    ck_assert_uint_eq(l->links.n, 1);
    bw_lesson_free(l);
}
END_TEST

static const struct {
    const char *text;
    const char *cause; /* the beginning, after the file's name */
} bad[] = {
    {"", ":1:1: a lesson begins with a line ---"},
    {"# title\n", ":1:1: a lesson begins"},
    {HEAD STEPS, ":1:1: the front matter is not ended"},
    {"---\n---\n", ":2:1: the front matter is empty"},
    {"---\n- a\n---\n", ":2:1: a lesson is a map"},
    {"---\nid: a\n" STEPS BODY, ":2:1: a lesson needs the key title"},
    {HEAD "colour: red\n" STEPS BODY, ":4:1: a lesson has no key colour"},
    {HEAD "title: again\n" STEPS BODY, ":4:1: title stands here twice, first in line 3"},
    {"---\nid: A b\ntitle: T\n" STEPS BODY, ":2:5: an id is"},
    {HEAD "minutes: soon\n" STEPS BODY, ":4:10: minutes is a number"},
    {HEAD "requires: [moon]\n" STEPS BODY, ":4:12: nothing called moon"},
    {HEAD "requires: root\n" STEPS BODY, ":4:11: a list belongs here"},
    {HEAD "steps: []\n" BODY, ":4:8: steps is a list"},
    {HEAD "steps:\n  - id: x\n    solution: [inspect]\n" BODY, ":5:5: a step needs a goal"},
    {HEAD "steps:\n  - id: x\n    look: [inspect]\n" BODY, ":5:5: a step needs the key solution"},
    {HEAD "steps:\n  - id: x\n    goal: [{that: nspid == 1, say: s}]\n    refused: EPERM\n"
          "    solution: [inspect]\n" BODY,
     ":5:5: refused goes with look"},
    {HEAD "steps:\n  - id: x\n    look: [run]\n    refused: EWHAT\n    solution: [run x]\n" BODY,
     ":7:14: EWHAT is no error"},
    {HEAD STEPS "  - id: x\n    look: [ps]\n    solution: [ps]\n" BODY,
     ":8:5: there are two steps"},
    {HEAD STEPS "---\n## y\n\ntext\n", ":9:1: no step has the id y"},
    {HEAD STEPS "---\n## x\n", ":5:5: the step x has no text"},
    {HEAD STEPS "---\n# big\n## x\n\ntext\n", ":9:1: the title stands in the front matter"},
    {HEAD STEPS "---\n## x\n\ntext\n\n## x\n\nmore\n", ":13:1: the step x stands out of its order"},
    {HEAD STEPS "---\n## x\n\n<b>bold</b>\n", ":11:1: HTML"},
    {HEAD STEPS "---\n## x\n\nan ![image](x.png)\n", ":11:4: an image"},
    {GOAL("\"nspd == 1\""), ":6:20: there is no name nspd"},
    {GOAL("nspid == 1 and hostnme"), ":6:34: there is no name hostnme"},
    {GOAL("[a]"), ":6:19: an expression belongs here"},
    {HEAD "x: &a [1]\n" STEPS BODY, ":4:4: an anchor"},
    {HEAD "x: *a\n" STEPS BODY, ":4:4: an alias"},
    {HEAD "x: !!binary aGk=\n" STEPS BODY, ":4:4: a tag"},
    {HEAD "? [a]\n: b\n" STEPS BODY, ":4:3: a key is a word"},
    {HEAD "x: \"\\x9b31m\"\n" STEPS BODY, ":4:4: a control character"},
    {HEAD "x: \"a\\u202e\"\n" STEPS BODY, ":4:4: a control character or a mark of writing"},
    {HEAD "x: \"\\e[31m\"\n" STEPS BODY, ":4:4: a control character"},
    {HEAD "x: \"\\0\"\n" STEPS BODY, ":4:4: a NUL byte"},
    {"---\n%YAML 1.1\n---\n" STEPS BODY, ":"},
    {HEAD "x: [[[[[[[[1]]]]]]]]\n" STEPS BODY, ":4:9: lists and maps are nested too deep"},
    {HEAD "x: [\n" STEPS BODY, ":"},
    {HEAD "x: \xff\n" STEPS BODY,
     ":4:4: a control character, a mark of writing direction, or no UTF-8"},
    {HEAD "x: \xc0\x80\n" STEPS BODY, ":4:4: a control character"},
    {HEAD "x: a\xe2\x80\xae\n" STEPS BODY, ":4:5: a control character, a mark of writing"},
    {HEAD STEPS BODY "\033[2J\n", ":12:1: a control character"},
    {HEAD STEPS BODY "a\rb\n", ":12:2: a control character"},
};

START_TEST(refuses_what_is_not)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_lesson *l = parse(bad[_i].text, strlen(bad[_i].text), &err);
    BW_AUTO_STR want = BW_STR_INIT;

    bw_str_addf(&want, "dir/07-name.md%s", bad[_i].cause);
    ck_assert_msg(l == NULL, "%d was taken: %s", _i, bad[_i].text);
    ck_assert_msg(bw_str_starts(err.cause, want.s), "%d: %s, not %s", _i, err.cause, want.s);
    ck_assert_int_eq(err.status, BW_USAGE);
    ck_assert_int_ne(err.todo[0], '\0');
}
END_TEST

START_TEST(takes_any_ends_of_lines)
{
    static const char text[] = HEAD STEPS BODY "more `x`\n";
    BW_AUTO_STR crlf = BW_STR_INIT;
    struct bw_err err = BW_ERR_INIT;

    bw_str_add(&crlf, "\xef\xbb\xbf");
    for (const char *p = text; *p; p++)
        bw_str_addf(&crlf, "%s%c", *p == '\n' ? "\r" : "", *p);
    struct bw_lesson *l = parse(crlf.s, crlf.len, &err);
    ck_assert_msg(l != NULL, "%s", err.cause);
    ck_assert_int_eq(l->steps[0].at.line, 5);
    bw_lesson_free(l);
    /* Without an end of the last line too. */
    l = parse(text, sizeof text - 2, &err);
    ck_assert_ptr_nonnull(l);
    bw_lesson_free(l);
}
END_TEST

static long long ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void expect_quickly(const char *what, const char *text, size_t len)
{
    struct bw_err err = BW_ERR_INIT;
    long long from = ms();
    struct bw_lesson *l = parse(text, len, &err);

    ck_assert_msg(ms() - from < 5000, "%s took %lld ms", what, ms() - from);
    bw_lesson_free(l);
}

/* As large as a lesson may be, of what parsers dislike: taken or refused, but soon. */
START_TEST(does_not_choke)
{
    static const char *const part[] = {
        "[", "{", "- ", "? ", "a: ", "\"", "!a ", "&a ", "\t", "|\n"};
    static const char *const mark[] = {"> ", "- ",    "*a ", "[a](", "`",
                                       "![", "&#27;", "_",   "1. ",  "<a "};

    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        bw_str_add(&text, HEAD "x: ");
        while (text.len < BW_LESSON_BYTES - 100)
            bw_str_add(&text, part[i]);
        bw_str_add(&text, "\n" STEPS BODY);
        expect_quickly(part[i], text.s, text.len);
    }
    for (size_t i = 0; i < sizeof mark / sizeof *mark; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        bw_str_add(&text, HEAD STEPS BODY);
        while (text.len < BW_LESSON_BYTES - 100)
            bw_str_add(&text, mark[i]);
        expect_quickly(mark[i], text.s, text.len);
    }
}
END_TEST

/* A lesson with any byte changed is taken or refused, and nothing worse. */
START_TEST(survives_any_byte)
{
    static const char text[] = GOAL("\"nspid == 1 and rising(cpu.usage_us)\"") "* a\n* b `c`\n";
    struct bw_err err = BW_ERR_INIT;
    char copy[sizeof text];

    srand(11);
    for (int i = 0; i < 20000; i++) {
        memcpy(copy, text, sizeof text);
        for (int k = rand() % 3; k >= 0; k--)
            copy[rand() % (int)(sizeof text - 1)] = (char)rand();
        bw_lesson_free(parse(copy, sizeof text - 1 - (size_t)(rand() % 20), &err));
    }
}
END_TEST

START_TEST(reads_no_more_than_a_lesson)
{
    char path[] = "/tmp/bwlesson.XXXXXX";
    int fd = mkstemp(path);
    struct bw_err err = BW_ERR_INIT;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, 100 << 20), 0);
    long long from = ms();
    ck_assert_ptr_null(bw_lesson_read(path, &err));
    ck_assert_int_lt(ms() - from, 200);
    ck_assert_ptr_nonnull(strstr(err.cause, ":1:1: larger than a lesson may be, 256 KiB"));
    ck_assert_int_eq(err.status, BW_USAGE);
    close(fd);
    unlink(path);
    /* Nothing that waits, and nothing without an end. */
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(bw_lesson_read(path, &err));
    ck_assert_ptr_nonnull(strstr(err.cause, "not a regular file"));
    unlink(path);
    ck_assert_ptr_null(bw_lesson_read("/dev/zero", &err));
    ck_assert_ptr_null(bw_lesson_read("/nosuch/lesson.md", &err));
    ck_assert_int_eq(err.code, 2);
}
END_TEST

static void print(const char *markdown, int width, bool colour, struct bw_str *out)
{
    struct bw_rich rich = {0};
    struct bw_fault f = {0};
    struct bw_out o;

    ck_assert_int_eq(bw_rich_parse(markdown, strlen(markdown), 1, &rich, &f), 0);
    bw_out_string(&o, out);
    o.colour[BW_MSG] = colour;
    bw_rich_print(&rich, &o, BW_MSG, width);
    bw_rich_free(&rich);
}

START_TEST(fills_text_to_the_width)
{
    static const struct {
        const char *in, *out;
        int width;
        bool colour;
    } of[] = {
        {"one two three four five\n", "one two three four\nfive\n", 20, false},
        {"a **b** `c d` *e*.\n", "a b `c d` e.\n", 78, false},
        {"a **b**\n", "a \033[1mb\033[0m\n", 78, true},
        {"**`x`** `y`\n", "\033[1mx\033[0m \033[33my\033[0m\n", 78, true},
        {"- one\n- two\n", "- one\n- two\n", 78, false},
        {"- one two three four five\n", "- one two three four\n  five\n", 20, false},
        {"1. a\n2. b\n\nc\n", "1. a\n2. b\n\nc\n", 78, false},
        {"> q\n", "> q\n", 78, false},
        {"a\n\n    code  x\n\nb\n", "a\n\n    code  x\n\nb\n", 78, false},
        {"a  \nb\n", "a\nb\n", 78, false},
        {"&#27;[31m x&#x202e;y\n", "\\x1b[31m x\\xe2\\x80\\xaey\n", 78, false},
        {"### Head\n\n[t](u.md) and more\n", "Head\n\nt and more\n", 78, false},
        {"averyveryverylongwordthatisnotcut x\n", "averyveryverylongwordthatisnotcut\nx\n", 20,
         false},
        {"a\n\n***\n\nb\n", "a\n\n* * *\n\nb\n", 78, false},
    };

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        print(of[i].in, of[i].width, of[i].colour, &text);
        ck_assert_str_eq(bw_str_get(&text), of[i].out);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lesson");
    TCase *tc = tcase_create("lesson");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, takes_what_is_well_written);
    tcase_add_loop_test(tc, refuses_what_is_not, 0, sizeof bad / sizeof *bad);
    tcase_add_test(tc, takes_any_ends_of_lines);
    tcase_add_test(tc, does_not_choke);
    tcase_add_test(tc, survives_any_byte);
    tcase_add_test(tc, reads_no_more_than_a_lesson);
    tcase_add_test(tc, fills_text_to_the_width);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
