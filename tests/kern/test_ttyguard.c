/* Programs of the box and the shell's terminal: on a pty a box is made and this very program run
 * in it, which tries to type into the terminal in every way there is. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cmd/session.h"
#include "kern/ttyguard.h"

/* ---- inside: what is tried ---- */

#define HIGH_BITS 0x100000000UL

static void tell(const char *how, long r)
{
    printf("%s %s\n", how, r == 0 ? "TYPED" : strerrorname_np(errno));
}

#ifdef __x86_64__
/* ioctl as a 32-bit program calls it. The argument must lie below 4 GiB. */
static void push_32(void)
{
    char *c =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    int r = 54;

    if (c == MAP_FAILED)
        return;
    *c = '3';
    __asm__ volatile("int $0x80"
                     : "+a"(r)
                     : "b"(0), "c"(TIOCSTI), "d"(c)
                     : "memory", "r8", "r9", "r10", "r11");
    errno = -r;
    tell("32-bit", r);
}
#else
static void push_32(void)
{
}
#endif

static int push(void)
{
    int status;
    char c = 'x', paste[] = {3};
    int tty = open("/dev/tty", O_RDWR);

    tell("stdin", ioctl(0, TIOCSTI, &c));
    tell("tty", ioctl(tty, TIOCSTI, &c));
    tell("high", syscall(SYS_ioctl, 0, TIOCSTI | HIGH_BITS, &c));
    tell("console", ioctl(0, TIOCLINUX, paste) == 0 || errno != EPERM ? 0 : -1);
    fflush(stdout);
    /* Where the kernel has no 32-bit ABI the instruction is a fault. */
    if (fork() == 0) {
        push_32();
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    printf("size %s\n", ioctl(0, TIOCGWINSZ, &(struct winsize){0}) == 0 ? "ok" : "lost");
    return 0;
}

/* ---- outside ---- */

static char self[4096];

static void box(const char *setup)
{
    struct bw_session s;
    struct bw_out out;
    BW_AUTO_STR line = BW_STR_INIT;

    bw_out_stdio(&out);
    bw_session_open(&s, &out);
    bw_str_addf(&line, "set verbose 0; %s; run %s push", setup, self);
    int status = bw_session_text(&s, line.s, line.len, NULL);
    bw_session_close(&s);
    _exit(status);
}

/* Makes the box on a terminal of its own; out gets all that was written there. */
static int on_terminal(const char *setup, struct bw_str *out)
{
    int fd, status;
    pid_t pid = forkpty(&fd, NULL, NULL, NULL);

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        box(setup);
    }
    for (;;) {
        char buf[4096];
        ssize_t n = read(fd, buf, sizeof buf);
        if (n <= 0)
            break;
        bw_str_addn(out, buf, (size_t)n);
    }
    close(fd);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static bool kernel_refuses(void)
{
    BW_AUTO_STR text = BW_STR_INIT;

    return bw_read_file(AT_FDCWD, "/proc/sys/dev/tty/legacy_tiocsti", &text) == 0 &&
           bw_str_get(&text)[0] == '0';
}

static const char *const setups[] = {"unshare user uts pid; map root", "unshare uts",
                                     "unshare user; map root; spawn true"};

START_TEST(a_program_cannot_type_into_the_terminal)
{
    BW_AUTO_STR out = BW_STR_INIT;

    if (_i == 1 && geteuid() != 0) {
        printf("SKIP a_program_cannot_type_into_the_terminal: without a user namespace an ordinary "
               "user cannot set a filter\n");
        return;
    }
    if (_i == 1 && kernel_refuses()) {
        printf("SKIP a_program_cannot_type_into_the_terminal: the kernel leaves TIOCSTI to root\n");
        return;
    }
    int status = on_terminal(setups[_i], &out);
    const char *text = bw_str_get(&out);
    if (strstr(text, "CLONE_NEWUSER") && strstr(text, "EPERM (")) {
        printf("SKIP a_program_cannot_type_into_the_terminal: no user namespaces here\n");
        return;
    }
    ck_assert_msg(status == 0, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "size ok"));
    ck_assert_msg(!strstr(text, "TYPED"), "%s", text);
    if (!kernel_refuses()) {
        ck_assert_msg(strstr(text, "stdin EPERM") && strstr(text, "tty EPERM"), "%s", text);
        ck_assert_msg(strstr(text, "high EPERM") && strstr(text, "console EPERM"), "%s", text);
    }
}
END_TEST

/* Whatever this kernel does by itself: the filter answers before it. */
START_TEST(the_filter_refuses_what_it_should_and_nothing_else)
{
    int fd, status;
    pid_t pid = forkpty(&fd, NULL, NULL, NULL);

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        char c = 'x';
        if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
            _exit(1);
        if (bw_ttyguard_install())
            _exit(2);
        if (ioctl(0, TIOCSTI, &c) != -1 || errno != EPERM)
            _exit(3);
        if (ioctl(0, TIOCGWINSZ, &(struct winsize){0}) || getpid() <= 0)
            _exit(4);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    close(fd);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(without_a_terminal_there_is_no_filter)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        for (int i = 0; i < 3; i++)
            dup2(i == 0 ? open("/dev/null", O_RDONLY) : ends[1], i);
        close(ends[1]);
        _exit(bw_ttyguard_needed());
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "push") == 0)
        return push();
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    Suite *s = suite_create("ttyguard");
    TCase *t = tcase_create("ttyguard");
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, a_program_cannot_type_into_the_terminal, 0, 3);
    tcase_add_test(t, the_filter_refuses_what_it_should_and_nothing_else);
    tcase_add_test(t, without_a_terminal_there_is_no_filter);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
