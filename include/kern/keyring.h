/* The session keyring: keyrings(7). */
#ifndef BW_KERN_KEYRING_H
#define BW_KERN_KEYRING_H

/* Takes an empty session keyring, so that the box's programs do not possess the keys of the
 * session that boxwright was started in (Kerberos tickets, file system keys). Where the kernel has
 * no keyrings, or no quota is left for one, this is logged and all stays as it was. */
void bw_keyring_leave(void);

#endif
