/* Control groups where no kernel is asked: limits, names, translation between v1 and v2. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../../src/cmd/cg_args.h"
#include "../../src/kern/cgroup_int.h"
#include "base/err.h"
#include "base/str.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

/* ---- limits as people write them ---- */

#define ZEROS "00000000000000000000000000000000000000000000000000000000000000000000"

static const struct {
    enum bw_cg_ctl ctl;
    const char *text, *file, *value; /* value NULL: a usage error */
} limits[] = {
    {BW_CG_CPU, "50%", "cpu.max", "50000 100000"},
    {BW_CG_CPU, "12.5%", "cpu.max", "12500 100000"},
    {BW_CG_CPU, "200%", "cpu.max", "200000 100000"},
    {BW_CG_CPU, "0.5", "cpu.max", "50000 100000"},
    {BW_CG_CPU, "1", "cpu.max", "100000 100000"},
    {BW_CG_CPU, "max", "cpu.max", "max 100000"},
    {BW_CG_CPU, "-5%", "cpu.max", NULL},
    {BW_CG_CPU, "0%", "cpu.max", NULL},
    {BW_CG_CPU, "0", "cpu.max", NULL},
    {BW_CG_CPU, "%", "cpu.max", NULL},
    {BW_CG_CPU, "", "cpu.max", NULL},
    {BW_CG_CPU, "abc", "cpu.max", NULL},
    {BW_CG_CPU, "5e1%", "cpu.max", NULL},
    {BW_CG_CPU, "50 %", "cpu.max", NULL},
    {BW_CG_CPU, "50%%", "cpu.max", NULL},
    {BW_CG_CPU, ".5", "cpu.max", NULL},
    {BW_CG_CPU, "1.", "cpu.max", NULL},
    {BW_CG_CPU, "1.2345", "cpu.max", NULL},
    {BW_CG_CPU, "0x10", "cpu.max", NULL},
    {BW_CG_CPU, "1000000", "cpu.max", NULL},
    {BW_CG_CPU, "99999999999999999999G", "cpu.max", NULL},
    {BW_CG_MEMORY, "64M", "memory.max", "67108864"},
    {BW_CG_MEMORY, "1g", "memory.max", "1073741824"},
    {BW_CG_MEMORY, "4096", "memory.max", "4096"},
    {BW_CG_MEMORY, "max", "memory.max", "max"},
    {BW_CG_MEMORY, "0", "memory.max", NULL},
    {BW_CG_MEMORY, "-1", "memory.max", NULL},
    {BW_CG_MEMORY, "64X", "memory.max", NULL},
    {BW_CG_MEMORY, "99999999999999999999G", "memory.max", NULL},
    {BW_CG_MEMORY, "9999999999G", "memory.max", NULL},
    {BW_CG_PIDS, "20", "pids.max", "20"},
    {BW_CG_PIDS, "max", "pids.max", "max"},
    {BW_CG_PIDS, "0", "pids.max", NULL},
    {BW_CG_PIDS, "-1", "pids.max", NULL},
    {BW_CG_PIDS, "5000000", "pids.max", NULL},
    {BW_CG_CPUSET, "0-1,3", "cpuset.cpus", "0-1,3"},
    {BW_CG_CPUSET, "0", "cpuset.cpus", "0"},
    {BW_CG_CPUSET, "", "cpuset.cpus", NULL},
    {BW_CG_CPUSET, "1-0", "cpuset.cpus", NULL},
    {BW_CG_CPUSET, "0,", "cpuset.cpus", NULL},
    {BW_CG_CPUSET, "0--1", "cpuset.cpus", NULL},
    {BW_CG_CPUSET, "99999999999", "cpuset.cpus", NULL},
    {BW_CG_IO, "8:0 rbps=1M", "io.max", "8:0 rbps=1048576"},
    {BW_CG_IO, "8:0 rbps=1M wiops=max", "io.max", "8:0 rbps=1048576 wiops=max"},
    {BW_CG_IO, "8:0", "io.max", NULL},
    {BW_CG_IO, "", "io.max", NULL},
    {BW_CG_IO, "8:0 rbps=0", "io.max", NULL},
    {BW_CG_IO, "8:0 speed=1", "io.max", NULL},
    {BW_CG_IO, "8:0 rbps", "io.max", NULL},
    {BW_CG_IO, "/dev/null rbps=1M", "io.max", NULL},
    {BW_CG_IO, "/no/such rbps=1M", "io.max", NULL},
    {BW_CG_IO, "sda rbps=1M", "io.max", NULL},
    {BW_CG_IO, "/proc rbps=1M", "io.max", NULL}, /* a directory, on no block device */
};

