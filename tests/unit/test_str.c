/* base/str: the invariant after each operation, and the parsers over tables. */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

static void assert_sound(const struct bw_str *b)
{
    if (b->s == NULL) {
        ck_assert_uint_eq(b->len, 0);
        return;
    }
    ck_assert_uint_eq(strlen(b->s), b->len);
    ck_assert_uint_gt(b->cap, b->len);
}

START_TEST(grows_soundly)
{
    BW_AUTO_STR b = BW_STR_INIT;

    assert_sound(&b);
    ck_assert_str_eq(bw_str_get(&b), "");
    bw_str_clear(&b);
    assert_sound(&b);
    for (int i = 0; i < 500; i++) {
        bw_str_addf(&b, "%d,", i);
        assert_sound(&b);
        bw_str_addc(&b, 'x');
        assert_sound(&b);
        bw_str_addn(&b, "yz", 1);
        assert_sound(&b);
    }
    ck_assert(bw_str_starts(b.s, "0,xy1,xy2,xy"));
    ck_assert(!bw_str_starts("ab", "abc"));
    bw_str_clear(&b);
    assert_sound(&b);
    bw_str_add(&b, "kept");
    char *mine = bw_str_steal(&b);
    ck_assert_str_eq(mine, "kept");
    assert_sound(&b);
    free(mine);
    mine = bw_str_steal(&b);
    ck_assert_str_eq(mine, "");
    free(mine);
}
END_TEST

START_TEST(counts_nul_bytes)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_addn(&b, "a\0b", 3);
    ck_assert_uint_eq(b.len, 3);
    ck_assert_mem_eq(b.s, "a\0b", 4);
}
END_TEST

static const struct {
    const char *in, *out;
} safe[] = {
    {"", ""},
    {"web-1", "web-1"},
    {"\033[2J", "\\x1b[2J"},
    {"a\nb\tc", "a\\x0ab\\x09c"},
    {"\177", "\\x7f"},
    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {"\xe2\x82\xac \xf0\x9f\x90\xb3", "\xe2\x82\xac \xf0\x9f\x90\xb3"},
    {"\xff\xfe", "\\xff\\xfe"},
    {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* past U+10FFFF */
    {"\xe2\x82", "\\xe2\\x82"},                   /* cut short */
    {"\xc2\x9b"
     "31m",
     "\\xc2\\x9b"
     "31m"},                                     /* CSI as C1 */
    {"x\xe2\x80\xaegpj", "x\\xe2\\x80\\xaegpj"}, /* right-to-left override */
    {"x\xe2\x80\x8f", "x\\xe2\\x80\\x8f"},       /* right-to-left mark */
    {"\xd8\x9cx", "\\xd8\\x9cx"},                /* Arabic letter mark */
};

START_TEST(makes_names_safe)
{
    BW_AUTO_STR b = BW_STR_INIT;

    ck_assert_int_eq(bw_str_is_safe(safe[_i].in), strcmp(safe[_i].in, safe[_i].out) == 0);
    bw_str_add_safe(&b, safe[_i].in);
    ck_assert_str_eq(bw_str_get(&b), safe[_i].out);
    assert_sound(&b);
}
END_TEST

static const struct {
    const char *in, *out;
} quoted[] = {
    {NULL, "NULL"},
    {"", "\"\""},
    {"/proc", "\"/proc\""},
    {"a\"b\\c", "\"a\\\"b\\\\c\""},
    {"\n\t\r\v\f", "\"\\n\\t\\r\\v\\f\""},
    {"\001x", "\"\\1x\""},
    {"\0011", "\"\\0011\""},
    {"\xc3\xbc", "\"\\303\\274\""},
};

START_TEST(quotes_as_strace_does)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_add_quoted(&b, quoted[_i].in);
    ck_assert_str_eq(b.s, quoted[_i].out);
    assert_sound(&b);
}
END_TEST

static const struct {
    const char *in;
    long long min, max;
    int result;
    long long out;
} numbers[] = {
    {"0", 0, 10, 0, 0},
    {"10", 0, 10, 0, 10},
    {"007", 0, 10, 0, 7},
    {"-5", -10, 10, 0, -5},
    {"9223372036854775807", 0, LLONG_MAX, 0, LLONG_MAX},
    {"", 0, 10, -1, 0},
    {"11", 0, 10, -1, 0},
    {"-5", 0, 10, -1, 0},
    {"-11", -10, 10, -1, 0},
    {"+5", -10, 10, -1, 0},
    {" 5", 0, 10, -1, 0},
    {"5 ", 0, 10, -1, 0},
    {"5x", 0, 10, -1, 0},
    {"0x5", 0, 10, -1, 0},
    {"-", -10, 10, -1, 0},
    {"9223372036854775808", 0, LLONG_MAX, -1, 0},
    {"99999999999999999999999", 0, LLONG_MAX, -1, 0},
};

