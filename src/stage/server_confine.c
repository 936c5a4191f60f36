/* Privilege, as the stage is asked to change it. What the kernel keeps for what is started later,
 * and the stage can go without, is set on the stage itself; the rest on each program. */
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

static struct bw_filter filter;
static bool filter_notifies;

const struct bw_filter *bw_confine_filter(bool *notifies)
{
    *notifies = filter_notifies;
    return filter.n ? &filter : NULL;
}

int bw_op_filter(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err)
{
    (void)sv;
    struct bw_filter f = {0};
    bool notifies = false;
    int mode = 0;
    if (rq->n_fds == 1 &&
        (bw_filter_receive(rq->fds[0], &f, err) || bw_filter_try(&f, &notifies, &mode, err))) {
        bw_filter_free(&f);
        return -1;
    }
    bw_filter_free(&filter);
    filter = f;
    filter_notifies = notifies;
    a->n = notifies | (mode + 1) << 1;
    return 0;
}