START_TEST(limit)
{
    struct bw_cg_step got;
    struct bw_err err = BW_ERR_INIT;
    int r = bw_cg_parse_limit(limits[_i].ctl, limits[_i].text, &got, &err);
    ck_assert_msg((r == 0) == (limits[_i].value != NULL), "\"%s\": %s", limits[_i].text, err.cause);
    if (r == 0) {
        ck_assert_str_eq(got.file, limits[_i].file);
        ck_assert_str_eq(got.value, limits[_i].value);
    } else {
        ck_assert_int_eq(err.status, BW_USAGE);
        ck_assert(*err.cause && *err.call == '\0');
    }
    ck_assert_int_eq(bw_cg_limit_check(limits[_i].ctl, limits[_i].text, &err), r);
}
END_TEST

/* A directory stands for the disk that it lies on. */
START_TEST(limit_of_a_directory)
{
    struct bw_cg_step got;
    struct bw_err err = BW_ERR_INIT;
    char want[64], path[64];
    struct stat st;

    ck_assert_int_eq(stat("/", &st), 0);
    int r = bw_cg_parse_limit(BW_CG_IO, "/ rbps=1M", &got, &err);
    ck_assert_int_eq(r, major(st.st_dev) ? 0 : -1);
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(st.st_dev),
             minor(st.st_dev));
    snprintf(want, sizeof want, "%u:%u rbps=1048576", major(st.st_dev), minor(st.st_dev));
    if (r == 0) /* on a partition it is the number of the disk */
        ck_assert_int_eq(strcmp(got.value, want) == 0, access(path, F_OK) != 0);
    else
        ck_assert_ptr_nonnull(strstr(err.cause, "no block device of its own"));
}
END_TEST

/* ---- translation ---- */

/* A group's files, as "file=text" strings. */
static int fake(void *ctx, const char *file, struct bw_str *out)
{
    const char *const *files = ctx;
    for (; *files; files++) {
        size_t n = strlen(file);
        if (strncmp(*files, file, n) == 0 && (*files)[n] == '=') {
            bw_str_add(out, *files + n + 1);
            return 0;
        }
    }
    errno = ENOENT;
    return -1;
}

static const char *const v2_files[] = {"cpu.max=20000 50000\n",
                                       "cpu.weight=100\n",
                                       "cpu.stat=usage_usec 1500\nuser_usec 1000\nnr_throttled 3\n",
                                       "memory.max=67108864\n",
                                       "memory.swap.max=1048576\n",
                                       "memory.current=4096\n",
                                       "memory.events=low 0\nhigh 0\nmax 7\noom 0\n",
                                       ("io.max=8:0 rbps=1024 wbps=max riops=max wiops=5\n"
                                        "8:16 rbps=2048 wbps=max riops=max wiops=max\n"),
                                       NULL};
static const char *const v1_files[] = {"cpu.cfs_quota_us=20000\n",
                                       "cpu.cfs_period_us=50000\n",
                                       "cpu.shares=1024\n",
                                       "memory.limit_in_bytes=67108864\n",
                                       "memory.memsw.limit_in_bytes=68157440\n",
                                       "blkio.throttle.read_bps_device=8:0 1024\n8:16 2048\n",
                                       "blkio.throttle.write_bps_device=",
                                       "blkio.throttle.read_iops_device=",
                                       "blkio.throttle.write_iops_device=8:0 5\n",
                                       NULL};
static const char *const unlimited[] = {"cpu.max=max 100000\n",
                                        "memory.max=max\n",
                                        "memory.swap.max=max\n",
                                        "cpu.cfs_quota_us=-1\n",
                                        "cpu.cfs_period_us=100000\n",
                                        "memory.limit_in_bytes=9223372036854771712\n",
                                        "memory.memsw.limit_in_bytes=9223372036854771712\n",
                                        NULL};

