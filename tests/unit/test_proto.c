/* The codec between shell and stage: what goes in comes out, and nothing else is taken. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/call.h"
#include "stage/proto.h"

static char buf[BW_PROTO_MAX];
static struct bw_packet in, out;

static size_t encode_three(void)
{
    memset(&in, 0, sizeof in);
    in.head =
        (struct bw_head){.kind = BW_KIND_REQUEST, .code = BW_OP_MOUNT, .seq = 7, .strings = 3};
    in.head.n[0] = -5;
    in.str[0] = "one";
    in.str[1] = "";
    in.str[2] = "three";
    long len = bw_proto_encode(&in, buf, sizeof buf);
    ck_assert_int_gt(len, 0);
    return (size_t)len;
}

START_TEST(round_trip)
{
    size_t len = encode_three();
    ck_assert_int_eq(bw_proto_decode(buf, len, &out), 0);
    ck_assert_int_eq(out.head.code, BW_OP_MOUNT);
    ck_assert_uint_eq(out.head.seq, 7);
    ck_assert_int_eq(out.head.n[0], -5);
    ck_assert_uint_eq(out.head.strings, 3);
    ck_assert_str_eq(out.str[0], "one");
    ck_assert_str_eq(out.str[1], "");
    ck_assert_str_eq(out.str[2], "three");
}
END_TEST

START_TEST(every_shorter_length_is_refused)
{
    size_t len = encode_three();
    for (size_t n = 0; n < len; n++)
        ck_assert_msg(bw_proto_decode(buf, n, &out) == -1 && errno == EPROTO, "length %zu", n);
    ck_assert_int_eq(bw_proto_decode(buf, len + 1, &out), -1);
}
END_TEST

/* Each damages one field of the head. */
static const struct {
    const char *what;
    size_t offset;
    unsigned char value;
} damages[] = {
    {"magic", offsetof(struct bw_head, magic), 0xff},
    {"kind 0", offsetof(struct bw_head, kind), 0},
    {"kind 9", offsetof(struct bw_head, kind), 9},
    {"length", offsetof(struct bw_head, length), 1},
    {"fewer strings", offsetof(struct bw_head, strings), 2},
    {"more strings", offsetof(struct bw_head, strings), 4},
    {"very many strings", offsetof(struct bw_head, strings) + 2, 1},
    {"reserved", offsetof(struct bw_head, reserved), 1},
};

START_TEST(a_damaged_head_is_refused)
{
    size_t len = encode_three();
    buf[damages[_i].offset] = (char)damages[_i].value;
    ck_assert_msg(bw_proto_decode(buf, len, &out) == -1, "%s", damages[_i].what);
}
END_TEST

START_TEST(a_string_without_end_is_refused)
{
    size_t len = encode_three();
    buf[len - 1] = 'x';
    ck_assert_int_eq(bw_proto_decode(buf, len, &out), -1);
}
END_TEST

START_TEST(too_long_is_refused_by_the_encoder)
{
    char *big = malloc(BW_PROTO_MAX);
    ck_assert_ptr_nonnull(big);
    memset(big, 'x', BW_PROTO_MAX - 1);
    big[BW_PROTO_MAX - 1] = '\0';
    memset(&in, 0, sizeof in);
    in.head = (struct bw_head){.kind = BW_KIND_REQUEST, .strings = 1};
    in.str[0] = big;
    ck_assert_int_eq(bw_proto_encode(&in, buf, sizeof buf), -1);
    ck_assert_int_eq(errno, E2BIG);
    free(big);
}
END_TEST

START_TEST(results_travel)
{
    struct bw_calls calls = {0}, got = {0};
    struct bw_err err = BW_ERR_INIT, back = BW_ERR_INIT;
    struct bw_str arena = BW_STR_INIT;
    bw_calls_add(&calls, &(struct bw_call){.name = (char *)"unshare",
                                           .args = (char *)"CLONE_NEWUTS",
                                           .level = BW_CALL_STEP});
    bw_calls_add(&calls, &(struct bw_call){.name = (char *)"mount",
                                           .args = (char *)"\"a\nb\"",
                                           .note = (char *)"why",
                                           .result = -1,
                                           .code = EPERM,
                                           .level = BW_CALL_DETAIL,
                                           .outside = true});
    bw_err_call(&err, EPERM, "mount", "\"a\"");
    memset(&in, 0, sizeof in);
    in.head = (struct bw_head){.kind = BW_KIND_REPLY, .code = 1};
    ck_assert_int_eq(bw_proto_put_result(&in, &err, &calls, &arena), 12);
    long len = bw_proto_encode(&in, buf, sizeof buf);
    ck_assert_int_eq(bw_proto_decode(buf, (size_t)len, &out), 0);
    ck_assert_int_eq(bw_proto_get_result(&out, &back, &got), 0);
    ck_assert_int_eq(back.code, EPERM);
    ck_assert_str_eq(back.call, err.call);
    ck_assert_uint_eq(got.n, 2);
    ck_assert_str_eq(got.v[0].name, "unshare");
    ck_assert_ptr_null(got.v[0].note);
    ck_assert_str_eq(got.v[1].args, "\"a\nb\"");
    ck_assert_str_eq(got.v[1].note, "why");
    ck_assert_int_eq(got.v[1].result, -1);
    ck_assert_int_eq(got.v[1].code, EPERM);
    ck_assert(got.v[1].outside);
    bw_calls_free(&calls);
    bw_calls_free(&got);
    bw_str_free(&arena);
}
END_TEST

START_TEST(a_reply_with_an_error_too_long_is_refused)
{
    static char text[2000];
    memset(text, 'x', sizeof text - 1);
    memset(&out, 0, sizeof out);
    out.head = (struct bw_head){.kind = BW_KIND_REPLY, .code = 1, .strings = 4};
    for (int i = 0; i < 4; i++)
        out.str[i] = text;
    struct bw_err back = BW_ERR_INIT;
    ck_assert_int_eq(bw_proto_get_result(&out, &back, NULL), -1);
    out.head.strings = 5;
    ck_assert_int_eq(bw_proto_get_result(&out, &back, NULL), -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("proto");
    TCase *t = tcase_create("codec");
    tcase_add_test(t, round_trip);
    tcase_add_test(t, every_shorter_length_is_refused);
    tcase_add_loop_test(t, a_damaged_head_is_refused, 0, (int)(sizeof damages / sizeof damages[0]));
    tcase_add_test(t, a_string_without_end_is_refused);
    tcase_add_test(t, too_long_is_refused_by_the_encoder);
    tcase_add_test(t, results_travel);
    tcase_add_test(t, a_reply_with_an_error_too_long_is_refused);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
