/* Control groups against the kernel, on v1, hybrid and v2. The test is a session's owner, its
 * children are the box. Before and after each test the host's groups are compared. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/cgroup.h"
#include "kern/observe.h"

static struct bw_cg_host host;
static struct bw_str before;

/* ---- the host as it was ---- */

static void add_groups(const char *mount, struct bw_str *out)
{
    char command[512], line[1024];
    if (!*mount)
        return;
    snprintf(command, sizeof command,
             "{ find %s -depth -name 'boxwright-*' -o -name 'bwtest-*'; "
             "cat %s/cgroup.subtree_control 2>/dev/null; }",
             mount, mount);
    FILE *f = popen(command, "r");
    ck_assert_ptr_nonnull(f);
    while (fgets(line, sizeof line, f)) {
        /* A session that runs beside the test is none of its own. */
        pid_t pid;
        const char *name = strstr(line, "/boxwright-");
        if (name && sscanf(name, "/boxwright-%d", &pid) == 1 && pid != getpid() &&
            kill(pid, 0) == 0)
            continue;
        bw_str_add(out, line);
    }
    pclose(f);
}

static void fingerprint(struct bw_str *out)
{
    for (int i = 0; i < BW_CG_COUNT; i++)
        add_groups(host.ctl[i].mount, out);
    add_groups(host.cpuacct, out);
    add_groups(host.unified, out);
}

static void setup(void)
{
    struct bw_err err = BW_ERR_INIT;
    ck_assert_int_eq(bw_cg_discover(&host, &err), 0);
    fingerprint(&before);
}

static void teardown(void)
{
    BW_AUTO_STR after = BW_STR_INIT;
    fingerprint(&after);
    ck_assert_str_eq(bw_str_get(&before), bw_str_get(&after));
    bw_str_free(&before);
}

/* ---- helpers ---- */

static bool skip(const char *test, const char *why)
{
    printf("SKIP %s: %s\n", test, why);
    return true;
}

/* Whether the test cannot run: the controllers have to be there and the groups writable. */
static bool lacks(const char *test, unsigned mask)
{
    if (geteuid() != 0)
        return skip(test, "only root makes control groups here");
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (mask & 1u << i && !host.ctl[i].present)
            return skip(test, "this kernel lacks a controller it needs");
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (mask & 1u << i && access(host.ctl[i].mount, W_OK))
            return skip(test, "the cgroup file system is read-only");
    return false;
}

#define CPU (1u << BW_CG_CPU)
#define MEMORY (1u << BW_CG_MEMORY)
#define PIDS (1u << BW_CG_PIDS)
#define CPUSET (1u << BW_CG_CPUSET)

#define OK(did) ck_assert_msg((did) == 0, "%s: %s %s", #did, err.call, err.cause)

static struct bw_cg *session(struct bw_err *err)
{
    struct bw_cg *cg = bw_cg_open(getpid(), NULL, NULL, err);
    ck_assert_msg(cg != NULL, "%s", err->cause);
    return cg;
}

/* A child that waits for a byte, then runs work and exits with its result. */
struct box {
    pid_t pid;
    int go;
};

static int wait_for_ever(void)
{
    pause();
    return 0;
}

static struct box box_start(int (*work)(void))
{
    int go[2];
    char c;
    ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
    struct box b = {.pid = fork(), .go = go[1]};
    ck_assert_int_ge(b.pid, 0);
    if (b.pid == 0) {
        close(go[1]);
        _exit(read(go[0], &c, 1) == 1 ? work() : 99);
    }
    close(go[0]);
    return b;
}

static void box_go(const struct box *b)
{
    ck_assert_int_eq(write(b->go, "", 1), 1);
}

static int box_wait(const struct box *b)
{
    int status;
    ck_assert_int_eq(waitpid(b->pid, &status, 0), b->pid);
    return status;
}

static void box_end(const struct box *b)
{
    kill(b->pid, SIGKILL);
    box_wait(b);
}

static char *path_of(pid_t pid, enum bw_cg_ctl ctl)
{
    BW_AUTO_STR path = BW_STR_INIT;
    ck_assert_int_eq(bw_cg_path_of(&host, pid, ctl, &path), 0);
    return bw_str_steal(&path);
}

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n >= k && strcmp(s + n - k, suffix) == 0;
}