static const struct {
    bool v2;
    const char *file, *value;
    const char *writes; /* "file=value;…", NULL: an error */
    bool said;
} sets[] = {
    {true, "cpu.cfs_quota_us", "50000", "cpu.max=50000;", true},
    {true, "cpu.cfs_quota_us", "-1", "cpu.max=max;", true},
    {true, "cpu.cfs_quota_us", "-2", NULL, true},
    {true, "cpu.cfs_quota_us", "half", NULL, true},
    {true, "cpu.cfs_period_us", "100000", "cpu.max=20000 100000;", true},
    {true, "cpu.shares", "1024", "cpu.weight=100;", true},
    {false, "io.max", "8:0 rbps=1M", NULL, true},
    {false, "io.max", "8:0 ", NULL, true},
    {true, "cpu.cfs_burst_us", "10000000000000000000000000000000001",
     "cpu.max.burst=10000000000000000000000000000000001;", true},
    {true, "blkio.throttle.read_bps_device", "8:" ZEROS ZEROS ZEROS "0 5", NULL, true},
    {true, "cpu.shares", "2", "cpu.weight=1;", true},
    {true, "cpu.shares", "262144", "cpu.weight=10000;", true},
    {true, "cpu.shares", "1", NULL, true},
    {true, "cpu.max", "1 2", "cpu.max=1 2;", false},
    {true, "memory.limit_in_bytes", "64M", "memory.max=67108864;", true},
    {true, "memory.limit_in_bytes", "-1", "memory.max=max;", true},
    {true, "memory.limit_in_bytes", "much", NULL, true},
    {true, "memory.memsw.limit_in_bytes", "128M", "memory.swap.max=67108864;", true},
    {true, "memory.memsw.limit_in_bytes", "1M", NULL, true},
    {true, "memory.memsw.limit_in_bytes", "-1", "memory.swap.max=max;", true},
    {true, "memory.usage_in_bytes", "1", NULL, true},
    {true, "cpuacct.usage", "0", NULL, true},
    {true, "pids.max", "20", "pids.max=20;", false},
    {true, "blkio.throttle.read_bps_device", "8:0 1024", "io.max=8:0 rbps=1024;", true},
    {true, "blkio.throttle.write_iops_device", "8:0 0", "io.max=8:0 wiops=max;", true},
    {true, "blkio.throttle.write_iops_device", "sda 0", NULL, true},
    {false, "cpu.max", "50000 100000", "cpu.cfs_period_us=100000;cpu.cfs_quota_us=50000;", true},
    {false, "cpu.max", "max", "cpu.cfs_quota_us=-1;", true},
    {false, "cpu.max", "1 2 3", NULL, true},
    {false, "cpu.max", "", NULL, true},
    {false, "cpu.max", "-5", NULL, true},
    {false, "cpu.weight", "100", "cpu.shares=1024;", true},
    {false, "cpu.weight", "1", "cpu.shares=10;", true},
    {false, "cpu.weight", "0", NULL, true},
    {false, "memory.max", "max", "memory.limit_in_bytes=-1;", true},
    {false, "memory.max", "64M", "memory.limit_in_bytes=67108864;", true},
    {false, "memory.swap.max", "1M", "memory.memsw.limit_in_bytes=68157440;", true},
    {false, "memory.low", "8M", "memory.soft_limit_in_bytes=8388608;", true},
    {false, "io.max", "8:0 rbps=1024 wbps=max",
     "blkio.throttle.read_bps_device=8:0 1024;blkio.throttle.write_bps_device=8:0 0;", true},
    {false, "io.max", "8:0 rbps=-1", NULL, true},
    {false, "io.max", "8:0", NULL, true},
    {false, "io.max", "8: rbps=1", NULL, true},
    {false, "cpu.cfs_quota_us", "50000", "cpu.cfs_quota_us=50000;", false},
};

START_TEST(set)
{
    struct bw_cg_plan plan;
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR said = BW_STR_INIT, got = BW_STR_INIT;
    int r = bw_cg_plan_set(sets[_i].file, sets[_i].value, sets[_i].v2, fake,
                           (void *)(size_t)(sets[_i].v2 ? v2_files : v1_files), &plan, &said, &err);
    ck_assert_msg((r == 0) == (sets[_i].writes != NULL), "%s=%s: %s", sets[_i].file, sets[_i].value,
                  err.cause);
    ck_assert_int_eq(said.len > 0, sets[_i].said);
    for (size_t i = 0; r == 0 && i < plan.n; i++)
        bw_str_addf(&got, "%s=%s;", plan.step[i].file, plan.step[i].value);
    if (r == 0)
        ck_assert_str_eq(got.s, sets[_i].writes);
    else
        ck_assert(*err.cause);
}
END_TEST

