/* What the tests of the pane share: the kernel's side of what is on the screen. */
#ifndef BW_TESTS_PANE_H
#define BW_TESTS_PANE_H

#include "terminal.h"

#include <regex.h>

static int rows, cols;

static void open_pane(int r, int c)
{
    rows = r;
    cols = c;
    start_program(program(), (unsigned short)c, (unsigned short)r, "xterm-256color");
    expect("box ");
}

/* ---- the kernel's side ---- */

/* The stage: the shell's child whose name says so. */
static pid_t stage(void)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    pid_t found = 0;
    for (char *p = text; *p;) {
        long one = strtol(p, &p, 10);
        p += strspn(p, " \n");
        if (one > 0)
            found = (pid_t)one;
    }
    return found;
}

static unsigned long long inode(const char *of, const char *kind)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%s/ns/%s", of, kind);
    if (stat(path, &st) == 0)
        return st.st_ino;
    ck_assert_msg(errno == EACCES && geteuid() != 0, "%s: %s", path, strerror(errno));
    return 0;
}

/* Only root sees a stage's namespaces from outside: its programs shall not reach it. */
static bool cannot_look(const char *test)
{
    if (geteuid() == 0)
        return false;
    printf("SKIP %s: only root can look at the stage from outside\n", test);
    return true;
}

static bool matches(const char *pattern)
{
    BW_AUTO_STR all = BW_STR_INIT;
    regex_t re;

    screen_text(&all);
    ck_assert_int_eq(regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB), 0);
    bool yes = regexec(&re, all.s, 0, NULL, 0) == 0;
    regfree(&re);
    return yes;
}

static void expect_match_at(const char *pattern, int line)
{
    BW_AUTO_STR all = BW_STR_INIT;

    for (long long end = now_ms() + LIMIT_MS; now_ms() < end && !matches(pattern);)
        if (!pump(50))
            break;
    screen_text(&all);
    ck_assert_msg(matches(pattern), "line %d: nothing matches %s:\n%.3500s", line, pattern, all.s);
}
#define expect_match(pattern) expect_match_at(pattern, __LINE__)

static const char *const kinds[] = {"pid", "mnt", "uts", "ipc", "net", "user", "cgroup", "time"};

/* Each kind's row, word for word what /proc says. */
static void compare_namespaces(void)
{
    char box[16], pattern[160];

    snprintf(box, sizeof box, "%d", (int)stage());
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (access("/proc/self/ns/time", F_OK) != 0 && strcmp(kinds[i], "time") == 0)
            continue;
        unsigned long long own = inode(box, kinds[i]), host = inode("self", kinds[i]);
        snprintf(pattern, sizeof pattern, "%s +%llu +%llu +%s", kinds[i], own, host,
                 own == host ? "shared" : "own");
        expect_match(pattern);
    }
}

/* root, or an ordinary user with a user namespace. */
static const char *unshare_line(void)
{
    return geteuid() == 0 ? "unshare pid uts\r" : "unshare user pid uts\r";
}

#endif
