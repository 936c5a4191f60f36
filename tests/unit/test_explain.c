/* kern/explain: reading the call as printed, keeping what is set, and the texts of `explain`. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/kern/explain_scene.h"
#include "kern/explain.h"

static const struct {
    const char *call;
    unsigned n;
    bool there;
    const char *arg;
} args[] = {
    {"unshare(CLONE_NEWPID)", 0, true, "CLONE_NEWPID"},
    {"unshare(CLONE_NEWPID)", 1, false, ""},
    {"mount(\"a, b\", \"/m\\\"n\", \"proc\", MS_RDONLY|MS_NOSUID, NULL)", 0, true, "a, b"},
    {"mount(\"a, b\", \"/m\\\"n\", \"proc\", MS_RDONLY|MS_NOSUID, NULL)", 1, true, "/m\"n"},
    {"mount(\"a, b\", \"/m\\\"n\", \"proc\", MS_RDONLY|MS_NOSUID, NULL)", 3, true,
     "MS_RDONLY|MS_NOSUID"},
    {"mount(\"a, b\", \"/m\\\"n\", \"proc\", MS_RDONLY|MS_NOSUID, NULL)", 4, false, "NULL"},
    {"mount(\"NULL\", NULL)", 0, true, "NULL"},
    {"write(3</proc/812/uid_map>, \"0 1000 1\\n\", 9)", 0, true, "/proc/812/uid_map"},
    {"write(3</proc/812/uid_map>, \"0 1000 1\\n\", 9)", 1, true, "0 1000 1\n"},
    {"write(3</a, b>c>, \"x\", 1)", 0, true, "/a, b>c"},
    {"chroot(\"\\x41\\102c\")", 0, true, "ABc"},
    {"clone3({flags=CLONE_PARENT, exit_signal=0}, 88)", 0, true,
     "{flags=CLONE_PARENT, exit_signal=0}"},
    {"clone3({flags=CLONE_PARENT, exit_signal=0}, 88)", 1, true, "88"},
    {"chroot(\"/cut off", 0, true, "/cut off"},
    {"chroot(\"/cut\\", 0, true, "/cut\\"},
    {"chroot()", 0, false, ""},
    {"chroot", 0, false, ""},
    {"", 0, false, ""},
};

START_TEST(reads_arguments)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_scene s = {.err = &err};
    BW_AUTO_STR out = BW_STR_INIT;
    snprintf(err.call, sizeof err.call, "%s", args[_i].call);
    ck_assert_int_eq(bw_scene_arg(&s, args[_i].n, &out), args[_i].there);
    if (args[_i].there)
        ck_assert_str_eq(bw_str_get(&out), args[_i].arg);
}
END_TEST

START_TEST(reads_flags)
{
    struct bw_err err = {.call = "unshare(CLONE_NEWUTS|CLONE_NEWPID)"};
    struct bw_scene s = {.err = &err};
    BW_AUTO_STR kinds = BW_STR_INIT;
    ck_assert(bw_scene_flag(&s, "CLONE_NEWUTS"));
    ck_assert(bw_scene_flag(&s, "CLONE_NEWPID"));
    ck_assert(!bw_scene_flag(&s, "CLONE_NEW"));
    ck_assert(!bw_scene_flag(&s, "NEWPID"));
    bw_scene_kinds(&s, &kinds);
    ck_assert_str_eq(bw_str_get(&kinds), "pid uts");
}
END_TEST

static const struct {
    const char *op, *call, *path;
} files[] = {
    {"mkdir", "mkdir(\"/a/b\", 0755)", "/a/b"},
    {"openat", "openat(AT_FDCWD, \"/proc/1/uid_map\", O_WRONLY|O_CLOEXEC)", "/proc/1/uid_map"},
    {"openat", "openat(3</sys/fs/cgroup>, \"cpu.max\", O_WRONLY)", "/sys/fs/cgroup/cpu.max"},
    {"openat2", "openat2(5, \"etc\", {flags=O_PATH, resolve=RESOLVE_IN_ROOT}, 24)", NULL},
    {"write", "write(7</sys/fs/cgroup/x/cpu.max>, \"1\", 1)", "/sys/fs/cgroup/x/cpu.max"},
};

START_TEST(finds_the_file)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_scene s = {.err = &err};
    BW_AUTO_STR out = BW_STR_INIT;
    snprintf(err.op, sizeof err.op, "%s", files[_i].op);
    snprintf(err.call, sizeof err.call, "%s", files[_i].call);
    ck_assert_int_eq(bw_scene_file(&s, &out), files[_i].path != NULL);
    if (files[_i].path)
        ck_assert_str_eq(bw_str_get(&out), files[_i].path);
}
END_TEST

static const struct {
    const char *path, *plain;
} paths[] = {
    {"/", "/"}, {"/a//b/./c/", "/a/b/c"}, {"/.", "/"}, {"//a", "/a"}, {"/a/..b/.c", "/a/..b/.c"}};

START_TEST(makes_paths_plain)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_scene s = {.err = &err};
    BW_AUTO_STR out = BW_STR_INIT;
    bw_scene_absolute(&s, paths[_i].path, &out);
    ck_assert_str_eq(bw_str_get(&out), paths[_i].plain);
}
END_TEST

START_TEST(walks_to_what_fails)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_scene s = {.err = &err};
    BW_AUTO_STR bad = BW_STR_INIT;
    ck_assert_int_eq(bw_scene_walk(&s, "/proc/self/status", &bad), 0);
    ck_assert_int_eq(bw_scene_walk(&s, "/usr/none/such", &bad), ENOENT);
    ck_assert_str_eq(bw_str_get(&bad), "/usr/none");
    ck_assert_int_eq(bw_scene_walk(&s, "/proc/self/status/x/y", &bad), ENOTDIR);
    ck_assert_str_eq(bw_str_get(&bad), "/proc/self/status");
}
END_TEST

START_TEST(keeps_what_is_set)
{
    struct bw_err err = BW_ERR_INIT;
    bw_err_set(&err, "boxwright's own refusal");
    bw_explain_fill(&err, 0);
    ck_assert_str_eq(err.cause, "boxwright's own refusal");
    ck_assert_str_eq(err.todo, "");

    bw_err_call(&err, EPERM, "unshare", "CLONE_NEWPID");
    bw_err_cause(&err, "known");
    bw_explain_fill(&err, 0);
    ck_assert_str_eq(err.cause, "known");
    ck_assert_str_ne(err.todo, "");
    ck_assert_int_eq(err.code, EPERM);
    ck_assert_str_eq(err.call, "unshare(CLONE_NEWPID)");
}
END_TEST

/* Every error of every call gets a sentence and a way out, also of a box that is gone. */
START_TEST(always_says_something)
{
    static const char *const calls[] = {"unshare", "clone3", "mount", "write", "made_up", "open"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct bw_err err;
        bw_err_call(&err, _i, calls[i], "\"%s\", 5, {x", "/tmp/\x1b[2J/\xff");
        bw_explain_fill(&err, 2147483646);
        ck_assert_msg(err.cause[0] && err.todo[0], "%s %d", calls[i], _i);
        ck_assert(!strchr(err.cause, '\x1b') && !strchr(err.cause, 0xff));
        ck_assert(strlen(err.cause) < sizeof err.cause && err.cause[strlen(err.cause) - 1] != '.');
    }
}
END_TEST

