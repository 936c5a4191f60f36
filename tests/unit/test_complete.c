/* ui/complete: what Tab offers, from the command table and from folders made for the test. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "ui/complete.h"

/* The line (the cursor at its end), where the word begins, and all candidates; "..." at the end
 * stands for more of them. "+" marks one after which no blank comes. */
static const struct {
    const char *line;
    size_t start;
    const char *all;
} cases[] = {
    {"mountp", 0, "mountproc"},
    {"  unsha", 2, "unshare"},
    {"set; unsha", 5, "unshare"},
    {"set\nunsha", 4, "unshare"},
    {"sudo unsha", 5, "unshare"},
    {"nothing", 0, ""},
    {"unshare u", 8, "user|uts"},
    {"unshare pid u", 12, "user|uts"},
    {"unshare 'u", 8, "user|uts"},
    {"unshare \"u", 8, "user|uts"},
    {"unshare u\\t", 8, "uts"},
    {"unshare --map-r", 8, "--map-root-user"},
    {"unshare -r u", 11, "user|uts"},
    {"sudo unshare u", 13, "user|uts"},
    {"unshare x;", 10, "..."},
    {"# unsha", 2, ""},
    {"unshare pid # u", 14, ""},
    {"set v", 4, "verbose"},
    {"help unsh", 5, "unshare"},
    {"help name", 5, "namespaces"},
    {"help netw", 5, "network"},
    {"help priv", 5, "privilege"},
    {"nocommand u", 10, ""},
    {"cgexec -g mem", 10, "memory:+"},
    {"cgexec -g cpu,mem", 10, "cpu,memory:+"},
    {"cgexec -g nosuch:", 10, ""},
    {"explain EPER", 8, "EPERM"},
    {"save f", 5, "file one|folder/+"},
    {"box n", 4, "new"},
    {"box b", 4, "box"},
    {"box rm b", 7, "box"},
    {"box new web --s", 12, "--share"},
    {"save folder/", 5, "folder/inner"},
    {"save folder/.", 5, "folder/.hidden"},
    {"save 'file o", 5, "file one"},
    {"save file\\ o", 5, "file one"},
    {"save li", 5, "link/+"},
    {"save link/i", 5, "link/inner"},
    {"save dang", 5, "dangling"},
    {"save .h", 5, ""},
    {"save nosuch/x", 5, ""},
    {"save esc", 5, ""},
    {"run tool", 4, "tool-a"},
    {"run ./b", 4, "./bin/+"},
    {"run tool-a fol", 11, "folder/+"},
    {"host tool", 5, "tool-a"},
    {"kill -C", 5, "-CONT"},
    {"learn 02", 6, "02-hostname"},
    {"learn --present 02", 16, "02-hostname"},
    {"learn st", 6, "stop"},
    {"learn ./fo", 6, "./folder/+"},
    {"learn folder/i", 6, "folder/inner"},
    {"learn reset l", 12, "lesson"},
};

static char folder[] = "/tmp/bwcomplete.XXXXXX";
static struct bw_session s;
static struct bw_out out;
static struct bw_str said;

static void touch(const char *name, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, mode);

    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("folder", 0755), 0);
    ck_assert_int_eq(mkdir("bin", 0755), 0);
    touch("file one", 0644);
    touch("folder/inner", 0644);
    touch("folder/.hidden", 0644);
    touch("esc\033[2Jape", 0644);
    touch("bin/tool-a", 0755);
    touch("bin/tool-b", 0644);
    ck_assert_int_eq(mkdir("bin/tool-c", 0755), 0);
    ck_assert_int_eq(symlink("folder", "link"), 0);
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "relative:/nonexistent:%s/bin", folder);
    setenv("PATH", path.s, 1);
}

