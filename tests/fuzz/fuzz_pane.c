/* the file of the pane's settings, and its sizes */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "model/live.h"
#include "ui/pane.h"

static void check_settings(const struct bw_pane_opts *o)
{
    FUZZ_CHECK(o->rate >= BW_PANE_RATE_MIN && o->rate <= BW_PANE_RATE_MAX);
    FUZZ_CHECK(o->side <= BW_SIDE_TOP);
    FUZZ_CHECK(o->size >= 0 && o->size <= 400);
    FUZZ_CHECK(o->hidden < 1u << BW_PANE_SECTIONS);
}

static void check_again(const struct bw_pane_opts *o)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_pane_opts again;

    bw_pane_write(o, &text);
    bw_pane_default(&again);
    bw_pane_read(&again, text.s);
    FUZZ_CHECK(again.on == o->on && again.hidden == o->hidden && again.rate == o->rate &&
               again.side == o->side && again.size == o->size);
}

/* Both parts are on the screen and do not meet. */
static void check_place(const struct bw_pane_opts *o, int rows, int cols)
{
    struct bw_rect pane, rest;

    if (!bw_pane_place(o, rows, cols, &pane, &rest)) {
        FUZZ_CHECK(rest.rows == rows && rest.cols == cols);
        return;
    }
    FUZZ_CHECK(pane.rows > 0 && pane.cols > 0 && rest.rows > 0 && rest.cols > 0);
    FUZZ_CHECK(pane.row >= 0 && pane.row + pane.rows <= rows);
    FUZZ_CHECK(pane.col >= 0 && pane.col + pane.cols <= cols);
    FUZZ_CHECK(rest.row >= 0 && rest.row + rest.rows <= rows);
    FUZZ_CHECK(rest.col >= 0 && rest.col + rest.cols <= cols);
    FUZZ_CHECK(rest.row >= pane.row + pane.rows || rest.col + rest.cols <= pane.col ||
               pane.row >= rest.row + rest.rows || pane.col + pane.cols <= rest.col);
}

/* Two bytes are the screen's size, the rest is the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    int rows = fuzz_byte(&in), cols = fuzz_byte(&in) * 2;
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    struct bw_pane_opts o;

    bw_pane_default(&o);
    bw_pane_read(&o, text);
    check_settings(&o);
    check_again(&o);
    check_place(&o, rows, cols);
    return 0;
}
