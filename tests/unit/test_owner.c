#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kern/owner.h"

#define COUNT(v) ((int)(sizeof(v) / sizeof *(v)))

static const struct {
    const char *text;
    bool thing, group;
} names[] = {
    {"boxwright-12-3456-4026531836", true, false},
    {"boxwright-12-3456-4026532177", true, true},
    {"boxwright-12-3456", false, true},
    {"boxwright-12-3456.shell", false, false},
    {"boxwright-12-3456-4026532177.scope", false, false},
    {"boxwright-12-3456-", false, false},
    {"boxwright-12-3456-04026532177", false, false},
    {"boxwright-12-3456-4026532177-1", false, false},
    {"boxwright-012-3456", false, false},
    {"boxwright--1-3456", false, false},
    {"boxwright-12-0", false, false},
    {"boxwright-12", false, false},
    {"boxwright-", false, false},
    {"", false, false},
    {"boxwright-12-3456 ", false, false},
    {"xboxwright-12-3456", false, false},
    {"boxwright-12-3456x", false, false},
    {"boxwright- 12-3456", false, false},
    {"boxwright-99999999999999999999-1", false, false},
    {"boxwright-12-99999999999999999999", false, false},
    {"boxwright-12-3456-99999999999999999999", false, false},
    {"boxwright-12-3456-4026532177-and-what-is-longer-than-any-name-can-ever-be", false, false},
};

START_TEST(names_are_told)
{
    const char *text = names[_i].text;
    ck_assert_msg(bw_owner_is(BW_OWNER_THING, text, strlen(text)) == names[_i].thing, "%s", text);
    ck_assert_msg(bw_owner_is(BW_OWNER_GROUP, text, strlen(text)) == names[_i].group, "%s", text);
}
END_TEST

START_TEST(only_the_length_counts)
{
    ck_assert(bw_owner_is(BW_OWNER_GROUP, "boxwright-12-3456.shell", 17));
    ck_assert(!bw_owner_is(BW_OWNER_GROUP, "boxwright-12-3456", 10));
}
END_TEST

START_TEST(an_owner_is_gone_when_it_has_ended)
{
    enum bw_owner_form form = (enum bw_owner_form)_i;
    char name[BW_OWNER_NAME];
    pid_t owner = 0, child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        for (;;)
            pause();
    ck_assert_int_eq(bw_owner_name(form, child, name), 0);
    ck_assert_msg(bw_owner_is(form, name, strlen(name)), "%s", name);
    ck_assert(!bw_owner_gone(form, name, strlen(name), &owner));
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    siginfo_t ended;
    ck_assert_int_eq(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    ck_assert(bw_owner_gone(form, name, strlen(name), &owner));
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert(bw_owner_gone(form, name, strlen(name), &owner));
    ck_assert_int_eq(owner, child);
    ck_assert_int_eq(bw_owner_name(form, child, name), -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("owner");
    TCase *t = tcase_create("owner");
    tcase_add_loop_test(t, names_are_told, 0, COUNT(names));
    tcase_add_test(t, only_the_length_counts);
    tcase_add_loop_test(t, an_owner_is_gone_when_it_has_ended, BW_OWNER_THING, BW_OWNER_GROUP + 1);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
