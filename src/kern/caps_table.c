/* Capabilities by name, and what each is for: capabilities(7). */
#include "kern/caps.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

/* By number, as in <linux/capability.h>. */
static const struct bw_cap_info table[] = {
    {"CAP_CHOWN", "change the owner of any file", "chown root FILE", "chown(2)"},
    {"CAP_DAC_OVERRIDE", "read, write and run any file whatever its mode",
     "cat /etc/shadow as another user", "access(2), path_resolution(7)"},
    {"CAP_DAC_READ_SEARCH", "read any file and search any directory; open files by handle",
     "open_by_handle_at", "open_by_handle_at(2)"},
    {"CAP_FOWNER",
     "do to any file what its owner may: chmod, utime, remove from a sticky directory",
     "chmod 600 FILE of another user", "chmod(2), utime(2)"},
    {"CAP_FSETID", "keep set-user-ID and set-group-ID bits when a file changes",
     "chmod g+s in a group that is not one's own", "chmod(2)"},
    {"CAP_KILL", "signal processes of any user", "kill a process of another user", "kill(2)"},
    {"CAP_SETGID", "take on any group", "su, setpriv --regid", "setgid(2), setgroups(2)"},
    {"CAP_SETUID", "take on any user", "su, setpriv --reuid", "setuid(2)"},
    {"CAP_SETPCAP", "drop from the bounding set, raise inheritable capabilities, set secure bits",
     "capsh --drop", "prctl(2), capset(2)"},
    {"CAP_LINUX_IMMUTABLE", "set the immutable and append-only flags of files", "chattr +i FILE",
     "ioctl_iflags(2)"},
    {"CAP_NET_BIND_SERVICE", "listen on a port below 1024", "nc -l -p 80", "ip(7)"},
    {"CAP_NET_BROADCAST", "broadcast and listen to multicasts (unused by the kernel)", "-",
     "socket(7)"},
    {"CAP_NET_ADMIN", "set up interfaces, addresses, routes and packet filters",
     "ip link set lo up", "netdevice(7), rtnetlink(7)"},
    {"CAP_NET_RAW", "open raw and packet sockets", "ping, tcpdump", "raw(7), packet(7)"},
    {"CAP_IPC_LOCK", "lock memory beyond the limit", "mlock, memfd with huge pages", "mlock(2)"},
    {"CAP_IPC_OWNER", "use any System V IPC object whatever its mode", "ipcrm of another user's",
     "sysvipc(7)"},
    {"CAP_SYS_MODULE", "load and remove kernel modules", "modprobe, insmod",
     "init_module(2), delete_module(2)"},
    {"CAP_SYS_RAWIO", "reach I/O ports, /proc/kcore and physical memory",
     "iopl, reading /proc/kcore", "iopl(2), proc(5)"},
    {"CAP_SYS_CHROOT", "change the root directory; join mount namespaces", "chroot DIR",
     "chroot(2), setns(2)"},
    {"CAP_SYS_PTRACE", "trace and look into any process", "strace -p, gdb -p",
     "ptrace(2), process_vm_readv(2)"},
    {"CAP_SYS_PACCT", "switch process accounting on and off", "accton", "acct(2)"},
    {"CAP_SYS_ADMIN", "mount, unshare, setns, sethostname, swapon and much else",
     "mount -t tmpfs none /mnt", "mount(2), unshare(2), sethostname(2)"},
    {"CAP_SYS_BOOT", "reboot the machine, load another kernel", "reboot",
     "reboot(2), kexec_load(2)"},
    {"CAP_SYS_NICE", "raise priority, set scheduling and CPU affinity of any process",
     "nice -n -5 PROGRAM", "setpriority(2), sched_setscheduler(2)"},
    {"CAP_SYS_RESOURCE", "raise hard resource limits, exceed quotas", "ulimit -Hn unlimited",
     "setrlimit(2), quotactl(2)"},
    {"CAP_SYS_TIME", "set the system clock and the hardware clock", "date -s",
     "clock_settime(2), adjtimex(2)"},
    {"CAP_SYS_TTY_CONFIG", "hang up terminals, configure virtual consoles", "vhangup",
     "vhangup(2), ioctl_console(2)"},
    {"CAP_MKNOD", "make device nodes", "mknod disk b 8 0", "mknod(2)"},
    {"CAP_LEASE", "take leases on any file", "fcntl F_SETLEASE", "fcntl(2)"},
    {"CAP_AUDIT_WRITE", "write records to the kernel's audit log", "login, su",
     "audit(8), netlink(7)"},
    {"CAP_AUDIT_CONTROL", "switch auditing on and off and change its rules", "auditctl",
     "auditctl(8), netlink(7)"},
    {"CAP_SETFCAP", "give capabilities to files; map ID 0 of the parent into a user namespace",
     "setcap cap_net_raw+ep FILE", "setxattr(2), user_namespaces(7)"},
    {"CAP_MAC_OVERRIDE", "override mandatory access control (Smack)", "-", "capabilities(7)"},
    {"CAP_MAC_ADMIN", "change the policy of mandatory access control (Smack, AppArmor)",
     "apparmor_parser", "capabilities(7)"},
    {"CAP_SYSLOG", "read and clear the kernel's log; see kernel addresses", "dmesg", "syslog(2)"},
    {"CAP_WAKE_ALARM", "set timers that wake the machine", "rtcwake", "timer_create(2)"},
    {"CAP_BLOCK_SUSPEND", "keep the machine from suspending", "epoll with EPOLLWAKEUP",
     "epoll_ctl(2)"},
    {"CAP_AUDIT_READ", "read the audit log through its multicast socket", "-", "netlink(7)"},
    {"CAP_PERFMON", "measure with perf and read performance counters of any process",
     "perf record -a", "perf_event_open(2)"},
    {"CAP_BPF", "load BPF programs and make BPF maps", "bpftool prog load", "bpf(2)"},
    {"CAP_CHECKPOINT_RESTORE", "checkpoint and restore processes, choose the next PID", "criu",
     "clone(2), capabilities(7)"},
};
enum { KNOWN = sizeof table / sizeof *table };

