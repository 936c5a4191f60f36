#include "enter.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/session.h"
#include "kern/call.h"
#include "kern/observe.h"

/* PID 1 of a namespace cannot have siblings: clone3(CLONE_PARENT) is EINVAL there. */
static bool is_init(const struct bw_stage *st)
{
    struct bw_status_file f;
    return bw_status_read(st->pid, &f) == 0 && f.n_nspid > 1 && f.nspid[f.n_nspid - 1] == 1;
}

int enter_fork(struct bw_session *s, struct bw_stage *st)
{
    if (st->parent)
        return bw_stage_fork(st, &s->err);
    if (!is_init(st))
        return bw_session_fork(s);
    bw_session_note(s, "the stage is PID 1 of its namespace and can have no successor: the next "
                       "program is the first in the new one");
    return 0;
}

struct entry {
    int fd, ns;
};

/* Opens what is to be entered before anything is: a missing one changes nothing. */
static int open_all(struct bw_session *s, pid_t pid, unsigned kinds, struct entry *v, int *n)
{
    /* The user namespace comes first: it gives the right to enter the others. */
    for (int i = -1; i < BW_NS_COUNT; i++) {
        int ns = i < 0 ? BW_NS_USER : i;
        if (i == BW_NS_USER || (kinds && !(kinds & 1u << ns)))
            continue;
        if (!kinds && bw_ns_inode(pid, ns) == bw_ns_inode(s->box->stage.pid, ns))
            continue;
        v[*n].ns = ns;
        v[*n].fd = bw_ns_open(pid, ns, &s->err);
        if (v[*n].fd < 0)
            return -1;
        (*n)++;
    }
    return 0;
}

/* Names in the call what the descriptor is of, for kern/explain to look at. */
static void name_target(struct bw_err *err, pid_t pid, const struct bw_ns_info *info)
{
    BW_AUTO_STR call = BW_STR_INIT;
    size_t at = strcspn(err->call, ",");
    bw_str_addn(&call, err->call, at);
    bw_str_addf(&call, "</proc/%d/ns/%s>%s", (int)pid, info->name, err->call + at);
    if (bw_str_starts(err->call, "setns(") && call.len < sizeof err->call)
        memcpy(err->call, call.s, call.len + 1);
}

static int enter_all(struct bw_session *s, pid_t pid, const struct entry *v, int n)
{
    bool needs_fork = false;
    for (int i = 0; i < n; i++) {
        const struct bw_ns_info *info = &bw_ns_table[v[i].ns];
        if (bw_stage_setns(&s->box->stage, v[i].fd, info->flag, &s->err)) {
            name_target(&s->err, pid, info);
            return -1;
        }
        bw_call_note("namespace %s of process %d", info->name, (int)pid);
        needs_fork = needs_fork || v[i].ns == BW_NS_PID || v[i].ns == BW_NS_TIME;
    }
    return needs_fork ? enter_fork(s, &s->box->stage) : 0;
}

int enter_namespaces(struct bw_session *s, pid_t pid, unsigned kinds)
{
    struct entry v[BW_NS_COUNT];
    int n = 0;
    int r = open_all(s, pid, kinds, v, &n);
    if (r == 0)
        r = enter_all(s, pid, v, n);
    for (int i = 0; i < n; i++)
        close(v[i].fd);
    return r ? -1 : n;
}
