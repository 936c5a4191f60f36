#include "kern/owner.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "kern/ns.h"
#include "kern/observe.h"

/* The PID namespace that all others are below, in every kernel since 3.8. */
#define INITIAL UINT64_C(0xEFFFFFFC)
#define PREFIX "boxwright-"

struct owner {
    pid_t pid;
    unsigned long long start;
    uint64_t ns;
};

static void write_name(enum bw_owner_form form, const struct owner *o, char out[BW_OWNER_NAME])
{
    int n = snprintf(out, BW_OWNER_NAME, PREFIX "%d-%llu", (int)o->pid, o->start);
    if (form == BW_OWNER_THING || o->ns != INITIAL)
        snprintf(out + n, BW_OWNER_NAME - (size_t)n, "-%llu", (unsigned long long)o->ns);
}

int bw_owner_name(enum bw_owner_form form, pid_t pid, char out[BW_OWNER_NAME])
{
    struct owner o = {.pid = pid, .ns = bw_ns_inode(pid, BW_NS_PID)};
    o.start = bw_proc_starttime(pid);
    write_name(form, &o, out);
    return o.start > 0 ? 0 : -1;
}

static bool parse(enum bw_owner_form form, const char *text, size_t len, struct owner *o)
{
    char name[BW_OWNER_NAME], again[BW_OWNER_NAME];
    char *end;
    if (len >= sizeof name)
        return false;
    memcpy(name, text, len);
    name[len] = '\0';
    if (!bw_str_starts(name, PREFIX))
        return false;
    o->pid = (pid_t)strtol(name + strlen(PREFIX), &end, 10);
    o->start = *end == '-' ? strtoull(end + 1, &end, 10) : 0;
    o->ns = *end == '-' ? strtoull(end + 1, NULL, 10) : INITIAL;
    /* Written anew it must be the same: no sign, blank, leading zero or overflow passes. */
    write_name(form, o, again);
    return o->pid > 0 && o->start > 0 && strcmp(again, name) == 0;
}

/* The start time is the same in all PID namespaces. */
static int is_it(pid_t pid, void *ctx)
{
    const struct owner *o = ctx;
    struct bw_status_file status;
    if (bw_proc_starttime(pid) != o->start || bw_status_read(pid, &status) ||
        bw_status_is_dead(&status))
        return 0;
    for (int i = 0; i < status.n_nspid; i++)
        if (status.nspid[i] == o->pid)
            return 1;
    return 0;
}

/* True where /proc cannot say. */
static bool lives(struct owner *o)
{
    if (bw_proc_starttime(o->pid) == o->start && !bw_proc_is_zombie(o->pid))
        return true;
    return bw_proc_starttime(getpid()) == 0 || bw_proc_each(is_it, o) != 0;
}

bool bw_owner_is(enum bw_owner_form form, const char *text, size_t len)
{
    struct owner o;
    return parse(form, text, len, &o);
}

bool bw_owner_gone(enum bw_owner_form form, const char *text, size_t len, pid_t *pid)
{
    struct owner o;
    if (!parse(form, text, len, &o))
        return false;
    uint64_t own = bw_ns_inode(getpid(), BW_NS_PID);
    *pid = o.pid;
    return (own == INITIAL || own == o.ns) && !lives(&o);
}
