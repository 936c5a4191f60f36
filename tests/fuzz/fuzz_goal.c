/* goals of lessons: parsed, asked of a box, and why they do not hold */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "lesson/goal.h"

static struct bw_mount mounts[] = {
    {.target = "/",
     .type = "ext4",
     .source = "\033[2J",
     .options = "rw,relatime",
     .propagation = "shared:1",
     .root = "/",
     .dev = "8:1",
     .super = "rw"},
    {.target = "/proc",
     .type = "proc",
     .source = "proc",
     .options = "ro",
     .propagation = "master:7",
     .root = "/",
     .dev = "0:6",
     .super = "rw"},
};
static struct bw_snap_process processes[] = {{100, 1, "bw-stage"}, {107, 2, "sle\nep"}};

static void make_box(struct bw_snapshot *s, long long counter)
{
    *s = (struct bw_snapshot){.pid = 100, .nspid = 1, .root = "/", .hostname = "box\0331"};
    s->ns[BW_NS_UTS].inode = 4026532000u;
    s->uid_map[0] = (struct bw_id_range){0, 1000, 1};
    s->n_uid_map = 1;
    s->n_gid_map = -1;
    s->cg_path[BW_CG_CPU] = "/box";
    s->cg =
        (struct bw_cg_stats){50000, 100000, counter, 40, 7, 900000, -1, -1, -1, -1, -1, 3, -1, -1};
    s->mounts = (struct bw_mounts){mounts, 2};
    s->mounts_known = true;
    s->processes = processes;
    s->n_processes = 2;
}

static void ask(const struct bw_goal *g, bool box)
{
    static struct bw_snapshot snap, host;
    struct bw_samples samples = {.n = 2};
    struct bw_scene s = {box ? &snap : NULL, &host, &snap, &samples, "/lesson"};
    BW_AUTO_STR why = BW_STR_INIT, text = BW_STR_INIT;

    make_box(&snap, 5);
    make_box(&host, 6);
    for (int i = 0; i < 2; i++) {
        samples.v[i].ms = 1000 + i * 2000;
        make_box(&samples.v[i].snap, 100 + i * 500000);
    }
    enum bw_truth t = bw_goal_holds(g, &s);
    FUZZ_CHECK(t == BW_FALSE || t == BW_TRUE || t == BW_UNSEEN);
    FUZZ_CHECK(bw_goal_holds(g, &s) == t);
    bw_goal_why(g, &s, &why);
    bw_goal_text(g, &s, &text);
    fuzz_check_safe(bw_str_get(&text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    bool truth = fuzz_byte(&in) & 1, plain = fuzz_byte(&in) & 1;
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    struct bw_fault f = {0};
    struct bw_goal *g = bw_goal_parse(text, (struct bw_at){7, 3}, plain, truth, &f);

    if (g) {
        bw_goal_sampled(g);
        ask(g, true);
        ask(g, false);
        bw_goal_free(g);
    } else {
        FUZZ_CHECK(f.what[0] != '\0' && f.at.line == 7 && f.at.col >= 3);
        FUZZ_CHECK(strlen(f.what) < sizeof f.what && strlen(f.todo) < sizeof f.todo);
    }
    return 0;
}
