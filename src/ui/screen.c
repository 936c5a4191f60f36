#include "ui/screen.h"

#include "base/module.h"

const struct bw_screen *bw_screen_load(struct bw_err *err)
{
    return bw_module_symbol(BW_SCREEN_MODULE, BW_SCREEN_SYMBOL, err);
}
