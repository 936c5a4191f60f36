#include "kern/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kern/caps.h"
#include "kern/trial.h"

const struct bw_attack bw_attacks[BW_ATTACK_COUNT] = {
    [BW_ATTACK_MODULE] = {"module", "load code into the kernel",
                          "init_module(\"\", 0, \"\"): an empty image"},
    [BW_ATTACK_CLOCK] = {"clock", "set the host's clock",
                         "settimeofday(NULL, NULL): sets neither time nor zone"},
    [BW_ATTACK_REBOOT] = {"reboot", "stop the machine",
                          "reboot(0, 0, 0, NULL): without its magic numbers"},
    [BW_ATTACK_LOG] = {"log", "quieten the kernel's log",
                       "syslog(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, 0): no level"},
    [BW_ATTACK_HANDLE] = {"handle", "open files of the host past the box's root, by handle",
                          "open_by_handle_at(…) of the box's own root"},
    [BW_ATTACK_MOUNT] = {"mount", "mount, and unmount what hides the host",
                         "unshare(CLONE_NEWNS), then mount(…, MS_PRIVATE) in that copy"},
    [BW_ATTACK_BPF] = {"bpf", "run a program of its own in the kernel", "bpf(9999, NULL, 0)"},
    [BW_ATTACK_KCORE] = {"kcore", "read the kernel's memory", "open(\"/proc/kcore\", O_RDONLY)"},
    [BW_ATTACK_KEYS] = {"keys", "see the keys of others", "read of /proc/keys"},
    [BW_ATTACK_TIMERS] = {"timers", "learn of the host's processes", "read of /proc/timer_list"},
    [BW_ATTACK_CORE_PATTERN] = {"core", "have the host's kernel start a program of its own",
                                "open(\"/proc/sys/kernel/core_pattern\", O_WRONLY), nothing "
                                "written"},
    [BW_ATTACK_SYSRQ] = {"sysrq", "crash or reboot the host",
                         "open(\"/proc/sysrq-trigger\", O_WRONLY), nothing written"},
    [BW_ATTACK_DISK] = {"disk", "read the host's disk past every permission",
                        "mknod(…, S_IFBLK, disk), then open(…, O_RDONLY), nothing read"},
    [BW_ATTACK_KEYCTL] = {"keyctl", "use keys, which namespaces do not part",
                          "keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0)"},
    [BW_ATTACK_USERNS] = {"userns", "be root of a new user namespace, near untried kernel code",
                          "unshare(CLONE_NEWUSER)"},
    [BW_ATTACK_IO_URING] = {"io_uring", "use io_uring, where holes were many",
                            "io_uring_setup(1, NULL)"},
    [BW_ATTACK_CHROOT] = {"chroot", "leave the box's root by a second chroot",
                          "chroot(DIR), fchdir and chdir(\"..\") above it"},
};

bool bw_attack_refused(int result)
{
    return result == EPERM || result == EACCES || result == EROFS || result == ENOENT ||
           result == ENOSYS || result == BW_ATTACK_EMPTY;
}

static int code_of(long r)
{
    return r < 0 ? errno : 0;
}

static int open_code(const char *path, int flags)
{
    int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? errno : (close(fd), 0);
}

static int read_code(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    ssize_t n = read(fd, &byte, 1);
    int code = n < 0 ? errno : n == 0 ? BW_ATTACK_EMPTY : 0;
    close(fd);
    return code;
}

static int by_handle(void)
{
    struct {
        struct file_handle h;
        unsigned char bytes[MAX_HANDLE_SZ];
    } at = {.h = {.handle_bytes = MAX_HANDLE_SZ}};
    int id, root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || name_to_handle_at(root, "", &at.h, &id, AT_EMPTY_PATH))
        return errno;
    int fd = open_by_handle_at(root, &at.h, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : (close(fd), 0);
}

static int mounts(void)
{
    if (unshare(CLONE_NEWNS))
        return errno;
    /* A chroot's root is no mount point: EINVAL, past the question of privilege. */
    return mount("none", "/", NULL, MS_PRIVATE, NULL) && errno != EINVAL ? errno : 0;
}

