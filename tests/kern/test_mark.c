/* kern/mark: whose a process is. In a PID namespace of the test's own, so that no other session is
 * looked at. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "kern/mark.h"

/* The highest number a mark has room for, which no process has. */
enum { NO_PID = 0x3fffff, CANNOT = 77 };

/* A child that sleeps, bears the mark (0: none) and has this name. */
static pid_t sleeper(uint64_t mark, const char *name)
{
    int named[2];
    char byte = 0;
    ck_assert_int_eq(pipe2(named, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, name);
        (void)!write(named[1], &byte, 1);
        for (;;)
            pause();
    }
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(read(named[0], &byte, 1), 1);
    close(named[0]);
    close(named[1]);
    bw_mark_set(pid, mark);
    return pid;
}

/* Whether it was killed; if not, it is now. */
static bool was_killed(pid_t pid)
{
    siginfo_t info = {0};
    bool dead = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return dead;
}

static void tells_marks_apart(void)
{
    uint64_t own = bw_mark_own();
    ck_assert(own == bw_mark_own());
    ck_assert_int_eq(bw_mark_owner(own), getpid());
    ck_assert_int_eq(bw_mark_owner(0), 0);
    ck_assert_int_eq(bw_mark_owner(~UINT64_C(0)), 0);
    /* A limit that somebody set for other reasons. */
    ck_assert_int_eq(bw_mark_owner(1024), 0);
    ck_assert_int_eq(bw_mark_owner(own ^ UINT64_C(1) << 63), 0);
}

static void is_inherited(void)
{
    uint64_t own = bw_mark_own();
    pid_t pid = sleeper(own, "marked"), plain = sleeper(0, "plain");
    ck_assert(bw_mark_get(pid) == own);
    ck_assert(bw_mark_get(plain) == 0);
    ck_assert(bw_mark_get(NO_PID) == 0);
    was_killed(pid);
    was_killed(plain);
    /* What it starts bears it too, whatever its session and parent. */
    pid = fork();
    if (pid == 0) {
        bw_mark_set(getpid(), own);
        pid_t below = fork();
        if (below == 0)
            _exit(setsid() > 0 && bw_mark_get(getpid()) == own ? 0 : 1);
        int status = 1;
        waitpid(below, &status, 0);
        _exit(status ? 1 : 0);
    }
    int status = 1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

static void kills_what_bears_it(void)
{
    uint64_t own = bw_mark_own(), other = own ^ 1;
    pid_t mine[2] = {sleeper(own, "mine"), sleeper(own, "mine")};
    pid_t others = sleeper(other, "others"), plain = sleeper(0, "plain");
    ck_assert_uint_eq(bw_mark_kill(0), 0);
    ck_assert_uint_eq(bw_mark_kill(own), 2);
    for (int i = 0; i < 2; i++)
        waitid(P_PID, (id_t)mine[i], NULL, WEXITED | WNOWAIT);
    /* The dead that nobody has waited for are no more to be killed. */
    ck_assert_uint_eq(bw_mark_kill(own), 0);
    ck_assert(was_killed(mine[0]) && was_killed(mine[1]));
    ck_assert(!was_killed(others));
    ck_assert(!was_killed(plain));
}

static void cleans_up_after_the_dead_alone(void)
{
    BW_AUTO_STR report = BW_STR_INIT, line = BW_STR_INIT;
    uint64_t own = bw_mark_own(), gone = own | NO_PID;
    pid_t left = sleeper(gone, "le\033ft"), living = sleeper(own, "living");
    /* The owner's number is another's by now: the start time tells. */
    pid_t reused = sleeper(own ^ UINT64_C(1) << 22, "reused");
    /* Of another PID namespace nobody can say; of another kind nobody asked. */
    pid_t elsewhere = sleeper(gone ^ UINT64_C(1) << 42, "elsewhere"),
          kind = sleeper(NO_PID, "kind");

    bw_mark_cleanup(&report);
    waitid(P_PID, (id_t)left, NULL, WEXITED | WNOWAIT);
    bw_str_addf(&line, "killed process %d (le\\x1bft): its shell, process %d, is gone\n", (int)left,
                NO_PID);
    ck_assert_msg(strstr(bw_str_get(&report), line.s) != NULL, "%s", report.s);
    ck_assert(was_killed(left));
    ck_assert(was_killed(reused));
    ck_assert(!was_killed(living));
    ck_assert(!was_killed(elsewhere));
    ck_assert(!was_killed(kind));
    bw_str_clear(&report);
    bw_mark_cleanup(&report);
    ck_assert_str_eq(bw_str_get(&report), "");
}

static void (*const all[])(void) = {tells_marks_apart, is_inherited, kills_what_bears_it,
                                    cleans_up_after_the_dead_alone};

START_TEST(in_a_namespace)
{
    int status = 0;
    if (unshare(CLONE_NEWPID | CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) != 0) {
        printf("SKIP test_mark: no PID namespace can be made: %s\n", strerror(errno));
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
            mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
            _exit(CANNOT);
        all[_i]();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT)
        printf("SKIP test_mark: proc cannot be mounted in a PID namespace\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mark");
    TCase *t = tcase_create("mark");
    tcase_add_loop_test(t, in_a_namespace, 0, (int)(sizeof all / sizeof *all));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
