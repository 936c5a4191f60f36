/* libcmark's tree becomes blocks of text with attributes. What a terminal cannot show (images) and
 * what is no Markdown (HTML) is refused. */
#include "lesson/rich.h"

#include <cmark.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { DEPTH_MAX = 8 };

struct maker {
    struct bw_rich *out;
    struct bw_fault *f;
    int first;
    int indent, depth;
    struct { /* the lists and items that are open */
        bool ordered;
        int number, width;
    } list[DEPTH_MAX + 1];
    char marker[8]; /* for the next block */
    struct bw_block *block;
    unsigned style;
    const char *link;
    int list_depth;
};

static struct bw_at place(const struct maker *m, cmark_node *n)
{
    int line = 0, col = 0;

    for (; n && line == 0; n = cmark_node_parent(n)) {
        line = cmark_node_get_start_line(n);
        col = cmark_node_get_start_column(n);
    }
    return (struct bw_at){m->first + line - 1, col > 0 ? col : 1};
}

static void open_block(struct maker *m, cmark_node *n, enum bw_block_kind kind)
{
    m->block = bw_rich_block(m->out, kind, place(m, n));
    m->block->level = kind == BW_BLOCK_HEADING ? cmark_node_get_heading_level(n) : m->indent;
    memcpy(m->block->marker, m->marker, sizeof m->block->marker);
    m->marker[0] = '\0';
}

static int deeper(struct maker *m, cmark_node *n, bool entering)
{
    m->depth += entering ? 1 : -1;
    return m->depth > DEPTH_MAX
               ? bw_fault_set(m->f, place(m, n), "lists and quotes are nested too deep here")
               : 0;
}

static int list(struct maker *m, cmark_node *n, bool entering)
{
    if (deeper(m, n, entering))
        return -1;
    if (!entering) {
        m->list_depth--;
        return 0;
    }
    m->list[m->list_depth].ordered = cmark_node_get_list_type(n) == CMARK_ORDERED_LIST;
    m->list[m->list_depth].number = cmark_node_get_list_start(n);
    m->list_depth++;
    return 0;
}

static int item(struct maker *m, bool entering)
{
    int at = m->list_depth - 1;

    if (!entering) {
        m->indent -= m->list[at].width;
        return 0;
    }
    if (m->list[at].ordered)
        snprintf(m->marker, sizeof m->marker, "%d. ", m->list[at].number++ % 1000);
    else
        snprintf(m->marker, sizeof m->marker, "- ");
    m->list[at].width = (int)strlen(m->marker);
    m->indent += m->list[at].width;
    return 0;
}

static int quote(struct maker *m, cmark_node *n, bool entering)
{
    m->indent += entering ? 2 : -2;
    if (entering)
        snprintf(m->marker, sizeof m->marker, "> ");
    return deeper(m, n, entering);
}

static void code_block(struct maker *m, cmark_node *n)
{
    const char *text = cmark_node_get_literal(n), *info = cmark_node_get_fence_info(n);

    open_block(m, n, BW_BLOCK_CODE);
    if (info && *info)
        m->block->info = bw_strdup(info);
    for (size_t len; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        bw_block_span(m->block, BW_SPAN_CODE, text, len, NULL);
    }
}

static void literal(struct maker *m, cmark_node *n, unsigned style)
{
    const char *text = cmark_node_get_literal(n);

    if (m->block && text)
        bw_block_span(m->block, m->style | style, text, strlen(text), m->link);
}

static int inline_node(struct maker *m, cmark_node *n, bool entering)
{
    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_TEXT:
        literal(m, n, 0);
        return 0;
    case CMARK_NODE_CODE:
        literal(m, n, BW_SPAN_CODE);
        return 0;
    case CMARK_NODE_SOFTBREAK:
        bw_block_span(m->block, 0, " ", 1, NULL);
        return 0;
    case CMARK_NODE_LINEBREAK:
        bw_block_span(m->block, BW_SPAN_BREAK, "", 0, NULL);
        return 0;
    case CMARK_NODE_STRONG:
        m->style ^= BW_SPAN_BOLD;
        return 0;
    case CMARK_NODE_EMPH:
        m->style ^= BW_SPAN_EMPHASIS;
        return 0;
    case CMARK_NODE_LINK:
        m->link = entering ? cmark_node_get_url(n) : NULL;
        return 0;
    case CMARK_NODE_IMAGE:
        return bw_fault_set(m->f, place(m, n), "an image, which a terminal cannot show");
    default:
        return bw_fault_set(m->f, place(m, n), "HTML, which no lesson has");
    }
}

static int take(struct maker *m, cmark_node *n, bool entering)
{
    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_DOCUMENT:
        return 0;
    case CMARK_NODE_BLOCK_QUOTE:
        return quote(m, n, entering);
    case CMARK_NODE_LIST:
        return list(m, n, entering);
    case CMARK_NODE_ITEM:
        return item(m, entering);
    case CMARK_NODE_CODE_BLOCK:
        code_block(m, n);
        return 0;
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        m->style = 0;
        if (entering)
            open_block(m, n,
                       cmark_node_get_type(n) == CMARK_NODE_HEADING ? BW_BLOCK_HEADING
                                                                    : BW_BLOCK_TEXT);
        return 0;
    case CMARK_NODE_THEMATIC_BREAK:
        open_block(m, n, BW_BLOCK_RULE);
        return 0;
    default:
        return inline_node(m, n, entering);
    }
}

int bw_markdown_parse(const char *text, size_t len, int first, struct bw_rich *out,
                      struct bw_fault *f)
{
    struct maker m = {.out = out, .f = f, .first = first};
    cmark_node *doc = cmark_parse_document(text, len, CMARK_OPT_DEFAULT);
    cmark_iter *it = cmark_iter_new(doc);
    cmark_event_type e;
    int r = 0;

    while (r == 0 && (e = cmark_iter_next(it)) != CMARK_EVENT_DONE)
        r = take(&m, cmark_iter_get_node(it), e == CMARK_EVENT_ENTER);
    cmark_iter_free(it);
    cmark_node_free(doc);
    return r;
}
