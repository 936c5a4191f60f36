/* kern/probe: every row says what was seen and how to mend it, in time, and leaves the machine as
 * it was, for whoever runs it. */
#include <check.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/ns.h"
#include "kern/probe.h"

enum { MAX = 64 };

static struct bw_probe_row rows[MAX];

/* What a trial could have changed in this process or on the host. */
static void fingerprint(struct bw_str *out)
{
    static const char *const files[] = {"/proc/self/mountinfo", "/proc/sys/kernel/hostname",
                                        "/proc/self/uid_map", "/proc/self/cgroup",
                                        "/proc/self/status"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        ck_assert_int_eq(bw_read_file(AT_FDCWD, files[i], &text), 0);
        const char *caps = strstr(bw_str_get(&text), "CapInh:");
        const char *end = caps ? strstr(caps, "CapAmb:") : NULL;
        if (end)
            bw_str_addn(out, caps, (size_t)(end - caps)); /* the rest of status counts on */
        else
            bw_str_add(out, bw_str_get(&text));
    }
    for (int i = 0; i < BW_NS_COUNT; i++)
        bw_str_addf(out, "%llu\n", (unsigned long long)bw_ns_inode(getpid(), (enum bw_ns)i));
    int next = open("/dev/null", O_RDONLY); /* the next free descriptor: none is left open */
    bw_str_addf(out, "%d\n", next);
    close(next);
}

static void check_rows(void)
{
    BW_AUTO_STR before = BW_STR_INIT, after = BW_STR_INIT;
    struct timespec a, b;
    fingerprint(&before);
    clock_gettime(CLOCK_MONOTONIC, &a);
    size_t n = bw_probe_all(rows, MAX);
    clock_gettime(CLOCK_MONOTONIC, &b);
    fingerprint(&after);
    ck_assert_str_eq(before.s, after.s);
    ck_assert_uint_gt(n, 20);
    ck_assert_uint_lt(n, MAX);
    ck_assert_int_lt(b.tv_sec - a.tv_sec, 15);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(rows[i].what[0] && rows[i].found[0], "%s says nothing", rows[i].id);
        ck_assert_msg(rows[i].state != BW_PROBE_UNKNOWN, "%s", rows[i].id);
        ck_assert_msg((rows[i].state == BW_PROBE_OK) == (rows[i].fix[0] == '\0'), "%s: fix \"%s\"",
                      rows[i].id, rows[i].fix);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(rows[i].id, rows[k].id);
    }
    ck_assert(waitpid(-1, NULL, WNOHANG) <= 0); /* no child is left */
}

START_TEST(rows_are_whole)
{
    check_rows();
}
END_TEST

START_TEST(rows_are_whole_for_a_user)
{
    if (geteuid() != 0)
        return;
    ck_assert(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 &&
              setresuid(65534, 65534, 65534) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);
    check_rows();
    struct bw_probe_row row;
    ck_assert_int_eq(bw_probe_one("privilege", &row), 0);
    ck_assert_int_eq(row.state, BW_PROBE_LIMITED);
    ck_assert(strstr(row.found, "uid 65534") != NULL);
}
END_TEST

START_TEST(one_row_by_name)
{
    struct bw_probe_row row;
    ck_assert_int_eq(bw_probe_one("ns-uts", &row), 0);
    ck_assert_str_eq(row.id, "ns-uts");
    ck_assert_int_eq(bw_probe_one("ns-none", &row), -1);
    ck_assert_int_eq(bw_probe_one("", &row), -1);
    size_t n = bw_probe_all(rows, 3);
    ck_assert_uint_eq(n, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("probe");
    TCase *tc = tcase_create("probe");

    tcase_set_timeout(tc, 40);
    tcase_add_test(tc, rows_are_whole);
    tcase_add_test(tc, rows_are_whole_for_a_user);
    tcase_add_test(tc, one_row_by_name);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
