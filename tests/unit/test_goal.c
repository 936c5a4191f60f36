/* The language of goals, over snapshots that are made up. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/str.h"
#include "lesson/goal.h"

static struct bw_snapshot box, host, start;
static struct bw_mount mounts[] = {
    {.target = "/",
     .type = "ext4",
     .source = "/dev/vda",
     .options = "rw,relatime",
     .propagation = "shared:1",
     .root = "/",
     .dev = "8:1",
     .super = "rw"},
    {.target = "/proc",
     .type = "tmpfs",
     .source = "t",
     .options = "rw",
     .propagation = "",
     .root = "/",
     .dev = "0:5",
     .super = "rw"},
    {.target = "/proc",
     .type = "proc",
     .source = "proc",
     .options = "ro,nosuid",
     .propagation = "master:7",
     .root = "/",
     .dev = "0:6",
     .super = "rw"},
    {.target = "/lesson/box/proc",
     .type = "proc",
     .source = "proc",
     .options = "rw",
     .propagation = "shared:3 master:7",
     .root = "/",
     .dev = "0:7",
     .super = "rw"},
};
static struct bw_snap_process processes[] = {{100, 1, "bw-stage"}, {107, 2, "sleep"}};
static struct bw_ip address[] = {{2, {10, 0, 0, 2}, 24}, {2, {10, 0, 0, 3}, 24}};
static struct bw_link links[] = {{.index = 1, .name = "lo", .mtu = 65536},
                                 {.index = 2,
                                  .name = "eth0",
                                  .kind = "veth",
                                  .up = true,
                                  .mtu = 1500,
                                  .addr = address,
                                  .n_addr = 2}};
static struct bw_samples samples;

static void make_box(struct bw_snapshot *s)
{
    *s = (struct bw_snapshot){.pid = 100, .nspid = 1, .root = "/", .hostname = "box1"};
    for (int i = 0; i < BW_NS_COUNT; i++) {
        s->ns[i].inode = s->ns[i].for_children = 4026531830u + (unsigned)i;
        s->ns[i].host = s->ns[i].inode;
    }
    s->ns[BW_NS_UTS].inode = 4026532000u;
    s->ns[BW_NS_UTS].own = true;
    s->ns[BW_NS_PID].for_children = 0;
    s->n_uid_map = 2;
    s->uid_map[0] = (struct bw_id_range){0, 1000, 1};
    s->uid_map[1] = (struct bw_id_range){1, 100000, 65535};
    s->n_gid_map = -1;
    s->cg_version = BW_CG_HYBRID;
    s->cg_path[BW_CG_CPU] = "/boxwright-1-1/box";
    s->cg_path[BW_CG_PIDS] = "/";
    s->cg =
        (struct bw_cg_stats){50000, 100000, 2500000, 40, 7, 900000, -1, -1, -1, -1, -1, 3, -1, -1};
    s->mounts = (struct bw_mounts){mounts, 4};
    s->mounts_known = true;
    s->processes = processes;
    s->n_processes = 2;
    s->capabilities = 1u << 21 | 1;
    s->seccomp = 2;
    s->cap_bounding = 1;
    s->programs_seccomp = 2;
    s->programs_filter = 12;
    s->links = (struct bw_links){links, 2};
    s->links_known = true;
    s->no_new_privs = -1;
}

static struct bw_scene scene(void)
{
    make_box(&box);
    make_box(&host);
    make_box(&start);
    host.hostname = "host";
    host.ns[BW_NS_UTS].inode = 4026531832u;
    start.hostname = "old";
    start.cg.nr_throttled = 2;
    return (struct bw_scene){&box, &host, &start, &samples, "/lesson"};
}

static const struct {
    const char *text;
    enum bw_truth is;
} table[] = {
    {"nspid == 1", BW_TRUE},
    {"box.nspid == 1 and pid == 100", BW_TRUE},
    {"nspid != 1", BW_FALSE},
    {"hostname == \"box1\" and host.hostname == 'host'", BW_TRUE},
    {"start.hostname == \"old\"", BW_TRUE},
    {"own.uts and not own.pid", BW_TRUE},
    {"ns.uts != host.ns.uts", BW_TRUE},
    {"ns.pid != host.ns.pid", BW_FALSE},
    {"ns.pid_for_children == none", BW_TRUE},
    {"ns.pid_for_children != ns.pid", BW_TRUE},
    {"ns.time_for_children == ns.time", BW_TRUE},
    {"uid_map == 2", BW_TRUE},
    {"uid_map(0) == 1000", BW_TRUE},
    {"uid_map(2) == 100001", BW_TRUE},
    {"uid_map(70000) == none", BW_TRUE},
    {"uid_map(70000) > 3", BW_FALSE},
    {"gid_map(0) == 0", BW_UNSEEN},
    {"cgroups.version == \"hybrid\"", BW_TRUE},
    {"cgroups.path(\"cpu\") == \"/boxwright-1-1/box\"", BW_TRUE},
    {"cgroups.path(\"memory\") == \"/\"", BW_UNSEEN},
    {"cpu.quota_us / cpu.period_us == 50%", BW_TRUE},
    {"cpu.quota_us / cpu.period_us in 0.4..0.6", BW_TRUE},
    {"cpu.usage_us >= 2500ms", BW_TRUE},
    {"cpu.usage_us == 2s + 500ms", BW_TRUE},
    {"cpu.nr_throttled > start.cpu.nr_throttled", BW_TRUE},
    {"memory.limit <= 64M", BW_UNSEEN}, /* no such controller */
    {"pids.limit <= 20", BW_FALSE},     /* a controller, and no limit */
    {"pids.limit > 1000000", BW_TRUE},
    {"pids.current in 1..3", BW_TRUE},
    {"pids.current in 4..9", BW_FALSE},
    {"memory.current > 0 or nspid == 1", BW_TRUE},
    {"memory.current > 0 and nspid == 2", BW_FALSE},
    {"memory.current > 0 and nspid == 1", BW_UNSEEN},
    {"not memory.current > 0", BW_UNSEEN},
    {"mounts == 4", BW_TRUE},
    {"mount(\"/proc\")", BW_TRUE},
    {"mount(\"/nosuch\")", BW_FALSE},
    {"not mount(\"/nosuch\")", BW_TRUE},
    {"mount(\"/proc\").type == \"proc\"", BW_TRUE}, /* the last one made there */
    {"mount(\"/nosuch\").type == \"proc\"", BW_FALSE},
    {"mount(\"/nosuch\").type == none", BW_TRUE},
    {"mount(\"box/proc\").type == 'proc'", BW_TRUE},
    {"'ro' in mount(\"/proc\").options", BW_TRUE},
    {"'r' in mount(\"/proc\").options", BW_FALSE},
    {"mount(\"/\").propagation == \"shared\"", BW_TRUE},
    {"mount(\"/proc\").propagation == \"slave\"", BW_TRUE},
    {"mount(\"box/proc\").propagation == \"shared slave\"", BW_TRUE},
    {"process(\"sleep\")", BW_TRUE},
    {"process(\"sleep\").nspid == 2 and process(\"sleep\").pid == 107", BW_TRUE},
    {"process(\"nosuch\")", BW_FALSE},
    {"process(\"nosuch\").pid == 1", BW_FALSE},
    {"processes == 2 and processes(\"sleep\") == 1", BW_TRUE},
    {"capabilities == 2", BW_TRUE},
    {"capability(\"CAP_SYS_ADMIN\") and not capability(\"CAP_NET_ADMIN\")", BW_TRUE},
    {"seccomp == 2", BW_TRUE},
    {"capability_sets.bounding == 1 and capability_sets.bounding(\"CAP_CHOWN\")", BW_TRUE},
    {"capability_sets.ambient(\"CAP_CHOWN\")", BW_FALSE},
    {"programs.seccomp == 2 and programs.filter_instructions > 10", BW_TRUE},
    {"interfaces == 2", BW_TRUE},
    {"interface(\"lo\") and not interface(\"eth1\")", BW_TRUE},
    {"interface(\"lo\").up", BW_FALSE},
    {"interface(\"eth0\").up and interface(\"eth0\").kind == \"veth\"", BW_TRUE},
    {"\"10.0.0.2/24\" in interface(\"eth0\").addresses", BW_TRUE},
    {"\"10.0.0.2\" in interface(\"eth0\").addresses", BW_FALSE},
    {"interface(\"eth0\").addresses == interface(\"eth0\").addresses", BW_TRUE},
    {"interface(\"lo\").addresses == interface(\"eth0\").addresses", BW_FALSE},
    {"interface(\"eth0\").mtu == 1500", BW_TRUE},
    {"interface(\"eth1\").mtu == none", BW_TRUE},
    {"no_new_privs", BW_UNSEEN},
    {"1 + 2 * 3 == 7 and (1 + 2) * 3 == 9 and 7 - 2 - 1 == 4 and -1 < 0", BW_TRUE},
    {"1 / 0 == none", BW_TRUE},
    {"0.1 + 0.2 == 0.3", BW_TRUE},
    {"(\"a\" if nspid == 1 else \"b\") == \"a\"", BW_TRUE},
    {"false or true and false", BW_FALSE},
    {"rising(cpu.nr_throttled)", BW_UNSEEN}, /* no samples */
    {"rising(memory.current)", BW_UNSEEN},
};

