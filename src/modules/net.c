/* Requests of rtnetlink(7), built by libnl-route-3; kern/link.c sends them and hears the answer. */
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/link.h"
#include "kern/netmake.h"

/* built: what libnl answered when it was to build msg, which is sent and freed. */
static int request(int sock, int built, struct nl_msg *msg, const char *name, const char *what,
                   const char *shell, struct bw_err *err)
{
    if (built < 0) {
        bw_err_set(err, "libnl could not build %s %s: %s", name, what, nl_geterror(built));
        bw_err_todo(err, "it may be out of memory; try again");
        return -1;
    }
    int r = bw_net_request(sock, nlmsg_hdr(msg), name, what, shell, err);
    nlmsg_free(msg);
    return r;
}

static int veth(int sock, const char *name, const char *peer, int netns, struct bw_err *err)
{
    BW_AUTO_STR what = BW_STR_INIT, shell = BW_STR_INIT;
    struct nl_msg *msg = NULL;
    struct rtnl_link *link = rtnl_link_veth_alloc();
    struct rtnl_link *other = link ? rtnl_link_veth_get_peer(link) : NULL;
    int built = -NLE_NOMEM;
    if (other) {
        rtnl_link_set_name(link, name);
        rtnl_link_set_name(other, peer);
        rtnl_link_set_ns_fd(other, netns);
        built = rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg);
        rtnl_link_put(other);
    }
    if (link)
        rtnl_link_veth_release(link);
    bw_str_addf(&what, "\"%s\", veth, peer \"%s\" in netns %d", name, peer, netns);
    bw_str_addf(&shell, "ip link add %s type veth peer name %s netns PID", name, peer);
    return request(sock, built, msg, "RTM_NEWLINK", what.s, shell.s, err);
}

static int bridge(int sock, const char *name, struct bw_err *err)
{
    BW_AUTO_STR what = BW_STR_INIT, shell = BW_STR_INIT;
    struct nl_msg *msg = NULL;
    struct rtnl_link *link = rtnl_link_alloc();
    int built = link ? rtnl_link_set_type(link, "bridge") : -NLE_NOMEM;
    if (built == 0) {
        rtnl_link_set_name(link, name);
        built = rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg);
    }
    rtnl_link_put(link);
    bw_str_addf(&what, "\"%s\", bridge", name);
    bw_str_addf(&shell, "ip link add %s type bridge", name);
    return request(sock, built, msg, "RTM_NEWLINK", what.s, shell.s, err);
}

/* What of a link is to be another one than it is. */
static int change(int sock, const struct bw_link *link, struct rtnl_link *to, const char *what,
                  const char *shell, struct bw_err *err)
{
    struct nl_msg *msg = NULL;
    struct rtnl_link *is = rtnl_link_alloc();
    int built = -NLE_NOMEM;
    if (is && to) {
        rtnl_link_set_ifindex(is, link->index);
        built = rtnl_link_build_change_request(is, to, 0, &msg);
    }
    rtnl_link_put(is);
    rtnl_link_put(to);
    return request(sock, built, msg, "RTM_NEWLINK", what, shell, err);
}

static int up(int sock, const struct bw_link *link, struct bw_err *err)
{
    BW_AUTO_STR what = BW_STR_INIT, shell = BW_STR_INIT;
    struct rtnl_link *to = rtnl_link_alloc();
    if (to)
        rtnl_link_set_flags(to, IFF_UP);
    bw_str_addf(&what, "\"%s\", IFF_UP", link->name);
    bw_str_addf(&shell, "ip link set %s up", link->name);
    return change(sock, link, to, what.s, shell.s, err);
}

static int alias(int sock, const struct bw_link *link, const char *text, struct bw_err *err)
{
    BW_AUTO_STR what = BW_STR_INIT, shell = BW_STR_INIT;
    struct rtnl_link *to = rtnl_link_alloc();
    if (to)
        rtnl_link_set_ifalias(to, text);
    bw_str_addf(&what, "\"%s\", IFLA_IFALIAS \"%s\"", link->name, text);
    bw_str_addf(&shell, "ip link set %s alias %s", link->name, text);
    return change(sock, link, to, what.s, shell.s, err);
}

