/* What has become of the interfaces of a network namespace. */
#include <string.h>

#include "base/str.h"
#include "diff_priv.h"
#include "kern/link.h"
#include "model/diff.h"

void bw_link_describe(const struct bw_link *k, struct bw_str *out)
{
    bw_str_add(out, !k->up ? "down" : k->carrier ? "up" : "up, no carrier");
    if (*k->kind)
        bw_str_addf(out, "  %s", k->kind);
    /* What the kernel makes up by itself, of the link's random hardware address, says nothing. */
    for (size_t i = 0, n = 0; i < k->n_addr; i++) {
        if (bw_ip_is_link_local(&k->addr[i]))
            continue;
        bw_str_add(out, n++ > 0 ? " " : "  ");
        bw_ip_add(&k->addr[i], true, out);
    }
}

void bw_diff_links(const struct bw_links *a, const struct bw_links *b, struct bw_diff *d)
{
    for (size_t i = 0; i < b->n; i++) {
        BW_AUTO_STR from = BW_STR_INIT, to = BW_STR_INIT;
        const struct bw_link *was = bw_links_find(a, b->v[i].name);
        bw_link_describe(&b->v[i], &to);
        if (was)
            bw_link_describe(was, &from);
        if (!was)
            bw_diff_add(d, "%-6s  new  %s", b->v[i].name, to.s);
        else if (strcmp(from.s, to.s) != 0)
            bw_diff_add(d, "%-6s  %s -> %s", b->v[i].name, from.s, to.s);
    }
    for (size_t i = 0; i < a->n; i++)
        if (!bw_links_find(b, a->v[i].name))
            bw_diff_add(d, "%-6s  gone", a->v[i].name);
}
