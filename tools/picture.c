/* Pictures of the split screen for the README, made from a real one: picture PROGRAM SVG TEXT.
 * boxwright runs on a pty of 118x36, is typed to, and what libvterm makes of it is written as an
 * SVG image and as text. */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { ROWS = 36, COLS = 118, CELL_W = 8, CELL_H = 17, EDGE = 10 };

static const struct {
    const char *keys;
    int ms; /* what is then waited */
} typed[] = {{"unshare pid uts net\r", 1500},
             {"mountproc\r", 1000},
             {"hostname box\r", 1000},
             {"cgcreate cpu 50%\r", 1500},
             {"burn cpu 1 8s\r", 6000}};

static VTermScreen *screen;
static VTerm *vt;

static long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pump(int fd, int ms)
{
    char buf[8192];

    for (long end = now_ms() + ms; now_ms() < end;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 20) <= 0)
            continue;
        ssize_t n = read(fd, buf, sizeof buf);
        if (n <= 0)
            return;
        vterm_input_write(vt, buf, (size_t)n);
    }
}

static void put_utf8(FILE *f, uint32_t c, int xml)
{
    if (xml && (c == '<' || c == '>' || c == '&')) {
        fputs(c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;", f);
        return;
    }
    if (c < 0x80) {
        fputc((int)c, f);
        return;
    }
    if (c < 0x800) {
        fputc((int)(0xc0 | c >> 6), f);
    } else {
        fputc((int)(0xe0 | (c >> 12 & 0x0f)), f);
        fputc((int)(0x80 | (c >> 6 & 0x3f)), f);
    }
    fputc((int)(0x80 | (c & 0x3f)), f);
}

static VTermScreenCell cell_at(int row, int col)
{
    VTermScreenCell c;

    vterm_screen_get_cell(screen, (VTermPos){.row = row, .col = col}, &c);
    if (c.chars[0] == 0 || c.chars[0] == (uint32_t)-1)
        c.chars[0] = ' ';
    return c;
}

static void write_text(FILE *f)
{
    for (int row = 0; row < ROWS; row++) {
        int last = COLS;
        while (last > 0 && cell_at(row, last - 1).chars[0] == ' ')
            last--;
        for (int col = 0; col < last; col++)
            put_utf8(f, cell_at(row, col).chars[0], 0);
        fputc('\n', f);
    }
}

static void write_cell(FILE *f, int row, int col, VTermScreenCell c)
{
    VTermColor fg = c.fg;

    if (c.chars[0] == ' ' && !c.attrs.reverse)
        return;
    vterm_screen_convert_color_to_rgb(screen, &fg);
    int x = EDGE + col * CELL_W, y = EDGE + row * CELL_H;
    char colour[8];
    snprintf(colour, sizeof colour, "#%02x%02x%02x", fg.rgb.red, fg.rgb.green, fg.rgb.blue);
    if (c.attrs.reverse)
        fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>", x, y, CELL_W,
                CELL_H, colour);
    fprintf(f, "<text x=\"%d\" y=\"%d\" fill=\"%s\"%s>", x, y + CELL_H - 4,
            c.attrs.reverse ? "#101418" : colour, c.attrs.bold ? " font-weight=\"bold\"" : "");
    put_utf8(f, c.chars[0], 1);
    fputs("</text>\n", f);
}

static void write_svg(FILE *f)
{
    int w = COLS * CELL_W + 2 * EDGE, h = ROWS * CELL_H + 2 * EDGE;

    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" "
            "font-size=\"13\">\n<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#101418\"/>\n",
            w, h, w, h, w, h);
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++)
            write_cell(f, row, col, cell_at(row, col));
    fputs("</svg>\n", f);
}

static int write_file(const char *name, void (*with)(FILE *f))
{
    FILE *f = fopen(name, "we");

    if (!f)
        return -1;
    with(f);
    return fclose(f);
}

static pid_t start(const char *program, int *fd)
{
    struct winsize size = {.ws_row = ROWS, .ws_col = COLS};
    pid_t pid = forkpty(fd, NULL, NULL, &size);

    if (pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        unsetenv("NO_COLOR");
        execl(program, "boxwright", (char *)NULL);
        _exit(127);
    }
    return pid;
}

int main(int argc, char **argv)
{
    int fd;

    if (argc != 4) {
        fputs("usage: picture PROGRAM SVG TEXT\n", stderr);
        return 2;
    }
    vt = vterm_new(ROWS, COLS);
    vterm_set_utf8(vt, 1);
    screen = vterm_obtain_screen(vt);
    vterm_screen_reset(screen, 1);
    pid_t pid = start(argv[1], &fd);
    if (pid < 0)
        return 1;
    pump(fd, 1000);
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        if (write(fd, typed[i].keys, strlen(typed[i].keys)) < 0)
            return 1;
        pump(fd, typed[i].ms);
    }
    int r = write_file(argv[2], write_svg) || write_file(argv[3], write_text);
    if (write(fd, "\003quit\r", 6) == 6)
        pump(fd, 1000);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    vterm_free(vt);
    return r != 0;
}
