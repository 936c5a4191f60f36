#include "kern/owner.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroup_int.h"
#include "kern/ns.h"
#include "kern/observe.h"

/* The PID namespace that all others are below, in every kernel since 3.8. */
#define INITIAL UINT64_C(0xEFFFFFFC)

void bw_owner_name(char out[BW_OWNER_NAME])
{
    snprintf(out, BW_OWNER_NAME, BW_CG_PREFIX "%d-%llu-%llu", (int)getpid(),
             bw_proc_starttime(getpid()), (unsigned long long)bw_ns_inode(getpid(), BW_NS_PID));
}

static bool parse(const char *name, pid_t *pid, unsigned long long *start, uint64_t *ns)
{
    char again[BW_OWNER_NAME + 24], session[BW_OWNER_NAME];
    const char *dash = strrchr(name, '-');
    if (!dash || strlen(name) >= sizeof session)
        return false;
    memcpy(session, name, (size_t)(dash - name));
    session[dash - name] = '\0';
    *ns = strtoull(dash + 1, NULL, 10);
    snprintf(again, sizeof again, "%s-%llu", session, (unsigned long long)*ns);
    return strcmp(again, name) == 0 && bw_cg_name_parse(session, pid, start) == 0;
}

struct owner {
    pid_t pid;
    unsigned long long start;
};

/* The start time is the same in all PID namespaces. */
static int is_it(pid_t pid, void *ctx)
{
    const struct owner *o = ctx;
    struct bw_status_file status;
    if (bw_proc_starttime(pid) != o->start || bw_status_read(pid, &status))
        return 0;
    for (int i = 0; i < status.n_nspid; i++)
        if (status.nspid[i] == o->pid)
            return 1;
    return 0;
}

bool bw_owner_lives(pid_t pid, unsigned long long start)
{
    struct owner o = {pid, start};
    return bw_proc_starttime(pid) == start || bw_proc_starttime(getpid()) == 0 ||
           bw_proc_each(is_it, &o) != 0;
}

bool bw_owner_is(const char *name)
{
    pid_t pid;
    unsigned long long start;
    uint64_t ns;
    return parse(name, &pid, &start, &ns);
}

bool bw_owner_gone(const char *name, pid_t *pid)
{
    unsigned long long start;
    uint64_t ns, own = bw_ns_inode(getpid(), BW_NS_PID);
    if (!parse(name, pid, &start, &ns) || (own != INITIAL && own != ns))
        return false;
    return !bw_owner_lives(*pid, start);
}
