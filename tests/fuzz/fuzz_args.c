/* words of unshare, of libcgroup's tools, and /etc/apt/sources.list */
#include <stdlib.h>
#include <string.h>

#include "../../src/cmd/cg_args.h"
#include "../../src/cmd/unshare_args.h"
#include "base/err.h"
#include "base/str.h"
#include "base/words.h"
#include "fuzz.h"
#include "kern/apt.h"

static void check_unshare(int argc, char **argv)
{
    static struct unshare_args a;
    struct bw_err err = BW_ERR_INIT;
    int r = unshare_parse(argc, argv, &a, &err);

    fuzz_check_err(r, &err);
    if (r != 0)
        return;
    FUZZ_CHECK(a.maps.n_uid <= BW_IDMAP_MAX && a.maps.n_gid <= BW_IDMAP_MAX);
    /* The program is the last words of the line. */
    if (a.program)
        FUZZ_CHECK(a.program > argv && a.program < argv + argc);
}

static void check_cgroup(int argc, char **argv)
{
    static const struct {
        const char *options;
        bool program;
    } tools[] = {{"g:", false}, {"g:r:nva", false}, {"g:", true}, {"g:r", false}};

    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        static struct cg_args a;
        struct bw_err err = BW_ERR_INIT;
        int r = cg_args_parse(argc, argv, tools[i].options, tools[i].program, &a, &err);
        fuzz_check_err(r, &err);
        if (r != 0)
            continue;
        FUZZ_CHECK(a.n_g >= 0 && a.n_g <= CG_ITEMS && a.n_r >= 0 && a.n_r <= CG_ITEMS);
        FUZZ_CHECK(a.n_name >= 0 && a.n_name <= CG_NAMES);
        FUZZ_CHECK(a.program >= argv && a.program <= argv + argc);
        for (int k = 0; k < a.n_g; k++)
            FUZZ_CHECK(memchr(a.g[k].group, '\0', sizeof a.g[k].group) != NULL);
    }
}

static void check_apt(const char *text)
{
    for (int deb822 = 0; deb822 < 2; deb822++) {
        BW_AUTO_STR out = BW_STR_INIT;
        if (bw_apt_parse(text, deb822, "stable", &out) == 0)
            FUZZ_CHECK(bw_str_starts(bw_str_get(&out), "http") && !strpbrk(out.s, " \t\n"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    struct bw_words w = {0};
    struct bw_err err = BW_ERR_INIT;
    size_t used;

    check_apt(text);
    /* The machine's own subordinate IDs are no input. */
    if (strstr(text, "auto") || strstr(text, "--map-a"))
        return 0;
    if (bw_words_split(text, strlen(text), &used, &w, &err) == BW_WORDS_OK && w.n > 0) {
        check_cgroup(w.n, w.v);
        check_unshare(w.n, w.v);
    }
    bw_words_free(&w);
    return 0;
}
