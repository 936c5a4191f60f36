/* Makes each system call in a child of its own, with arguments that no call can do anything with,
 * and prints what the kernel, or a filter, answered: one line a call, to be compared. A few are
 * made with arguments that a filter looks at. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LAST = 480, X32 = 0x40000000 };

/* They end or stop the child, start another one, signal what there is, or write all disks. */
static const long left_out[] = {
    SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_sync, SYS_clone, SYS_kill,
#ifdef SYS_fork
    SYS_fork, SYS_vfork,      SYS_pause,
#endif
};

static const struct {
    const char *name;
    long nr, a[3];
} with[] = {
    {"personality(0)", SYS_personality, {0}},
    {"personality(8)", SYS_personality, {8}},
    {"personality(0x20000)", SYS_personality, {0x20000}},
    {"personality(0xffffffff)", SYS_personality, {0xffffffff}},
    {"personality(ADDR_NO_RANDOMIZE)", SYS_personality, {0x40000}},
    {"socket(AF_UNIX)", SYS_socket, {1, 1, 0}},
    {"socket(AF_INET)", SYS_socket, {2, 1, 0}},
    {"socket(AF_NETLINK)", SYS_socket, {16, 3, 0}},
    {"socket(37)", SYS_socket, {37, 1, 0}},
    {"socket(AF_ALG)", SYS_socket, {38, 5, 0}},
    {"socket(AF_NFC)", SYS_socket, {39, 1, 0}},
    {"socket(AF_VSOCK)", SYS_socket, {40, 1, 0}},
    {"socket(41)", SYS_socket, {41, 1, 0}},
    {"clone(SIGCHLD)", SYS_clone, {SIGCHLD, 0, 0}},
    {"clone(CLONE_NEWNS)", SYS_clone, {CLONE_NEWNS | SIGCHLD, 0, 0}},
    {"clone(CLONE_NEWUSER)", SYS_clone, {CLONE_NEWUSER | SIGCHLD, 0, 0}},
    {"clone(CLONE_NEWNET)", SYS_clone, {CLONE_NEWNET | SIGCHLD, 0, 0}},
    {"kill(4000000, 0)", SYS_kill, {4000000, 0}},
    {"unshare(0)", SYS_unshare, {0}},
    {"unshare(CLONE_NEWUSER)", SYS_unshare, {CLONE_NEWUSER}},
    {"ptrace(PTRACE_TRACEME)", SYS_ptrace, {0, 0, 0}},
    {"chroot(\"/\")", SYS_chroot, {(long)"/"}},
    {"sethostname(\"x\")", SYS_sethostname, {(long)"x", 1}},
    {"syslog(10)", SYS_syslog, {10}},
    {"umount2(\"/nowhere\")", SYS_umount2, {(long)"/nowhere", 0}},
    {"acct(NULL)", SYS_acct, {0}},
    {"swapoff(\"/nowhere\")", SYS_swapoff, {(long)"/nowhere"}},
    {"userfaultfd(0)", 323, {0}},
    {"bpf(0, NULL, 0)", SYS_bpf, {0, 0, 0}},
    {"open_by_handle_at(0, NULL, 0)", SYS_open_by_handle_at, {0, 0, 0}},
};

static void end(const char *name, pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        printf("%s: signal %d\n", name, WTERMSIG(status));
    fflush(stdout);
}

static void say(const char *name, long r)
{
    printf("%s: %s\n", name, r == -1 ? strerrorname_np(errno) : "done");
    fflush(stdout);
    _exit(0);
}

static pid_t child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        alarm(5);
    return pid;
}

static void by_number(long nr)
{
    char name[32];
    snprintf(name, sizeof name, "%s %ld", nr & X32 ? "x32" : "call", nr & ~(long)X32);
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if ((nr & ~(long)X32) == left_out[i])
            return;
    pid_t pid = child();
    if (pid == 0)
        say(name, syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L));
    end(name, pid);
}

static void with_arguments(size_t i)
{
    pid_t pid = child();
    if (pid == 0) {
        long r = syscall(with[i].nr, with[i].a[0], with[i].a[1], with[i].a[2], 0L, 0L, 0L);
        /* A clone that was let through comes back twice. */
        if (with[i].nr == SYS_clone && r == 0)
            _exit(0);
        say(with[i].name, r);
    }
    end(with[i].name, pid);
}

#ifdef __x86_64__
/* The 32-bit calls of the same kernel, which a filter of 64-bit ones alone would not see. */
static void by_32_bit_number(int nr)
{
    char name[32];
    snprintf(name, sizeof name, "i386 %d", nr);
    pid_t pid = child();
    if (pid == 0) {
        long r;
        __asm__ volatile("int $0x80"
                         : "=a"(r)
                         : "a"(nr), "b"(-1), "c"(-1), "d"(-1), "S"(-1), "D"(-1)
                         : "memory", "r8", "r9", "r10", "r11");
        errno = (int)-(int)r;
        say(name, (int)r < 0 && (int)r > -4096 ? -1 : 0);
    }
    end(name, pid);
}
#endif

int main(void)
{
    for (long nr = 0; nr < LAST; nr++)
        by_number(nr);
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        with_arguments(i);
#ifdef __x86_64__
    static const int some[] = {5,  20,  21,  26,  52,  61,  74,  87,
                               88, 102, 110, 120, 128, 310, 336, 350};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        by_32_bit_number(some[i]);
    for (long nr = 0; nr < LAST; nr += 5)
        by_number(X32 | nr);
#endif
    return 0;
}
