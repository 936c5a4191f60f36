/* Names swapped under a mount (CVE-2021-30465): while a process exchanges a directory of a root
 * file system with a link that leads out, thousands of times a second, mounts, binds, unmounts and
 * directories are made there. None may land outside. */
#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cmd/session.h"
#include "kern/mnt.h"
#include "stage/client.h"

enum { ROUNDS = 3000, SESSION_ROUNDS = 60 };

static char top[] = "/tmp/bwrace.XXXXXX", root[64], outside[64];
static struct bw_stage st;
static pid_t swapper;

static const char *below(const char *dir, const char *name)
{
    static char path[4][160];
    static unsigned turn;
    char *p = path[turn++ % 4];

    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

/* root/swap is by turns a directory and a link to outside. */
static void swap_for_ever(void)
{
    char a[160], b[160];

    snprintf(a, sizeof a, "%s", below(root, "swap"));
    snprintf(b, sizeof b, "%s", below(root, "other"));
    for (;;)
        if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE))
            _exit(1);
}

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(top));
    snprintf(root, sizeof root, "%s", below(top, "root"));
    snprintf(outside, sizeof outside, "%s", below(top, "outside"));
    /* What stands outside stands inside too, so that the link leads somewhere either way. */
    char inside[600];
    ck_assert_int_eq(mkdir(root, 0755), 0);
    snprintf(inside, sizeof inside, "mkdir -p %s/bin %s/etc %s/proc %s/swap/d %s/d %s%s/d", root,
             root, root, root, outside, root, outside);
    ck_assert_int_eq(system(inside), 0);
    ck_assert_int_eq(symlink(outside, below(root, "other")), 0);
    /* Nobody's child: what is below the shell ends with its box. */
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t between = fork();
    if (between == 0) {
        if (fork() == 0) {
            alarm(100);
            swapper = getpid();
            if (write(ends[1], &swapper, sizeof swapper) == sizeof swapper)
                swap_for_ever();
        }
        _exit(0);
    }
    ck_assert_int_eq(waitpid(between, NULL, 0), between);
    ck_assert_int_eq(read(ends[0], &swapper, sizeof swapper), sizeof swapper);
    close(ends[0]);
    close(ends[1]);
}

static void end(void)
{
    char rm[100];

    ck_assert_int_eq(kill(swapper, SIGKILL), 0);
    snprintf(rm, sizeof rm, "rm -rf --one-file-system %s", top);
    ck_assert_int_eq(system(rm), 0);
}

static bool needs_root(const char *name)
{
    if (geteuid() != 0)
        printf("SKIP %s: needs root, whose mounts could land anywhere\n", name);
    return geteuid() != 0;
}

/* How many mounts of the process lie under outside. */
static int escaped(pid_t pid)
{
    struct bw_mounts m;
    int n = 0;

    ck_assert_int_eq(bw_mounts_read(pid, &m), 0);
    for (size_t i = 0; i < m.n; i++)
        n += bw_str_starts(m.v[i].target, outside);
    bw_mounts_free(&m);
    return n;
}

