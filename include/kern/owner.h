/* Whose a thing on the host is, by its name: "boxwright-PID-STARTTIME" for groups, and with the
 * inode of the shell's PID namespace, "boxwright-PID-STARTTIME-INODE", for links, nftables tables
 * and files below /run, which nothing else ties to that namespace. */
#ifndef BW_KERN_OWNER_H
#define BW_KERN_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The longest name with its end, a table's or a link's alias. */
enum { BW_OWNER_NAME = 64 };

/* The caller's, with the inode. */
void bw_owner_name(char out[BW_OWNER_NAME]);
/* Whether such a process lives: by this number here, or in a PID namespace below the caller's, as a
 * session inside a box or a container counts (pid_namespaces(7)). True where /proc cannot say. */
bool bw_owner_lives(pid_t pid, unsigned long long start);
/* Whether a name is one with an inode and its owner is known to be gone. Of a PID namespace that
 * the caller cannot see into nobody here can know. *pid is the owner's, as it counts itself. */
bool bw_owner_gone(const char *name, pid_t *pid);
/* Whether it is one with an inode at all. */
bool bw_owner_is(const char *name);

#endif
