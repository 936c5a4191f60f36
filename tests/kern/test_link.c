/* kern/link: interfaces of a network namespace made for the test, and who answers for the kernel.
 */
#include <check.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/link.h"

static bool cannot(const char *name)
{
    if (geteuid() != 0 && unshare(CLONE_NEWUSER) == 0 && unshare(CLONE_NEWNET) == 0)
        return false;
    if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0)
        return false;
    printf("SKIP %s: no network namespace can be made: %s\n", name, strerror(errno));
    return true;
}

static int netlink(void)
{
    struct bw_err err = BW_ERR_INIT;
    int sock = bw_net_socket(getpid(), AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &err);

    ck_assert_msg(sock >= 0, "%s", err.call);
    return sock;
}

START_TEST(a_new_namespace_has_lo_alone)
{
    struct bw_links l;
    struct bw_routes r;

    if (cannot("a_new_namespace_has_lo_alone"))
        return;
    int sock = netlink();
    ck_assert_int_eq(bw_links_read(sock, &l), 0);
    const struct bw_link *lo = bw_links_find(&l, "lo");
    ck_assert_ptr_nonnull(lo);
    ck_assert(!lo->up);
    ck_assert_uint_eq(lo->n_addr, 0);
    ck_assert_ptr_null(bw_links_find(&l, "eth0"));
    ck_assert_int_eq(bw_routes_read(sock, &r), 0);
    ck_assert_uint_eq(r.n, 0);
    bw_routes_free(&r);
    bw_links_free(&l);
    close(sock);
}
END_TEST

/* A child's socket is of the child's namespace, the caller stays where it is. */
START_TEST(a_socket_keeps_its_namespace)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_links l;
    int ready[2], hold[2];
    char c = 0;

    if (geteuid() != 0) {
        puts("SKIP a_socket_keeps_its_namespace: not root");
        return;
    }
    ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    ck_assert_int_eq(pipe(ready) | pipe(hold), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(hold[1]);
        if (unshare(CLONE_NEWNET) || system("ip link set lo up") != 0 ||
            write(ready[1], &c, 1) != 1)
            _exit(1);
        _exit(read(hold[0], &c, 1) != 0);
    }
    ck_assert_int_eq(read(ready[0], &c, 1), 1);
    int sock = bw_net_socket(pid, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &err);
    ck_assert_msg(sock >= 0, "%s", err.call);
    close(hold[1]);
    ck_assert_int_eq(bw_links_read(sock, &l), 0);
    ck_assert(bw_links_find(&l, "lo")->up);
    bw_links_free(&l);
    close(sock);
    sock = netlink();
    ck_assert_int_eq(bw_links_read(sock, &l), 0);
    ck_assert(!bw_links_find(&l, "lo")->up);
    bw_links_free(&l);
    close(sock);
    waitpid(pid, NULL, 0);
}
END_TEST

/* A program with CAP_NET_ADMIN in the namespace may write to the socket: it says that all is well
 * with whatever comes next. */
static void forge(int sock)
{
    struct sockaddr_nl to = {0};
    socklen_t size = sizeof to;
    struct {
        struct nlmsghdr h;
        struct nlmsgerr e;
    } ok = {.h = {.nlmsg_len = sizeof ok, .nlmsg_type = NLMSG_ERROR}};
    int other = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    ck_assert_int_eq(getsockname(sock, (struct sockaddr *)&to, &size), 0);
    ck_assert_uint_ne(to.nl_pid, 0);
    for (ok.h.nlmsg_seq = 1; ok.h.nlmsg_seq < 32; ok.h.nlmsg_seq++)
        ck_assert_int_eq(sendto(other, &ok, sizeof ok, 0, (struct sockaddr *)&to, sizeof to),
                         sizeof ok);
    close(other);
}

START_TEST(nobody_answers_for_the_kernel)
{
    struct bw_err err = BW_ERR_INIT;
    struct {
        struct nlmsghdr h;
        struct ifinfomsg m;
    } rq = {.h = {.nlmsg_len = sizeof rq, .nlmsg_type = RTM_DELLINK}, .m = {.ifi_index = 4711}};

    if (cannot("nobody_answers_for_the_kernel"))
        return;
    int sock = netlink();
    struct bw_links l;
    /* With its first message the socket gets an address. */
    ck_assert_int_eq(bw_links_read(sock, &l), 0);
    bw_links_free(&l);
    forge(sock);
    ck_assert_int_eq(bw_net_request(sock, &rq.h, "RTM_DELLINK", "4711", "ip link del", &err), -1);
    ck_assert_int_eq(err.code, ENODEV);
    ck_assert_str_eq(err.call, "RTM_DELLINK(4711)");
    close(sock);
}
END_TEST

START_TEST(only_what_is_marked_is_removed)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_links l;

    if (geteuid() != 0 || cannot("only_what_is_marked_is_removed"))
        return;
    if (system("ip link add one type bridge 2>/dev/null && ip link add two type bridge && "
               "ip link set one alias ours && ip link set two alias theirs") != 0) {
        puts("SKIP only_what_is_marked_is_removed: the kernel has no bridge");
        return;
    }
    int sock = netlink();
    ck_assert_int_eq(bw_link_remove(sock, "two", "ours", true, &err), 0);
    ck_assert_int_eq(bw_link_remove(sock, "one", "ours", false, &err), 0);
    ck_assert_int_eq(bw_link_remove(sock, "absent", "ours", true, &err), 0);
    ck_assert_int_eq(bw_links_read(sock, &l), 0);
    ck_assert_ptr_null(bw_links_find(&l, "one"));
    ck_assert_ptr_nonnull(bw_links_find(&l, "two"));
    bw_links_free(&l);
    close(sock);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("link");
    TCase *c = tcase_create("link");

    tcase_add_test(c, a_new_namespace_has_lo_alone);
    tcase_add_test(c, a_socket_keeps_its_namespace);
    tcase_add_test(c, nobody_answers_for_the_kernel);
    tcase_add_test(c, only_what_is_marked_is_removed);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed > 0;
}
