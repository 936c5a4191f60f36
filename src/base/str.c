#include "base/str.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *bw_alloc(size_t size)
{
    void *p = malloc(size > 0 ? size : 1);

    if (p == NULL)
        abort();
    return p;
}

void *bw_realloc(void *p, size_t size)
{
    void *q = realloc(p, size > 0 ? size : 1);

    if (q == NULL)
        abort();
    return q;
}

char *bw_strdup(const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(bw_alloc(size), s, size);
}

void bw_free_ptr(void *p)
{
    void **pp = p;

    free(*pp);
    *pp = NULL;
}

/* Makes room for n more bytes and the NUL. */
static void grow(struct bw_str *b, size_t n)
{
    if (n > SIZE_MAX / 4 - b->len)
        abort();
    size_t need = b->len + n + 1;
    if (need <= b->cap)
        return;
    size_t cap = b->cap > 0 ? b->cap * 2 : 64;
    b->cap = cap > need ? cap : need;
    b->s = bw_realloc(b->s, b->cap);
}

void bw_str_free(struct bw_str *b)
{
    free(b->s);
    *b = (struct bw_str)BW_STR_INIT;
}

void bw_str_clear(struct bw_str *b)
{
    b->len = 0;
    if (b->s != NULL)
        b->s[0] = '\0';
}

void bw_str_addn(struct bw_str *b, const char *s, size_t n)
{
    grow(b, n);
    if (n > 0)
        memcpy(b->s + b->len, s, n);
    b->len += n;
    b->s[b->len] = '\0';
}

void bw_str_add(struct bw_str *b, const char *s)
{
    bw_str_addn(b, s, strlen(s));
}

void bw_str_addc(struct bw_str *b, char c)
{
    bw_str_addn(b, &c, 1);
}

void bw_str_addf(struct bw_str *b, const char *fmt, ...)
{
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    grow(b, (size_t)n);
    vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
    va_end(again);
    b->len += (size_t)n;
}

/* The length of the valid UTF-8 character at s with its value in *cp, 0 when there is none. A NUL
 * ends the string, so continuation bytes are never looked for past it. */
static size_t utf8(const unsigned char *s, unsigned *cp)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n;

    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        n = 2;
    else if (s[0] >= 0xe0 && s[0] <= 0xef)
        n = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        n = 4;
    else
        return 0;
    *cp = s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        *cp = *cp << 6 | (s[i] & 0x3fu);
    }
    if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
        return 0;
    return n;
}

int bw_str_drives(unsigned cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x202a && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0x2028 || cp == 0x2029 || cp == 0x200e ||
           cp == 0x200f || cp == 0x061c;
}

void bw_str_add_safe(struct bw_str *b, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    while (*p != '\0') {
        unsigned cp = 0;
        size_t n = utf8(p, &cp);
        if (n > 0 && !bw_str_drives(cp)) {
            bw_str_addn(b, (const char *)p, n);
            p += n;
            continue;
        }
        for (n = n > 0 ? n : 1; n > 0; n--)
            bw_str_addf(b, "\\x%02x", *p++);
    }
}

const char *bw_str_safe(struct bw_str *b, const char *s)
{
    bw_str_clear(b);
    bw_str_add_safe(b, s);
    return bw_str_get(b);
}

int bw_str_is_safe(const char *s)
{
    unsigned cp = 0;

    for (size_t n; *s != '\0'; s += n) {
        n = utf8((const unsigned char *)s, &cp);
        if (n == 0 || bw_str_drives(cp))
            return 0;
    }
    return 1;
}

static void add_octal(struct bw_str *b, unsigned char c, unsigned char next)
{
    /* A digit that follows would be read as part of a short escape. */
    if (next >= '0' && next <= '9')
        bw_str_addf(b, "\\%03o", c);
    else
        bw_str_addf(b, "\\%o", c);
}

void bw_str_add_quoted(struct bw_str *b, const char *s)
{
    static const char plain[] = "\n\t\r\v\f\"\\";
    static const char letter[] = "ntrvf\"\\";

    if (s == NULL) {
        bw_str_add(b, "NULL");
        return;
    }
    bw_str_addc(b, '"');
    for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++) {
        const char *at = strchr(plain, *p);
        if (at != NULL)
            bw_str_addf(b, "\\%c", letter[at - plain]);
        else if (*p < 0x20 || *p >= 0x7f)
            add_octal(b, p[0], p[1]);
        else
            bw_str_addc(b, (char)*p);
    }
    bw_str_addc(b, '"');
}

const char *bw_str_get(const struct bw_str *b)
{
    return b->s != NULL ? b->s : "";
}

char *bw_str_steal(struct bw_str *b)
{
    char *s = b->s != NULL ? b->s : bw_strdup("");

    *b = (struct bw_str)BW_STR_INIT;
    return s;
}

int bw_str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Digits from s into *v, at most max. Returns what follows them, NULL when there are none or too
 * many. */
static const char *digits(const char *s, unsigned long long max, unsigned long long *v)
{
    if (!isdigit((unsigned char)*s))
        return NULL;
    *v = 0;
    for (; isdigit((unsigned char)*s); s++) {
        unsigned d = (unsigned)(*s - '0');
        if (*v > (max - d) / 10)
            return NULL;
        *v = *v * 10 + d;
    }
    return s;
}

int bw_parse_num(const char *s, long long min, long long max, long long *out)
{
    int negative = *s == '-' && min < 0;
    unsigned long long v;
    const char *end = digits(s + negative, (unsigned long long)LLONG_MAX, &v);

    if (end == NULL || *end != '\0')
        return -1;
    long long n = negative ? -(long long)v : (long long)v;
    if (n < min || n > max)
        return -1;
    *out = n;
    return 0;
}

int bw_parse_size(const char *s, long long *bytes)
{
    static const char units[] = "KMGT";
    unsigned long long v;
    int shift = 0;
    const char *end = digits(s, (unsigned long long)LLONG_MAX, &v);

    if (end == NULL)
        return -1;
    if (*end != '\0') {
        const char *unit = strchr(units, toupper((unsigned char)*end));
        if (unit == NULL)
            return -1;
        shift = 10 * (int)(unit - units + 1);
        end++;
        if (strcmp(end, "B") != 0 && strcmp(end, "iB") != 0 && *end != '\0')
            return -1;
    }
    if (v > (unsigned long long)LLONG_MAX >> shift)
        return -1;
    *bytes = (long long)(v << shift);
    return 0;
}

int bw_parse_time(const char *s, long long *ms)
{
    static const struct {
        const char *unit;
        unsigned long long factor;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}};
    unsigned long long v;
    const char *end = digits(s, (unsigned long long)LLONG_MAX, &v);

    if (end == NULL)
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        if (v > (unsigned long long)LLONG_MAX / units[i].factor)
            return -1;
        *ms = (long long)(v * units[i].factor);
        return 0;
    }
    return -1;
}

size_t bw_str_distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    BW_AUTO_FREE size_t *row = bw_alloc((nb + 1) * sizeof *row);

    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            corner = row[j];
            row[j] = best;
        }
    }
    return row[nb];
}
