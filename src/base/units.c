#include "base/units.h"

#include <stddef.h>

#include "base/str.h"

void bw_add_number(struct bw_str *b, long long n)
{
    if (n < 0)
        bw_str_add(b, "n/a");
    else
        bw_str_addf(b, "%lld", n);
}

void bw_add_bytes(struct bw_str *b, long long n)
{
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double v = (double)n / 1024;
    size_t u = 0;

    if (n < 0) {
        bw_str_add(b, "n/a");
    } else if (n < 1024) {
        bw_str_addf(b, "%lld B", n);
    } else {
        for (; v >= 1024 && u + 1 < sizeof unit / sizeof unit[0]; u++)
            v /= 1024;
        bw_str_addf(b, "%.1f %s", v, unit[u]);
    }
}

void bw_add_us(struct bw_str *b, long long us)
{
    if (us < 0)
        bw_str_add(b, "n/a");
    else if (us < 1000)
        bw_str_addf(b, "%lld us", us);
    else if (us < 1000000)
        bw_str_addf(b, "%.1f ms", (double)us / 1e3);
    else
        bw_str_addf(b, "%.2f s", (double)us / 1e6);
}

void bw_add_percent(struct bw_str *b, long long tenths)
{
    if (tenths < 0)
        bw_str_add(b, "n/a");
    else
        bw_str_addf(b, "%lld.%lld%%", tenths / 10, tenths % 10);
}
