/* net up, veth, bridge and route: each wholly or not at all. */
#include <errno.h>
#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "cmd/boxes.h"
#include "cmd/session.h"
#include "net_priv.h"

int net_up(struct bw_session *s, int argc, char **argv)
{
    const char *name = argc > 2 ? argv[2] : "lo";
    const struct bw_netmake *make = bw_netmake(&s->err);
    struct net_place box;
    if (argc > 3)
        return bw_err_usage(&s->err, "net up takes the name of one interface, not %s", argv[3]);
    if (!make || net_place_open(s, s->box, &box))
        return -1;
    const struct bw_link *k = bw_links_find(&box.links, name);
    int r = -1;
    if (!k) {
        bw_err_set(&s->err, "the box has no interface %s", name);
        bw_err_todo(&s->err, "net show lists those it has");
    } else if (k->up) {
        bw_session_note(s, "%s is up already", k->name);
        r = 0;
    } else {
        r = make->up(box.sock, k, &s->err);
        s->outside_changed = r == 0;
        bw_session_shell(s, "ip link set %s up", k->name);
        bw_session_hint(s, strcmp(name, "lo") == 0 ? "net ping 127.0.0.1" : "net show");
    }
    net_place_close(&box);
    return r;
}

/* ---- a pair of links, one end in the box ---- */

/* The box's end: ethN. */
static void name_inside(const struct net_place *box, char out[BW_LINK_NAME])
{
    unsigned n = 0;
    do
        snprintf(out, BW_LINK_NAME, "eth%u", n++);
    while (bw_links_find(&box->links, out));
}

/* Address and state of one end, which was just made. */
static int set_end(struct bw_session *s, const struct bw_netmake *make, struct net_place *p,
                   const char *name, const struct bw_ip *ip, const char *alias)
{
    if (net_place_read(s, p))
        return -1;
    const struct bw_link *k = bw_links_find(&p->links, name);
    if (!k)
        return bw_err_set(&s->err, "the interface %s is gone again", name);
    if (alias && make->alias(p->sock, k, alias, &s->err))
        return -1;
    if (ip && make->address(p->sock, k, ip, &s->err))
        return -1;
    return make->up(p->sock, k, &s->err);
}

static int set_master(struct bw_session *s, const struct bw_netmake *make, struct net_place *p,
                      const char *name, const char *bridge)
{
    if (net_place_read(s, p))
        return -1;
    const struct bw_link *k = bw_links_find(&p->links, name);
    const struct bw_link *of = bw_links_find(&p->links, bridge);
    if (!k || !of)
        return bw_err_set(&s->err, "the interface %s is gone", k ? bridge : name);
    return make->master(p->sock, k, of, &s->err);
}

/* The kernel looks after a link that came up within a second; until then it sends nothing, although
 * the link says that it runs. */
static int wait_carrier(struct bw_session *s, struct net_place *p, const char *name)
{
    enum { WAIT_MS = 3000, LOOK_MS = 10 };
    for (int ms = 0; ms < WAIT_MS && bw_intr_end == 0; ms += LOOK_MS) {
        if (net_place_read(s, p))
            return -1;
        const struct bw_link *k = bw_links_find(&p->links, name);
        if (!k || k->oper == IF_OPER_UP)
            return 0;
        bw_loop_poll(NULL, 0, LOOK_MS, NULL);
    }
    return 0;
}

/* The janitor must know of a link on the host before there is one. */
static int announce(struct bw_session *s, const struct bw_box *at, const char *link)
{
    return at ? 0 : bw_janitor_link(s->janitor, s->net->alias, link, &s->err);
}

static void take_back(struct bw_session *s, struct net_place *p, const char *link)
{
    struct bw_err ignored = BW_ERR_INIT;
    bw_link_remove(p->sock, link, s->net->alias, true, &ignored);
}

