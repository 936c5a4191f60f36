/* ncurses. One window, as large as the terminal; cells that did not change are not even given to
 * curses, and without any change nothing is written. */
#include "ui/screen.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "ui/canvas.h"

/* Rows or columns that are drawn in: ncurses counts them as shorts, and no screen has so many. */
enum { SIZE_MOST = 1000 };

static struct {
    struct termios before; /* the user's own */
    struct termios keys;   /* for typing: ^C and ^Z are signals */
    struct bw_canvas shown;
    bool known; /* shown is what the terminal shows */
    bool away;  /* a program has the terminal */
    bool colour;
} sc;

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

static void say(const char *sequence)
{
    fputs(sequence, stdout);
    fflush(stdout);
}

/* ---- modes ---- */

static void make_modes(void)
{
    sc.keys = sc.before;
    sc.keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    sc.keys.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR);
    sc.keys.c_cc[VMIN] = 1;
    sc.keys.c_cc[VTIME] = 0;
    sc.keys.c_cc[VQUIT] = _POSIX_VDISABLE;
    /* What goes out is curses' to lay out. */
    sc.keys.c_oflag &= ~(tcflag_t)ONLCR;
}

static void set_keys(bool raw)
{
    struct termios t = sc.keys;

    if (raw)
        t.c_lflag &= ~(tcflag_t)ISIG;
    /* The program's own terminal has laid its output out already. */
    if (raw && sc.away)
        t.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
}

static void make_colours(void)
{
    const char *no = getenv("NO_COLOR");

    sc.colour = has_colors() && !(no && *no);
    if (!sc.colour)
        return;
    start_color();
    use_default_colors();
    for (int i = 0; i < 16; i++)
        init_pair((short)(i + 1), (short)(i < COLORS ? i : i % 8), -1);
}

/* The consoles have fonts of 256 characters, without braille and most marks. */
static bool poor_font(void)
{
    static const char *const names[] = {"linux", "vt", "ansi", "cons"};
    const char *term = getenv("TERM");

    for (size_t i = 0; term && i < sizeof names / sizeof *names; i++)
        if (strncmp(term, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static int open_screen(bool *ascii)
{
    int bad;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &sc.before) != 0)
        return -1;
    *ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0 || poor_font();
    /* What programs print is taken for UTF-8 all the same. */
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    /* Asked first: initscr ends the process when it does not know the terminal. */
    if (setupterm(NULL, STDOUT_FILENO, &bad) != OK)
        return -1;
    bool capable = cursor_address && clear_screen;
    del_curterm(cur_term);
    if (!capable)
        return -1;
    /* The size comes from the terminal alone: LINES and COLUMNS of the environment get stale. */
    use_env(FALSE);
    use_tioctl(TRUE);
    if (!newterm(NULL, stdout, stdin))
        return -1;
    make_colours();
    make_modes();
    set_keys(false);
    def_prog_mode();
    nonl();
    /* Keys that wait must not put a frame off. */
    typeahead(-1);
    leaveok(stdscr, FALSE);
    idlok(stdscr, TRUE);
    say(PASTE_ON);
    sc.known = sc.away = false;
    return 0;
}

static void leave(void)
{
    say(PASTE_OFF);
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &sc.before);
}

static const char *goodbye(void)
{
    static char text[128];

    snprintf(text, sizeof text, "%s%s%s%s", PASTE_OFF,
             exit_attribute_mode ? exit_attribute_mode : "", cursor_normal ? cursor_normal : "",
             exit_ca_mode ? exit_ca_mode : "");
    return text;
}

static void close_screen(void)
{
    if (!sc.away)
        leave();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &sc.before);
    bw_canvas_free(&sc.shown);
    delscreen(set_term(NULL));
}

static void suspend(bool raw)
{
    if (!sc.away)
        leave();
    sc.away = true;
    if (raw)
        set_keys(true);
}

static void resume(void)
{
    sc.away = sc.known = false;
    reset_prog_mode();
    set_keys(false);
    say(PASTE_ON);
    clearok(stdscr, TRUE);
}