START_TEST(parses_numbers)
{
    long long v = -77;
    int r = bw_parse_num(numbers[_i].in, numbers[_i].min, numbers[_i].max, &v);

    ck_assert_int_eq(r, numbers[_i].result);
    ck_assert_int_eq(v, r == 0 ? numbers[_i].out : -77);
}
END_TEST

static const struct {
    const char *in;
    int result;
    long long out;
} sizes[] = {
    {"0", 0, 0},
    {"4096", 0, 4096},
    {"64M", 0, 64LL << 20},
    {"64m", 0, 64LL << 20},
    {"1K", 0, 1024},
    {"1KB", 0, 1024},
    {"2GiB", 0, 2LL << 30},
    {"3T", 0, 3LL << 40},
    {"9223372036854775807", 0, LLONG_MAX},
    {"8388607T", 0, 8388607LL << 40},
    {"8388608T", -1, 0},
    {"99999999999999999999G", -1, 0},
    {"", -1, 0},
    {"M", -1, 0},
    {"-1M", -1, 0},
    {"1.5G", -1, 0},
    {"1 M", -1, 0},
    {"1MM", -1, 0},
    {"1P", -1, 0},
    {"1Mi", -1, 0},
    {"1MiBs", -1, 0},
};

START_TEST(parses_sizes)
{
    long long v = -77;
    int r = bw_parse_size(sizes[_i].in, &v);

    ck_assert_int_eq(r, sizes[_i].result);
    ck_assert_int_eq(v, r == 0 ? sizes[_i].out : -77);
}
END_TEST

static const struct {
    const char *in;
    int result;
    long long out;
} times[] = {
    {"3s", 0, 3000},
    {"3", 0, 3000},
    {"500ms", 0, 500},
    {"2m", 0, 120000},
    {"1h", 0, 3600000},
    {"0", 0, 0},
    {"", -1, 0},
    {"s", -1, 0},
    {"-1s", -1, 0},
    {"1.5s", -1, 0},
    {"3 s", -1, 0},
    {"3sec", -1, 0},
    {"9223372036854775807ms", 0, LLONG_MAX},
    {"9223372036854775807s", -1, 0},
    {"99999999999999999999", -1, 0},
};

START_TEST(parses_times)
{
    long long v = -77;
    int r = bw_parse_time(times[_i].in, &v);

    ck_assert_int_eq(r, times[_i].result);
    ck_assert_int_eq(v, r == 0 ? times[_i].out : -77);
}
END_TEST

static const struct {
    const char *a, *b;
    size_t distance;
} distances[] = {
    {"", "", 0},
    {"", "abc", 3},
    {"abc", "", 3},
    {"abc", "abc", 0},
    {"unshar", "unshare", 1},
    {"chrot", "chroot", 1},
    {"kitten", "sitting", 3},
    {"ab", "ba", 2},
};

START_TEST(measures_distance)
{
    ck_assert_uint_eq(bw_str_distance(distances[_i].a, distances[_i].b), distances[_i].distance);
    ck_assert_uint_eq(bw_str_distance(distances[_i].b, distances[_i].a), distances[_i].distance);
}
END_TEST

static const struct {
    const char *path, *dirs;
} paths[] = {
    {NULL, ""},           {"/bin", "/bin|"},    {"/a:b:/c", "/a|b|/c|"}, {"", ".|"},
    {":/bin", ".|/bin|"}, {"/bin:", "/bin|.|"}, {"::", ".|.|.|"},
};

START_TEST(walks_a_path_as_execvp_does)
{
    BW_AUTO_STR dir = BW_STR_INIT, all = BW_STR_INIT;
    for (const char *rest = paths[_i].path; bw_path_next(&rest, &dir);)
        bw_str_addf(&all, "%s|", dir.s);
    ck_assert_str_eq(bw_str_get(&all), paths[_i].dirs);
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("str");
    TCase *tc = tcase_create("str");

    tcase_add_test(tc, grows_soundly);
    tcase_add_test(tc, counts_nul_bytes);
    tcase_add_loop_test(tc, makes_names_safe, 0, COUNT(safe));
    tcase_add_loop_test(tc, quotes_as_strace_does, 0, COUNT(quoted));
    tcase_add_loop_test(tc, parses_numbers, 0, COUNT(numbers));
    tcase_add_loop_test(tc, parses_sizes, 0, COUNT(sizes));
    tcase_add_loop_test(tc, parses_times, 0, COUNT(times));
    tcase_add_loop_test(tc, measures_distance, 0, COUNT(distances));
    tcase_add_loop_test(tc, walks_a_path_as_execvp_does, 0, COUNT(paths));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
