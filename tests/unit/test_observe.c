/* kern/ns and kern/observe: the parsers over texts, the readers over this process and its
 * children. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/ns.h"
#include "kern/observe.h"

static const struct {
    const char *word;
    int ns;
} words[] = {
    {"pid", BW_NS_PID},
    {"mnt", BW_NS_MNT},
    {"mount", BW_NS_MNT},
    {"uts", BW_NS_UTS},
    {"hostname", BW_NS_UTS},
    {"ipc", BW_NS_IPC},
    {"net", BW_NS_NET},
    {"network", BW_NS_NET},
    {"user", BW_NS_USER},
    {"cgroup", BW_NS_CGROUP},
    {"CLONE_NEWNS", BW_NS_MNT},
    {"time", BW_NS_TIME},
    {"", -1},
    {"PID", -1},
    {"pids", -1},
    {"p", -1},
    {"pid ", -1},
    {"../pid", -1},
};

START_TEST(names_namespaces)
{
    ck_assert_int_eq(bw_ns_by_name(words[_i].word), words[_i].ns);
}
END_TEST

START_TEST(has_eight_kinds)
{
    int all = 0;

    for (int i = 0; i < BW_NS_COUNT; i++) {
        const struct bw_ns_info *n = &bw_ns_table[i];
        ck_assert(n->name && n->constant && n->long_opt && n->short_opt && n->isolates);
        ck_assert_int_eq(bw_ns_by_name(n->name), i);
        ck_assert_int_eq(bw_ns_by_name(n->long_opt), i);
        ck_assert_int_eq(all & n->flag, 0);
        all |= n->flag;
    }
    ck_assert_int_eq(all, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
                              CLONE_NEWUSER | CLONE_NEWCGROUP | 0x80);
}
END_TEST

START_TEST(reads_inodes)
{
    char path[64], link[64], want[64];

    for (enum bw_ns i = 0; i < BW_NS_COUNT; i++) {
        snprintf(path, sizeof path, "/proc/self/ns/%s", bw_ns_table[i].name);
        ssize_t n = readlink(path, link, sizeof link - 1);
        if (n < 0) { /* a kernel without it */
            ck_assert_uint_eq(bw_ns_inode(getpid(), i), 0);
            continue;
        }
        link[n] = '\0';
        snprintf(want, sizeof want, "%s:[%llu]", bw_ns_table[i].name,
                 (unsigned long long)bw_ns_inode(getpid(), i));
        ck_assert_str_eq(link, want);
        ck_assert_uint_eq(bw_ns_inode_for_children(getpid(), i), bw_ns_inode(getpid(), i));
    }
    errno = 0;
    ck_assert_uint_eq(bw_ns_inode(0x7ffffff0, BW_NS_PID), 0);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(opens_for_setns)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_FD fd = bw_ns_open(getpid(), BW_NS_UTS, &err);
    struct stat st;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_uint_eq(st.st_ino, bw_ns_inode(getpid(), BW_NS_UTS));
    ck_assert_int_eq(bw_ns_open(0x7ffffff0, BW_NS_UTS, &err), -1);
    ck_assert_int_eq(err.code, ENOENT);
    ck_assert_str_eq(err.op, "open");
}
END_TEST

START_TEST(parses_status)
{
    static const char text[] = "Name:\tevil\\n name\nUmask:\t0022\nState:\tS (sleeping)\n"
                               "PPid:\t41\nUid:\t0\t1\t2\t3\nGid:\t4\t5\t6\t7\n"
                               "NSpid:\t4711\t12\t1\nCapInh:\t0000000000000001\n"
                               "CapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n"
                               "CapBnd:\t0000000000000003\nCapAmb:\t0000000000000000\n"
                               "NoNewPrivs:\t1\nSeccomp:\t2\n";
    struct bw_status_file s;

    ck_assert_int_eq(bw_status_parse(text, strlen(text), &s), 0);
    ck_assert_str_eq(s.comm, "evil\\n name");
    ck_assert_int_eq(s.state, 'S');
    ck_assert_int_eq(s.ppid, 41);
    ck_assert_int_eq(s.n_nspid, 3);
    ck_assert_int_eq(s.nspid[0], 4711);
    ck_assert_int_eq(s.nspid[2], 1);
    ck_assert_uint_eq(s.uid[3], 3);
    ck_assert_uint_eq(s.gid[0], 4);
    ck_assert_uint_eq(s.cap_inh, 1);
    ck_assert_uint_eq(s.cap_prm, 0x1ffffffffff);
    ck_assert_uint_eq(s.cap_eff, 0x1fffeffffff);
    ck_assert_uint_eq(s.cap_bnd, 3);
    ck_assert_int_eq(s.no_new_privs, 1);
    ck_assert_int_eq(s.seccomp, 2);
    /* Every cut of it is either understood or refused. */
    for (size_t n = 0; n < strlen(text); n++) {
        int r = bw_status_parse(text, n, &s);
        ck_assert(r == 0 || errno == EINVAL);
    }
}
END_TEST

