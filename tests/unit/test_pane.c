/* The pane drawn from samples made up here: which sections have room, and how unknown counters,
 * graphs and meters look. Nothing here asks the kernel. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/live.h"
#include "ui/pane.h"

static struct bw_live live;
static struct bw_pane_opts wanted;
static struct bw_live_process tree[3] = {
    {100, 1, 0, 'S', "bw-stage"}, {101, 2, 1, 'S', "sleep"}, {102, 3, 2, 'T', "e\033[31mvil"}};
static struct bw_live_link links[1] = {{"lo", 0, 0}};
static char *steps[] = {"unshare pid uts net", "cgcreate cpu 50%"};
static char *calls[] = {"mkdir(\"/sys/fs/cgroup/cpu/boxwright-7-7\", 0755) = 0"};
static char *mounts[] = {"mount + /proc (proc)"};
static char group[] = "/boxwright-7-7/box";

/* A box with something in every section. */
static void setup(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    bw_pane_default(&wanted);
    memset(&live, 0, sizeof live);
    live.box = true;
    live.snap.pid = 100;
    live.snap.nspid = 1;
    for (int i = 0; i < BW_NS_COUNT; i++) {
        live.snap.ns[i].host = 4026531830u + (unsigned)i;
        live.snap.ns[i].own = i == BW_NS_PID || i == BW_NS_NET;
        live.snap.ns[i].inode = live.snap.ns[i].host + (live.snap.ns[i].own ? 500 : 0);
        live.snap.ns[i].for_children = live.snap.ns[i].inode;
        live.owner[i] = 4026531837u;
    }
    live.snap.cg_version = BW_CG_V2;
    for (int i = 0; i < BW_CG_COUNT; i++) {
        live.snap.cg_path[i] = group;
        strcpy(live.cg_name[i], "box");
    }
    live.snap.cg = (struct bw_cg_stats){50000,    100000,   1500000, 30, 12, 900000, 64 << 20,
                                        32 << 20, 40 << 20, 2,       20, 5,  4096,   0};
    live.tree = tree;
    live.n_tree = 3;
    live.links = links;
    live.n_links = 1;
    live.steps = (struct bw_lines){steps, 2};
    live.calls = (struct bw_lines){calls, 1};
    live.mounts = (struct bw_lines){mounts, 1};
    live.cpu = 495;
    for (int i = 0; i < BW_LIVE_HISTORY; i++)
        live.history[i] = 495;
    live.n_history = BW_LIVE_HISTORY;
    live.pressure[0] = 150;
    live.pressure[1] = live.pressure[2] = -1;
}

/* What a terminal of this size shows, and where. */
static void draw(int rows, int cols, bool ascii, struct bw_str *out)
{
    struct bw_canvas c = {0};
    struct bw_rect pane, rest;

    c.ascii = ascii;
    bw_canvas_size(&c, rows, cols);
    if (bw_pane_place(&wanted, rows, cols, &pane, &rest))
        bw_pane_draw(&live, &wanted, &c, pane, rest.row == 0 ? BW_EDGE_LEFT : BW_EDGE_BELOW);
    bw_str_clear(out);
    bw_canvas_text(&c, out);
    bw_canvas_free(&c);
}

static bool has(const struct bw_str *text, const char *what)
{
    return strstr(bw_str_get(text), what) != NULL;
}

/* The first letters of the sections, in the order of importance, that must be there. */
static const struct {
    int rows, cols;
    const char *shown;
} ladder[] = {{11, 100, ""},         {40, 39, ""},           {12, 40, "n"},
              {24, 80, "ng"},        {30, 100, "ngbpscmi"},  {50, 132, "ngbpscmi"},
              {60, 200, "ngbpscmi"}, {200, 400, "ngbpscmi"}, {12, 200, "ng"}};

START_TEST(shows_what_fits)
{
    static const struct {
        char letter;
        const char *title;
    } titles[] = {{'n', "namespaces "}, {'g', "control groups "}, {'b', "box "},
                  {'p', "processes "},  {'s', "steps "},          {'c', "calls of the last step "},
                  {'m', "mounts that"}, {'i', "interfaces "}};
    BW_AUTO_STR text = BW_STR_INIT;

    draw(ladder[_i].rows, ladder[_i].cols, false, &text);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strchr(ladder[_i].shown, titles[i].letter))
            ck_assert_msg(has(&text, titles[i].title), "%dx%d has no \"%s\":\n%s", ladder[_i].cols,
                          ladder[_i].rows, titles[i].title, text.s);
    if (!*ladder[_i].shown)
        ck_assert_uint_eq(strspn(bw_str_get(&text), "\n"), text.len);
    /* Some processes below a title, not only how many there are. */
    if (has(&text, titles[3].title))
        ck_assert(has(&text, "bw-stage"));
}
END_TEST

