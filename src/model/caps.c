/* A capability set in a few words: capabilities(7). */
#include "kern/caps.h"
#include "base/str.h"
#include "model/snapshot.h"

static int count(uint64_t set)
{
    return __builtin_popcountll(set);
}

static void list(uint64_t set, struct bw_str *out)
{
    for (unsigned i = 0; i < 64; i++) {
        const char *name = bw_cap_name(i);
        if (!(set >> i & 1))
            continue;
        if (name)
            bw_str_addf(out, " %s", name);
        else
            bw_str_addf(out, " CAP_%u", i);
    }
}

void bw_cap_describe(uint64_t set, struct bw_str *out)
{
    enum { FEW = 4 };
    BW_AUTO_STR text = BW_STR_INIT;
    uint64_t missing = bw_cap_all() & ~set;

    if (set == 0)
        bw_str_add(out, "none");
    else if (missing == 0)
        bw_str_add(out, "full");
    else if (count(missing) <= FEW && count(set) > FEW) {
        list(missing, &text);
        bw_str_addf(out, "full but%s", text.s);
    } else if (count(set) <= FEW) {
        list(set, &text);
        bw_str_add(out, text.s + 1);
    } else {
        bw_str_addf(out, "%d of %d", count(set), count(bw_cap_all()));
    }
}
