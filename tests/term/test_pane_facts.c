/* The pane's cells, section by section, beside what /proc and the control group files say. */
#include "pane.h"

#include <linux/nsfs.h>

#include "base/units.h"
#include "model/snapshot.h"

/* Whether it comes to be so within ms. */
static bool until(bool (*is)(void), int ms)
{
    for (long long end = now_ms() + ms; now_ms() < end; pump(50))
        if (is())
            return true;
    return false;
}

/* The value of a field of /proc/PID/status, behind its tab. */
static void status(pid_t of, const char *field, char *out, size_t size)
{
    char path[64], line[512];
    size_t n = strlen(field);

    *out = '\0';
    snprintf(path, sizeof path, "/proc/%d/status", (int)of);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, field, n) == 0 && line[n] == ':')
            snprintf(out, size, "%.*s", (int)strcspn(line + n + 2, "\n"), line + n + 2);
    if (f)
        fclose(f);
}

static unsigned long long owner(pid_t of, const char *kind)
{
    char path[64];
    struct stat st = {0};

    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)of, kind);
    int ns = open(path, O_RDONLY | O_CLOEXEC), user = ns < 0 ? -1 : ioctl(ns, NS_GET_USERNS);
    if (user >= 0 && fstat(user, &st) != 0)
        st.st_ino = 0;
    close(user);
    close(ns);
    return st.st_ino;
}

/* A child of the stage by its name. */
static pid_t child_named(const char *name)
{
    char path[64], children[1024] = "", comm[64];
    pid_t box = stage();

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)box, (int)box);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(children, 1, sizeof children - 1, f) : 0;
    if (f)
        fclose(f);
    children[n] = '\0';
    for (char *rest = NULL, *p = strtok_r(children, " ", &rest); p;
         p = strtok_r(NULL, " ", &rest)) {
        status(atoi(p), "Name", comm, sizeof comm);
        if (strcmp(comm, name) == 0)
            return atoi(p);
    }
    return 0;
}

/* Whether the cell at the start of text on the screen is shown in reverse; -1: not there. */
static int reversed(const char *text)
{
    BW_AUTO_STR line = BW_STR_INIT;
    int all_rows, all_cols;

    vterm_get_size(vt, &all_rows, &all_cols);
    for (int r = 0; r < all_rows; r++) {
        bw_str_clear(&line);
        row_text(r, all_cols, &line);
        const char *at = strstr(bw_str_get(&line), text);
        if (!at)
            continue;
        VTermScreenCell cell;
        /* What is not ASCII stands as "?" in the text, so that a byte is a column. */
        vterm_screen_get_cell(screen, (VTermPos){.row = r, .col = (int)(at - line.s)}, &cell);
        return cell.attrs.reverse;
    }
    return -1;
}

static int reversed_inode(const char *kind)
{
    char box[16], text[32];

    snprintf(box, sizeof box, "%d", (int)stage());
    snprintf(text, sizeof text, "%llu", inode(box, kind));
    expect(text);
    return reversed(text);
}

static void quit(void)
{
    type("quit\r");
    ck_assert_int_eq(ended(), 0);
}

/* ---- tests ---- */

START_TEST(shows_the_owners)
{
    char pattern[128];

    if (cannot_look("shows_the_owners"))
        return;
    open_pane(50, _i == 0 ? 132 : 200);
    expect("no box yet");
    type("unshare uts\r");
    expect_match("uts +[0-9]+ +[0-9]+ +own");
    type("unshare user ipc\r");
    expect_match("ipc +[0-9]+ +[0-9]+ +own");
    /* uts is the host's user namespace's, ipc the box's own. */
    ck_assert_uint_ne(owner(stage(), "uts"), owner(stage(), "ipc"));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char box[16];
        snprintf(box, sizeof box, "%d", (int)stage());
        if (!owner(stage(), kinds[i]) || strcmp(kinds[i], "user") == 0)
            continue;
        snprintf(pattern, sizeof pattern, "%s +%llu +[0-9]+ +(own|shared) +%llu", kinds[i],
                 inode(box, kinds[i]), owner(stage(), kinds[i]));
        expect_match(pattern);
    }
    quit();
}
END_TEST

