/* limits and files of control groups as typed, translated between v1 and v2 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/kern/cgroup_int.h"
#include "base/err.h"
#include "base/str.h"
#include "fuzz.h"

/* A group in memory: what was written is what is read. */
struct group {
    struct bw_cg_step file[8];
    size_t n;
    const char *other; /* what any other file says, or NULL */
};

static int from_group(void *ctx, const char *file, struct bw_str *out)
{
    const struct group *g = ctx;

    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->file[i].file, file) == 0) {
            bw_str_addf(out, "%s\n", g->file[i].value);
            return 0;
        }
    if (!g->other) {
        errno = ENOENT;
        return -1;
    }
    bw_str_add(out, g->other);
    return 0;
}

static void check_plan(const struct bw_cg_plan *plan)
{
    FUZZ_CHECK(plan->n > 0 && plan->n <= sizeof plan->step / sizeof *plan->step);
    for (size_t i = 0; i < plan->n; i++) {
        const struct bw_cg_step *s = &plan->step[i];
        FUZZ_CHECK(memchr(s->file, '\0', sizeof s->file) &&
                   memchr(s->value, '\0', sizeof s->value));
        FUZZ_CHECK(bw_cg_file_ctl(s->file) >= 0);
        FUZZ_CHECK(*s->value != '\0');
    }
}

/* A limit, written on v1 and read as v2's file, is what was meant. */
static void check_limit(enum bw_cg_ctl ctl, const char *text)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_cg_step step = {0};
    struct bw_cg_plan plan;
    struct group g = {0};
    int r = bw_cg_parse_limit(ctl, text, &step, &err);

    fuzz_check_err(r, &err);
    FUZZ_CHECK(bw_cg_limit_check(ctl, text, &err) == r);
    if (r != 0)
        return;
    FUZZ_CHECK(bw_cg_kept(step.value, step.value) == 1);
    FUZZ_CHECK(bw_cg_plan_set(step.file, step.value, true, from_group, &g, &plan, NULL, &err) == 0);
    FUZZ_CHECK(plan.n == 1 && strcmp(plan.step[0].value, step.value) == 0);
    r = bw_cg_plan_set(step.file, step.value, false, from_group, &g, &plan, NULL, &err);
    /* One file for each key: a key given many times does not fit. */
    FUZZ_CHECK(r == 0 || ctl == BW_CG_IO);
    if (r != 0 || ctl == BW_CG_IO)
        return;
    check_plan(&plan);
    memcpy(g.file, plan.step, sizeof g.file);
    g.n = plan.n;
    /* v1 has no other word for none than the largest number. */
    if (ctl == BW_CG_MEMORY && strtoll(step.value, NULL, 10) >= 0x7ffffffffffff000)
        return;
    BW_AUTO_STR back = BW_STR_INIT;
    FUZZ_CHECK(bw_cg_plan_get(step.file, false, from_group, &g, &back, NULL, &err) == 0);
    FUZZ_CHECK(bw_cg_kept(step.value, bw_str_get(&back)) >= 0);
}

static void check_set(const char *file, const char *value, const char *now)
{
    if (bw_cg_file_ctl(file) < 0 || !*value)
        return;
    for (int v2 = 0; v2 < 2; v2++) {
        struct bw_err err = BW_ERR_INIT;
        struct bw_cg_plan plan;
        struct group g = {.other = now};
        BW_AUTO_STR said = BW_STR_INIT;
        BW_AUTO_STR got = BW_STR_INIT;
        int r = bw_cg_plan_set(file, value, v2, from_group, &g, &plan, &said, &err);
        fuzz_check_err(r, &err);
        if (r == 0)
            check_plan(&plan);
        bw_err_clear(&err);
        r = bw_cg_plan_get(file, v2, from_group, &g, &got, &said, &err);
        fuzz_check_err(r, &err);
        bw_cg_kept(value, now);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *file = fuzz_line(&in);
    BW_AUTO_FREE char *value = fuzz_line(&in);
    BW_AUTO_FREE char *now = fuzz_rest(&in);

    for (int ctl = 0; ctl < BW_CG_COUNT; ctl++)
        /* A device by name is looked for on this machine. */
        if (ctl != BW_CG_IO || *value != '/')
            check_limit((enum bw_cg_ctl)ctl, value);
    check_set(file, value, now);
    return 0;
}
