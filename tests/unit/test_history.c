/* ui/history: what is kept, with which modes, and what becomes of a file that has grown. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "ui/history.h"

static char folder[] = "/tmp/bwhistory.XXXXXX";
static char file[192], parent[128];
static struct bw_str loaded;
static size_t n_loaded;

static void add(const char *command)
{
    bw_str_addf(&loaded, "%s|", command);
    n_loaded++;
}

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(parent, sizeof parent, "%s/a/boxwright", folder);
    snprintf(file, sizeof file, "%s/history", parent);
    char state[128];
    snprintf(state, sizeof state, "%s/a", folder);
    setenv("XDG_STATE_HOME", state, 1);
}

static void end(void)
{
    char a[128];

    snprintf(a, sizeof a, "%s/a", folder);
    unlink(file);
    rmdir(parent);
    rmdir(a);
    rmdir(folder);
    bw_str_free(&loaded);
}

static void write_file(const char *text)
{
    bw_history_append("x");
    int fd = open(file, O_WRONLY | O_TRUNC);
    ck_assert_int_eq(bw_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

START_TEST(keeps_commands_in_order)
{
    bw_history_append("unshare pid");
    bw_history_append("run sh -c 'a\nb'");
    bw_history_append("# a comment \\");
    bw_history_append("");
    bw_history_append("quit");
    bw_history_load(add);
    ck_assert_str_eq(bw_str_get(&loaded), "unshare pid|run sh -c 'a\nb'|quit|");
}
END_TEST

START_TEST(is_private)
{
    struct stat st;

    umask(0);
    bw_history_append("quit");
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    ck_assert_int_eq(stat(parent, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0700);
    chmod(file, 0644);
    bw_history_append("quit");
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(is_cut)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct stat st;

    for (int i = 0; i < 3 * BW_HISTORY_MAX; i++)
        bw_str_addf(&text, "run echo %d\n", i);
    write_file(text.s);
    bw_history_load(add);
    ck_assert_uint_eq(n_loaded, BW_HISTORY_MAX);
    ck_assert(bw_str_starts(loaded.s, "run echo 2000|"));
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_lt(st.st_size, (off_t)text.len / 2);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(survives_one_long_line)
{
    BW_AUTO_STR text = BW_STR_INIT;

    for (int i = 0; i < 400 * 1024; i++)
        bw_str_addc(&text, 'a');
    bw_str_add(&text, "\nquit\n");
    write_file(text.s);
    bw_history_load(add);
    ck_assert_str_eq(bw_str_get(&loaded), "quit|");
}
END_TEST

START_TEST(survives_a_long_line_without_an_end)
{
    BW_AUTO_STR text = BW_STR_INIT;

    bw_str_add(&text, "first\n");
    for (int i = 0; i < 300 * 1024; i++)
        bw_str_addc(&text, 'x');
    write_file(text.s);
    bw_history_load(add);
    ck_assert_uint_eq(n_loaded, 0);
    bw_history_append("ls");
    bw_history_load(add);
    ck_assert_str_eq(bw_str_get(&loaded), "ls|");
}
END_TEST

START_TEST(follows_no_link)
{
    char target[128];
    struct stat st;

    bw_history_append("x");
    unlink(file);
    snprintf(target, sizeof target, "%s/a/victim", folder);
    ck_assert_int_eq(symlink(target, file), 0);
    bw_history_append("quit");
    ck_assert_int_ne(lstat(target, &st), 0);
}
END_TEST

START_TEST(does_without)
{
    setenv("XDG_STATE_HOME", "relative", 1);
    unsetenv("HOME");
    bw_history_append("quit");
    bw_history_load(add);
    ck_assert_uint_eq(n_loaded, 0);
    setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
    bw_history_append("quit");
    bw_history_load(add);
    ck_assert_uint_eq(n_loaded, 0);
}
END_TEST

START_TEST(takes_no_file_of_another_place)
{
    char other[160];
    struct stat st;

    bw_history_append("mine");
    snprintf(other, sizeof other, "%s/other", folder);
    ck_assert_int_eq(link(file, other), 0);
    ck_assert_int_eq(stat(other, &st), 0);
    off_t before = st.st_size;
    bw_history_append("more");
    ck_assert_int_eq(stat(other, &st), 0);
    ck_assert_int_eq(st.st_size, before);
    unlink(other);
}
END_TEST

START_TEST(follows_no_link_to_its_folder)
{
    char a[128], other[160], there[192];

    snprintf(a, sizeof a, "%s/a", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    snprintf(there, sizeof there, "%s/history", other);
    ck_assert_int_eq(mkdir(a, 0700), 0);
    ck_assert_int_eq(mkdir(other, 0700), 0);
    ck_assert_int_eq(symlink(other, parent), 0);
    bw_history_append("secret");
    ck_assert_int_ne(access(there, F_OK), 0);
    unlink(parent);
    unlink(there);
    rmdir(other);
}
END_TEST

/* sudo with the user's HOME: the folders on the way are the user's, who may swap them. */
START_TEST(takes_no_folder_of_another_user)
{
    char a[128];
    struct stat st;

    if (geteuid() != 0) {
        printf("SKIP takes_no_folder_of_another_user: needs root\n");
        return;
    }
    snprintf(a, sizeof a, "%s/a", folder);
    ck_assert_int_eq(mkdir(a, 0700), 0);
    ck_assert_int_eq(chown(a, 65534, 65534), 0);
    bw_history_append("secret");
    ck_assert_int_ne(stat(parent, &st), 0);
    ck_assert_int_eq(mkdir(parent, 0700), 0);
    ck_assert_int_eq(chown(parent, 65534, 65534), 0);
    bw_history_append("secret");
    ck_assert_int_ne(stat(file, &st), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tc = tcase_create("history");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, keeps_commands_in_order);
    tcase_add_test(tc, is_private);
    tcase_add_test(tc, is_cut);
    tcase_add_test(tc, survives_one_long_line);
    tcase_add_test(tc, survives_a_long_line_without_an_end);
    tcase_add_test(tc, follows_no_link);
    tcase_add_test(tc, does_without);
    tcase_add_test(tc, takes_no_file_of_another_place);
    tcase_add_test(tc, follows_no_link_to_its_folder);
    tcase_add_test(tc, takes_no_folder_of_another_user);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