static void read_in(const struct bw_cg *cg, const char *group, enum bw_cg_ctl ctl, const char *file,
                    char out[64])
{
    BW_AUTO_STR dir = BW_STR_INIT, text = BW_STR_INIT;
    ck_assert_int_eq(bw_cg_dir(cg, group, ctl, &dir), 0);
    bw_str_addf(&dir, "/%s", file);
    ck_assert_int_eq(bw_read_file(AT_FDCWD, dir.s, &text), 0);
    snprintf(out, 64, "%.*s", (int)strcspn(bw_str_get(&text), "\n"), bw_str_get(&text));
}

/* ---- tests ---- */

START_TEST(makes_limits_moves_and_removes)
{
    struct bw_err err = BW_ERR_INIT;
    char kept[64];
    if (lacks("makes_limits_moves_and_removes", CPU | MEMORY | PIDS))
        return;
    struct bw_cg *cg = session(&err);
    struct box b = box_start(wait_for_ever);
    BW_AUTO_FREE char *cpu = path_of(b.pid, BW_CG_CPU);
    BW_AUTO_FREE char *memory = path_of(b.pid, BW_CG_MEMORY);

    OK(bw_cg_create(cg, "box", CPU, &err));
    OK(bw_cg_limit(cg, "box", BW_CG_CPU, "50%", &err));
    OK(bw_cg_attach(cg, "box", CPU, b.pid, &err));
    OK(bw_cg_create(cg, "box", MEMORY | PIDS, &err));
    OK(bw_cg_limit(cg, "box", BW_CG_MEMORY, "64M", &err));
    OK(bw_cg_limit(cg, "box", BW_CG_PIDS, "20", &err));
    OK(bw_cg_attach(cg, "box", MEMORY | PIDS, b.pid, &err));
    ck_assert_uint_eq(bw_cg_controllers(cg, "box"), CPU | MEMORY | PIDS);

    bool v2 = host.ctl[BW_CG_CPU].v2;
    read_in(cg, "box", BW_CG_CPU, v2 ? "cpu.max" : "cpu.cfs_quota_us", kept);
    ck_assert_str_eq(kept, v2 ? "50000 100000" : "50000");
    read_in(cg, "box", BW_CG_MEMORY,
            host.ctl[BW_CG_MEMORY].v2 ? "memory.max" : "memory.limit_in_bytes", kept);
    ck_assert_str_eq(kept, "67108864");
    for (int i = BW_CG_CPU; i <= BW_CG_PIDS; i++) {
        BW_AUTO_FREE char *now = path_of(b.pid, (enum bw_cg_ctl)i);
        ck_assert_msg(has_suffix(now, "/box") && strstr(now, "/boxwright-"), "%s", now);
    }
    struct bw_cg_stats s;
    bw_cg_stats_read(&host, b.pid, &s);
    ck_assert_int_eq(s.cpu_quota_us, 50000);
    ck_assert_int_eq(s.cpu_period_us, 100000);
    ck_assert_int_ge(s.cpu_usage_us, 0);
    ck_assert_int_eq(s.mem_limit, 67108864);
    ck_assert_int_eq(s.pids_limit, 20);
    ck_assert_int_eq(s.pids_current, 1);

    OK(bw_cg_remove_all(cg, &err));
    BW_AUTO_FREE char *cpu_after = path_of(b.pid, BW_CG_CPU);
    BW_AUTO_FREE char *memory_after = path_of(b.pid, BW_CG_MEMORY);
    ck_assert_str_eq(cpu, cpu_after);
    ck_assert_str_eq(memory, memory_after);
    ck_assert_uint_eq(bw_cg_controllers(cg, "box"), 0);
    box_end(&b);
    bw_cg_free(cg);
}
END_TEST

START_TEST(cpuset_takes_a_process)
{
    struct bw_err err = BW_ERR_INIT;
    cpu_set_t set;
    if (lacks("cpuset_takes_a_process", CPUSET))
        return;
    struct bw_cg *cg = session(&err);
    struct box b = box_start(wait_for_ever);
    OK(bw_cg_create(cg, "box", CPUSET, &err));
    OK(bw_cg_limit(cg, "box", BW_CG_CPUSET, "0", &err));
    OK(bw_cg_attach(cg, "box", CPUSET, b.pid, &err));
    ck_assert_int_eq(sched_getaffinity(b.pid, sizeof set, &set), 0);
    ck_assert_int_eq(CPU_COUNT(&set), 1);
    ck_assert(CPU_ISSET(0, &set));
    box_end(&b);
    OK(bw_cg_remove_all(cg, &err));
    bw_cg_free(cg);
}
END_TEST

