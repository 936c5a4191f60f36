#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

uint8_t fuzz_byte(struct fuzz_input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

static char *string(const uint8_t *at, size_t n)
{
    size_t len = strnlen((const char *)at, n);
    char *s = bw_alloc(len + 1);

    memcpy(s, at, len);
    s[len] = '\0';
    return s;
}

char *fuzz_line(struct fuzz_input *in)
{
    const uint8_t *nl = in->left > 0 ? memchr(in->at, '\n', in->left) : NULL;
    size_t n = nl ? (size_t)(nl - in->at) : in->left;
    char *s = n > 0 ? string(in->at, n) : bw_strdup("");

    n += nl != NULL;
    in->at += n;
    in->left -= n;
    return s;
}

char *fuzz_rest(struct fuzz_input *in)
{
    char *s = in->left > 0 ? string(in->at, in->left) : bw_strdup("");

    in->left = 0;
    return s;
}

void fuzz_check_safe(const char *s)
{
    FUZZ_CHECK(bw_str_is_safe(s));
}

static void check_ends(const char *s, size_t size)
{
    FUZZ_CHECK(memchr(s, '\0', size) != NULL);
}

void fuzz_check_err(int r, const struct bw_err *err)
{
    FUZZ_CHECK(r == 0 || r == -1);
    check_ends(err->op, sizeof err->op);
    check_ends(err->call, sizeof err->call);
    check_ends(err->cause, sizeof err->cause);
    check_ends(err->todo, sizeof err->todo);
    if (r == -1) {
        FUZZ_CHECK(err->status != BW_OK);
        FUZZ_CHECK(*err->call || *err->cause);
    }
}
