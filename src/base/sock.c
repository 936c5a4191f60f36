#include "base/sock.h"

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