START_TEST(marks_what_changed_last)
{
    if (cannot_look("marks_what_changed_last"))
        return;
    if (_i == 1)
        locale = "C";
    open_pane(24, 80);
    type("unshare uts\r");
    expect_match("uts +[0-9]+ +[0-9]+ +own");
    ck_assert_int_eq(reversed_inode("uts"), 1);
    type("unshare ipc\r");
    expect_match("ipc +[0-9]+ +[0-9]+ +own");
    ck_assert_int_eq(reversed_inode("ipc"), 1);
    ck_assert_int_eq(reversed_inode("uts"), 0);
    /* The same without colour: a mark, in ASCII where there is no more. */
    VTermScreenCell cell;
    vterm_screen_get_cell(screen, (VTermPos){.row = 4, .col = 0}, &cell);
    ck_assert_uint_eq(cell.chars[0], _i == 0 ? 0x25b6 : '>');
    vterm_screen_get_cell(screen, (VTermPos){.row = 3, .col = 0}, &cell);
    ck_assert_uint_eq(cell.chars[0], _i == 0 ? 0x25cf : '*');
    vterm_screen_get_cell(screen, (VTermPos){.row = 2, .col = 0}, &cell);
    ck_assert_uint_eq(cell.chars[0], _i == 0 ? 0x25cb : '-');
    quit();
}
END_TEST

START_TEST(shows_pid_beside_pid_for_children)
{
    char box[16], pattern[96], text[32];

    if (cannot_look("shows_pid_beside_pid_for_children"))
        return;
    open_pane(24, 80);
    type("unshare --pid\r");
    expect_match("pid +[0-9]+ +[0-9]+ +shared.*\n.*new, empty +children's +own");
    ck_assert_int_eq(reversed("new, empty"), 1);
    type("spawn sleep 100\r");
    expect_match("[0-9]+ +children's +own");
    snprintf(box, sizeof box, "%d", (int)stage());
    snprintf(pattern, sizeof pattern, "pid +%llu +%llu +shared.*\n.*%llu +children's +own",
             inode(box, "pid"), inode("self", "pid"), inode(box, "pid_for_children"));
    expect_match(pattern);
    /* It is still what changed last. */
    snprintf(text, sizeof text, "%llu", inode(box, "pid_for_children"));
    ck_assert_int_eq(reversed(text), 1);
    quit();
}
END_TEST

static void expect_process(pid_t of, const char *name)
{
    char nspid[64], pattern[128];

    status(of, "NSpid", nspid, sizeof nspid);
    const char *last = strrchr(nspid, '\t');
    snprintf(pattern, sizeof pattern, "%s +%d +%s( |$)", name, (int)of, last ? last + 1 : nspid);
    expect_match(pattern);
}

START_TEST(shows_processes_and_identity)
{
    char text[64], pattern[256];

    if (cannot_look("shows_processes_and_identity"))
        return;
    open_pane(60, _i == 0 ? 132 : 200);
    type("unshare pid uts mnt net; mountproc; hostname inthere; spawn sleep 100\r");
    expect_match("sleep +[0-9]+ +[0-9]+");
    expect_match("hostname +inthere");
    expect_process(stage(), "bw-stage");
    expect_process(child_named("sleep"), "sleep");
    expect_match("mount \\+ /proc \\(proc\\)");
    expect_match("root +/$");
    snprintf(pattern, sizeof pattern, "pid +%d outside, 1 inside", (int)stage());
    expect_match(pattern);
    status(stage(), "CapEff", text, sizeof text);
    BW_AUTO_STR caps = BW_STR_INIT;
    bw_cap_describe(strtoull(text, NULL, 16), &caps);
    snprintf(pattern, sizeof pattern, "caps +%s", bw_str_get(&caps));
    expect_match(pattern);
    status(stage(), "Seccomp", text, sizeof text);
    ck_assert_str_eq(text, "0");
    status(stage(), "NoNewPrivs", text, sizeof text);
    ck_assert_str_eq(text, "0");
    expect_match("seccomp +off, no_new_privs no");
    /* A network namespace of its own has its loopback and no more. */
    expect_match("lo +rx 0 B +tx 0 B");
    quit();
}
END_TEST

