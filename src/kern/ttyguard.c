#include "kern/ttyguard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

/* The numbers of ioctl in the ABIs that this kernel may offer beside our own. */
#if defined __x86_64__
enum { OTHER_IOCTL = 54, X32_IOCTL = 0x40000000 + 514 };
#define OTHER_ARCH AUDIT_ARCH_I386
#elif defined __aarch64__
enum { OTHER_IOCTL = 54, X32_IOCTL = __NR_ioctl };
#define OTHER_ARCH AUDIT_ARCH_ARM
#else
/* 54 is ioctl wherever a 32-bit ABI stands beside a 64-bit one but on MIPS. */
enum { OTHER_IOCTL = 54, X32_IOCTL = __NR_ioctl };
#define OTHER_ARCH 0
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { LOW = 0 };
#else
enum { LOW = 4 };
#endif

enum { MAJOR_VT = 4, LAST_VT = 63 };

static bool is_console(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == MAJOR_VT &&
           minor(st.st_rdev) <= LAST_VT;
}

bool bw_ttyguard_needed(void)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bool terminal = false, console = false;
    BW_AUTO_FD own = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    for (int fd = 0; fd <= 2; fd++) {
        terminal = terminal || isatty(fd);
        console = console || is_console(fd);
    }
    if (own < 0 && !terminal)
        return false;
    /* The sysctl says nothing of TIOCLINUX. */
    return console || bw_read_file(AT_FDCWD, "/proc/sys/dev/tty/legacy_tiocsti", &text) != 0 ||
           bw_str_get(&text)[0] != '0';
}

int bw_ttyguard_install(void)
{
    /* The kernel looks at the low 32 bits of a request only, and so must this (CVE-2019-10063). */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OTHER_ARCH, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OTHER_IOCTL, 3, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, X32_IOCTL, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ioctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + LOW),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
