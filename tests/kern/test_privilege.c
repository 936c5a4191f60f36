/* Privilege of the box's programs, as they find it themselves: each case starts this test again as
 * a program of a box, which reads its status and tries what it should be refused. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/session.h"
#include "kern/attack.h"
#include "kern/caps.h"
#include "kern/observe.h"
#include "kern/profile.h"
#include "kern/seccomp.h"

static char self[4096];

/* ---- inside: each prints one line ---- */

static int inside(const char *what)
{
    struct bw_status_file st;
    if (bw_status_read(getpid(), &st))
        return 1;
    if (strcmp(what, "caps") == 0)
        printf("eff %llx prm %llx inh %llx bnd %llx amb %llx\n", (unsigned long long)st.cap_eff,
               (unsigned long long)st.cap_prm, (unsigned long long)st.cap_inh,
               (unsigned long long)st.cap_bnd, (unsigned long long)st.cap_amb);
    else if (strcmp(what, "status") == 0)
        printf("nnp %d seccomp %d\n", st.no_new_privs, st.seccomp);
    else if (strcmp(what, "mknod") == 0)
        printf("mknod %s\n", mknod("/tmp/bw-test-node", S_IFBLK | 0600, 0x800) == 0
                                 ? (unlink("/tmp/bw-test-node"), "done")
                                 : strerrorname_np(errno));
    else if (strcmp(what, "keyctl") == 0)
        printf("keyctl %s\n",
               syscall(SYS_keyctl, -1L, 0L, 0L, 0L, 0L) == 0 ? "done" : strerrorname_np(errno));
    else if (strcmp(what, "threads") == 0)
        printf("pid %d tid %ld\n", (int)getpid(), syscall(SYS_gettid));
    return fflush(stdout) != 0;
}

/* Runs commands and gives all that was printed, the programs' output too. */
static char *session(const char *commands)
{
    int pipes[2];
    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct bw_session s;
        struct bw_out out;
        BW_AUTO_STR text = BW_STR_INIT, all = BW_STR_INIT;
        dup2(pipes[1], 1);
        bw_out_string(&out, &text);
        bw_session_open(&s, &out);
        s.keep_going = true;
        bw_str_addf(&all, "%s", commands);
        bw_session_text(&s, all.s, all.len, NULL);
        bw_session_close(&s);
        if (write(1, bw_str_get(&text), text.len) < 0)
            _exit(1);
        _exit(0);
    }
    close(pipes[1]);
    static char buf[1 << 16];
    size_t n = 0;
    ssize_t r;
    while ((r = read(pipes[0], buf + n, sizeof buf - 1 - n)) > 0)
        n += (size_t)r;
    buf[n] = '\0';
    close(pipes[0]);
    waitpid(pid, NULL, 0);
    return buf;
}

static char *with_self(const char *format)
{
    BW_AUTO_STR line = BW_STR_INIT;
    for (const char *p = format; *p; p++)
        if (*p == '@')
            bw_str_add(&line, self);
        else
            bw_str_addc(&line, *p);
    return session(bw_str_get(&line));
}

static bool root(const char *test)
{
    if (geteuid() == 0)
        return true;
    printf("SKIP %s: needs root\n", test);
    return false;
}

static bool module(const char *test)
{
    if (bw_call_number("read") >= 0)
        return true;
    printf("SKIP %s: module seccomp is not there\n", test);
    return false;
}

START_TEST(what_caps_foretells_is_what_a_program_has)
{
    if (!root("what_caps_foretells_is_what_a_program_has"))
        return;
    struct bw_status_file st;
    ck_assert_int_eq(bw_status_read(getpid(), &st), 0);
    uint64_t kept = st.cap_bnd & BW_CAPS_DOCKER;
    BW_AUTO_STR want = BW_STR_INIT;
    bw_str_addf(&want, "eff %llx prm %llx inh 0 bnd %llx amb 0\n", (unsigned long long)kept,
                (unsigned long long)kept, (unsigned long long)kept);
    char *got = with_self("caps keep docker; run @ caps");
    ck_assert_msg(strstr(got, want.s) != NULL, "no %s in %s", want.s, got);
    st.cap_bnd = kept;
    st.cap_inh = st.cap_amb = 0;
    ck_assert(bw_cap_after_exec(&st, true) == kept);
    ck_assert(bw_cap_after_exec(&st, false) == 0);
}
END_TEST

START_TEST(a_dropped_capability_is_refused)
{
    if (!root("a_dropped_capability_is_refused"))
        return;
    char *got = with_self("run @ mknod; caps drop mknod; run @ mknod");
    char *done = strstr(got, "mknod done\n"), *refused = strstr(got, "mknod EPERM\n");
    ck_assert_msg(done && refused && done < refused, "%s", got);
}
END_TEST

