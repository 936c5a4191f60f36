#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts at a whole character and shows that something is missing. */
static void format(char *buf, size_t size, const char *fmt, va_list ap)
{
    static const char dots[] = "...";
    int n = vsnprintf(buf, size, fmt, ap);

    if (n < 0) {
        buf[0] = '\0';
        return;
    }
    if ((size_t)n < size)
        return;
    size_t cut = size - sizeof dots;
    while (cut > 0 && ((unsigned char)buf[cut] & 0xc0) == 0x80)
        cut--;
    memcpy(buf + cut, dots, sizeof dots);
}

void bw_err_clear(struct bw_err *e)
{
    if (e != NULL)
        memset(e, 0, sizeof *e);
}

int bw_err_set(struct bw_err *e, const char *fmt, ...)
{
    va_list ap;

    if (e == NULL)
        return -1;
    bw_err_clear(e);
    e->status = BW_REFUSED;
    va_start(ap, fmt);
    format(e->cause, sizeof e->cause, fmt, ap);
    va_end(ap);
    return -1;
}

int bw_err_usage(struct bw_err *e, const char *fmt, ...)
{
    va_list ap;

    if (e == NULL)
        return -1;
    bw_err_clear(e);
    e->status = BW_USAGE;
    va_start(ap, fmt);
    format(e->cause, sizeof e->cause, fmt, ap);
    va_end(ap);
    return -1;
}

int bw_err_call(struct bw_err *e, int code, const char *op, const char *fmt, ...)
{
    va_list ap;

    if (e != NULL) {
        bw_err_clear(e);
        e->code = code;
        e->status = BW_REFUSED;
        snprintf(e->op, sizeof e->op, "%s", op);
        int at = snprintf(e->call, sizeof e->call, "%s(", e->op);
        /* One byte is kept for the closing parenthesis. */
        va_start(ap, fmt);
        format(e->call + at, sizeof e->call - (size_t)at - 1, fmt, ap);
        va_end(ap);
        size_t len = strlen(e->call);
        e->call[len] = ')';
        e->call[len + 1] = '\0';
    }
    errno = code;
    return -1;
}

void bw_err_cause(struct bw_err *e, const char *fmt, ...)
{
    va_list ap;

    if (e == NULL)
        return;
    va_start(ap, fmt);
    format(e->cause, sizeof e->cause, fmt, ap);
    va_end(ap);
}

void bw_err_todo(struct bw_err *e, const char *fmt, ...)
{
    va_list ap;

    if (e == NULL)
        return;
    va_start(ap, fmt);
    format(e->todo, sizeof e->todo, fmt, ap);
    va_end(ap);
}

const char *bw_err_name(int code)
{
    /* The C library says ENOTSUP, the kernel and strace say EOPNOTSUPP. */
    if (code == EOPNOTSUPP)
        return "EOPNOTSUPP";
    const char *name = code > 0 ? strerrorname_np(code) : NULL;
    return name != NULL ? name : "E?";
}

int bw_err_by_name(const char *name)
{
    static const struct {
        const char *name;
        int code;
    } aliases[] = {{"ENOTSUP", ENOTSUP}, {"EWOULDBLOCK", EWOULDBLOCK}, {"EDEADLOCK", EDEADLOCK}};

    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp(name, aliases[i].name) == 0)
            return aliases[i].code;
    for (int code = 1; code < 4096; code++)
        if (strcmp(name, bw_err_name(code)) == 0)
            return strcmp(name, "E?") == 0 ? 0 : code;
    return 0;
}