static void remove_folder(void)
{
    static const char *const names[] = {"folder/inner",  "folder/.hidden", "file one",
                                        "esc\033[2Jape", "bin/tool-a",     "bin/tool-b",
                                        "link",          "dangling"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    rmdir("bin/tool-c");
    rmdir("bin");
    rmdir("folder");
    ck_assert_int_eq(rmdir(folder), 0);
}

static void open_session(void)
{
    bw_out_string(&out, &said);
    bw_session_open(&s, &out);
}

static void close_session(void)
{
    bw_session_close(&s);
    bw_str_free(&said);
}

START_TEST(offers)
{
    struct bw_candidates c;
    BW_AUTO_STR got = BW_STR_INIT;
    const char *line = cases[_i].line, *all = cases[_i].all;
    size_t n = strlen(all);

    bw_complete(&s, line, strlen(line), &c);
    for (size_t i = 0; i < c.n; i++)
        bw_str_addf(&got, "%s%s%s", i > 0 ? "|" : "", c.v[i].word, c.v[i].open ? "+" : "");
    if (n >= 3 && strcmp(all + n - 3, "...") == 0)
        ck_assert_msg(got.len > n && strncmp(got.s, all, n - 3) == 0, "%s", got.s);
    else
        ck_assert_str_eq(bw_str_get(&got), all);
    if (n > 0)
        ck_assert_uint_eq(c.start, cases[_i].start);
    bw_candidates_free(&c);
}
END_TEST

/* What stands after the cursor does not matter. */
START_TEST(looks_before_the_cursor_only)
{
    struct bw_candidates c;

    bw_complete(&s, "unsha pid", 5, &c);
    ck_assert_uint_eq(c.n, 1);
    ck_assert_uint_eq(c.start, 0);
    bw_candidates_free(&c);
}
END_TEST

START_TEST(offers_every_command)
{
    struct bw_candidates c;

    bw_complete(&s, "", 0, &c);
    ck_assert_uint_gt(c.n, 0);
    ck_assert_ptr_nonnull(bw_command_at(c.n - 1));
    ck_assert_ptr_null(bw_command_at(c.n));
    ck_assert_uint_eq(c.common, 0);
    for (size_t i = 1; i < c.n; i++)
        ck_assert_int_lt(strcmp(c.v[i - 1].word, c.v[i].word), 0);
    bw_candidates_free(&c);
}
END_TEST

START_TEST(knows_what_is_common)
{
    struct bw_candidates c;

    bw_complete(&s, "unshare u", 9, &c);
    ck_assert_uint_eq(c.common, 1);
    bw_candidates_free(&c);
    bw_complete(&s, "save folder/inner", 17, &c);
    ck_assert_uint_eq(c.common, strlen("folder/inner"));
    ck_assert_uint_eq(c.shown, strlen("folder/"));
    bw_candidates_free(&c);
}
END_TEST

/* Any bytes: nothing is read out of bounds, the word begins before the cursor. */
START_TEST(survives_noise)
{
    static const char bytes[] = " ;'\"\\#\nab/-:,.\xc3\xbc$u";
    char line[40];
    unsigned seed = (unsigned)_i + 1;

    for (int round = 0; round < 400; round++) {
        size_t n = (size_t)rand_r(&seed) % sizeof line;
        for (size_t i = 0; i < n; i++)
            line[i] = bytes[(size_t)rand_r(&seed) % (sizeof bytes - 1)];
        BW_AUTO_STR copy = BW_STR_INIT;
        bw_str_addn(&copy, line, n);
        struct bw_candidates c;
        bw_complete(&s, bw_str_get(&copy), n, &c);
        ck_assert_uint_le(c.start, n);
        bw_candidates_free(&c);
    }
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("complete");
    TCase *tc = tcase_create("complete");

    tcase_add_unchecked_fixture(tc, make_folder, remove_folder);
    tcase_add_checked_fixture(tc, open_session, close_session);
    tcase_add_loop_test(tc, offers, 0, COUNT(cases));
    tcase_add_test(tc, looks_before_the_cursor_only);
    tcase_add_test(tc, offers_every_command);
    tcase_add_test(tc, knows_what_is_common);
    tcase_add_loop_test(tc, survives_noise, 0, 5);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