static int master(int sock, const struct bw_link *link, const struct bw_link *of,
                  struct bw_err *err)
{
    BW_AUTO_STR what = BW_STR_INIT, shell = BW_STR_INIT;
    struct rtnl_link *to = rtnl_link_alloc();
    if (to)
        rtnl_link_set_master(to, of->index);
    bw_str_addf(&what, "\"%s\", IFLA_MASTER \"%s\"", link->name, of->name);
    bw_str_addf(&shell, "ip link set %s master %s", link->name, of->name);
    return change(sock, link, to, what.s, shell.s, err);
}

static struct nl_addr *address_of(const struct bw_ip *ip)
{
    struct nl_addr *a = nl_addr_build(ip->family, ip->b, ip->family == AF_INET ? 4 : 16);
    if (a)
        nl_addr_set_prefixlen(a, (int)ip->len);
    return a;
}

/* Without a search for duplicates: an IPv6 address would not be usable for a second or two. */
static int address(int sock, const struct bw_link *link, const struct bw_ip *ip, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT, what = BW_STR_INIT, shell = BW_STR_INIT;
    struct nl_msg *msg = NULL;
    struct nl_addr *local = address_of(ip);
    struct rtnl_addr *a = rtnl_addr_alloc();
    int built = a && local ? 0 : -NLE_NOMEM;
    if (built == 0) {
        rtnl_addr_set_ifindex(a, link->index);
        if (ip->family == AF_INET6)
            rtnl_addr_set_flags(a, IFA_F_NODAD);
        built = rtnl_addr_set_local(a, local);
    }
    if (built == 0)
        built = rtnl_addr_build_add_request(a, NLM_F_CREATE | NLM_F_EXCL, &msg);
    rtnl_addr_put(a);
    nl_addr_put(local);
    bw_ip_add(ip, true, &text);
    bw_str_addf(&what, "\"%s\", IFA_LOCAL %s", link->name, text.s);
    bw_str_addf(&shell, "ip addr add %s dev %s%s", text.s, link->name,
                ip->family == AF_INET6 ? " nodad" : "");
    return request(sock, built, msg, "RTM_NEWADDR", what.s, shell.s, err);
}

static int route(int sock, const struct bw_ip *to, const struct bw_ip *via, struct bw_err *err)
{
    BW_AUTO_STR dst = BW_STR_INIT, gw = BW_STR_INIT, what = BW_STR_INIT, shell = BW_STR_INIT;
    struct nl_msg *msg = NULL;
    struct nl_addr *a = address_of(to), *b = address_of(via);
    struct rtnl_route *r = rtnl_route_alloc();
    struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
    int built = a && b && r && hop ? 0 : -NLE_NOMEM;
    if (built == 0) {
        rtnl_route_set_family(r, (uint8_t)to->family);
        rtnl_route_set_table(r, RT_TABLE_MAIN);
        rtnl_route_set_protocol(r, RTPROT_BOOT);
        rtnl_route_set_scope(r, RT_SCOPE_UNIVERSE);
        rtnl_route_nh_set_gateway(hop, b);
        rtnl_route_add_nexthop(r, hop);
        hop = NULL;
        built = rtnl_route_set_dst(r, a);
    }
    if (built == 0)
        built = rtnl_route_build_add_request(r, NLM_F_CREATE | NLM_F_EXCL, &msg);
    if (hop)
        rtnl_route_nh_free(hop);
    rtnl_route_put(r);
    nl_addr_put(a);
    nl_addr_put(b);
    if (to->len == 0)
        bw_str_add(&dst, "default");
    else
        bw_ip_add(to, true, &dst);
    bw_ip_add(via, false, &gw);
    bw_str_addf(&what, "RTA_DST %s, RTA_GATEWAY %s", dst.s, gw.s);
    bw_str_addf(&shell, "ip route add %s via %s", dst.s, gw.s);
    return request(sock, built, msg, "RTM_NEWROUTE", what.s, shell.s, err);
}

const struct bw_netmake bw_net_module = {veth, bridge, up, alias, master, address, route};