START_TEST(explains_errors)
{
    BW_AUTO_STR out = BW_STR_INIT;
    ck_assert_int_eq(bw_explain_errno(NULL, EPERM, &out), 0);
    ck_assert(strstr(out.s, "EPERM (1, Operation not permitted)"));
    ck_assert(strstr(out.s, "- unshare: ") && strstr(out.s, "- mount: "));
    bw_str_clear(&out);
    ck_assert_int_eq(bw_explain_errno("unshare", ENOSPC, &out), 0);
    ck_assert(strstr(out.s, "max_KIND_namespaces") && strstr(out.s, "unshare(2)"));
    ck_assert(!strstr(out.s, "file system is full"));
    bw_str_clear(&out);
    ck_assert_int_eq(bw_explain_errno("openat2", EROFS, &out), 0);
    ck_assert(strstr(out.s, "the mount is read-only") && strstr(out.s, "open(2)"));
    bw_str_clear(&out);
    ck_assert_int_eq(bw_explain_errno("made_up", EPERM, &out), -1);
    ck_assert_int_eq(bw_explain_errno(NULL, 0, &out), -1);
    ck_assert_int_eq(bw_explain_errno(NULL, 4000, &out), -1);
    ck_assert_uint_eq(out.len, 0);
    ck_assert_ptr_eq(bw_explain_man("made_up"), NULL);
    ck_assert_str_eq(bw_explain_man("umount2"), bw_explain_man("umount"));
}
END_TEST

/* Each cause of each table is reachable from `explain`: its call has a manual page. */
START_TEST(tables_are_whole)
{
    static const struct bw_causes *const all[] = {
        &bw_causes_ns,    &bw_causes_mount,  &bw_causes_root, &bw_causes_exec,
        &bw_causes_idmap, &bw_causes_cgroup, &bw_causes_file,
    };
    for (size_t i = 0; i < all[_i]->n; i++) {
        const struct bw_cause *c = &all[_i]->v[i];
        size_t len = strlen(c->about);
        ck_assert_msg(strcmp(c->op, "*") == 0 || bw_explain_man(c->op), "%s", c->op);
        ck_assert_str_eq(bw_scene_op(c->op), c->op);
        ck_assert_str_ne(bw_err_name(c->code), "E?");
        ck_assert(c->look != NULL && len > 10 && c->about[len - 1] != '.');
    }
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("explain");
    TCase *tc = tcase_create("explain");

    tcase_add_loop_test(tc, reads_arguments, 0, COUNT(args));
    tcase_add_test(tc, reads_flags);
    tcase_add_loop_test(tc, finds_the_file, 0, COUNT(files));
    tcase_add_loop_test(tc, makes_paths_plain, 0, COUNT(paths));
    tcase_add_test(tc, walks_to_what_fails);
    tcase_add_test(tc, keeps_what_is_set);
    tcase_add_loop_test(tc, always_says_something, 1, 134);
    tcase_add_test(tc, explains_errors);
    tcase_add_loop_test(tc, tables_are_whole, 0, 7);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
