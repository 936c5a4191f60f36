/* seccomp profiles in JSON, Docker's and OCI's: parsed, compiled, written down again */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/profile.h"
#include "linked.h"

int bw_seccomp_module_compile(const struct bw_profile_request *rq, struct bw_profile *out,
                              struct bw_err *err);
int bw_seccomp_module_number(const char *name);
uint32_t bw_seccomp_module_arch(void);

const struct fuzz_function fuzz_functions[] = {
    {"bw_seccomp_module_compile", (void (*)(void))bw_seccomp_module_compile},
    {"bw_seccomp_module_number", (void (*)(void))bw_seccomp_module_number},
    {"bw_seccomp_module_arch", (void (*)(void))bw_seccomp_module_arch},
    {NULL, NULL},
};

static char *const denied[] = {"ptrace", "mount"};
static char *const logged[] = {"openat", "ptrace"};

static uint32_t answer(const struct bw_filter *f, int nr, uint64_t arg)
{
    struct seccomp_data call = {.nr = nr, .arch = bw_call_arch()};
    bool args = false;

    for (int i = 0; i < 6; i++)
        call.args[i] = arg;
    return bw_filter_run(f, &call, &args);
}

/* It reaches the stage whole. */
static void check_sent(const struct bw_filter *f)
{
    struct bw_filter again = {0};
    struct bw_err err = BW_ERR_INIT;
    int fd = bw_filter_send(f, &err);

    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(bw_filter_receive(fd, &again, &err) == 0);
    FUZZ_CHECK(again.n == f->n && memcmp(again.v, f->v, f->n * sizeof *f->v) == 0);
    bw_filter_free(&again);
    close(fd);
}

/* What an OCI runtime is given means the same, and is the same when it is read. */
static void check_written(const struct bw_profile *p)
{
    static const uint64_t some[] = {0, 1, 0x7e020000, UINT64_MAX};
    struct bw_profile_request rq = {.text = bw_str_get(&p->oci), .len = p->oci.len};
    struct bw_profile again;
    struct bw_err err = BW_ERR_INIT;

    FUZZ_CHECK(bw_profile_compile(&rq, &again, &err) == 0);
    FUZZ_CHECK(strcmp(bw_str_get(&again.oci), bw_str_get(&p->oci)) == 0);
    FUZZ_CHECK(again.calls == p->calls);
    for (int nr = 0; nr < 460; nr += 3)
        for (size_t i = 0; i < sizeof some / sizeof *some; i++)
            FUZZ_CHECK(answer(&again.filter, nr, some[i]) == answer(&p->filter, nr, some[i]));
    bw_profile_free(&again);
}

static void check_taken(const struct bw_profile_request *rq, const struct bw_profile *p)
{
    FUZZ_CHECK(memchr(rq->text, '\0', rq->len) == NULL);
    FUZZ_CHECK(p->filter.n > 0 && p->filter.n <= BW_FILTER_MAX);
    check_sent(&p->filter);
    /* Typed after the profile was read: it is stronger. */
    for (size_t i = 0; i < rq->n_deny; i++)
        FUZZ_CHECK(answer(&p->filter, bw_call_number(rq->deny[i]), 1) ==
                   (SECCOMP_RET_ERRNO | EPERM));
    fuzz_check_safe(bw_str_get(&p->unknown));
    fuzz_check_safe(bw_str_get(&p->oci));
    check_written(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    uint8_t how = fuzz_byte(&in);
    struct bw_profile_request rq = {.text = (const char *)in.at,
                                    .len = in.left,
                                    .deny = denied,
                                    .n_deny = how & 1 ? 2 : 0,
                                    .log = logged,
                                    .n_log = how & 2 ? 2 : 0,
                                    .bounding = how & 4 ? UINT64_MAX : 0};
    struct bw_profile p;
    struct bw_err err = BW_ERR_INIT;
    int lowest = dup(STDERR_FILENO);

    FUZZ_CHECK(lowest >= 0 && close(lowest) == 0);
    int r = size > 0 ? bw_profile_compile(&rq, &p, &err) : -1;
    if (size > 0)
        fuzz_check_err(r, &err);
    if (r == 0) {
        check_taken(&rq, &p);
        bw_profile_free(&p);
    }
    FUZZ_CHECK(dup(STDERR_FILENO) == lowest && close(lowest) == 0);
    return 0;
}