START_TEST(shows_the_uid_map)
{
    char path[64], pattern[128];
    unsigned inside = 1, outside = 1, count = 0;

    if (cannot_look("shows_the_uid_map"))
        return;
    open_pane(40, 132);
    type("unshare user\r");
    expect_match("uid map +none yet");
    type("map uid 0 0 1\r");
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)stage());
    expect_match("uid map +[0-9]+ = host");
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%u %u %u", &inside, &outside, &count), 3);
    fclose(f);
    snprintf(pattern, sizeof pattern, "uid map +%u = host %u, %u ID", inside, outside, count);
    expect_match(pattern);
    quit();
}
END_TEST

/* A number in a file of the box's own group, wherever its hierarchy is; -1: no such file. */
static long long group_number(const char *controller, const char *v1, const char *v2)
{
    char path[64], line[512], file[1200];
    long long found = -1;

    snprintf(path, sizeof path, "/proc/%d/cgroup", (int)stage());
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *group = strrchr(line, ':'), *name = strchr(line, ':') + 1;
        if (!strstr(group, "/boxwright-") ||
            (*name != ':' && strncmp(name, controller, strlen(controller)) != 0))
            continue;
        bool unified = *name == ':';
        snprintf(file, sizeof file, "/sys/fs/cgroup%s%s%s/%s", unified ? "" : "/",
                 unified ? "" : controller, group + 1, unified ? v2 : v1);
        FILE *n = fopen(file, "r");
        if (n && fscanf(n, "%lld", &found) != 1)
            found = -1;
        if (n)
            fclose(n);
    }
    if (f)
        fclose(f);
    return found;
}

/* The box's bytes of memory, as the pane shows them; -1: it does not. */
static double shown_memory(void)
{
    BW_AUTO_STR all = BW_STR_INIT;
    regmatch_t at[3];
    regex_t re;
    double n = -1;

    screen_text(&all);
    ck_assert_int_eq(regcomp(&re, "([0-9.]+) ([KM]?)i?B of 64\\.0 MiB", REG_EXTENDED), 0);
    if (regexec(&re, all.s, 3, at, 0) == 0)
        n = strtod(all.s + at[1].rm_so, NULL) * (all.s[at[2].rm_so] == 'M'   ? 1 << 20
                                                 : all.s[at[2].rm_so] == 'K' ? 1 << 10
                                                                             : 1);
    regfree(&re);
    return n;
}

/* The program holds 8 MiB, and the pane's number is the file's. The kernel charges each CPU 64
 * pages ahead and takes them back when it likes, so two readers can differ by as much, ever again.
 */
static bool memory_agrees(void)
{
    double now = (double)group_number("memory", "memory.usage_in_bytes", "memory.current");
    double ahead = 64.0 * (double)sysconf(_SC_PAGESIZE) * (double)sysconf(_SC_NPROCESSORS_CONF);
    double off = shown_memory() - now, rounded = 0.05 * (1 << 20);

    return now >= 8 << 20 && off <= ahead + rounded && -off <= ahead + rounded;
}

START_TEST(shows_the_counters)
{
    if (cannot_look("shows_the_counters"))
        return;
    open_pane(40, _i == 0 ? 80 : 132);
    type("set verbose 0; unshare pid; cgcreate memory 64M; cgcreate pids 20\r");
    expect_match("pids +.*[0-9]+ of 20|^boxwright: ");
    if (!matches("pids +.*[0-9]+ of 20")) {
        printf("SKIP shows_the_counters: no group can be made here\n");
        type("quit\r");
        ended();
        return;
    }
    /* tail keeps the line until it has seen its end. */
    type("spawn sh -c 'head -c 8M /dev/zero | tail -n 1 | sleep 100'\r");
    ck_assert_msg(until(memory_agrees, LIMIT_MS), "memory.current is %lld, shown is %.0f",
                  group_number("memory", "memory.usage_in_bytes", "memory.current"),
                  shown_memory());
    expect("4 of 20");
    ck_assert_int_eq(group_number("pids", "pids.current", "pids.current"), 4);
    expect_match("peak +[0-9.]+ [KM]?i?B, oom_kill 0|peak n/a, oom_kill 0");
    type("burn memory 100M 5s\r");
    expect_match("oom_kill [1-9]");
    type("quit 3\r");
    ck_assert_int_eq(ended(), 3);
}
END_TEST

