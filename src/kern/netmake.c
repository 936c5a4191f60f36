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
    void *found = bw_module_symbol("nft", "bw_nft_module_run", err);
    if (!found)
        return -1;
    memcpy(&run, &found, sizeof run);
    return run(commands, err);
}
