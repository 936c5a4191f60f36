/* The keys of the session that boxwright was started in, as a program of a box finds them. */
#include <check.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/out.h"
#include "base/str.h"
#include "cmd/session.h"

static char self[4096];

/* Inside: 0 when the session's key is not to be found. */
static int look(void)
{
    return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "bw-test", 0) < 0
               ? 0
               : 42;
}

static void box_with_a_key(void)
{
    struct bw_session s;
    struct bw_out out;
    BW_AUTO_STR line = BW_STR_INIT, text = BW_STR_INIT;

    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
        syscall(SYS_add_key, "user", "bw-test", "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0)
        _exit(77);
    if (look() != 42)
        _exit(1);
    bw_out_string(&out, &text);
    bw_session_open(&s, &out);
    bw_str_addf(&line, "run %s look", self);
    int status = bw_session_text(&s, line.s, line.len, NULL);
    bw_session_close(&s);
    _exit(status);
}

START_TEST(a_program_does_not_possess_the_sessions_keys)
{
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        box_with_a_key();
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        printf("SKIP a_program_does_not_possess_the_sessions_keys: no keyrings here\n");
        return;
    }
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "look") == 0)
        return look();
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    Suite *s = suite_create("keyring");
    TCase *t = tcase_create("keyring");
    tcase_add_test(t, a_program_does_not_possess_the_sessions_keys);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
