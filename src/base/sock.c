#include "base/sock.h"

#include <string.h>

#include "base/fd.h"

ssize_t bw_sock_send(int sock, const struct msghdr *msg, int flags)
{
    int tries = 0;
    ssize_t n;
    do
        n = sendmsg(sock, msg, flags | MSG_NOSIGNAL);
    while (n < 0 && bw_again(&tries));
    return n;
}

ssize_t bw_sock_recv(int sock, struct msghdr *msg, int flags)
{
    int tries = 0;
    ssize_t n;
    do
        n = recvmsg(sock, msg, flags | MSG_CMSG_CLOEXEC);
    while (n < 0 && bw_again(&tries));
    return n;
}

void bw_sock_attach(struct msghdr *msg, void *control, const int *fds, size_t n)
{
    msg->msg_control = control;
    msg->msg_controllen = CMSG_SPACE(n * sizeof *fds);
    struct cmsghdr *m = control; /* as CMSG_FIRSTHDR(3) has it */
    m->cmsg_level = SOL_SOCKET;
    m->cmsg_type = SCM_RIGHTS;
    m->cmsg_len = CMSG_LEN(n * sizeof *fds);
    memcpy(CMSG_DATA(m), fds, n * sizeof *fds);
}
