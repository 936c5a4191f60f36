/* The recorder: what was called, with what, and what the kernel answered. */
#include "kern/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static struct bw_calls *recorder;
static bool recording_outside;

static void call_free(struct bw_call *c)
{
    free(c->name);
    free(c->args);
    free(c->note);
}

void bw_calls_free(struct bw_calls *c)
{
    for (size_t i = 0; i < c->n; i++)
        call_free(&c->v[i]);
    free(c->v);
    *c = (struct bw_calls){0};
}

static struct bw_call *calls_grow(struct bw_calls *c)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 8;
        c->v = bw_realloc(c->v, c->cap * sizeof *c->v);
    }
    return &c->v[c->n++];
}

void bw_calls_add(struct bw_calls *c, const struct bw_call *call)
{
    struct bw_call *n = calls_grow(c);
    *n = *call;
    n->name = bw_strdup(call->name);
    n->args = bw_strdup(call->args);
    n->note = call->note ? bw_strdup(call->note) : NULL;
}

void bw_calls_move(struct bw_calls *dst, struct bw_calls *src)
{
    for (size_t i = 0; i < src->n; i++)
        *calls_grow(dst) = src->v[i];
    free(src->v);
    *src = (struct bw_calls){0};
}

void bw_call_format(const struct bw_call *call, struct bw_str *out)
{
    bw_str_add_safe(out, call->name);
    bw_str_addc(out, '(');
    bw_str_add_safe(out, call->args);
    bw_str_addf(out, ") = %ld", call->result);
    if (call->code)
        bw_str_addf(out, " %s (%s)", bw_err_name(call->code), strerror(call->code));
}

struct bw_calls *bw_call_recorder(struct bw_calls *to, bool outside)
{
    struct bw_calls *before = recorder;
    recorder = to;
    recording_outside = outside;
    return before;
}

long bw_call_done(struct bw_err *err, int level, long result, const char *name, const char *args,
                  ...)
{
    int code = result == -1 ? errno : 0;
    BW_AUTO_FREE char *text = NULL;
    va_list ap;
    va_start(ap, args);
    if (vasprintf(&text, args, ap) < 0)
        abort();
    va_end(ap);
    if (recorder) {
        struct bw_call c = {.name = (char *)(size_t)name,
                            .args = text,
                            .result = result,
                            .code = code,
                            .level = level,
                            .outside = recording_outside};
        bw_calls_add(recorder, &c);
    }
    if (code) {
        if (err)
            bw_err_call(err, code, name, "%s", text);
        errno = code;
    }
    return result;
}

void bw_call_note(const char *fmt, ...)
{
    if (!recorder || recorder->n == 0)
        return;
    struct bw_call *last = &recorder->v[recorder->n - 1];
    free(last->note);
    last->note = NULL;
    va_list ap;
    va_start(ap, fmt);
    if (vasprintf(&last->note, fmt, ap) < 0)
        abort();
    va_end(ap);
}

void bw_call_append(struct bw_calls *from)
{
    if (recorder)
        bw_calls_move(recorder, from);
    else
        bw_calls_free(from);
}
