/* The front matter of a lesson as a tree, each value with its place in the file. Module "yaml"
 * makes it from libyaml's events: no aliases, anchors or tags, one document, a few levels deep. */
#ifndef BW_LESSON_NODE_H
#define BW_LESSON_NODE_H

#include <stdbool.h>
#include <stddef.h>

struct bw_at { /* in the file, from 1; columns count bytes */
    int line, col;
};

/* What is wrong, and where. */
struct bw_fault {
    struct bw_at at;
    char what[400];
    char todo[200]; /* the way out, or empty */
};

/* Fills f. Returns -1. */
int bw_fault_set(struct bw_fault *f, struct bw_at at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

enum bw_node_kind { BW_NODE_TEXT, BW_NODE_LIST, BW_NODE_MAP };

struct bw_node {
    enum bw_node_kind kind;
    struct bw_at at;
    char *text;         /* of a text */
    int quote;          /* columns between at and the first byte of the text */
    bool plain;         /* the text stands in the file as it is here, on one line */
    struct bw_node **v; /* of a list its values, of a map keys and values in turn */
    size_t n;
};

enum { BW_NODE_DEPTH = 6, BW_NODE_MOST = 20000 };

/* Stores a module's reading function in *parse, a pointer to one. Returns 0, or -1 with f. */
int bw_node_reader(const char *module, const char *symbol, void *parse, struct bw_fault *f);

/* Parses YAML whose first line is line first of the file. Returns 0 with *out, or -1 with f. */
int bw_node_parse(const char *text, size_t len, int first, struct bw_node **out,
                  struct bw_fault *f);
void bw_node_free(struct bw_node *n);

/* The module's function. */
int bw_yaml_parse(const char *text, size_t len, int first, struct bw_node **out,
                  struct bw_fault *f);
#define BW_YAML_MODULE "yaml"
#define BW_YAML_SYMBOL "bw_yaml_parse"

#endif
