/* Capabilities: their names, and the sets of the calling process: capabilities(7). */
#ifndef BW_KERN_CAPS_H
#define BW_KERN_CAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct bw_err;
struct bw_str;
struct bw_status_file;

struct bw_cap_info {
    const char *name;   /* "CAP_MKNOD" */
    const char *allows; /* what it is for, without a full stop */
    const char *needs;  /* what is refused without it; "-" for nothing one meets */
    const char *man;
};

/* The fourteen that Docker leaves a container unless told otherwise: by number, chown,
 * dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
 * sys_chroot, mknod, audit_write, setfcap. */
#define BW_CAPS_DOCKER UINT64_C(0xa80425fb)

/* By number; NULL beyond the last known. */
const struct bw_cap_info *bw_cap_info(unsigned n);
const char *bw_cap_name(unsigned n);
/* "net_raw", "NET_RAW" and "CAP_NET_RAW"; -1 for none. */
int bw_cap_by_name(const char *word);
/* All that this kernel has (cap_last_cap); it may have fewer than are known, or more. */
uint64_t bw_cap_all(void);
/* Names, "all", "docker", or the one word "none", also joined by commas. A word that is none is a
 * usage error, one that this kernel lacks a refusal. */
int bw_cap_parse(int n, char *const words[], uint64_t *set, struct bw_err *err);
/* Adds the names, blank-separated. */
void bw_cap_list(uint64_t set, struct bw_str *out);

/* Whether process pid, whose status this is, is uid 0 in its own user namespace. */
bool bw_cap_is_root(pid_t pid, const struct bw_status_file *st);
/* What execve(2) of a program without file capabilities makes of these sets: the permitted and
 * effective set of that program. uid 0 (root) gets what is inheritable or in the bounding set,
 * another user what is ambient. */
uint64_t bw_cap_after_exec(const struct bw_status_file *st, bool root);

/* The two below change the calling process and run in the stage. *part: something was changed
 * before a call failed. Effective and permitted sets stay as they are, except that a capability
 * cannot be raised which is not permitted (EPERM). */

/* Takes what is not in keep out of the bounding and the inheritable set, and so out of the ambient
 * one: PR_CAPBSET_DROP in prctl(2), capset(2). Needs CAP_SETPCAP (EPERM). */
int bw_caps_keep(uint64_t keep, bool *part, struct bw_err *err);
/* Makes set the ambient capabilities, and adds them to the inheritable ones: PR_CAP_AMBIENT in
 * prctl(2). */
int bw_caps_ambient(uint64_t set, bool *part, struct bw_err *err);
/* Permitted and effective sets as execve(2) would leave them to a program; for a child that stands
 * in for one. Nothing is recorded. 0 or -1 with errno. */
int bw_caps_as_program(void);
/* PR_SET_NO_NEW_PRIVS in prctl(2): no execve gives a privilege that was not there before. */
int bw_caps_no_new_privs(struct bw_err *err);

#endif
