/* What changed between two mount tables. */
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "diff_priv.h"
#include "kern/mnt.h"
#include "model/diff.h"

enum { MOST = 8 }; /* lines of a kind; the rest is counted */

/* For each mount of one table the mount of the other that it is, or NULL. */
struct partner {
    const struct bw_mount *is;
};

struct pairs {
    struct partner *of_a, *of_b;
};

static struct partner *alone(size_t n)
{
    struct partner *v = bw_alloc(n * sizeof *v);

    for (size_t i = 0; i < n; i++)
        v[i].is = NULL;
    return v;
}

static bool alike(const struct bw_mount *a, const struct bw_mount *b)
{
    return strcmp(a->target, b->target) == 0 && strcmp(a->type, b->type) == 0 &&
           strcmp(a->source, b->source) == 0 && strcmp(a->root, b->root) == 0 &&
           strcmp(a->dev, b->dev) == 0;
}

/* The kernel numbers mounts; a number that is taken again goes to another file system. */
static bool same(const struct bw_mount *a, const struct bw_mount *b)
{
    return a->id == b->id && strcmp(a->dev, b->dev) == 0 && strcmp(a->root, b->root) == 0;
}

static void match(const struct bw_mounts *a, const struct bw_mounts *b, struct pairs *p,
                  bool (*is)(const struct bw_mount *, const struct bw_mount *))
{
    size_t next = 0;

    /* Both tables are in the same order nearly always: the search goes on where it was. */
    for (size_t i = 0; i < b->n; i++) {
        if (p->of_b[i].is)
            continue;
        for (size_t k = 0; k < a->n; k++) {
            size_t at = (next + k) % a->n;
            if (p->of_a[at].is || !is(&a->v[at], &b->v[i]))
                continue;
            p->of_a[at].is = &b->v[i];
            p->of_b[i].is = &a->v[at];
            next = at + 1;
            break;
        }
    }
}

static const struct bw_mount *at_root(const struct bw_mounts *m)
{
    const struct bw_mount *found = NULL;

    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].target, "/") == 0)
            found = &m->v[i];
    return found;
}

/* After chroot and pivot_root the other mounts are out of reach; they were not unmounted one by
 * one. */
static bool root_moved(const struct bw_mounts *a, const struct bw_mounts *b)
{
    const struct bw_mount *x = at_root(a), *y = at_root(b);

    if (!x || !y)
        return x != y;
    return !same(x, y) && !alike(x, y);
}

enum kind { PRIVATE, SHARED, SLAVE, BOTH, UNBINDABLE, KINDS };

static enum kind propagation(const struct bw_mount *m)
{
    bool shared = strstr(m->propagation, "shared:"), slave = strstr(m->propagation, "master:");

    if (strstr(m->propagation, "unbindable"))
        return UNBINDABLE;
    if (shared)
        return slave ? BOTH : SHARED;
    return slave ? SLAVE : PRIVATE;
}

static void changed(const struct bw_mounts *b, const struct pairs *p, struct bw_diff *d)
{
    static const char *const name[KINDS] = {"private", "shared", "slave", "shared and slave",
                                            "unbindable"};
    size_t n[KINDS][KINDS] = {0};

    for (size_t i = 0; i < b->n; i++) {
        const struct bw_mount *x = p->of_b[i].is, *y = &b->v[i];
        if (!x)
            continue;
        if (strcmp(x->options, y->options) != 0)
            bw_diff_add(d, "mount   %s  %s -> %s", y->target, x->options, y->options);
        n[propagation(x)][propagation(y)]++;
    }
    for (int from = 0; from < KINDS; from++)
        for (int to = 0; to < KINDS; to++)
            if (from != to && n[from][to] > 0)
                bw_diff_add(d, "propagation  %s -> %s  on %zu %s", name[from], name[to],
                            n[from][to], n[from][to] == 1 ? "mount" : "mounts");
}

static void come_and_gone(const struct bw_mounts *m, const struct partner *other, char sign,
                          struct bw_diff *d)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        if (!other[i].is && ++n <= MOST)
            bw_diff_add(d, "mount %c %s (%s)", sign, m->v[i].target, m->v[i].type);
    if (n > MOST)
        bw_diff_add(d, "mount %c %zu more", sign, n - MOST);
}

void bw_diff_mounts(const struct bw_mounts *a, const struct bw_mounts *b, struct bw_diff *d)
{
    BW_AUTO_FREE struct partner *of_a = alone(a->n);
    BW_AUTO_FREE struct partner *of_b = alone(b->n);
    struct pairs p = {of_a, of_b};

    match(a, b, &p, same);
    match(a, b, &p, alike);
    come_and_gone(b, of_b, '+', d);
    if (root_moved(a, b))
        bw_diff_add(d, "mounts  %zu -> %zu  those that the new root does not hold are out of reach",
                    a->n, b->n);
    else
        come_and_gone(a, of_a, '-', d);
    changed(b, &p, d);
}
