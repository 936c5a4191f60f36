/* the file of progress, a line of it */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "lesson/progress.h"

static void check_again(const struct bw_done *d)
{
    BW_AUTO_STR line = BW_STR_INIT;
    struct bw_done again;

    bw_progress_line(d, &line);
    FUZZ_CHECK(line.len > 0 && line.s[line.len - 1] == '\n' && !memchr(line.s, '\n', line.len - 1));
    FUZZ_CHECK(bw_progress_parse(line.s, line.len - 1, &again) == 0);
    FUZZ_CHECK(strcmp(again.when, d->when) == 0 && strcmp(again.lesson, d->lesson) == 0 &&
               strcmp(again.step, d->step) == 0 && again.hash == d->hash);
    FUZZ_CHECK(again.hints == d->hints && again.checks == d->checks &&
               again.seconds == d->seconds && again.solution == d->solution &&
               again.predicted == d->predicted);
    FUZZ_CHECK(strcmp(again.commands, d->commands) == 0 && strcmp(again.typed, d->typed) == 0);
    free(again.commands);
    free(again.typed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bw_done d;

    if (bw_progress_parse((const char *)data, size, &d) == 0) {
        if (!memchr(data, '\n', size))
            check_again(&d);
        free(d.commands);
        free(d.typed);
    }
    return 0;
}
