#include "lesson/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/module.h"
#include "base/str.h"

int bw_fault_set(struct bw_fault *f, struct bw_at at, const char *fmt, ...)
{
    va_list ap;

    f->at = at;
    f->todo[0] = '\0';
    va_start(ap, fmt);
    vsnprintf(f->what, sizeof f->what, fmt, ap);
    va_end(ap);
    return -1;
}

void bw_node_free(struct bw_node *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->n; i++)
        bw_node_free(n->v[i]);
    free(n->v);
    free(n->text);
    free(n);
}

int bw_node_reader(const char *module, const char *symbol, void *parse, struct bw_fault *f)
{
    struct bw_err err = BW_ERR_INIT;

    if (bw_module_function(module, symbol, parse, &err) == 0)
        return 0;
    bw_fault_set(f, (struct bw_at){0, 0}, "%s", err.cause);
    snprintf(f->todo, sizeof f->todo, "%.199s", err.todo);
    return -1;
}

int bw_node_parse(const char *text, size_t len, int first, struct bw_node **out, struct bw_fault *f)
{
    int (*parse)(const char *, size_t, int, struct bw_node **, struct bw_fault *) = NULL;

    *out = NULL;
    if (bw_node_reader(BW_YAML_MODULE, BW_YAML_SYMBOL, &parse, f))
        return -1;
    return parse(text, len, first, out, f);
}
