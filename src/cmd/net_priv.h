/* Shared by cmd_net.c (the command), net_links.c (veth, bridge, up, route), net_out.c (the way
 * out), net_ping.c and net_state.c. */
#ifndef BW_CMD_NET_PRIV_H
#define BW_CMD_NET_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kern/cgroup.h"
#include "kern/ip.h"
#include "kern/link.h"
#include "kern/netmake.h"
#include "kern/owner.h"

struct bw_box;
struct bw_session;

/* A bridge of the session: on the host, or for an ordinary user in a box. */
struct net_bridge {
    char name[BW_CG_BOX_MAX + 1]; /* as people call it */
    char link[BW_LINK_NAME];
    struct bw_box *in; /* NULL: the host */
    struct bw_ip net;  /* what its members are in */
    struct bw_ip host; /* its own address, family 0: none */
    unsigned members;
    struct net_bridge *next;
};

/* A link of a box whose other end is elsewhere. */
struct net_wire {
    char link[BW_LINK_NAME]; /* the other end */
    char inside[BW_LINK_NAME];
    struct bw_box *at; /* where that is, NULL: on the host */
    struct bw_ip ip;   /* the box's address */
    struct bw_ip peer; /* the other end's, family 0: none */
    struct net_bridge *bridge;
};

struct bw_box_net {
    struct net_wire *wire;
    size_t n_wires;
    bool nat;    /* translated on the host */
    bool tunnel; /* slirp4netns or pasta runs for it */
};

struct bw_net {
    int host; /* a socket in the shell's network namespace */
    unsigned counter;
    char alias[BW_OWNER_NAME]; /* what our links on the host are marked with */
    struct net_bridge *bridges;
    bool forwards; /* kern/forward.h: it is 1 for sessions like this one */
    bool table;    /* our nftables table is there */
};

/* Where a link is to be made or found. */
struct net_place {
    int sock;
    int ns; /* a descriptor of the network namespace */
    struct bw_links links;
};

/* net_state.c */
struct bw_net *net_of(struct bw_session *s);    /* NULL with s->err */
struct bw_box_net *net_box(struct bw_box *box); /* never NULL */
struct net_bridge *net_bridge_find(struct bw_session *s, const char *name);
/* Opens a box's network namespace (NULL: the host's) and reads its links. -1 with s->err. */
int net_place_open(struct bw_session *s, const struct bw_box *box, struct net_place *p);
int net_place_read(struct bw_session *s, struct net_place *p);
void net_place_close(struct net_place *p);
/* Refuses an address that a place has, or a network that overlaps one of its routes. where: as in
 * "the host", "the box". */
int net_check_free(struct bw_session *s, struct net_place *p, const struct bw_ip *ip,
                   const char *where);
/* A name that no link there has: bw, the session, a number. */
void net_name_free(struct bw_session *s, const struct net_place *p, char out[BW_LINK_NAME]);

/* The verbs: net_links.c, net_out.c, net_ping.c. -1 with s->err, or an exit status. */
int net_up(struct bw_session *s, int argc, char **argv);
int net_veth(struct bw_session *s, int argc, char **argv);
int net_bridge(struct bw_session *s, int argc, char **argv);
int net_route(struct bw_session *s, int argc, char **argv);
int net_nat(struct bw_session *s, int argc, char **argv);
int net_ping(struct bw_session *s, int argc, char **argv);
/* Writes the table of all boxes' translations, or removes it, and gives ip_forward back with the
 * last. */
int net_nat_update(struct bw_session *s, struct bw_err *err);

#endif
