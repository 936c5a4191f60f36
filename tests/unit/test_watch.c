/* What sessions that are gone left in the folder of the watchers' sockets. */
#include "ui/watch.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

static char dir[] = "/tmp/bwtest.XXXXXX";

static int make_socket(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s/boxwright/%s", dir, name);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static bool is_there(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/boxwright/%s", dir, name);
    return access(path, F_OK) == 0;
}

START_TEST(test_cleanup)
{
    BW_AUTO_STR report = BW_STR_INIT, folder = BW_STR_INIT;
    struct bw_err err = BW_ERR_INIT;
    char path[128];

    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("XDG_RUNTIME_DIR", dir, 1);
    bw_watch_cleanup(&report);
    ck_assert_uint_eq(report.len, 0);
    ck_assert_int_eq(bw_watch_folder(true, &folder, &err), 0);
    close(make_socket("4194001"));
    close(make_socket("name"));
    int alive = make_socket("4194002");
    ck_assert_int_eq(listen(alive, 1), 0);
    snprintf(path, sizeof path, "%s/boxwright/4194003", dir);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));

    bw_watch_cleanup(&report);
    ck_assert(!is_there("4194001"));
    ck_assert(is_there("name") && is_there("4194002") && is_there("4194003"));
    snprintf(path, sizeof path, "removed %s/4194001: its shell, process 4194001, is gone\n",
             folder.s);
    ck_assert_str_eq(bw_str_get(&report), path);

    /* A folder that others may write to is not looked into. */
    close(make_socket("4194004"));
    chmod(folder.s, 0770);
    bw_watch_cleanup(&report);
    ck_assert(is_there("4194004"));
    close(alive);
    chmod(folder.s, 0700);
    const char *names[] = {"name", "4194002", "4194003", "4194004"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder.s, names[i]);
        unlink(path);
    }
    bw_watch_cleanup(&report);
    ck_assert_int_ne(access(folder.s, F_OK), 0);
    rmdir(dir);
}
END_TEST

static void ignore(void *ctx)
{
    (void)ctx;
}

START_TEST(test_name_is_taken)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_STR folder = BW_STR_INIT;
    char pid[16];

    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("XDG_RUNTIME_DIR", dir, 1);
    ck_assert_int_eq(bw_watch_folder(true, &folder, &err), 0);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    int other = make_socket(pid);
    ck_assert_int_eq(listen(other, 1), 0);
    ck_assert_ptr_null(bw_watch_open(ignore, NULL, &err));
    ck_assert(is_there(pid));
    close(other);
    struct bw_watch_server *s = bw_watch_open(ignore, NULL, &err);
    ck_assert_ptr_nonnull(s);
    bw_watch_close(s);
    ck_assert_int_ne(access(folder.s, F_OK), 0);
    rmdir(dir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("watch");
    TCase *t = tcase_create("cleanup");

    tcase_add_test(t, test_cleanup);
    tcase_add_test(t, test_name_is_taken);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
