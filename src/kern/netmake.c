#include "kern/netmake.h"

#include <string.h>

#include "base/module.h"

const struct bw_netmake *bw_netmake(struct bw_err *err)
{
    return bw_module_symbol("net", "bw_net_module", err);
}

int bw_nft_run(const char *commands, struct bw_err *err)
{
    int (*run)(const char *, struct bw_err *);
    if (bw_module_function("nft", "bw_nft_module_run", &run, err))
        return -1;
    return run(commands, err);
}
