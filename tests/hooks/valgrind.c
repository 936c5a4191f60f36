/* In the build for valgrind only. Valgrind 3.19 runs no system call that it does not know: some are
 * made for it here, by the real processor (VALGRIND_NON_SIMD_CALL), clone3 as clone, which it
 * knows. The stage is executed from the program's file, for valgrind has to open it, and gets back
 * the name that valgrind takes from it. Leaks are looked for before each reply of a stage or the
 * janitor, for these are killed; at _exit valgrind looks by itself. It needs no /proc for that. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

#include "kern/sealed.h"
#include "plant.h"

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
ssize_t __real_bw_sock_send(int sock, const struct msghdr *msg, int flags);
ssize_t __wrap_bw_sock_send(int sock, const struct msghdr *msg, int flags);
int __wrap_bw_sealed_program(struct bw_err *err);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

#ifdef __x86_64__
static long natively(unsigned long thread, long *a)
{
    register long r10 __asm__("r10") = a[4], r8 __asm__("r8") = a[5], r9 __asm__("r9") = a[6];
    long r = a[0];
    (void)thread;
    __asm__ volatile("syscall"
                     : "+a"(r)
                     : "D"(a[1]), "S"(a[2]), "d"(a[3]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return r;
}
#endif

long __wrap_syscall(long number, ...)
{
    long a[7] = {number};
    va_list ap;
    va_start(ap, number);
    for (int i = 1; i < 7; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    /* Of the two halves of a capability set valgrind sees the kernel write the first. */
    if (number == SYS_capget) {
        long r = __real_syscall(number, a[1], a[2]);
        if (r == 0)
            (void)VALGRIND_MAKE_MEM_DEFINED(a[2], 2 * sizeof(struct __user_cap_data_struct));
        return r;
    }
    if (number == SYS_clone3 && a[2] < CLONE_ARGS_SIZE_VER0) {
        errno = EINVAL;
        return -1;
    }
    if (number == SYS_clone3) {
        const struct clone_args *c = (const struct clone_args *)a[1];
        return __real_syscall(SYS_clone, (long)(c->flags | c->exit_signal), 0L, (long)c->pidfd, 0L,
                              0L);
    }
    /* Valgrind's own descriptors lie above those that it lets a program have, and it keeps them. */
    if (number == SYS_close_range) {
        for (long fd = a[1]; fd <= a[2] && fd < sysconf(_SC_OPEN_MAX); fd++)
            if (a[3])
                fcntl((int)fd, F_SETFD, FD_CLOEXEC);
            else
                close((int)fd);
        return 0;
    }
#ifdef __x86_64__
    if (number == SYS_pidfd_open || number == SYS_pidfd_send_signal || number == SYS_openat2 ||
        number == SYS_open_tree || number == SYS_move_mount || number == SYS_mount_setattr ||
        number == SYS_seccomp) {
        long r = (long)VALGRIND_NON_SIMD_CALL1(natively, a);
        if (r >= 0)
            return r;
        errno = (int)-r;
        return -1;
    }
#endif
    return __real_syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
}

int __wrap_bw_sealed_program(struct bw_err *err)
{
    static int kept = -1;
    (void)err;
    if (kept < 0)
        kept = open("/proc/self/exe", O_RDONLY);
    return kept;
}

void __wrap__exit(int status)
{
    plant_sow();
    __real__exit(status);
}

ssize_t __wrap_bw_sock_send(int sock, const struct msghdr *msg, int flags)
{
    char name[16] = "";
    plant_sow();
    prctl(PR_GET_NAME, name);
    if (strcmp(name, "bw-stage") == 0 || strcmp(name, "bw-janitor") == 0)
        VALGRIND_DO_ADDED_LEAK_CHECK;
    return __real_bw_sock_send(sock, msg, flags);
}

__attribute__((constructor(101))) static void start(int argc, char **argv)
{
    static char stage[] = "bw-stage", from[] = "/proc/self/fd/";
    if (argc >= 2 && argc <= 3 && strncmp(argv[0], from, strlen(from)) == 0)
        argv[0] = stage;
    if (getenv("BW_HOOK"))
        plant_read(getenv("BW_HOOK"));
}