START_TEST(translates_files)
{
    struct bw_err err = BW_ERR_INIT;
    if (lacks("translates_files", CPU | MEMORY))
        return;
    bool v2 = host.ctl[BW_CG_CPU].v2;
    struct bw_cg *cg = session(&err);
    BW_AUTO_STR said = BW_STR_INIT, got = BW_STR_INIT;
    OK(bw_cg_create(cg, "web", CPU | MEMORY, &err));
    OK(bw_cg_set(cg, "web", "cpu.cfs_quota_us", "25000", &said, &err));
    ck_assert_int_eq(said.len > 0, v2);
    OK(bw_cg_get(cg, "web", "cpu.max", &got, NULL, &err));
    ck_assert_str_eq(got.s, "25000 100000");
    bw_str_clear(&said);
    OK(bw_cg_set(cg, "web", "cpu.max", "30000 60000", &said, &err));
    ck_assert_int_eq(said.len > 0, !v2);
    bw_str_clear(&got);
    OK(bw_cg_get(cg, "web", "cpu.cfs_period_us", &got, NULL, &err));
    ck_assert_str_eq(got.s, "60000");
    OK(bw_cg_set(cg, "web", "memory.limit_in_bytes", "5000000", &said, &err));
    ck_assert_ptr_nonnull(strstr(said.s, "keeps 4997120"));
    bw_str_clear(&got);
    OK(bw_cg_get(cg, "web", "memory.max", &got, NULL, &err));
    ck_assert_str_eq(got.s, "4997120");
    OK(bw_cg_remove_all(cg, &err));
    bw_cg_free(cg);
}
END_TEST

static const struct {
    const char *file, *value;
    int code, status; /* code 0: boxwright refuses */
} refused[] = {
    {"cpu.cfs_quota_us", "500", EINVAL, BW_REFUSED},
    {"cpu.max", "50000 1", EINVAL, BW_REFUSED},
    {"cpu.cfs_quota_us", "half", -1, BW_REFUSED},
    {"cpu.max", "half", -1, BW_REFUSED},
    {"cpu.nothing", "1", ENOENT, BW_REFUSED},
    {"cgroup.procs", "1", 0, BW_USAGE},
    {"tasks", "1", 0, BW_USAGE},
    {"memory.max", "1M", 0, BW_REFUSED},
    {"../cpu.max", "1", 0, BW_USAGE},
    {"cpu.max", "", 0, BW_USAGE},
};

START_TEST(refuses_and_changes_nothing)
{
    struct bw_err err = BW_ERR_INIT;
    if (lacks("refuses_and_changes_nothing", CPU))
        return;
    struct bw_cg *cg = session(&err);
    BW_AUTO_STR was = BW_STR_INIT, now = BW_STR_INIT;
    OK(bw_cg_create(cg, "web", CPU, &err));
    OK(bw_cg_set(cg, "web", "cpu.max", "20000 50000", NULL, &err));
    OK(bw_cg_get(cg, "web", "cpu.max", &was, NULL, &err));
    ck_assert_int_eq(bw_cg_set(cg, "web", refused[_i].file, refused[_i].value, NULL, &err), -1);
    /* What is written untranslated the kernel refuses, what is translated boxwright. */
    if (refused[_i].code >= 0) {
        ck_assert_int_eq(err.code, refused[_i].code);
        ck_assert_int_eq(err.status, refused[_i].status);
    }
    ck_assert(*err.cause || *err.call);
    OK(bw_cg_get(cg, "web", "cpu.max", &now, NULL, &err));
    ck_assert_str_eq(was.s, now.s);
    OK(bw_cg_remove_all(cg, &err));
    bw_cg_free(cg);
}
END_TEST

static const struct {
    const char *group;
    unsigned mask;
    int status;
} bad_groups[] = {
    {"", CPU, BW_USAGE},     {"..", CPU, BW_USAGE},
    {"a/b", CPU, BW_USAGE},  {"../../x", CPU, BW_USAGE},
    {".x", CPU, BW_USAGE},   {"a b", CPU, BW_USAGE},
    {"a\nb", CPU, BW_USAGE}, {"-x", CPU, BW_USAGE},
    {"x", 0, BW_USAGE},      {"cgroup.procs", CPU, BW_REFUSED},
};

