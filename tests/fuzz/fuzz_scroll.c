/* what programs write to the split screen: text and terminal sequences */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "ui/scroll.h"

static void check_cell(const struct bw_cell *c, const struct bw_cell *before)
{
    FUZZ_CHECK(memchr(c->text, '\0', sizeof c->text) != NULL);
    FUZZ_CHECK(c->width <= 2);
    /* The second half of a wide character stands behind its first, and nowhere else. */
    FUZZ_CHECK((c->width == 0) == (before && before->width == 2));
    FUZZ_CHECK(c->width > 0 || c->text[0] == '\0');
    fuzz_check_safe(c->text);
}

static void check_lines(const struct bw_scroll *s)
{
    size_t cells = 0;

    FUZZ_CHECK(s->end > s->first && s->end - s->first <= BW_SCROLL_LINES);
    for (size_t i = s->first; i < s->end; i++) {
        const struct bw_line *l = &s->line[i % BW_SCROLL_LINES];
        FUZZ_CHECK(l->n <= BW_SCROLL_COLS && l->n <= l->cap);
        for (size_t k = 0; k < l->n; k++)
            check_cell(&l->cell[k], k > 0 ? &l->cell[k - 1] : NULL);
        FUZZ_CHECK(l->n == 0 || l->cell[l->n - 1].width != 2);
        cells += l->n;
    }
    FUZZ_CHECK(cells == s->cells);
    FUZZ_CHECK(s->col <= BW_SCROLL_COLS);
}

static void check_view(struct bw_scroll *s, int rows, int cols, long by)
{
    struct bw_canvas c = {0};
    BW_AUTO_STR text = BW_STR_INIT;

    bw_canvas_size(&c, rows, cols);
    bw_canvas_clear(&c);
    bw_scroll_search(s, "a", by > 0, rows, cols);
    bw_scroll_move(s, by, rows, cols);
    int end = bw_scroll_draw(s, &c, (struct bw_rect){0, 0, rows, cols});
    FUZZ_CHECK(end >= 0 && end <= rows);
    bw_canvas_text(&c, &text);
    for (char *p = text.s; p && *p; p++)
        if (*p == '\n')
            *p = ' ';
    fuzz_check_safe(bw_str_get(&text));
    bw_canvas_free(&c);
}

/* The first byte says in pieces of which size the rest comes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t piece = fuzz_byte(&in) % 32u + 1;
    struct bw_scroll s;

    setlocale(LC_CTYPE, "C.UTF-8");
    bw_scroll_init(&s);
    while (in.left > 0) {
        size_t n = in.left < piece ? in.left : piece;
        bw_scroll_feed(&s, (const char *)in.at, n);
        in.at += n;
        in.left -= n;
    }
    check_lines(&s);
    bw_scroll_fresh_line(&s);
    bw_scroll_feed(&s, "end", 3);
    check_lines(&s);
    check_view(&s, 5, 20, -3);
    check_view(&s, 3, 1, 2);
    bw_scroll_free(&s);
    return 0;
}
