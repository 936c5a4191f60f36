/* Shared by link.c (the exchange), link_read.c and link_remove.c. */
#ifndef BW_KERN_LINK_INT_H
#define BW_KERN_LINK_INT_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "kern/link.h"

/* Calls each for every message of a dump until it returns non-zero. 0, or -1 with errno. */
int bw_net_dump(int sock, int type, unsigned char family,
                int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx);
/* Sorts attributes by type: v[type] is NULL where there is none. */
void bw_net_attributes(const struct rtattr *a, size_t len, const struct rtattr *v[], int n);

#endif