START_TEST(refuses_groups)
{
    struct bw_err err = BW_ERR_INIT;
    if (lacks("refuses_groups", CPU))
        return;
    struct bw_cg *cg = session(&err);
    int r = bw_cg_create(cg, bad_groups[_i].group, bad_groups[_i].mask, &err);
    ck_assert_msg(r == -1, "%s", bad_groups[_i].group);
    ck_assert_int_eq(err.status, bad_groups[_i].status);
    ck_assert_uint_eq(bw_cg_controllers(cg, bad_groups[_i].group), 0);
    bw_cg_free(cg);
}
END_TEST

static int spin(void)
{
    struct timespec t, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += 20;
    do
        clock_gettime(CLOCK_MONOTONIC, &t);
    while (t.tv_sec < end.tv_sec);
    return 0;
}

static double cpu_seconds(pid_t pid)
{
    clockid_t id;
    struct timespec t;
    ck_assert_int_eq(clock_getcpuclockid(pid, &id), 0);
    ck_assert_int_eq(clock_gettime(id, &t), 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Percent of one core that a process uses in a while, as seen from outside. */
static double share_for(pid_t pid, int ms)
{
    struct timespec a, b;
    double used = cpu_seconds(pid);
    clock_gettime(CLOCK_MONOTONIC, &a);
    poll(NULL, 0, ms);
    used = cpu_seconds(pid) - used;
    clock_gettime(CLOCK_MONOTONIC, &b);
    return used / ((double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9) * 100;
}

START_TEST(holds_half_a_core)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_cg_stats s;
    double share = 0;
    if (lacks("holds_half_a_core", CPU))
        return;
    struct bw_cg *cg = session(&err);
    struct box box = box_start(spin);
    OK(bw_cg_create(cg, "box", CPU, &err));
    OK(bw_cg_limit(cg, "box", BW_CG_CPU, "50%", &err));
    OK(bw_cg_attach(cg, "box", CPU, box.pid, &err));
    box_go(&box);
    poll(NULL, 0, 300);
    /* On a busy machine it may get less for a while; never more. */
    bw_cg_stats_read(&host, box.pid, &s);
    for (int i = 0; i < 4 && (share < 45 || s.nr_throttled == 0); i++) {
        share = share_for(box.pid, 2000);
        ck_assert_msg(share < 55, "%.1f %%", share);
        bw_cg_stats_read(&host, box.pid, &s);
    }
    box_end(&box);
    OK(bw_cg_remove_all(cg, &err));
    ck_assert_int_gt(s.cpu_usage_us, 0);
    ck_assert_int_gt(s.nr_periods, 0);
    /* What never gets half a core is never throttled. */
    if (share >= 49 || s.nr_throttled > 0) {
        ck_assert_int_gt(s.nr_throttled, 0);
        ck_assert_int_gt(s.throttled_us, 0);
    } else {
        printf("SKIP holds_half_a_core: the machine is busy, it got %.1f %%\n", share);
    }
    bw_cg_free(cg);
}
END_TEST

static int eat(void)
{
    size_t n = 64u << 20;
    char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return 98;
    memset(p, 1, n);
    return 0;
}

START_TEST(kills_over_the_memory_limit)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;
    if (lacks("kills_over_the_memory_limit", MEMORY))
        return;
    struct bw_cg *cg = session(&err);
    struct box b = box_start(eat);
    OK(bw_cg_create(cg, "box", MEMORY, &err));
    OK(bw_cg_limit(cg, "box", BW_CG_MEMORY, "16M", &err));
    OK(bw_cg_attach(cg, "box", MEMORY, b.pid, &err));
    box_go(&b);
    int status = box_wait(&b);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %#x", status);
    bool v2 = host.ctl[BW_CG_MEMORY].v2;
    OK(bw_cg_get(cg, "box", v2 ? "memory.events" : "memory.oom_control", &text, NULL, &err));
    ck_assert_msg(strstr(text.s, "oom_kill 1") != NULL, "%s", text.s);
    OK(bw_cg_remove_all(cg, &err));
    bw_cg_free(cg);
}
END_TEST

static int fork_some(void)
{
    for (int i = 0; i < 10; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            pause();
            _exit(0);
        }
        if (pid < 0)
            return errno == EAGAIN ? i : 97;
    }
    return 96;
}

