/* boxwright on a pty, the screen as libvterm sees it: shared by the tests of the terminal, each of
 * which is one program with one terminal. */
#ifndef BW_TESTS_TERMINAL_H
#define BW_TESTS_TERMINAL_H

/* A test uses what it needs. */
#pragma GCC diagnostic ignored "-Wunused-function"

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
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "base/fd.h"
#include "base/str.h"

#define C_A "\001"
#define C_C "\003"
#define C_D "\004"
#define C_Z "\032"
#define UP "\033[A"
#define LEFT "\033[D"
#define BACKSPACE "\177"
#define PASTE(text) "\033[200~" text "\033[201~"

enum { LIMIT_MS = 30000, QUIET_MS = 150 };

static const char *option, *argument;  /* of the program, or NULL */
static const char *locale = "C.UTF-8"; /* LC_ALL */
static char home[] = "/tmp/bwline.XXXXXX";
static int fd = -1;
static pid_t pid;
static VTerm *vt;
static VTermScreen *screen;
static struct bw_str raw;    /* all that was written to the terminal */
static struct termios modes; /* of the terminal before the program */
static bool alternate; /* the terminal has an alternate screen and shows the other one after */

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- the terminal ---- */

static const char *program(void)
{
    const char *bw = getenv("BW");
    return bw ? bw : "build/boxwright";
}

static void start_program(const char *path, unsigned short cols, unsigned short rows,
                          const char *term)
{
    struct winsize size = {.ws_row = rows, .ws_col = cols};

    vt = vterm_new(rows, cols);
    vterm_set_utf8(vt, 1);
    screen = vterm_obtain_screen(vt);
    vterm_screen_enable_altscreen(screen, alternate);
    vterm_screen_reset(screen, 1);
    pid = forkpty(&fd, NULL, NULL, &size);
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        setenv("TERM", term, 1);
        setenv("LC_ALL", locale, 1);
        setenv("XDG_RUNTIME_DIR", home, 1);
        setenv("INPUTRC", "/dev/null", 1);
        setenv("HOME", home, 1);
        setenv("HISTFILE", "", 1);
        unsetenv("XDG_STATE_HOME");
        execl(path, "boxwright", option, option ? argument : NULL, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(tcgetattr(fd, &modes), 0);
}

/* Takes in what is written within ms. Returns false when the terminal was closed. */
static bool pump(int ms)
{
    char buf[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (poll(&p, 1, ms) <= 0)
        return true;
    ssize_t n = read(fd, buf, sizeof buf);
    if (n <= 0)
        return false;
    bw_str_addn(&raw, buf, (size_t)n);
    vterm_input_write(vt, buf, (size_t)n);
    size_t m = vterm_output_read(vt, buf, sizeof buf);
    return m == 0 || bw_write_all(fd, buf, m) == 0;
}

static void row_text(int row, int cols, struct bw_str *out)
{
    for (int col = 0; col < cols;) {
        VTermScreenCell cell;
        vterm_screen_get_cell(screen, (VTermPos){.row = row, .col = col}, &cell);
        uint32_t c = cell.chars[0] ? cell.chars[0] : ' ';
        if (c < 0x80)
            bw_str_addc(out, (char)c);
        else if (c < 0x800)
            bw_str_addf(out, "%c%c", (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)));
        else
            bw_str_add(out, "?");
        col += cell.width > 0 ? cell.width : 1;
    }
}

/* The screen, a line a row, without trailing blanks. */
static void screen_text(struct bw_str *out)
{
    int high, wide;

    bw_str_clear(out);
    vterm_get_size(vt, &high, &wide);
    for (int r = 0; r < high; r++) {
        row_text(r, wide, out);
        while (out->len > 0 && out->s[out->len - 1] == ' ')
            out->s[--out->len] = '\0';
        bw_str_addc(out, '\n');
    }
    while (out->len > 1 && out->s[out->len - 2] == '\n')
        out->s[--out->len] = '\0';
}

static bool shows(const char *text)
{
    BW_AUTO_STR all = BW_STR_INIT;

    screen_text(&all);
    return strstr(all.s, text) != NULL;
}

static void expect_at(const char *text, int line)
{
    BW_AUTO_STR all = BW_STR_INIT;

    for (long long end = now_ms() + LIMIT_MS; now_ms() < end && !shows(text);)
        if (!pump(50))
            break;
    screen_text(&all);
    ck_assert_msg(shows(text), "line %d: \"%s\" is not on the screen:\n%s", line, text, all.s);
}
#define expect(text) expect_at(text, __LINE__)

/* The last line that is not empty ends with end, and nothing more comes. */
static void expect_last_at(const char *end, int line)
{
    BW_AUTO_STR all = BW_STR_INIT;
    size_t n = strlen(end);

    for (long long limit = now_ms() + LIMIT_MS; now_ms() < limit;) {
        size_t before = raw.len;
        if (!pump(QUIET_MS))
            break;
        screen_text(&all);
        if (raw.len == before && all.len > n && strncmp(all.s + all.len - 1 - n, end, n) == 0)
            return;
    }
    screen_text(&all);
    ck_abort_msg("line %d: the screen does not end with \"%s\":\n%s", line, end, all.s);
}
#define expect_last(end) expect_last_at(end, __LINE__)

static const char *prompt(void)
{
    return geteuid() == 0 ? "#" : "$";
}
#define expect_prompt() expect_last(prompt())

static void type(const char *keys)
{
    ck_assert_int_eq(bw_write_all(fd, keys, strlen(keys)), 0);
}

static void start(void)
{
    start_program(program(), 80, 30, "xterm-256color");
    expect_prompt();
}

/* Takes in what is left and returns the exit status, 128+N for a signal. */
static int ended(void)
{
    int status = 0;
    long long end = now_ms() + LIMIT_MS;

    while (fd >= 0 && now_ms() < end && pump(50) && waitpid(pid, &status, WNOHANG) == 0)
        ;
    while (waitpid(pid, &status, WNOHANG) == 0 && now_ms() < end)
        poll(NULL, 0, 20);
    ck_assert_msg(kill(pid, 0) != 0, "boxwright is still there");
    pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(home));
}

static void finish(void)
{
    char path[128];
    static const char *const names[] = {"/.local/state/boxwright/history",
                                        "/.local/state/boxwright/pane",
                                        "/.local/state/boxwright/progress",
                                        "/.local/state/boxwright",
                                        "/.local/state",
                                        "/.local",
                                        "/boxwright",
                                        ""};

    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", home, names[i]);
        remove(path);
    }
    if (fd >= 0)
        close(fd);
    if (vt)
        vterm_free(vt);
    bw_str_free(&raw);
}

#endif
