/* What changes a network, by netlink: rtnetlink(7). Messages are built by libnl-route-3 in module
 * "net", which only the shell loads; sockets are of bw_net_socket. Each request is recorded, with
 * the iproute2 line that would do the same. Links are named for people and known by their index. */
#ifndef BW_KERN_NETMAKE_H
#define BW_KERN_NETMAKE_H

struct bw_err;
struct bw_ip;
struct bw_link;

struct bw_netmake {
    /* A pair: name in the socket's network namespace, peer in that of the descriptor netns. */
    int (*veth)(int sock, const char *name, const char *peer, int netns, struct bw_err *err);
    int (*bridge)(int sock, const char *name, struct bw_err *err);
    int (*up)(int sock, const struct bw_link *link, struct bw_err *err);
    int (*alias)(int sock, const struct bw_link *link, const char *alias, struct bw_err *err);
    int (*master)(int sock, const struct bw_link *link, const struct bw_link *bridge,
                  struct bw_err *err);
    int (*address)(int sock, const struct bw_link *link, const struct bw_ip *ip,
                   struct bw_err *err);
    /* to of length 0 is the default route. */
    int (*route)(int sock, const struct bw_ip *to, const struct bw_ip *via, struct bw_err *err);
};

extern const struct bw_netmake bw_net_module; /* in the module */
/* The functions, or NULL with err when the module or its library is missing. */
const struct bw_netmake *bw_netmake(struct bw_err *err);

/* nftables(8), by libnftables in module "nft", in the caller's network namespace. The table belongs
 * to this process (flags owner): it goes with it, and nobody else changes it. Running commands
 * again adds to it. */
int bw_nft_run(const char *commands, struct bw_err *err);

#endif