START_TEST(stops_forking_at_the_pids_limit)
{
    struct bw_err err = BW_ERR_INIT;
    if (lacks("stops_forking_at_the_pids_limit", PIDS))
        return;
    struct bw_cg *cg = session(&err);
    struct box b = box_start(fork_some);
    OK(bw_cg_create(cg, "box", PIDS, &err));
    OK(bw_cg_limit(cg, "box", BW_CG_PIDS, "4", &err));
    OK(bw_cg_attach(cg, "box", PIDS, b.pid, &err));
    box_go(&b);
    ck_assert_int_eq(WEXITSTATUS(box_wait(&b)), 3);
    /* The three children were left; reap kills them with the group. */
    BW_AUTO_STR dir = BW_STR_INIT;
    ck_assert_int_eq(bw_cg_dir(cg, "box", BW_CG_PIDS, &dir), 0);
    *strrchr(dir.s, '/') = '\0';
    ck_assert_int_eq(bw_cg_reap(dir.s), 0);
    ck_assert_int_ne(access(dir.s, F_OK), 0);
    bw_cg_free(cg);
}
END_TEST

START_TEST(reaps_only_its_own)
{
    BW_AUTO_STR dir = BW_STR_INIT;
    char real[] = "/tmp/bwtest-XXXXXX";
    if (lacks("reaps_only_its_own", PIDS))
        return;
    bw_str_addf(&dir, "%s/bwtest-group", host.ctl[BW_CG_PIDS].mount);
    ck_assert_int_eq(mkdir(dir.s, 0755), 0);
    ck_assert_int_eq(bw_cg_reap(dir.s), -1);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(rmdir(dir.s), 0);
    /* Named like a session, but no control group. */
    ck_assert_ptr_nonnull(mkdtemp(real));
    bw_str_clear(&dir);
    bw_str_addf(&dir, "%s/boxwright-1-1", real);
    ck_assert_int_eq(mkdir(dir.s, 0755), 0);
    ck_assert_int_eq(bw_cg_reap(dir.s), -1);
    ck_assert_int_eq(rmdir(dir.s), 0);
    ck_assert_int_eq(rmdir(real), 0);
    ck_assert_int_eq(bw_cg_reap("boxwright-1-1"), -1);
    ck_assert_int_eq(bw_cg_reap("/"), -1);
}
END_TEST

/* A session that is killed without an end: its pid and box's pid are told. */
static pid_t doomed(pid_t *box)
{
    int told[2];
    ck_assert_int_eq(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct bw_err err = BW_ERR_INIT;
        struct bw_cg *cg = bw_cg_open(getpid(), NULL, NULL, &err);
        pid_t child = fork();
        if (child == 0) {
            setsid();
            wait_for_ever();
        }
        bool ok = cg && bw_cg_create(cg, "box", PIDS, &err) == 0 &&
                  bw_cg_attach(cg, "box", PIDS, child, &err) == 0;
        if (!ok)
            fprintf(stderr, "%s %s\n", err.call, err.cause);
        child = ok ? child : -1;
        if (write(told[1], &child, sizeof child) == sizeof child)
            wait_for_ever();
        _exit(1);
    }
    ck_assert_int_eq(read(told[0], box, sizeof *box), sizeof *box);
    close(told[0]);
    close(told[1]);
    return pid;
}

START_TEST(cleans_up_after_the_dead)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR report = BW_STR_INIT;
    char name[64];
    pid_t box = -1;
    if (lacks("cleans_up_after_the_dead", PIDS))
        return;
    pid_t owner = doomed(&box);
    ck_assert_int_gt(box, 0);
    snprintf(name, sizeof name, "boxwright-%d-", (int)owner);
    bw_cg_cleanup(&report, &err);
    ck_assert_msg(strstr(bw_str_get(&report), name) == NULL, "a live session: %s", report.s);
    kill(owner, SIGKILL);
    ck_assert_int_eq(waitpid(owner, NULL, 0), owner);
    bw_str_clear(&report);
    ck_assert_int_ge(bw_cg_cleanup(&report, &err), 1);
    ck_assert_msg(strstr(bw_str_get(&report), name) != NULL, "%s", bw_str_get(&report));
    snprintf(name, sizeof name, "killed process %d (kern-cgroup): it was in /", (int)box);
    ck_assert_msg(strstr(bw_str_get(&report), name) != NULL, "%s", bw_str_get(&report));
    for (int i = 0; i < 100 && kill(box, 0) == 0; i++) {
        struct bw_status_file f;
        if (bw_status_read(box, &f) == 0 && f.state == 'Z')
            break;
        poll(NULL, 0, 10);
    }
    struct bw_status_file f;
    ck_assert(bw_status_read(box, &f) != 0 || f.state == 'Z');
}
END_TEST