/* A session of another PID namespace may have the same number, and take the name meanwhile. */
static int make_veth(struct bw_session *s, const struct bw_netmake *make, struct net_place *there,
                     struct net_place *box, struct net_wire *w)
{
    enum { TRIES = 8 };
    for (int i = 1;; i++) {
        net_name_free(s, there, w->link);
        if (announce(s, w->at, w->link))
            return -1;
        if (make->veth(there->sock, w->link, w->inside, box->ns, &s->err) == 0)
            return 0;
        if (s->err.code != EEXIST || i == TRIES)
            return -1;
        bw_err_clear(&s->err);
    }
}

/* Makes the wire's two ends; there is where its other end is. */
static int lay(struct bw_session *s, const struct bw_netmake *make, struct net_place *there,
               struct net_place *box, struct net_wire *w)
{
    name_inside(box, w->inside);
    if (make_veth(s, make, there, box, w))
        return -1;
    if (set_end(s, make, there, w->link, w->bridge ? NULL : &w->peer, s->net->alias) == 0 &&
        (!w->bridge || set_master(s, make, there, w->link, w->bridge->link) == 0) &&
        set_end(s, make, box, w->inside, &w->ip, NULL) == 0 &&
        wait_carrier(s, box, w->inside) == 0 && wait_carrier(s, there, w->link) == 0)
        return 0;
    take_back(s, there, w->link);
    return -1;
}

static void keep(struct bw_session *s, const struct net_wire *w)
{
    struct bw_box_net *net = net_box(s->box);
    net->wire = bw_realloc(net->wire, (net->n_wires + 1) * sizeof *net->wire);
    net->wire[net->n_wires++] = *w;
    if (w->bridge)
        w->bridge->members++;
    if (w->at && w->at != s->box)
        bw_box_lean(s->box, w->at);
    s->outside_changed = true;
}

/* Of an ordinary user only a user namespace that owns both ends gives the right to join them. */
static int check_right(struct bw_session *s, const struct bw_box *at)
{
    if (geteuid() == 0)
        return 0;
    if (!at) {
        bw_err_set(&s->err, "the other end would be in the host's network namespace, where only "
                            "root makes interfaces");
        bw_err_todo(&s->err,
                    "net nat is a way out for you; net bridge NAME ADDR joins boxes of one "
                    "user namespace; or sudo boxwright");
        return -1;
    }
    if (bw_ns_owner(at->stage.pid, BW_NS_NET) == bw_ns_owner(s->box->stage.pid, BW_NS_NET))
        return 0;
    bw_err_set(&s->err,
               "the networks of box %s and box %s belong to two user namespaces, and none has a "
               "right in both",
               s->box->name, at->name);
    bw_err_todo(&s->err, "box new NAME --share user %s; unshare net", at->name);
    return -1;
}

/* ---- veth ---- */

struct veth_args {
    struct net_wire wire;
    bool peer;
};

static int parse_veth(struct bw_session *s, int argc, char **argv, struct veth_args *a)
{
    struct net_wire *w = &a->wire;
    *a = (struct veth_args){0};
    if (argc < 3 || argc % 2 == 0) {
        bw_err_usage(&s->err, "net veth needs the box's address, and options in pairs");
        bw_err_todo(&s->err, "net veth 10.7.0.2/24 --peer 10.7.0.1");
        return -1;
    }
    if (bw_ip_parse(argv[2], true, &w->ip, &s->err) || bw_ip_check_host(&w->ip, &s->err))
        return -1;
    w->peer = bw_ip_neighbour(&w->ip);
    for (int i = 3; i < argc; i += 2) {
        if (strcmp(argv[i], "--peer") == 0) {
            if (bw_ip_parse(argv[i + 1], false, &w->peer, &s->err))
                return -1;
            w->peer.len = w->ip.len;
        } else if (strcmp(argv[i], "--box") == 0) {
            w->at = bw_box_need(s, argv[i + 1]);
            if (!w->at)
                return -1;
        } else {
            return bw_err_usage(&s->err, "net veth does not know %s", argv[i]);
        }
    }
    if (bw_ip_check_host(&w->peer, &s->err))
        return -1;
    if (!bw_ip_overlap(&w->ip, &w->peer) || bw_ip_same(&w->ip, &w->peer)) {
        bw_err_usage(&s->err, "the two ends need two addresses of one network");
        bw_err_todo(&s->err, "net veth 10.7.0.2/24 --peer 10.7.0.1");
        return -1;
    }
    return 0;
}

