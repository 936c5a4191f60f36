/* Live as bytes. One list of fields serves both directions: a field that is written is read back
 * at the same place. Numbers are the machine's own, strings a length and their bytes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "live_priv.h"

enum { TEXT_MAX = 8192, MAGIC = 0x62776c32, MOUNTS_MAX = 512 };

struct wire {
    struct bw_str *out; /* writing when not NULL */
    const char *in;
    size_t left;
    bool bad;
};

static void raw(struct wire *w, void *p, size_t n)
{
    if (w->out) {
        bw_str_addn(w->out, p, n);
    } else if (w->bad || n > w->left) {
        w->bad = true;
        memset(p, 0, n);
    } else {
        memcpy(p, w->in, n);
        w->in += n;
        w->left -= n;
    }
}
#define FIELD(w, x) raw(w, &(x), sizeof(x))

/* A flag of another value than 0 and 1 must not become a bool. */
static void flag(struct wire *w, bool *b)
{
    unsigned char c = *b;

    FIELD(w, c);
    w->bad = w->bad || c > 1;
    *b = c == 1;
}

static void text(struct wire *w, char **s)
{
    uint32_t n = w->out && *s ? (uint32_t)strnlen(*s, TEXT_MAX) : w->out ? UINT32_MAX : 0;

    FIELD(w, n);
    if (w->out) {
        if (n != UINT32_MAX)
            bw_str_addn(w->out, *s, n);
        return;
    }
    *s = NULL;
    if (w->bad || n == UINT32_MAX)
        return;
    if (n > TEXT_MAX || n > w->left || memchr(w->in, '\0', n)) {
        w->bad = true;
        return;
    }
    *s = bw_alloc(n + 1);
    memcpy(*s, w->in, n);
    (*s)[n] = '\0';
    w->in += n;
    w->left -= n;
}

/* A string in an array of its own. */
static void fixed(struct wire *w, char *s, size_t size)
{
    raw(w, s, size);
    if (!w->out && size > 0 && memchr(s, '\0', size) == NULL) {
        w->bad = true;
        s[size - 1] = '\0';
    }
}

/* How many follow, at most max. */
static size_t count(struct wire *w, size_t n, size_t max)
{
    uint32_t v = (uint32_t)(n < max ? n : max);

    FIELD(w, v);
    if (v > max)
        w->bad = true;
    return w->bad ? 0 : v;
}

/* Room for n of size bytes, zeroed, when reading. */
static void *room(const struct wire *w, void *old, size_t n, size_t size)
{
    if (w->out)
        return old;
    void *p = bw_alloc((n + 1) * size);
    memset(p, 0, (n + 1) * size);
    return p;
}

static void namespaces(struct wire *w, struct bw_live *l)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        FIELD(w, l->snap.ns[i].inode);
        FIELD(w, l->snap.ns[i].host);
        FIELD(w, l->snap.ns[i].for_children);
        flag(w, &l->snap.ns[i].own);
        FIELD(w, l->owner[i]);
        flag(w, &l->changed[i]);
        flag(w, &l->children_changed[i]);
        fixed(w, l->with[i], sizeof l->with[i]);
    }
}

static void map(struct wire *w, struct bw_id_range *v, int *n)
{
    FIELD(w, *n);
    if (*n < -1 || *n > BW_IDMAP_MAX) {
        w->bad = true;
        *n = 0;
    }
    for (int i = 0; i < *n; i++)
        FIELD(w, v[i]);
}

static void identity(struct wire *w, struct bw_live *l)
{
    struct bw_snapshot *s = &l->snap;

    FIELD(w, s->pid);
    FIELD(w, s->nspid);
    text(w, &s->root);
    text(w, &s->hostname);
    map(w, s->uid_map, &s->n_uid_map);
    map(w, s->gid_map, &s->n_gid_map);
    FIELD(w, s->capabilities);
    FIELD(w, s->no_new_privs);
    FIELD(w, s->seccomp);
    flag(w, &s->is_box);
    FIELD(w, s->programs_caps);
    FIELD(w, s->programs_filter);
}

static void groups(struct wire *w, struct bw_live *l)
{
    uint32_t version = l->snap.cg_version;

    FIELD(w, version);
    w->bad = w->bad || version > BW_CG_HYBRID;
    l->snap.cg_version = w->bad ? BW_CG_NONE : (enum bw_cg_version)version;
    for (int i = 0; i < BW_CG_COUNT; i++) {
        text(w, &l->snap.cg_path[i]);
        fixed(w, l->cg_name[i], sizeof l->cg_name[i]);
    }
    flag(w, &l->own_devices);
    FIELD(w, l->snap.cg);
    FIELD(w, l->cpu);
    FIELD(w, l->history);
    FIELD(w, l->n_history);
    if (l->n_history < 0 || l->n_history > BW_LIVE_HISTORY) {
        w->bad = true;
        l->n_history = 0;
    }
    FIELD(w, l->pressure);
}

