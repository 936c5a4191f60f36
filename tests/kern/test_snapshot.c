/* model/snapshot against the kernel: boxes are made for real in children, and what is observed of
 * them from outside has to be so. As an ordinary user each box has a user namespace of its own. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "model/diff.h"
#include "model/snapshot.h"

/* A child that makes itself a box, says so, and waits to be killed. go lets it take a second step.
 */
struct box {
    pid_t pid;
    int said, go;
};

static void say(int fd)
{
    if (write(fd, "", 1) != 1)
        _exit(1);
}

/* Blocks until the box is ready, or returns false with the reason printed when it could not be. */
static bool ready(const struct box *b, const char *name)
{
    char c;

    if (read(b->said, &c, 1) == 1)
        return true;
    printf("SKIP %s: the kernel refuses these namespaces here\n", name);
    return false;
}

static struct box start(void (*inside)(int say_to, int wait_on))
{
    int said[2], go[2];
    struct box b;

    ck_assert_int_eq(pipe2(said, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
    b.pid = fork();
    ck_assert_int_ge(b.pid, 0);
    if (b.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(said[0]);
        close(go[1]);
        inside(said[1], go[0]);
        for (;;)
            pause();
    }
    close(said[1]);
    close(go[0]);
    b.said = said[0];
    b.go = go[1];
    return b;
}

static void stop(struct box *b)
{
    kill(b->pid, SIGKILL);
    ck_assert_int_eq(waitpid(b->pid, NULL, 0), b->pid);
    close(b->said);
    close(b->go);
}

static void own(int flags)
{
    if (unshare(flags | (geteuid() ? CLONE_NEWUSER : 0)))
        _exit(1);
}

static void wait_for(int fd)
{
    char c;

    if (read(fd, &c, 1) != 1)
        _exit(1);
}

static void take(pid_t pid, unsigned parts, struct bw_snapshot *s)
{
    struct bw_err err = BW_ERR_INIT;

    ck_assert_msg(bw_snapshot_take(pid, parts, s, &err) == 0, "%s: %s", err.call, err.cause);
}

static unsigned owned(const struct bw_snapshot *s)
{
    unsigned mask = 0;

    for (int i = 0; i < BW_NS_COUNT; i++)
        mask |= s->ns[i].own ? 1u << i : 0;
    return mask;
}

static const struct bw_snap_process *process(const struct bw_snapshot *s, pid_t pid)
{
    for (size_t i = 0; i < s->n_processes; i++)
        if (s->processes[i].pid == pid)
            return &s->processes[i];
    return NULL;
}

static void no_step(int to, int from)
{
    (void)from;
    say(to);
}

START_TEST(observes_itself)
{
    struct bw_snapshot s;
    struct box child = start(no_step);
    char name[256] = "";

    ck_assert(ready(&child, "observes_itself"));
    take(getpid(), BW_SNAP_ALL, &s);
    gethostname(name, sizeof name - 1);
    ck_assert_uint_eq(owned(&s), 0);
    for (int i = 0; i < BW_NS_COUNT; i++)
        ck_assert_uint_eq(s.ns[i].inode, s.ns[i].host);
    ck_assert_uint_eq(s.ns[BW_NS_PID].for_children, s.ns[BW_NS_PID].inode);
    ck_assert_int_eq(s.pid, getpid());
    ck_assert_str_eq(s.root, "/");
    ck_assert_str_eq(s.hostname, name);
    ck_assert_int_gt(s.n_uid_map, 0);
    ck_assert(s.mounts_known);
    ck_assert_uint_gt(s.mounts.n, 0);
    ck_assert_uint_eq(s.n_processes, 2);
    ck_assert_ptr_nonnull(process(&s, getpid()));
    ck_assert_ptr_nonnull(process(&s, child.pid));
    bw_snapshot_free(&s);
    take(getpid(), BW_SNAP_CORE, &s);
    ck_assert_uint_eq(s.mounts.n + s.n_processes, 0);
    ck_assert(!s.mounts_known);
    ck_assert_int_eq(s.cg.cpu_period_us, -1);
    bw_snapshot_free(&s);
    stop(&child);
}
END_TEST

static void named(int to, int from)
{
    own(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
    if (sethostname("bw-test", 7))
        _exit(1);
    say(to);
    wait_for(from);
    if (sethostname("\xff\x1b[1m", 5))
        _exit(1);
    say(to);
}

START_TEST(tells_own_from_shared)
{
    struct bw_snapshot s, t;
    struct bw_diff d;
    struct box b = start(named);
    unsigned want = 1u << BW_NS_UTS | 1u << BW_NS_IPC | 1u << BW_NS_NET;
    char before[256] = "", after[256] = "";

    gethostname(before, sizeof before - 1);
    if (ready(&b, "tells_own_from_shared")) {
        take(b.pid, BW_SNAP_ALL, &s);
        ck_assert_uint_eq(owned(&s) & ~(1u << BW_NS_USER), want);
        ck_assert_str_eq(s.hostname, "bw-test");
        ck_assert_uint_eq(s.n_processes, 1);
        say(b.go);
        ck_assert(ready(&b, "second name"));
        take(b.pid, BW_SNAP_ALL, &t);
        ck_assert_str_eq(t.hostname, "\xff\x1b[1m");
        bw_diff_make(&s, &t, BW_SNAP_CORE | BW_SNAP_MOUNTS, &d);
        ck_assert_uint_eq(d.n, 1);
        ck_assert_str_eq(d.line[0], "hostname  bw-test -> \xff\x1b[1m");
        bw_diff_free(&d);
        bw_snapshot_free(&s);
        bw_snapshot_free(&t);
    }
    gethostname(after, sizeof after - 1);
    ck_assert_str_eq(before, after);
    stop(&b);
}
END_TEST

/* The UTS namespace is older than the user namespace, and belongs to the one outside. */
static void nested(int to, int from)
{
    (void)from;
    if (unshare(CLONE_NEWUTS) || sethostname("outer", 5) || unshare(CLONE_NEWUSER))
        _exit(1);
    say(to);
}

START_TEST(reads_a_name_owned_outside)
{
    struct bw_snapshot s;

    if (geteuid()) {
        printf("SKIP reads_a_name_owned_outside: needs root\n");
        return;
    }
    struct box b = start(nested);
    if (ready(&b, "reads_a_name_owned_outside")) {
        take(b.pid, BW_SNAP_CORE, &s);
        ck_assert(s.ns[BW_NS_USER].own);
        ck_assert_ptr_nonnull(s.hostname);
        ck_assert_str_eq(s.hostname, "outer");
        ck_assert_int_eq(s.n_uid_map, 0);
        bw_snapshot_free(&s);
    }
    stop(&b);
}
END_TEST

static void fork_later(int to, int from)
{
    own(CLONE_NEWPID);
    say(to);
    wait_for(from);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (fork() == 0) {
            say(to);
            for (;;)
                pause();
        }
        for (;;)
            pause();
    }
}

START_TEST(follows_pid_for_children)
{
    struct bw_snapshot s, inner;
    struct box b = start(fork_later);

    if (ready(&b, "follows_pid_for_children")) {
        take(b.pid, BW_SNAP_CORE, &s);
        ck_assert(!s.ns[BW_NS_PID].own);
        ck_assert_uint_eq(s.ns[BW_NS_PID].for_children, 0);
        bw_snapshot_free(&s);
        say(b.go);
        ck_assert(ready(&b, "the child"));
        take(b.pid, BW_SNAP_ALL, &s);
        ck_assert_uint_ne(s.ns[BW_NS_PID].for_children, 0);
        ck_assert_uint_ne(s.ns[BW_NS_PID].for_children, s.ns[BW_NS_PID].inode);
        ck_assert_uint_eq(s.n_processes, 3);
        pid_t first = s.processes[0].pid == b.pid ? s.processes[1].pid : s.processes[0].pid;
        take(first, BW_SNAP_ALL, &inner);
        ck_assert(inner.ns[BW_NS_PID].own);
        ck_assert_uint_eq(inner.ns[BW_NS_PID].inode, s.ns[BW_NS_PID].for_children);
        ck_assert_int_eq(inner.nspid, 1);
        /* Those of the namespace, and not the one that made it. */
        ck_assert_uint_eq(inner.n_processes, 2);
        ck_assert_ptr_null(process(&inner, b.pid));
        const struct bw_snap_process *one = process(&inner, first);
        ck_assert_ptr_nonnull(one);
        ck_assert_int_eq(one->nspid, 1);
        ck_assert_int_eq(inner.processes[0].nspid + inner.processes[1].nspid, 3);
        bw_snapshot_free(&s);
        bw_snapshot_free(&inner);
    }
    stop(&b);
}
END_TEST

static void user(int to, int from)
{
    (void)from;
    if (unshare(CLONE_NEWUSER))
        _exit(1);
    say(to);
}

START_TEST(reads_maps)
{
    struct bw_snapshot s;
    struct box b = start(user);
    char path[64], map[64];

    if (ready(&b, "reads_maps")) {
        take(b.pid, BW_SNAP_CORE, &s);
        ck_assert_uint_eq(owned(&s), 1u << BW_NS_USER);
        ck_assert_int_eq(s.n_uid_map, 0);
        ck_assert_int_eq(s.n_gid_map, 0);
        ck_assert_uint_ne(s.capabilities, 0);
        bw_snapshot_free(&s);
        snprintf(path, sizeof path, "/proc/%d/uid_map", (int)b.pid);
        int n = snprintf(map, sizeof map, "7 %u 1", (unsigned)geteuid());
        BW_AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(write(fd, map, (size_t)n), n);
        take(b.pid, BW_SNAP_CORE, &s);
        ck_assert_int_eq(s.n_uid_map, 1);
        ck_assert_uint_eq(s.uid_map[0].inside, 7);
        ck_assert_uint_eq(s.uid_map[0].outside, geteuid());
        ck_assert_uint_eq(s.uid_map[0].count, 1);
        ck_assert_int_eq(s.n_gid_map, 0);
        bw_snapshot_free(&s);
    }
    stop(&b);
}
END_TEST

static char where[64];

static void mounts(int to, int from)
{
    own(CLONE_NEWNS);
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
        _exit(1);
    say(to);
    wait_for(from);
    if (mount("bw-test", where, "tmpfs", 0, NULL))
        _exit(1);
    say(to);
    wait_for(from);
    if (chroot(where) || chdir("/"))
        _exit(1);
    say(to);
}

static void assert_line(const struct bw_diff *d, const char *want)
{
    bool found = false;

    for (size_t i = 0; i < d->n; i++)
        found |= strcmp(d->line[i], want) == 0;
    ck_assert_msg(found, "no line \"%s\", first is \"%s\"", want, d->n ? d->line[0] : "");
}

START_TEST(sees_mounts_and_root)
{
    struct bw_snapshot s, t, u;
    struct bw_diff d;
    char want[128];
    const char *tmp = getenv("TMPDIR");

    snprintf(where, sizeof where, "%.40s/bwsnapXXXXXX", tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(where));
    struct box b = start(mounts);
    if (ready(&b, "sees_mounts_and_root")) {
        take(b.pid, BW_SNAP_CORE | BW_SNAP_MOUNTS, &s);
        ck_assert(s.ns[BW_NS_MNT].own);
        say(b.go);
        ck_assert(ready(&b, "the mount"));
        take(b.pid, BW_SNAP_CORE | BW_SNAP_MOUNTS, &t);
        ck_assert_uint_eq(t.mounts.n, s.mounts.n + 1);
        bw_diff_make(&s, &t, BW_SNAP_ALL, &d);
        ck_assert_uint_eq(d.n, 1);
        snprintf(want, sizeof want, "mount + %s (tmpfs)", where);
        assert_line(&d, want);
        bw_diff_free(&d);
        say(b.go);
        ck_assert(ready(&b, "the chroot"));
        take(b.pid, BW_SNAP_CORE | BW_SNAP_MOUNTS, &u);
        ck_assert_str_eq(u.root, where);
        ck_assert_uint_eq(u.mounts.n, 1);
        ck_assert_str_eq(u.mounts.v[0].target, "/");
        bw_diff_make(&t, &u, BW_SNAP_ALL, &d);
        snprintf(want, sizeof want, "root    / -> %s", where);
        assert_line(&d, want);
        bw_diff_free(&d);
        bw_snapshot_free(&s);
        bw_snapshot_free(&t);
        bw_snapshot_free(&u);
    }
    stop(&b);
    ck_assert_int_eq(rmdir(where), 0);
}
END_TEST

static void less(int to, int from)
{
    struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog prog = {1, all};

    (void)from;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &prog, 0, 0))
        _exit(1);
    say(to);
}

