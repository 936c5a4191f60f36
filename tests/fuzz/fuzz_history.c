/* the history file: commands of one or more lines */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "ui/history.h"

static struct bw_str kept;
static size_t n_kept;

static void keep(const char *command)
{
    FUZZ_CHECK(*command != '\0');
    bw_str_addn(&kept, command, strlen(command) + 1);
    n_kept++;
}

/* Each command that was read, appended to a file of its own, is read as the same. */
static void check_again(void)
{
    BW_AUTO_STR all = kept;
    size_t n = n_kept, skipped = 0;
    BW_AUTO_STR text = BW_STR_INIT;
    BW_AUTO_STR expected = BW_STR_INIT;

    kept = (struct bw_str)BW_STR_INIT;
    n_kept = 0;
    const char *command = bw_str_get(&all);
    for (size_t i = 0; i < n; i++, command += strlen(command) + 1) {
        if (bw_history_entry(command, &text) != 0)
            skipped++;
        else
            bw_str_addn(&expected, command, strlen(command) + 1);
    }
    bw_history_each(bw_str_get(&text), keep);
    FUZZ_CHECK(n_kept == n - skipped);
    FUZZ_CHECK(kept.len == expected.len);
    FUZZ_CHECK(kept.len == 0 || memcmp(kept.s, expected.s, kept.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    bool grown;
    const char *from = bw_history_newest(text, &grown);

    FUZZ_CHECK(from >= text && from <= text + strlen(text));
    FUZZ_CHECK(from == text || grown || strlen(text) > 0);
    bw_history_each(from, keep);
    FUZZ_CHECK(n_kept <= BW_HISTORY_MAX);
    check_again();
    bw_str_free(&kept);
    n_kept = 0;
    return 0;
}
