/* How long after /proc a step's inode stands in the pane: step PROGRAM. boxwright runs on a pty,
 * the screen is libvterm's. Both are asked in turn, every half millisecond. */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { STEPS = 40, ROWS = 50, COLS = 132, LIMIT_MS = 5000 };

static VTerm *vt;
static VTermScreen *screen;
static int fd;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void take_in(int us)
{
    char buf[65536];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec wait = {.tv_nsec = us * 1000L};

    if (ppoll(&p, 1, &wait, NULL) <= 0)
        return;
    ssize_t n = read(fd, buf, sizeof buf);
    if (n > 0)
        vterm_input_write(vt, buf, (size_t)n);
}

static void drain(double ms)
{
    for (double end = now_ms() + ms; now_ms() < end;)
        take_in(500);
}

static int shows(const char *text)
{
    char row[COLS + 1] = "";

    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLS; c++) {
            VTermScreenCell cell;
            vterm_screen_get_cell(screen, (VTermPos){.row = r, .col = c}, &cell);
            row[c] = (char)(cell.chars[0] > ' ' && cell.chars[0] < 0x7f ? cell.chars[0] : ' ');
        }
        /* The pane's part: what was printed is on the left. */
        if (strstr(row + COLS / 2, text))
            return 1;
    }
    return 0;
}

/* The child of the shell that was made last. */
static int stage_of(pid_t shell)
{
    char path[64], text[512] = "";
    int found = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)shell, (int)shell);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    for (char *p = text, *end; (n = (size_t)strtol(p, &end, 10)) > 0; p = end)
        found = (int)n;
    return found;
}

static unsigned long inode(int of, const char *kind)
{
    char path[64];
    struct stat st = {0};

    snprintf(path, sizeof path, "/proc/%d/ns/%s", of, kind);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Makes one step. Returns the milliseconds from /proc to the screen, -1 when it was not seen. */
static double step(int stage, const char *kind)
{
    unsigned long before = inode(stage, kind), now = before;
    double start = now_ms(), made;
    char text[32];

    dprintf(fd, "unshare %s\r", kind);
    while (now == before && now_ms() - start < LIMIT_MS) {
        take_in(500);
        now = inode(stage, kind);
    }
    made = now_ms();
    snprintf(text, sizeof text, "%lu", now);
    while (!shows(text)) {
        if (now_ms() - start > LIMIT_MS)
            return -1;
        take_in(500);
    }
    return now_ms() - made;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    const char *program = argc > 1 ? argv[1] : "build/boxwright";
    struct winsize size = {.ws_row = ROWS, .ws_col = COLS};
    double took[STEPS];
    pid_t pid = forkpty(&fd, NULL, NULL, &size);

    if (pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        execl(program, "boxwright", (char *)NULL);
        _exit(127);
    }
    vt = vterm_new(ROWS, COLS);
    vterm_set_utf8(vt, 1);
    screen = vterm_obtain_screen(vt);
    vterm_screen_reset(screen, 1);
    drain(2000);
    dprintf(fd, "set verbose 0; unshare uts\r");
    drain(1500);
    int stage = stage_of(pid), failed = 0;
    for (int i = 0; i < STEPS; i++) {
        took[i] = step(stage, i % 2 ? "uts" : "ipc");
        failed += took[i] < 0;
        drain(200);
    }
    qsort(took, STEPS, sizeof *took, by_size);
    if (failed > 0)
        printf("SKIP: %d of %d steps were not seen (only root sees a stage from outside)\n", failed,
               STEPS);
    else
        printf("from /proc to the pane, %d steps: median %.1f ms, most %.1f ms\n", STEPS,
               took[STEPS / 2], took[STEPS - 1]);
    kill(pid, SIGHUP);
    close(fd);
    waitpid(pid, NULL, 0);
    vterm_free(vt);
    return failed > 0;
}