START_TEST(is_worth_what_it_says)
{
    struct bw_scene s = scene();
    struct bw_fault f = {0};
    struct bw_goal *g = bw_goal_parse(table[_i].text, (struct bw_at){3, 5}, true, true, &f);

    ck_assert_msg(g != NULL, "%s: %s", table[_i].text, f.what);
    ck_assert_msg(bw_goal_holds(g, &s) == table[_i].is, "%s is %d", table[_i].text,
                  bw_goal_holds(g, &s));
    bw_goal_free(g);
}
END_TEST

static const struct {
    const char *text, *what;
    int col; /* from 0 */
} wrong[] = {
    {"", "a value is missing", 0},
    {"nspid", "takes true or false", 0},
    {"nspid ==", "a value is missing at the end", 8},
    {"nspid = 1", "written ==", 6},
    {"nspd == 1", "nspid?", 0},
    {"nspid == 1 nspid", "is expected here", 11},
    {"(nspid == 1", "a ) is missing", 11},
    {"nspid == \"x\"", "is compared with", 6},
    {"hostname == \"x", "not closed", 12},
    {"hostname < \"x\"", "takes a number", 9},
    {"mount.type == \"x\"", "no name mount.type", 0},
    {"mount(\"/x\").typ == \"x\"", "has the fields", 12},
    {"mount() == 1", "takes a text", 6},
    {"uid_map(x) == 1", "takes a number", 8},
    {"uid_map(99999999999) == 1", "32 bits", 8},
    {"cgroups.path(\"gpu\") == \"/\"", "no controller", 13},
    {"capability(\"SYS_ADMIN\")", "no capability", 11},
    {"start.ns.pid == 1", "built anew", 0},
    {"rising(1)", "name of a number", 7},
    {"slope(hostname) == 1", "name of a number", 6},
    {"not nspid", "takes true or false", 3},
    {"nspid and true", "takes true or false", 6},
    {"nspid == 3q", "a number ends in", 10},
    {"1 if nspid == 1", "an else is missing", 15},
    {"nspid == 1; system(\"x\")", "is expected here", 10},
    {"system(\"x\")", "no name system", 0},
};

