/* What net keeps of the links it made, and their end. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/net.h"
#include "cmd/session.h"
#include "kern/explain.h"
#include "kern/observe.h"
#include "net_priv.h"

struct bw_net *net_of(struct bw_session *s)
{
    if (s->net)
        return s->net;
    int sock = bw_net_socket(getpid(), AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &s->err);
    if (sock < 0)
        return NULL;
    s->net = bw_alloc(sizeof *s->net);
    *s->net = (struct bw_net){.host = sock};
    bw_owner_name(BW_OWNER_THING, getpid(), s->net->alias);
    return s->net;
}

struct bw_box_net *net_box(struct bw_box *box)
{
    if (!box->net) {
        box->net = bw_alloc(sizeof *box->net);
        *box->net = (struct bw_box_net){0};
    }
    return box->net;
}

struct net_bridge *net_bridge_find(struct bw_session *s, const char *name)
{
    struct net_bridge *b = s->net ? s->net->bridges : NULL;
    while (b && strcmp(b->name, name) != 0)
        b = b->next;
    return b;
}

int net_place_read(struct bw_session *s, struct net_place *p)
{
    bw_links_free(&p->links);
    if (bw_links_read(p->sock, &p->links) == 0)
        return 0;
    bw_err_call(&s->err, errno, "recvmsg", "%d, {RTM_NEWLINK, …}", p->sock);
    bw_err_cause(&s->err, "the interfaces could not be read");
    return -1;
}

int net_place_open(struct bw_session *s, const struct bw_box *box, struct net_place *p)
{
    pid_t pid = box ? box->stage.pid : getpid();
    *p = (struct net_place){.sock = -1, .ns = -1};
    p->ns = bw_ns_open(pid, BW_NS_NET, &s->err);
    if (p->ns >= 0)
        p->sock = bw_net_socket(pid, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &s->err);
    if (p->sock >= 0 && net_place_read(s, p) == 0)
        return 0;
    net_place_close(p);
    return -1;
}

void net_place_close(struct net_place *p)
{
    bw_links_free(&p->links);
    bw_close_ptr(&p->sock);
    bw_close_ptr(&p->ns);
    p->sock = p->ns = -1;
}

static int refuse_address(struct bw_session *s, const struct bw_ip *ip, const struct bw_link *k,
                          const char *where)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bw_ip_add(ip, false, &text);
    bw_err_set(&s->err, "%s is an address of %s on %s already", text.s, k->name, where);
    bw_err_todo(&s->err, "take another one; net show and host ip addr list what is taken");
    return -1;
}

static int refuse_route(struct bw_session *s, const struct bw_ip *ip, const struct bw_ip *to,
                        const char *where)
{
    BW_AUTO_STR net = BW_STR_INIT, route = BW_STR_INIT;
    struct bw_ip mine = bw_ip_network(ip);
    bw_ip_add(&mine, true, &net);
    bw_ip_add(to, true, &route);
    bw_err_set(&s->err,
               "the network %s overlaps a route of %s, %s: one would take the other's "
               "packets",
               net.s, where, route.s);
    bw_err_todo(&s->err, "take another network; host ip route lists those in use");
    return -1;
}

int net_check_free(struct bw_session *s, struct net_place *p, const struct bw_ip *ip,
                   const char *where)
{
    struct bw_routes r;
    int found = 0;
    for (size_t i = 0; i < p->links.n; i++)
        for (size_t k = 0; k < p->links.v[i].n_addr; k++)
            if (bw_ip_same(&p->links.v[i].addr[k], ip))
                return refuse_address(s, ip, &p->links.v[i], where);
    if (bw_routes_read(p->sock, &r))
        return bw_err_call(&s->err, errno, "recvmsg", "%d, {RTM_NEWROUTE, …}", p->sock);
    for (size_t i = 0; i < r.n && found == 0; i++)
        if (r.v[i].to.len > 0 && r.v[i].type == RTN_UNICAST && bw_ip_overlap(&r.v[i].to, ip))
            found = refuse_route(s, ip, &r.v[i].to, where);
    bw_routes_free(&r);
    return found;
}

void net_name_free(struct bw_session *s, const struct net_place *p, char out[BW_LINK_NAME])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char session[8] = "";
    size_t n = 0;
    for (unsigned pid = (unsigned)getpid(); pid > 0 && n < sizeof session - 1; pid /= 36)
        session[n++] = digits[pid % 36];
    do
        snprintf(out, BW_LINK_NAME, "bw%s-%u", session, s->net->counter++ % 1000000);
    while (bw_links_find(&p->links, out));
}

/* ---- the end ---- */

static void tell_left(struct bw_session *s, struct bw_err *err)
{
    bw_explain_fill(err, 0);
    bw_err_todo(err, "boxwright cleanup removes it when the session has ended");
    bw_session_print_err(s, err, NULL);
}

static void remove_at(struct bw_session *s, const struct bw_box *at, const char *link)
{
    struct bw_err err = BW_ERR_INIT;
    BW_AUTO_FD inside = -1;
    if (at) {
        inside = at->stage.pid > 0
                     ? bw_net_socket(at->stage.pid, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &err)
                     : -1;
        if (inside < 0) /* it went with that box */
            return;
    }
    if (bw_link_remove(at ? inside : s->net->host, link, s->net->alias, true, &err))
        tell_left(s, &err);
}

static void drop_bridge(struct bw_session *s, struct net_bridge *b)
{
    struct net_bridge **at = &s->net->bridges;
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    for (size_t i = 0; i < s->n_boxes; i++)
        for (size_t k = 0; s->boxes[i]->net && k < s->boxes[i]->net->n_wires; k++)
            if (s->boxes[i]->net->wire[k].bridge == b)
                s->boxes[i]->net->wire[k].bridge = NULL;
    free(b);
}

static void drop_wire(struct bw_session *s, struct net_wire *w)
{
    struct net_bridge *b = w->bridge;
    if (*w->link)
        remove_at(s, w->at, w->link);
    if (!b || --b->members > 0)
        return;
    remove_at(s, b->in, b->link);
    drop_bridge(s, b);
}

void bw_net_end(struct bw_session *s)
{
    struct bw_box_net *net = s->box->net;
    if (!net)
        return;
    struct bw_err err = BW_ERR_INIT;
    bool nat = net->nat;
    net->nat = false;
    if (nat && net_nat_update(s, &err))
        tell_left(s, &err);
    for (size_t i = net->n_wires; i-- > 0;)
        drop_wire(s, &net->wire[i]);
    /* Bridges in it go with it, whoever is on them. */
    for (struct net_bridge *b = s->net ? s->net->bridges : NULL, *next; b; b = next) {
        next = b->next;
        if (b->in == s->box)
            drop_bridge(s, b);
    }
    free(net->wire);
    free(net);
    s->box->net = NULL;
}

void bw_net_close(struct bw_session *s)
{
    if (!s->net)
        return;
    while (s->net->bridges)
        drop_bridge(s, s->net->bridges);
    close(s->net->host);
    free(s->net);
    s->net = NULL;
}
