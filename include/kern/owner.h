/* Whose a thing on the host is, by its name: "boxwright-PID-STARTTIME-INODE", the shell's number
 * and start time as its own /proc has them, and the inode of its PID namespace, in which the number
 * counts. A control group's leaves the inode out in the initial PID namespace. */
#ifndef BW_KERN_OWNER_H
#define BW_KERN_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A name with its end, at most: also a table's, or a link's alias. */
enum { BW_OWNER_NAME = 64 };

enum bw_owner_form { BW_OWNER_THING, BW_OWNER_GROUP };

/* The name of what process pid owns. Returns 0, or -1 with errno when /proc does not know it. */
int bw_owner_name(enum bw_owner_form form, pid_t pid, char out[BW_OWNER_NAME]);
/* Whether the first len bytes of text are such a name. */
bool bw_owner_is(enum bw_owner_form form, const char *text, size_t len);
/* Whether they are, and the owner is known to be gone: it has no process by its number here, or in
 * a PID namespace below the caller's, as a session inside a box or a container has
 * (pid_namespaces(7)). A caller outside the initial PID namespace knows it of owners in its own
 * alone. *pid is the owner's, as it counts itself. */
bool bw_owner_gone(enum bw_owner_form form, const char *text, size_t len, pid_t *pid);

#endif