static int entries_outside(void)
{
    char command[128];
    int n = -1;

    snprintf(command, sizeof command, "find %s -mindepth 1 | wc -l", outside);
    FILE *f = popen(command, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

START_TEST(no_mount_lands_outside)
{
    struct bw_err err = BW_ERR_INIT;
    int made = 0;

    if (needs_root("no_mount_lands_outside"))
        return;
    ck_assert_int_eq(bw_stage_start(&st, &err), 0);
    ck_assert_int_eq(bw_stage_unshare(&st, CLONE_NEWNS, &err), 0);
    ck_assert_int_eq(bw_stage_propagation(&st, "/", MS_PRIVATE, &err), 0);
    const char *dir = below(root, "swap/d");
    for (int i = 0; i < ROUNDS; i++) {
        if (bw_stage_mount(&st, root, "none", NULL, dir, "tmpfs", 0, NULL, &err))
            continue;
        made++;
        ck_assert_msg(escaped(st.pid) == 0, "round %d", i);
        /* Whichever of the two it was made on. */
        while (bw_stage_umount(&st, root, dir, MNT_DETACH, &err) && i++ < ROUNDS)
            ck_assert_msg(escaped(st.pid) == 0, "round %d", i);
    }
    bw_stage_kill(&st);
    ck_assert_int_gt(made, ROUNDS / 100);
}
END_TEST

/* What a link leads to outside must not come in, either. */
START_TEST(no_bind_brings_in_what_is_outside)
{
    struct bw_err err = BW_ERR_INIT;
    int made = 0;

    if (needs_root("no_bind_brings_in_what_is_outside"))
        return;
    int mark = open(below(outside, "d/mark"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(mark, 0);
    close(mark);
    ck_assert_int_eq(bw_stage_start(&st, &err), 0);
    ck_assert_int_eq(bw_stage_unshare(&st, CLONE_NEWNS, &err), 0);
    ck_assert_int_eq(bw_stage_propagation(&st, "/", MS_PRIVATE, &err), 0);
    const char *source = below(root, "swap/d"), *to = below(root, "etc");
    char seen[200];
    snprintf(seen, sizeof seen, "/proc/%d/root%s/mark", (int)st.pid, to);
    for (int i = 0; i < ROUNDS; i++) {
        if (bw_stage_mount(&st, root, source, root, to, NULL, MS_BIND, NULL, &err))
            continue;
        made++;
        ck_assert_msg(access(seen, F_OK) != 0, "round %d", i);
        ck_assert_int_eq(bw_stage_umount(&st, root, to, MNT_DETACH, &err), 0);
    }
    bw_stage_kill(&st);
    ck_assert_int_gt(made, ROUNDS / 100);
}
END_TEST

START_TEST(no_directory_is_made_outside)
{
    struct bw_err err = BW_ERR_INIT;
    int before = entries_outside(), made = 0;
    char path[200];

    if (needs_root("no_directory_is_made_outside"))
        return;
    ck_assert_int_eq(bw_stage_start(&st, &err), 0);
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(path, sizeof path, "%s/swap/x%d/y", root, i);
        made += bw_stage_mkdir(&st, root, path, 0755, true, &err) == 0;
    }
    bw_stage_kill(&st);
    ck_assert_int_eq(entries_outside(), before);
    ck_assert_int_gt(made, ROUNDS / 100);
}
END_TEST

/* The same as typed: that this is a root file system not to be trusted is found by looking. */
START_TEST(what_is_typed_stays_inside)
{
    struct bw_session s;
    struct bw_out out;
    BW_AUTO_STR text = BW_STR_INIT, line = BW_STR_INIT;
    int before = entries_outside();

    if (needs_root("what_is_typed_stays_inside"))
        return;
    bw_out_string(&out, &text);
    bw_session_open(&s, &out);
    s.keep_going = true;
    ck_assert_int_eq(bw_session_text(&s, "unshare mnt", 11, NULL), 0);
    for (int i = 0; i < SESSION_ROUNDS; i++) {
        bw_str_clear(&line);
        bw_str_addf(&line, "mkdir -p %s/swap/x%d/y\nmount -t tmpfs none %s//swap/d\n", root, i,
                    root);
        bw_str_addf(&line, "bind /usr %s/swap/d\numount -l %s/swap/d\n", root, root);
        bw_session_text(&s, line.s, line.len, NULL);
        ck_assert_msg(escaped(s.box->stage.pid) == 0, "round %d", i);
        /* Many steps make each undoing of a refused one long. */
        while (s.box->journal.n > 1) {
            bw_step_free(&s.box->journal.v[--s.box->journal.n]);
            s.box->journal.v[s.box->journal.n] = (struct bw_step){0};
        }
    }
    ck_assert_ptr_nonnull(strstr(bw_str_get(&text), "mount(\"none\", \".\""));
    bw_session_close(&s);
    ck_assert_int_eq(entries_outside(), before);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("race");
    TCase *t = tcase_create("race");

    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, no_mount_lands_outside);
    tcase_add_test(t, no_bind_brings_in_what_is_outside);
    tcase_add_test(t, no_directory_is_made_outside);
    tcase_add_test(t, what_is_typed_stays_inside);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