static const struct {
    bool v2, without;
    const char *file, *value;
} gets[] = {
    {true, false, "cpu.cfs_quota_us", "20000"},
    {true, false, "cpu.cfs_period_us", "50000"},
    {true, true, "cpu.cfs_quota_us", "-1"},
    {true, false, "cpu.shares", "1024"},
    {true, false, "cpu.max", "20000 50000"},
    {true, false, "cpuacct.usage", "1500000"},
    {true, false, "memory.limit_in_bytes", "67108864"},
    {true, true, "memory.limit_in_bytes", "9223372036854771712"},
    {true, false, "memory.memsw.limit_in_bytes", "68157440"},
    {true, true, "memory.memsw.limit_in_bytes", "9223372036854771712"},
    {true, false, "memory.usage_in_bytes", "4096"},
    {true, false, "memory.failcnt", "7"},
    {true, false, "blkio.throttle.read_bps_device", "8:0 1024\n8:16 2048"},
    {true, false, "blkio.throttle.write_iops_device", "8:0 5"},
    {true, false, "blkio.throttle.write_bps_device", ""},
    {true, false, "memory.swappiness", NULL},
    {false, false, "cpu.max", "20000 50000"},
    {false, true, "cpu.max", "max 100000"},
    {false, false, "cpu.weight", "100"},
    {false, false, "memory.max", "67108864"},
    {false, true, "memory.max", "max"},
    {false, false, "memory.swap.max", "1048576"},
    {false, true, "memory.swap.max", "max"},
    {false, false, "io.max", "8:0 rbps=1024\n8:16 rbps=2048\n8:0 wiops=5"},
    {false, false, "cpu.stat", NULL},
    {false, false, "memory.events", NULL},
};

START_TEST(get)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR got = BW_STR_INIT;
    const char *const *files = gets[_i].without ? unlimited : gets[_i].v2 ? v2_files : v1_files;
    int r =
        bw_cg_plan_get(gets[_i].file, gets[_i].v2, fake, (void *)(size_t)files, &got, NULL, &err);
    ck_assert_msg((r == 0) == (gets[_i].value != NULL), "%s: %s", gets[_i].file, err.cause);
    if (r == 0)
        ck_assert_str_eq(bw_str_get(&got), gets[_i].value);
    else
        ck_assert_int_eq(err.code, ENOENT);
}
END_TEST

/* ---- kept as written ---- */

static const struct {
    const char *written, *kept;
    int result;
} kepts[] = {
    {"50000", "50000\n", 1},
    {"50000", "50000 100000\n", 1},
    {"40000", "50000 100000\n", -1},
    {"5000000", "4997120\n", 0},
    {"5000000", "8192\n", -1},
    {"64M", "67108864\n", 1},
    {"-1", "9223372036854771712\n", 1},
    {"max", "max\n", 1},
    {"-1", "4096\n", -1},
    {"999999999", "262144\n", -1},
    {"0,1", "0-1\n", 1},
    {"0-2", "0-1\n", -1},
    {"0", "0\n", 1},
    {"8:0 1024", "8:0 1024\n", 1},
    {"8:0 1024", "8:16 1\n8:0 1024\n", 1},
    {"8:0 1024", "8:0 2048\n", -1},
    {"8:0 1024", "", -1},
    {"8:0 0", "", 1},
    {"8:0 rbps=1024", "8:0 rbps=1024 wbps=max riops=max wiops=max\n", 1},
    {"8:0 rbps=1024 wbps=7", "8:0 rbps=1024 wbps=max riops=max wiops=max\n", -1},
    {"8:0 rbps=max", "", 1},
    {"1", "oom_kill_disable 1\nunder_oom 0\n", 1},
    {"on", "off\n", -1},
};

START_TEST(kept)
{
    ck_assert_msg(bw_cg_kept(kepts[_i].written, kepts[_i].kept) == kepts[_i].result, "%s / %s",
                  kepts[_i].written, kepts[_i].kept);
}
END_TEST

/* ---- names ---- */

static const struct {
    const char *file;
    int ctl;
} files[] = {
    {"cpu.max", BW_CG_CPU},
    {"cpuacct.usage", BW_CG_CPU},
    {"memory.limit_in_bytes", BW_CG_MEMORY},
    {"blkio.weight", BW_CG_IO},
    {"io.max", BW_CG_IO},
    {"cpuset.cpus", BW_CG_CPUSET},
    {"cgroup.kill", BW_CG_COUNT},
    {"cpu", -1},
    {"", -1},
    {".max", -1},
    {"cpu/../memory.max", -1},
    {"cpu..max", -1},
    {"../cpu.max", -1},
    {"devices.deny", -1},
    {"cpu.max\n", -1},
    {"cpu.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", -1},
};

START_TEST(file_ctl)
{
    ck_assert_msg(bw_cg_file_ctl(files[_i].file) == files[_i].ctl, "%s", files[_i].file);
}
END_TEST

