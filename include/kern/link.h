/* Network interfaces, addresses and routes as the kernel tells them: rtnetlink(7), netlink(7).
 * Reading, asking and removing need no library; messages that make something are built by module
 * "net" (kern/netmake.h). All of it runs in the shell. A socket belongs to the network namespace it
 * was opened in, whoever has it. */
#ifndef BW_KERN_LINK_H
#define BW_KERN_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "kern/ip.h"

struct bw_err;
struct bw_str;
struct nlmsghdr;

enum { BW_LINK_NAME = 16, BW_LINK_ALIAS = 128 };

struct bw_link {
    int index;
    char name[BW_LINK_NAME];
    char kind[BW_LINK_NAME];   /* "veth", "bridge", "tun"; "" where the driver has none */
    char alias[BW_LINK_ALIAS]; /* what ip link set … alias wrote, or "" */
    char mac[18];
    bool up, carrier;
    unsigned char oper; /* RFC 2863: 6 up; 0 where the kernel has not looked yet, or never does */
    unsigned mtu;
    int master; /* index of the bridge it is a port of, 0 none */
    struct bw_ip *addr;
    size_t n_addr;
};

struct bw_links {
    struct bw_link *v;
    size_t n;
};

struct bw_route {
    struct bw_ip to;  /* family 0 never; a default route has length 0 */
    struct bw_ip via; /* family 0: none */
    int link;         /* index, 0 none */
    unsigned table;   /* RT_TABLE_MAIN … */
    unsigned char type;
};

struct bw_routes {
    struct bw_route *v;
    size_t n;
};

/* A socket in a process's network namespace. Where that is another than the caller's, a child
 * enters it, with its user namespace if it must, opens the socket and hands it over. Returns a
 * descriptor, or -1 with err. */
int bw_net_socket(pid_t pid, int domain, int type, int protocol, struct bw_err *err);

/* Interfaces with their addresses; routes of all tables but the local one. 0, or -1 with errno. */
int bw_links_read(int sock, struct bw_links *out);
void bw_links_free(struct bw_links *l);
const struct bw_link *bw_links_find(const struct bw_links *l, const char *name);
int bw_routes_read(int sock, struct bw_routes *out);
void bw_routes_free(struct bw_routes *r);

/* Sends a request and waits for the kernel's answer. name and what describe it ("RTM_NEWLINK",
 * "veth bw1"), shell is the iproute2 line that would do the same. Recorded as sendmsg; refused, err
 * has the kernel's error and its own words. Returns 0 or -1. */
int bw_net_request(int sock, struct nlmsghdr *h, const char *name, const char *what,
                   const char *shell, struct bw_err *err);

/* Removes the link of this name if its alias is this one, or if it has none and any is true: nobody
 * else's is touched. Absent is fine. Returns 0, or -1 with err. */
int bw_link_remove(int sock, const char *name, const char *alias, bool any, struct bw_err *err);
/* Removes the links of dead owners (by their alias, kern/owner.h) in the caller's network
 * namespace; adds a line each to report. Returns how many. */
int bw_link_cleanup(struct bw_str *report);

#endif
