/* kern/ip: addresses as typed, networks and what overlaps. */
#include <check.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/ip.h"

static struct bw_ip ip(const char *text, bool prefix)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_ip out;

    ck_assert_msg(bw_ip_parse(text, prefix, &out, &err) == 0, "%s: %s", text, err.cause);
    return out;
}

static void is(const struct bw_ip *got, bool prefix, const char *want)
{
    BW_AUTO_STR text = BW_STR_INIT;

    bw_ip_add(got, prefix, &text);
    ck_assert_str_eq(text.s, want);
}

static const struct {
    const char *text;
    bool prefix;
} refused[] = {
    {"", false},
    {"10.0.0", false},
    {"10.0.0.256", false},
    {"10.0.0.1/24", false},
    {"10.0.0.1", true},
    {"10.0.0.1/", true},
    {"10.0.0.1/33", true},
    {"10.0.0.1/-1", true},
    {"10.0.0.1/2 4", true},
    {"fd00::1/129", true},
    {"fd00:::1", false},
    {"name", false},
    {" 10.0.0.1", false},
    {"10.0.0.1/24x", true},
    {"0x0a000001", false},
    {"10.1", false},
    {"1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222", false},
};

START_TEST(refuses)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_ip out;

    ck_assert_int_eq(bw_ip_parse(refused[_i].text, refused[_i].prefix, &out, &err), -1);
    ck_assert_int_eq(err.status, BW_USAGE);
    ck_assert_int_ne(*err.todo, '\0');
}
END_TEST

static const struct {
    const char *text, *network, *neighbour;
    bool host; /* an interface may have it */
} hosts[] = {
    {"10.7.0.2/24", "10.7.0.0/24", "10.7.0.1", true},
    {"10.7.0.1/24", "10.7.0.0/24", "10.7.0.2", true},
    {"10.7.0.0/24", "10.7.0.0/24", "10.7.0.1", false},
    {"10.7.0.255/24", "10.7.0.0/24", "10.7.0.1", false},
    {"10.7.0.5/30", "10.7.0.4/30", "10.7.0.6", true},
    {"10.7.0.4/31", "10.7.0.4/31", "10.7.0.5", false},
    {"10.7.0.4/32", "10.7.0.4/32", "10.7.0.5", false},
    {"10.7.9.9/7", "10.0.0.0/7", "10.0.0.1", false},
    {"127.0.0.2/8", "127.0.0.0/8", "127.0.0.1", false},
    {"224.0.0.5/24", "224.0.0.0/24", "224.0.0.1", false},
    {"fd07::2/64", "fd07::/64", "fd07::1", true},
    {"fd07::ff/120", "fd07::/120", "fd07::1", true},
    {"::1/64", "::/64", "::2", false},
    {"ff02::1/64", "ff02::/64", "ff02::2", false},
};

START_TEST(knows_networks)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_ip a = ip(hosts[_i].text, true);
    struct bw_ip net = bw_ip_network(&a), next = bw_ip_neighbour(&a);

    is(&a, true, hosts[_i].text);
    is(&net, true, hosts[_i].network);
    is(&next, false, hosts[_i].neighbour);
    ck_assert_int_eq(bw_ip_check_host(&a, &err), hosts[_i].host ? 0 : -1);
    ck_assert_int_eq(err.status, hosts[_i].host ? 0 : BW_USAGE);
}
END_TEST

static const struct {
    const char *a, *b;
    bool overlap;
} pairs[] = {
    {"10.0.0.0/8", "10.9.0.0/16", true},     {"10.9.0.0/16", "10.0.0.0/8", true},
    {"10.0.0.0/24", "10.0.1.0/24", false},   {"0.0.0.0/0", "192.0.2.1/32", true},
    {"10.0.0.128/25", "10.0.0.0/25", false}, {"fd00::/8", "fd07::/64", true},
    {"fd00::/64", "10.0.0.0/8", false},
};

START_TEST(knows_what_overlaps)
{
    struct bw_ip a = ip(pairs[_i].a, true), b = ip(pairs[_i].b, true);

    ck_assert_int_eq(bw_ip_overlap(&a, &b), pairs[_i].overlap);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ip");
    TCase *c = tcase_create("ip");

    tcase_add_loop_test(c, refuses, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(c, knows_networks, 0, sizeof hosts / sizeof *hosts);
    tcase_add_loop_test(c, knows_what_overlaps, 0, sizeof pairs / sizeof *pairs);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed > 0;
}
