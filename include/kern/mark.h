/* Tells a session's processes from all others, also when they have a parent, a session and an
 * environment of their own choosing and those that held them together were killed: the soft
 * RLIMIT_LOCKS, which Linux has not used since 2.4.25, is inherited and kept over exec, and any
 * process can read it in /proc/PID/limits. A program can set it anew: what must not get away needs
 * a PID namespace. See getrlimit(2). */
#ifndef BW_KERN_MARK_H
#define BW_KERN_MARK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bw_str;

/* The caller's mark: its PID namespace, pid and start time. 0 when they cannot be known. */
uint64_t bw_mark_own(void);
/* Whose mark it is, 0 for a number that is none. */
pid_t bw_mark_owner(uint64_t mark);
/* Marks a process and what it will start. Without room for such a number (32 bits) nothing is
 * marked, and nothing is found. */
void bw_mark_set(pid_t pid, uint64_t mark);
/* The mark that a process bears, 0 for none. */
uint64_t bw_mark_get(pid_t pid);
/* Sends SIGKILL to each process that bears the mark. Returns how many there were; call again until
 * it is 0, for what was forked meanwhile. */
size_t bw_mark_kill(uint64_t mark);
/* Kills the processes of sessions that are gone, in the caller's PID namespace, and adds one line
 * each to report. */
void bw_mark_cleanup(struct bw_str *report);

#endif