START_TEST(parses_odd_status)
{
    struct bw_status_file s;
    BW_AUTO_STR text = BW_STR_INIT;

    ck_assert_int_eq(bw_status_parse("", 0, &s), -1);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(bw_status_parse("Name:\tx\n", 8, &s), -1);
    ck_assert_int_eq(bw_status_parse("State:\tR\n", 9, &s), 0);
    ck_assert_int_eq(s.no_new_privs, -1);
    ck_assert_int_eq(s.seccomp, -1);
    ck_assert_int_eq(s.n_nspid, 0);
    /* More nested namespaces than the kernel makes, and a line longer than any buffer. */
    bw_str_add(&text, "Groups:");
    for (int i = 0; i < 5000; i++)
        bw_str_addf(&text, " %d", i);
    bw_str_add(&text, "\nState:\tR (running)\nNSpid:");
    for (int i = 1; i < 60; i++)
        bw_str_addf(&text, "\t%d", i);
    ck_assert_int_eq(bw_status_parse(text.s, text.len, &s), 0);
    ck_assert_int_eq(s.n_nspid, 32);
    ck_assert_int_eq(s.nspid[31], 32);
}
END_TEST

START_TEST(reads_itself)
{
    struct bw_status_file s;
    BW_AUTO_STR text = BW_STR_INIT;
    char name[256] = "";

    ck_assert_int_eq(bw_status_read(getpid(), &s), 0);
    ck_assert_int_eq(s.ppid, getppid());
    ck_assert_int_eq(s.nspid[0], getpid());
    ck_assert_uint_eq(s.uid[1], geteuid());
    ck_assert_uint_gt(bw_proc_starttime(getpid()), 0);
    ck_assert_uint_eq(bw_proc_starttime(0x7ffffff0), 0);
    bw_proc_root(getpid(), &text);
    ck_assert_str_eq(text.s, "/");
    bw_proc_root(0x7ffffff0, &text);
    ck_assert_str_eq(text.s, "?");
    gethostname(name, sizeof name - 1);
    ck_assert_int_eq(bw_proc_hostname(getpid(), &text), 0);
    ck_assert_str_eq(text.s, name);
    ck_assert_int_eq(bw_proc_hostname(0x7ffffff0, &text), -1);
}
END_TEST

static pid_t sleeper(void)
{
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        pause();
        _exit(0);
    }
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static int find(pid_t pid, void *ctx)
{
    return pid == *(pid_t *)ctx ? 7 : 0;
}

START_TEST(finds_children)
{
    pid_t one = sleeper(), two = sleeper(), v[8];
    size_t n = bw_proc_children(getpid(), v, 8);

    ck_assert_uint_eq(n, 2);
    ck_assert(v[0] == one || v[1] == one);
    ck_assert(v[0] == two || v[1] == two);
    ck_assert_uint_eq(bw_proc_children(getpid(), v, 1), 1);
    ck_assert_uint_eq(bw_proc_children(one, v, 8), 0);
    ck_assert_int_eq(bw_proc_each(find, &one), 7);
    end(one);
    end(two);
    ck_assert_int_eq(bw_proc_each(find, &one), 0);
    ck_assert_uint_eq(bw_proc_children(getpid(), v, 8), 0);
}
END_TEST

START_TEST(follows_a_pidfd)
{
    pid_t pid = sleeper();
    BW_AUTO_FD fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0) {
        printf("SKIP follows_a_pidfd: pidfd_open: %s\n", strerror(errno));
        end(pid);
        return;
    }
    ck_assert_int_eq(bw_pidfd_pid(fd), pid);
    end(pid);
    ck_assert_int_eq(bw_pidfd_pid(fd), -1);
    ck_assert_int_eq(bw_pidfd_pid(-1), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("observe");
    TCase *tc = tcase_create("observe");

    tcase_add_loop_test(tc, names_namespaces, 0, (int)(sizeof words / sizeof words[0]));
    tcase_add_test(tc, has_eight_kinds);
    tcase_add_test(tc, reads_inodes);
    tcase_add_test(tc, opens_for_setns);
    tcase_add_test(tc, parses_status);
    tcase_add_test(tc, parses_odd_status);
    tcase_add_test(tc, reads_itself);
    tcase_add_test(tc, finds_children);
    tcase_add_test(tc, follows_a_pidfd);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