START_TEST(is_refused_where_it_is_wrong)
{
    struct bw_fault f = {0};
    struct bw_goal *g = bw_goal_parse(wrong[_i].text, (struct bw_at){3, 5}, true, true, &f);

    ck_assert_msg(g == NULL, "%s was taken", wrong[_i].text);
    ck_assert_msg(strstr(f.what, wrong[_i].what) != NULL, "%s: %s", wrong[_i].text, f.what);
    ck_assert_int_eq(f.at.line, 3);
    ck_assert_msg(f.at.col == 5 + wrong[_i].col, "%s: column %d, %s", wrong[_i].text, f.at.col - 5,
                  f.what);
}
END_TEST

START_TEST(bounds_what_it_takes)
{
    static const char *const part[] = {"(", "not ", "-", "1 if true else ", "true and "};
    struct bw_fault f = {0};

    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        for (int k = 0; k < 20000; k++)
            bw_str_add(&text, part[i]);
        ck_assert_ptr_null(bw_goal_parse(text.s, (struct bw_at){1, 1}, true, true, &f));
        /* And where the length alone would do. */
        bw_str_clear(&text);
        for (size_t k = 0; k < 900 / strlen(part[i]); k++)
            bw_str_add(&text, part[i]);
        bw_str_add(&text, "true");
        bw_goal_free(bw_goal_parse(text.s, (struct bw_at){1, 1}, true, true, &f));
    }
}
END_TEST

