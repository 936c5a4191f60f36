/* Requests about privilege: what programs of the box may do. */
#include "client_priv.h"

int bw_stage_caps(struct bw_stage *st, enum bw_caps_kind kind, uint64_t set, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_CAPS, NULL, 0, (int64_t)set, kind, err);
}

int bw_stage_no_new_privs(struct bw_stage *st, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_NO_NEW_PRIVS, NULL, 0, 0, 0, err);
}
