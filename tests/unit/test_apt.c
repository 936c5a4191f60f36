/* sources.list(5) in both forms. */
#include <check.h>
#include <stdlib.h>

#include "base/str.h"
#include "kern/apt.h"

static const struct {
    const char *text;
    int deb822;
    const char *suite, *mirror; /* NULL: none */
} cases[] = {
    {"deb http://a/debian bookworm main\n", 0, "bookworm", "http://a/debian"},
    {"# deb http://a/debian bookworm main\n", 0, "bookworm", NULL},
    {"deb-src http://a/debian bookworm main\n", 0, "bookworm", NULL},
    {"deb [arch=amd64 signed-by=/k] https://a/d bookworm main\n", 0, "bookworm", "https://a/d"},
    {"deb [arch=amd64 https://a/d bookworm main\n", 0, "bookworm", NULL},
    {"deb http://a/d bookworm-updates main\ndeb http://b/d bookworm main", 0, "bookworm",
     "http://b/d"},
    {"deb cdrom:[x]/ bookworm main\n", 0, "bookworm", NULL},
    {"deb file:/srv bookworm main\ndeb\thttp://c\tbookworm\tmain\r\n", 0, "bookworm", "http://c"},
    {"deb http://a\n", 0, "bookworm", NULL},
    {"deb http://a ", 0, "", NULL},
    {"Types: deb\nURIs: http://a/debian\nSuites: bookworm bookworm-updates\n", 1, "bookworm",
     "http://a/debian"},
    {"Types: deb\n# a remark\nURIs: http://a/security\nSuites: bookworm-security\n\n"
     "Types: deb deb-src\nURIs: ftp://x https://b/debian\nSuites: sid bookworm\n",
     1, "bookworm", "https://b/debian"},
    {"Types: deb-src\nURIs: http://a\nSuites: bookworm\n", 1, "bookworm", NULL},
    {"Types: deb\nURIs: http://a\n\nSuites: bookworm\n", 1, "bookworm", NULL},
    {"types: deb\nuris: http://a\nsuites: bookworm", 1, "bookworm", "http://a"},
    {"", 1, "bookworm", NULL},
    {"", 0, "bookworm", NULL},
};

START_TEST(finds_the_mirror_of_a_suite)
{
    BW_AUTO_STR out = BW_STR_INIT;
    int r = bw_apt_parse(cases[_i].text, cases[_i].deb822, cases[_i].suite, &out);

    ck_assert_int_eq(r, cases[_i].mirror ? 0 : -1);
    ck_assert_str_eq(bw_str_get(&out), cases[_i].mirror ? cases[_i].mirror : "");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apt");
    TCase *c = tcase_create("apt");
    tcase_add_loop_test(c, finds_the_mirror_of_a_suite, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
