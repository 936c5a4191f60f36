/* Preloaded into User Mode Linux where the processor has more registers than it knows of (AMX): the
 * kernel takes a whole XSAVE area or none (EFAULT), and UML 6.1 keeps the first 2,696 bytes, up to
 * PKRU. What follows is left in its initial state, which is all that UML's programs may have: they
 * are not given the permission that AMX needs (arch_prctl(2), ARCH_REQ_XCOMP_PERM). */
#include <cpuid.h>
#include <elf.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    AREA_MAX = 64 << 10,
    XSTATE_BV = 512,          /* which components of the area are not initial */
    TILES = 1 << 17 | 1 << 18 /* XTILECFG, XTILEDATA */
};

/* Bytes of the whole area with what this kernel has switched on. */
static size_t whole(void)
{
    static unsigned size;
    unsigned a, c, d;
    if (!size && !__get_cpuid_count(0xd, 0, &a, &size, &c, &d))
        size = 1;
    return size;
}

static long set_xstate(pid_t pid, const struct iovec *known)
{
    static unsigned char area[AREA_MAX];
    uint64_t components;
    struct iovec all = {area, whole()};
    memcpy(area, known->iov_base, known->iov_len);
    memcpy(&components, area + XSTATE_BV, sizeof components);
    components &= ~(uint64_t)TILES;
    memcpy(area + XSTATE_BV, &components, sizeof components);
    return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &all);
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list ap;
    va_start(ap, request);
    pid_t pid = va_arg(ap, pid_t);
    void *addr = va_arg(ap, void *), *data = va_arg(ap, void *);
    va_end(ap);
    const struct iovec *v = data;
    if (request == PTRACE_SETREGSET && addr == (void *)(long)NT_X86_XSTATE &&
        v->iov_len < whole() && whole() <= AREA_MAX)
        return set_xstate(pid, v);
    long word = 0;
    /* The call itself returns what it peeks at through its last argument. */
    if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
        long r = syscall(SYS_ptrace, request, pid, addr, &word);
        return r < 0 ? r : word;
    }
    return syscall(SYS_ptrace, request, pid, addr, data);
}
