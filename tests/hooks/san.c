/* In the build with sanitizers only. What a process finds must be heard of although the process has
 * no file system, no terminal and no parent that waits for it, and leaks must be looked for
 * although it ends with _exit, or is killed: so they are before each reply of a stage or a janitor.
 * What is found is written to memory shared with the file report in the folder that BW_HOOK names.
 */
#include <fcntl.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant.h"

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
ssize_t __real_bw_sock_send(int sock, const struct msghdr *msg, int flags);
ssize_t __wrap_bw_sock_send(int sock, const struct msghdr *msg, int flags);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__lsan_default_suppressions(void);
void __ubsan_on_report(void);
void __ubsan_get_current_report_data(const char **kind, const char **message, const char **file,
                                     unsigned *line, unsigned *column, char **address);

#define OPTIONS                                                                                    \
    "exitcode=99:print_suppressions=0:detect_stack_use_after_return=1:allocator_may_return_null=1"
enum { SIZE = 1 << 20, FOUND = 99 };

static struct shared {
    _Atomic unsigned checks, no_checks, used;
    char text[];
} * shared;

/* A stage's program is a copy in memory without what names lines, and the reader of it falls over
 * that: addr2line -e build/san/boxwright turns the offsets in such a report into lines. Nothing
 * that a sanitizer intercepts may be called: it is not there yet. */
const char *__asan_default_options(void)
{
    static const char memory[] = "/memfd:";
    char exe[sizeof memory] = {0};
    bool same = syscall(SYS_readlink, "/proc/self/exe", exe, sizeof exe - 1) > 0;
    for (size_t i = 0; i < sizeof memory; i++)
        same = same && exe[i] == memory[i];
    return same ? "symbolize=0:" OPTIONS : OPTIONS;
}

const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1:exitcode=99";
}

/* ncurses keeps the description of a terminal until the process ends: curs_memleaks(3X). */
const char *__lsan_default_suppressions(void)
{
    return "leak:libtinfo.so\nleak:libncursesw.so\n";
}

static void say(const char *text)
{
    char name[16] = "", line[16384];
    if (!shared)
        return;
    prctl(PR_GET_NAME, name);
    int n =
        snprintf(line, sizeof line, "%s%s: %s\n", name, getpid() == first ? "" : " (forked)", text);
    size_t len = n < (int)sizeof line ? (size_t)n : sizeof line - 1;
    size_t at = atomic_fetch_add(&shared->used, (unsigned)len);
    if (at + len < SIZE - sizeof *shared)
        memcpy(shared->text + at, line, len);
}

/* Nothing else may tell of it: a test may look at neither the status nor standard error. */
static void died(void)
{
    char text[1024] = "ended by a sanitizer; what it found is on its standard error: ";
    size_t at = strlen(text);
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text + at, sizeof text - at - 1);
    for (size_t end = at + (size_t)(n > 0 ? n : 0); at < end; at++)
        text[at] = text[at] ? text[at] : ' ';
    text[at] = '\0';
    close(fd);
    say(text);
}

/* UBSan has no callback that is given the text. */
void __ubsan_on_report(void)
{
    const char *kind = "", *message = "", *file = "";
    unsigned line = 0, column = 0;
    char *address = NULL, text[1024];
    __ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
    snprintf(text, sizeof text, "UBSan: %s:%u: %s: %s", file, line, kind, message);
    say(text);
}

static bool same_link(const char *a, const char *b)
{
    char x[64] = "", y[64] = "";
    return readlink(a, x, sizeof x - 1) > 0 && readlink(b, y, sizeof y - 1) > 0 &&
           strcmp(x, y) == 0;
}

static bool is_traced(void)
{
    static char status[2048];
    static const char key[] = "\nTracerPid:\t";
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, status, sizeof status - 1);
    close(fd);
    status[n > 0 ? n : 0] = '\0';
    const char *at = strstr(status, key);
    return at && strtol(at + sizeof key - 1, NULL, 10) != 0;
}

/* LeakSanitizer stops the process from a thread of its own, which it starts with clone, which
 * traces it and finds it by its number in /proc: neither where no process may be made. */
static bool can_look(void)
{
    char self[16] = "", is[16];
    snprintf(is, sizeof is, "%d", (int)getpid());
    if (readlink("/proc/self", self, sizeof self - 1) <= 0 || strcmp(self, is) != 0 ||
        !same_link("/proc/self/ns/pid", "/proc/self/ns/pid_for_children") ||
        !same_link("/proc/self/ns/time", "/proc/self/ns/time_for_children") || is_traced())
        return false;
    /* Nor where it may have little memory or few descriptors. */
    struct rlimit as, files;
    if (getrlimit(RLIMIT_AS, &as) || as.rlim_cur != RLIM_INFINITY ||
        getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur < 64)
        return false;
    /* A child that sends no signal, and that waitpid(-1) does not meet. */
    long child = syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (child == 0)
        syscall(SYS_exit_group, 0);
    return child > 0 && waitpid((pid_t)child, NULL, (int)__WCLONE) == child;
}

enum look { CLEAN, LEAKS, UNSEEN };

static enum look look(void)
{
    bool can = can_look();
    if (shared)
        atomic_fetch_add(can ? &shared->checks : &shared->no_checks, 1);
    if (!can)
        return UNSEEN;
    /* Standard error may be closed, or a test's own. */
    static char text[12288];
    int fd = memfd_create("leaks", MFD_CLOEXEC);
    __sanitizer_set_report_fd((void *)(intptr_t)fd);
    bool some = __lsan_do_recoverable_leak_check();
    __sanitizer_set_report_fd((void *)2);
    ssize_t n = some ? pread(fd, text, sizeof text - 1, 0) : 0;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    if (some)
        say(*text ? text : "memory leaked");
    return some ? LEAKS : CLEAN;
}

/* Before LeakSanitizer looks by itself: its text would be on standard error alone, and where it
 * cannot look it ends the process with an error of its own. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    enum look seen = look();
    if (seen == CLEAN)
        return;
    fflush(NULL);
    __real__exit(seen == LEAKS ? FOUND : status);
}

void __wrap__exit(int status)
{
    plant_sow();
    __real__exit(look() == LEAKS ? FOUND : status);
}

ssize_t __wrap_bw_sock_send(int sock, const struct msghdr *msg, int flags)
{
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    plant_sow();
    if (strcmp(name, "bw-stage") == 0 || strcmp(name, "bw-janitor") == 0)
        look();
    return __real_bw_sock_send(sock, msg, flags);
}

__attribute__((constructor(101))) static void bw_hook_start(void)
{
    const char *dir = getenv("BW_HOOK");
    char path[256];
    first = getpid();
    __asan_set_error_report_callback(say);
    __sanitizer_set_death_callback(died);
    on_exit(at_exit, NULL);
    if (!dir)
        return;
    plant_read(dir);
    snprintf(path, sizeof path, "%s/report", dir);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *map = fd >= 0 ? mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    shared = map == MAP_FAILED ? NULL : map;
    close(fd);
}
