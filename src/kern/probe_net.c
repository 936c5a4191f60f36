/* Interfaces that join network namespaces: made in one of the trial's own, which ends with it. */
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/link.h"
#include "kern/netmake.h"
#include "probe_int.h"

static int try_link(void *kind, struct bw_err *err)
{
    const struct bw_netmake *m = bw_netmake(err);

    if (!m || bw_probe_unshare(CLONE_NEWNET, err) != 0)
        return -1;
    BW_AUTO_FD sock = bw_net_socket(getpid(), AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, err);
    if (sock < 0)
        return -1;
    if (strcmp(kind, "bridge") == 0)
        return m->bridge(sock, "bwprobe0", err);
    BW_AUTO_FD netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return m->veth(sock, "bwprobe0", "bwprobe1", netns, err);
}

static void link_kind(struct bw_probe_row *row)
{
    struct bw_err err;

    if (bw_probe_try(try_link, row->id, &err) == 0)
        bw_probe_found(row, BW_PROBE_OK, "made one in a new network namespace");
    else
        bw_probe_refused(row, BW_PROBE_NO, &err);
}

static const struct bw_probe probes[] = {
    {"veth", "veth pairs", link_kind},
    {"bridge", "bridges", link_kind},
};

const struct bw_probes bw_probes_net = {probes, sizeof probes / sizeof probes[0]};