START_TEST(sessions_never_meet)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR mine = BW_STR_INIT;
    pid_t box = -1;
    if (lacks("sessions_never_meet", PIDS))
        return;
    pid_t other = doomed(&box);
    ck_assert_int_gt(box, 0);
    struct bw_cg *cg = session(&err);
    OK(bw_cg_create(cg, "box", PIDS, &err));
    ck_assert_int_eq(bw_cg_dir(cg, "box", BW_CG_PIDS, &mine), 0);
    BW_AUTO_FREE char *its = path_of(box, BW_CG_PIDS);
    ck_assert(!has_suffix(mine.s, its));
    /* The one that leaves first must not take the controller from the other. */
    OK(bw_cg_remove_all(cg, &err));
    struct bw_cg_stats s;
    bw_cg_stats_read(&host, box, &s);
    ck_assert_int_eq(s.pids_current, 1);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    BW_AUTO_STR report = BW_STR_INIT;
    ck_assert_int_ge(bw_cg_cleanup(&report, &err), 1);
    bw_cg_free(cg);
}
END_TEST

START_TEST(refuses_an_ordinary_user)
{
    if (lacks("refuses_an_ordinary_user", CPU))
        return;
    pid_t pid = fork();
    if (pid == 0) {
        struct bw_err err = BW_ERR_INIT;
        if (setgid(65534) || setuid(65534))
            _exit(2);
        struct bw_cg *cg = bw_cg_open(getpid(), NULL, NULL, &err);
        if (!cg || bw_cg_create(cg, "box", CPU, &err) == 0)
            _exit(3);
        _exit(err.code == EACCES && *err.cause && strstr(err.todo, "sudo boxwright") &&
                      bw_cg_controllers(cg, "box") == 0
                  ? 0
                  : 4);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(unprovided_counters_are_null)
{
    struct bw_cg_stats s;
    if (host.version == BW_CG_NONE) {
        skip("unprovided_counters_are_null", "no control groups here");
        return;
    }
    bw_cg_stats_read(&host, getpid(), &s);
    BW_AUTO_STR path = BW_STR_INIT;
    if (host.ctl[BW_CG_CPU].v2 && bw_cg_path_of(&host, getpid(), BW_CG_CPU, &path) == 0 &&
        strcmp(path.s, "/") == 0) {
        ck_assert_int_eq(s.cpu_period_us, -1);
        ck_assert_int_eq(s.nr_throttled, -1);
        ck_assert_int_eq(s.mem_current, -1);
        ck_assert_int_eq(s.pids_limit, -1);
    }
    bw_cg_stats_read(&host, 0x7ffffff0, &s);
    ck_assert_int_eq(s.cpu_usage_us, -1);
    ck_assert_int_eq(s.rbytes, -1);
}
END_TEST

/* ---- v2: the own group is not the root ---- */

/* Enters a new group below the root and runs work there as a session's owner; in it is nothing
 * else but, with stranger, one process more. */
static void in_own_group(const char *name, bool stranger, int (*work)(void))
{
    char dir[320], procs[340], pid_text[16];
    snprintf(dir, sizeof dir, "%s/bwtest-%s", host.unified, name);
    snprintf(procs, sizeof procs, "%s/cgroup.procs", dir);
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    struct box other = box_start(wait_for_ever);
    struct box owner = box_start(work);
    for (int i = stranger ? 0 : 1; i < 2; i++) {
        int fd = open(procs, O_WRONLY | O_CLOEXEC);
        int n = snprintf(pid_text, sizeof pid_text, "%d", (int)(i ? owner.pid : other.pid));
        ck_assert_int_eq(write(fd, pid_text, (size_t)n), n);
        close(fd);
    }
    box_go(&owner);
    int status = box_wait(&owner);
    box_end(&other);
    for (int i = 0; i < 100 && rmdir(dir) && errno == EBUSY; i++)
        poll(NULL, 0, 10);
    ck_assert_msg(access(dir, F_OK) != 0, "%s is left", dir);
    ck_assert_msg(status == 0, "exit status %d", WEXITSTATUS(status));
}

static bool not_v2(const char *test)
{
    unsigned mask = CPU | PIDS;
    if (lacks(test, mask))
        return true;
    if (!host.ctl[BW_CG_CPU].v2 || !host.ctl[BW_CG_PIDS].v2)
        return skip(test, "the controllers are on v1 here");
    BW_AUTO_FREE char *own = path_of(getpid(), BW_CG_CPU);
    if (strcmp(own, "/") != 0 || access("/run/systemd/system", F_OK) == 0)
        return skip(test, "this is not a v2 root without systemd");
    return false;
}

static int count_in(const char *dir)
{
    BW_AUTO_STR path = BW_STR_INIT, text = BW_STR_INIT;
    int n = 0;
    bw_str_addf(&path, "%s/cgroup.procs", dir);
    if (bw_read_file(AT_FDCWD, path.s, &text))
        return -1;
    for (const char *p = bw_str_get(&text); *p; p++)
        n += *p == '\n';
    return n;
}

static int alone(void)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR home = BW_STR_INIT, now = BW_STR_INIT;
    struct bw_cg *cg = bw_cg_open(getpid(), NULL, NULL, &err);
    struct box b = box_start(wait_for_ever);
    bw_cg_path_of(&host, getpid(), BW_CG_CPU, &home);
    for (int round = 0; round < 2; round++) {
        if (bw_cg_create(cg, "box", CPU | PIDS, &err) ||
            bw_cg_limit(cg, "box", BW_CG_CPU, "50%", &err) ||
            bw_cg_attach(cg, "box", CPU | PIDS, b.pid, &err)) {
            fprintf(stderr, "%s %s\n", err.call, err.cause);
            return 1;
        }
        BW_AUTO_STR dir = BW_STR_INIT;
        bw_cg_dir(cg, "box", BW_CG_CPU, &dir);
        if (count_in(dir.s) != 1)
            return 2;
        if (bw_cg_remove_all(cg, &err)) {
            fprintf(stderr, "%s %s\n", err.call, err.cause);
            return 3;
        }
    }
    bw_cg_path_of(&host, getpid(), BW_CG_CPU, &now);
    box_end(&b);
    bw_cg_free(cg);
    return strcmp(home.s, now.s) == 0 ? 0 : 4;
}

START_TEST(empties_its_own_group_first)
{
    if (not_v2("empties_its_own_group_first"))
        return;
    in_own_group("alone", false, alone);
}
END_TEST

static int crowded(void)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_cg *cg = bw_cg_open(getpid(), NULL, NULL, &err);
    int code = 0;
    for (int i = 0; i < 2; i++) {
        /* cpu is a threaded controller: the kernel refuses one level below. */
        if (bw_cg_create(cg, "box", i ? CPU : MEMORY, &err) == 0)
            return 1;
        if (err.code != (i ? EOPNOTSUPP : EBUSY) || !strstr(err.cause, "not boxwright's"))
            code = 2;
        if (code)
            fprintf(stderr, "%d: %s %s\n", i, err.call, err.cause);
    }
    bw_cg_free(cg);
    return code;
}

START_TEST(refuses_among_strangers)
{
    if (not_v2("refuses_among_strangers") || lacks("refuses_among_strangers", MEMORY))
        return;
    in_own_group("crowded", true, crowded);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cgroup");
    TCase *t = tcase_create("cgroup");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, makes_limits_moves_and_removes);
    tcase_add_test(t, cpuset_takes_a_process);
    tcase_add_test(t, translates_files);
    tcase_add_loop_test(t, refuses_and_changes_nothing, 0,
                        (int)(sizeof refused / sizeof refused[0]));
    tcase_add_loop_test(t, refuses_groups, 0, (int)(sizeof bad_groups / sizeof bad_groups[0]));
    tcase_add_test(t, holds_half_a_core);
    tcase_add_test(t, kills_over_the_memory_limit);
    tcase_add_test(t, stops_forking_at_the_pids_limit);
    tcase_add_test(t, reaps_only_its_own);
    tcase_add_test(t, cleans_up_after_the_dead);
    tcase_add_test(t, sessions_never_meet);
    tcase_add_test(t, refuses_an_ordinary_user);
    tcase_add_test(t, unprovided_counters_are_null);
    tcase_add_test(t, empties_its_own_group_first);
    tcase_add_test(t, refuses_among_strangers);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
