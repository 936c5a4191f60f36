/* Requests about privilege: what programs of the box may do. */
#include <errno.h>

#include "base/err.h"
#include "base/fd.h"
#include "client_priv.h"
#include "kern/ns.h"
#include "kern/seccomp.h"

static struct bw_packet packet;

/* What cannot be foretold the stage tries in a child. The first one made after an unshare of the
 * PID namespace is its process 1, and when that ends no other can be made in it. */
static int can_try(const struct bw_stage *st, struct bw_err *err)
{
    if (bw_ns_inode_for_children(st->pid, BW_NS_PID) != 0 || errno != ENOENT)
        return 0;
    bw_err_set(err,
               "this is tried in a child first, and the next child becomes process 1 of the new "
               "PID namespace, which ends with it");
    bw_err_todo(err, "fork, then the same again: the box has a process 1 that stays");
    return -1;
}

int bw_stage_caps(struct bw_stage *st, enum bw_caps_kind kind, uint64_t set, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_CAPS, NULL, 0, (int64_t)set, kind, err);
}

int bw_stage_no_new_privs(struct bw_stage *st, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_NO_NEW_PRIVS, NULL, 0, 0, 0, err);
}

int bw_stage_mask(struct bw_stage *st, enum bw_mask_kind kind, const char *root, const char *path,
                  bool *there, struct bw_err *err)
{
    struct bw_reply r = {.fd = -1};
    packet.head = (struct bw_head){.strings = 2, .n = {kind}};
    packet.str[0] = root ? root : "";
    packet.str[1] = path;
    int failed = bw_client_ask(st, &packet, BW_OP_MASK, NULL, 0, &r, err);
    bw_close_ptr(&r.fd);
    *there = r.n & 2;
    if ((!failed && *there) || r.n & 1)
        st->changes++;
    return failed;
}

int bw_stage_mask_root(struct bw_stage *st, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_MASK_ROOT, NULL, 0, 0, 0, err);
}

int bw_stage_devices(struct bw_stage *st, const char *root, const char *dir, struct bw_err *err)
{
    const char *s[] = {root, dir};
    return bw_client_change(st, BW_OP_DEVICES, s, 2, 0, 0, err);
}

int bw_stage_rlimit(struct bw_stage *st, int which, const struct rlimit *r, struct bw_err *err)
{
    if (can_try(st, err))
        return -1;
    packet.head = (struct bw_head){.n = {which, (int64_t)r->rlim_cur, (int64_t)r->rlim_max}};
    if (bw_client_ask(st, &packet, BW_OP_RLIMIT, NULL, 0, NULL, err))
        return -1;
    st->changes++;
    st->programs.limits[which].set = true;
    st->programs.limits[which].v = *r;
    return 0;
}

int bw_stage_filter(struct bw_stage *st, const struct bw_filter *f, struct bw_err *err)
{
    struct bw_reply r = {.fd = -1};
    if (f && can_try(st, err))
        return -1;
    BW_AUTO_FD fd = f ? bw_filter_send(f, err) : -1;
    if (f && fd < 0)
        return -1;
    packet.head = (struct bw_head){0};
    int failed = bw_client_ask(st, &packet, BW_OP_FILTER, &fd, f ? 1 : 0, &r, err);
    bw_close_ptr(&r.fd);
    if (failed)
        return -1;
    st->changes++;
    st->programs.instructions = f ? (unsigned)f->n : 0;
    st->programs.notifies = r.n & 1;
    st->programs.seccomp = f ? (int)(r.n >> 1) - 1 : 0;
    return 0;
}

const struct bw_stage_programs *bw_stage_programs_of(pid_t pid)
{
    const struct bw_stage *st = bw_client_find(pid);
    return st && !st->parent ? &st->programs : NULL;
}

int bw_stage_attack(struct bw_stage *st, enum bw_attack_id id, int *result, struct bw_err *err)
{
    struct bw_reply r = {.fd = -1};
    *result = 0;
    if (can_try(st, err))
        return -1;
    packet.head = (struct bw_head){.n = {id}};
    int failed = bw_client_ask(st, &packet, BW_OP_ATTACK, NULL, 0, &r, err);
    bw_close_ptr(&r.fd);
    *result = r.n < -1 || r.n > 4095 ? EPROTO : (int)r.n;
    return failed;
}
