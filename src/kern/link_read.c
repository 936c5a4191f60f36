/* Interfaces, addresses and routes from a dump. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "link_int.h"

enum { LINKS_MAX = 65536 };

/* A string attribute, cut to fit. */
static void copy(const struct rtattr *a, char *out, size_t size)
{
    size_t n = a ? strnlen(RTA_DATA(a), RTA_PAYLOAD(a)) : 0;
    if (n >= size)
        n = size - 1;
    if (n > 0)
        memcpy(out, RTA_DATA(a), n);
    out[n] = '\0';
}

static unsigned number(const struct rtattr *a)
{
    unsigned n = 0;
    if (a && RTA_PAYLOAD(a) >= sizeof n)
        memcpy(&n, RTA_DATA(a), sizeof n);
    return n;
}

static void kind_of(const struct rtattr *info, char out[BW_LINK_NAME])
{
    const struct rtattr *v[IFLA_INFO_KIND + 1];
    if (!info)
        return;
    bw_net_attributes(RTA_DATA(info), RTA_PAYLOAD(info), v, IFLA_INFO_KIND + 1);
    copy(v[IFLA_INFO_KIND], out, BW_LINK_NAME);
}

static int add_link(const struct nlmsghdr *h, void *ctx)
{
    struct bw_links *l = ctx;
    const struct ifinfomsg *m = NLMSG_DATA(h);
    const struct rtattr *v[IFLA_MAX + 1];
    if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof *m))
        return 0;
    if (l->n == LINKS_MAX)
        return errno = E2BIG, -1;
    bw_net_attributes(IFLA_RTA(m), IFLA_PAYLOAD(h), v, IFLA_MAX + 1);
    l->v = bw_realloc(l->v, (l->n + 1) * sizeof *l->v);
    struct bw_link *k = &l->v[l->n++];
    *k = (struct bw_link){.index = m->ifi_index,
                          .up = m->ifi_flags & IFF_UP,
                          .carrier = m->ifi_flags & IFF_RUNNING,
                          .mtu = number(v[IFLA_MTU]),
                          .master = (int)number(v[IFLA_MASTER])};
    if (v[IFLA_OPERSTATE] && RTA_PAYLOAD(v[IFLA_OPERSTATE]) >= 1)
        memcpy(&k->oper, RTA_DATA(v[IFLA_OPERSTATE]), 1);
    copy(v[IFLA_IFNAME], k->name, sizeof k->name);
    copy(v[IFLA_IFALIAS], k->alias, sizeof k->alias);
    kind_of(v[IFLA_LINKINFO], k->kind);
    if (v[IFLA_ADDRESS] && RTA_PAYLOAD(v[IFLA_ADDRESS]) == 6) {
        const unsigned char *b = RTA_DATA(v[IFLA_ADDRESS]);
        snprintf(k->mac, sizeof k->mac, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
                 b[4], b[5]);
    }
    return 0;
}

static bool take_ip(const struct rtattr *a, int family, unsigned len, struct bw_ip *out)
{
    size_t size = family == AF_INET ? 4 : 16;
    *out = (struct bw_ip){.family = family, .len = len};
    if (family != AF_INET && family != AF_INET6)
        return false;
    if (!a || RTA_PAYLOAD(a) != size || len > 8 * size)
        return false;
    memcpy(out->b, RTA_DATA(a), size);
    return true;
}

static int add_address(const struct nlmsghdr *h, void *ctx)
{
    struct bw_links *l = ctx;
    const struct ifaddrmsg *m = NLMSG_DATA(h);
    const struct rtattr *v[IFA_MAX + 1];
    struct bw_ip ip;
    if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof *m))
        return 0;
    bw_net_attributes(IFA_RTA(m), IFA_PAYLOAD(h), v, IFA_MAX + 1);
    if (!take_ip(v[IFA_LOCAL] ? v[IFA_LOCAL] : v[IFA_ADDRESS], m->ifa_family, m->ifa_prefixlen,
                 &ip))
        return 0;
    for (size_t i = 0; i < l->n; i++) {
        struct bw_link *k = &l->v[i];
        if (k->index != (int)m->ifa_index)
            continue;
        k->addr = bw_realloc(k->addr, (k->n_addr + 1) * sizeof *k->addr);
        k->addr[k->n_addr++] = ip;
    }
    return 0;
}

int bw_links_read(int sock, struct bw_links *out)
{
    *out = (struct bw_links){0};
    if (bw_net_dump(sock, RTM_GETLINK, AF_UNSPEC, add_link, out) == 0 &&
        bw_net_dump(sock, RTM_GETADDR, AF_UNSPEC, add_address, out) == 0)
        return 0;
    int code = errno;
    bw_links_free(out);
    errno = code;
    return -1;
}

void bw_links_free(struct bw_links *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].addr);
    free(l->v);
    *l = (struct bw_links){0};
}

const struct bw_link *bw_links_find(const struct bw_links *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->v[i].name, name) == 0)
            return &l->v[i];
    return NULL;
}

static int add_route(const struct nlmsghdr *h, void *ctx)
{
    struct bw_routes *r = ctx;
    const struct rtmsg *m = NLMSG_DATA(h);
    const struct rtattr *v[RTA_MAX + 1];
    if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof *m))
        return 0;
    bw_net_attributes(RTM_RTA(m), RTM_PAYLOAD(h), v, RTA_MAX + 1);
    struct bw_route k = {.to = {.family = m->rtm_family, .len = m->rtm_dst_len},
                         .link = (int)number(v[RTA_OIF]),
                         .table = v[RTA_TABLE] ? number(v[RTA_TABLE]) : m->rtm_table,
                         .type = m->rtm_type};
    if (k.table == RT_TABLE_LOCAL || (m->rtm_flags & RTM_F_CLONED) ||
        (m->rtm_dst_len > 0 && !take_ip(v[RTA_DST], m->rtm_family, m->rtm_dst_len, &k.to)))
        return 0;
    if (v[RTA_GATEWAY] &&
        !take_ip(v[RTA_GATEWAY], m->rtm_family, m->rtm_family == AF_INET ? 32 : 128, &k.via))
        k.via = (struct bw_ip){0};
    if (r->n == LINKS_MAX || (m->rtm_family != AF_INET && m->rtm_family != AF_INET6))
        return 0;
    r->v = bw_realloc(r->v, (r->n + 1) * sizeof *r->v);
    r->v[r->n++] = k;
    return 0;
}

int bw_routes_read(int sock, struct bw_routes *out)
{
    *out = (struct bw_routes){0};
    if (bw_net_dump(sock, RTM_GETROUTE, AF_INET, add_route, out) == 0 &&
        (bw_net_dump(sock, RTM_GETROUTE, AF_INET6, add_route, out) == 0 || errno == EOPNOTSUPP ||
         errno == EAFNOSUPPORT))
        return 0;
    int code = errno;
    bw_routes_free(out);
    errno = code;
    return -1;
}

void bw_routes_free(struct bw_routes *r)
{
    free(r->v);
    *r = (struct bw_routes){0};
}
