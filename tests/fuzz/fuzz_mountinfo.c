/* /proc/PID/mountinfo, the control groups in it, and mount options */
#include <stdlib.h>
#include <string.h>

#include "../../src/kern/cgroup_int.h"
#include "../../src/model/diff_priv.h"
#include "base/err.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/mnt.h"
#include "model/diff.h"

/* As the kernel escapes what stands between blanks: seq_path(), mangle(). */
static void add_field(struct bw_str *out, const char *s)
{
    for (; *s; s++)
        if (strchr(" \t\n\\", *s))
            bw_str_addf(out, "\\%03o", (unsigned char)*s);
        else
            bw_str_addc(out, *s);
    bw_str_addc(out, ' ');
}

/* The fields between which blanks stand are lists, and kept with them. */
static void add_line(struct bw_str *out, const struct bw_mount *m)
{
    bw_str_addf(out, "%d %d ", m->id, m->parent);
    add_field(out, m->dev);
    add_field(out, m->root);
    add_field(out, m->target);
    add_field(out, m->options);
    if (*m->propagation)
        bw_str_addf(out, "%s ", m->propagation);
    bw_str_add(out, "- ");
    add_field(out, m->type);
    add_field(out, m->source);
    bw_str_addf(out, "%s\n", m->super);
}

static bool same(const struct bw_mount *a, const struct bw_mount *b)
{
    return a->id == b->id && a->parent == b->parent && strcmp(a->dev, b->dev) == 0 &&
           strcmp(a->root, b->root) == 0 && strcmp(a->target, b->target) == 0 &&
           strcmp(a->options, b->options) == 0 && strcmp(a->type, b->type) == 0 &&
           strcmp(a->source, b->source) == 0;
}

/* Whether a list of words can be written again: the kernel escapes nothing in these. */
static bool plain(const char *list)
{
    size_t n = strlen(list);

    return !strpbrk(list, "\\\n-") && !strstr(list, "  ") && list[0] != ' ' &&
           (n == 0 || list[n - 1] != ' ');
}

static void check_again(const struct bw_mounts *m)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_mounts again;

    for (size_t i = 0; i < m->n; i++) {
        if (!plain(m->v[i].propagation) || strpbrk(m->v[i].super, "\\\n"))
            return;
        add_line(&text, &m->v[i]);
    }
    if (text.len == 0)
        return;
    FUZZ_CHECK(bw_mounts_parse(text.s, text.len, &again) == 0);
    FUZZ_CHECK(again.n == m->n);
    for (size_t i = 0; i < m->n; i++)
        FUZZ_CHECK(same(&m->v[i], &again.v[i]));
    bw_mounts_free(&again);
}

static void check_table(const struct bw_mounts *m)
{
    struct bw_cg_host host;
    struct bw_diff d = {0};

    for (size_t i = 0; i < m->n; i++)
        FUZZ_CHECK(m->v[i].id >= 0 && *m->v[i].root && *m->v[i].target && *m->v[i].type);
    check_again(m);
    bw_cg_host_of(m, &host);
    for (int i = 0; i < BW_CG_COUNT; i++)
        FUZZ_CHECK(host.ctl[i].present == (host.ctl[i].mount[0] != '\0'));
    if (m->n < 100)
        bw_diff_mounts(m, m, &d);
    for (size_t i = 0; i < d.n; i++)
        fuzz_check_safe(d.line[i]);
    FUZZ_CHECK(d.n == 0);
    bw_diff_free(&d);
}

static void check_options(const char *text)
{
    struct bw_err err = BW_ERR_INIT;
    unsigned long flags = 0;
    char *rest = NULL;
    int r = bw_mnt_options(text, &flags, &rest, &err);

    fuzz_check_err(r, &err);
    if (r == 0)
        FUZZ_CHECK(rest == NULL || strlen(rest) <= strlen(text));
    free(rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct bw_mounts m;

    if (bw_mounts_parse((const char *)data, size, &m) == 0)
        check_table(&m);
    else
        FUZZ_CHECK(m.n == 0 && m.v == NULL);
    bw_mounts_free(&m);
    BW_AUTO_FREE char *options = fuzz_line(&in);
    check_options(options);
    return 0;
}
