/* names from a box, escaped for the terminal; numbers, sizes and times */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "base/units.h"
#include "fuzz.h"

static void check_quoted(const char *s)
{
    BW_AUTO_STR quoted = BW_STR_INIT;

    bw_str_add_quoted(&quoted, s);
    FUZZ_CHECK(quoted.len >= 2 && quoted.s[0] == '"' && quoted.s[quoted.len - 1] == '"');
    for (const char *p = quoted.s; *p; p++)
        FUZZ_CHECK(*p >= 0x20 && *p < 0x7f);
}

static void check_escaped(const char *s)
{
    BW_AUTO_STR safe = BW_STR_INIT;
    BW_AUTO_STR again = BW_STR_INIT;

    bw_str_add_safe(&safe, s);
    fuzz_check_safe(bw_str_get(&safe));
    FUZZ_CHECK(bw_str_is_safe(s) == (strcmp(bw_str_get(&safe), s) == 0));
    bw_str_add_safe(&again, bw_str_get(&safe));
    FUZZ_CHECK(strcmp(bw_str_get(&again), bw_str_get(&safe)) == 0);
}

/* Whatever is printed: nothing but line ends and tabs may be left of what drives a terminal. */
static void check_sink(const char *s)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_out out;

    bw_out_string(&out, &text);
    bw_data(&out, "%s", s);
    const char *cells[] = {"name", "value", s, NULL, NULL, s};
    bw_table(&out, BW_DATA, cells, 3, 2);
    for (char *p = text.s; p && *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    fuzz_check_safe(bw_str_get(&text));
}

static void check_numbers(const char *s)
{
    BW_AUTO_STR out = BW_STR_INIT;
    long long n;

    if (bw_parse_num(s, -1000000, 1000000, &n) == 0) {
        FUZZ_CHECK(n >= -1000000 && n <= 1000000);
        FUZZ_CHECK(strtoll(s, NULL, 10) == n);
    }
    if (bw_parse_size(s, &n) == 0) {
        FUZZ_CHECK(n >= 0);
        bw_add_bytes(&out, n);
    }
    if (bw_parse_time(s, &n) == 0) {
        FUZZ_CHECK(n >= 0);
        bw_add_us(&out, n);
    }
    bw_add_number(&out, strtoll(s, NULL, 10));
    bw_add_bytes(&out, strtoll(s, NULL, 10));
    bw_add_us(&out, strtoll(s, NULL, 10));
    bw_add_percent(&out, strtoll(s, NULL, 10));
    fuzz_check_safe(out.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *first = fuzz_line(&in);
    BW_AUTO_FREE char *rest = fuzz_rest(&in);

    check_escaped(rest);
    check_quoted(rest);
    check_sink(rest);
    check_numbers(first);
    if (size < 256) {
        size_t d = bw_str_distance(first, rest), a = strlen(first), b = strlen(rest);
        FUZZ_CHECK(d <= (a > b ? a : b) && d >= (a > b ? a - b : b - a));
        FUZZ_CHECK((d == 0) == (strcmp(first, rest) == 0));
    }
    return 0;
}