static int check_other(struct bw_session *s, const struct bw_box *at)
{
    if (!at)
        return 0;
    if (at == s->box)
        return bw_err_set(&s->err, "box %s is the one that the wire begins in", at->name);
    if (bw_box_check_lean(s, at))
        return -1;
    uint64_t its = at->stage.pid > 0 ? bw_ns_inode(at->stage.pid, BW_NS_NET) : 0;
    if (its && its != bw_ns_inode(getpid(), BW_NS_NET) &&
        its != bw_ns_inode(s->box->stage.pid, BW_NS_NET))
        return 0;
    bw_err_set(&s->err, "box %s has no network namespace of its own for the other end", at->name);
    bw_err_todo(&s->err, "box %s; unshare net; box %s", at->name, s->box->name);
    return -1;
}

int net_veth(struct bw_session *s, int argc, char **argv)
{
    struct veth_args a;
    struct net_place there, box = {.sock = -1, .ns = -1};
    const struct bw_netmake *make = bw_netmake(&s->err);
    if (!make || !net_of(s) || parse_veth(s, argc, argv, &a) || check_other(s, a.wire.at) ||
        check_right(s, a.wire.at) || net_place_open(s, a.wire.at, &there))
        return -1;
    const char *where = a.wire.at ? a.wire.at->name : "the host";
    int r = net_place_open(s, s->box, &box);
    if (r == 0)
        r = net_check_free(s, &there, &a.wire.peer, where) ||
                    net_check_free(s, &there, &a.wire.ip, where) ||
                    net_check_free(s, &box, &a.wire.ip, "the box") ||
                    lay(s, make, &there, &box, &a.wire)
                ? -1
                : 0;
    net_place_close(&there);
    net_place_close(&box);
    if (r)
        return -1;
    keep(s, &a.wire);
    BW_AUTO_STR peer = BW_STR_INIT;
    bw_ip_add(&a.wire.peer, false, &peer);
    bw_session_shell(s, "ip link add %s type veth peer name %s netns PID; ip addr add …",
                     a.wire.link, a.wire.inside);
    bw_session_hint(s, "net ping %s: the other end, %s on %s", peer.s, a.wire.link, where);
    return 0;
}

/* ---- bridge ---- */

struct bridge_args {
    const char *name;
    struct bw_ip ip, host;
};

static int parse_bridge(struct bw_session *s, int argc, char **argv, struct bridge_args *a)
{
    *a = (struct bridge_args){0};
    if ((argc != 4 && argc != 6) || (argc == 6 && strcmp(argv[4], "--host") != 0)) {
        bw_err_usage(&s->err, "net bridge needs the bridge's name and the box's address%s%s",
                     argc > 4 ? ", and does not know " : "", argc > 4 ? argv[4] : "");
        bw_err_todo(&s->err, "net bridge lan 10.9.0.2/24, with --host 10.9.0.1 the host is on it, "
                             "too");
        return -1;
    }
    a->name = argv[2];
    if (bw_box_check_name(a->name, &s->err)) {
        bw_err_usage(&s->err, "\"%s\" is no name for a bridge", argv[2]);
        bw_err_todo(&s->err, "take 1 to %d letters, digits, dots and dashes", BW_CG_BOX_MAX);
        return -1;
    }
    if (bw_ip_parse(argv[3], true, &a->ip, &s->err) || bw_ip_check_host(&a->ip, &s->err))
        return -1;
    if (argc == 4)
        return 0;
    if (bw_ip_parse(argv[5], false, &a->host, &s->err))
        return -1;
    a->host.len = a->ip.len;
    if (bw_ip_check_host(&a->host, &s->err))
        return -1;
    if (bw_ip_overlap(&a->ip, &a->host) && !bw_ip_same(&a->ip, &a->host))
        return 0;
    bw_err_usage(&s->err, "the host and the box need two addresses of one network");
    bw_err_todo(&s->err, "net bridge lan 10.9.0.2/24 --host 10.9.0.1");
    return -1;
}

