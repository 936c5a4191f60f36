/* base/fd: closing, whole reads and writes, limits, the standard descriptors. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(closes_at_the_end_of_scope)
{
    int seen;
    {
        BW_AUTO_FD fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        seen = fd;
        ck_assert(is_open(seen));
        errno = EDOM;
    }
    ck_assert_int_eq(errno, EDOM);
    ck_assert(!is_open(seen));
}
END_TEST

START_TEST(steals)
{
    int kept;
    {
        BW_AUTO_FD fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        kept = bw_steal_fd(&fd);
        ck_assert_int_eq(fd, -1);
    }
    ck_assert(is_open(kept));
    bw_close_ptr(&kept);
    ck_assert_int_eq(kept, -1);
    bw_close_ptr(&kept);
}
END_TEST

START_TEST(reads_at_most_max)
{
    int ends[2];
    BW_AUTO_STR text = BW_STR_INIT;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(bw_write_all(ends[1], "0123456789", 10), 0);
    close(ends[1]);
    bw_str_add(&text, "kept:");
    if (_i >= 10) {
        ck_assert_int_eq(bw_read_all(ends[0], &text, (size_t)_i), 0);
        ck_assert_str_eq(text.s, "kept:0123456789");
    } else {
        ck_assert_int_eq(bw_read_all(ends[0], &text, (size_t)_i), -1);
        ck_assert_int_eq(errno, EFBIG);
    }
}
END_TEST

START_TEST(reads_files)
{
    BW_AUTO_STR text = BW_STR_INIT;
    BW_AUTO_FD proc = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    bw_str_add(&text, "old");
    ck_assert_int_eq(bw_read_file(AT_FDCWD, "/proc/self/status", &text), 0);
    ck_assert(bw_str_starts(text.s, "Name:"));
    ck_assert_int_eq(bw_read_file(proc, "cmdline", &text), 0);
    /* Words there end in NUL bytes, which count. */
    ck_assert_uint_gt(text.len, strlen(text.s));
    ck_assert_int_eq(bw_read_file(AT_FDCWD, "/proc/self/nothing", &text), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(bw_read_file(AT_FDCWD, "/proc", &text), -1);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_int_eq(bw_read_file(AT_FDCWD, "/dev/zero", &text), -1);
    ck_assert_int_eq(errno, EFBIG);
}
END_TEST

START_TEST(a_fifo_does_not_hang)
{
    char dir[] = "/tmp/bw-fd-XXXXXX";
    BW_AUTO_STR path = BW_STR_INIT, text = BW_STR_INIT;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    bw_str_addf(&path, "%s/fifo", dir);
    ck_assert_int_eq(mkfifo(path.s, 0600), 0);
    int r = bw_read_file(AT_FDCWD, path.s, &text);
    unlink(path.s);
    rmdir(dir);
    ck_assert_int_eq(r, 0);
    ck_assert_uint_eq(text.len, 0);
}
END_TEST

/* More than a pipe holds, into a descriptor that does not wait. */
START_TEST(writes_all_to_a_slow_reader)
{
    enum { SIZE = 300000 };
    int ends[2];
    BW_AUTO_STR all = BW_STR_INIT;
    char *buf = malloc(SIZE);

    ck_assert_ptr_nonnull(buf);
    memset(buf, 'x', SIZE);
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        _exit(bw_write_all(ends[1], buf, SIZE) == 0 ? 0 : 1);
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, 0);
    usleep(50000);
    ck_assert_int_eq(bw_read_all(ends[0], &all, SIZE), 0);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(all.len, SIZE);
    free(buf);
}
END_TEST

START_TEST(write_errors_are_told)
{
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(bw_write_all(ends[1], "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    ck_assert_int_eq(bw_write_all(-1, "x", 1), -1);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(bw_write_all(-1, "x", 0), 0);
}
END_TEST

/* Each set of closed standard descriptors, as bits. */
START_TEST(opens_the_standard_descriptors)
{
    pid_t pid = fork();

    if (pid == 0) {
        for (int fd = 0; fd <= 2; fd++)
            if (_i >> fd & 1)
                close(fd);
        if (bw_fd_std() != 0)
            _exit(1);
        for (int fd = 0; fd <= 2; fd++)
            if (!is_open(fd))
                _exit(2);
        int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
        _exit(next > 2 ? 0 : 3);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fd");
    TCase *tc = tcase_create("fd");

    tcase_add_test(tc, closes_at_the_end_of_scope);
    tcase_add_test(tc, steals);
    tcase_add_loop_test(tc, reads_at_most_max, 8, 12);
    tcase_add_test(tc, reads_files);
    tcase_add_test(tc, a_fifo_does_not_hang);
    tcase_add_test(tc, writes_all_to_a_slow_reader);
    tcase_add_test(tc, write_errors_are_told);
    tcase_add_loop_test(tc, opens_the_standard_descriptors, 0, 8);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
