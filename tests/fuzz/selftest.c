/* A target that is wrong in each way that a replay must see, as its input says. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"

static void *volatile kept;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    char *word = fuzz_line(&in);
    volatile int most = 0x7fffffff;

    FUZZ_CHECK(strcmp(word, "wrong") != 0);
    if (strcmp(word, "hangs") == 0)
        while (most)
            ;
    if (strcmp(word, "reads on") == 0)
        FUZZ_CHECK(((const volatile uint8_t *)data)[size] != 1 || size);
    if (strcmp(word, "overflows") == 0)
        most = most + (int)size;
    if (strcmp(word, "leaks") == 0) {
        kept = bw_alloc(16);
        kept = NULL;
    }
    free(word);
    return 0;
}
