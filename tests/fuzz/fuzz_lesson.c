/* whole lesson files: YAML, Markdown, and both as they are shown */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fuzz.h"
#include "lesson/lesson.h"
#include "linked.h"

enum { LEVEL = 8 * 5 }; /* lists and quotes in each other, and the widest number of an item */

static const uint8_t *file;
static size_t file_size;

/* Line by line, as editors count; one past the last byte of a line is a place. */
static void check_place(int line, int col)
{
    size_t at = 0, len;

    FUZZ_CHECK(line >= 1 && col >= 1);
    for (int n = 1;; n++) {
        const uint8_t *nl = at < file_size ? memchr(file + at, '\n', file_size - at) : NULL;
        len = (nl ? (size_t)(nl - file) : file_size) - at;
        if (n == line)
            break;
        FUZZ_CHECK(nl != NULL);
        at += len + 1;
    }
    FUZZ_CHECK((size_t)col <= len + 1);
}

/* ---- between the modules and who asks them ---- */

static size_t check_node(const struct bw_node *n, int depth)
{
    size_t made = 1;

    FUZZ_CHECK(depth <= BW_NODE_DEPTH);
    check_place(n->at.line, n->at.col);
    FUZZ_CHECK((n->kind == BW_NODE_TEXT) == (n->text != NULL));
    FUZZ_CHECK(n->kind != BW_NODE_MAP || n->n % 2 == 0);
    for (size_t i = 0; i < n->n; i++) {
        FUZZ_CHECK(n->kind != BW_NODE_MAP || i % 2 == 1 || n->v[i]->kind == BW_NODE_TEXT);
        made += check_node(n->v[i], depth + (n->v[i]->kind != BW_NODE_TEXT));
    }
    return made;
}

static int yaml(const char *text, size_t len, int first, struct bw_node **out, struct bw_fault *f)
{
    int r = bw_yaml_parse(text, len, first, out, f);

    FUZZ_CHECK((r == 0) == (*out != NULL));
    if (r == 0)
        FUZZ_CHECK(check_node(*out, 1) <= BW_NODE_MOST + 1);
    return r;
}

static int markdown(const char *text, size_t len, int first, struct bw_rich *out,
                    struct bw_fault *f)
{
    int r = bw_markdown_parse(text, len, first, out, f);

    for (size_t i = 0; i < out->n; i++) {
        check_place(out->v[i].at.line, out->v[i].at.col);
        FUZZ_CHECK(memchr(out->v[i].marker, '\0', sizeof out->v[i].marker) != NULL);
        FUZZ_CHECK(out->v[i].level >= 0 && out->v[i].level <= LEVEL);
    }
    return r;
}

const struct fuzz_function fuzz_functions[] = {
    {BW_YAML_SYMBOL, (void (*)(void))yaml},
    {BW_MARKDOWN_SYMBOL, (void (*)(void))markdown},
    {NULL, NULL},
};

/* ---- a lesson that was taken ---- */

static void check_lines(const struct bw_lesson_lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        fuzz_check_safe(l->v[i].text);
}

static void check_rich(const struct bw_rich *r, int width)
{
    BW_AUTO_STR shown = BW_STR_INIT;
    struct bw_out out;

    bw_out_string(&out, &shown);
    bw_rich_print(r, &out, BW_DATA, width);
    for (size_t i = 0; i < shown.len; i++)
        if (shown.s[i] == '\n')
            shown.s[i] = ' ';
    FUZZ_CHECK(strlen(bw_str_get(&shown)) == shown.len);
    fuzz_check_safe(bw_str_get(&shown));
}

static void check_step(const struct bw_lesson_step *s)
{
    FUZZ_CHECK(bw_lesson_id_valid(s->id));
    check_place(s->at.line, s->at.col);
    fuzz_check_safe(s->title);
    FUZZ_CHECK(s->n_goal > 0 || s->look.n > 0);
    for (size_t i = 0; i < s->n_goal; i++) {
        FUZZ_CHECK(s->goal[i].that && s->goal[i].say);
        fuzz_check_safe(s->goal[i].say);
    }
    FUZZ_CHECK(s->n_hints <= 32);
    for (size_t i = 0; i < s->n_hints; i++)
        fuzz_check_safe(s->hints[i].say);
    if (s->predict.ask) {
        fuzz_check_safe(s->predict.ask);
        FUZZ_CHECK(s->predict.expect && s->predict.choices.n >= 2 && s->predict.choices.n <= 9);
    }
    check_lines(&s->predict.choices);
    check_lines(&s->look);
    FUZZ_CHECK(s->solution.n > 0);
    check_lines(&s->solution);
    if (s->no_undo)
        fuzz_check_safe(s->no_undo);
    FUZZ_CHECK(s->text.n > 0);
    check_rich(&s->text, 20);
    check_rich(&s->after, 78);
}

static void check_lesson(const struct bw_lesson *l)
{
    FUZZ_CHECK(file_size <= BW_LESSON_BYTES);
    FUZZ_CHECK(bw_lesson_id_valid(l->id) && strcmp(l->name, "a") == 0);
    fuzz_check_safe(l->title);
    FUZZ_CHECK(l->minutes >= 0 && l->minutes <= 120);
    for (size_t i = 0; i < l->requires.n; i++)
        FUZZ_CHECK(bw_lesson_require_known(l->requires.v[i].text));
    check_lines(&l->without_root);
    check_lines(&l->setup);
    check_lines(&l->commands);
    check_lines(&l->links);
    check_rich(&l->intro, 0);
    FUZZ_CHECK(l->n_steps > 0);
    for (size_t i = 0; i < l->n_steps; i++)
        check_step(&l->steps[i]);
}

static void check_refusal(const struct bw_err *err)
{
    int line = 0, col = 0, n = 0;

    fuzz_check_err(-1, err);
    FUZZ_CHECK(err->status == BW_USAGE && *err->todo);
    FUZZ_CHECK(sscanf(err->cause, "t/a.md:%d:%d: %n", &line, &col, &n) == 2 && n > 0);
    FUZZ_CHECK(err->cause[n] != '\0');
    check_place(line, col);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bw_err err = BW_ERR_INIT;

    file = data;
    file_size = size;
    struct bw_lesson *l = bw_lesson_parse("t/a.md", (const char *)data, size, &err);
    if (l)
        check_lesson(l);
    else
        check_refusal(&err);
    bw_lesson_free(l);
    return 0;
}