/* Who has this address on the bridge, or NULL. */
static const char *holder(struct bw_session *s, const struct net_bridge *b, const struct bw_ip *ip)
{
    for (size_t i = 0; i < s->n_boxes; i++) {
        const struct bw_box_net *net = s->boxes[i]->net;
        for (size_t k = 0; net && k < net->n_wires; k++)
            if (net->wire[k].bridge == b && bw_ip_same(&net->wire[k].ip, ip))
                return s->boxes[i]->name;
    }
    return b->host.family && bw_ip_same(&b->host, ip) ? "the host" : NULL;
}

static int check_member(struct bw_session *s, const struct net_bridge *b,
                        const struct bridge_args *a)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_ip net = bw_ip_network(&a->ip);
    const char *who = holder(s, b, &a->ip);
    if (net.len != b->net.len || !bw_ip_same(&net, &b->net)) {
        bw_ip_add(&b->net, true, &text);
        bw_err_set(&s->err, "bridge %s has the network %s, and the box would reach nobody on it",
                   b->name, text.s);
        bw_err_todo(&s->err, "take an address of that network");
        return -1;
    }
    if (who) {
        bw_ip_add(&a->ip, false, &text);
        bw_err_set(&s->err, "%s is the address of %s on bridge %s", text.s, who, b->name);
        bw_err_todo(&s->err, "take another one");
        return -1;
    }
    if (a->host.family && !(b->host.family && bw_ip_same(&a->host, &b->host))) {
        bw_err_set(&s->err,
                   b->host.family ? "the host has another address on bridge %s"
                                  : "bridge %s was made without the host on it",
                   b->name);
        bw_err_todo(&s->err, "leave --host out");
        return -1;
    }
    return 0;
}

static int make_bridge(struct bw_session *s, const struct bw_netmake *make, struct net_place *p,
                       struct net_bridge *b, const struct bw_ip *ip)
{
    net_name_free(s, p, b->link);
    if (announce(s, b->in, b->link) || make->bridge(p->sock, b->link, &s->err))
        return -1;
    if (set_end(s, make, p, b->link, ip, s->net->alias) == 0)
        return 0;
    take_back(s, p, b->link);
    return -1;
}

/* The bridge, made if it is not there. *wired: the box is on it with that, as it is in it. */
static struct net_bridge *get_bridge(struct bw_session *s, const struct bw_netmake *make,
                                     struct net_place *p, struct bw_box *in,
                                     const struct bridge_args *a)
{
    struct net_bridge *b = bw_alloc(sizeof *b);
    *b = (struct net_bridge){.in = in, .net = bw_ip_network(&a->ip), .host = a->host};
    snprintf(b->name, sizeof b->name, "%s", a->name);
    const struct bw_ip *ip = in ? &a->ip : a->host.family ? &a->host : NULL;
    if (net_check_free(s, p, ip ? ip : &a->ip, in ? "the box" : "the host") ||
        make_bridge(s, make, p, b, ip)) {
        free(b);
        return NULL;
    }
    b->next = s->net->bridges;
    s->net->bridges = b;
    return b;
}

/* Where the bridge is, or is to be: of an ordinary user in the box that is first on it. */
static struct bw_box *place_of(struct bw_session *s, const struct net_bridge *b)
{
    return b ? b->in : geteuid() == 0 ? NULL : s->box;
}

