/* Reading mountinfo: proc_pid_mountinfo(5). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/mnt.h"

struct word {
    const char *s;
    size_t n;
};

/* Takes the next blank-separated word of a line; an empty one is allowed, as a mount's source may
 * be empty. */
static int take(struct word *line, struct word *out)
{
    if (line->s == NULL)
        return -1;
    const char *blank = memchr(line->s, ' ', line->n);
    out->s = line->s;
    out->n = blank ? (size_t)(blank - line->s) : line->n;
    line->n -= out->n + (blank ? 1 : 0);
    line->s = blank ? blank + 1 : NULL;
    return 0;
}

static int octal(const char *s, size_t n)
{
    if (n < 4 || s[0] != '\\')
        return -1;
    int v = 0;
    for (int i = 1; i < 4; i++) {
        if (s[i] < '0' || s[i] > '7')
            return -1;
        v = v * 8 + (s[i] - '0');
    }
    return v > 0 && v < 256 ? v : -1;
}

static char *unescape(struct word w)
{
    char *out = bw_alloc(w.n + 1);
    size_t o = 0;
    for (size_t i = 0; i < w.n; i++) {
        int c = octal(w.s + i, w.n - i);
        out[o++] = c < 0 ? w.s[i] : (char)c;
        if (c >= 0)
            i += 3;
    }
    out[o] = '\0';
    return out;
}

static int number(struct word w, int *out)
{
    char buf[16];
    long long v;
    if (w.n >= sizeof buf)
        return -1;
    memcpy(buf, w.s, w.n);
    buf[w.n] = '\0';
    if (bw_parse_num(buf, 0, 0x7fffffff, &v) < 0)
        return -1;
    *out = (int)v;
    return 0;
}

/* The optional fields, up to the "-" that ends them. */
static int optional(struct word *line, struct word *out)
{
    struct word w;
    const char *end = line->s;
    out->s = line->s;
    while (take(line, &w) == 0) {
        if (w.n == 1 && w.s[0] == '-') {
            out->n = (size_t)(end - out->s);
            return 0;
        }
        if (w.n == 0)
            return -1;
        end = w.s + w.n;
    }
    return -1;
}

static int parse_line(struct word line, struct bw_mount *m)
{
    struct word id, parent, dev, root, target, options, prop, type, source;
    if (take(&line, &id) < 0 || take(&line, &parent) < 0 || take(&line, &dev) < 0 ||
        take(&line, &root) < 0 || take(&line, &target) < 0 || take(&line, &options) < 0 ||
        line.s == NULL || optional(&line, &prop) < 0 || take(&line, &type) < 0 ||
        take(&line, &source) < 0 || line.s == NULL)
        return -1;
    if (number(id, &m->id) < 0 || number(parent, &m->parent) < 0 || root.n == 0 || target.n == 0 ||
        type.n == 0 || memchr(dev.s, ':', dev.n) == NULL)
        return -1;
    m->dev = unescape(dev);
    m->root = unescape(root);
    m->target = unescape(target);
    m->options = unescape(options);
    m->propagation = unescape(prop);
    m->type = unescape(type);
    m->source = unescape(source);
    m->super = unescape(line); /* the rest: some file systems print blanks here */
    return 0;
}

int bw_mounts_parse(const char *text, size_t len, struct bw_mounts *out)
{
    size_t cap = 0;
    *out = (struct bw_mounts){0};
    if (memchr(text, '\0', len) != NULL) {
        errno = EINVAL;
        return -1;
    }
    while (len > 0) {
        const char *nl = memchr(text, '\n', len);
        size_t n = nl ? (size_t)(nl - text) : len;
        if (out->n == cap) {
            cap = cap ? 2 * cap : 32;
            out->v = bw_realloc(out->v, cap * sizeof *out->v);
        }
        if (parse_line((struct word){text, n}, &out->v[out->n]) < 0) {
            bw_mounts_free(out);
            errno = EINVAL;
            return -1;
        }
        out->n++;
        text += n + (nl ? 1 : 0);
        len -= n + (nl ? 1 : 0);
    }
    return 0;
}

int bw_mounts_read(pid_t pid, struct bw_mounts *out)
{
    char path[48];
    BW_AUTO_STR text = BW_STR_INIT;
    *out = (struct bw_mounts){0};
    if (pid)
        snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)pid);
    else
        snprintf(path, sizeof path, "/proc/self/mountinfo");
    if (bw_read_file(AT_FDCWD, path, &text) < 0)
        return -1;
    return bw_mounts_parse(bw_str_get(&text), text.len, out);
}

void bw_mounts_free(struct bw_mounts *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct bw_mount *e = &m->v[i];
        free(e->dev);
        free(e->root);
        free(e->target);
        free(e->options);
        free(e->propagation);
        free(e->type);
        free(e->source);
        free(e->super);
    }
    free(m->v);
    *m = (struct bw_mounts){0};
}