/* A group of v1's devices controller has no counters, and is the box's own all the same. */
START_TEST(shows_a_devices_group)
{
    BW_AUTO_STR own = BW_STR_INIT;

    if (cannot_look("shows_a_devices_group"))
        return;
    if (geteuid() != 0 || bw_read_file(AT_FDCWD, "/proc/self/cgroup", &own) ||
        !strstr(bw_str_get(&own), ":devices:")) {
        printf("SKIP shows_a_devices_group: no devices controller that this user may use\n");
        return;
    }
    open_pane(40, 132);
    type("set verbose 0; unshare uts\r");
    expect_match("group +all the host's");
    type("devices cgroup\r");
    expect_match("group +devices, (v1|hybrid)|^boxwright: ");
    if (!matches("group +devices"))
        printf("SKIP shows_a_devices_group: no group can be made here\n");
    quit();
}
END_TEST

START_TEST(tells_steps_while_the_line_goes_on)
{
    open_pane(40, 132);
    type(geteuid() == 0 ? "unshare uts; burn cpu 1 2s\r" : "unshare user uts; burn cpu 1 2s\r");
    expect_match(" 1 unshare (user )?uts");
    ck_assert(!shows("burn cpu: 1 worker"));
    expect("burn cpu: 1 worker");
    quit();
}
END_TEST

START_TEST(draws_with_ascii_where_there_is_no_more)
{
    int all_rows, all_cols;

    locale = _i == 0 ? "C" : "C.UTF-8";
    rows = 40, cols = 132;
    start_program(program(), 132, 40, _i == 0 ? "xterm-256color" : "linux");
    expect("box ");
    type(unshare_line());
    expect_match("uts[^]]*] / [#$]");
    type("set verbose 0; cgcreate cpu 50%\r");
    for (long long end = now_ms() + 600; now_ms() < end;)
        pump(50);
    vterm_get_size(vt, &all_rows, &all_cols);
    for (int r = 0; r < all_rows; r++)
        for (int c = 0; c < all_cols; c++) {
            VTermScreenCell cell;
            vterm_screen_get_cell(screen, (VTermPos){.row = r, .col = c}, &cell);
            ck_assert_msg(cell.chars[0] < 0x80 && cell.chars[0] != '?', "row %d, column %d: %x", r,
                          c, cell.chars[0]);
        }
    /* What a program prints is not the pane's to change. */
    type("host echo '<\xe4\xb8\x96>'\r");
    expect_match("^<[?]> *");
    BW_AUTO_STR all = BW_STR_INIT;
    screen_text(&all);
    ck_assert_ptr_null(strstr(all.s, "<??"));
    quit();
}
END_TEST