static const struct {
    const char *text, *name, *path; /* path NULL: absent */
} lines[] = {
    {"4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d\n", "memory", "/a/b"},
    {"4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d\n", "cpu", "/c"},
    {"4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d\n", "cpuacct", "/c"},
    {"4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d\n", "", "/d"},
    {"4:memory:/a/b\n", "mem", NULL},
    {"4:memory:/a/b\n", "", NULL},
    {"9:name=systemd:/x\n0::/with:colon", "", "/with:colon"},
    {"9:name=systemd:/x\n", "systemd", NULL},
    {"", "cpu", NULL},
    {"rubbish\n:\n::\n", "cpu", NULL},
};

START_TEST(line)
{
    BW_AUTO_STR got = BW_STR_INIT;
    int r = bw_cg_line(lines[_i].text, lines[_i].name, &got);
    ck_assert_int_eq(r, lines[_i].path ? 0 : -1);
    if (r == 0)
        ck_assert_str_eq(got.s, lines[_i].path);
}
END_TEST

START_TEST(masks)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bw_cg_mask_names(1u << BW_CG_CPU | 1u << BW_CG_IO, &text);
    ck_assert_str_eq(text.s, "cpu io");
    ck_assert_uint_eq(bw_cg_mask_parse("cpuset cpu hugetlb\n"),
                      1u << BW_CG_CPU | 1u << BW_CG_CPUSET);
    ck_assert_uint_eq(bw_cg_mask_parse(""), 0);
    ck_assert_int_eq(bw_cg_by_name("blkio"), BW_CG_IO);
    ck_assert_int_eq(bw_cg_by_name("cpuacct"), BW_CG_CPU);
    ck_assert_int_eq(bw_cg_by_name("devices"), -1);
    ck_assert_int_eq(bw_cg_by_name(""), -1);
}
END_TEST

/* ---- libcgroup's options ---- */

static int parse(const char *options, bool program, struct cg_args *a, struct bw_err *err,
                 const char *const *words)
{
    static char *argv[16];
    int n = 0;
    for (; words[n]; n++)
        argv[n] = (char *)(size_t)words[n];
    argv[n] = NULL;
    return cg_args_parse(n, argv, options, program, a, err);
}

START_TEST(options)
{
    static struct cg_args a;
    struct bw_err err = BW_ERR_INIT;
    ck_assert_int_eq(parse("g:", true, &a, &err,
                           (const char *const[]){"cgexec", "-g", "cpu,memory:web", "-gpids:web",
                                                 "sh", "-c", "x", NULL}),
                     0);
    ck_assert_int_eq(a.n_g, 2);
    ck_assert_uint_eq(a.g[0].mask, 1u << BW_CG_CPU | 1u << BW_CG_MEMORY);
    ck_assert_str_eq(a.g[1].group, "web");
    ck_assert_str_eq(a.program[0], "sh");
    ck_assert_str_eq(a.program[1], "-c");
    ck_assert_ptr_null(a.program[3]);
    ck_assert_int_eq(parse("r:", false, &a, &err,
                           (const char *const[]){"cgset", "-r", "a=1", "x", "--", "-y", NULL}),
                     0);
    ck_assert_int_eq(a.n_name, 2);
    ck_assert_str_eq(a.name[1], "-y");
}
END_TEST

static const char *const wrong[][4] = {
    {"cgcreate", "-g", NULL},           {"cgcreate", "-g", "cpu:", NULL},
    {"cgcreate", "-g", "disk:x", NULL}, {"cgcreate", "-g", ":x", NULL},
    {"cgcreate", "-t", "a:b", NULL},    {"cgcreate", "-", NULL},
    {"cgcreate", "-nx", NULL},          {"cgcreate", "-g", "cpu,,memory:x", NULL},
};

START_TEST(wrong_options)
{
    static struct cg_args a;
    struct bw_err err = BW_ERR_INIT;
    ck_assert_int_eq(parse("g:n", false, &a, &err, wrong[_i]), -1);
    ck_assert_int_eq(err.status, BW_USAGE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cgroup");
    TCase *t = tcase_create("cgroup");
    tcase_add_loop_test(t, limit, 0, COUNT(limits));
    tcase_add_test(t, limit_of_a_directory);
    tcase_add_loop_test(t, set, 0, COUNT(sets));
    tcase_add_loop_test(t, get, 0, COUNT(gets));
    tcase_add_loop_test(t, kept, 0, COUNT(kepts));
    tcase_add_loop_test(t, file_ctl, 0, COUNT(files));
    tcase_add_loop_test(t, line, 0, COUNT(lines));
    tcase_add_test(t, masks);
    tcase_add_test(t, options);
    tcase_add_loop_test(t, wrong_options, 0, COUNT(wrong));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
