/* The codec: see stage/proto.h. */
#include "stage/proto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/call.h"

enum { STRS_OF_ERR = 4, STRS_OF_CALL = 4, ERRNO_MOST = 4095, STATUS_MOST = 255 };

long bw_proto_encode(const struct bw_packet *p, void *buf, size_t size)
{
    struct bw_head head = p->head;
    size_t at = sizeof head;
    if (head.strings > BW_PROTO_STRS || size < at)
        return errno = E2BIG, -1;
    for (uint32_t i = 0; i < head.strings; i++) {
        size_t n = strlen(p->str[i]) + 1;
        if (n > size - at)
            return errno = E2BIG, -1;
        memcpy((char *)buf + at, p->str[i], n);
        at += n;
    }
    head.magic = BW_PROTO_MAGIC;
    head.length = (uint32_t)at;
    head.reserved = 0;
    memcpy(buf, &head, sizeof head);
    return (long)at;
}

static int head_ok(const struct bw_head *h, size_t len)
{
    return h->magic == BW_PROTO_MAGIC && h->length == len && len <= BW_PROTO_MAX &&
           h->reserved == 0 && h->strings <= BW_PROTO_STRS && h->kind >= BW_KIND_REQUEST &&
           h->kind <= BW_KIND_EVENT;
}

int bw_proto_decode(const void *buf, size_t len, struct bw_packet *p)
{
    if (len < sizeof p->head)
        return errno = EPROTO, -1;
    memcpy(&p->head, buf, sizeof p->head);
    if (!head_ok(&p->head, len))
        return errno = EPROTO, -1;
    const char *at = (const char *)buf + sizeof p->head, *end = (const char *)buf + len;
    for (uint32_t i = 0; i < p->head.strings; i++) {
        const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
        if (!nul)
            return errno = EPROTO, -1;
        p->str[i] = at;
        at = nul + 1;
    }
    return at == end ? 0 : (errno = EPROTO, -1);
}

/* A call's numbers as one string: result, errno, level, outside. */
static void put_numbers(struct bw_str *arena, const struct bw_call *c)
{
    bw_str_addf(arena, "%ld %d %d %d", c->result, c->code, c->level, c->outside);
    bw_str_addc(arena, '\n');
}

static void put_err(struct bw_packet *p, const struct bw_err *err)
{
    static const struct bw_err none = BW_ERR_INIT;
    const struct bw_err *e = err ? err : &none;
    p->head.n[2] = e->code;
    p->head.n[3] = e->status;
    p->str[0] = e->op;
    p->str[1] = e->call;
    p->str[2] = e->cause;
    p->str[3] = e->todo;
}

/* The arena holds one line of numbers a call; the newlines become the strings' ends. */
long bw_proto_put_result(struct bw_packet *p, const struct bw_err *err,
                         const struct bw_calls *calls, struct bw_str *arena)
{
    size_t n = calls->n, most = (BW_PROTO_STRS - STRS_OF_ERR) / STRS_OF_CALL;
    if (n > most)
        n = most;
    put_err(p, err);
    for (size_t i = 0; i < n; i++)
        put_numbers(arena, &calls->v[i]);
    char *line = arena->s;
    for (size_t i = 0; i < n; i++) {
        const struct bw_call *c = &calls->v[i];
        const char **str = &p->str[STRS_OF_ERR + i * STRS_OF_CALL];
        size_t len = strcspn(line, "\n");
        line[len] = '\0';
        str[0] = c->name;
        str[1] = c->args;
        str[2] = c->note ? c->note : "";
        str[3] = line;
        line += len + 1;
    }
    p->head.strings = (uint32_t)(STRS_OF_ERR + n * STRS_OF_CALL);
    return (long)p->head.strings;
}

static int take_text(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);
    if (n >= size)
        return errno = EPROTO, -1;
    memcpy(to, from, n + 1);
    return 0;
}

static int get_err(const struct bw_packet *p, struct bw_err *err)
{
    if (p->head.n[2] < 0 || p->head.n[2] > ERRNO_MOST || p->head.n[3] < 0 ||
        p->head.n[3] > STATUS_MOST)
        return errno = EPROTO, -1;
    err->code = (int)p->head.n[2];
    err->status = (int)p->head.n[3];
    if (take_text(err->op, sizeof err->op, p->str[0]) ||
        take_text(err->call, sizeof err->call, p->str[1]) ||
        take_text(err->cause, sizeof err->cause, p->str[2]) ||
        take_text(err->todo, sizeof err->todo, p->str[3]))
        return -1;
    return 0;
}

static int get_call(const char *const *str, struct bw_call *c)
{
    long long v[4];
    BW_AUTO_FREE char *copy = bw_strdup(str[3]);
    char *rest = copy;
    for (int i = 0; i < 4; i++) {
        const char *word = strsep(&rest, " ");
        if (!word || bw_parse_num(word, -INT64_C(0x7fffffffffff), INT64_C(0x7fffffffffff), &v[i]))
            return errno = EPROTO, -1;
    }
    *c = (struct bw_call){.name = (char *)(size_t)str[0],
                          .args = (char *)(size_t)str[1],
                          .note = *str[2] ? (char *)(size_t)str[2] : NULL,
                          .result = (long)v[0],
                          .code = (int)v[1],
                          .level = (int)v[2],
                          .outside = v[3] != 0};
    return rest ? (errno = EPROTO, -1) : 0;
}

int bw_proto_get_result(const struct bw_packet *p, struct bw_err *err, struct bw_calls *calls)
{
    if (p->head.strings < STRS_OF_ERR || (p->head.strings - STRS_OF_ERR) % STRS_OF_CALL)
        return errno = EPROTO, -1;
    struct bw_err parsed = BW_ERR_INIT;
    if (get_err(p, &parsed))
        return -1;
    if (p->head.code && err)
        *err = parsed;
    for (uint32_t i = STRS_OF_ERR; i < p->head.strings; i += STRS_OF_CALL) {
        struct bw_call c;
        if (get_call(&p->str[i], &c))
            return -1;
        if (calls)
            bw_calls_add(calls, &c);
    }
    return 0;
}
