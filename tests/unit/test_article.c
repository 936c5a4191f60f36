/* cmd/article: lines as articles print them, what becomes of them, and what is said. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "cmd/article.h"
#include "cmd/session.h"

#define CGS "cgcreate, cgset, cgget, cgexec, cgclassify and cgdelete are commands of boxwright"
#define NS " --uts --ipc --net --map-root-user"

/* The line, what it becomes, and a part of what is said ("" for nothing at all). */
static const struct {
    const char *in, *out, *said;
} rewritten[] = {
    /* the article's own lines, in its order */
    {"sudo mkdir /container", "mkdir /container", "sudo is left out"},
    {"debootstrap focal /container http://archive.ubuntu.com/ubuntu/",
     "debootstrap focal /container http://archive.ubuntu.com/ubuntu/", ""},
    {"unshare --fork -- pid --mount-proc" NS, "unshare --fork --pid --mount-proc" NS,
     "after \"--\" unshare takes the rest as a program named pid"},
    {"unshare --moun-proc", "unshare --mount-proc", "--mount-proc is meant"},
    {"chroot /container /bin/bash", "chroot /container /bin/bash", ""},
    {"unshare --fork --pid --mount-proc" NS " chroot /container /bin/bash",
     "unshare --fork --pid --mount-proc" NS " chroot /container /bin/bash", ""},
    {"/bin/bash", "run /bin/bash", "run starts it in the box"},
    {"cgcreate -g cpu:container_group", "cgcreate -g cpu:container_group", ""},
    {"cgset -r cpu.cfs_quota_us=50000 container_group",
     "cgset -r cpu.cfs_quota_us=50000 container_group", ""},
    {"cgexec -g cpu:container_group /bin/bash", "cgexec -g cpu:container_group /bin/bash", ""},
    /* dashes */
    {"unshare --fork mount-proc ps", "unshare --fork --mount-proc ps", "has no dashes"},
    {"unshare mount-proc ps", "unshare --mount-proc ps", "has no dashes"},
    {"unshare -fork -mount-proc=/p ps", "unshare --fork --mount-proc=/p ps", "has one dash"},
    {"unshare -pid --fork", "unshare --pid --fork", "-pid has one dash"},
    {"unshare --mountproc", "unshare --mount-proc", "is no option of unshare"},
    {"unshare ---fork -p", "unshare --fork -p", "has a dash too many"},
    {"unshare --fork pid --mount-proc", "unshare --fork --pid --mount-proc", "pid has no dashes"},
    {"unshare \xe2\x80\x93pid \xe2\x80\x94uts", "unshare --pid --uts", "typographic dash"},
    {"unshare \xe2\x80\x93\xe2\x80\x93"
     "fork \xe2\x88\x92p",
     "unshare --fork -p", "typographic dash"},
    {"cgcreate \xe2\x80\x93g cpu:x", "cgcreate -g cpu:x", "-g is meant"},
    {"unshare\xc2\xa0--fork\xc2\xa0--pid", "unshare --fork --pid", "no-break spaces"},
    /* what util-linux understands stays as it is */
    {"unshare pid uts", "unshare pid uts", ""},
    {"unshare", "unshare", ""},
    {"unshare -fp ps", "unshare -fp ps", ""},
    {"unshare -ipc ps", "unshare -ipc ps", ""},
    {"unshare -R /root -f ls -pid", "unshare -R /root -f ls -pid", ""},
    {"unshare --map-root id", "unshare --map-root id", ""},
    {"unshare --setgroups allow --map-user 0 ls", "unshare --setgroups allow --map-user 0 ls", ""},
    {"unshare --fork -- ls -pid", "unshare --fork -- ls -pid", ""},
    {"unshare --fork -- pids", "unshare --fork -- pids", ""},
    {"unshare -m mount --bind /a /b", "unshare -m mount --bind /a /b", ""},
    {"unshare -f time --verbose", "unshare -f time --verbose", ""},
    {"unshare --bogus", "unshare --bogus", ""},
    {"run echo \xe2\x80\x93n", "run echo \xe2\x80\x93n", ""},
    /* what stands before a command */
    {"$ unshare pid", "unshare pid", "copied prompt"},
    {"root@host:/# mountproc", "mountproc", "copied prompt"},
    {"$ sudo -E -- run id", "run id", "sudo -E -- is left out"},
    {"sudo -u root run id", "run id", "sudo -u is left out"},
    {"sudo LANG=C run id", "run id", "sudo LANG=C is left out"},
    {"sudo sudo /bin/ls -l", "sudo /bin/ls -l", "sudo is left out"},
    {"./a.out x", "run ./a.out x", "./a.out is a program"},
    {"exit 3", "quit 3", ""},
    /* other programs */
    {"nsenter -t 42 -m --uts", "enter 42 mnt uts", "nsenter is called enter here"},
    {"nsenter --target=42 --all", "enter 42", "enter 42"},
    {"mkdir /sys/fs/cgroup/cpu/mine", "cgcreate -g cpu:mine", "cgcreate -g cpu:mine"},
    {"mkdir /sys/fs/cgroup/mine", "cgcreate -g cpu,memory,pids:mine", "in boxwright's own place"},
    {"cat /sys/fs/cgroup/memory/mine/memory.limit_in_bytes", "cgget -r memory.limit_in_bytes mine",
     "cgget"},
    {"rmdir /sys/fs/cgroup/pids/mine/", "cgdelete -g pids:mine", "cgdelete"},
    {"mkdir /tmp/x", "mkdir /tmp/x", ""},
};