const struct bw_cap_info *bw_cap_info(unsigned n)
{
    return n < KNOWN ? &table[n] : NULL;
}

const char *bw_cap_name(unsigned n)
{
    return n < KNOWN ? table[n].name : NULL;
}

int bw_cap_by_name(const char *word)
{
    const char *name = strncasecmp(word, "CAP_", 4) == 0 ? word + 4 : word;
    for (int i = 0; i < KNOWN; i++)
        if (strcasecmp(table[i].name + 4, name) == 0)
            return i;
    return -1;
}

/* One that has the word in it, or shares its beginning. */
static const char *near(const char *word)
{
    const char *name = strncasecmp(word, "CAP_", 4) == 0 ? word + 4 : word;
    size_t most = 2;
    const char *best = NULL;
    for (unsigned i = 0; i < KNOWN; i++) {
        const char *known = table[i].name + 4;
        size_t n = 0;
        while (name[n] && known[n] && strncasecmp(name, known, n + 1) == 0)
            n++;
        if (strlen(name) > 2 && strcasestr(known, name))
            return table[i].name;
        if (n > most) {
            most = n;
            best = table[i].name;
        }
    }
    return best;
}

static int add_word(const char *word, uint64_t *set, struct bw_err *err)
{
    int n = bw_cap_by_name(word);
    if (strcasecmp(word, "all") == 0) {
        *set |= bw_cap_all();
    } else if (strcasecmp(word, "docker") == 0) {
        *set |= BW_CAPS_DOCKER;
    } else if (n >= 0 && bw_cap_all() >> n & 1) {
        *set |= UINT64_C(1) << n;
    } else if (n >= 0) {
        return bw_err_set(err, "this kernel has no %s", table[n].name);
    } else {
        const char *like = near(word);
        bw_err_usage(err, "%s is not a capability", word);
        if (like)
            bw_err_todo(err, "did you mean %s? capabilities(7) lists them all", like);
        else
            bw_err_todo(err, "net_raw, CAP_NET_RAW, all, none, docker; capabilities(7) lists them");
        return -1;
    }
    return 0;
}

int bw_cap_parse(int n, char *const words[], uint64_t *set, struct bw_err *err)
{
    *set = 0;
    if (n == 1 && strcasecmp(words[0], "none") == 0)
        return 0;
    for (int i = 0; i < n; i++) {
        BW_AUTO_FREE char *copy = bw_strdup(words[i]);
        char *rest = copy, *word;
        while ((word = strsep(&rest, ",")))
            if (add_word(word, set, err))
                return -1;
    }
    return 0;
}

void bw_cap_list(uint64_t set, struct bw_str *out)
{
    const char *sep = "";
    for (unsigned i = 0; i < 64; i++) {
        if (!(set >> i & 1))
            continue;
        if (i < KNOWN)
            bw_str_addf(out, "%s%s", sep, table[i].name);
        else
            bw_str_addf(out, "%sCAP_%u", sep, i);
        sep = " ";
    }
}
