/* Privilege, as the stage is asked to change it. What the kernel keeps for what is started later,
 * and the stage can go without, is set on the stage itself; the rest on each program. */
#include "base/err.h"
#include "kern/attack.h"
#include "kern/caps.h"
#include "kern/mask.h"
#include "kern/rlimits.h"
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

int bw_op_mask(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err)
{
    (void)sv;
    bool there, half;
    const char *const *s = rq->packet->str;
    enum bw_mask_kind kind =
        rq->packet->head.n[0] == BW_MASK_HIDE ? BW_MASK_HIDE : BW_MASK_READ_ONLY;
    int r = bw_mask(kind, *s[0] ? s[0] : NULL, s[1], &there, &half, err);
    a->n = (r && half) | there << 1;
    return r;
}

int bw_op_mask_root(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)sv, (void)rq;
    bool half;
    int r = bw_mask_root(&half, err);
    a->n = r && half;
    return r;
}

int bw_op_devices(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err)
{
    (void)sv;
    bool half;
    const char *const *s = rq->packet->str;
    int r = bw_devices(*s[0] ? s[0] : NULL, s[1], &half, err);
    a->n = r && half;
    return r;
}

static struct {
    bool set;
    struct rlimit v;
} limits[BW_RLIMITS];

int bw_op_rlimit(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err)
{
    (void)sv, (void)a;
    const int64_t *n = rq->packet->head.n;
    if (n[0] < 0 || n[0] >= BW_RLIMITS)
        return bw_err_set(err, "the stage knows no limit %lld", (long long)n[0]);
    struct rlimit r = {.rlim_cur = (rlim_t)n[1], .rlim_max = (rlim_t)n[2]};
    if (bw_rlimit_try((int)n[0], &r, err))
        return -1;
    limits[n[0]].set = true;
    limits[n[0]].v = r;
    return 0;
}

int bw_confine_limits(struct bw_err *err)
{
    for (int i = 0; i < BW_RLIMITS; i++)
        if (limits[i].set && bw_rlimit_set(i, &limits[i].v, err))
            return -1;
    return 0;
}

int bw_op_attack(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err)
{
    (void)sv;
    int result = 0;
    int64_t id = rq->packet->head.n[0];
    if (id < 0 || id >= BW_ATTACK_COUNT)
        return bw_err_set(err, "the stage knows no attack %lld", (long long)id);
    int r = bw_attack_try((enum bw_attack_id)id, filter.n ? &filter : NULL, &result, err);
    a->n = result;
    return r;
}
