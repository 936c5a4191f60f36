/* lsns: which namespaces there are, and who is in them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "kern/ns.h"
#include "kern/observe.h"
#include "look.h"

struct seen {
    enum bw_ns kind;
    uint64_t inode;
    pid_t lowest;
    size_t processes;
};

struct census {
    struct seen *v;
    size_t n, cap;
    size_t hidden; /* processes that may not be looked at */
};

static void count(struct census *c, enum bw_ns kind, uint64_t inode, pid_t pid)
{
    for (size_t i = 0; i < c->n; i++) {
        struct seen *s = &c->v[i];
        if (s->inode != inode || s->kind != kind)
            continue;
        s->processes++;
        s->lowest = pid < s->lowest ? pid : s->lowest;
        return;
    }
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 32;
        c->v = bw_realloc(c->v, c->cap * sizeof *c->v);
    }
    c->v[c->n++] = (struct seen){kind, inode, pid, 1};
}

static int take(pid_t pid, void *ctx)
{
    struct census *c = ctx;

    for (enum bw_ns i = 0; i < BW_NS_COUNT; i++) {
        uint64_t inode = bw_ns_inode(pid, i);
        if (inode)
            count(c, i, inode, pid);
        else if (i == BW_NS_PID && (errno == EACCES || errno == EPERM))
            c->hidden++;
    }
    return 0;
}

/* Whose it is, seen from the shell; "other" is neither the box's nor the host's. */
static const char *owner(const struct seen *n, pid_t box)
{
    bool host = n->inode == bw_ns_inode(getpid(), n->kind);

    if (n->inode == bw_ns_inode(box, n->kind))
        return host ? "shared" : "own";
    return host ? "host" : "other";
}

static int order(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->lowest < y->lowest ? -1 : x->lowest > y->lowest;
}

static void add_name(pid_t pid, const char *open, const char *close, struct bw_str *out)
{
    struct bw_status_file st;

    if (bw_status_read(pid, &st))
        return;
    bw_str_add(out, open);
    bw_str_add_safe(out, st.comm);
    bw_str_add(out, close);
}

/* The command line on one line. A kernel thread has only a name, and a stage's line is the
 * shell's. */
static char *command(pid_t pid, pid_t box)
{
    enum { MOST = 50 };
    char path[48];
    BW_AUTO_STR raw = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    size_t len = bw_read_file(AT_FDCWD, path, &raw) == 0 ? raw.len : 0;
    while (len > 0 && raw.s[len - 1] == '\0')
        len--;
    if (pid == box) {
        add_name(pid, "", "", &text);
    } else if (len == 0) {
        add_name(pid, "[", "]", &text);
    } else {
        for (size_t i = 0; i < len; i++)
            if (raw.s[i] == '\0')
                raw.s[i] = ' ';
        if (len > MOST)
            for (len = MOST; len > 0 && ((unsigned char)raw.s[len] & 0xc0) == 0x80; len--)
                ;
        raw.s[len] = '\0';
        bw_str_add_safe(&text, raw.s);
    }
    return bw_str_steal(&text);
}

static char *number(uint64_t n)
{
    BW_AUTO_STR b = BW_STR_INIT;

    bw_str_addf(&b, "%" PRIu64, n);
    return bw_str_steal(&b);
}

static void print(struct bw_session *s, const struct census *c, pid_t box, bool all)
{
    static const char *const title[] = {"NS", "TYPE", "OWNER", "NPROCS", "PID", "COMMAND"};
    enum { COLS = sizeof title / sizeof title[0] };
    BW_AUTO_FREE char **cell = bw_alloc((c->n + 1) * COLS * sizeof *cell);
    size_t rows = 1;

    for (size_t i = 0; i < COLS; i++)
        cell[i] = bw_strdup(title[i]);
    for (size_t i = 0; i < c->n; i++) {
        const struct seen *n = &c->v[i];
        const char *whose = owner(n, box);
        if (!all && strcmp(whose, "other") == 0)
            continue;
        char **row = &cell[COLS * rows++];
        row[0] = number(n->inode);
        row[1] = bw_strdup(bw_ns_table[n->kind].name);
        row[2] = bw_strdup(whose);
        row[3] = number(n->processes);
        row[4] = number((uint64_t)n->lowest);
        row[5] = command(n->lowest, box);
    }
    bw_table(s->out, BW_DATA, (const char *const *)cell, rows, COLS);
    for (size_t i = 0; i < rows * COLS; i++)
        free(cell[i]);
}

int bw_cmd_lsns(struct bw_session *s, int argc, char **argv)
{
    struct census c = {0};
    bool all = argc == 2 && strcmp(argv[1], "all") == 0;

    if (argc > 2 || (argc == 2 && !all)) {
        bw_err_usage(&s->err, "lsns takes nothing, or all");
        bw_err_todo(&s->err, "lsns lists the box's and the host's, lsns all every one");
        return -1;
    }
    pid_t box = bw_look_box(s);
    if (box < 0)
        return -1;
    bw_proc_each(take, &c);
    if (c.n > 0)
        qsort(c.v, c.n, sizeof *c.v, order);
    print(s, &c, box, all);
    if (c.hidden > 0)
        bw_msg(s->out,
               "%zu %s not counted: another user's, or with privileges that this shell has not\n",
               c.hidden, c.hidden == 1 ? "process is" : "processes are");
    free(c.v);
    return BW_OK;
}
