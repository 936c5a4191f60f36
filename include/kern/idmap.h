/* ID maps of a user namespace, written from outside: user_namespaces(7), newuidmap(1). */
#ifndef BW_KERN_IDMAP_H
#define BW_KERN_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct bw_err;

enum bw_id_kind { BW_UID, BW_GID };

struct bw_id_range {
    unsigned inside, outside, count; /* outside: as the shell's own user namespace counts */
};

#define BW_IDMAP_MAX 340 /* lines the kernel takes */

/* Parses "INSIDE:OUTSIDE:COUNT" or three words; fails on overlap with what is in v already, on a
 * zero count and on overflow of 32 bits. Appends to v. Returns 0 or -1 with a usage error. */
int bw_idmap_parse(const char *text, struct bw_id_range *v, size_t *n, struct bw_err *err);

/* The text of a uid_map or gid_map file, as bw_idmap_read, and of /etc/subuid or /etc/subgid, as
 * bw_idmap_subids (user may be NULL: by number alone). */
int bw_idmap_parse_map(const char *text, struct bw_id_range *v, size_t max);
size_t bw_idmap_parse_subids(const char *text, const char *user, unsigned uid,
                             struct bw_id_range *v, size_t max);

/* Writes /proc/PID/uid_map or gid_map. Where the kernel wants a privilege the caller lacks (more
 * than its own ID) and newuidmap or newgidmap is installed, that program writes it. An ordinary
 * user may not map the host's root. Returns 0 or -1 (EPERM: written already, or not allowed). */
int bw_idmap_write(pid_t pid, enum bw_id_kind kind, const struct bw_id_range *v, size_t n,
                   struct bw_err *err);

/* Writes "deny" or "allow" to /proc/PID/setgroups. */
int bw_idmap_setgroups(pid_t pid, bool allow, struct bw_err *err);

/* The caller's ranges in /etc/subuid or /etc/subgid, by user name or number. Returns how many
 * were stored (at most max). */
size_t bw_idmap_subids(enum bw_id_kind kind, struct bw_id_range *v, size_t max);

/* Reads /proc/PID/uid_map or gid_map. Returns the number of ranges or -1 with errno. */
int bw_idmap_read(pid_t pid, enum bw_id_kind kind, struct bw_id_range *v, size_t max);

#endif
