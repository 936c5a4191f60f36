#include "kern/devgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/call.h"
#include "kern/cgroup.h"

enum { ANY = -1, READ_WRITE_MAKE = 7 };

/* v1's words, and the same for the program. */
static const struct {
    const char *v1;
    short type, access; /* BPF_DEVCG_… */
    int major, minor;
} allowed[] = {
    {"c *:* m", BPF_DEVCG_DEV_CHAR, BPF_DEVCG_ACC_MKNOD, ANY, ANY},
    {"b *:* m", BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_ACC_MKNOD, ANY, ANY},
    {"c 1:3 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 1, 3},
    {"c 1:5 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 1, 5},
    {"c 1:7 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 1, 7},
    {"c 1:8 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 1, 8},
    {"c 1:9 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 1, 9},
    {"c 5:0 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 5, 0},
    {"c 5:1 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 5, 1},
    {"c 5:2 rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 5, 2},
    {"c 136:* rwm", BPF_DEVCG_DEV_CHAR, READ_WRITE_MAKE, 136, ANY},
};
enum { ALLOWED = sizeof allowed / sizeof *allowed, EACH = 7, MOST = 6 + ALLOWED * EACH + 2 };

unsigned bw_devgroup_mask(const struct bw_cg *cg)
{
    const struct bw_cg_host *h = &cg->all->host;
    if (*h->devices)
        return 1u << BW_CG_DEVICES;
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (h->ctl[i].present && h->ctl[i].v2)
            return 1u << i;
    return 0;
}

/* ---- v1 ---- */

static int limit_v1(const char *dir, struct bw_err *err)
{
    if (bw_cg_write(dir, "devices.deny", "a", err))
        return -1;
    for (size_t i = 0; i < ALLOWED; i++)
        if (bw_cg_write(dir, "devices.allow", allowed[i].v1, err))
            return -1;
    return 0;
}

/* ---- v2 ---- */

struct program {
    struct bpf_insn v[MOST];
    size_t n;
};

static void emit(struct program *p, uint8_t code, unsigned dst, unsigned src, int16_t off,
                 int32_t imm)
{
    p->v[p->n++] = (struct bpf_insn){
        .code = code, .dst_reg = dst & 0xf, .src_reg = src & 0xf, .off = off, .imm = imm};
}

/* r1 the context, r2 type, r3 access, r4 major, r5 minor. Each rule that does not fit jumps to the
 * next. */
static void write_program(struct program *p)
{
    emit(p, BPF_LDX | BPF_W | BPF_MEM, 2, 1, 0, 0);
    emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0);
    emit(p, BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
    emit(p, BPF_ALU64 | BPF_RSH | BPF_K, 3, 0, 0, 16);
    emit(p, BPF_LDX | BPF_W | BPF_MEM, 4, 1, 4, 0);
    emit(p, BPF_LDX | BPF_W | BPF_MEM, 5, 1, 8, 0);
    for (size_t i = 0; i < ALLOWED; i++) {
        int major = allowed[i].major != ANY, minor = allowed[i].minor != ANY;
        int16_t left = (int16_t)(3 + major + minor);
        emit(p, BPF_JMP | BPF_JNE | BPF_K, 2, 0, left--, allowed[i].type);
        emit(p, BPF_JMP | BPF_JSET | BPF_K, 3, 0, left--, ~allowed[i].access & READ_WRITE_MAKE);
        if (major)
            emit(p, BPF_JMP | BPF_JNE | BPF_K, 4, 0, left--, allowed[i].major);
        if (minor)
            emit(p, BPF_JMP | BPF_JNE | BPF_K, 5, 0, left--, allowed[i].minor);
        emit(p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
        emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    }
    emit(p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
    emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int limit_v2(const char *dir, struct bw_err *err)
{
    struct program p = {.n = 0};
    write_program(&p);
    union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                           .insns = (uint64_t)(uintptr_t)p.v,
                           .insn_cnt = (uint32_t)p.n,
                           .license = (uint64_t)(uintptr_t) "GPL"};
    BW_AUTO_FD prog = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
    if (bw_call_done(err, BW_CALL_STEP, prog, "bpf",
                     "BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=%zu, …}, %zu",
                     p.n, sizeof load) < 0)
        return -1;
    BW_AUTO_FD group = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group < 0)
        return bw_err_call(err, errno, "open", "\"%s\", O_RDONLY|O_DIRECTORY|O_CLOEXEC", dir);
    union bpf_attr attach = {.target_fd = (uint32_t)group,
                             .attach_bpf_fd = (uint32_t)prog,
                             .attach_type = BPF_CGROUP_DEVICE};
    long r = syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach);
    return (int)bw_call_done(err, BW_CALL_STEP, r, "bpf",
                             "BPF_PROG_ATTACH, {target_fd=%d<%s>, attach_bpf_fd=%d, "
                             "attach_type=BPF_CGROUP_DEVICE, attach_flags=0}, %zu",
                             group, dir, prog, sizeof attach);
}

int bw_devgroup_limit(struct bw_cg *cg, const char *group, struct bw_err *err)
{
    unsigned mask = bw_devgroup_mask(cg);
    BW_AUTO_STR dir = BW_STR_INIT;
    if (!mask || bw_cg_dir(cg, group, (enum bw_cg_ctl)__builtin_ctz(mask), &dir))
        return bw_err_set(err, "the group %s is in no hierarchy that limits devices", group);
    return *cg->all->host.devices ? limit_v1(dir.s, err) : limit_v2(dir.s, err);
}
