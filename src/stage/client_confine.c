/* Requests about privilege: what programs of the box may do. */
#include "base/err.h"
#include "base/fd.h"
#include "client_priv.h"
#include "kern/seccomp.h"

int bw_stage_caps(struct bw_stage *st, enum bw_caps_kind kind, uint64_t set, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_CAPS, NULL, 0, (int64_t)set, kind, err);
}

int bw_stage_no_new_privs(struct bw_stage *st, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_NO_NEW_PRIVS, NULL, 0, 0, 0, err);
}

int bw_stage_filter(struct bw_stage *st, const struct bw_filter *f, struct bw_err *err)
{
    static struct bw_packet packet;
    struct bw_reply r = {.fd = -1};
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
