/* The split screen: what stands in its cells is what /proc and the control group files say. */
#include "pane.h"

/* ---- tests ---- */

static const struct {
    int rows, cols;
} sizes[] = {{24, 80}, {30, 100}, {50, 132}, {60, 200}, {12, 40}};

START_TEST(shows_the_inodes_of_proc)
{
    if (cannot_look("shows_the_inodes_of_proc"))
        return;
    open_pane(sizes[_i].rows, sizes[_i].cols);
    expect("no box yet");
    type(unshare_line());
    expect_match("uts +[0-9]+ +[0-9]+ +own");
    /* At 12 rows only what is its own has room. */
    if (sizes[_i].rows > 12) {
        compare_namespaces();
    } else {
        char box[16], pattern[96];
        snprintf(box, sizeof box, "%d", (int)stage());
        snprintf(pattern, sizeof pattern, "uts +%llu", inode(box, "uts"));
        expect_match(pattern);
    }
    type(C_C "quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(shows_a_step_within_a_frame)
{
    if (cannot_look("shows_a_step_within_a_frame"))
        return;
    open_pane(40, 120);
    type(unshare_line());
    /* The frame with the new prompt is the one with the new inode. */
    for (long long end = now_ms() + LIMIT_MS; now_ms() < end && !matches("uts[^]]*] / [#$]");)
        ck_assert(pump(20));
    char box[16], text[32];
    snprintf(box, sizeof box, "%d", (int)stage());
    snprintf(text, sizeof text, "%llu", inode(box, "uts"));
    ck_assert_msg(shows(text), "%s is not on the screen yet", text);
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(follows_the_current_box_and_says_who_shares)
{
    if (cannot_look("follows_the_current_box_and_says_who_shares"))
        return;
    open_pane(40, 120);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    type("box new second --share uts box\r");
    expect_match("second\\[[^]]*] / [#$]");
    expect("=box");
    type("box box\r");
    expect_match("box\\[[^]]*] / [#$]");
    expect("=second");
    type("box rm second\r");
    expect("box second is removed");
    for (long long end = now_ms() + LIMIT_MS; now_ms() < end && shows("=second");)
        ck_assert(pump(20));
    ck_assert(!shows("=second"));
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(hides_where_there_is_no_room)
{
    open_pane(_i == 0 ? 11 : 40, _i == 0 ? 100 : 39);
    type("set\r");
    expect("verbose 1");
    ck_assert(!shows("no box yet"));
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

/* The first number that stands after text on the screen, -1 when it does not. */
static long number_after(const char *text)
{
    BW_AUTO_STR all = BW_STR_INIT;

    screen_text(&all);
    const char *at = strstr(all.s, text);
    return at ? strtol(at + strlen(text), NULL, 10) : -1;
}

/* nr_throttled of the box's group, wherever its hierarchy is. */
static long throttled(void)
{
    char path[64], line[512], file[1024];
    long found = -1;
    snprintf(path, sizeof path, "/proc/%d/cgroup", (int)stage());
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *group = strrchr(line, ':');
        if (!group || !strstr(group, "/boxwright-"))
            continue;
        snprintf(file, sizeof file, "/sys/fs/cgroup%s%s/cpu.stat",
                 strstr(line, "cpu") ? "/cpu" : "", group + 1);
        FILE *stat = fopen(file, "r");
        while (stat && fgets(line, sizeof line, stat))
            sscanf(line, "nr_throttled %ld", &found);
        if (stat)
            fclose(stat);
    }
    if (f)
        fclose(f);
    return found;
}

START_TEST(counts_throttled_periods)
{
    open_pane(40, 132);
    type("unshare pid; cgcreate cpu 20%\r");
    expect_match("cpu +[0-9n/a.]+%? of 20.0%|^boxwright: ");
    if (!matches("of 20.0%")) {
        printf("SKIP counts_throttled_periods: no group can be made here\n");
        type("quit\r");
        ended();
        return;
    }
    type("burn cpu 1 3s\r");
    for (long long end = now_ms() + 2500; now_ms() < end && number_after("throttled ") < 3;)
        pump(50);
    long first = number_after("throttled ");
    ck_assert_int_ge(first, 3);
    for (long long end = now_ms() + 2500; now_ms() < end && number_after("throttled ") <= first;)
        pump(50);
    ck_assert_int_gt(number_after("throttled "), first);
    expect("burn cpu: 1 worker");
    /* Nothing runs any more: the pane and the file agree. */
    for (long long end = now_ms() + 2500;
         now_ms() < end && number_after("throttled ") != throttled();)
        pump(50);
    ck_assert_int_ge(throttled(), first);
    ck_assert_int_eq(number_after("throttled "), throttled());
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(writes_nothing_when_nothing_changes)
{
    open_pane(40, 120);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    for (long long end = now_ms() + 1500; now_ms() < end;)
        pump(50);
    size_t before = raw.len;
    for (long long end = now_ms() + 3000; now_ms() < end;)
        pump(50);
    ck_assert_uint_eq(raw.len, before);
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

/* Reads of files so far: proc(5), io. */
static long reads(void)
{
    char path[64], line[128];
    long n = -1;
    snprintf(path, sizeof path, "/proc/%d/io", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "syscr: %ld", &n);
    if (f)
        fclose(f);
    return n;
}

static long reads_in(int ms)
{
    long before = reads();
    for (long long end = now_ms() + ms; now_ms() < end;)
        pump(20);
    return reads() - before;
}

START_TEST(costs_the_same_beside_many_processes)
{
    enum { OTHERS = 500, MS = 3000 };
    static pid_t other[OTHERS];

    open_pane(40, 120);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    reads_in(1500);
    if (reads() < 0) {
        printf("SKIP costs_the_same_beside_many_processes: the kernel does not count reads\n");
        type("quit\r");
        ended();
        return;
    }
    long alone = reads_in(MS);
    for (int i = 0; i < OTHERS; i++)
        if ((other[i] = fork()) == 0) {
            pause();
            _exit(0);
        }
    long beside = reads_in(MS);
    for (int i = 0; i < OTHERS; i++)
        if (other[i] > 0) {
            kill(other[i], SIGKILL);
            waitpid(other[i], NULL, 0);
        }
    /* A sample more or less may fall into the time. */
    ck_assert_int_gt(alone, 0);
    ck_assert_int_le(beside, alone + alone / 4);
    ck_assert_int_le(alone, 4 * (MS / 1000) * 80);
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

/* The program's system calls in three seconds, -1 where they cannot be counted. */
static long calls_in_3_s(void)
{
    char path[64], number[16], line[256];
    long calls = -1;

    snprintf(path, sizeof path, "%s.calls", home);
    snprintf(number, sizeof number, "%d", (int)pid);
    pid_t strace = fork();
    if (strace == 0) {
        if (freopen("/dev/null", "w", stderr))
            execlp("timeout", "timeout", "-s", "INT", "3", "strace", "-c", "-o", path, "-p", number,
                   (char *)NULL);
        _exit(127);
    }
    while (waitpid(strace, NULL, WNOHANG) == 0)
        pump(20);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strstr(line, " total"))
            sscanf(line, "%*s %*s %*s %ld", &calls);
    if (f)
        fclose(f);
    unlink(path);
    return calls;
}

START_TEST(makes_few_calls_a_frame)
{
    /* Of a box with two processes and a group. An ordinary user's shell has to ask the stage. */
    const long most = geteuid() == 0 ? 110 : 200;
    enum { FRAMES = 3 * 4 + 1 };

    open_pane(40, 120);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    type("spawn sleep 100\rcgcreate cpu 50%\r");
    expect_match("sleep +[0-9]+ +[0-9]+");
    reads_in(1000);
    long calls = calls_in_3_s();
    if (calls < 0)
        printf("SKIP makes_few_calls_a_frame: strace cannot count here\n");
    ck_assert_int_le(calls, FRAMES * most);
    /* Where little was counted, it did not look. */
    ck_assert(calls < 0 || calls > FRAMES * 20);
    type("quit\r");
    ended();
}
END_TEST

START_TEST(looks_back)
{
    open_pane(24, 80);
    type("pane off\r");
    type("help unshare\r");
    expect("more:");
    /* The first letter of the next command is not lost to the pager. */
    type("frob\r");
    expect("frob is not a command");
    type("\033[5~");
    expect("PgUp PgDn, / search");
    type("/new namespaces\r");
    expect("make new namespaces for the box");
    type("/nosuchthing\r");
    expect("not found");
    type("q");
    expect_match("^box # *$|^box \\$ *$");
    type("quit 3\r");
    ck_assert_int_eq(ended(), 3);
}
END_TEST

START_TEST(gives_the_screen_to_a_program_and_takes_it_back)
{
    open_pane(30, 100);
    /* The terminal grows as soon as the shell has seen the sequence, not before. */
    type("run sh -c 'printf \"\\033[?1049h\\033[2J\\033[HWHOLE\"; until stty size | grep \"^30 "
         "100\"; do "
         "sleep "
         "0.1; done; stty -icanon; dd bs=1 count=1 2>/dev/null; printf \"\\033[?1049l\"'\r");
    expect("WHOLE30 100");
    ck_assert(!shows("namespaces"));
    type("x");
    expect("namespaces");
    expect_match("box.* / [#$]");
    ck_assert(!shows("WHOLE30"));
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(prints_a_program_into_the_scrollback)
{
    open_pane(30, 100);
    type("run sh -c 'read line; echo \"got <$line>\"; stty size; echo "
         "\"\\033]0;owned\\007\\033[2Jend\"'\r");
    type("some text\r");
    expect("got <some text>");
    expect_match("^end .*\nbox / [#$]");
    ck_assert(shows("namespaces"));
    ck_assert(strstr(raw.s, "\033]0;") == NULL);
    /* What is typed ahead and not read by the program is the next command. */
    type("run sleep 0.5\r");
    type("set\r");
    expect("verbose 1");
    type("run sleep 100\r");
    expect_match("sleep +[0-9]+ +[0-9]+");
    type(C_Z);
    expect("stopped: process");
    type("fg\r");
    for (long long end = now_ms() + 500; now_ms() < end;)
        pump(50);
    type(C_C);
    expect_match("fg .*\n\\^C");
    type("quit\r");
    ended();
}
END_TEST

START_TEST(does_not_wait_for_one_who_never_stops_writing)
{
    open_pane(30, 100);
    type("run sh -c 'yes 2>/dev/null & sleep 0.3'\r");
    expect_match("box.* / [#$]");
    type("quit 5\r");
    ck_assert_int_eq(ended(), 5);
}
END_TEST

START_TEST(keeps_wide_and_combining_characters_in_their_columns)
{
    open_pane(24, 100);
    type("run echo '世界e\xcc\x81|end'\r");
    expect("\n??e|end");
    type("ab\xe4\xb8\x96" LEFT "X");
    expect("abX");
    type(C_C);
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(survives_a_storm_of_sizes)
{
    if (cannot_look("survives_a_storm_of_sizes"))
        return;
    open_pane(30, 100);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    for (int i = 0; i < 60; i++) {
        struct winsize w = {.ws_row = (unsigned short)(5 + i * 7 % 50),
                            .ws_col = (unsigned short)(10 + i * 13 % 150)};
        ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &w), 0);
        vterm_set_size(vt, w.ws_row, w.ws_col);
        pump(2);
    }
    /* More than ncurses can count. */
    struct winsize huge = {.ws_row = 40000, .ws_col = 80};
    ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &huge), 0);
    for (long long end = now_ms() + 300; now_ms() < end;)
        pump(50);
    struct winsize last = {.ws_row = 40, .ws_col = 120};
    ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &last), 0);
    vterm_set_size(vt, 40, 120);
    rows = 40, cols = 120;
    for (long long end = now_ms() + 800; now_ms() < end;)
        pump(50);
    compare_namespaces();
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(leaves_a_usable_terminal)
{
    struct termios after;

    open_pane(30, 100);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    if (_i == 0) {
        type("quit\r");
    } else {
        /* The janitor does what the shell no longer can. */
        kill(pid, SIGKILL);
    }
    int status = ended();
    ck_assert_int_eq(status, _i == 0 ? 0 : 128 + SIGKILL);
    for (long long end = now_ms() + 3000; now_ms() < end && pump(50);)
        if (strstr(raw.s, "\033[?1049l") && tcgetattr(fd, &after) == 0 &&
            (after.c_lflag & (ICANON | ECHO)) == (modes.c_lflag & (ICANON | ECHO)))
            break;
    ck_assert_ptr_nonnull(strstr(raw.s, "\033[?1049l"));
    ck_assert_ptr_nonnull(strstr(raw.s, "\033[?2004l"));
    ck_assert_int_eq(tcgetattr(fd, &after), 0);
    ck_assert_uint_eq(after.c_lflag, modes.c_lflag);
    ck_assert_uint_eq(after.c_iflag, modes.c_iflag);
    ck_assert_uint_eq(after.c_oflag, modes.c_oflag);
}
END_TEST

START_TEST(works_without_utf8_and_without_colour)
{
    if (cannot_look("works_without_utf8_and_without_colour"))
        return;
    setenv("NO_COLOR", "1", 1);
    locale = "C";
    open_pane(30, 100);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    compare_namespaces();
    for (int i = 0; i < 8; i++) {
        char colour[16];
        snprintf(colour, sizeof colour, "\033[3%dm", i);
        ck_assert_ptr_null(strstr(raw.s, colour));
    }
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(types_plainly_on_a_dumb_terminal)
{
    locale = "C";
    start_program(program(), 80, 24, "dumb");
    expect_prompt();
    type("set\r");
    expect("verbose 1");
    ck_assert_ptr_null(strchr(raw.s, '\033'));
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

/* What the program does that has the terminal at that time. */
static const char *const busy[] = {
    NULL,
    "run sh -c 'echo rea\"\"dy; sleep 1000'\r",
    "run sh -c 'stty -icanon; echo rea\"\"dy; dd bs=1 count=1'\r",
    "run sh -c 'trap \"\" HUP TERM; stty -icanon; echo rea\"\"dy; cat; exec sleep 1000'\r",
    "run sh -c 'trap \"\" HUP; echo rea\"\"dy; yes; exec sleep 1000'\r",
};

START_TEST(ends_when_the_terminal_is_closed)
{
    open_pane(30, 100);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    pid_t box = stage();
    if (busy[_i]) {
        type(busy[_i]);
        expect_match("ready|^y +.*\ny +");
    }
    close(fd);
    fd = -1;
    for (int i = 0; i < 300 && waitpid(pid, NULL, WNOHANG) == 0; i++)
        poll(NULL, 0, 20);
    ck_assert_int_ne(kill(pid, 0), 0);
    ck_assert_int_ne(kill(box, 0), 0);
    pid = 0;
}
END_TEST

/* Its buffer is full and nobody reads: what a killed shell left goes all the same. */
START_TEST(cleans_up_beside_a_terminal_that_takes_nothing)
{
    static const char filling[4096];
    char path[128];

    open_pane(30, 100);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    snprintf(path, sizeof path, "%s/boxwright/%d", home, (int)pid);
    ck_assert_int_eq(access(path, F_OK), 0);
    BW_AUTO_FD slave = open(ptsname(fd), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(slave, 0);
    kill(pid, SIGSTOP);
    /* The kernel moves what was written on, which makes room again. */
    for (int i = 0; i < 10; i++) {
        while (write(slave, filling, sizeof filling) > 0 || write(slave, filling, 1) > 0)
            ;
        poll(NULL, 0, 20);
    }
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    pid = 0;
    for (int i = 0; i < 200 && access(path, F_OK) == 0; i++)
        poll(NULL, 0, 20);
    ck_assert_msg(access(path, F_OK) != 0, "%s is still there", path);
}
END_TEST

/* ---- watching ---- */

static pid_t watcher(int *out)
{
    int pipe_fds[2];
    char number[16];
    ck_assert_int_eq(pipe(pipe_fds), 0);
    snprintf(number, sizeof number, "%d", (int)pid);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipe_fds[1], 1);
        setenv("XDG_RUNTIME_DIR", home, 1);
        execl(program(), "boxwright", "watch", "--json", number, (char *)NULL);
        _exit(127);
    }
    close(pipe_fds[1]);
    *out = pipe_fds[0];
    return child;
}

START_TEST(tells_watchers_and_never_waits_for_one)
{
    if (cannot_look("tells_watchers_and_never_waits_for_one"))
        return;
    char line[65536], want[64], box[16];
    int out, stalled;

    open_pane(30, 100);
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    pid_t slow = watcher(&stalled);
    pump(10);
    ck_assert_int_gt(read(stalled, line, 1), 0);
    kill(slow, SIGSTOP);
    pid_t quick = watcher(&out);
    FILE *f = fdopen(out, "r");
    for (int i = 0; i < 4; i++) {
        /* The program writes to the terminal, too: it must not fill up. */
        pump(10);
        ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    }
    snprintf(box, sizeof box, "%d", (int)stage());
    snprintf(want, sizeof want, "\"inode\":%llu", inode(box, "uts"));
    BW_AUTO_STR dense = BW_STR_INIT;
    for (char *p = line; *p; p++)
        if (*p != ' ')
            bw_str_addc(&dense, *p);
    ck_assert_msg(strstr(dense.s, want) != NULL, "%s is not in %s", want, line);
    type("watch\r");
    expect("watching now: 2");
    kill(slow, SIGKILL);
    waitpid(slow, NULL, 0);
    kill(quick, SIGTERM);
    waitpid(quick, NULL, 0);
    fclose(f);
    close(stalled);
    type("\014");
    type("watch\r");
    expect("watching now: 0");
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pane");
    TCase *c = tcase_create("pane");
    tcase_set_timeout(c, 150);
    tcase_add_checked_fixture(c, begin, finish);
    tcase_add_loop_test(c, shows_the_inodes_of_proc, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(c, shows_a_step_within_a_frame);
    tcase_add_test(c, follows_the_current_box_and_says_who_shares);
    tcase_add_loop_test(c, hides_where_there_is_no_room, 0, 2);
    tcase_add_test(c, counts_throttled_periods);
    tcase_add_test(c, writes_nothing_when_nothing_changes);
    tcase_add_test(c, costs_the_same_beside_many_processes);
    tcase_add_test(c, makes_few_calls_a_frame);
    tcase_add_test(c, looks_back);
    tcase_add_test(c, gives_the_screen_to_a_program_and_takes_it_back);
    tcase_add_test(c, prints_a_program_into_the_scrollback);
    tcase_add_test(c, does_not_wait_for_one_who_never_stops_writing);
    tcase_add_test(c, keeps_wide_and_combining_characters_in_their_columns);
    tcase_add_test(c, survives_a_storm_of_sizes);
    tcase_add_loop_test(c, leaves_a_usable_terminal, 0, 2);
    tcase_add_test(c, works_without_utf8_and_without_colour);
    tcase_add_test(c, types_plainly_on_a_dumb_terminal);
    tcase_add_loop_test(c, ends_when_the_terminal_is_closed, 0, sizeof busy / sizeof *busy);
    tcase_add_test(c, cleans_up_beside_a_terminal_that_takes_nothing);
    tcase_add_test(c, tells_watchers_and_never_waits_for_one);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
