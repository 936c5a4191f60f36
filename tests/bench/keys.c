/* How long a typed key takes to the screen, beside bash, whose line editor is the same readline:
 * keys PROGRAM. Both run on a pty of this process; a key is on the screen when it is written.
 * A line for each: its name, blanks as _, and figures of 600 keys. */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 600, START_MS = 2500, PAUSE_US = 3000, LIMIT_MS = 1000 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Takes in what is written until the key is among it. Returns the milliseconds. */
static double wait_for(int fd, char key)
{
    double start = now_ms();
    char buf[65536];

    while (now_ms() - start < LIMIT_MS) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 10) <= 0)
            continue;
        ssize_t n = read(fd, buf, sizeof buf);
        if (n <= 0)
            break;
        if (key && memchr(buf, key, (size_t)n))
            return now_ms() - start;
    }
    return LIMIT_MS;
}

static void drain(int fd, double ms)
{
    double end = now_ms() + ms;
    char buf[65536];

    while (now_ms() < end) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 1) > 0 && read(fd, buf, sizeof buf) <= 0)
            return;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void measure(const char *name, char *const argv[], const char *first)
{
    static double took[KEYS];
    struct winsize size = {.ws_row = 50, .ws_col = 132};
    int fd;
    pid_t pid = forkpty(&fd, NULL, NULL, &size);

    if (pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        execvp(argv[0], argv);
        _exit(127);
    }
    drain(fd, START_MS);
    if (write(fd, first, strlen(first)) < 0)
        return;
    drain(fd, START_MS);
    for (int i = 0; i < KEYS; i++) {
        /* A letter that stands nowhere in what is drawn meanwhile. */
        char key = i % 2 ? 'Q' : 'Z';
        if (write(fd, &key, 1) != 1)
            break;
        took[i] = wait_for(fd, key);
        if (i % 40 == 39 && write(fd, "\025", 1) == 1)
            drain(fd, 20);
        usleep((useconds_t)(PAUSE_US + rand() % 5000));
    }
    qsort(took, KEYS, sizeof *took, by_size);
    printf("%s median %.2f ms, p99 %.2f ms, most %.2f ms\n", name, took[KEYS / 2],
           took[KEYS * 99 / 100], took[KEYS - 1]);
    kill(pid, SIGKILL);
    close(fd);
    waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    char bash[] = "bash", norc[] = "--norc", plain[] = "--no-pane";
    char *program = argc > 1 ? argv[1] : (char[]){"build/boxwright"};
    char *peer[] = {bash, norc, NULL}, *pane[] = {program, NULL};
    char *line[] = {program, plain, NULL};

    measure("bash", peer, "\r");
    measure("boxwright_--no-pane", line, "unshare uts\r");
    measure("pane_at_10_Hz", pane, "unshare uts; pane rate 10\r");
    return 0;
}