static const struct {
    const char *text, *why;
} reasons[] = {
    {"ns.pid != host.ns.pid", "ns.pid is still 4026531830, as host.ns.pid is"},
    {"nspid == 2", "nspid is still 1"},
    {"hostname == \"x\"", "hostname is \"box1\""},
    {"own.pid", "pid is still shared with the host"},
    {"nspid == 1 and own.pid", "pid is still shared with the host"},
    {"own.pid or nspid == 2", "pid is still shared with the host, nspid is still 1"},
    {"not own.uts", "uts is still the box's own"},
    {"mount(\"/nosuch\").type == \"proc\"", "nothing is mounted on /nosuch"},
    {"mount(\"/nosuch\")", "nothing is mounted on /nosuch"},
    {"mount(\"/\").type == \"proc\"", "mount(\"/\").type is still \"ext4\""},
    {"not mount(\"/\")", "something is mounted on /"},
    {"process(\"x\")", "the box has no process called x"},
    {"memory.limit <= 64M", "memory.limit cannot be seen on this host"},
    {"pids.limit <= 20", "pids.limit is still without limit"},
    {"cpu.quota_us / cpu.period_us == 20%",
     "cpu.quota_us is still 50.0 ms, cpu.period_us is still 100.0 ms"},
    {"cpu.nr_throttled > 9", "cpu.nr_throttled is 7"},
    {"rising(cpu.nr_throttled)",
     "cpu.nr_throttled has not been watched long enough: let it run for a second or more"},
};

START_TEST(says_why_it_does_not_hold)
{
    struct bw_scene s = scene();
    struct bw_fault f = {0};
    BW_AUTO_STR why = BW_STR_INIT;
    struct bw_goal *g = bw_goal_parse(reasons[_i].text, (struct bw_at){1, 1}, true, true, &f);

    ck_assert_ptr_nonnull(g);
    ck_assert_int_ne(bw_goal_holds(g, &s), BW_TRUE);
    bw_goal_why(g, &s, &why);
    ck_assert_str_eq(bw_str_get(&why), reasons[_i].why);
    bw_goal_free(g);
}
END_TEST

static enum bw_truth holds(const char *text)
{
    struct bw_scene s = scene();
    struct bw_fault f = {0};
    struct bw_goal *g = bw_goal_parse(text, (struct bw_at){1, 1}, true, true, &f);

    ck_assert_msg(g != NULL, "%s: %s", text, f.what);
    ck_assert(bw_goal_sampled(g));
    enum bw_truth t = bw_goal_holds(g, &s);
    bw_goal_free(g);
    return t;
}

/* The samples are given away, so what is in them must not be static. */
static void add(long long ms, long long usage, long long throttled)
{
    struct bw_snapshot snap = {
        .cg = {.cpu_usage_us = usage, .nr_throttled = throttled, .mem_current = -1}};

    bw_samples_add(&samples, ms, &snap);
}