START_TEST(reads_privilege)
{
    struct bw_snapshot s;
    struct box b = start(less);

    if (ready(&b, "reads_privilege")) {
        take(b.pid, BW_SNAP_CORE, &s);
        ck_assert_int_eq(s.no_new_privs, 1);
        ck_assert_int_eq(s.seccomp, 2);
        bw_snapshot_free(&s);
    }
    stop(&b);
}
END_TEST

static void assert_refused(pid_t pid, int code, const char *cause)
{
    struct bw_snapshot s;
    struct bw_err err = BW_ERR_INIT;

    ck_assert_int_eq(bw_snapshot_take(pid, BW_SNAP_ALL, &s, &err), -1);
    ck_assert_int_eq(err.status, BW_REFUSED);
    ck_assert_int_eq(err.code, code);
    ck_assert_msg(strstr(err.cause, cause) != NULL, "%s", err.cause);
    ck_assert_str_ne(err.todo, "");
    bw_snapshot_free(&s);
}

START_TEST(refuses_what_is_not_there)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    siginfo_t info;
    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_refused(pid, 0, "has ended");
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    assert_refused(pid, ENOENT, "there is no process");
    assert_refused(0x7ffffff0, ENOENT, "there is no process");
}
END_TEST

/* An ordinary user looks at a process of root's: this one, or PID 1. */
START_TEST(refuses_what_is_not_ours)
{
    pid_t target = geteuid() ? 1 : getpid();

    if (!geteuid()) {
        ck_assert_int_eq(setresgid(65534, 65534, 65534), 0);
        pid_t pid = fork();
        if (pid == 0) {
            ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
            assert_refused(target, EACCES, "another user's");
            _exit(0);
        }
        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        return;
    }
    assert_refused(target, EACCES, "another user's");
}
END_TEST

START_TEST(finds_control_groups)
{
    struct bw_snapshot s;
    struct bw_cg_host host;
    struct bw_err err = BW_ERR_INIT;

    take(getpid(), BW_SNAP_CGROUPS, &s);
    ck_assert_int_eq(bw_cg_discover(&host, &err), 0);
    ck_assert_int_eq(s.cg_version, host.version);
    for (int i = 0; i < BW_CG_COUNT; i++) {
        if (s.cg_path[i])
            ck_assert_int_eq(s.cg_path[i][0], '/');
        ck_assert(host.ctl[i].present || !s.cg_path[i]);
    }
    bw_snapshot_free(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tc = tcase_create("snapshot");

    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, observes_itself);
    tcase_add_test(tc, tells_own_from_shared);
    tcase_add_test(tc, reads_a_name_owned_outside);
    tcase_add_test(tc, follows_pid_for_children);
    tcase_add_test(tc, reads_maps);
    tcase_add_test(tc, sees_mounts_and_root);
    tcase_add_test(tc, reads_privilege);
    tcase_add_test(tc, refuses_what_is_not_there);
    tcase_add_test(tc, refuses_what_is_not_ours);
    tcase_add_test(tc, finds_control_groups);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
