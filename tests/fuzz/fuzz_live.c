/* samples that watchers are sent: unpacked, packed again, drawn as the pane */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "model/live.h"
#include "ui/pane.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bw_live l, again;
    BW_AUTO_STR packed = BW_STR_INIT;
    BW_AUTO_STR twice = BW_STR_INIT;

    if (bw_live_unpack(data, size, &l) != 0) {
        FUZZ_CHECK(l.tree == NULL && l.links == NULL && l.snap.processes == NULL);
        return 0;
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
    return 0;
}
