/* What the shell makes of a stage that a program of the box has taken over: nothing it says is
 * done or shown unchecked. The stage here is a child of the test that answers as it likes. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/intr.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/observe.h"
#include "stage/client.h"
#include "stage/proto.h"

static struct bw_stage st;

static void take(int sock, struct bw_packet *p)
{
    static char buf[BW_PROTO_MAX];
    ssize_t n = recv(sock, buf, sizeof buf, 0);

    if (n <= 0 || bw_proto_decode(buf, (size_t)n, p))
        _exit(0);
}

static void give(int sock, const struct bw_packet *p, int fd)
{
    static char buf[BW_PROTO_MAX];
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec iov = {buf, (size_t)bw_proto_encode(p, buf, sizeof buf)};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (fd >= 0) {
        msg.msg_control = control;
        msg.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        *c = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    if (sendmsg(sock, &msg, MSG_NOSIGNAL) < 0)
        _exit(0);
}

/* A reply of success, or of the error given, without calls. */
static struct bw_packet *answer(const struct bw_packet *request, int code)
{
    static struct bw_packet p;

    memset(&p, 0, sizeof p);
    p.head = (struct bw_head){
        .kind = BW_KIND_REPLY, .code = code != 0, .seq = request->head.seq, .strings = 4};
    for (int i = 0; i < 4; i++)
        p.str[i] = "";
    p.head.n[2] = code;
    p.head.n[3] = code ? 1 : 0;
    return &p;
}

static void start(void (*answers)(int sock))
{
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    st = (struct bw_stage)BW_STAGE_INIT;
    st.pid = fork();
    if (st.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(pair[0]);
        answers(pair[1]);
        for (;;)
            pause();
    }
    close(pair[1]);
    st.sock = pair[0];
    st.inner = st.pid;
    st.pidfd = (int)syscall(SYS_pidfd_open, st.pid, 0);
}

static void stop(void)
{
    kill(st.pid, SIGKILL);
    waitpid(st.pid, NULL, 0);
    close(st.sock);
    close(st.pidfd);
    free(st.events);
}

/* "My new program is process such and such": one the shell is to kill later. */
static void names_the_shell(int sock)
{
    static struct bw_packet p;
    int victim = (int)syscall(SYS_pidfd_open, getppid(), 0);

    for (;;) {
        take(sock, &p);
        give(sock, answer(&p, 0), victim);
    }
}

START_TEST(a_process_that_is_not_its_child_is_not_taken)
{
    const int fds[3] = {0, 1, 2};
    struct bw_stage child;
    struct bw_err err = BW_ERR_INIT;

    start(names_the_shell);
    ck_assert_int_eq(bw_stage_scratch(&st, fds, 0, &child, &err), -1);
    ck_assert_int_le(child.pid, 0);
    ck_assert_int_eq(bw_stage_fork(&st, &err), -1);
    ck_assert_int_ne(st.pid, getpid());
    stop();
}
END_TEST

static void sends_a_file(int sock)
{
    static struct bw_packet p;
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    for (;;) {
        take(sock, &p);
        give(sock, answer(&p, 0), file);
    }
}

START_TEST(a_descriptor_that_is_no_process_is_not_taken)
{
    const int fds[3] = {0, 1, 2};
    struct bw_stage child;
    struct bw_err err = BW_ERR_INIT;

    start(sends_a_file);
    ck_assert_int_eq(bw_stage_scratch(&st, fds, 0, &child, &err), -1);
    stop();
}
END_TEST

static void tells_without_end(int sock)
{
    static struct bw_packet p, event;

    take(sock, &p);
    event.head = (struct bw_head){.kind = BW_KIND_EVENT, .code = BW_EVENT_EXIT};
    for (int i = 0; i < 100000; i++) {
        event.head.n[0] = i + 1;
        give(sock, &event, -1);
    }
    give(sock, answer(&p, 0), -1);
}

START_TEST(events_without_end_fill_no_memory)
{
    struct bw_err err = BW_ERR_INIT;

    start(tells_without_end);
    ck_assert_int_eq(bw_stage_ping(&st, &err), -1);
    ck_assert_uint_eq(st.n_events, 65536);
    stop();
}
END_TEST

static int64_t said_status, said_code;

static void fails_strangely(int sock)
{
    static struct bw_packet p;

    for (;;) {
        take(sock, &p);
        struct bw_packet *a = answer(&p, 1);
        a->head.n[2] = said_code;
        a->head.n[3] = said_status;
        give(sock, a, -1);
    }
}

START_TEST(statuses_out_of_range_are_refused)
{
    static const struct {
        int64_t code, status;
    } said[] = {{1, -1}, {1, 256}, {1, 1LL << 40}, {-1, 1}, {1 << 20, 1}};
    struct bw_err err = BW_ERR_INIT;

    said_code = said[_i].code;
    said_status = said[_i].status;
    start(fails_strangely);
    ck_assert_int_eq(bw_stage_ping(&st, &err), -1);
    ck_assert_int_eq(err.status, BW_REFUSED);
    ck_assert_ptr_nonnull(strstr(err.cause, "cannot be read"));
    stop();
}
END_TEST

static int64_t told_kind, told_pid, told_status;

