/* base/err: what each setter leaves, truncation at a whole character, errno names. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"

START_TEST(refusal_has_no_call)
{
    struct bw_err e = BW_ERR_INIT;

    ck_assert_int_eq(bw_err_call(&e, EPERM, "unshare", "%s", "CLONE_NEWPID"), -1);
    ck_assert_int_eq(bw_err_set(&e, "no %s here", "box"), -1);
    ck_assert_int_eq(e.status, BW_REFUSED);
    ck_assert_int_eq(e.code, 0);
    ck_assert_str_eq(e.op, "");
    ck_assert_str_eq(e.call, "");
    ck_assert_str_eq(e.cause, "no box here");
    ck_assert_str_eq(e.todo, "");
    ck_assert_int_eq(bw_err_usage(&e, "too %s", "many"), -1);
    ck_assert_int_eq(e.status, BW_USAGE);
    bw_err_todo(&e, "give %d", 1);
    ck_assert_str_eq(e.todo, "give 1");
    bw_err_clear(&e);
    ck_assert_int_eq(e.status, BW_OK);
    ck_assert_str_eq(e.todo, "");
}
END_TEST

START_TEST(call_keeps_errno_and_cause)
{
    struct bw_err e = BW_ERR_INIT;

    errno = 0;
    ck_assert_int_eq(bw_err_call(&e, EPERM, "unshare", "%s", "CLONE_NEWPID"), -1);
    ck_assert_int_eq(errno, EPERM);
    ck_assert_int_eq(e.code, EPERM);
    ck_assert_int_eq(e.status, BW_REFUSED);
    ck_assert_str_eq(e.op, "unshare");
    ck_assert_str_eq(e.call, "unshare(CLONE_NEWPID)");
    bw_err_cause(&e, "it is %s", "so");
    ck_assert_str_eq(e.cause, "it is so");
    ck_assert_str_eq(e.call, "unshare(CLONE_NEWPID)");
}
END_TEST

START_TEST(null_is_ignored)
{
    errno = 0;
    ck_assert_int_eq(bw_err_call(NULL, EIO, "read", "%d", 3), -1);
    ck_assert_int_eq(errno, EIO);
    ck_assert_int_eq(bw_err_set(NULL, "x"), -1);
    ck_assert_int_eq(bw_err_usage(NULL, "x"), -1);
    bw_err_cause(NULL, "x");
    bw_err_todo(NULL, "x");
    bw_err_clear(NULL);
}
END_TEST

START_TEST(long_text_is_cut)
{
    struct bw_err e = BW_ERR_INIT;
    char text[2000];

    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    bw_err_set(&e, "%s", text);
    ck_assert_uint_eq(strlen(e.cause), sizeof e.cause - 1);
    ck_assert_str_eq(e.cause + sizeof e.cause - 4, "...");
    bw_err_call(&e, EIO, text, "%s", text);
    ck_assert_uint_eq(strlen(e.op), sizeof e.op - 1);
    ck_assert_str_eq(e.call + strlen(e.call) - 4, "...)");
    ck_assert_uint_lt(strlen(e.call), sizeof e.call);
    /* Two-byte characters at either parity: none is cut in half. */
    for (size_t shift = 0; shift < 2; shift++) {
        for (size_t i = shift; i + 1 < sizeof text - 1; i += 2)
            memcpy(text + i, "\xc3\xbc", 2);
        bw_err_set(&e, "%s", text);
        size_t n = strlen(e.cause);
        ck_assert_str_eq(e.cause + n - 3, "...");
        ck_assert_int_eq(e.cause[n - 4], '\xbc');
    }
}
END_TEST

static const struct {
    int code;
    const char *name;
} names[] = {{EPERM, "EPERM"},   {ENOENT, "ENOENT"},         {EINVAL, "EINVAL"},
             {EAGAIN, "EAGAIN"}, {EOPNOTSUPP, "EOPNOTSUPP"}, {ENOSPC, "ENOSPC"}};

START_TEST(names_both_ways)
{
    ck_assert_str_eq(bw_err_name(names[_i].code), names[_i].name);
    ck_assert_int_eq(bw_err_by_name(names[_i].name), names[_i].code);
}
END_TEST

START_TEST(unknown_names)
{
    ck_assert_str_eq(bw_err_name(0), "E?");
    ck_assert_str_eq(bw_err_name(-1), "E?");
    ck_assert_str_eq(bw_err_name(99999), "E?");
    ck_assert_int_eq(bw_err_by_name("E?"), 0);
    ck_assert_int_eq(bw_err_by_name(""), 0);
    ck_assert_int_eq(bw_err_by_name("eperm"), 0);
    ck_assert_int_eq(bw_err_by_name("EWOULDBLOCK"), EWOULDBLOCK);
    ck_assert_int_eq(bw_err_by_name("ENOTSUP"), EOPNOTSUPP);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("err");
    TCase *tc = tcase_create("err");

    tcase_add_test(tc, refusal_has_no_call);
    tcase_add_test(tc, call_keeps_errno_and_cause);
    tcase_add_test(tc, null_is_ignored);
    tcase_add_test(tc, long_text_is_cut);
    tcase_add_loop_test(tc, names_both_ways, 0, (int)(sizeof names / sizeof names[0]));
    tcase_add_test(tc, unknown_names);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
