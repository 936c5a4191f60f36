/* What net made outside of boxes, and its end. */
#ifndef BW_CMD_NET_H
#define BW_CMD_NET_H

struct bw_session;

/* Removes what of the current box's network is not its own: the host's ends of its links, a bridge
 * that nobody is on any more, its address translation. What cannot be removed is told. */
void bw_net_end(struct bw_session *s);
/* Forgets the rest, when all boxes have ended. */
void bw_net_close(struct bw_session *s);

#endif
