/* what a stage that was taken over answers: replies, events, descriptors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../src/stage/client_priv.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/call.h"

enum { PACKETS = 8 };

/* The byte before a packet says how it comes: with how many descriptors, and whether its head is
 * put right first, so that most of what is tried is not refused for its length alone. */
static void send_one(int sock, struct fuzz_input *in, unsigned seq)
{
    static char buf[4096];
    unsigned how = fuzz_byte(in), n_fds = how & 7;
    size_t n = fuzz_byte(in) * 4u;
    struct bw_head head;

    n = n < in->left ? n : in->left;
    if (n > 0)
        memcpy(buf, in->at, n);
    in->at += n;
    in->left -= n;
    if (how & 8 && n >= sizeof head) {
        memcpy(&head, buf, sizeof head);
        head.magic = BW_PROTO_MAGIC;
        head.length = (uint32_t)n;
        head.reserved = 0;
        head.seq = how & 16 ? seq : head.seq;
        memcpy(buf, &head, sizeof head);
    }
    int fds[7] = {0, 0, 0, 0, 0, 0, 0};
    char control[CMSG_SPACE(sizeof fds)] = {0};
    struct iovec iov = {buf, n};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (n_fds > 0) {
        msg.msg_control = control;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int) * n_fds),
                              .cmsg_level = SOL_SOCKET,
                              .cmsg_type = SCM_RIGHTS};
        for (unsigned i = 0; i < n_fds; i++)
            fds[i] = sock;
        memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
    }
    if (sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return;
}

static void one_request(struct bw_stage *st, unsigned which)
{
    static const int fds[3] = {0, 1, 2};
    struct bw_err err = BW_ERR_INIT;
    struct bw_stage child;
    bool made;
    int r = which == 0   ? bw_stage_ping(st, &err)
            : which == 1 ? bw_stage_unshare(st, 0, &err)
            : which == 2 ? bw_stage_pivot(st, "x", &err)
            : which == 3 ? bw_stage_rootfs(st, "tar", "d", NULL, &made, &err)
            : which == 4 ? bw_stage_fork(st, &err)
            : which == 5 ? bw_stage_scratch(st, fds, 0, &child, &err)
            : which == 6 ? bw_stage_mkdir(st, NULL, "/x", 0755, true, &err)
                         : bw_stage_setid(st, 0, 0, &err);

    FUZZ_CHECK(r == 0 || r == -1);
    fuzz_check_err(0, &err);
    FUZZ_CHECK(err.status >= 0 && err.status <= 255);
}

/* The lowest descriptor that is free: the same again when none stayed open below or there. */
static int next_fd(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct bw_stage st = BW_STAGE_INIT;
    struct bw_calls calls = {0};
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return 0;
    int before = next_fd();
    st.sock = pair[0];
    st.pid = st.inner = getpid();
    bw_call_recorder(&calls, true);
    unsigned which = fuzz_byte(&in);
    for (int i = 0; i < PACKETS && in.left > 0; i++)
        send_one(pair[1], &in, 1 + (unsigned)i % 2);
    /* What was sent is still there to be read; then the stage is gone. */
    shutdown(pair[1], SHUT_WR);
    one_request(&st, which & 7);
    bw_client_events(&st);
    one_request(&st, which >> 3 & 7);
    bw_client_events(&st);
    for (size_t i = 0; i < st.n_events; i++)
        FUZZ_CHECK((st.events[i].kind == BW_EVENT_EXIT || st.events[i].kind == BW_EVENT_STOP ||
                    st.events[i].kind == BW_EVENT_KILL) &&
                   st.events[i].pid > 0 && st.events[i].status >= 0 && st.events[i].status <= 255);
    bw_call_recorder(NULL, false);
    bw_calls_free(&calls);
    free(st.events);
    /* No descriptor that came along stays open. */
    FUZZ_CHECK(next_fd() == before);
    close(pair[0]);
    close(pair[1]);
    return 0;
}
