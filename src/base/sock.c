#include "base/sock.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>

enum { TRIES = 100, PAUSE_MS = 10 };

int bw_sock_again(int *tries)
{
    switch (errno) {
    case EINTR:
        return 1;
    /* Of the other side, of the message, or of the caller's flags: waiting changes nothing. */
    case EAGAIN:
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
    case EBADF:
    case ENOTSOCK:
    case EMSGSIZE:
    case E2BIG:
    case EINVAL:
    case EFAULT:
        return 0;
    default:
        break;
    }
    int code = errno;
    if (++*tries > TRIES)
        return 0;
    poll(NULL, 0, PAUSE_MS);
    errno = code;
    return 1;
}

ssize_t bw_sock_send(int sock, const struct msghdr *msg, int flags)
{
    int tries = 0;
    ssize_t n;
    do
        n = sendmsg(sock, msg, flags | MSG_NOSIGNAL);
    while (n < 0 && bw_sock_again(&tries));
    return n;
}

ssize_t bw_sock_recv(int sock, struct msghdr *msg, int flags)
{
    int tries = 0;
    ssize_t n;
    do
        n = recvmsg(sock, msg, flags | MSG_CMSG_CLOEXEC);
    while (n < 0 && bw_sock_again(&tries));
    return n;
}
