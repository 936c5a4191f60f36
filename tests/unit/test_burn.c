/* kern/burn: what is refused, what is reached, and that no child outlives the load. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/burn.h"

#define NOBODY 65534

static const struct {
    struct bw_burn b;
    int result;
} checked[] = {
    {{BW_BURN_CPU, 1, 10000}, 0},
    {{BW_BURN_CPU, 1024, 3600000}, 0},
    {{BW_BURN_MEMORY, 1, 1}, 0},
    {{BW_BURN_FORK, 100000, 1}, 0},
    {{BW_BURN_CPU, 0, 1000}, -1},
    {{BW_BURN_CPU, -1, 1000}, -1},
    {{BW_BURN_CPU, 1025, 1000}, -1},
    {{BW_BURN_CPU, 1, 0}, -1},
    {{BW_BURN_CPU, 1, -5}, -1},
    {{BW_BURN_CPU, 1, 3600001}, -1},
    {{BW_BURN_MEMORY, 0, 1000}, -1},
    {{BW_BURN_MEMORY, -1, 1000}, -1},
    {{BW_BURN_MEMORY, 1LL << 60, 1000}, -1},
    {{BW_BURN_FORK, 0, 1000}, -1},
    {{BW_BURN_FORK, 100001, 1000}, -1},
};

START_TEST(checks_amounts)
{
    struct bw_err err = BW_ERR_INIT;

    ck_assert_int_eq(bw_burn_check(&checked[_i].b, &err), checked[_i].result);
    ck_assert_int_eq(err.status, checked[_i].result == 0 ? BW_OK : BW_USAGE);
}
END_TEST

struct run {
    pid_t pid;
    int out; /* the read end of its standard output, which its children hold open too */
};

static struct run start(struct bw_burn b, void (*before)(void))
{
    struct run r;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    r.pid = fork();
    if (r.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[1]);
        if (before != NULL)
            before();
        _exit(bw_burn_run(&b));
    }
    close(ends[1]);
    r.out = ends[0];
    return r;
}

/* The load's status as a shell counts it. End of file on its output is the proof that the children
 * are gone as well: each holds the other end open. */
static int finish(struct run *r, struct bw_str *said)
{
    int status;

    ck_assert_int_eq(bw_read_all(r->out, said, 4096), 0);
    close(r->out);
    ck_assert_int_eq(waitpid(r->pid, &status, 0), r->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

START_TEST(cpu_is_used_and_bounded)
{
    BW_AUTO_STR said = BW_STR_INIT;
    struct rusage used;
    double begin = seconds();
    struct run r = start((struct bw_burn){BW_BURN_CPU, 1, 600}, NULL);

    ck_assert_int_eq(finish(&r, &said), 0);
    double wall = seconds() - begin;
    /* Its clock counts whole milliseconds. */
    ck_assert_double_ge(wall, 0.599);
    ck_assert_double_lt(wall, 5);
    ck_assert_msg(bw_str_starts(bw_str_get(&said), "burn cpu: 1 worker used "), "%s",
                  bw_str_get(&said));
    /* As the kernel counts it, with much room for a machine that is busy. */
    ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &used), 0);
    double cpu = (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6;
    ck_assert_double_gt(cpu, 0.05);
    ck_assert_double_lt(cpu, wall + 0.1);
}
END_TEST

START_TEST(memory_is_touched)
{
    BW_AUTO_STR said = BW_STR_INIT;
    struct rusage used;
    struct run r = start((struct bw_burn){BW_BURN_MEMORY, 24 << 20, 500}, NULL);

    ck_assert_int_eq(finish(&r, &said), 0);
    ck_assert_str_eq(bw_str_get(&said), "burn memory: touched 24.0 of 24.0 MiB\n");
    ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &used), 0);
    ck_assert_int_ge(used.ru_maxrss, 24 * 1024);
}
END_TEST

static void limit_memory(void)
{
    struct rlimit limit = {64 << 20, 64 << 20};

    setrlimit(RLIMIT_AS, &limit);
}

START_TEST(memory_that_cannot_be_mapped)
{
#ifdef __SANITIZE_ADDRESS__
    puts("SKIP burn: a limit on addresses stops the address sanitizer");
    return;
#endif
    BW_AUTO_STR said = BW_STR_INIT;
    double begin = seconds();
    struct run r = start((struct bw_burn){BW_BURN_MEMORY, 256 << 20, 20000}, limit_memory);

    ck_assert_int_eq(finish(&r, &said), BW_REFUSED);
    ck_assert_msg(strstr(bw_str_get(&said), "ENOMEM") != NULL, "%s", bw_str_get(&said));
    ck_assert_double_lt(seconds() - begin, 10);
}
END_TEST

START_TEST(children_are_forked)
{
    BW_AUTO_STR said = BW_STR_INIT;
    struct run r = start((struct bw_burn){BW_BURN_FORK, 30, 200}, NULL);

    ck_assert_int_eq(finish(&r, &said), 0);
    ck_assert_str_eq(bw_str_get(&said), "burn fork: 30 of 30 children\n");
}
END_TEST

static void limit_processes(void)
{
    struct rlimit limit = {0, 0};

    /* Root is not bound by it. An ID that nothing else here runs as counts from nothing. */
    if (geteuid() == 0 && setresuid(NOBODY - 4321, NOBODY - 4321, NOBODY - 4321) != 0)
        _exit(99);
    setrlimit(RLIMIT_NPROC, &limit);
}

START_TEST(refused_fork_is_told)
{
    BW_AUTO_STR said = BW_STR_INIT;
    double begin = seconds();
    struct run r = start((struct bw_burn){_i, 5, 300}, limit_processes);

    ck_assert_int_eq(finish(&r, &said), BW_REFUSED);
    ck_assert_msg(strstr(bw_str_get(&said), "EAGAIN") != NULL, "%s", bw_str_get(&said));
    ck_assert_double_lt(seconds() - begin, 5);
}
END_TEST

static const struct {
    enum bw_burn_kind kind;
    long long amount;
    int sig;
} ended[] = {
    {BW_BURN_CPU, 2, SIGINT},           {BW_BURN_MEMORY, 8 << 20, SIGINT},
    {BW_BURN_FORK, 20, SIGINT},         {BW_BURN_CPU, 2, SIGTERM},
    {BW_BURN_FORK, 20, SIGHUP},         {BW_BURN_CPU, 2, SIGKILL},
    {BW_BURN_MEMORY, 8 << 20, SIGKILL}, {BW_BURN_FORK, 20, SIGKILL},
};

START_TEST(a_signal_ends_all_of_it)
{
    BW_AUTO_STR said = BW_STR_INIT;
    double begin = seconds();
    struct run r = start((struct bw_burn){ended[_i].kind, ended[_i].amount, 30000}, NULL);

    usleep(300000);
    ck_assert_int_eq(kill(r.pid, ended[_i].sig), 0);
    ck_assert_int_eq(finish(&r, &said), 128 + ended[_i].sig);
    ck_assert_double_lt(seconds() - begin, 10);
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("burn");
    TCase *tc = tcase_create("burn");

    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, checks_amounts, 0, COUNT(checked));
    tcase_add_test(tc, cpu_is_used_and_bounded);
    tcase_add_test(tc, memory_is_touched);
    tcase_add_test(tc, memory_that_cannot_be_mapped);
    tcase_add_test(tc, children_are_forked);
    tcase_add_loop_test(tc, refused_fork_is_told, BW_BURN_CPU, BW_BURN_FORK + 1);
    tcase_add_loop_test(tc, a_signal_ends_all_of_it, 0, COUNT(ended));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
