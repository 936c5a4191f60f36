/* Progress: what is written comes back, and what a power cut left is no trouble. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "lesson/lesson.h"
#include "lesson/progress.h"

static char home[] = "/tmp/bwprogress.XXXXXX";
static char file[64];
static struct bw_lesson_step steps[] = {{.id = "one"}, {.id = "two"}, {.id = "three"}};
static const struct bw_lesson lesson = {.id = "pid-ns", .hash = 7, .steps = steps, .n_steps = 3};

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(home));
    setenv("XDG_STATE_HOME", home, 1);
    snprintf(file, sizeof file, "%s/boxwright/progress", home);
}

static void finish(void)
{
    char folder[64];

    unlink(file);
    snprintf(folder, sizeof folder, "%s/boxwright", home);
    rmdir(folder);
    rmdir(home);
}

static void add(const char *step, uint64_t hash, char *commands)
{
    struct bw_done d = {.lesson = "pid-ns",
                        .hash = hash,
                        .hints = 2,
                        .solution = true,
                        .predicted = BW_WRONG,
                        .checks = 3,
                        .seconds = 40,
                        .commands = commands,
                        .typed = (char *)(size_t) "run 'a | b'\nundo"};
    struct bw_err err = BW_ERR_INIT;

    snprintf(d.step, sizeof d.step, "%s", step);
    ck_assert_msg(bw_progress_add(&d, &err) == 0, "%s %s", err.call, err.cause);
}

static size_t count(struct bw_progress *p)
{
    struct bw_err err = BW_ERR_INIT;

    ck_assert_msg(bw_progress_read(p, &err) == 0, "%s %s", err.call, err.cause);
    return p->n;
}

START_TEST(comes_back_as_it_was)
{
    struct bw_progress p;
    struct stat st;
    const char *commands;

    ck_assert_uint_eq(count(&p), 0);
    ck_assert_uint_eq(bw_progress_of(&p, &lesson, &commands), 0);
    add("one", 7, (char *)(size_t) "unshare pid\nhostname 'a % b | c .'");
    ck_assert_uint_eq(count(&p), 1);
    ck_assert_str_eq(p.v[0].commands, "unshare pid\nhostname 'a % b | c .'");
    ck_assert_str_eq(p.v[0].typed, "run 'a | b'\nundo");
    ck_assert_str_eq(p.v[0].step, "one");
    ck_assert_uint_eq(p.v[0].hash, 7);
    ck_assert_uint_eq(p.v[0].hints, 2);
    ck_assert_uint_eq(p.v[0].checks, 3);
    ck_assert_uint_eq(p.v[0].seconds, 40);
    ck_assert_int_eq(p.v[0].predicted, BW_WRONG);
    ck_assert(p.v[0].solution);
    ck_assert_uint_eq(bw_progress_of(&p, &lesson, &commands), 1);
    ck_assert_str_eq(commands, p.v[0].commands);
    bw_progress_free(&p);
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(counts_from_the_first_step_of_this_version)
{
    struct bw_progress p;

    add("two", 7, NULL);
    add("one", 8, NULL); /* another version of the lesson */
    count(&p);
    ck_assert_uint_eq(bw_progress_of(&p, &lesson, NULL), 0);
    bw_progress_free(&p);
    add("one", 7, NULL);
    count(&p);
    ck_assert_uint_eq(bw_progress_of(&p, &lesson, NULL), 2);
    bw_progress_free(&p);
    add("-", 7, NULL); /* begun anew */
    add("one", 7, NULL);
    count(&p);
    ck_assert_uint_eq(bw_progress_of(&p, &lesson, NULL), 1);
    bw_progress_free(&p);
}
END_TEST

/* Cut at each byte, the lines before are there, and the next one is not lost in the torn one. */
START_TEST(survives_a_torn_line)
{
    struct bw_progress p;
    BW_AUTO_STR whole = BW_STR_INIT;

    add("one", 7, (char *)(size_t) "unshare pid");
    add("two", 7, (char *)(size_t) "unshare uts");
    ck_assert_int_eq(bw_read_file(AT_FDCWD, file, &whole), 0);
    size_t first = strcspn(whole.s, "\n") + 1;
    for (size_t cut = first; cut < whole.len; cut++) {
        int fd = open(file, O_WRONLY | O_TRUNC);
        ck_assert_int_eq(bw_write_all(fd, whole.s, cut), 0);
        close(fd);
        ck_assert_uint_eq(count(&p), 1);
        bw_progress_free(&p);
        add("three", 7, NULL);
        /* What lacks nothing but its end is whole once a line follows it. */
        ck_assert_uint_eq(count(&p), cut == whole.len - 1 ? 3 : 2);
        ck_assert_str_eq(p.v[p.n - 1].step, "three");
        bw_progress_free(&p);
    }
}
END_TEST