static void processes(struct wire *w, struct bw_live *l)
{
    size_t n = count(w, l->n_tree, BW_LIVE_PROCESSES);

    l->tree = room(w, l->tree, n, sizeof *l->tree);
    l->snap.processes = room(w, l->snap.processes, n, sizeof *l->snap.processes);
    l->n_tree = l->snap.n_processes = n;
    for (size_t i = 0; i < n; i++) {
        struct bw_live_process *p = &l->tree[i];
        FIELD(w, p->pid);
        FIELD(w, p->nspid);
        FIELD(w, p->depth);
        FIELD(w, p->state);
        fixed(w, p->comm, sizeof p->comm);
        if (w->out)
            continue;
        l->snap.processes[i].pid = p->pid;
        l->snap.processes[i].nspid = p->nspid;
        memcpy(l->snap.processes[i].comm, p->comm, sizeof p->comm);
    }
    flag(w, &l->more);
}

static void links(struct wire *w, struct bw_live *l)
{
    size_t n = count(w, l->n_links, BW_LIVE_LINES);

    l->links = room(w, l->links, n, sizeof *l->links);
    l->n_links = n;
    for (size_t i = 0; i < n; i++) {
        fixed(w, l->links[i].name, sizeof l->links[i].name);
        FIELD(w, l->links[i].rx);
        FIELD(w, l->links[i].tx);
    }
}

static void lines(struct wire *w, struct bw_lines *v)
{
    size_t n = count(w, v->n, BW_LIVE_LINES);

    v->v = room(w, v->v, n, sizeof *v->v);
    v->n = n;
    for (size_t i = 0; i < n; i++) {
        text(w, &v->v[i]);
        if (!w->out && !v->v[i])
            v->v[i] = bw_strdup("");
    }
}

static void mount_table(struct wire *w, struct bw_mounts *m)
{
    size_t n = count(w, m->n, MOUNTS_MAX);

    m->v = room(w, m->v, n, sizeof *m->v);
    m->n = n;
    for (size_t i = 0; i < n; i++) {
        struct bw_mount *v = &m->v[i];
        char **part[] = {&v->dev,         &v->root, &v->target, &v->options,
                         &v->propagation, &v->type, &v->source, &v->super};
        FIELD(w, v->id);
        FIELD(w, v->parent);
        for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
            text(w, part[k]);
            if (!w->out && !*part[k])
                *part[k] = bw_strdup("");
        }
    }
}

static void all(struct wire *w, struct bw_live *l)
{
    uint32_t magic = MAGIC;

    FIELD(w, magic);
    w->bad = w->bad || magic != MAGIC;
    FIELD(w, l->session);
    flag(w, &l->box);
    namespaces(w, l);
    identity(w, l);
    groups(w, l);
    processes(w, l);
    links(w, l);
    lines(w, &l->steps);
    lines(w, &l->calls);
    lines(w, &l->mounts);
    flag(w, &l->snap.mounts_known);
    mount_table(w, &l->snap.mounts);
}

void bw_live_pack(const struct bw_live *l, struct bw_str *out)
{
    /* Writing changes nothing but what may be left out when it is too long. */
    struct bw_live copy = *l;
    struct wire w = {.out = out};

    all(&w, &copy);
    if (out->len <= BW_LIVE_BYTES)
        return;
    bw_str_clear(out);
    copy = *l;
    copy.snap.mounts.n = 0;
    copy.snap.mounts_known = false;
    all(&w, &copy);
    if (out->len <= BW_LIVE_BYTES)
        return;
    bw_str_clear(out);
    copy = *l;
    copy.snap.mounts.n = copy.steps.n = copy.calls.n = copy.mounts.n = 0;
    copy.snap.mounts_known = false;
    all(&w, &copy);
}

int bw_live_unpack(const void *data, size_t len, struct bw_live *l)
{
    struct wire w = {.in = data, .left = len};

    memset(l, 0, sizeof *l);
    all(&w, l);
    if (!w.bad && w.left == 0)
        return 0;
    bw_live_free(l);
    errno = EPROTO;
    return -1;
}
