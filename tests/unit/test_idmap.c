/* kern/idmap: parsing, and maps written into user namespaces of forked children. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
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
#include "kern/call.h"
#include "kern/idmap.h"

#define NOBODY 65534

static const struct {
    const char *text;
    struct bw_id_range range;
} good[] = {
    {"0:1000:1", {0, 1000, 1}},
    {"0 1000 1", {0, 1000, 1}},
    {"1\t100000   65536", {1, 100000, 65536}},
    {"0:0:4294967295", {0, 0, 4294967295U}},
    {"4294967294:0:1", {4294967294U, 0, 1}},
};

START_TEST(parses)
{
    struct bw_id_range v[BW_IDMAP_MAX];
    struct bw_err err = BW_ERR_INIT;
    size_t n = 0;

    ck_assert_msg(bw_idmap_parse(good[_i].text, v, &n, &err) == 0, "%s", err.cause);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(v[0].inside, good[_i].range.inside);
    ck_assert_uint_eq(v[0].outside, good[_i].range.outside);
    ck_assert_uint_eq(v[0].count, good[_i].range.count);
}
END_TEST

/* Each after the range 10:100:10. */
static const struct {
    const char *text, *says;
} bad[] = {
    {"", "not a range"},
    {"0", "not a range"},
    {"0:1", "not a range"},
    {"0:1:1:1", "not a range"},
    {"0:1:", "not a range"},
    {":1:1", "not a range"},
    {"0:-1:1", "not a range"},
    {"a:b:c", "not a range"},
    {"0:1000:1x", "not a range"},
    {"0:1000 1", "not a range"},
    {"4294967296:0:1", "not a range"},
    {"99999999999999999999:0:1", "not a range"},
    {"0:\033[2J:1", "\\x1b[2J"},
    {"0:1000:0", "empty"},
    {"4294967295:0:1", "past the last ID"},
    {"0:4294967290:10", "past the last ID"},
    {"10:0:1", "overlaps 10:100:10 inside"},
    {"19:0:1", "overlaps 10:100:10 inside"},
    {"0:500:11", "overlaps 10:100:10 inside"},
    {"0:109:1", "overlaps 10:100:10 outside"},
    {"0:91:10", "overlaps 10:100:10 outside"},
};

START_TEST(refuses)
{
    struct bw_id_range v[BW_IDMAP_MAX];
    struct bw_err err = BW_ERR_INIT;
    size_t n = 0;

    ck_assert_int_eq(bw_idmap_parse("10:100:10", v, &n, &err), 0);
    ck_assert_int_eq(bw_idmap_parse(bad[_i].text, v, &n, &err), -1);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(err.status, BW_USAGE);
    ck_assert_msg(strstr(err.cause, bad[_i].says) != NULL, "says: %s", err.cause);
}
END_TEST

START_TEST(takes_neighbours_up_to_the_limit)
{
    struct bw_id_range v[BW_IDMAP_MAX];
    struct bw_err err = BW_ERR_INIT;
    size_t n = 0;

    for (int i = 0; i < BW_IDMAP_MAX; i++) {
        BW_AUTO_STR text = BW_STR_INIT;
        bw_str_addf(&text, "%d:%d:2", 2 * i, 1000 + 2 * i);
        ck_assert_int_eq(bw_idmap_parse(text.s, v, &n, &err), 0);
    }
    ck_assert_int_eq(bw_idmap_parse("90000:90000:1", v, &n, &err), -1);
    ck_assert_uint_eq(n, BW_IDMAP_MAX);
}
END_TEST

static void assert_ranges(const struct bw_id_range *got, const struct bw_id_range *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(got[i].inside, want[i].inside);
        ck_assert_uint_eq(got[i].outside, want[i].outside);
        ck_assert_uint_eq(got[i].count, want[i].count);
    }
}

/* Another namespace can be made inside only when the caller's own IDs have a place in this one. */
static bool map_self(unsigned uid, unsigned gid)
{
    char u[32], g[32];

    snprintf(u, sizeof u, "0 %u 1", uid);
    snprintf(g, sizeof g, "0 %u 1", gid);
    return bw_sys_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", NULL) == 0 &&
           bw_sys_write_file(AT_FDCWD, "/proc/self/uid_map", u, NULL) == 0 &&
           bw_sys_write_file(AT_FDCWD, "/proc/self/gid_map", g, NULL) == 0;
}

