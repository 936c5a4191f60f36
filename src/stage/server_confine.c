/* Privilege, as the stage is asked to change it. What the kernel keeps for what is started later is
 * set on the stage itself. */
#include "base/err.h"
#include "kern/caps.h"
#include "server_priv.h"
#include "stage/client.h"

int bw_op_caps(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err)
{
    (void)sv;
    bool part;
    uint64_t set = (uint64_t)rq->packet->head.n[0];
    int r = rq->packet->head.n[1] == BW_CAPS_AMBIENT ? bw_caps_ambient(set, &part, err)
                                                     : bw_caps_keep(set, &part, err);
    a->n = r && part;
    return r;
}

int bw_op_no_new_privs(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                       struct bw_err *err)
{
    (void)sv, (void)rq, (void)a;
    return bw_caps_no_new_privs(err);
}
