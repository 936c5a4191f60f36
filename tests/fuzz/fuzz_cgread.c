/* files of control groups that are read: counters, controllers, /proc/PID/cgroup */
#include <stdlib.h>
#include <string.h>

#include "../../src/kern/cgroup_int.h"
#include "base/str.h"
#include "fuzz.h"

/* Every file says the same: the input. */
static int all_the_same(void *ctx, const char *file, struct bw_str *out)
{
    (void)file;
    bw_str_add(out, ctx);
    return 0;
}

static void check_counters(char *text)
{
    struct bw_cg_stats s;

    for (int v2 = 0; v2 < 2; v2++) {
        memset(&s, 0xff, sizeof s);
        for (int ctl = 0; ctl < BW_CG_COUNT; ctl++)
            bw_cg_stats_add((enum bw_cg_ctl)ctl, v2, all_the_same, text, &s);
        bw_cg_stats_acct(all_the_same, text, &s);
        const long long v[] = {s.cpu_quota_us, s.cpu_period_us, s.cpu_usage_us, s.nr_periods,
                               s.nr_throttled, s.throttled_us,  s.mem_limit,    s.mem_current,
                               s.mem_peak,     s.oom_kill,      s.pids_limit,   s.pids_current,
                               s.rbytes,       s.wbytes};
        /* -1 stands for what is not known, and nothing else is negative. */
        for (size_t i = 0; i < sizeof v / sizeof *v; i++)
            FUZZ_CHECK(v[i] >= -1);
    }
}

static void check_controllers(const char *text)
{
    BW_AUTO_STR names = BW_STR_INIT;
    unsigned mask = bw_cg_mask_parse(text);

    bw_cg_mask_names(mask, &names);
    FUZZ_CHECK(bw_cg_mask_parse(bw_str_get(&names)) == mask);
}

static void check_path(const char *text, const char *root)
{
    static const char *const names[] = {"", "cpu", "cpuacct", "memory", "blkio", "name=systemd"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        BW_AUTO_STR line = BW_STR_INIT;
        BW_AUTO_STR path = BW_STR_INIT;
        int has = bw_cg_line(text, names[i], &line);
        FUZZ_CHECK(has == 0 || line.len == 0);
        FUZZ_CHECK(has == -1 || strchr(bw_str_get(&line), '\n') == NULL);
        if (bw_cg_path_below(text, root, names[i], &path) == 0)
            FUZZ_CHECK(has == 0 && path.len > 0 && path.len <= line.len + 1);
    }
}

static void check_name(const char *name)
{
    static const char prefix[] = "boxwright-";
    pid_t pid = 1; /* a name's owner, if it is one */
    size_t n = strlen(name);

    for (int form = BW_OWNER_THING; form <= BW_OWNER_GROUP; form++) {
        bool is = bw_owner_is((enum bw_owner_form)form, name, n);
        FUZZ_CHECK(!is || bw_str_starts(name, prefix));
        if (is)
            bw_owner_gone((enum bw_owner_form)form, name, n, &pid);
        FUZZ_CHECK(pid > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *first = fuzz_line(&in);
    BW_AUTO_FREE char *rest = fuzz_rest(&in);
    pid_t *pids;

    check_counters(rest);
    check_controllers(rest);
    check_path(rest, first);
    check_name(first);
    bw_cg_pids_parse(rest, &pids);
    free(pids);
    return 0;
}