/* A disk of the host: the one that the root lies on, else the first SCSI one, which need not be. */
static dev_t some_disk(void)
{
    struct stat st;
    if (stat("/", &st) == 0 && major(st.st_dev) != 0)
        return st.st_dev;
    return makedev(8, 0);
}

static int disk(void)
{
    static const char *const places[] = {"/tmp/.bw-probe", "/.bw-probe", "/dev/.bw-probe"};
    int code = ENOENT;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (mknod(places[i], S_IFBLK | 0600, some_disk())) {
            if (code == ENOENT || errno == EPERM)
                code = errno;
            continue;
        }
        int opened = open_code(places[i], O_RDONLY);
        unlink(places[i]);
        code = opened;
        /* EACCES: that place is mounted nodev. */
        if (opened != EACCES)
            return opened;
    }
    return code;
}

/* 0: what was above the new root was reached, and it was not the box's root. */
static int out_of_chroot(void)
{
    static const char *const dirs[] = {"/proc", "/bin", "/etc", "/usr", "/dev"};
    struct stat root, here;
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &root))
        return errno;
    int r = -1;
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs && r; i++)
        r = chroot(dirs[i]);
    if (r || fchdir(fd))
        return errno;
    for (int i = 0; i < 64; i++)
        if (chdir(".."))
            return errno;
    if (stat(".", &here))
        return errno;
    return here.st_dev == root.st_dev && here.st_ino == root.st_ino ? BW_ATTACK_EMPTY : 0;
}

static int attempt(enum bw_attack_id id)
{
    switch (id) {
    case BW_ATTACK_MODULE:
        return code_of(syscall(SYS_init_module, "", 0UL, ""));
    case BW_ATTACK_CLOCK:
        return code_of(syscall(SYS_settimeofday, NULL, NULL));
    case BW_ATTACK_REBOOT:
        return code_of(syscall(SYS_reboot, 0, 0, 0, NULL));
    case BW_ATTACK_LOG:
        return code_of(syscall(SYS_syslog, 8, NULL, 0));
    case BW_ATTACK_HANDLE:
        return by_handle();
    case BW_ATTACK_MOUNT:
        return mounts();
    case BW_ATTACK_BPF:
        return code_of(syscall(SYS_bpf, 9999, NULL, 0));
    case BW_ATTACK_KCORE:
        return read_code("/proc/kcore");
    case BW_ATTACK_KEYS:
        return read_code("/proc/keys");
    case BW_ATTACK_TIMERS:
        return read_code("/proc/timer_list");
    case BW_ATTACK_CORE_PATTERN:
        return open_code("/proc/sys/kernel/core_pattern", O_WRONLY);
    case BW_ATTACK_SYSRQ:
        return open_code("/proc/sysrq-trigger", O_WRONLY);
    case BW_ATTACK_DISK:
        return disk();
    case BW_ATTACK_KEYCTL:
        return code_of(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0));
    case BW_ATTACK_USERNS:
        return code_of(unshare(CLONE_NEWUSER));
    case BW_ATTACK_IO_URING:
        return code_of(syscall(SYS_io_uring_setup, 1, NULL));
    case BW_ATTACK_CHROOT:
        return out_of_chroot();
    default:
        return EINVAL;
    }
}

struct trial {
    enum bw_attack_id id;
    const struct bw_filter *filter;
};

struct finding {
    int code;
    bool no_program;
};

static void try_here(void *ctx, void *found, volatile int *step)
{
    const struct trial *t = ctx;
    struct finding *out = found;
    unsigned long flags;
    (void)step;
    /* What execve would leave can be too little to take a filter, which a program has before it. */
    out->no_program =
        bw_caps_as_program() || (t->filter && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
                                               bw_filter_install(t->filter, NULL, &flags)));
    out->code = out->no_program ? errno : attempt(t->id);
}

int bw_attack_try(enum bw_attack_id id, const struct bw_filter *f, int *result, struct bw_err *err)
{
    struct trial t = {id, f};
    struct finding found = {0};
    if (bw_trial(try_here, &t, &found, sizeof found, err))
        return -1;
    *result = found.code;
    return found.no_program
               ? bw_err_call(err, found.code, "seccomp", "SECCOMP_SET_MODE_FILTER, 0, …")
               : 0;
}
