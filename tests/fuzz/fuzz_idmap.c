/* ID maps: as typed, uid_map files, /etc/subuid */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/idmap.h"

static bool apart(unsigned a, unsigned b, unsigned a_count, unsigned b_count)
{
    return (uint64_t)a + a_count <= b || (uint64_t)b + b_count <= a;
}

/* Every range is one that the kernel could take. */
static void check_ranges(const struct bw_id_range *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(v[i].count > 0);
        FUZZ_CHECK((uint64_t)v[i].inside + v[i].count <= UINT32_MAX);
        FUZZ_CHECK((uint64_t)v[i].outside + v[i].count <= UINT32_MAX);
        for (size_t k = 0; k < i; k++)
            FUZZ_CHECK(apart(v[i].inside, v[k].inside, v[i].count, v[k].count) &&
                       apart(v[i].outside, v[k].outside, v[i].count, v[k].count));
    }
}

/* Written as the kernel writes a map, it is read as the same. */
static void check_file(const struct bw_id_range *v, size_t n)
{
    static struct bw_id_range back[BW_IDMAP_MAX];
    BW_AUTO_STR text = BW_STR_INIT;

    for (size_t i = 0; i < n; i++)
        bw_str_addf(&text, "%10u %10u %10u\n", v[i].inside, v[i].outside, v[i].count);
    FUZZ_CHECK(bw_idmap_parse_map(bw_str_get(&text), back, BW_IDMAP_MAX) == (int)n);
    FUZZ_CHECK(memcmp(back, v, n * sizeof *v) == 0);
}

static void check_typed(struct fuzz_input in)
{
    static struct bw_id_range v[BW_IDMAP_MAX];
    size_t n = 0;

    while (in.left > 0) {
        BW_AUTO_FREE char *line = fuzz_line(&in);
        struct bw_err err = BW_ERR_INIT;
        size_t before = n;
        int r = bw_idmap_parse(line, v, &n, &err);
        fuzz_check_err(r, &err);
        FUZZ_CHECK(n == before + (r == 0));
    }
    check_ranges(v, n);
    check_file(v, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bw_id_range v[BW_IDMAP_MAX];
    struct fuzz_input in = {data, size};

    check_typed(in);
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    int n = bw_idmap_parse_map(text, v, BW_IDMAP_MAX);
    FUZZ_CHECK(n >= -1 && n <= BW_IDMAP_MAX);
    if (n >= 0)
        check_file(v, (size_t)n);
    size_t subs = bw_idmap_parse_subids(text, "user", 1000, v, 8);
    FUZZ_CHECK(subs <= 8);
    for (size_t i = 0; i < subs; i++)
        FUZZ_CHECK(v[i].count > 0 && (uint64_t)v[i].outside + v[i].count <= UINT32_MAX);
    return 0;
}
