#include <string.h>

#include "lesson/goal.h"

void bw_samples_add(struct bw_samples *s, long long ms, struct bw_snapshot *snap)
{
    if (s->n == BW_SAMPLES) {
        bw_snapshot_free(&s->v[0].snap);
        memmove(s->v, s->v + 1, (BW_SAMPLES - 1) * sizeof *s->v);
        s->n--;
    }
    s->v[s->n++] = (struct bw_sample){ms, *snap};
    memset(snap, 0, sizeof *snap);
}

void bw_samples_clear(struct bw_samples *s)
{
    for (size_t i = 0; i < s->n; i++)
        bw_snapshot_free(&s->v[i].snap);
    s->n = 0;
}

long long bw_samples_span(const struct bw_samples *s)
{
    return s->n > 0 ? s->v[s->n - 1].ms - s->v[0].ms : 0;
}
