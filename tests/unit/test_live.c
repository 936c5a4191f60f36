/* Samples as bytes, and the settings of the pane as text: what goes in comes out, and nothing
 * malformed gets in. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cmd/pane.h"
#include "model/journal.h"
#include "model/live.h"

static void sample(struct bw_live *l)
{
    struct bw_journal none = {0};
    struct bw_sampler *s = bw_sampler_new();

    memset(l, 0, sizeof *l);
    bw_sampler_take(s, getpid(), &none, true, l);
    bw_sampler_take(s, getpid(), &none, false, l);
    ck_assert(l->box);
    ck_assert_uint_ge(l->n_tree, 1);
    ck_assert_int_eq(l->tree[0].pid, getpid());
    bw_sampler_free(s);
}

START_TEST(comes_back_as_it_was)
{
    struct bw_live l, back;
    BW_AUTO_STR bytes = BW_STR_INIT;
    BW_AUTO_STR again = BW_STR_INIT;

    sample(&l);
    strcpy(l.with[BW_NS_NET], "web");
    bw_live_pack(&l, &bytes);
    ck_assert_int_eq(bw_live_unpack(bytes.s, bytes.len, &back), 0);
    ck_assert_str_eq(back.with[BW_NS_NET], "web");
    bw_live_pack(&back, &again);
    ck_assert_uint_eq(bytes.len, again.len);
    ck_assert_mem_eq(bytes.s, again.s, bytes.len);
    ck_assert_str_eq(back.snap.root, l.snap.root);
    ck_assert_uint_eq(back.snap.mounts.n, l.snap.mounts.n);
    bw_live_free(&back);
    bw_live_free(&l);
}
END_TEST

START_TEST(refuses_what_is_cut_or_changed)
{
    struct bw_live l, back;
    BW_AUTO_STR bytes = BW_STR_INIT;

    sample(&l);
    bw_live_pack(&l, &bytes);
    for (size_t n = 0; n < bytes.len; n += n < 4000 ? 1 : 97)
        ck_assert_int_eq(bw_live_unpack(bytes.s, n, &back), -1);
    bw_str_addc(&bytes, 'x');
    ck_assert_int_eq(bw_live_unpack(bytes.s, bytes.len, &back), -1);
    /* Any byte may be anything: it is refused or taken, and nothing worse. */
    srand(7);
    for (int i = 0; i < 20000; i++) {
        size_t at = (size_t)rand() % (bytes.len - 1);
        char old = bytes.s[at];
        bytes.s[at] = (char)rand();
        if (bw_live_unpack(bytes.s, bytes.len - 1, &back) == 0)
            bw_live_free(&back);
        bytes.s[at] = old;
    }
    bw_live_free(&l);
}
END_TEST

START_TEST(keeps_the_pane_as_it_was_set)
{
    static char *set[][2] = {{"side", "top"}, {"rate", "0.5"}, {"size", "33"}, {"mounts", "off"}};
    struct bw_pane_opts o, back;
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_pane_default(&o);
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        ck_assert_int_eq(bw_pane_set(&o, 2, set[i], &err), 0);
    bw_pane_write(&o, &text);
    bw_pane_default(&back);
    bw_pane_read(&back, text.s);
    ck_assert_int_eq(back.rate, 5);
    ck_assert_int_eq(back.side, BW_SIDE_TOP);
    ck_assert_int_eq(back.size, 33);
    ck_assert_uint_eq(back.hidden, 1u << BW_PANE_MOUNTS);
    bw_pane_read(&back, "rate 99\nnonsense\nside\n\n on\nsize -4\n");
    ck_assert_int_eq(back.rate, 5);
    ck_assert_int_eq(back.size, 33);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live");
    TCase *tc = tcase_create("live");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, comes_back_as_it_was);
    tcase_add_test(tc, refuses_what_is_cut_or_changed);
    tcase_add_test(tc, keeps_the_pane_as_it_was_set);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