START_TEST(says_what_is_unknown)
{
    BW_AUTO_STR text = BW_STR_INIT;

    live.snap.cg = (struct bw_cg_stats){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    live.cpu = -1;
    live.snap.ns[BW_NS_TIME].inode = live.snap.ns[BW_NS_TIME].host = 0;
    live.snap.n_uid_map = -1;
    live.snap.seccomp = live.snap.no_new_privs = -1;
    draw(60, 132, false, &text);
    ck_assert(has(&text, "cpu      n/a, no limit, used n/a"));
    ck_assert(has(&text, "throttled n/a of n/a, n/a"));
    ck_assert(has(&text, "memory   n/a, no limit"));
    ck_assert(has(&text, "peak n/a, oom_kill n/a"));
    ck_assert(has(&text, "pids     n/a, no limit"));
    ck_assert(has(&text, "read n/a, written n/a"));
    ck_assert(has(&text, "uid map  n/a"));
    ck_assert(has(&text, "seccomp  n/a, no_new_privs n/a"));
    ck_assert(has(&text, "  time   n/a        n/a        none"));
    ck_assert(!has(&text, "-1"));
}
END_TEST

START_TEST(has_the_same_rows_in_every_world)
{
    static const char *const word[] = {"v1", "v2", "hybrid"};
    static const enum bw_cg_version version[] = {BW_CG_V1, BW_CG_V2, BW_CG_HYBRID};
    BW_AUTO_STR text = BW_STR_INIT;

    live.snap.cg_version = version[_i];
    if (version[_i] != BW_CG_V2)
        live.pressure[0] = -1;
    draw(60, 132, false, &text);
    ck_assert(has(&text, word[_i]));
    ck_assert(has(&text, "cpu      49.5% of 50.0%, used 1.50 s"));
    ck_assert(has(&text, "throttled 12 of 30, 900.0 ms"));
    ck_assert(has(&text, "32.0 MiB of 64.0 MiB"));
    ck_assert(has(&text, "peak 40.0 MiB, oom_kill 2"));
    ck_assert(has(&text, "5 of 20"));
    ck_assert(has(&text, "read 4.0 KiB, written 0 B"));
    ck_assert_int_eq(has(&text, "pressure cpu 1.50%  memory n/a  io n/a"), version[_i] == BW_CG_V2);
}
END_TEST

START_TEST(draws_graphs_and_meters)
{
    BW_AUTO_STR text = BW_STR_INIT;

    draw(60, 132, _i == 1, &text);
    /* 49.5 % where the top is 62.5 %: of 12 dots ten, of six halves five. */
    ck_assert_msg(has(&text, _i == 0 ? "62.5%    ⣤⣤" : "62.5%    :::"), "%s", text.s);
    ck_assert(has(&text, _i == 0 ? "0%       ⣿⣿" : "0%       ###"));
    /* Half of ten. */
    ck_assert(has(&text, _i == 0 ? "[■■■■■·····] 32.0 MiB" : "[#####.....] 32.0 MiB"));
    live.n_history = 1;
    live.history[BW_LIVE_HISTORY - 1] = 0;
    draw(60, 132, _i == 1, &text);
    ck_assert(has(&text, _i == 0 ? "0%       ⣀⣀" : "0%       ..."));
    for (const char *p = text.s; _i == 1 && *p; p++)
        ck_assert((unsigned char)*p < 0x80);
}
END_TEST

START_TEST(shows_nothing_that_drives_a_terminal)
{
    BW_AUTO_STR text = BW_STR_INIT;

    draw(60, 132, false, &text);
    ck_assert(!has(&text, "\033"));
    ck_assert(has(&text, "vil st"));
}
END_TEST

START_TEST(stays_within_its_rectangle)
{
    static const struct bw_pane_opts by_hand[] = {{.on = true},
                                                  {.on = true, .side = BW_SIDE_TOP, .size = 4},
                                                  {.on = true, .side = BW_SIDE_TOP, .size = 400},
                                                  {.on = true, .side = BW_SIDE_RIGHT, .size = 4},
                                                  {.on = true, .side = BW_SIDE_RIGHT, .size = 400}};

    wanted = by_hand[_i];
    for (int rows = 1; rows < 70; rows++)
        for (int cols = 1; cols < 230; cols += 3) {
            BW_AUTO_STR text = BW_STR_INIT;
            draw(rows, cols, false, &text);
            size_t lines = 0;
            for (const char *p = bw_str_get(&text); *p; p++)
                lines += *p == '\n';
            ck_assert_uint_eq(lines, (size_t)rows);
        }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pane");
    TCase *c = tcase_create("pane");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_loop_test(c, shows_what_fits, 0, sizeof ladder / sizeof *ladder);
    tcase_add_test(c, says_what_is_unknown);
    tcase_add_loop_test(c, has_the_same_rows_in_every_world, 0, 3);
    tcase_add_loop_test(c, draws_graphs_and_meters, 0, 2);
    tcase_add_test(c, shows_nothing_that_drives_a_terminal);
    tcase_add_loop_test(c, stays_within_its_rectangle, 0, 5);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
