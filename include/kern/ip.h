/* Addresses and networks of IPv4 and IPv6: pure. */
#ifndef BW_KERN_IP_H
#define BW_KERN_IP_H

#include <stdbool.h>

struct bw_err;
struct bw_str;

struct bw_ip {
    int family;          /* AF_INET, AF_INET6; 0: none */
    unsigned char b[16]; /* the first 4 of IPv4 */
    unsigned len;        /* bits of the network: 32 or 128 for an address alone */
};

/* "10.0.0.2/24", "fd00::2/64", with prefix; without: an address alone. Returns 0, or -1 with a
 * usage error. */
int bw_ip_parse(const char *text, bool prefix, struct bw_ip *out, struct bw_err *err);
/* Refuses what no interface can have: the network's own address, broadcast, loopback, multicast, a
 * network too small for two. Returns 0, or -1 with a usage error. */
int bw_ip_check_host(const struct bw_ip *ip, struct bw_err *err);
/* Adds "10.0.0.2", and "/24" when the length is to be shown. */
void bw_ip_add(const struct bw_ip *ip, bool prefix, struct bw_str *out);
/* The network an address lies in: host bits 0. */
struct bw_ip bw_ip_network(const struct bw_ip *ip);
bool bw_ip_same(const struct bw_ip *a, const struct bw_ip *b); /* the addresses, not the lengths */
bool bw_ip_is_link_local(const struct bw_ip *ip);              /* fe80::/10 */
/* Whether one network lies in the other. */
bool bw_ip_overlap(const struct bw_ip *a, const struct bw_ip *b);
/* The first address of ip's network that is not ip. */
struct bw_ip bw_ip_neighbour(const struct bw_ip *ip);

#endif