static void keys(bool raw)
{
    if (!sc.away)
        set_keys(raw);
}

static void size(bool anew, int *rows, int *cols)
{
    struct winsize w;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0) {
        *rows = w.ws_row < SIZE_MOST ? w.ws_row : SIZE_MOST;
        *cols = w.ws_col < SIZE_MOST ? w.ws_col : SIZE_MOST;
        anew = anew || *rows != LINES || *cols != COLS;
        if (anew && !sc.away)
            resizeterm(*rows, *cols);
    } else {
        *rows = LINES;
        *cols = COLS;
    }
    if (!anew || sc.away)
        return;
    sc.known = false;
    clearok(stdscr, TRUE);
}

/* ---- showing ---- */

static attr_t attributes(unsigned a)
{
    attr_t out = A_NORMAL;

    if (a & BW_A_BOLD)
        out |= A_BOLD;
    if (a & BW_A_DIM)
        out |= A_DIM;
    if (a & BW_A_UNDERLINE)
        out |= A_UNDERLINE;
    if (a & BW_A_REVERSE)
        out |= A_REVERSE;
    return out;
}

static void put(int row, int col, const struct bw_cell *cell)
{
    wchar_t text[CCHARW_MAX + 1] = {L' '};
    short pair = (short)(sc.colour ? cell->attr & BW_A_COLOUR : 0);
    cchar_t c;

    if (cell->text[0]) {
        size_t n = mbstowcs(text, cell->text, CCHARW_MAX);
        if (n == (size_t)-1)
            wcscpy(text, L"?");
        text[CCHARW_MAX] = L'\0';
    }
    if (setcchar(&c, text, attributes(cell->attr), pair, NULL) == OK)
        mvadd_wch(row, col, &c);
}

static bool same_cell(const struct bw_cell *a, const struct bw_cell *b)
{
    return a->attr == b->attr && a->width == b->width &&
           memcmp(a->text, b->text, sizeof a->text) == 0;
}

/* Returns whether anything differs. */
static bool put_changes(const struct bw_canvas *c)
{
    bool same = sc.known && sc.shown.rows == c->rows && sc.shown.cols == c->cols;
    bool some = !same;

    for (int row = 0; row < c->rows && row < LINES; row++)
        for (int col = 0; col < c->cols && col < COLS; col++) {
            const struct bw_cell *cell = &c->cell[row * c->cols + col];
            if (same && same_cell(cell, &sc.shown.cell[row * c->cols + col]))
                continue;
            some = true;
            if (cell->width > 0)
                put(row, col, cell);
        }
    return some;
}

static void show(const struct bw_canvas *c)
{
    if (sc.away)
        return;
    bool cursor = c->cursor_row != sc.shown.cursor_row || c->cursor_col != sc.shown.cursor_col;
    if (!put_changes(c) && !cursor)
        return;
    if (c->cursor_row >= 0)
        move(c->cursor_row < LINES ? c->cursor_row : LINES - 1,
             c->cursor_col < COLS ? c->cursor_col : COLS - 1);
    if ((c->cursor_row < 0) != (sc.shown.cursor_row < 0) || !sc.known)
        curs_set(c->cursor_row >= 0);
    refresh();
    bw_canvas_size(&sc.shown, c->rows, c->cols);
    memcpy(sc.shown.cell, c->cell, (size_t)c->rows * (size_t)c->cols * sizeof *c->cell);
    sc.shown.cursor_row = c->cursor_row;
    sc.shown.cursor_col = c->cursor_col;
    sc.known = true;
}

static void ring(void)
{
    if (!sc.away)
        beep();
}

/* Exported: see ui/screen.h. */
extern const struct bw_screen bw_screen_module;
const struct bw_screen bw_screen_module = {
    .open = open_screen,
    .close = close_screen,
    .goodbye = goodbye,
    .suspend = suspend,
    .resume = resume,
    .keys = keys,
    .size = size,
    .show = show,
    .beep = ring,
};