START_TEST(takes_nothing_malformed)
{
    static const char good[] =
        "2026-11-25T01:20:33Z pid-ns 0000000000000007 one hints=1 solution=0 "
        "predicted=right checks=2 seconds=3 | unshare pid | unshare pid .";
    static const char *const bad[] = {
        "",
        "x",
        ".",
        " | ",
        " | | .",
        "a b c d e f g h i | x | y .",
        "2026-11-25T01:20:33Z pid-ns 07 one hints=1 solution=0 predicted=right checks=2 seconds=3 "
        "| a | b .",
        "2026-11-25T01:20:33Z PID 0000000000000007 one hints=1 solution=0 predicted=- checks=2 "
        "seconds=3 | a | b .",
        "2026-11-25T01:20:33Z pid-ns 0000000000000007 one hints=-1 solution=0 predicted=- checks=2 "
        "seconds=3 | a | b .",
        "2026-11-25T01:20:33Z pid-ns 0000000000000007 one hints=1 solution=0 predicted=maybe "
        "checks=2 seconds=3 | a | b .",
        "2026-11-25T01:20:33Z pid-ns 0000000000000007 one hints=1 solution=0 predicted=- checks=2 "
        "seconds=3 | a .",
    };
    struct bw_done d;

    ck_assert_int_eq(bw_progress_parse(good, sizeof good - 1, &d), 0);
    free(d.commands);
    free(d.typed);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(bw_progress_parse(bad[i], strlen(bad[i]), &d) == -1, "%s", bad[i]);
    for (size_t n = 0; n < sizeof good - 1; n++)
        ck_assert_int_eq(bw_progress_parse(good, n, &d), -1);
    srand(3);
    for (int i = 0; i < 50000; i++) {
        char copy[sizeof good];
        memcpy(copy, good, sizeof good);
        copy[rand() % (int)(sizeof good - 1)] = (char)rand();
        if (bw_progress_parse(copy, sizeof good - 1, &d) == 0) {
            free(d.commands);
            free(d.typed);
        }
    }
}
END_TEST

START_TEST(refuses_a_file_that_is_not_its_own)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_progress p;
    struct bw_done d = {.lesson = "a", .step = "b"};
    char other[64];

    add("one", 7, NULL);
    snprintf(other, sizeof other, "%s/other", home);
    ck_assert_int_eq(rename(file, other), 0);
    ck_assert_int_eq(symlink(other, file), 0);
    ck_assert_int_eq(bw_progress_read(&p, &err), -1);
    ck_assert_int_eq(bw_progress_add(&d, &err), -1);
    ck_assert_int_ne(err.todo[0], '\0');
    unlink(file);
    ck_assert_int_eq(mkfifo(file, 0600), 0);
    ck_assert_int_eq(bw_progress_read(&p, &err), -1);
    ck_assert_int_eq(bw_progress_add(&d, &err), -1);
    unlink(other);
}
END_TEST

START_TEST(is_told_as_json_and_as_a_script)
{
    struct bw_progress p;
    BW_AUTO_STR json = BW_STR_INIT, script = BW_STR_INIT;

    add("one", 7, (char *)(size_t) "unshare pid");
    add("-", 7, NULL);
    add("one", 7, (char *)(size_t) "unshare uts");
    count(&p);
    bw_progress_json(&p, &json);
    bw_progress_record(&p, &lesson, &script);
    ck_assert_ptr_nonnull(strstr(json.s,
                                 "\"lesson\": \"pid-ns\", \"version\": \"0000000000000007\", "
                                 "\"step\": \"one\", \"hints\": 2, \"solution\": true, "
                                 "\"predicted\": \"wrong\", \"checks\": 3, \"seconds\": 40}"));
    ck_assert_ptr_nonnull(strstr(json.s, "\"step\": null"));
    ck_assert_str_eq(script.s, "# lesson: pid-ns\n# step: one\nrun 'a | b'\nundo\n");
    bw_progress_free(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tc = tcase_create("progress");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, begin, finish);
    tcase_add_test(tc, comes_back_as_it_was);
    tcase_add_test(tc, counts_from_the_first_step_of_this_version);
    tcase_add_test(tc, survives_a_torn_line);
    tcase_add_test(tc, takes_nothing_malformed);
    tcase_add_test(tc, refuses_a_file_that_is_not_its_own);
    tcase_add_test(tc, is_told_as_json_and_as_a_script);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
