/* Events of libyaml become a tree. What YAML can do beyond text, lists and maps is refused: nothing
 * that expands, nothing that names a type. */
#include "lesson/node.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/str.h"

struct maker {
    int first; /* line of the file that YAML's first line is */
    struct bw_node *open[BW_NODE_DEPTH + 1];
    int depth;
    size_t made;
    struct bw_node *root;
    struct bw_fault *f;
};

static struct bw_at place(const struct maker *m, yaml_mark_t mark)
{
    return (struct bw_at){m->first + (int)mark.line, (int)mark.column + 1};
}

static int refuse(struct maker *m, const yaml_event_t *e, const char *what, const char *todo)
{
    bw_fault_set(m->f, place(m, e->start_mark), "%s", what);
    strncpy(m->f->todo, todo, sizeof m->f->todo - 1);
    return -1;
}

static int repeated(struct maker *m, const struct bw_node *map, const struct bw_node *key)
{
    for (size_t i = 0; i + 1 < map->n; i += 2)
        if (strcmp(map->v[i]->text, key->text) == 0)
            return bw_fault_set(m->f, key->at, "%s stands here twice, first in line %d", key->text,
                                map->v[i]->at.line);
    return 0;
}

/* The node's place is freed with the tree, also after an error. */
static int place_in(struct maker *m, struct bw_node *n)
{
    struct bw_node *in = m->depth > 0 ? m->open[m->depth - 1] : NULL;

    if (!in) {
        m->root = n;
        return 0;
    }
    bool key = in->kind == BW_NODE_MAP && in->n % 2 == 0;
    bool text = n->kind == BW_NODE_TEXT;
    int r = key && text ? repeated(m, in, n) : 0;
    if ((in->n & (in->n + 1)) == 0)
        in->v = bw_realloc(in->v, (2 * in->n + 2) * sizeof *in->v);
    in->v[in->n++] = n;
    return key && !text ? bw_fault_set(m->f, n->at, "a key is a word, no list and no map") : r;
}

static struct bw_node *node(struct maker *m, const yaml_event_t *e, enum bw_node_kind kind)
{
    struct bw_node *n = bw_alloc(sizeof *n);

    *n = (struct bw_node){.kind = kind, .at = place(m, e->start_mark)};
    m->made++;
    return n;
}

static int check_text(struct maker *m, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;

    if (strlen(text) != e->data.scalar.length)
        return refuse(m, e, "a NUL byte in a text", "take the escape \\0 away");
    /* An escape may spell what the file itself may not hold. */
    BW_AUTO_FREE char *copy = bw_strdup(text);
    for (char *p = copy; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    if (!bw_str_is_safe(copy))
        return refuse(m, e, "a control character or a mark of writing direction in a text",
                      "take the escape away");
    return 0;
}

static int take_text(struct maker *m, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    yaml_scalar_style_t style = e->data.scalar.style;

    if (e->data.scalar.anchor)
        return refuse(m, e, "an anchor: lessons have no anchors and no aliases", "write it out");
    if (e->data.scalar.tag)
        return refuse(m, e, "a tag: lessons have none", "take the word with ! away");
    if (check_text(m, e))
        return -1;
    struct bw_node *n = node(m, e, BW_NODE_TEXT);
    n->text = bw_alloc(len + 1);
    memcpy(n->text, text, len + 1);
    n->quote = style != YAML_PLAIN_SCALAR_STYLE;
    n->plain = e->start_mark.line == e->end_mark.line &&
               e->end_mark.column - e->start_mark.column == len + (n->quote ? 2 : 0);
    return place_in(m, n);
}

static int enter(struct maker *m, const yaml_event_t *e, enum bw_node_kind kind, bool anchor,
                 bool tag)
{
    if (anchor)
        return refuse(m, e, "an anchor: lessons have no anchors and no aliases", "write it out");
    if (tag)
        return refuse(m, e, "a tag: lessons have none", "take the word with ! away");
    if (m->depth == BW_NODE_DEPTH)
        return refuse(m, e, "lists and maps are nested too deep here", "see docs/LESSON_FORMAT.md");
    struct bw_node *n = node(m, e, kind);
    if (place_in(m, n))
        return -1;
    m->open[m->depth++] = n;
    return 0;
}

/* Returns 1 at the end, 0, or -1 with the fault. */
static int take(struct maker *m, const yaml_event_t *e)
{
    if (m->made > BW_NODE_MOST)
        return refuse(m, e, "too many values for a lesson", "make two lessons of it");
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return refuse(m, e, "an alias: lessons have no anchors and no aliases", "write it out");
    case YAML_SCALAR_EVENT:
        return take_text(m, e);
    case YAML_SEQUENCE_START_EVENT:
        return enter(m, e, BW_NODE_LIST, e->data.sequence_start.anchor, e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return enter(m, e, BW_NODE_MAP, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        m->depth--;
        return 0;
    case YAML_DOCUMENT_START_EVENT:
        if (m->root || e->data.document_start.version_directive ||
            e->data.document_start.tag_directives.start !=
                e->data.document_start.tag_directives.end)
            return refuse(m, e, "one YAML document without directives is what a lesson has", "");
        return 0;
    case YAML_STREAM_END_EVENT:
        return 1;
    default:
        return 0;
    }
}

static int malformed(const struct maker *m, const yaml_parser_t *p)
{
    struct bw_at at = place(m, p->problem_mark);

    return bw_fault_set(m->f, at, "YAML: %s%s%s", p->problem ? p->problem : "malformed",
                        p->context ? ", " : "", p->context ? p->context : "");
}

int bw_yaml_parse(const char *text, size_t len, int first, struct bw_node **out, struct bw_fault *f)
{
    struct maker m = {.first = first, .f = f};
    yaml_parser_t p;
    int r = 0;

    if (!yaml_parser_initialize(&p))
        return bw_fault_set(f, (struct bw_at){first, 1}, "libyaml has no memory left");
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
    while (r == 0) {
        yaml_event_t e;
        if (!yaml_parser_parse(&p, &e)) {
            r = malformed(&m, &p);
            break;
        }
        r = take(&m, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&p);
    *out = m.root;
    if (r == 1 && m.root)
        return 0;
    bw_node_free(m.root);
    *out = NULL;
    return r == 1 ? bw_fault_set(f, (struct bw_at){first, 1}, "the front matter is empty") : -1;
}
