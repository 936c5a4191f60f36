#include "base/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

static const int stream_fd[] = {[BW_DATA] = STDOUT_FILENO, [BW_MSG] = STDERR_FILENO};

static const char *const style_code[] = {
    [BW_PLAIN] = "",        [BW_BOLD] = "\033[1m",   [BW_DIM] = "\033[2m",
    [BW_GOOD] = "\033[32m", [BW_BAD] = "\033[1;31m", [BW_NOTE] = "\033[33m"};

static void write_stdio(struct bw_out *o, enum bw_stream stream, const char *s, size_t n)
{
    if (bw_write_all(stream_fd[stream], s, n) != 0 && o->failed == 0)
        o->failed = errno;
}

static void write_string(struct bw_out *o, enum bw_stream stream, const char *s, size_t n)
{
    (void)stream;
    bw_str_addn(o->ctx, s, n);
}

static bool wants_colour(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if (no != NULL && no[0] != '\0')
        return false;
    return isatty(fd) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

void bw_out_stdio(struct bw_out *o)
{
    struct winsize size;

    *o = (struct bw_out){.write = write_stdio};
    for (int i = BW_DATA; i <= BW_MSG; i++) {
        o->colour[i] = wants_colour(stream_fd[i]);
        if (o->width == 0 && ioctl(stream_fd[i], TIOCGWINSZ, &size) == 0)
            o->width = size.ws_col;
    }
}

void bw_out_string(struct bw_out *o, struct bw_str *into)
{
    *o = (struct bw_out){.write = write_string, .ctx = into};
}

/* The last line of defence: whatever a caller forgot to make safe drives no terminal. Line ends
 * and tabs are the caller's own. */
static void add_clean(struct bw_str *out, const char *text, size_t len)
{
    BW_AUTO_STR part = BW_STR_INIT;

    for (const char *end = text + len; text < end;) {
        size_t n = 0;
        while (text + n < end && text[n] != '\n' && text[n] != '\t')
            n++;
        bw_str_clear(&part);
        bw_str_addn(&part, text, n);
        bw_str_add_safe(out, bw_str_get(&part));
        if (text + n < end)
            bw_str_addc(out, text[n++]);
        text += n;
    }
}

/* The reset goes before the line's end, so that no line begins with a left-over style. */
static void put_styled(struct bw_out *o, enum bw_stream stream, enum bw_style style,
                       const char *text, size_t len)
{
    BW_AUTO_STR all = BW_STR_INIT;
    size_t body = len > 0 && text[len - 1] == '\n' ? len - 1 : len;
    bool styled = style != BW_PLAIN && o->colour[stream] && body > 0;

    if (styled)
        bw_str_add(&all, style_code[style]);
    add_clean(&all, text, body);
    if (styled)
        bw_str_add(&all, "\033[0m");
    bw_str_addn(&all, text + body, len - body);
    o->write(o, stream, bw_str_get(&all), all.len);
}

static void put(struct bw_out *o, enum bw_stream stream, enum bw_style style, const char *fmt,
                va_list ap)
{
    char *text = NULL;
    int n = vasprintf(&text, fmt, ap);

    if (n < 0)
        abort();
    if (n > 0)
        put_styled(o, stream, style, text, (size_t)n);
    free(text);
}

void bw_data(struct bw_out *o, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(o, BW_DATA, BW_PLAIN, fmt, ap);
    va_end(ap);
}

void bw_msg(struct bw_out *o, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(o, BW_MSG, BW_PLAIN, fmt, ap);
    va_end(ap);
}

void bw_put(struct bw_out *o, enum bw_stream stream, enum bw_style style, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(o, stream, style, fmt, ap);
    va_end(ap);
}

static size_t columns(const char *s)
{
    size_t n = 0;

    for (; s != NULL && *s != '\0'; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

void bw_table(struct bw_out *o, enum bw_stream stream, const char *const *cells, size_t rows,
              size_t cols)
{
    BW_AUTO_FREE size_t *width = bw_alloc(cols * sizeof *width);
    BW_AUTO_STR line = BW_STR_INIT;

    for (size_t c = 0; c < cols; c++) {
        width[c] = 0;
        for (size_t r = 0; r < rows; r++) {
            size_t n = columns(cells[r * cols + c]);
            width[c] = n > width[c] ? n : width[c];
        }
    }
    for (size_t r = 0; r < rows; r++) {
        size_t blanks = 0;
        bw_str_clear(&line);
        for (size_t c = 0; c < cols; c++) {
            const char *cell = cells[r * cols + c];
            size_t n = columns(cell);
            if (n > 0) {
                bw_str_addf(&line, "%*s%s", (int)blanks, "", cell);
                blanks = 0;
            }
            blanks += width[c] - n + 2;
        }
        bw_str_addc(&line, '\n');
        put_styled(o, stream, r == 0 ? BW_BOLD : BW_PLAIN, line.s, line.len);
    }
}
