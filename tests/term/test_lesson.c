/* A lesson walked by typing: wrong turns, hints, undo, reset, play, quit and resume. */
#include "terminal.h"

static const char *const modes_of[] = {"--no-pane", NULL};

/* Lesson 3 parts process numbers, which takes root; its steps are what this test knows. */
static bool cannot_learn(const char *test)
{
    if (geteuid() == 0)
        return false;
    printf("SKIP %s: the lesson's inodes are compared as root\n", test);
    return true;
}

static void open_shell(int i)
{
    option = modes_of[i];
    start_program(program(), 100, 48, "xterm-256color");
    expect("box ");
}

/* Until nothing more comes: what is typed then meets a prompt. */
static void settle(void)
{
    for (size_t before = raw.len + 1; before != raw.len;) {
        before = raw.len;
        pump(200);
    }
}

static void enter(const char *line)
{
    settle();
    type(line);
    type("\r");
}

/* What a long text hides below is shown by typing on. */
static void does(const char *line, const char *shows_then)
{
    enter(line);
    expect(shows_then);
}

static void walk_first_half(void)
{
    does("learn 3", "03-pid, step 1 of 4");
    does("check", "1 of 2 hold; ns.pid_for_children is still");
    ck_assert(!shows("Done: step 1"));
    does("hint", "Two spellings");
    /* A wrong turn: the short spelling forks as well. */
    does("unshare pid", "pid is the box's own");
    does("hint", "The box has moved already");
    does("undo", "undone: unshare pid");
    does("2", "You predict: no");
    does("unshare --pid", "Done: step 1 of 4");
    expect("You predicted it: no");
    expect("03-pid, step 2 of 4");
    /* Nothing is lost on what is no command, and what is no answer. */
    does("7", "The choices are numbered from 1 to 3.");
    does("hint", "Unshared, but nothing has forked yet");
    does("3", "You predict: the number it has outside");
    does("fork", "You predicted the number it has outside; it is: 1");
    expect("03-pid, step 3 of 4");
}

static void walk_second_half(void)
{
    does("learn", "Step 3 of 4");
    does("spawn sleep 60", "Done: step 3 of 4");
    expect("03-pid, step 4 of 4");
    does("run true", "0 of 1 hold; run has not");
    does("solution", "From where the step began");
    does("undo", "undone: fork");
    does("run true", "0 of 1 hold; run has not");
    does("run true", "ENOMEM");
    expect("Done: step 4 of 4");
    expect("The lesson is done");
    expect("03-pid: done");
}

START_TEST(is_walked_from_start_to_end)
{
    if (cannot_learn("is_walked_from_start_to_end"))
        return;
    open_shell(_i);
    walk_first_half();
    enter("quit");
    ck_assert_int_eq(ended(), 0);
    close(fd);
    vterm_free(vt);
    bw_str_clear(&raw);
    open_shell(_i);
    does("learn 3", "Going on after step 2");
    expect("03-pid, step 3 of 4");
    walk_second_half();
    does("lessons", "done");
    enter("quit");
    ended();
}
END_TEST

START_TEST(pauses_and_comes_back)
{
    if (cannot_learn("pauses_and_comes_back"))
        return;
    open_shell(_i);
    does("learn 3", "03-pid, step 1 of 4");
    does("play", "paused at step 1 of 4");
    does("unshare --pid", "pid_for_children");
    expect("paused at step 1 of 4");
    ck_assert(!shows("Done: step 1"));
    settle();
    type(C_C);
    expect("1 step taken back");
    expect("03-pid, step 1 of 4");
    does("plan", "-  unshare --pid");
    does("unshare --pid", "Done: step 1 of 4");
    does("unshare uts", "step 2 of 4: 0 of 2 hold");
    does("learn reset", "as it was when the step began");
    does("plan", "1  unshare --pid");
    ck_assert(!shows("2  unshare uts"));
    does("learn reset lesson", "03-pid, step 1 of 4");
    does("learn stop", "The lesson has ended");
    enter("quit");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

/* Enter on an empty line types, Enter again runs; the teacher may type anything in between. */
START_TEST(is_presented)
{
    if (cannot_learn("is_presented"))
        return;
    open_shell(_i);
    does("learn --present 3", "Enter types the next command");
    expect("03-pid, step 1 of 4");
    enter("");
    expect("# unshare --pid");
    ck_assert(!shows("Done: step 1"));
    enter("");
    expect("Done: step 1 of 4");
    does("set", "verbose 1");
    enter("");
    expect("# fork");
    ck_assert(!shows("Done: step 2"));
    enter("");
    expect("Done: step 2 of 4");
    enter("quit");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lesson");
    TCase *tc = tcase_create("lesson");

    tcase_set_timeout(tc, 300);
    tcase_add_checked_fixture(tc, begin, finish);
    tcase_add_loop_test(tc, is_walked_from_start_to_end, 0, 2);
    tcase_add_loop_test(tc, pauses_and_comes_back, 0, 2);
    tcase_add_loop_test(tc, is_presented, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
