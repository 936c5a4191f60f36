/* net: the box's network. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "net_priv.h"

static const struct {
    const char *name;
    bool changes;
    int (*run)(struct bw_session *s, int argc, char **argv);
} verbs[] = {
    {"up", true, net_up},       {"veth", true, net_veth}, {"bridge", true, net_bridge},
    {"route", true, net_route}, {"nat", true, net_nat},   {"ping", false, net_ping},
};

unsigned bw_cmd_net_needs(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0 && verbs[i].changes)
            return BW_STEP | BW_BOX | BW_NET;
    return BW_BOX;
}

/* ---- net show ---- */

static const char *name_of(const struct net_place *p, int index)
{
    for (size_t i = 0; i < p->links.n; i++)
        if (p->links.v[i].index == index)
            return p->links.v[i].name;
    return "?";
}

static void show_links(struct bw_session *s, const struct net_place *p)
{
    for (size_t i = 0; i < p->links.n; i++) {
        const struct bw_link *k = &p->links.v[i];
        BW_AUTO_STR line = BW_STR_INIT;
        bw_str_addf(&line, "%-8s %-4s  ", k->name, k->up ? "up" : "down");
        bw_str_addf(&line, "%s", *k->kind ? k->kind : "-");
        for (size_t n = 0, shown = 0; n < k->n_addr; n++) {
            if (bw_ip_is_link_local(&k->addr[n]))
                continue;
            bw_str_add(&line, shown++ > 0 ? " " : "  ");
            bw_ip_add(&k->addr[n], true, &line);
        }
        BW_AUTO_STR safe = BW_STR_INIT;
        bw_data(s->out, "%s\n", bw_str_safe(&safe, line.s));
    }
}

static int show_routes(struct bw_session *s, const struct net_place *p)
{
    struct bw_routes r;
    if (bw_routes_read(p->sock, &r))
        return bw_err_call(&s->err, errno, "recvmsg", "%d, {RTM_NEWROUTE, …}", p->sock);
    for (size_t i = 0; i < r.n; i++) {
        BW_AUTO_STR line = BW_STR_INIT, safe = BW_STR_INIT;
        if (bw_ip_is_link_local(&r.v[i].to) ||
            (r.v[i].to.family == AF_INET6 && r.v[i].to.b[0] == 0xff))
            continue;
        bw_str_add(&line, "route    ");
        if (r.v[i].to.len == 0)
            bw_str_add(&line, "default");
        else
            bw_ip_add(&r.v[i].to, true, &line);
        if (r.v[i].via.family) {
            bw_str_add(&line, " via ");
            bw_ip_add(&r.v[i].via, false, &line);
        }
        if (r.v[i].link)
            bw_str_addf(&line, " dev %s", name_of(p, r.v[i].link));
        bw_data(s->out, "%s\n", bw_str_safe(&safe, line.s));
    }
    bw_routes_free(&r);
    return 0;
}

/* Where the other ends are, and who is on the same bridge. */
static void show_wire(struct bw_session *s, const struct net_wire *w)
{
    BW_AUTO_STR line = BW_STR_INIT;
    if (*w->link)
        bw_str_addf(&line, "%s: the other end is %s %s%s", w->inside, w->link,
                    w->at ? "in box " : "on the host", w->at ? w->at->name : "");
    if (w->peer.family) {
        bw_str_add(&line, line.len ? ", " : "");
        bw_ip_add(&w->peer, false, &line);
    }
    if (w->bridge)
        bw_str_addf(&line, "%sbridge %s is %s %s%s, with", line.len ? "; " : "", w->bridge->name,
                    w->bridge->link, w->bridge->in ? "in box " : "on the host",
                    w->bridge->in ? w->bridge->in->name : "");
    for (size_t i = 0; w->bridge && i < s->n_boxes; i++)
        for (size_t k = 0; s->boxes[i]->net && k < s->boxes[i]->net->n_wires; k++) {
            const struct net_wire *other = &s->boxes[i]->net->wire[k];
            if (other->bridge != w->bridge)
                continue;
            bw_str_addf(&line, " %s ", s->boxes[i]->name);
            bw_ip_add(&other->ip, false, &line);
        }
    bw_msg(s->out, "  %s\n", line.s);
}

static int show(struct bw_session *s)
{
    struct net_place p;
    if (net_place_open(s, s->box, &p))
        return -1;
    if (!bw_session_own(s, BW_NS_NET))
        bw_session_note(s, "the box shares the host's network: what follows is the host's");
    show_links(s, &p);
    int r = show_routes(s, &p);
    net_place_close(&p);
    const struct bw_box_net *net = s->box->net;
    for (size_t i = 0; net && i < net->n_wires; i++)
        show_wire(s, &net->wire[i]);
    if (net && (net->nat || net->tunnel))
        bw_msg(s->out, net->nat ? "  its packets are translated on the host\n"
                                : "  slirp4netns or pasta sends what it sends\n");
    return r;
}

static int check_own(struct bw_session *s, const char *verb)
{
    if (bw_session_own(s, BW_NS_NET))
        return 0;
    bw_err_set(&s->err,
               "the box shares the host's network: net %s would change that of the host itself",
               verb);
    bw_err_todo(&s->err, "%s, then net %s", geteuid() == 0 ? "unshare net" : "unshare user net",
                verb);
    return -1;
}

int bw_cmd_net(struct bw_session *s, int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "show";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verb, verbs[i].name) == 0)
            return verbs[i].changes && check_own(s, verb) ? -1 : verbs[i].run(s, argc, argv);
    if (strcmp(verb, "show") == 0 && argc <= 2)
        return show(s);
    bw_err_usage(&s->err, "net does not know %s",
                 argc > 2 && strcmp(verb, "show") == 0 ? argv[2] : verb);
    bw_err_todo(&s->err, "the words are show, up, veth, bridge, route, nat and ping: help net");
    return -1;
}
