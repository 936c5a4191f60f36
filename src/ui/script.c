#include "ui/script.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/intr.h"
#include "base/words.h"
#include "cmd/session.h"
#include "cmd/table.h"

enum { BYTES_MAX = 16 << 20 };

static int refuse(struct bw_session *s)
{
    s->err.status = BW_USAGE;
    bw_session_print_err(s, &s->err, NULL);
    return s->status = BW_USAGE;
}

static int read_script(struct bw_session *s, const char *path, struct bw_str *text)
{
    if (bw_session_read_script(s, path, text) == 0)
        return 0;
    if (s->err.code == ENOENT && bw_command_find(path)) {
        bw_err_cause(&s->err, "the first argument is the name of a script file");
        bw_err_todo(&s->err, "to run the command: boxwright -c '%s ...'", path);
    } else if (s->err.code != 0) {
        bw_err_cause(&s->err, "the script cannot be read");
        bw_err_todo(&s->err, "boxwright FILE runs a script, boxwright -c 'COMMANDS' a line, "
                             "boxwright alone asks for commands");
    }
    return -1;
}

static int check_text(struct bw_session *s, const char *path, const struct bw_str *text)
{
    const char *nul = text->len ? memchr(text->s, '\0', text->len) : NULL;
    size_t line = 1;

    if (!nul)
        return 0;
    for (const char *p = text->s; p < nul; p++)
        line += *p == '\n';
    bw_err_usage(&s->err, "%s: line %zu: not text", path, line);
    bw_err_todo(&s->err, "a script is a text file with one command on each line; to run a program "
                         "in the box: boxwright -c 'run PROGRAM'");
    return -1;
}

int bw_script_file(struct bw_session *s, const char *path)
{
    BW_AUTO_STR text = BW_STR_INIT;

    bw_err_clear(&s->err);
    if (read_script(s, path, &text) != 0 || check_text(s, path, &text) != 0)
        return refuse(s);
    s->from_file = true;
    size_t bom = text.len >= 3 && memcmp(text.s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return bw_session_text(s, bw_str_get(&text) + bom, text.len - bom, path);
}

bool bw_script_open(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        struct bw_words w = {0};
        struct bw_err ignored = BW_ERR_INIT;
        size_t used = 0;
        enum bw_words_result r = bw_words_split(text + at, len - at, &used, &w, &ignored);
        bw_words_free(&w);
        if (r == BW_WORDS_MORE)
            return true;
        if (used == 0)
            return false;
        at += used;
    }
    return false;
}

/* Adds one line with its end. Returns 1, 0 at the end of the input, -1 when it cannot be read. */
static int read_line(struct bw_str *text)
{
    char c;

    while (bw_intr_end == 0) {
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return (int)n;
        if (text->len >= BYTES_MAX) {
            errno = EFBIG;
            return -1;
        }
        bw_str_addc(text, c);
        if (c == '\n')
            return 1;
    }
    return 0;
}

static size_t lines_in(const struct bw_str *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->len; i++)
        n += text->s[i] == '\n';
    return n;
}

int bw_script_stdin(struct bw_session *s)
{
    BW_AUTO_STR text = BW_STR_INIT;
    size_t line = 0;
    int more = 1;

    while (more > 0 && !s->quit && bw_intr_end == 0) {
        more = read_line(&text);
        if (more < 0) {
            bw_err_call(&s->err, errno, "read", "0, …, 1");
            bw_err_cause(&s->err, "commands cannot be read from standard input");
            return refuse(s);
        }
        if (more > 0 && bw_script_open(text.s, text.len))
            continue;
        size_t n = lines_in(&text);
        s->lines_before = line;
        if (text.len > 0 && bw_session_text(s, text.s, text.len, "stdin") != 0 && !s->keep_going)
            break;
        line += n;
        bw_str_clear(&text);
    }
    return s->status;
}
