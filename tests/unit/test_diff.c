/* model/diff: the lines that two snapshots made by hand give. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/diff.h"
#include "model/snapshot.h"

static struct bw_snapshot a, b;

/* Two equal snapshots of a process in the host's namespaces. */
static void alike(void)
{
    memset(&a, 0, sizeof a);
    a.pid = a.nspid = 4711;
    a.root = (char *)(size_t) "/";
    a.hostname = (char *)(size_t) "host";
    for (int i = 0; i < BW_NS_COUNT; i++)
        a.ns[i].inode = a.ns[i].host = a.ns[i].for_children = 4026531836u + (unsigned)i;
    a.uid_map[0] = a.gid_map[0] = (struct bw_id_range){0, 0, 4294967295u};
    a.n_uid_map = a.n_gid_map = 1;
    a.cg = (struct bw_cg_stats){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    a.capabilities = 0;
    a.mounts_known = true;
    b = a;
}

static void own(enum bw_ns ns, uint64_t inode)
{
    b.ns[ns].inode = b.ns[ns].for_children = inode;
    b.ns[ns].own = true;
}

/* The lines, each ended by a newline. */
static const char *lines(unsigned parts)
{
    static struct bw_str text;
    struct bw_diff d;

    bw_diff_make(&a, &b, parts, &d);
    bw_str_clear(&text);
    for (size_t i = 0; i < d.n; i++)
        bw_str_addf(&text, "%s\n", d.line[i]);
    bw_diff_free(&d);
    ck_assert_uint_eq(d.n, 0);
    bw_diff_free(&d);
    return bw_str_get(&text);
}

START_TEST(finds_nothing)
{
    alike();
    ck_assert_str_eq(lines(BW_SNAP_ALL), "");
    b.processes = NULL;
    own(BW_NS_UTS, 4026532201u);
    ck_assert_str_eq(lines(BW_SNAP_MOUNTS | BW_SNAP_CGROUPS), "");
}
END_TEST

START_TEST(shows_namespaces)
{
    alike();
    own(BW_NS_UTS, 4026532201u);
    ck_assert_str_eq(lines(BW_SNAP_CORE), "uts     4026531838 -> 4026532201  own\n");
    alike();
    a.ns[BW_NS_NET].inode = 5;
    ck_assert_str_eq(lines(BW_SNAP_CORE), "net     5 -> 4026531840  shared\n");
    /* What could not be read is no change. */
    alike();
    b.ns[BW_NS_TIME].inode = b.ns[BW_NS_TIME].for_children = 0;
    ck_assert_str_eq(lines(BW_SNAP_CORE), "");
}
END_TEST

START_TEST(shows_namespaces_of_children)
{
    alike();
    b.ns[BW_NS_PID].for_children = 0;
    ck_assert_str_eq(lines(BW_SNAP_CORE),
                     "pid_for_children  4026531836 -> a new one, without a process yet\n");
    b.ns[BW_NS_TIME].for_children = 77;
    b.ns[BW_NS_PID].for_children = 4026531836u;
    ck_assert_str_eq(lines(BW_SNAP_CORE), "time_for_children  4026531843 -> 77\n");
    /* After the fork the process is where its children are: that is one line. */
    alike();
    a.ns[BW_NS_PID].for_children = 0;
    own(BW_NS_PID, 4026532202u);
    b.nspid = 1;
    ck_assert_str_eq(lines(BW_SNAP_CORE),
                     "pid     4026531836 -> 4026532202  own\nnspid   4711 -> 1\n");
}
END_TEST

START_TEST(shows_identity)
{
    alike();
    b.root = (char *)(size_t) "/container";
    b.hostname = NULL;
    b.uid_map[0] = (struct bw_id_range){0, 1000, 1};
    b.n_gid_map = 0;
    b.capabilities = 1u << 21;
    b.no_new_privs = 1;
    b.seccomp = 2;
    ck_assert_str_eq(lines(BW_SNAP_CORE),
                     "root    / -> /container\n"
                     "uid_map  0 inside is 1000 outside, count 1\n"
                     "gid_map  none yet: every ID reads as the overflow ID, 65534\n"
                     "capabilities  none -> CAP_SYS_ADMIN\n"
                     "no_new_privs  0 -> 1\nseccomp  0 -> 2\n");
    alike();
    b.n_uid_map = b.n_gid_map = b.no_new_privs = b.seccomp = -1;
    ck_assert_str_eq(lines(BW_SNAP_CORE), "");
}
END_TEST

START_TEST(shows_control_groups)
{
    alike();
    a.cg_path[BW_CG_CPU] = (char *)(size_t) "/";
    b.cg_path[BW_CG_CPU] = (char *)(size_t) "/boxwright-1-2/box";
    b.cg_path[BW_CG_PIDS] = (char *)(size_t) "/x"; /* before, it was not observed */
    a.cg.cpu_period_us = 100000;
    b.cg.cpu_period_us = 100000;
    b.cg.cpu_quota_us = 50000;
    b.cg.mem_limit = 67108864;
    b.cg.pids_limit = 20;
    /* Counters run by themselves: they are no change of a step. */
    b.cg.cpu_usage_us = 99;
    b.cg.mem_current = 77;
    ck_assert_str_eq(lines(BW_SNAP_CGROUPS),
                     "cgroup cpu  / -> /boxwright-1-2/box\n"
                     "cpu limit  50000 us of every 100000 us  50% of one core\n"
                     "memory limit  none -> 67108864 bytes\npids limit  none -> 20\n");
    a.cg = b.cg;
    b.cg.cpu_quota_us = b.cg.mem_limit = b.cg.pids_limit = -1;
    b.cg_path[BW_CG_CPU] = a.cg_path[BW_CG_CPU];
    b.cg_path[BW_CG_PIDS] = NULL;
    ck_assert_str_eq(lines(BW_SNAP_CGROUPS), "cpu limit  50000 us -> none\n"
                                             "memory limit  67108864 -> none\n"
                                             "pids limit  20 -> none\n");
}
END_TEST

static const char host[] = "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
                           "21 20 0:5 / /proc rw - proc proc rw\n"
                           "22 20 0:6 / /sys rw shared:2 - sysfs sysfs rw\n";

/* After /, /proc and /sys: the text of the second table, and the lines. */
static const struct {
    const char *name, *text, *lines;
} tables[] = {
    {"the same", host, ""},
    {"a copy of it, as unshare makes",
     "40 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
     "41 40 0:5 / /proc rw - proc proc rw\n42 40 0:6 / /sys rw shared:2 - sysfs sysfs rw\n",
     ""},
    {"made private",
     "40 1 8:1 / / rw,relatime - ext4 /dev/sda rw\n"
     "41 40 0:5 / /proc rw - proc proc rw\n42 40 0:6 / /sys rw - sysfs sysfs rw\n",
     "propagation  shared -> private  on 2 mounts\n"},
    {"a second proc over the first",
     "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n21 20 0:5 / /proc rw - proc proc rw\n"
     "22 20 0:6 / /sys rw shared:2 - sysfs sysfs rw\n23 21 0:9 / /proc rw - proc proc rw\n",
     "mount + /proc (proc)\n"},
    {"a fresh proc in its place",
     "40 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
     "41 40 0:9 / /proc rw,nosuid - proc proc rw\n"
     "42 40 0:6 / /sys rw shared:2 - sysfs sysfs rw\n",
     "mount + /proc (proc)\nmount - /proc (proc)\n"},
    {"one less, one read-only, one more",
     "20 1 8:1 / / ro,relatime shared:1 - ext4 /dev/sda rw\n21 20 0:5 / /proc rw - proc proc rw\n"
     "30 20 0:8 / /a\\040b rw - tmpfs none rw\n",
     "mount + /a b (tmpfs)\nmount - /sys (sysfs)\n"
     "mount   /  rw,relatime -> ro,relatime\n"},
    {"a root without a mount of its own: chroot", "",
     "mounts  3 -> 0  those that the new root does not hold are out of reach\n"},
    {"another root, proc moved along: pivot_root",
     "50 1 0:7 / / rw - tmpfs root rw\n21 50 0:5 / /proc rw - proc proc rw\n",
     "mount + / (tmpfs)\n"
     "mounts  3 -> 2  those that the new root does not hold are out of reach\n"},
};

START_TEST(shows_mounts)
{
    alike();
    ck_assert_int_eq(bw_mounts_parse(host, strlen(host), &a.mounts), 0);
    ck_assert_int_eq(bw_mounts_parse(tables[_i].text, strlen(tables[_i].text), &b.mounts), 0);
    ck_assert_msg(strcmp(lines(BW_SNAP_MOUNTS), tables[_i].lines) == 0, "%s: %s", tables[_i].name,
                  lines(BW_SNAP_MOUNTS));
    b.mounts_known = false;
    ck_assert_str_eq(lines(BW_SNAP_MOUNTS), "");
    bw_mounts_free(&a.mounts);
    bw_mounts_free(&b.mounts);
}
END_TEST

START_TEST(counts_many_mounts)
{
    BW_AUTO_STR text = BW_STR_INIT;

    alike();
    bw_str_add(&text, host);
    for (int i = 0; i < 3000; i++)
        bw_str_addf(&text, "%d 20 0:8 / /m%d rw - tmpfs none rw\n", 100 + i, i);
    ck_assert_int_eq(bw_mounts_parse(host, strlen(host), &a.mounts), 0);
    ck_assert_int_eq(bw_mounts_parse(text.s, text.len, &b.mounts), 0);
    const char *said = lines(BW_SNAP_MOUNTS);
    ck_assert_ptr_nonnull(strstr(said, "mount + /m0 (tmpfs)\n"));
    ck_assert_ptr_nonnull(strstr(said, "mount + 2992 more\n"));
    bw_mounts_free(&a.mounts);
    bw_mounts_free(&b.mounts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diff");
    TCase *tc = tcase_create("diff");

    tcase_add_test(tc, finds_nothing);
    tcase_add_test(tc, shows_namespaces);
    tcase_add_test(tc, shows_namespaces_of_children);
    tcase_add_test(tc, shows_identity);
    tcase_add_test(tc, shows_control_groups);
    tcase_add_loop_test(tc, shows_mounts, 0, (int)(sizeof tables / sizeof tables[0]));
    tcase_add_test(tc, counts_many_mounts);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
