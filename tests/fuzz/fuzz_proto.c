/* packets between shell and stage: decoded, encoded again, replies taken apart */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/call.h"
#include "stage/proto.h"

static struct bw_packet p, back, q;
static char buf[BW_PROTO_MAX];

static void check_call(const struct bw_call *a, const struct bw_call *b)
{
    FUZZ_CHECK(strcmp(a->name, b->name) == 0 && strcmp(a->args, b->args) == 0);
    FUZZ_CHECK((a->note == NULL) == (b->note == NULL));
    FUZZ_CHECK(a->note == NULL || strcmp(a->note, b->note) == 0);
    FUZZ_CHECK(a->result == b->result && a->code == b->code && a->level == b->level &&
               a->outside == b->outside);
}

/* What was read of a reply, written as a stage writes it, is read as the same. */
static void check_result(void)
{
    struct bw_err err = BW_ERR_INIT, err2 = BW_ERR_INIT;
    struct bw_calls calls = {0}, calls2 = {0};
    BW_AUTO_STR arena = BW_STR_INIT;
    BW_AUTO_STR shown = BW_STR_INIT;

    if (bw_proto_get_result(&p, &err, &calls) == 0) {
        fuzz_check_err(0, &err);
        FUZZ_CHECK(err.status >= 0 && err.status <= 255);
        q.head = (struct bw_head){.kind = BW_KIND_REPLY, .code = p.head.code, .seq = p.head.seq};
        bw_proto_put_result(&q, &err, &calls, &arena);
        FUZZ_CHECK(bw_proto_get_result(&q, &err2, &calls2) == 0);
        FUZZ_CHECK(calls2.n == calls.n);
        for (size_t i = 0; i < calls.n; i++) {
            check_call(&calls.v[i], &calls2.v[i]);
            bw_str_clear(&shown);
            bw_call_format(&calls.v[i], &shown);
            fuzz_check_safe(shown.s);
        }
        if (p.head.code)
            FUZZ_CHECK(err.code == err2.code && err.status == err2.status &&
                       strcmp(err.call, err2.call) == 0 && strcmp(err.cause, err2.cause) == 0);
    }
    bw_calls_free(&calls);
    bw_calls_free(&calls2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (bw_proto_decode(data, size, &p) != 0)
        return 0;
    FUZZ_CHECK(p.head.strings <= BW_PROTO_STRS);
    FUZZ_CHECK(bw_proto_encode(&p, buf, sizeof buf) == (long)size);
    FUZZ_CHECK(memcmp(buf, data, size) == 0);
    FUZZ_CHECK(bw_proto_encode(&p, buf, size - 1) == -1);
    FUZZ_CHECK(bw_proto_decode(buf, size, &back) == 0);
    FUZZ_CHECK(memcmp(&back.head, &p.head, sizeof p.head) == 0);
    check_result();
    return 0;
}
