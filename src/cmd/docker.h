/* What Docker's default does, for the commands that do a part of it each. */
#ifndef BW_CMD_DOCKER_H
#define BW_CMD_DOCKER_H

#include <stddef.h>

struct bw_session;

/* What it hides and makes read-only: oci/defaults.go of the Moby project. */
extern const char *const docker_masked[], *const docker_read_only[];
extern const size_t docker_masked_n, docker_read_only_n;

/* The box's group may open the devices that every program needs: kern/devgroup.h. A step. */
int bw_devices_cgroup(struct bw_session *s);

#endif
