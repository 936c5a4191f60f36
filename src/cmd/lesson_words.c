/* What a lesson's text promises: commands that there are, links that lead somewhere. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/words.h"
#include "cmd/table.h"
#include "lesson_check.h"

void complain(struct complaints *c, struct bw_at at, const char *fmt, ...)
{
    BW_AUTO_FREE char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    va_end(ap);
    bw_lesson_add(&c->v, text, at, 0);
}

/* Commands may be several, parted by ; on a line. */
static void check_command(struct complaints *c, const struct bw_lesson_line *l, const char *what)
{
    const char *p = l->text;
    size_t left = strlen(p), used = 0;

    for (; left > 0; p += used, left -= used) {
        struct bw_err err = BW_ERR_INIT;
        struct bw_words w = {0};
        enum bw_words_result r = bw_words_split(p, left, &used, &w, &err);
        if (r != BW_WORDS_OK)
            complain(c, l->at, "%s: %s", what,
                     r == BW_WORDS_MORE ? "a quote is not closed" : err.cause);
        else if (w.n > 0 && !bw_command_find(w.v[0]))
            complain(c, l->at, "%s: %s is not a command of boxwright", what, w.v[0]);
        bw_words_free(&w);
        if (r != BW_WORDS_OK || used == 0)
            return;
    }
}

static void check_commands(struct complaints *c, const struct bw_lesson_lines *v, const char *what)
{
    for (size_t i = 0; i < v->n; i++)
        check_command(c, &v->v[i], what);
}

/* NAME(SECTION), as namespaces(7). */
static bool is_man(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("._-+", text[n])))
        n++;
    return n > 0 && text[n] == '(' && text[n + 1] >= '1' && text[n + 1] <= '8' &&
           text[n + 2] == ')' && text[n + 3] == '\0';
}

static void check_link(struct complaints *c, const struct bw_lesson_line *l)
{
    const char *slash = strrchr(c->lesson->path, '/');
    BW_AUTO_STR path = BW_STR_INIT;

    if (bw_str_starts(l->text, "man:")) {
        if (!is_man(l->text + 4))
            complain(c, l->at, "the link %s: a manual page is written man:namespaces(7)", l->text);
        return;
    }
    bw_str_addf(&path, "%.*s%.*s", slash ? (int)(slash - c->lesson->path) + 1 : 0, c->lesson->path,
                (int)strcspn(l->text, "#"), l->text);
    if (l->text[0] == '/' || strstr(l->text, "://"))
        complain(c, l->at, "the link %s: only files beside the lesson and man:PAGE are linked to",
                 l->text);
    else if (access(bw_str_get(&path), R_OK) != 0)
        complain(c, l->at, "the link %s leads nowhere", l->text);
}

void lesson_words_check(struct complaints *c)
{
    const struct bw_lesson *l = c->lesson;

    check_commands(c, &l->without_root, "without-root");
    check_commands(c, &l->setup, "setup");
    for (size_t i = 0; i < l->n_steps; i++) {
        check_commands(c, &l->steps[i].solution, "solution");
        check_commands(c, &l->steps[i].look, "look");
    }
    check_commands(c, &l->commands, "text");
    for (size_t i = 0; i < l->links.n; i++)
        check_link(c, &l->links.v[i]);
}
