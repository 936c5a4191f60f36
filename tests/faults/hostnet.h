/* The network of what is the host here: names of links, addresses and routes, forwarding, tables of
 * packet filters. */
#ifndef HOSTNET_H
#define HOSTNET_H

/* As text, to be compared. The caller frees. */
char *hostnet_now(void);

#endif