static int join(struct bw_session *s, const struct bw_netmake *make, struct net_place *there,
                struct net_wire *w, const struct bridge_args *a)
{
    struct net_place box;
    bool fresh = !w->bridge;
    if (fresh && !(w->bridge = get_bridge(s, make, there, w->at, a)))
        return -1;
    if (fresh && w->at) /* in it */
        return 0;
    int r = net_place_open(s, s->box, &box);
    if (r == 0) {
        r = net_check_free(s, &box, &w->ip, "the box") || net_place_read(s, there) ||
                    lay(s, make, there, &box, w)
                ? -1
                : 0;
        net_place_close(&box);
    }
    if (r && fresh) {
        take_back(s, there, w->bridge->link);
        s->net->bridges = w->bridge->next;
        free(w->bridge);
    }
    return r;
}

int net_bridge(struct bw_session *s, int argc, char **argv)
{
    struct bridge_args a;
    struct net_place there;
    const struct bw_netmake *make = bw_netmake(&s->err);
    if (!make || !net_of(s) || parse_bridge(s, argc, argv, &a))
        return -1;
    struct net_bridge *b = net_bridge_find(s, a.name);
    struct net_wire w = {.at = place_of(s, b), .ip = a.ip, .peer = a.host, .bridge = b};
    if (a.host.family && w.at) {
        bw_err_set(&s->err,
                   "the bridge of an ordinary user is in a box, and the host is not on it");
        bw_err_todo(&s->err, "leave --host out; net nat is a way out");
        return -1;
    }
    if (b && (check_member(s, b, &a) || (b->in && bw_box_check_lean(s, b->in))))
        return -1;
    if (w.at && w.at != s->box && check_right(s, w.at))
        return -1;
    if (net_place_open(s, w.at, &there))
        return -1;
    int r = join(s, make, &there, &w, &a);
    net_place_close(&there);
    if (r)
        return -1;
    if (w.bridge->host.family)
        w.peer = w.bridge->host;
    keep(s, &w);
    bw_session_shell(s, "ip link add %s type bridge; ip link set PORT master %s", w.bridge->link,
                     w.bridge->link);
    if (w.bridge->members > 1)
        bw_session_hint(s, "net ping the other boxes' addresses: net show");
    else
        bw_session_hint(s, "box new NAME, unshare net, net bridge %s ADDRESS: another box on it",
                        a.name);
    return 0;
}

/* ---- route ---- */

int net_route(struct bw_session *s, int argc, char **argv)
{
    struct bw_ip to = {0}, via;
    struct net_place box;
    const struct bw_netmake *make = bw_netmake(&s->err);
    if (!make)
        return -1;
    if (argc != 5 || strcmp(argv[3], "via") != 0) {
        bw_err_usage(&s->err, "net route needs a network and the address of the gateway to it");
        bw_err_todo(&s->err, "net route default via 10.7.0.1, net route 10.8.0.0/16 via 10.7.0.1");
        return -1;
    }
    if (bw_ip_parse(argv[4], false, &via, &s->err))
        return -1;
    if (strcmp(argv[2], "default") == 0)
        to.family = via.family;
    else if (bw_ip_parse(argv[2], true, &to, &s->err))
        return -1;
    struct bw_ip net = bw_ip_network(&to);
    if (to.family != via.family || !bw_ip_same(&net, &to)) {
        bw_err_usage(&s->err,
                     to.family != via.family
                         ? "%s is of another family of addresses than its gateway"
                         : "%s has bits of a host beyond the length of its network",
                     argv[2]);
        bw_err_todo(&s->err, "net route 10.8.0.0/16 via 10.7.0.1");
        return -1;
    }
    if (net_place_open(s, s->box, &box))
        return -1;
    int r = make->route(box.sock, &to, &via, &s->err);
    if (r && s->err.code == EEXIST)
        bw_err_todo(&s->err, "net show lists the routes; undo takes one back");
    else if (r && s->err.code == ENETUNREACH)
        bw_err_todo(&s->err,
                    "the gateway must be in a network of an interface that is up: net show");
    net_place_close(&box);
    s->outside_changed = r == 0;
    bw_session_shell(s, "ip route add %s via %s", argv[2], argv[4]);
    bw_session_hint(s, "net show: its routes");
    return r;
}
