/* From a failed call to its cause and the way out. What is said is looked up on this host and in
 * the box at that moment (capabilities, max_user_namespaces, setgroups, subtree_control …), not
 * guessed from errno alone. */
#ifndef BW_KERN_EXPLAIN_H
#define BW_KERN_EXPLAIN_H

#include <sys/types.h>

struct bw_err;
struct bw_str;

/* Fills the cause and todo of err that are still empty; box is the outside pid of the process
 * that made the call (0: this process). Keeps what is set. */
void bw_explain_fill(struct bw_err *err, pid_t box);

/* A paragraph about an errno ("EPERM"), or about a call and errno when op is not NULL, for
 * `explain`. Returns 0, or -1 when nothing is known. */
int bw_explain_errno(const char *op, int code, struct bw_str *out);

/* The manual page of a call ("unshare(2)"), NULL when no cause of it is known. */
const char *bw_explain_man(const char *op);

#endif
