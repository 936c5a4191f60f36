/* Packets between boxwright's processes. A signal, or memory that is short for a moment, must not
 * part them: what says nothing of the other side is tried again for about a second. */
#ifndef BW_BASE_SOCK_H
#define BW_BASE_SOCK_H

#include <sys/socket.h>
#include <sys/types.h>

/* sendmsg(2) with MSG_NOSIGNAL, and recvmsg(2) with MSG_CMSG_CLOEXEC. */
ssize_t bw_sock_send(int sock, const struct msghdr *msg, int flags);
ssize_t bw_sock_recv(int sock, struct msghdr *msg, int flags);

/* Makes msg carry n descriptors. control has room for them, CMSG_SPACE(n * sizeof(int)) zeros, and
 * lives as long as msg. */
void bw_sock_attach(struct msghdr *msg, void *control, const int *fds, size_t n);

#endif
