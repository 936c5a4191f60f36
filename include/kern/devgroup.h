/* Which devices a control group's processes may open and make: the devices controller of v1, or on
 * v2 a BPF program (bpf(2), BPF_CGROUP_DEVICE). Runs in the shell, outside the box. */
#ifndef BW_KERN_DEVGROUP_H
#define BW_KERN_DEVGROUP_H

struct bw_cg;
struct bw_err;

/* Docker's list on the group: null, zero, full, random, urandom, tty, console, ptmx and
 * pseudo-terminals may be opened, any node made but not opened. The group must have been made with
 * 1u << BW_CG_DEVICES where there is that controller, else with any controller of v2. EPERM without
 * CAP_SYS_ADMIN outside. */
int bw_devgroup_limit(struct bw_cg *cg, const char *group, struct bw_err *err);
/* The controller, or controllers, to make the group with; 0 when there is no way here. */
unsigned bw_devgroup_mask(const struct bw_cg *cg);

#endif
