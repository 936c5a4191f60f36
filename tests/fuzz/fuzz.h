/* What a target has: its input in pieces, and a check that ends the run. A target is a file
 * fuzz_NAME.c whose first comment says in a line what it reads (the table of docs/TESTING.md has
 * it), with one function, LLVMFuzzerTestOneInput. It must not depend on anything but its bytes. */
#ifndef BW_FUZZ_H
#define BW_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(ok) ((ok) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #ok))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* What is left of the input. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* The next byte, 0 at the end. */
uint8_t fuzz_byte(struct fuzz_input *in);
/* The next line as a string of its own, or an empty one at the end; a NUL in it ends it early. Free
 * with free(). Memory is exactly as long as the string, so that a sanitizer sees who reads on. */
char *fuzz_line(struct fuzz_input *in);
/* All that is left, in the same way. */
char *fuzz_rest(struct fuzz_input *in);

/* Checks that s can be printed: UTF-8, nothing in it drives a terminal. */
void fuzz_check_safe(const char *s);

struct bw_err;
/* Checks that r is 0, or -1 with an error that says so in whole strings. */
void fuzz_check_err(int r, const struct bw_err *err);

#endif
