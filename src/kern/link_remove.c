/* Links on the host are named and marked as the session's, and removed by both. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/owner.h"
#include "link_int.h"

static int remove_link(int sock, const struct bw_link *k, struct bw_err *err)
{
    struct {
        struct nlmsghdr h;
        struct ifinfomsg m;
    } rq = {.h = {.nlmsg_len = sizeof rq, .nlmsg_type = RTM_DELLINK},
            .m = {.ifi_family = AF_UNSPEC, .ifi_index = k->index}};
    char shell[64];
    snprintf(shell, sizeof shell, "ip link del %s", k->name);
    if (bw_net_request(sock, &rq.h, "RTM_DELLINK", k->name, shell, err) == 0)
        return 0;
    /* The other end of a pair went first. */
    return errno == ENODEV ? 0 : -1;
}

int bw_link_remove(int sock, const char *name, const char *alias, bool any, struct bw_err *err)
{
    struct bw_links l;
    int r = 0;
    if (bw_links_read(sock, &l))
        return bw_err_call(err, errno, "recvmsg", "%d, {RTM_NEWLINK, …}", sock);
    const struct bw_link *k = bw_links_find(&l, name);
    if (k && (strcmp(k->alias, alias) == 0 || (any && !*k->alias)))
        r = remove_link(sock, k, err);
    bw_links_free(&l);
    return r;
}

int bw_link_cleanup(struct bw_str *report)
{
    struct bw_links l;
    int removed = 0;
    BW_AUTO_FD sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (sock < 0 || bw_links_read(sock, &l))
        return 0;
    for (size_t i = 0; i < l.n; i++) {
        const struct bw_link *k = &l.v[i];
        struct bw_err err = BW_ERR_INIT;
        pid_t pid;
        if (!bw_owner_gone(BW_OWNER_THING, k->alias, strlen(k->alias), &pid))
            continue;
        if (remove_link(sock, k, &err)) {
            bw_str_addf(report, "left link %s: %s: %s\n", k->name, err.op, strerror(err.code));
            continue;
        }
        bw_str_addf(report, "removed link %s: its shell, process %d, is gone\n", k->name, (int)pid);
        removed++;
    }
    bw_links_free(&l);
    return removed;
}