static void tells_strangely(int sock)
{
    static struct bw_packet p, event;

    take(sock, &p);
    memset(&event, 0, sizeof event);
    event.head = (struct bw_head){
        .kind = BW_KIND_EVENT, .code = (uint16_t)told_kind, .n = {told_pid, told_status}};
    give(sock, &event, -1);
    give(sock, answer(&p, 0), -1);
}

START_TEST(programs_that_cannot_be_are_not_told_of)
{
    static const int64_t told[][3] = {
        {BW_EVENT_EXIT, 42, 256},      {BW_EVENT_EXIT, 42, -1}, {BW_EVENT_STOP, 42, 0x7fffffff},
        {BW_EVENT_EXIT, 1LL << 40, 0}, {BW_EVENT_EXIT, -1, 0},  {7, 42, 0},
        {BW_EVENT_KILL, 42, 0},        {BW_EVENT_KILL, 42, 65}};
    struct bw_err err = BW_ERR_INIT;

    told_kind = told[_i][0];
    told_pid = told[_i][1];
    told_status = told[_i][2];
    start(tells_strangely);
    ck_assert_int_eq(bw_stage_ping(&st, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.cause, "what cannot be"));
    ck_assert_uint_eq(st.n_events, 0);
    stop();
}
END_TEST

static void fails_with_a_descriptor(int sock)
{
    static struct bw_packet p;

    for (;;) {
        take(sock, &p);
        give(sock, answer(&p, p.head.code == BW_OP_FORK), 0);
    }
}

START_TEST(descriptors_that_were_not_asked_for_are_closed)
{
    struct bw_err err = BW_ERR_INIT;
    bool made;

    start(fails_with_a_descriptor);
    int next = dup(0);
    close(next);
    ck_assert_int_eq(bw_stage_fork(&st, &err), -1);
    ck_assert_int_eq(bw_stage_rootfs(&st, "busybox", "/x", NULL, &made, &err), 0);
    int now = dup(0);
    close(now);
    ck_assert_int_eq(now, next);
    stop();
}
END_TEST

static void says_nothing(int sock)
{
    static struct bw_packet p;

    take(sock, &p);
}

START_TEST(a_silent_stage_does_not_hold_up_a_shell_that_is_to_end)
{
    struct bw_err err = BW_ERR_INIT;

    start(says_nothing);
    bw_intr_end = SIGTERM;
    ck_assert_int_eq(bw_stage_ping(&st, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.cause, "had not answered"));
    stop();
}
END_TEST

START_TEST(records_of_calls_cannot_drive_the_terminal)
{
    struct bw_call c = {.name = (char[]){"\033]0;x\a"},
                        .args = (char[]){"\x9b"
                                         "2J\n"}};
    BW_AUTO_STR out = BW_STR_INIT;

    bw_call_format(&c, &out);
    ck_assert_str_eq(bw_str_get(&out), "\\x1b]0;x\\x07(\\x9b2J\\x0a) = 0");
}
END_TEST

/* Descriptors of its choice for listeners, which the shell would answer and keep. */
static void offers_listeners(int sock)
{
    static struct bw_packet p, event;
    int null = open("/dev/null", O_RDWR);

    take(sock, &p);
    event.head = (struct bw_head){.kind = BW_KIND_EVENT, .code = BW_EVENT_LISTENER};
    for (int i = 0; i < 100; i++)
        give(sock, &event, null);
    close(sock);
}

static int listeners_taken;

static void count_listener(void *ctx, int fd)
{
    (void)ctx;
    listeners_taken++;
    close(fd);
}

START_TEST(a_descriptor_that_is_no_listener_is_not_taken)
{
    static char name[] = "true";
    char *argv[] = {name, NULL}, *env[] = {NULL};
    struct bw_err err = BW_ERR_INIT;
    int before = dup(0), after;

    close(before);
    bw_stage_on_listener(count_listener, NULL);
    start(offers_listeners);
    bw_stage_exec(&st, argv, env, &err);
    ck_assert_int_eq(listeners_taken, 0);
    after = dup(0);
    /* The stage's pidfd, and the socket where it was not closed: none of a hundred is left. */
    ck_assert_int_le(after, before + 3);
    close(after);
    kill(st.pid, SIGKILL);
    waitpid(st.pid, NULL, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hostile stage");
    TCase *t = tcase_create("hostile");

    tcase_set_timeout(t, 40);
    tcase_add_test(t, a_process_that_is_not_its_child_is_not_taken);
    tcase_add_test(t, a_descriptor_that_is_no_process_is_not_taken);
    tcase_add_test(t, events_without_end_fill_no_memory);
    tcase_add_loop_test(t, statuses_out_of_range_are_refused, 0, 5);
    tcase_add_loop_test(t, programs_that_cannot_be_are_not_told_of, 0, 8);
    tcase_add_test(t, descriptors_that_were_not_asked_for_are_closed);
    tcase_add_test(t, a_silent_stage_does_not_hold_up_a_shell_that_is_to_end);
    tcase_add_test(t, records_of_calls_cannot_drive_the_terminal);
    tcase_add_test(t, a_descriptor_that_is_no_listener_is_not_taken);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
