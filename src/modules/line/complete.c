/* Tab. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "base/words.h"
#include "cmd/session.h"
#include "line_priv.h"
#include "ui/canvas.h"
#include "ui/complete.h"
#include "ui/split.h"

enum { LISTED_MAX = 200, GAP = 2 };

static char *quoted(const char *word, size_t n)
{
    BW_AUTO_STR part = BW_STR_INIT;
    BW_AUTO_STR out = BW_STR_INIT;

    bw_str_addn(&part, word, n);
    bw_words_quote(&out, bw_str_get(&part));
    return bw_str_steal(&out);
}

static void replace_word(size_t start, const char *with, bool blank)
{
    rl_begin_undo_group();
    rl_delete_text((int)start, rl_point);
    rl_point = (int)start;
    rl_insert_text(with);
    if (blank)
        rl_insert_text(" ");
    rl_end_undo_group();
}

/* Columns, read downward as ls lists them; names from the box are made safe first. */
static void lay_out(const struct bw_candidates *c, int width, struct bw_str *out)
{
    char *shown[LISTED_MAX];
    size_t n = 0;
    int longest = 1;

    for (size_t i = 0; i < c->n && n < LISTED_MAX; i++) {
        BW_AUTO_STR safe = BW_STR_INIT;
        bw_str_add_safe(&safe, c->v[i].word + c->shown);
        shown[n] = bw_str_steal(&safe);
        int cols = bw_text_columns(shown[n++]);
        longest = cols > longest ? cols : longest;
    }
    size_t columns = width > longest + GAP ? (size_t)(width / (longest + GAP)) : 1;
    size_t rows = (n + columns - 1) / columns;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < n; i += rows)
            bw_str_addf(out, "%s%*s", shown[i],
                        i + rows < n ? longest + GAP - bw_text_columns(shown[i]) : 0, "");
        bw_str_addc(out, '\n');
    }
    if (c->n > LISTED_MAX)
        bw_str_addf(out, "... and %zu more\n", c->n - LISTED_MAX);
    while (n > 0)
        free(shown[--n]);
}

static void list(const struct bw_candidates *c)
{
    BW_AUTO_STR text = BW_STR_INIT;
    int rows, cols = bw_ed.s->out->width, point = rl_point;

    if (!bw_ed.split)
        rl_get_screen_size(&rows, &cols);
    lay_out(c, cols > 0 ? cols : 80, &text);
    if (bw_ed.split) {
        bw_msg(bw_ed.s->out, "%s", text.s);
        return;
    }
    rl_point = rl_end;
    rl_redisplay();
    fprintf(rl_outstream, "\n%s", text.s);
    rl_point = point;
    rl_forced_update_display();
}

int bw_ed_on_tab(int count, int key)
{
    struct bw_candidates c;
    BW_AUTO_STR all = BW_STR_INIT;

    (void)count;
    (void)key;
    bw_str_add(&all, bw_str_get(&bw_ed.text));
    bw_str_addn(&all, rl_line_buffer, (size_t)rl_point);
    bw_complete(bw_ed.s, bw_str_get(&all), all.len, &c);
    if (c.n == 0 || c.start < bw_ed.text.len) {
        if (bw_ed.split)
            bw_split_beep(bw_ed.split);
        else
            rl_ding();
    } else {
        size_t start = c.start - bw_ed.text.len;
        BW_AUTO_FREE char *with = quoted(c.v[0].word, c.common);
        size_t typed = (size_t)rl_point - start;
        bool longer = c.common > 0 &&
                      (strlen(with) != typed || strncmp(rl_line_buffer + start, with, typed) != 0);
        if (c.n == 1)
            replace_word(start, with, !c.v[0].open);
        else if (longer && c.common >= typed)
            replace_word(start, with, false);
        else
            list(&c);
    }
    bw_candidates_free(&c);
    return 0;
}
