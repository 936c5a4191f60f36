#include "kern/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/trial.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

void bw_filter_free(struct bw_filter *f)
{
    free(f->v);
    *f = (struct bw_filter){0};
}

int bw_filter_send(const struct bw_filter *f, struct bw_err *err)
{
    size_t size = f->n * sizeof *f->v;
    BW_AUTO_FD fd = memfd_create("bw-filter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return bw_err_call(err, errno, "memfd_create",
                           "\"bw-filter\", MFD_CLOEXEC|MFD_ALLOW_SEALING");
    if (write(fd, f->v, size) != (ssize_t)size)
        return bw_err_call(err, errno, "write", "%d</memfd:bw-filter>, …, %zu", fd, size);
    if (fcntl(fd, F_ADD_SEALS, SEALS))
        return bw_err_call(err, errno, "fcntl", "%d</memfd:bw-filter>, F_ADD_SEALS, …", fd);
    return bw_steal_fd(&fd);
}

int bw_filter_receive(int fd, struct bw_filter *f, struct bw_err *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return bw_err_call(err, errno, "fstat", "%d</memfd:bw-filter>", fd);
    if (st.st_size <= 0 || st.st_size % (off_t)sizeof *f->v ||
        st.st_size > (off_t)(BW_FILTER_MAX * sizeof *f->v) || fcntl(fd, F_GET_SEALS) != SEALS)
        return bw_err_set(err, "a filter came that is none");
    struct bw_filter got = {.n = (size_t)st.st_size / sizeof *f->v};
    got.v = bw_alloc((size_t)st.st_size);
    if (pread(fd, got.v, (size_t)st.st_size, 0) != (ssize_t)st.st_size) {
        int code = errno;
        bw_filter_free(&got);
        return bw_err_call(err, code, "pread64", "%d</memfd:bw-filter>, …, %lld, 0", fd,
                           (long long)st.st_size);
    }
    *f = got;
    return 0;
}

static bool jump_true(const struct sock_filter *i, uint32_t a)
{
    switch (BPF_OP(i->code)) {
    case BPF_JEQ:
        return a == i->k;
    case BPF_JGT:
        return a > i->k;
    case BPF_JGE:
        return a >= i->k;
    default:
        return (a & i->k) != 0;
    }
}

/* The instructions that libseccomp writes; the kernel itself allows more. */
uint32_t bw_filter_run(const struct bw_filter *f, const struct seccomp_data *call, bool *args)
{
    uint32_t a = 0;
    *args = false;
    for (size_t at = 0; at < f->n; at++) {
        const struct sock_filter *i = &f->v[at];
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (i->k > sizeof *call - sizeof a || i->k % sizeof a)
                return SECCOMP_RET_KILL_PROCESS;
            memcpy(&a, (const char *)call + i->k, sizeof a);
            *args = *args || i->k >= offsetof(struct seccomp_data, args);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= i->k;
            break;
        case BPF_JMP | BPF_JA:
            if (i->k >= f->n)
                return SECCOMP_RET_KILL_PROCESS;
            at += i->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
        case BPF_JMP | BPF_JGT | BPF_K:
        case BPF_JMP | BPF_JGE | BPF_K:
        case BPF_JMP | BPF_JSET | BPF_K:
            at += jump_true(i, a) ? i->jt : i->jf;
            break;
        case BPF_RET | BPF_K:
            return i->k;
        default:
            return SECCOMP_RET_KILL_PROCESS;
        }
    }
    return SECCOMP_RET_KILL_PROCESS;
}

#if defined __x86_64__
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#else
#define OWN_ARCH 0
#endif

bool bw_filter_refuses_exec(const struct bw_filter *f, int code)
{
    struct seccomp_data d = {.nr = SYS_execve, .arch = OWN_ARCH};
    bool args = false;
    uint32_t verdict = OWN_ARCH ? bw_filter_run(f, &d, &args) : SECCOMP_RET_ALLOW;
    return verdict == (SECCOMP_RET_ERRNO | (uint32_t)code) && !args;
}

void bw_filter_notify(struct bw_filter *f)
{
    for (size_t i = 0; i < f->n; i++) {
        uint32_t action = f->v[i].k & SECCOMP_RET_ACTION_FULL;
        if (f->v[i].code == (BPF_RET | BPF_K) &&
            (action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_LOG))
            f->v[i].k = SECCOMP_RET_USER_NOTIF;
    }
}

static long install(const struct bw_filter *f, unsigned long flags)
{
    struct sock_fprog prog = {.len = (unsigned short)f->n, .filter = f->v};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

int bw_filter_install(const struct bw_filter *f, int *listener, unsigned long *used)
{
    static const unsigned long flags[] = {SECCOMP_FILTER_FLAG_NEW_LISTENER |
                                              SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                                          SECCOMP_FILTER_FLAG_NEW_LISTENER};
    *used = 0;
    if (listener) {
        static struct bw_filter asking;
        asking = (struct bw_filter){.n = f->n, .v = bw_alloc(f->n * sizeof *f->v)};
        memcpy(asking.v, f->v, f->n * sizeof *f->v);
        bw_filter_notify(&asking);
        long r = -1;
        for (size_t i = 0; i < sizeof flags / sizeof *flags && r < 0; i++)
            r = install(&asking, *used = flags[i]);
        /* With the filter in force even free() might be refused what it calls: kept. */
        if (r >= 0)
            return *listener = (int)r, 0;
        bw_filter_free(&asking);
        /* EINVAL: before Linux 5.0. EBUSY: a filter around this process has its listener. */
        if (errno != EINVAL && errno != EBUSY)
            return -1;
        *used = 0;
    }
    return install(f, 0) < 0 ? -1 : 0;
}

struct finding {
    int code, listener, mode;
    unsigned long flags;
};

static void try_here(void *ctx, void *found, volatile int *step)
{
    struct finding *out = found;
    int listener = -1;
    out->mode = -1;
    if (bw_filter_install(ctx, &listener, &out->flags))
        out->code = errno;
    out->listener = listener >= 0;
    *step = 1;
    /* This may be refused, too, and wait for ever: then the mode stays unknown. */
    out->mode = prctl(PR_GET_SECCOMP);
}

int bw_filter_try(const struct bw_filter *f, bool *notifies, int *mode, struct bw_err *err)
{
    struct finding found = {0};
    if (bw_trial(try_here, (void *)(size_t)f, &found, sizeof found, err))
        return -1;
    *notifies = found.listener;
    *mode = found.mode;
    errno = found.code;
    bw_call_done(err, BW_CALL_STEP, found.code ? -1 : 0, "seccomp",
                 "SECCOMP_SET_MODE_FILTER, %s%s, {len=%zu, filter=…}",
                 found.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER ? "SECCOMP_FILTER_FLAG_NEW_LISTENER"
                                                                : "0",
                 found.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
                     ? "|SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
                     : "",
                 f->n);
    bw_call_note(
        "tried in a child that ends at once; each program gets it right before its execve");
    errno = found.code;
    return found.code ? -1 : 0;
}
