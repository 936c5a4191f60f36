/* Preloaded into User Mode Linux.
 *
 * Where the processor has more registers than it knows of (AMX), its programs die: the kernel takes
 * a whole XSAVE area or none (EFAULT), and UML 6.1 keeps the first 2,696 bytes, up to PKRU. What
 * follows is left in its initial state, which is all that UML's programs may have: they are not
 * given the permission that AMX needs (arch_prctl(2), ARCH_REQ_XCOMP_PERM).
 *
 * Before it lets a process go on, each time, it sets what it has just got of these registers: that
 * costs a third of a system call, and is left out.
 *
 * It runs beside tests, some of which measure time or wait for each other in turns of microseconds.
 * It makes itself a session of its own, and with autogroup (sched(7)) nice counts only within one:
 * the session gets a tenth of the weight. A long slice (since Linux 6.12) lets others interrupt it.
 */
#include <cpuid.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched/types.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    SLICE_NS = 100000000, /* as long as they go */
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
        size = 1; /* no such processor: less than what UML knows */
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

/* What a stopped process has, as the kernel said last. */
static struct {
    pid_t pid; /* 0: nothing is known */
    size_t len;
    unsigned char area[AREA_MAX];
} last;

static bool has_it(pid_t pid, const struct iovec *v)
{
    return last.pid == pid && last.len == v->iov_len &&
           memcmp(last.area, v->iov_base, v->iov_len) == 0;
}

static long xstate(enum __ptrace_request request, pid_t pid, struct iovec *v)
{
    if (request == PTRACE_SETREGSET && has_it(pid, v))
        return 0;
    last.pid = 0;
    if (request == PTRACE_SETREGSET && v->iov_len < whole() && whole() <= AREA_MAX)
        return set_xstate(pid, v);
    long r = syscall(SYS_ptrace, request, pid, NT_X86_XSTATE, v);
    if (request == PTRACE_GETREGSET && r == 0 && v->iov_len <= AREA_MAX) {
        memcpy(last.area, v->iov_base, v->iov_len);
        last.len = v->iov_len;
        last.pid = pid;
    }
    return r;
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list ap;
    va_start(ap, request);
    pid_t pid = va_arg(ap, pid_t);
    void *addr = va_arg(ap, void *), *data = va_arg(ap, void *);
    va_end(ap);
    if ((request == PTRACE_SETREGSET || request == PTRACE_GETREGSET) &&
        addr == (void *)(long)NT_X86_XSTATE)
        return xstate(request, pid, data);
    /* By most of the others the process goes on. */
    if (request != PTRACE_GETREGS && request != PTRACE_SETREGS)
        last.pid = 0;
    long word = 0;
    /* The call itself returns what it peeks at through its last argument. */
    if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
        long r = syscall(SYS_ptrace, request, pid, addr, &word);
        return r < 0 ? r : word;
    }
    return syscall(SYS_ptrace, request, pid, addr, data);
}

/* Where there is no autogroup, or no slice, nothing changes. */
pid_t setsid(void)
{
    pid_t sid = (pid_t)syscall(SYS_setsid);
    int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (write(fd, "10", 2) < 0)
            errno = 0;
        close(fd);
    }
    return sid;
}

__attribute__((constructor)) static void long_slice(void)
{
    struct sched_attr attr = {0};
    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0))
        return;
    attr.sched_runtime = SLICE_NS;
    syscall(SYS_sched_setattr, 0, &attr, 0);
}
