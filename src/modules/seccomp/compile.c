/* Rules to BPF with libseccomp, in the order and with the exceptions of runc. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "seccomp_priv.h"

enum { X32_BIT = 1 << 30, LAST_CALL = 700, TREE = 32 };

static bool among(char *const *v, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(v[i], name) == 0)
            return true;
    return false;
}

static int known(const char *name, struct bw_err *err)
{
    if (seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR)
        return 0;
    bw_err_usage(err, "%s is no system call that libseccomp knows", name);
    bw_err_todo(err, "syscalls(2) lists them; a name is typed as in mount(2), without the (2)");
    return -1;
}

static int all_known(char *const *v, size_t n, struct bw_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (known(v[i], err))
            return -1;
    return 0;
}

static bool same(const struct action *a, const struct action *b)
{
    return a->act == b->act;
}

/* What is denied is in no other rule; what is allowed and to be logged changes its action. */
static void apply_names(const struct bw_profile_request *rq, struct rules *r)
{
    struct action deny = action_make("SCMP_ACT_ERRNO", 1), log = action_make("SCMP_ACT_LOG", -1);
    size_t n = r->n;
    for (size_t i = 0; i < n; i++) {
        struct rule *rule = &r->v[i];
        size_t kept = 0;
        for (size_t k = 0; k < rule->n_names; k++) {
            bool logged =
                rule->action.act == SCMP_ACT_ALLOW && among(rq->log, rq->n_log, rule->names[k]);
            if (!among(rq->deny, rq->n_deny, rule->names[k]) && !logged) {
                rule->names[kept++] = rule->names[k];
                continue;
            }
            if (logged && !among(rq->deny, rq->n_deny, rule->names[k])) {
                rules_add(r, rule->names[k], log);
                rule = &r->v[i];
                struct rule *added = &r->v[r->n - 1];
                memcpy(added->args, rule->args, sizeof rule->args);
                added->n_args = rule->n_args;
            }
            free(rule->names[k]);
        }
        rule->n_names = kept;
    }
    for (size_t i = 0; i < rq->n_deny; i++)
        rules_add(r, rq->deny[i], deny);
    for (size_t i = 0; r->otherwise.act == SCMP_ACT_ALLOW && i < rq->n_log; i++) {
        bool ruled = among(rq->deny, rq->n_deny, rq->log[i]);
        for (size_t k = 0; k < n && !ruled; k++)
            ruled = r->v[k].n_args == 0 && among(r->v[k].names, r->v[k].n_names, rq->log[i]);
        if (!ruled)
            rules_add(r, rq->log[i], log);
    }
}

static int add_one(scmp_filter_ctx ctx, const struct rule *r, int nr, unsigned first, unsigned n)
{
    int code = seccomp_rule_add_array(ctx, r->action.act, nr, n, r->args + first);
    return code == -EEXIST ? 0 : code;
}

/* Two conditions on one argument are two rules, as runc has it. */
static int add_name(scmp_filter_ctx ctx, const struct rule *r, int nr)
{
    unsigned seen = 0;
    bool twice = false;
    for (unsigned i = 0; i < r->n_args; i++) {
        twice = twice || seen >> r->args[i].arg & 1;
        seen |= 1u << r->args[i].arg;
    }
    if (!twice)
        return add_one(ctx, r, nr, 0, r->n_args);
    int code = 0;
    for (unsigned i = 0; i < r->n_args && code == 0; i++)
        code = add_one(ctx, r, nr, i, 1);
    return code;
}

static int add_rules(scmp_filter_ctx ctx, const struct rules *r, struct bw_profile *out,
                     struct bw_err *err)
{
    for (size_t i = 0; i < r->n; i++) {
        if (same(&r->v[i].action, &r->otherwise))
            continue;
        for (size_t k = 0; k < r->v[i].n_names; k++) {
            const char *name = r->v[i].names[k];
            int nr = seccomp_syscall_resolve_name(name);
            if (nr == __NR_SCMP_ERROR) {
                bw_str_addf(&out->unknown, "%s%s", out->unknown.len ? " " : "", name);
                continue;
            }
            int code = add_name(ctx, &r->v[i], nr);
            if (code)
                return bw_err_set(err, "libseccomp refuses the rule for %s: %s", name,
                                  strerror(-code));
            /* libseccomp takes minutes over what no kernel would take. */
            if (++out->calls > BW_FILTER_MAX)
                return bw_err_set(err,
                                  "the profile has more than %d rules, and the kernel takes a "
                                  "filter of %d instructions",
                                  BW_FILTER_MAX, BW_FILTER_MAX);
        }
    }
    return 0;
}

static uint32_t audit_arch(uint32_t arch)
{
    return arch == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : arch;
}

static uint32_t last_call(const struct rules *r, uint32_t arch)
{
    int last = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->v[i].n_names; k++) {
            int nr = seccomp_syscall_resolve_name_arch(arch, r->v[i].names[k]);
            last = nr > last ? nr : last;
        }
    return (uint32_t)last;
}

static void emit(struct bw_filter *f, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
    f->v = bw_realloc(f->v, (f->n + 1) * sizeof *f->v);
    f->v[f->n++] = (struct sock_filter){.code = code, .jt = jt, .jf = jf, .k = k};
}

/* Calls newer than all that the profile names do not exist, as runc has it: a library then goes
 * back to older ones, which EPERM would not make it do. */