START_TEST(sees_what_goes_on)
{
    add(1000, 100, 3);
    ck_assert_int_eq(holds("rising(cpu.nr_throttled)"), BW_UNSEEN);
    add(1500, 250100, 3);
    ck_assert_int_eq(holds("slope(cpu.usage_us) > 0"), BW_UNSEEN);
    add(3000, 1000100, 3);
    ck_assert_int_eq(holds("slope(cpu.usage_us) == 500ms"), BW_TRUE);
    ck_assert_int_eq(holds("slope(cpu.usage_us) in 450ms..550ms"), BW_TRUE);
    ck_assert_int_eq(holds("rising(cpu.nr_throttled)"), BW_FALSE);
    ck_assert_int_eq(holds("rising(memory.current)"), BW_UNSEEN);
    add(3250, 1000100, 4);
    ck_assert_int_eq(holds("rising(cpu.nr_throttled)"), BW_TRUE);
    for (int i = 0; i < 3 * BW_SAMPLES; i++)
        add(4000 + i * 100, 1000100, 4);
    ck_assert_int_eq(holds("rising(cpu.nr_throttled) or slope(cpu.usage_us) > 0"), BW_FALSE);
    bw_samples_clear(&samples);
    ck_assert_int_eq((int)bw_samples_span(&samples), 0);
}
END_TEST

START_TEST(is_unseen_without_a_box)
{
    struct bw_scene s = scene();
    struct bw_fault f = {0};
    BW_AUTO_STR why = BW_STR_INIT;
    struct bw_goal *g = bw_goal_parse("nspid == 1", (struct bw_at){1, 1}, true, true, &f);

    s.box = NULL;
    ck_assert_int_eq(bw_goal_holds(g, &s), BW_UNSEEN);
    bw_goal_why(g, &s, &why);
    ck_assert_ptr_nonnull(strstr(why.s, "there is no box"));
    bw_goal_free(g);
}
END_TEST

START_TEST(has_a_text_for_predictions)
{
    static const struct {
        const char *text, *is;
    } of[] = {{"nspid", "1"},
              {"hostname", "box1"},
              {"own.uts", "true"},
              {"0.25", "0.25"},
              {"mount('/x').type", "none"},
              {"memory.peak", "unseen"},
              {"pids.limit", "no limit"},
              {"'x' if own.pid else 'y'", "y"}};
    struct bw_scene s = scene();
    struct bw_fault f = {0};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        struct bw_goal *g = bw_goal_parse(of[i].text, (struct bw_at){1, 1}, true, false, &f);
        ck_assert_ptr_nonnull(g);
        bw_goal_text(g, &s, &text);
        ck_assert_str_eq(text.s, of[i].is);
        bw_goal_free(g);
    }
}
END_TEST

/* The names of the documentation and those of the language are the same. */
START_TEST(documents_every_name)
{
    const char *names[128], *what[128];
    size_t n = bw_goal_names(names, what, 128);
    static char doc[65536];
    FILE *f = fopen("docs/LESSON_FORMAT.md", "r");

    if (!f) {
        printf("SKIP documents_every_name: not run from the top of the tree\n");
        return;
    }
    doc[fread(doc, 1, sizeof doc - 1, f)] = '\0';
    fclose(f);
    for (size_t i = 0; i < n; i++) {
        BW_AUTO_STR word = BW_STR_INIT;
        ck_assert_uint_gt(strlen(what[i]), 5);
        if (strncmp(names[i], "own.", 4) == 0)
            bw_str_add(&word, "`own.KIND`");
        else if (strncmp(names[i], "ns.", 3) == 0 && !strchr(names[i], '_'))
            bw_str_add(&word, "`ns.KIND`");
        else
            bw_str_addf(&word, "`%s", names[i]);
        ck_assert_msg(strstr(doc, word.s) != NULL, "%s is not documented", names[i]);
    }
}
END_TEST

#define LOOP(test, v) tcase_add_loop_test(tc, test, 0, sizeof(v) / sizeof *(v))

int main(void)
{
    Suite *suite = suite_create("goal");
    TCase *tc = tcase_create("goal");
    LOOP(is_worth_what_it_says, table);
    LOOP(is_refused_where_it_is_wrong, wrong);
    tcase_add_test(tc, bounds_what_it_takes);
    LOOP(says_why_it_does_not_hold, reasons);
    tcase_add_test(tc, sees_what_goes_on);
    tcase_add_test(tc, is_unseen_without_a_box);
    tcase_add_test(tc, has_a_text_for_predictions);
    tcase_add_test(tc, documents_every_name);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
