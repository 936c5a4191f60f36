/* A growing string. Invariant after every call: s is either NULL with len 0, or NUL-terminated
 * with strlen(s) == len; only bw_str_addn may add NUL bytes (a file such as /proc/PID/environ),
 * which len counts. Memory that runs out aborts the process: nothing useful is left to do. */
#ifndef BW_BASE_STR_H
#define BW_BASE_STR_H

#include <stddef.h>

struct bw_str {
    char *s;
    size_t len, cap;
};

#define BW_STR_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }
#define BW_AUTO_STR __attribute__((cleanup(bw_str_free))) struct bw_str

void bw_str_free(struct bw_str *b);
void bw_str_clear(struct bw_str *b);
void bw_str_add(struct bw_str *b, const char *s);
void bw_str_addn(struct bw_str *b, const char *s, size_t n);
void bw_str_addc(struct bw_str *b, char c);
void bw_str_addf(struct bw_str *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whether this character drives a terminal (C0, DEL, C1) or, a mark or an override of writing
 * direction or a line separator, reorders what it shows. */
int bw_str_drives(unsigned cp);

/* Adds s with every control character, mark of writing direction and byte that is not UTF-8 written
 * as \xNN, so that a name chosen inside the box cannot drive the terminal. */
void bw_str_add_safe(struct bw_str *b, const char *s);
/* The same, of s alone: b is cleared before, and its text returned. */
const char *bw_str_safe(struct bw_str *b, const char *s);
/* Whether s would be added as it is. */
int bw_str_is_safe(const char *s);

/* Adds s as strace prints a string argument: double quotes, C escapes; NULL as NULL. */
void bw_str_add_quoted(struct bw_str *b, const char *s);

/* The text, never NULL. */
const char *bw_str_get(const struct bw_str *b);
/* Hands the memory over to the caller (free with free()); b is empty afterwards. */
char *bw_str_steal(struct bw_str *b);

/* malloc, realloc, strdup that abort when memory runs out. */
void *bw_alloc(size_t size);
void *bw_realloc(void *p, size_t size);
char *bw_strdup(const char *s);

#define BW_AUTO_FREE __attribute__((cleanup(bw_free_ptr)))
/* For BW_AUTO_FREE: frees the pointer that p points to. */
void bw_free_ptr(void *p);

/* Whether s starts with prefix. */
int bw_str_starts(const char *s, const char *prefix);

/* Parses a whole decimal number in [min, max]. Returns 0, or -1 for anything else: a sign where
 * min is not negative, blanks, trailing bytes, overflow. */
int bw_parse_num(const char *s, long long min, long long max, long long *out);

/* Parses a size in bytes: digits with an optional K, M, G or T (1024-based, optionally followed
 * by "B" or "iB"). Returns 0 or -1 (malformed, or over INT64_MAX). */
int bw_parse_size(const char *s, long long *bytes);

/* Parses a time such as "3s", "500ms", "2m"; digits alone are seconds. Returns 0 or -1. */
int bw_parse_time(const char *s, long long *ms);

/* The Levenshtein distance of two short words, for "did you mean". */
size_t bw_str_distance(const char *a, const char *b);

#endif