/* Lines that are dealt with at once, and what is said or why they are refused. */
static const struct {
    const char *in;
    int status;
    const char *said;
} handled[] = {
    {"sudo apt install cgroups-tools", 0, "Debian and Ubuntu call it cgroup-tools"},
    {"sudo apt install cgroups-tools", 0, CGS},
    {"apt-get -y install cgroup-tools", 0, CGS},
    {"dnf install libcgroup-tools", 0, CGS},
    {"yum install -y libcgroup", 0, CGS},
    {"pacman -Sy libcgroup", 0, CGS},
    {"apk add cgroup-tools", 0, CGS},
    {"apt install util-linux", 0, "unshare, mount, umount and lsns are commands"},
    {"apt install nginx", -1, "does not install packages"},
    {"apt install cgroup-tools nginx", -1, "does not install packages"},
    {"apt update", -1, "host "},
    {"apt", -1, "does not install packages"},
    {"sudo", -1, "outside the box"},
    {"sudo -i", -1, "sudo boxwright"},
    {"sudo su -", -1, "outside the box"},
    {"sudo -u bob ls", -1, "sudo -u bob boxwright"},
    {"$", 0, "copied prompt"},
    {"docker run -it ubuntu", -1, "unshare pid mnt uts ipc net"},
    {"podman ps", -1, "container engine"},
    {"ip netns add x", -1, "unshare net"},
    {"cd /", -1, "sh starts a shell"},
    {"nsenter -m ls", -1, "enter PID"},
    {"nsenter -t 4 ls", -1, "enter PID"},
    {"nsenter -t 4 --wd=/", -1, "no equivalent"},
    {"mkdir /sys/fs/cgroup/cpu/a/b", -1, "no control group but its own"},
    {"cat /sys/fs/cgroup/cpu/cpu.shares", -1, "no control group but its own"},
};

static const char *const prompts[] = {"# unshare pid", "# sudo whatever", "# /bin/bash",
                                      "#\trun ls", "# mount -t proc proc /proc"};
static const char *const comments[] = {"# Prepare the root file system",
                                       "#Install the cgroups package to manipulate these resources",
                                       "# Configure resource isolation",
                                       "#Start the shell in the container",
                                       "# Create a control group for the container",
                                       "# Set CPU limit to 50%",
                                       "# Run the container process",
                                       "# run the container process",
                                       "# set it to 50%",
                                       "#run ls",
                                       "#",
                                       "# ",
                                       "# run 'open",
                                       "# what is this"};

static const struct {
    const char *text, *todo;
} redirected[] = {
    {"echo 50000 > /sys/fs/cgroup/cpu/g/cpu.cfs_quota_us", "cgset -r cpu.cfs_quota_us=50000 g"},
    {"echo '50000 100000' > /sys/fs/cgroup/g/cpu.max", "cgset -r cpu.max=50000 g"},
    {"echo $$ >> /sys/fs/cgroup/memory/g/tasks", "cgclassify -g memory:g PID"},
    {"echo 1 | sudo tee /sys/fs/cgroup/g/cgroup.procs", "cgexec -g cpu:g PROGRAM"},
    {"echo a > /tmp/x; echo /sys/fs/cgroup/", ""},
    {"ls\necho 1 > /sys/fs/cgroup/cpu/g/tasks", ""},
    {"> /sys/fs/cgroup/cpu/g/tasks", ""},
    {"", ""},
};

static struct bw_session s;
static struct bw_out out;
static struct bw_str said;

static void open_session(void)
{
    bw_out_string(&out, &said);
    bw_session_open(&s, &out);
}

static void close_session(void)
{
    bw_session_close(&s);
    bw_str_free(&said);
}

