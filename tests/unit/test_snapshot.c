/* model/snapshot: what is printed and written as JSON of a snapshot made by hand. */
#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "model/snapshot.h"

static char *text(const char *s)
{
    return bw_strdup(s);
}

/* A box whose names were chosen by somebody hostile. */
static void make(struct bw_snapshot *s)
{
    memset(s, 0, sizeof *s);
    s->pid = 812;
    s->nspid = 1;
    s->root = text("/con\ttainer \"x\" [ { , } ]");
    s->hostname = text("b\xc3\xa4r\x1b[31m\xff\xc2\x9b\xf0\x9f\x90\x8b\x7f");
    for (int i = 0; i < BW_NS_COUNT; i++) {
        s->ns[i].host = 4026531836u + (unsigned)i;
        s->ns[i].inode = s->ns[i].for_children = i == BW_NS_NET ? 4026532999u : s->ns[i].host;
        s->ns[i].own = i == BW_NS_NET;
    }
    s->ns[BW_NS_PID].for_children = 0;
    s->ns[BW_NS_TIME].inode = s->ns[BW_NS_TIME].host = s->ns[BW_NS_TIME].for_children = 0;
    s->uid_map[0] = (struct bw_id_range){0, 1000, 1};
    s->uid_map[1] = (struct bw_id_range){1, 100000, 65536};
    s->n_uid_map = 2;
    s->n_gid_map = -1;
    s->cg_version = BW_CG_HYBRID;
    s->cg_path[BW_CG_CPU] = text("/boxwright-1-2/box");
    s->cg_path[BW_CG_PIDS] = text("/");
    s->cg = (struct bw_cg_stats){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    s->cg.cpu_period_us = 100000;
    s->cg.nr_periods = 0;
    s->cap_bounding = 1u << 5;
    s->capabilities = UINT64_C(1) << 21 | UINT64_C(1) << 60;
    s->no_new_privs = -1;
    s->seccomp = 2;
    s->processes = bw_alloc(sizeof *s->processes);
    s->processes[0] = (struct bw_snap_process){812, 1, "sh\n"};
    s->n_processes = 1;
    static const char table[] = "1 0 0:1 / / ro - ext4 /dev/sda rw\n";
    s->mounts_known = bw_mounts_parse(table, strlen(table), &s->mounts) == 0;
}

static const char json[] =
    "{\"boxwright\": \"" BW_VERSION "\", \"pid\": 812, \"nspid\": 1, "
    "\"root\": \"/con\\ttainer \\\"x\\\" [ { , } ]\", "
    "\"hostname\": \"b\\u00e4r\\u001b[31m\\ufffd\\u009b\\ud83d\\udc0b\\u007f\", "
    "\"namespaces\": {"
    "\"pid\": {\"inode\": 4026531836, \"host\": 4026531836, \"own\": false, "
    "\"for_children\": null}, "
    "\"mnt\": {\"inode\": 4026531837, \"host\": 4026531837, \"own\": false}, "
    "\"uts\": {\"inode\": 4026531838, \"host\": 4026531838, \"own\": false}, "
    "\"ipc\": {\"inode\": 4026531839, \"host\": 4026531839, \"own\": false}, "
    "\"net\": {\"inode\": 4026532999, \"host\": 4026531840, \"own\": true}, "
    "\"user\": {\"inode\": 4026531841, \"host\": 4026531841, \"own\": false}, "
    "\"cgroup\": {\"inode\": 4026531842, \"host\": 4026531842, \"own\": false}, "
    "\"time\": {\"inode\": null, \"host\": null, \"own\": false, \"for_children\": null}}, "
    "\"uid_map\": [[0, 1000, 1], [1, 100000, 65536]], \"gid_map\": null, "
    "\"cgroups\": {\"version\": \"hybrid\", "
    "\"path\": {\"cpu\": \"/boxwright-1-2/box\", \"pids\": \"/\"}, "
    "\"cpu\": {\"quota_us\": null, \"period_us\": 100000, \"usage_us\": null, "
    "\"nr_periods\": 0, \"nr_throttled\": null, \"throttled_us\": null}, "
    "\"memory\": {\"limit\": null, \"current\": null, \"peak\": null, \"oom_kill\": null}, "
    "\"pids\": {\"limit\": null, \"current\": null}, "
    "\"io\": {\"rbytes\": null, \"wbytes\": null}}, "
    "\"mounts\": [{\"target\": \"/\", \"type\": \"ext4\", \"source\": \"/dev/sda\", "
    "\"options\": \"ro\"}], "
    "\"processes\": [{\"pid\": 812, \"nspid\": 1, \"comm\": \"sh\\n\"}], "
    "\"capabilities\": [\"CAP_SYS_ADMIN\", \"CAP_60\"], "
    "\"capability_sets\": {\"permitted\": [], \"inheritable\": [], \"bounding\": [\"CAP_KILL\"], "
    "\"ambient\": []}, "
    "\"no_new_privs\": null, \"seccomp\": 2, \"programs\": null, \"interfaces\": null}";

START_TEST(writes_json)
{
    struct bw_snapshot s;
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR out = BW_STR_INIT;

    make(&s);
    if (bw_snapshot_json(&s, &out, &err)) {
        printf("SKIP writes_json: %s\n", err.cause);
        bw_snapshot_free(&s);
        return;
    }
    ck_assert_str_eq(out.s, json);
    bw_snapshot_free(&s);
}
END_TEST

START_TEST(prints_safely)
{
    struct bw_snapshot s;
    struct bw_out out;
    BW_AUTO_STR all = BW_STR_INIT;

    make(&s);
    bw_out_string(&out, &all);
    bw_snapshot_print(&s, &out);
    for (size_t i = 0; i < all.len; i++)
        ck_assert_msg(all.s[i] == '\n' || (unsigned char)all.s[i] >= 0x20, "byte %#x in\n%s",
                      (unsigned)all.s[i], all.s);
    ck_assert_ptr_null(strstr(all.s, "\xc2\x9b"));
    ck_assert_ptr_null(strchr(all.s, 0x7f));
    static const char *const said[] = {
        "pid           812 outside, 1 inside\n",
        "net           4026532999  4026531840   own\n",
        "pid           4026531836  4026531836   shared  its children: a new one, without",
        "time          not in this kernel\n",
        "uid_map       0 inside is 1000 outside, count 1\n",
        "              1 inside is 100000 outside, count 65536\n",
        "gid_map       cannot be read\n",
        "cgroup        hybrid",
        "cpu           /boxwright-1-2/box\n              no limit, used n/a\n",
        "pids          /\n              n/a, no limit\n",
        "capabilities  CAP_SYS_ADMIN CAP_60\n",
        "no_new_privs  n/a\nseccomp       filter\n",
        "              1         812       sh\\x0a\n",
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        ck_assert_msg(strstr(all.s, said[i]) != NULL, "no \"%s\" in\n%s", said[i], all.s);
    bw_snapshot_free(&s);
}
END_TEST

START_TEST(prints_units)
{
    struct bw_snapshot s;
    struct bw_out out;
    BW_AUTO_STR all = BW_STR_INIT;

    make(&s);
    s.cg_path[BW_CG_MEMORY] = text("/m");
    s.cg_path[BW_CG_IO] = text("/io");
    s.cg = (struct bw_cg_stats){50000,    100000,   1234567, 100, 45, 900,  64 << 20,
                                12345678, 20000000, 3,       20,  2,  1023, INT64_MAX};
    bw_out_string(&out, &all);
    bw_snapshot_print(&s, &out);
    static const char *const said[] = {
        "limit 50% of one core (50000 us of every 100000 us), used 1.23 s\n",
        "45 of 100 periods throttled, for 900 us\n",
        "11.8 MiB of 64.0 MiB, peak 19.1 MiB, OOM kills 3\n",
        "2 of 20\n",
        "read 1023 B, written 8.0 EiB\n",
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        ck_assert_msg(strstr(all.s, said[i]) != NULL, "no \"%s\" in\n%s", said[i], all.s);
    bw_snapshot_free(&s);
}
END_TEST

START_TEST(names_capabilities)
{
    ck_assert_str_eq(bw_cap_name(0), "CAP_CHOWN");
    ck_assert_str_eq(bw_cap_name(21), "CAP_SYS_ADMIN");
    ck_assert_str_eq(bw_cap_name(40), "CAP_CHECKPOINT_RESTORE");
    ck_assert_ptr_null(bw_cap_name(41));
    ck_assert_ptr_null(bw_cap_name(64));
}
END_TEST

static const struct {
    uint64_t set;
    const char *said;
} sets[] = {
    {0, "none"},
    {1, "CAP_CHOWN"},
    {UINT64_C(1) << 24 | 1, "CAP_CHOWN CAP_SYS_RESOURCE"},
    {UINT64_C(1) << 63, "CAP_63"},
    {UINT64_MAX, "full"},
    {UINT64_MAX & ~(UINT64_C(1) << 24), "full but CAP_SYS_RESOURCE"},
};

START_TEST(describes_capabilities)
{
    BW_AUTO_STR out = BW_STR_INIT;

    bw_cap_describe(sets[_i].set, &out);
    ck_assert_str_eq(bw_str_get(&out), sets[_i].said);
}
END_TEST

START_TEST(frees_twice)
{
    struct bw_snapshot s;

    make(&s);
    bw_snapshot_free(&s);
    ck_assert_ptr_null(s.root);
    bw_snapshot_free(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tc = tcase_create("snapshot");

    tcase_add_test(tc, writes_json);
    tcase_add_test(tc, prints_safely);
    tcase_add_test(tc, prints_units);
    tcase_add_test(tc, names_capabilities);
    tcase_add_loop_test(tc, describes_capabilities, 0, (int)(sizeof sets / sizeof sets[0]));
    tcase_add_test(tc, frees_twice);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