static void stub(const struct rules *r, struct bw_filter *f)
{
    bool lenient = r->otherwise.act == SCMP_ACT_ALLOW || r->otherwise.act == SCMP_ACT_LOG ||
                   (r->otherwise.act & ~0xffffu) == SCMP_ACT_TRACE(0) ||
                   r->otherwise.act == SCMP_ACT_ERRNO(ENOSYS);
    for (size_t i = 0; !lenient && i < r->n_arches; i++) {
        uint32_t last = last_call(r, r->arches[i]), arch = audit_arch(r->arches[i]);
        bool x86 = arch == AUDIT_ARCH_X86_64;
        if (!last)
            continue;
        emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
        emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, x86 ? 4 : 3, arch);
        emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
        if (r->arches[i] == SCMP_ARCH_X32)
            emit(f, BPF_JMP | BPF_JSET | BPF_K, 0, 2, X32_BIT);
        else if (x86)
            emit(f, BPF_JMP | BPF_JSET | BPF_K, 2, 0, X32_BIT);
        emit(f, BPF_JMP | BPF_JGT | BPF_K, 0, 1, last);
        emit(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
    }
}

static int export(scmp_filter_ctx ctx, struct bw_filter *f, struct bw_err *err)
{
    struct stat st;
    BW_AUTO_FD fd = memfd_create("bw-bpf", MFD_CLOEXEC);
    if (fd < 0)
        return bw_err_call(err, errno, "memfd_create", "\"bw-bpf\", MFD_CLOEXEC");
    int code = seccomp_export_bpf(ctx, fd);
    if (code) {
        bw_err_call(err, -code, "write", "%d</memfd:bw-bpf>, …", fd);
        bw_err_cause(err,
                     "libseccomp could not write down the filter that it made of the rules: %s",
                     strerror(-code));
        return -1;
    }
    if (fstat(fd, &st) || st.st_size % (off_t)sizeof *f->v)
        return bw_err_call(err, errno, "fstat", "%d</memfd:bw-bpf>", fd);
    size_t n = (size_t)st.st_size / sizeof *f->v, before = f->n;
    if (before + n > BW_FILTER_MAX)
        return bw_err_set(err, "the filter has %zu instructions, and the kernel takes %d",
                          before + n, BW_FILTER_MAX);
    f->v = bw_realloc(f->v, (before + n) * sizeof *f->v);
    f->n += n;
    if (pread(fd, f->v + before, (size_t)st.st_size, 0) == st.st_size)
        return 0;
    return bw_err_call(err, errno, "pread64", "%d</memfd:bw-bpf>, …, %zu, 0", fd,
                       (size_t)st.st_size);
}

static int build(const struct rules *r, struct bw_profile *out, struct bw_err *err)
{
    scmp_filter_ctx ctx = seccomp_init(r->otherwise.act);
    if (!ctx)
        return bw_err_set(err, "libseccomp takes no filter with the default action %s",
                          r->otherwise.name);
    int bad = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
    /* The errno of a write, not ECANCELED for all. */
    seccomp_attr_set(ctx, SCMP_FLTATR_API_SYSRAWRC, 1);
    /* A tree in place of a list: each call costs a few comparisons. Not taken by an old one. */
    if (r->n > TREE)
        seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < r->n_arches && (bad == 0 || bad == -EEXIST); i++)
        bad = seccomp_arch_add(ctx, r->arches[i]);
    int done = bad && bad != -EEXIST
                   ? bw_err_set(err, "libseccomp takes none of the profile's architectures: %s",
                                strerror(-bad))
                   : add_rules(ctx, r, out, err);
    if (done == 0) {
        stub(r, &out->filter);
        done = export(ctx, &out->filter, err);
    }
    seccomp_release(ctx);
    return done;
}

int bw_seccomp_module_compile(const struct bw_profile_request *rq, struct bw_profile *out,
                              struct bw_err *err)
{
    struct rules r = {0};
    if (all_known(rq->deny, rq->n_deny, err) || all_known(rq->log, rq->n_log, err))
        return -1;
    if (rq->text && rules_parse(rq, &r, err))
        return -1;
    if (!rq->text) {
        r.otherwise = action_make("SCMP_ACT_ALLOW", -1);
        rules_all_arches(&r);
    }
    apply_names(rq, &r);
    int done = build(&r, out, err);
    if (done == 0)
        rules_write(&r, &out->oci);
    rules_free(&r);
    return done;
}

int bw_seccomp_module_name(uint32_t arch, int nr, struct bw_str *out)
{
    bool x32 = arch == AUDIT_ARCH_X86_64 && nr & X32_BIT;
    char *name = seccomp_syscall_resolve_num_arch(x32 ? SCMP_ARCH_X32 : arch, nr);
    if (!name)
        return -1;
    bw_str_add(out, name);
    free(name);
    return 0;
}

int bw_seccomp_module_number(const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);
    return nr < 0 ? -1 : nr;
}

uint32_t bw_seccomp_module_arch(void)
{
    return audit_arch(seccomp_arch_native());
}

void bw_seccomp_module_names(struct bw_str *out)
{
    for (int nr = 0; nr < LAST_CALL; nr++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
        if (name)
            bw_str_addf(out, "%s%s", out->len ? " " : "", name);
        free(name);
    }
}
