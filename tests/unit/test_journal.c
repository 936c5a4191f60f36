/* model/journal: steps in force and steps undone, each owned by one list at a time. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/journal.h"

static struct bw_step step(int i)
{
    struct bw_step s = {0};
    char text[32];

    snprintf(text, sizeof text, "step %d", i);
    s.line = bw_strdup(text);
    s.shell = bw_strdup("sh");
    s.made = bw_alloc(sizeof *s.made);
    s.made[s.n_made++] = bw_strdup("/d");
    struct bw_call call = {.name = text, .args = text, .note = text, .level = BW_CALL_STEP};
    bw_calls_add(&s.calls, &call);
    s.diff.line = bw_alloc(sizeof *s.diff.line);
    s.diff.line[0] = bw_strdup("changed");
    s.diff.n = 1;
    return s;
}

static void add(struct bw_journal *j, int i, int forget)
{
    struct bw_step s = step(i);

    bw_journal_add(j, &s, forget);
    /* Taken over: nothing is left with the caller. */
    ck_assert_ptr_null(s.line);
    ck_assert_uint_eq(s.calls.n, 0);
    ck_assert_ptr_null(s.diff.line);
}

START_TEST(keeps_the_order)
{
    struct bw_journal j = {0};

    for (int i = 0; i < 100; i++)
        add(&j, i, 1);
    ck_assert_uint_eq(j.n, 100);
    ck_assert_str_eq(j.v[0].line, "step 0");
    ck_assert_str_eq(j.v[99].line, "step 99");
    ck_assert_str_eq(j.v[99].calls.v[0].args, "step 99");
    bw_journal_free(&j);
    ck_assert_uint_eq(j.n, 0);
    ck_assert_ptr_null(j.v);
    bw_journal_free(&j);
}
END_TEST

START_TEST(undoes_and_redoes)
{
    struct bw_journal j = {0};
    struct bw_step again;

    ck_assert_ptr_null(bw_journal_undo(&j));
    ck_assert_int_eq(bw_journal_redo(&j, &again), -1);
    for (int i = 0; i < 40; i++)
        add(&j, i, 1);
    for (int i = 39; i >= 0; i--) {
        struct bw_step *s = bw_journal_undo(&j);
        char want[32];
        snprintf(want, sizeof want, "step %d", i);
        ck_assert_ptr_nonnull(s);
        ck_assert_str_eq(s->line, want);
        ck_assert_uint_eq(j.n, (size_t)i);
        ck_assert_uint_eq(j.n_undone, (size_t)(40 - i));
    }
    ck_assert_ptr_null(bw_journal_undo(&j));
    /* What is redone comes back in the order it was made, and is added without forgetting. */
    for (int i = 0; i < 40; i++) {
        char want[32];
        snprintf(want, sizeof want, "step %d", i);
        ck_assert_int_eq(bw_journal_redo(&j, &again), 0);
        ck_assert_str_eq(again.line, want);
        bw_journal_add(&j, &again, 0);
        ck_assert_uint_eq(j.n_undone, (size_t)(39 - i));
    }
    ck_assert_int_eq(bw_journal_redo(&j, &again), -1);
    bw_journal_free(&j);
}
END_TEST

START_TEST(forgets_on_a_new_step)
{
    struct bw_journal j = {0};
    struct bw_step again;

    add(&j, 0, 1);
    add(&j, 1, 1);
    bw_journal_undo(&j);
    add(&j, 2, 1);
    ck_assert_uint_eq(j.n_undone, 0);
    ck_assert_int_eq(bw_journal_redo(&j, &again), -1);
    ck_assert_uint_eq(j.n, 2);
    ck_assert_str_eq(j.v[1].line, "step 2");
    bw_journal_undo(&j);
    bw_journal_free(&j);
    ck_assert_uint_eq(j.n_undone, 0);
    ck_assert_ptr_null(j.undone);
}
END_TEST

START_TEST(frees_an_empty_step)
{
    struct bw_step s = {0};

    bw_step_free(&s);
    s = step(1);
    bw_step_free(&s);
    bw_step_free(&s);
    ck_assert_ptr_null(s.line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *tc = tcase_create("journal");

    tcase_add_test(tc, keeps_the_order);
    tcase_add_test(tc, undoes_and_redoes);
    tcase_add_test(tc, forgets_on_a_new_step);
    tcase_add_test(tc, frees_an_empty_step);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