START_TEST(no_new_privs_and_filter_are_in_its_status)
{
    if (!module("no_new_privs_and_filter_are_in_its_status"))
        return;
    char *got = with_self("run @ status; nonewprivs; run @ status; seccomp deny keyctl; run @ "
                          "status; run @ keyctl; seccomp off; run @ status");
    const char *steps[] = {"nnp 0 seccomp 0\n", "nnp 1 seccomp 0\n", "nnp 1 seccomp 2\n",
                           "keyctl EPERM\n", "nnp 1 seccomp 0\n"};
    const char *at = got;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        at = strstr(at, steps[i]);
        ck_assert_msg(at != NULL, "no %s in %s", steps[i], got);
        at += strlen(steps[i]);
    }
}
END_TEST

/* A thread becomes the program, and takes the number of the process on. */
START_TEST(a_filtered_program_is_its_process)
{
    if (!module("a_filtered_program_is_its_process"))
        return;
    char *got = with_self("seccomp deny keyctl; run @ threads");
    int pid = 0, tid = 0;
    const char *at = strstr(got, "pid ");
    ck_assert_msg(at && sscanf(at, "pid %d tid %d", &pid, &tid) == 2, "%s", got);
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(pid, tid);
}
END_TEST

static struct bw_profile compiled(const char *text, char *const *deny, size_t n, uint64_t caps)
{
    struct bw_profile p;
    struct bw_err err = BW_ERR_INIT;
    struct bw_profile_request rq = {
        .text = text, .len = text ? strlen(text) : 0, .deny = deny, .n_deny = n, .bounding = caps};
    ck_assert_msg(bw_profile_compile(&rq, &p, &err) == 0, "%s", err.cause);
    return p;
}

static uint32_t verdict(const struct bw_filter *f, const char *name, uint64_t first)
{
    bool args;
    struct seccomp_data d = {
        .nr = bw_call_number(name), .arch = bw_call_arch(), .args = {first, 0}};
    ck_assert_int_ge(d.nr, 0);
    return bw_filter_run(f, &d, &args);
}

/* What the listener answers is worked out here by the same means as the kernel's; so the kernel is
 * asked, too, with a filter installed for real. */
START_TEST(the_kernel_answers_what_was_worked_out)
{
    static const char *const names[] = {"getppid", "keyctl", "mkdir", "personality", "socket"};
    if (!module("the_kernel_answers_what_was_worked_out"))
        return;
    char *deny[] = {(char *)"keyctl", (char *)"mkdir"};
    struct bw_profile p = compiled(NULL, deny, 2, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int nr = bw_call_number(names[i]);
        if (nr < 0)
            continue;
        uint32_t want = verdict(&p.filter, names[i], ~0ull);
        pid_t pid = fork();
        if (pid == 0) {
            unsigned long flags;
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (bw_filter_install(&p.filter, NULL, &flags))
                _exit(99);
            long r = syscall(nr, -1L, -1L, -1L, -1L, -1L);
            _exit(r == -1 && errno == EPERM ? 1 : 0);
        }
        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) != 99);
        ck_assert_msg((WEXITSTATUS(status) == 1) == (want == (SECCOMP_RET_ERRNO | EPERM)),
                      "%s: the kernel said %d", names[i], WEXITSTATUS(status));
    }
    bw_profile_free(&p);
}
END_TEST

static const struct {
    const char *conditions;
    uint64_t caps;
    bool refused;
} rules[] = {
    {"", 0, true},
    {",\"includes\":{\"caps\":[\"CAP_KILL\"]}", 1u << 5, true},
    {",\"includes\":{\"caps\":[\"CAP_KILL\"]}", 0, false},
    {",\"includes\":{\"caps\":[\"CAP_KILL\",\"CAP_CHOWN\"]}", 1u << 5, false},
    {",\"excludes\":{\"caps\":[\"CAP_KILL\",\"CAP_CHOWN\"]}", 1u << 5, false},
    {",\"excludes\":{\"caps\":[\"CAP_KILL\"]}", 1u, true},
    {",\"includes\":{\"arches\":[\"z80\"]}", 0, false},
    {",\"includes\":{\"arches\":[]}", 0, true},
    {",\"excludes\":{\"arches\":[\"z80\"]}", 0, true},
    {",\"includes\":{\"minKernel\":\"3.5\"}", 0, true},
    {",\"includes\":{\"minKernel\":\"99.5\"}", 0, false},
    {",\"excludes\":{\"minKernel\":\"3.5\"}", 0, false},
    {",\"includes\":null,\"excludes\":{}", 0, true},
};

START_TEST(conditions_of_rules)
{
    if (!module("conditions_of_rules"))
        return;
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_addf(&text,
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"keyctl\"],"
                "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":13%s}]}",
                rules[_i].conditions);
    struct bw_profile p = compiled(text.s, NULL, 0, rules[_i].caps);
    ck_assert_uint_eq(verdict(&p.filter, "keyctl", 0),
                      rules[_i].refused ? SECCOMP_RET_ERRNO | EACCES : SECCOMP_RET_ALLOW);
    ck_assert_uint_eq(verdict(&p.filter, "read", 0), SECCOMP_RET_ALLOW);
    bw_profile_free(&p);
}
END_TEST

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): long ones are written in two. */
static const char *const no_profiles[] = {
    "",
    "{",
    "[]",
    "null",
    "{}",
    "{\"defaultAction\":1}",
    "{\"defaultAction\":\"SCMP_ACT_MAYBE\"}",
    "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":5000}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\"} x",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[7]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"action\":\"SCMP_ACT_ERRNO\"}]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[7],\"action\":\"SCMP_ACT_"
    "LOG\"}]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"name\":\"read\","
    "\"action\":\"SCMP_ACT_LOG\"}]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"action\":"
    "\"SCMP_ACT_LOG\",\"args\":[{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"action\":"
    "\"SCMP_ACT_LOG\",\"includes\":{\"minKernel\":\"new\"}}]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_Z80\"]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

