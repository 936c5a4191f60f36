/* samples that watchers are sent: unpacked, packed again, drawn as the pane */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "model/live.h"
#include "ui/pane.h"

/* Parts of a sample. */
static char root[] = "/container", hostname[] = "box\033[31m1", group[] = "/boxwright-1-2/box";
static char *steps[] = {(char[]){"unshare pid"}, (char[]){"mount -t proc proc /proc"}};
static char *calls[] = {(char[]){"unshare(CLONE_NEWPID) = 0"}};
static char *mounts[] = {(char[]){"+ /proc proc"}};
static struct bw_live_process tree[] = {
    {.pid = 812, .nspid = 1, .state = 'S', .comm = "bw-stage"},
    {.pid = 813, .nspid = 2, .depth = 1, .state = 'R', .comm = "sh\033[2J"},
    {.pid = 814, .nspid = 3, .depth = 2, .state = 'Z', .comm = "\xff\xe2\x80\xae"}};
static struct bw_live_link links[] = {{.name = "lo", .rx = 1, .tx = 2},
                                      {.name = "eth0", .rx = 1234567, .tx = -1}};
static struct bw_mount table[] = {{.id = 5,
                                   .parent = 1,
                                   .dev = (char[]){"0:5"},
                                   .root = (char[]){"/"},
                                   .target = (char[]){"/proc"},
                                   .options = (char[]){"rw"},
                                   .propagation = (char[]){""},
                                   .type = (char[]){"proc"},
                                   .source = (char[]){"proc"},
                                   .super = (char[]){"rw"}}};

/* A sample in the format of this very build: inputs say what is changed in it, so that they hold
 * when fields are added. */
static void make_sample(unsigned what, struct bw_str *out)
{
    static struct bw_live l;

    memset(&l, 0, sizeof l);
    l.session = 100;
    l.box = what & 1;
    memset(&l.snap.cg, 0xff, sizeof l.snap.cg);
    l.snap.pid = 812;
    l.snap.root = root;
    l.snap.hostname = hostname;
    for (int i = 0; i < BW_NS_COUNT; i++) {
        l.snap.ns[i].inode = 4026531835u + (unsigned)i;
        l.snap.ns[i].own = l.changed[i] = i % 2;
    }
    if (what & 2) {
        l.snap.n_uid_map = 1;
        l.snap.uid_map[0] = (struct bw_id_range){0, 1000, 1};
        l.snap.n_gid_map = -1;
        l.snap.cg_version = BW_CG_V2;
        l.snap.cg = (struct bw_cg_stats){.cpu_quota_us = 50000, .cpu_period_us = 100000};
        l.snap.cg_path[0] = group;
        memcpy(l.cg_name[0], "box", 4);
        l.cpu = 498;
        l.n_history = BW_LIVE_HISTORY;
        l.history[BW_LIVE_HISTORY - 1] = 1000;
    }
    if (what & 4) {
        l.tree = tree;
        l.n_tree = sizeof tree / sizeof *tree;
        l.links = links;
        l.n_links = sizeof links / sizeof *links;
        l.steps = (struct bw_lines){.v = steps, .n = 2};
        l.calls = (struct bw_lines){.v = calls, .n = 1};
        l.mounts = (struct bw_lines){.v = mounts, .n = 1};
        l.snap.mounts_known = true;
        l.snap.mounts = (struct bw_mounts){.v = table, .n = 1};
    }
    bw_live_pack(&l, out);
}

/* Changes: where (two bytes), how many bytes, and these; none at the place of a length cuts. */
static void change(struct fuzz_input *in, struct bw_str *packet)
{
    while (in->left > 0 && packet->len > 0) {
        size_t at = fuzz_byte(in);
        at = (at << 8 | fuzz_byte(in)) % packet->len;
        unsigned n = fuzz_byte(in);
        if (n == 0)
            packet->len = at;
        else if (n == 255)
            bw_str_addn(packet, "\0\0\0\0", 4);
        else
            for (n %= 16; n > 0 && at < packet->len; n--)
                packet->s[at++] = (char)fuzz_byte(in);
    }
}

static void check_drawn(const struct bw_live *l, int rows, int cols)
{
    struct bw_canvas c = {0};
    struct bw_pane_opts o;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_pane_default(&o);
    bw_canvas_size(&c, rows, cols);
    bw_canvas_clear(&c);
    bw_pane_draw(l, &o, &c, (struct bw_rect){0, 0, rows, cols}, BW_EDGE_NONE);
    bw_canvas_text(&c, &text);
    for (char *p = text.s; p && *p; p++)
        if (*p == '\n')
            *p = ' ';
    fuzz_check_safe(bw_str_get(&text));
    bw_canvas_free(&c);
}

static void check_packet(const void *data, size_t size)
{
    struct bw_live l, again;
    BW_AUTO_STR packed = BW_STR_INIT;
    BW_AUTO_STR twice = BW_STR_INIT;

    if (bw_live_unpack(data, size, &l) != 0) {
        FUZZ_CHECK(l.tree == NULL && l.links == NULL && l.snap.processes == NULL);
        return;
    }
    bw_live_pack(&l, &packed);
    FUZZ_CHECK(packed.len <= BW_LIVE_BYTES);
    FUZZ_CHECK(bw_live_unpack(packed.s, packed.len, &again) == 0);
    bw_live_pack(&again, &twice);
    FUZZ_CHECK(twice.len == packed.len && memcmp(twice.s, packed.s, twice.len) == 0);
    check_drawn(&l, 40, 80);
    check_drawn(&l, 12, 40);
    bw_live_free(&again);
    bw_live_free(&l);
}

/* The first byte says which sample is changed, or that the rest is a whole packet. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    unsigned what = fuzz_byte(&in);
    BW_AUTO_STR packet = BW_STR_INIT;

    if (what & 0x80) {
        check_packet(in.at, in.left);
        return 0;
    }
    static struct bw_str samples[8];
    struct bw_str *sample = &samples[what % 8];
    if (sample->len == 0)
        make_sample(what, sample);
    bw_str_addn(&packet, sample->s, sample->len);
    /* Nothing is wrong with what was not changed. */
    if (in.left == 0) {
        struct bw_live l;
        FUZZ_CHECK(bw_live_unpack(packet.s, packet.len, &l) == 0);
        bw_live_free(&l);
    }
    change(&in, &packet);
    BW_AUTO_FREE char *exact = bw_alloc(packet.len + 1);
    if (packet.len > 0)
        memcpy(exact, packet.s, packet.len);
    check_packet(exact, packet.len);
    return 0;
}