static struct bw_words split(const char *line)
{
    struct bw_words w = {0};
    struct bw_err err = BW_ERR_INIT;
    size_t used;

    ck_assert_int_eq(bw_words_split(line, strlen(line), &used, &w, &err), BW_WORDS_OK);
    return w;
}

START_TEST(rewrites)
{
    struct bw_words w = split(rewritten[_i].in);
    BW_AUTO_STR now = BW_STR_INIT;
    int status = 0;

    ck_assert(!bw_article_line(&s, &w.n, &w.v, &status));
    for (int i = 0; i < w.n; i++) {
        bw_str_add(&now, i > 0 ? " " : "");
        bw_words_quote(&now, w.v[i]);
    }
    ck_assert_ptr_null(w.v[w.n]);
    ck_assert_str_eq(bw_str_get(&now), rewritten[_i].out);
    if (*rewritten[_i].said)
        ck_assert_ptr_nonnull(strstr(bw_str_get(&said), rewritten[_i].said));
    else
        ck_assert_str_eq(bw_str_get(&said), "");
    bw_words_free(&w);
}
END_TEST

START_TEST(deals_with)
{
    struct bw_words w = split(handled[_i].in);
    int status = 99;

    ck_assert(bw_article_line(&s, &w.n, &w.v, &status));
    ck_assert_int_eq(status, handled[_i].status);
    if (status < 0) {
        ck_assert_int_eq(s.err.status, BW_REFUSED);
        bw_str_addf(&said, "%s\n%s", s.err.cause, s.err.todo);
    }
    ck_assert_msg(strstr(bw_str_get(&said), handled[_i].said) != NULL, "%s", bw_str_get(&said));
    bw_words_free(&w);
}
END_TEST

START_TEST(knows_a_prompt)
{
    ck_assert_msg(bw_article_prompt(&s, prompts[_i]), "%s", prompts[_i]);
    s.from_file = true;
    ck_assert(!bw_article_prompt(&s, prompts[_i]));
}
END_TEST

START_TEST(knows_a_comment)
{
    ck_assert_msg(!bw_article_prompt(&s, comments[_i]), "%s", comments[_i]);
}
END_TEST

START_TEST(explains_redirections)
{
    struct bw_err err = BW_ERR_INIT;
    const char *text = redirected[_i].text;

    bw_err_usage(&err, "an operator");
    bw_article_syntax(text, strlen(text), &err);
    ck_assert_msg(strstr(err.todo, redirected[_i].todo) != NULL, "%s", err.todo);
    ck_assert_int_eq(*err.todo != '\0', *redirected[_i].todo != '\0');
}
END_TEST

/* This process stands for the stage: what its root has is not missing. */
START_TEST(keeps_a_shell_that_is_there)
{
    static char sh[] = "/bin/sh", nothing[] = "/nowhere/perl", bash[] = "bash";
    char *name = sh;

    ck_assert(!bw_article_shell_fallback(&s, getpid(), &name));
    name = nothing;
    ck_assert(!bw_article_shell_fallback(&s, getpid(), &name));
    ck_assert_ptr_eq(name, nothing);
    name = bash;
    if (access("/bin/bash", X_OK) == 0 || access("/usr/bin/bash", X_OK) == 0)
        ck_assert(!bw_article_shell_fallback(&s, getpid(), &name));
}
END_TEST

START_TEST(takes_sh_for_a_missing_shell)
{
    static char bash[] = "/nowhere/bash", zsh[] = "/nowhere/bin/zsh";
    char *name = _i ? zsh : bash;

    ck_assert(bw_article_shell_fallback(&s, getpid(), &name));
    ck_assert_str_eq(name, "/bin/sh");
    ck_assert_ptr_nonnull(strstr(bw_str_get(&said), "its /bin/sh is run instead"));
}
END_TEST

#define COUNT(v) (int)(sizeof(v) / sizeof(v)[0])

int main(void)
{
    Suite *suite = suite_create("article");
    TCase *tc = tcase_create("article");

    tcase_add_checked_fixture(tc, open_session, close_session);
    tcase_add_loop_test(tc, rewrites, 0, COUNT(rewritten));
    tcase_add_loop_test(tc, deals_with, 0, COUNT(handled));
    tcase_add_loop_test(tc, knows_a_prompt, 0, COUNT(prompts));
    tcase_add_loop_test(tc, knows_a_comment, 0, COUNT(comments));
    tcase_add_loop_test(tc, explains_redirections, 0, COUNT(redirected));
    tcase_add_test(tc, keeps_a_shell_that_is_there);
    tcase_add_loop_test(tc, takes_sh_for_a_missing_shell, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