START_TEST(what_is_no_profile_is_refused)
{
    if (!module("what_is_no_profile_is_refused"))
        return;
    struct bw_profile p;
    struct bw_err err = BW_ERR_INIT;
    struct bw_profile_request rq = {.text = no_profiles[_i], .len = strlen(no_profiles[_i])};
    ck_assert_int_eq(bw_profile_compile(&rq, &p, &err), -1);
    ck_assert_int_ne(err.status, BW_OK);
    ck_assert(err.cause[0] != '\0');
}
END_TEST

/* A hostile shell's, or none at all: the kernel would refuse it, or it never ends with a return. */
START_TEST(a_program_that_is_none_kills)
{
    struct sock_filter past_end[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}};
    struct sock_filter far[] = {{BPF_JMP | BPF_JA, 0, 0, 0xffffffff}, {BPF_RET | BPF_K, 0, 0, 0}};
    struct sock_filter outside[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 64},
                                    {BPF_RET | BPF_K, 0, 0, 0}};
    struct sock_filter odd[] = {{0xffff, 0, 0, 0}};
    struct bw_filter all[] = {{past_end, 1}, {far, 2}, {outside, 2}, {odd, 1}, {NULL, 0}};
    struct seccomp_data d = {0};
    bool args;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ck_assert_uint_eq(bw_filter_run(&all[i], &d, &args), SECCOMP_RET_KILL_PROCESS);
}
END_TEST

START_TEST(only_a_sealed_filter_is_received)
{
    struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    struct bw_filter f = {allow, 1}, got = {0};
    struct bw_err err = BW_ERR_INIT;
    int fd = bw_filter_send(&f, &err);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bw_filter_receive(fd, &got, &err), 0);
    ck_assert_uint_eq(got.n, 1);
    ck_assert_uint_eq(got.v[0].k, SECCOMP_RET_ALLOW);
    bw_filter_free(&got);
    close(fd);
    fd = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(bw_filter_receive(fd, &got, &err), -1);
    close(fd);
    fd = open(self, O_RDONLY);
    ck_assert_int_eq(bw_filter_receive(fd, &got, &err), -1);
    close(fd);
    ck_assert_int_eq(bw_filter_receive(-1, &got, &err), -1);
}
END_TEST

/* Each attack answers in time, with what the kernel says to it; a filter that refuses its call is
 * seen in the answer. */
START_TEST(attacks_answer_and_a_filter_shows_in_them)
{
    struct bw_err err = BW_ERR_INIT;
    int result = -5;
    ck_assert_msg(bw_attack_try((enum bw_attack_id)_i, NULL, &result, &err) == 0, "%s: %s",
                  bw_attacks[_i].word, err.cause);
    ck_assert_int_ge(result, BW_ATTACK_EMPTY);
    ck_assert_int_lt(result, 4096);
    ck_assert_int_ne(access("/tmp/.bw-probe", F_OK), 0);
    if (_i != BW_ATTACK_KEYCTL || bw_call_number("read") < 0)
        return;
    char *deny[] = {(char *)"keyctl"};
    struct bw_profile p = compiled(NULL, deny, 1, 0);
    ck_assert_int_eq(bw_attack_try(BW_ATTACK_KEYCTL, &p.filter, &result, &err), 0);
    ck_assert_int_eq(result, EPERM);
    ck_assert(bw_attack_refused(result));
    bw_profile_free(&p);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 2)
        return inside(argv[1]);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    Suite *s = suite_create("privilege");
    TCase *t = tcase_create("privilege");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_caps_foretells_is_what_a_program_has);
    tcase_add_test(t, a_dropped_capability_is_refused);
    tcase_add_test(t, no_new_privs_and_filter_are_in_its_status);
    tcase_add_test(t, a_filtered_program_is_its_process);
    tcase_add_test(t, the_kernel_answers_what_was_worked_out);
    tcase_add_loop_test(t, conditions_of_rules, 0, sizeof rules / sizeof *rules);
    tcase_add_loop_test(t, what_is_no_profile_is_refused, 0,
                        sizeof no_profiles / sizeof *no_profiles);
    tcase_add_test(t, a_program_that_is_none_kills);
    tcase_add_test(t, only_a_sealed_filter_is_received);
    tcase_add_loop_test(t, attacks_answer_and_a_filter_shows_in_them, 0, BW_ATTACK_COUNT);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
