/* base/out: streams, colour, tables, and a full disk. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/out.h"
#include "base/str.h"

START_TEST(string_sink_has_both_streams)
{
    struct bw_out o;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_out_string(&o, &text);
    bw_data(&o, "%s ", "data");
    bw_msg(&o, "%d", 7);
    bw_msg(&o, "%s", "");
    ck_assert_str_eq(text.s, "data 7");
    ck_assert(!o.colour[BW_DATA] && !o.colour[BW_MSG]);
    ck_assert_int_eq(o.width, 0);
}
END_TEST

static const struct {
    enum bw_style style;
    bool colour;
    const char *in, *out;
} styled[] = {
    {BW_BAD, false, "refused\n", "refused\n"},
    {BW_PLAIN, true, "plain\n", "plain\n"},
    {BW_BAD, true, "refused\n", "\033[1;31mrefused\033[0m\n"},
    {BW_GOOD, true, "own", "\033[32mown\033[0m"},
    {BW_BOLD, true, "\n", "\n"},
    {BW_DIM, true, "", ""},
    {BW_NOTE, true, "x", "\033[33mx\033[0m"},
};

START_TEST(styles)
{
    struct bw_out o;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_out_string(&o, &text);
    o.colour[BW_MSG] = styled[_i].colour;
    bw_put(&o, BW_MSG, styled[_i].style, "%s", styled[_i].in);
    ck_assert_str_eq(bw_str_get(&text), styled[_i].out);
    bw_str_clear(&text);
    bw_put(&o, BW_DATA, styled[_i].style, "%s", styled[_i].in);
    ck_assert_str_eq(bw_str_get(&text), styled[_i].in);
}
END_TEST

START_TEST(what_was_not_made_safe_drives_no_terminal)
{
    BW_AUTO_STR into = BW_STR_INIT;
    struct bw_out o;

    bw_out_string(&o, &into);
    bw_data(&o, "%s\tx\n", "a\033[2J\x9b\xc2\x9b\xe2\x80\xae\r");
    ck_assert_str_eq(bw_str_get(&into), "a\\x1b[2J\\x9b\\xc2\\x9b\\xe2\\x80\\xae\\x0d\tx\n");
}
END_TEST

START_TEST(table_is_aligned)
{
    static const char *const cells[] = {"name", "inode",       "own", "pid", "4026531836",
                                        NULL,   "gr\xc3\xbcn", "1",   "yes"};
    struct bw_out o;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_out_string(&o, &text);
    bw_table(&o, BW_DATA, cells, 3, 3);
    ck_assert_str_eq(text.s, "name  inode       own\n"
                             "pid   4026531836\n"
                             "gr\xc3\xbcn  1           yes\n");
    bw_str_clear(&text);
    o.colour[BW_DATA] = true;
    bw_table(&o, BW_DATA, cells, 1, 3);
    ck_assert_str_eq(text.s, "\033[1mname  inode  own\033[0m\n");
}
END_TEST

START_TEST(stdio_sink)
{
    struct bw_out o;
    int ends[2];
    char buf[32];

    ck_assert_int_eq(pipe(ends), 0);
    int saved = dup(STDOUT_FILENO);
    ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    bw_out_stdio(&o);
    bw_put(&o, BW_DATA, BW_BAD, "to the pipe\n");
    dup2(saved, STDOUT_FILENO);
    /* A pipe is no terminal: no colour. */
    ck_assert(!o.colour[BW_DATA]);
    ck_assert_int_eq(o.failed, 0);
    ck_assert_int_eq(read(ends[0], buf, sizeof buf), 12);
    ck_assert_mem_eq(buf, "to the pipe\n", 12);
}
END_TEST

/* On a terminal of its own, with the variables that decide. */
static const struct {
    const char *term, *no_color;
    bool colour;
} terminals[] = {
    {"xterm", NULL, true}, {"xterm", "", true}, {"xterm", "1", false},
    {"dumb", NULL, false}, {NULL, NULL, false}, {"", NULL, false},
};

START_TEST(colour_on_a_terminal)
{
    struct bw_out o;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master) | unlockpt(master), 0);
    int tty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(tty, 0);
    if (terminals[_i].term != NULL)
        setenv("TERM", terminals[_i].term, 1);
    else
        unsetenv("TERM");
    if (terminals[_i].no_color != NULL)
        setenv("NO_COLOR", terminals[_i].no_color, 1);
    else
        unsetenv("NO_COLOR");
    int saved = dup(STDERR_FILENO);
    dup2(tty, STDERR_FILENO);
    bw_out_stdio(&o);
    dup2(saved, STDERR_FILENO);
    ck_assert(o.colour[BW_MSG] == terminals[_i].colour);
}
END_TEST

START_TEST(full_disk_is_noticed)
{
    struct bw_out o;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    if (full < 0) {
        puts("SKIP out: /dev/full is missing");
        return;
    }
    int saved = dup(STDOUT_FILENO);
    bw_out_stdio(&o);
    dup2(full, STDOUT_FILENO);
    bw_data(&o, "lost\n");
    dup2(saved, STDOUT_FILENO);
    ck_assert_int_eq(o.failed, ENOSPC);
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("out");
    TCase *tc = tcase_create("out");

    tcase_add_test(tc, string_sink_has_both_streams);
    tcase_add_loop_test(tc, styles, 0, COUNT(styled));
    tcase_add_test(tc, what_was_not_made_safe_drives_no_terminal);
    tcase_add_test(tc, table_is_aligned);
    tcase_add_test(tc, stdio_sink);
    tcase_add_loop_test(tc, colour_on_a_terminal, 0, COUNT(terminals));
    tcase_add_test(tc, full_disk_is_noticed);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
