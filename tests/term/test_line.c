/* Typing, without the split screen. */
#include "terminal.h"

/* ---- tests ---- */

START_TEST(runs_what_is_typed)
{
    start();
    type("set\r");
    expect("verbose 1  (calls and what changed)");
    expect_prompt();
    type("quit 7\r");
    ck_assert_int_eq(ended(), 7);
}
END_TEST

START_TEST(completes)
{
    start();
    type("mountp\t");
    expect("mountproc");
    expect_last("mountproc");
    type(C_C);
    expect_prompt();
    type("unshare u\t");
    expect("user");
    expect("uts");
    expect_last("unshare u");
    type("t\tpid");
    expect_last("unshare uts pid");
    type(C_C "save /tm\t");
    expect_last("save /tmp/");
    type(C_C "quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(empties_the_line_on_interrupt)
{
    start();
    type("nosuch command");
    expect_last("nosuch command");
    type(C_C);
    expect("nosuch command^C");
    expect_prompt();
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(ends_with_the_last_status)
{
    start();
    type("nosuch\r");
    expect("nosuch is not a command");
    expect_prompt();
    type("abc" C_A C_D);
    expect_last("bc");
    ck_assert(!shows("abc"));
    type(C_C);
    expect_prompt();
    type(C_D);
    ck_assert_int_eq(ended(), 2);
}
END_TEST

START_TEST(asks_for_the_rest_of_a_quote)
{
    start();
    type("run echo \"one\r");
    expect_last(">");
    type(C_C);
    expect_prompt();
    type("run echo 'one\r");
    expect_last(">");
    type("two'\r");
    expect("one\ntwo\n");
    expect_prompt();
    type("hostname \"open\r");
    expect_last(">");
    type(C_D);
    expect("the input ended inside a quote");
    expect_prompt();
    type(C_D);
    ck_assert_int_eq(ended(), 2);
}
END_TEST

START_TEST(runs_a_paste_line_by_line)
{
    start();
    type(PASTE("set verbose 0\rset\r\nset verbose 2\rset\rnosuch"));
    expect("verbose 0  (what changed)");
    expect("verbose 2  (every call and what changed)");
    expect_last("nosuch");
    ck_assert(!shows("nosuch is not a command"));
    type("1\r");
    expect("nosuch1 is not a command");
    expect_prompt();
    type("a" PASTE("\033[31mb\tc") "d");
    expect("a[31mb ");
    expect_last("cd");
    type(C_C);
    expect_prompt();
    /* A paste whose end never comes is no trap. */
    type("\033[200~half");
    poll(NULL, 0, 300);
    type(C_C);
    expect("^C");
    type("quit\r");
    ck_assert_int_eq(ended(), 2);
}
END_TEST

START_TEST(drops_a_paste_after_an_interrupt)
{
    start();
    type(PASTE("run sleep 60\rnosuch\r"));
    expect("run sleep 60");
    poll(NULL, 0, 500);
    type(C_C);
    expect("the rest of the paste is dropped");
    expect_prompt();
    ck_assert(!shows("nosuch"));
    type("quit\r");
    ck_assert_int_eq(ended(), 130);
}
END_TEST

START_TEST(gives_a_program_the_terminal)
{
    start();
    type("run sh -c 'echo reads; exec cat'\r");
    expect("\nreads");
    type("typed\r");
    expect("typed\ntyped\n");
    type(C_D);
    expect_prompt();
    type("run stty raw -echo\r");
    poll(NULL, 0, 300);
    type("set\r");
    expect("verbose 1");
    expect_prompt();
    type("quit 0\r");
    ck_assert_int_eq(ended(), 0);
    struct termios after;
    ck_assert_int_eq(tcgetattr(fd, &after), 0);
    ck_assert_uint_eq(after.c_lflag, modes.c_lflag);
    ck_assert_uint_eq(after.c_iflag, modes.c_iflag);
    ck_assert_uint_eq(after.c_oflag, modes.c_oflag);
}
END_TEST

START_TEST(stops_and_continues_a_program)
{
    start();
    type("run sleep 60\r");
    expect("run sleep 60");
    poll(NULL, 0, 500);
    type(C_Z);
    expect("stopped: process");
    expect_prompt();
    type("fg\r");
    poll(NULL, 0, 500);
    type(C_C);
    expect_prompt();
    type("set\r");
    expect("verbose 1");
    type("quit 0\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

/* No key undoes it. */
START_TEST(starts_output_that_a_program_stopped)
{
    if (system("command -v python3 > /dev/null") != 0) {
        printf("SKIP starts_output_that_a_program_stopped: there is no python3\n");
        return;
    }
    start();
    type("run python3 -c 'import termios; termios.tcflow(0, termios.TCOOFF)'\r");
    type("run echo on a\"\"gain\r");
    expect("on again");
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(recalls_history)
{
    char path[128];
    struct stat st;

    start();
    type("run true\r");
    expect_prompt();
    type("set\r");
    expect("verbose 1");
    expect_prompt();
    type(UP UP);
    expect_last("run true");
    type(C_C "quit\r");
    ck_assert_int_eq(ended(), 0);
    snprintf(path, sizeof path, "%s/.local/state/boxwright/history", home);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    close(fd);
    vterm_free(vt);
    start();
    type(UP UP);
    expect_last("set");
    type(C_C "quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(edits_characters_not_bytes)
{
    start();
    type("run echo gr\xc3\xbc\xc3\x9f" BACKSPACE "n" LEFT LEFT BACKSPACE "t\r");
    expect("\ngt\xc3\xbcn\n");
    type("quit\r");
    ended();
}
END_TEST

START_TEST(follows_the_window)
{
    struct winsize narrow = {.ws_row = 20, .ws_col = 40};

    start();
    ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &narrow), 0);
    vterm_set_size(vt, 20, 40);
    expect_prompt();
    type("run echo 0123456789012345678901234567890123456789");
    expect_last("0123456789");
    type(C_A "#");
    poll(NULL, 0, 200);
    type("\r");
    expect_prompt();
    type("set\r");
    expect("verbose 1");
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

static bool gone(const char *file)
{
    return access(file, F_OK) != 0;
}

START_TEST(ends_with_its_terminal)
{
    char children[64], stage[64] = "";
    BW_AUTO_STR text = BW_STR_INIT;

    start();
    type("run true\r");
    expect_prompt();
    snprintf(children, sizeof children, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    ck_assert_int_eq(bw_read_file(AT_FDCWD, children, &text), 0);
    ck_assert_uint_gt(text.len, 0);
    snprintf(stage, sizeof stage, "/proc/%d", atoi(text.s));
    ck_assert(!gone(stage));
    if (_i == 0) {
        close(fd);
        fd = -1;
        ck_assert_int_eq(ended(), 128 + SIGHUP);
    } else {
        kill(pid, SIGTERM);
        ck_assert_int_eq(ended(), 128 + SIGTERM);
        struct termios after;
        ck_assert_int_eq(tcgetattr(fd, &after), 0);
        ck_assert_uint_eq(after.c_lflag, modes.c_lflag);
    }
    for (int i = 0; i < 100 && !gone(stage); i++)
        poll(NULL, 0, 20);
    ck_assert_msg(gone(stage), "%s is still there", stage);
}
END_TEST

START_TEST(works_on_a_dumb_terminal)
{
    locale = "C";
    start_program(program(), 80, 30, "dumb");
    expect_prompt();
    type("set\r");
    expect("verbose 1");
    expect_prompt();
    type("mountp\t");
    expect_last("mountproc");
    type(C_C);
    expect_prompt();
    type(C_D);
    ck_assert_int_eq(ended(), 0);
    ck_assert_ptr_null(strchr(raw.s, '\033'));
}
END_TEST

/* A copy that has no modules beside it. */
START_TEST(reads_plainly_without_its_module)
{
    char copy[128], command[512];

    if (access("/usr/local/lib/boxwright/line.so", F_OK) == 0) {
        printf("SKIP reads_plainly_without_its_module: one is installed in /usr/local\n");
        return;
    }
    snprintf(copy, sizeof copy, "%s/boxwright", home);
    snprintf(command, sizeof command, "cp '%s' '%s'", program(), copy);
    ck_assert_int_eq(system(command), 0);
    start_program(copy, 80, 30, "xterm");
    expect("no line editing");
    expect_prompt();
    type("set\r");
    expect("verbose 1");
    expect_prompt();
    type("nosuch" C_C);
    expect_prompt();
    type("run echo 'a\r");
    expect_last(">");
    type("b'\r");
    expect("a\nb\n");
    expect_prompt();
    type("nosuch\r");
    expect("not a command");
    expect_prompt();
    type(C_D);
    ck_assert_int_eq(ended(), 2);
}
END_TEST

/* The folder that is the box's root gets a name that would drive the terminal. */
START_TEST(shows_where_the_box_stands)
{
    char folder[64], evil[64], line[128];

    if (geteuid() != 0) {
        printf("SKIP shows_where_the_box_stands: chroot needs root\n");
        return;
    }
    snprintf(folder, sizeof folder, "%s/root", home);
    snprintf(evil, sizeof evil, "%s/\033]2;evil\007", home);
    ck_assert_int_eq(mkdir(folder, 0755), 0);
    start();
    type("unshare uts ipc\r");
    expect("box[uts ipc] / #");
    expect_prompt();
    snprintf(line, sizeof line, "chroot %s\r", folder);
    type(line);
    expect("/root #");
    expect_prompt();
    ck_assert_int_eq(rename(folder, evil), 0);
    type("\r");
    expect("\\x1b]2;evil\\x07 #");
    ck_assert_ptr_null(strstr(raw.s, "\033]2;"));
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
    ck_assert_int_eq(rmdir(evil), 0);
}
END_TEST

/* An absolute link of the box leads to its own /tmp, as it does for the box's programs. */
START_TEST(completes_paths_of_the_box)
{
    static const char *const folders[] = {"", "/tmp", "/tmp/bwinbox"};
    char path[128], line[128];

    if (geteuid() != 0) {
        printf("SKIP completes_paths_of_the_box: chroot needs root\n");
        return;
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/root%s", home, folders[i]);
        ck_assert_int_eq(mkdir(path, 0755), 0);
    }
    snprintf(path, sizeof path, "%s/root/link", home);
    ck_assert_int_eq(symlink("/tmp", path), 0);
    start();
    snprintf(line, sizeof line, "chroot %s/root\r", home);
    type(line);
    expect("/root #");
    expect_prompt();
    type("run /li\t");
    expect_last("run /link/");
    type("bwi\t");
    expect_last("run /link/bwinbox/");
    type(C_C "run /link/../../..\t/t\t");
    expect_last("/tmp/");
    type("bw\t");
    expect_last("/tmp/bwinbox/");
    type(C_C "quit\r");
    ck_assert_int_eq(ended(), 0);
    ck_assert_int_eq(unlink(path), 0);
    for (size_t i = sizeof folders / sizeof *folders; i-- > 0;) {
        snprintf(path, sizeof path, "%s/root%s", home, folders[i]);
        ck_assert_int_eq(rmdir(path), 0);
    }
}
END_TEST

int main(void)
{
    option = "--no-pane";
    Suite *suite = suite_create("line");
    TCase *tc = tcase_create("line");

    tcase_set_timeout(tc, 150);
    tcase_add_checked_fixture(tc, begin, finish);
    tcase_add_test(tc, runs_what_is_typed);
    tcase_add_test(tc, completes);
    tcase_add_test(tc, empties_the_line_on_interrupt);
    tcase_add_test(tc, ends_with_the_last_status);
    tcase_add_test(tc, asks_for_the_rest_of_a_quote);
    tcase_add_test(tc, runs_a_paste_line_by_line);
    tcase_add_test(tc, drops_a_paste_after_an_interrupt);
    tcase_add_test(tc, gives_a_program_the_terminal);
    tcase_add_test(tc, stops_and_continues_a_program);
    tcase_add_test(tc, starts_output_that_a_program_stopped);
    tcase_add_test(tc, recalls_history);
    tcase_add_test(tc, edits_characters_not_bytes);
    tcase_add_test(tc, follows_the_window);
    tcase_add_loop_test(tc, ends_with_its_terminal, 0, 2);
    tcase_add_test(tc, works_on_a_dumb_terminal);
    tcase_add_test(tc, reads_plainly_without_its_module);
    tcase_add_test(tc, shows_where_the_box_stands);
    tcase_add_test(tc, completes_paths_of_the_box);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