/* A child that waits in a new user namespace (of `deep` nested ones); 0 when there can be none. */
static pid_t in_userns(int deep)
{
    int ready[2];
    char byte = 0;
    unsigned uid = geteuid(), gid = getegid();

    ck_assert_int_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < deep; i++)
            if ((i > 0 && !map_self(uid, gid)) || unshare(CLONE_NEWUSER) != 0)
                _exit(1);
        /* After a change of IDs the files in /proc belong to it again only when it is dumpable. */
        prctl(PR_SET_DUMPABLE, 1);
        if (write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    ssize_t n = read(ready[0], &byte, 1);
    close(ready[0]);
    if (n == 1)
        return pid;
    waitpid(pid, NULL, 0);
    puts("SKIP idmap: a user namespace cannot be made here");
    return 0;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static bool become_nobody(void)
{
    if (geteuid() != 0)
        return true;
    return setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

START_TEST(root_writes_ranges_once)
{
    static const struct bw_id_range two[] = {{0, 100000, 1000}, {5000, 200000, 7}};
    struct bw_id_range back[4] = {0};
    struct bw_err err = BW_ERR_INIT;
    struct bw_calls calls = {0};
    BW_AUTO_STR shown = BW_STR_INIT, want = BW_STR_INIT;

    if (geteuid() != 0) {
        puts("SKIP idmap: writing ranges without newuidmap needs root");
        return;
    }
    pid_t pid = in_userns(1);
    if (pid == 0)
        return;
    ck_assert_int_eq(bw_idmap_read(pid, _i, back, 4), 0);
    bw_call_recorder(&calls, true);
    ck_assert_msg(bw_idmap_write(pid, _i, two, 2, &err) == 0, "%s %s", err.call, err.cause);
    bw_call_recorder(NULL, false);
    ck_assert_int_eq(bw_idmap_read(pid, _i, back, 4), 2);
    assert_ranges(back, two, 2);
    bw_call_format(&calls.v[calls.n - 1], &shown);
    bw_str_addf(&want, "</proc/%d/%cid_map>, \"0 100000 1000\\n5000 200000 7\", 27) = 27", pid,
                _i == BW_UID ? 'u' : 'g');
    ck_assert_msg(strstr(shown.s, want.s) != NULL, "shown: %s", shown.s);
    ck_assert_int_eq(bw_idmap_write(pid, _i, two, 1, &err), -1);
    ck_assert_int_eq(errno, EPERM);
    ck_assert_int_eq(err.code, EPERM);
    ck_assert_msg(strstr(err.cause, "only once") != NULL, "cause: %s", err.cause);
    ck_assert_str_ne(err.todo, "");
    bw_calls_free(&calls);
    end(pid);
}
END_TEST

START_TEST(user_maps_the_own_id)
{
    struct bw_id_range back[2] = {0};
    struct bw_err err = BW_ERR_INIT;

    ck_assert(become_nobody());
    struct bw_id_range uid = {0, geteuid(), 1}, gid = {0, getegid(), 1};
    pid_t pid = in_userns(1);
    if (pid == 0)
        return;
    ck_assert_int_eq(bw_idmap_write(pid, BW_GID, &gid, 1, &err), -1);
    ck_assert_int_eq(err.code, EPERM);
    ck_assert_msg(strstr(err.cause, "setgroups") != NULL, "cause: %s", err.cause);
    ck_assert_int_eq(bw_idmap_read(pid, BW_GID, back, 2), 0);

    ck_assert_int_eq(bw_idmap_setgroups(pid, false, &err), 0);
    ck_assert_int_eq(bw_idmap_write(pid, BW_UID, &uid, 1, &err), 0);
    ck_assert_int_eq(bw_idmap_write(pid, BW_GID, &gid, 1, &err), 0);
    ck_assert_int_eq(bw_idmap_read(pid, BW_UID, back, 2), 1);
    assert_ranges(back, &uid, 1);
    ck_assert_int_eq(bw_idmap_read(pid, BW_GID, back, 2), 1);
    assert_ranges(back, &gid, 1);

    ck_assert_int_eq(bw_idmap_setgroups(pid, true, &err), -1);
    ck_assert_int_eq(err.code, EPERM);
    ck_assert_msg(strstr(err.cause, "denied already") != NULL, "cause: %s", err.cause);
    end(pid);
}
END_TEST

START_TEST(user_may_not_map_host_root)
{
    static const struct bw_id_range map[] = {{1, 5000, 1}, {0, 0, 1}};
    struct bw_err err = BW_ERR_INIT;
    struct bw_calls calls = {0};

    ck_assert(become_nobody());
    pid_t pid = in_userns(1);
    if (pid == 0)
        return;
    bw_call_recorder(&calls, true);
    ck_assert_int_eq(bw_idmap_write(pid, _i, map, 2, &err), -1);
    ck_assert_int_eq(err.status, BW_REFUSED);
    ck_assert_msg(strstr(err.cause, "host's root") != NULL, "cause: %s", err.cause);
    ck_assert_uint_eq(calls.n, 0);
    end(pid);
}
END_TEST

/* Nothing in /etc/subuid allows this range: newuidmap refuses it, or the kernel without it. */
START_TEST(user_may_not_map_others)
{
    static const struct bw_id_range map = {0, 4000000000U, 3};
    struct bw_id_range back[1];
    struct bw_err err = BW_ERR_INIT;

    ck_assert(become_nobody());
    pid_t pid = in_userns(1);
    if (pid == 0)
        return;
    ck_assert_int_eq(bw_idmap_write(pid, _i, &map, 1, &err), -1);
    ck_assert_int_eq(err.status, BW_REFUSED);
    ck_assert_str_ne(err.cause, "");
    ck_assert_str_ne(err.todo, "");
    ck_assert_int_eq(bw_idmap_read(pid, _i, back, 1), 0);
    end(pid);
}
END_TEST

/* In a mount namespace of this test alone, nobody is given a range. */
static bool give_ranges(void)
{
    char file[] = "/tmp/bw-subid-XXXXXX";
    static const char text[] = "# a comment\nother:1:2\n65534:300000:1000\nbroken:line\n";

    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    int fd = mkstemp(file);
    bool done = fd >= 0 && bw_write_all(fd, text, sizeof text - 1) == 0 && fchmod(fd, 0644) == 0 &&
                mount(file, "/etc/subuid", NULL, MS_BIND, NULL) == 0 &&
                mount(file, "/etc/subgid", NULL, MS_BIND, NULL) == 0;
    bw_close_ptr(&fd);
    unlink(file);
    return done && become_nobody();
}

START_TEST(newuidmap_writes_what_subuid_gives)
{
    static const struct bw_id_range map[] = {{0, NOBODY, 1}, {1, 300000, 1000}};
    static const struct bw_id_range more[] = {{0, NOBODY, 1}, {1, 300000, 1001}};
    struct bw_id_range back[3] = {0};
    struct bw_err err = BW_ERR_INIT;
    struct bw_calls calls = {0};

    if (access("/usr/bin/newuidmap", X_OK) != 0 || !give_ranges()) {
        puts("SKIP idmap: ranges for a user need root, newuidmap, /etc/subuid and /etc/subgid");
        return;
    }
    ck_assert_uint_eq(bw_idmap_subids(_i, back, 3), 1);
    ck_assert_uint_eq(back[0].outside, 300000);
    ck_assert_uint_eq(back[0].count, 1000);
    pid_t pid = in_userns(1);
    if (pid == 0)
        return;
    ck_assert_int_eq(bw_idmap_write(pid, _i, more, 2, &err), -1);
    ck_assert_msg(strstr(err.cause, "newuidmap refused: ") != NULL ||
                      strstr(err.cause, "newgidmap refused: ") != NULL,
                  "cause: %s", err.cause);
    ck_assert_int_eq(bw_idmap_read(pid, _i, back, 3), 0);
    bw_call_recorder(&calls, true);
    ck_assert_msg(bw_idmap_write(pid, _i, map, 2, &err) == 0, "%s %s", err.call, err.cause);
    bw_call_recorder(NULL, false);
    ck_assert_int_eq(bw_idmap_read(pid, _i, back, 3), 2);
    assert_ranges(back, map, 2);
    ck_assert_uint_eq(calls.n, 1);
    ck_assert_str_eq(calls.v[0].name, "execve");
    ck_assert_ptr_nonnull(calls.v[0].note);
    bw_calls_free(&calls);
    end(pid);
}
END_TEST

START_TEST(nested_namespace_is_explained)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_id_range map = {0, geteuid(), 1};

    pid_t pid = in_userns(2);
    if (pid == 0)
        return;
    ck_assert_int_eq(bw_idmap_write(pid, BW_UID, &map, 1, &err), -1);
    ck_assert_int_eq(err.code, EPERM);
    ck_assert_msg(strstr(err.cause, "inside another") != NULL, "cause: %s", err.cause);
    end(pid);
}
END_TEST

START_TEST(own_map_and_gone_process)
{
    struct bw_id_range v[BW_IDMAP_MAX];
    struct bw_err err = BW_ERR_INIT;

    ck_assert_int_ge(bw_idmap_read(getpid(), BW_UID, v, BW_IDMAP_MAX), 1);
    ck_assert_uint_gt(v[0].count, 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    ck_assert_int_eq(bw_idmap_read(pid, BW_UID, v, BW_IDMAP_MAX), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(bw_idmap_setgroups(pid, false, &err), -1);
    ck_assert_int_eq(err.code, ENOENT);
    ck_assert_int_eq(bw_idmap_write(pid, BW_UID, v, 0, &err), -1);
    ck_assert_int_eq(err.status, BW_USAGE);
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("idmap");
    TCase *tc = tcase_create("idmap");

    tcase_add_loop_test(tc, parses, 0, COUNT(good));
    tcase_add_loop_test(tc, refuses, 0, COUNT(bad));
    tcase_add_test(tc, takes_neighbours_up_to_the_limit);
    tcase_add_loop_test(tc, root_writes_ranges_once, BW_UID, BW_GID + 1);
    tcase_add_test(tc, user_maps_the_own_id);
    tcase_add_loop_test(tc, user_may_not_map_host_root, BW_UID, BW_GID + 1);
    tcase_add_loop_test(tc, user_may_not_map_others, BW_UID, BW_GID + 1);
    tcase_add_loop_test(tc, newuidmap_writes_what_subuid_gives, BW_UID, BW_GID + 1);
    tcase_add_test(tc, nested_namespace_is_explained);
    tcase_add_test(tc, own_map_and_gone_process);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