START_TEST(says_when_there_is_no_room)
{
    open_pane(11, 39);
    type("pane on\r");
    expect("the terminal is 39x11");
    type("pane mounts\r");
    expect("mounts what?");
    type("quit 0\r");
    ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(keeps_what_was_chosen)
{
    open_pane(30, 100);
    expect("no box yet");
    type("pane off; pane rate 2.5\r");
    for (long long end = now_ms() + LIMIT_MS; now_ms() < end && shows("no box yet");)
        pump(50);
    ck_assert(!shows("no box yet"));
    quit();
    close(fd);
    vterm_free(vt);
    open_pane(30, 100);
    ck_assert(!shows("no box yet"));
    type("pane\r");
    expect("rate 2.5");
    type("pane on\r");
    expect("no box yet");
    quit();
}
END_TEST

START_TEST(drops_a_paste_that_never_ends)
{
    open_pane(30, 100);
    type("\033[200~unshare uts\runshare ipc\r");
    expect("a paste that has not ended");
    type(C_C);
    expect_match("\\^C.*\n.*box [#$]");
    /* Nothing of it was run. */
    type("plan\r");
    expect_match("plan");
    type("set\r");
    expect("verbose 1");
    ck_assert(shows("no box yet"));
    quit();
}
END_TEST

/* Under a shell that does job control, as at a person's terminal. */
START_TEST(stops_and_continues)
{
    char line[256];
    struct termios at_prompt;

    option = "--norc";
    alternate = true;
    start_program("/bin/bash", 100, 30, "xterm-256color");
    type("PS1='outer> '; bind 'set enable-bracketed-paste off'\r");
    expect_last("outer>");
    snprintf(line, sizeof line, "%s\r", program());
    type(line);
    expect("no box yet");
    type(C_Z);
    expect("boxwright is stopped");
    expect_last("outer>");
    type("stty -a | grep -o ' icanon'; echo ${#PS1}\r");
    expect(" icanon\n7\nouter>");
    type("fg\r");
    expect("no box yet");
    type("abc" C_C "set\r");
    expect("verbose 1");
    type("quit\r");
    expect_last("outer>");
    ck_assert_int_eq(tcgetattr(fd, &at_prompt), 0);
    type("stty -a | grep -o ' icanon'; exit 6\r");
    ck_assert_int_eq(ended(), 6);
}
END_TEST

/* ---- a watcher's screen ---- */

static struct {
    int fd;
    pid_t pid;
} session;

/* Another terminal, on which the session goes on unseen. */
static void start_session(void)
{
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    char buf[4096];

    session.pid = forkpty(&session.fd, NULL, NULL, &size);
    if (session.pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", locale, 1);
        setenv("XDG_RUNTIME_DIR", home, 1);
        setenv("HOME", home, 1);
        execl(program(), "boxwright", (char *)NULL);
        _exit(127);
    }
    ck_assert_int_ge(session.pid, 0);
    fcntl(session.fd, F_SETFL, O_NONBLOCK);
    for (long long end = now_ms() + 1500; now_ms() < end; poll(NULL, 0, 20))
        while (read(session.fd, buf, sizeof buf) > 0)
            ;
}

static void type_in_session(const char *keys)
{
    char buf[4096];

    ck_assert_int_eq(bw_write_all(session.fd, keys, strlen(keys)), 0);
    for (long long end = now_ms() + 1500; now_ms() < end; pump(20))
        while (read(session.fd, buf, sizeof buf) > 0)
            ;
}

START_TEST(watches_on_another_screen)
{
    char line[256], text[32];

    if (cannot_look("watches_on_another_screen"))
        return;
    start_session();
    option = "--norc";
    alternate = true;
    start_program("/bin/bash", 80, 24, "xterm-256color");
    type("PS1='outer> '; bind 'set enable-bracketed-paste off'\r");
    expect_last("outer>");
    snprintf(line, sizeof line, "%s watch %d\r", program(), (int)session.pid);
    type(line);
    expect("no box yet");
    type_in_session("unshare uts\r");
    expect_match("uts +[0-9]+ +[0-9]+ +own");
    pid_t shell = pid;
    pid = session.pid;
    snprintf(line, sizeof line, "%d", (int)stage());
    pid = shell;
    snprintf(text, sizeof text, "%llu", inode(line, "uts"));
    expect(text);
    /* Stopped, it holds nobody up; continued, it shows what is now. */
    type(C_Z);
    expect_last("outer>");
    type_in_session("unshare ipc\r");
    type("fg\r");
    expect_match("ipc +[0-9]+ +[0-9]+ +own");
    type_in_session("quit\r");
    expect("the session has ended");
    expect_last("outer>");
    type("exit 4\r");
    ck_assert_int_eq(ended(), 4);
    ck_assert_int_eq(waitpid(session.pid, NULL, 0), session.pid);
    close(session.fd);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pane facts");
    TCase *c = tcase_create("pane facts");
    tcase_set_timeout(c, 150);
    tcase_add_checked_fixture(c, begin, finish);
    tcase_add_loop_test(c, shows_the_owners, 0, 2);
    tcase_add_loop_test(c, marks_what_changed_last, 0, 2);
    tcase_add_test(c, shows_pid_beside_pid_for_children);
    tcase_add_loop_test(c, shows_processes_and_identity, 0, 2);
    tcase_add_test(c, shows_the_uid_map);
    tcase_add_loop_test(c, shows_the_counters, 0, 2);
    tcase_add_test(c, shows_a_devices_group);
    tcase_add_test(c, tells_steps_while_the_line_goes_on);
    tcase_add_loop_test(c, draws_with_ascii_where_there_is_no_more, 0, 2);
    tcase_add_test(c, says_when_there_is_no_room);
    tcase_add_test(c, keeps_what_was_chosen);
    tcase_add_test(c, drops_a_paste_that_never_ends);
    tcase_add_test(c, stops_and_continues);
    tcase_add_test(c, watches_on_another_screen);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
