/* lines as typed, completed at each byte: commands, options, names; folders are made up */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/words.h"
#include "cmd/boxes.h"
#include "cmd/session.h"
#include "fuzz.h"
#include "linked.h"
#include "ui/complete.h"

#include "../../src/ui/complete_priv.h"

/* No module, so no names of calls. */
const struct fuzz_function fuzz_functions[] = {{NULL, NULL}};

static const char *const names[] = {"etc/", "a b", "it's", "\033[2J", "\xff", "-x", "#1", "$HOME"};

/* In place of the folders of a host or a box. */
void bw_complete_path(pid_t pid, const char *prefix, struct bw_candidates *c)
{
    FUZZ_CHECK(pid == 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        bw_candidates_add(c, prefix, names[i], i == 0);
}

void bw_complete_program(pid_t pid, const char *prefix, struct bw_candidates *c)
{
    FUZZ_CHECK(pid == 0);
    bw_candidates_add(c, prefix, "sh", false);
}

void bw_complete_lesson(const char *prefix, struct bw_candidates *c)
{
    bw_candidates_add(c, prefix, "01-shared", false);
}

static bool among(const struct bw_candidates *c, const char *word)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->v[i].word, word) == 0)
            return true;
    return false;
}

/* Put into the line as it is quoted, a word is a word that it can be completed to, unless it goes
 * on or, a file's name, would be taken for an option. */
static void check_put(struct bw_session *s, const char *line, size_t start,
                      const struct bw_candidate *put)
{
    BW_AUTO_STR typed = BW_STR_INIT;
    struct bw_candidates c;
    const char *word = put->word;

    if (put->open || word[0] == '-')
        return;
    bw_str_addn(&typed, line, start);
    bw_words_quote(&typed, word);
    bw_complete(s, typed.s, typed.len, &c);
    FUZZ_CHECK(c.start == start && among(&c, word));
    bw_candidates_free(&c);
}

static void check_at(struct bw_session *s, const char *line, size_t cursor)
{
    struct bw_candidates c;

    bw_complete(s, line, cursor, &c);
    FUZZ_CHECK(c.start <= cursor);
    FUZZ_CHECK(c.n > 0 || c.common == 0);
    for (size_t i = 0; i < c.n; i++) {
        fuzz_check_safe(c.v[i].word);
        FUZZ_CHECK(i == 0 || strcmp(c.v[i - 1].word, c.v[i].word) < 0);
        FUZZ_CHECK(strncmp(c.v[i].word, c.v[0].word, c.common) == 0);
    }
    FUZZ_CHECK(c.n == 0 || c.common <= strlen(c.v[0].word));
    if (c.n > 0)
        check_put(s, line, c.start, &c.v[cursor % c.n]);
    bw_candidates_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *line = fuzz_rest(&in);
    size_t len = strlen(line);
    struct bw_box box = {.name = "box"}, *boxes[] = {&box};
    struct bw_session s = {.box = &box, .boxes = boxes, .n_boxes = 1};

    check_at(&s, line, len);
    check_at(&s, line, len / 2);
    check_at(&s, line, len > 0 ? data[0] % len : 0);
    return 0;
}
