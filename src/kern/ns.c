/* The eight kinds of namespace, and reading which ones a process is in: namespaces(7). */
#include "kern/ns.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fd.h"
#include "kern/observe.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

const struct bw_ns_info bw_ns_table[BW_NS_COUNT] = {
    [BW_NS_PID] = {"pid", CLONE_NEWPID, "CLONE_NEWPID", "pid", 'p', "process IDs"},
    [BW_NS_MNT] = {"mnt", CLONE_NEWNS, "CLONE_NEWNS", "mount", 'm', "mount points"},
    [BW_NS_UTS] = {"uts", CLONE_NEWUTS, "CLONE_NEWUTS", "uts", 'u', "host and domain name"},
    [BW_NS_IPC] = {"ipc", CLONE_NEWIPC, "CLONE_NEWIPC", "ipc", 'i',
                   "System V IPC and POSIX message queues"},
    [BW_NS_NET] = {"net", CLONE_NEWNET, "CLONE_NEWNET", "net", 'n',
                   "network devices, addresses, ports"},
    [BW_NS_USER] = {"user", CLONE_NEWUSER, "CLONE_NEWUSER", "user", 'U',
                    "user and group IDs, capabilities"},
    [BW_NS_CGROUP] = {"cgroup", CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "cgroup", 'C',
                      "the root of the control group tree"},
    [BW_NS_TIME] = {"time", CLONE_NEWTIME, "CLONE_NEWTIME", "time", 'T',
                    "monotonic and boot-time clocks"},
};

int bw_ns_by_name(const char *name)
{
    static const struct {
        const char *name;
        enum bw_ns ns;
    } other[] = {
        {"process", BW_NS_PID}, {"mounts", BW_NS_MNT}, {"hostname", BW_NS_UTS},
        {"network", BW_NS_NET}, {"users", BW_NS_USER}, {"cgroups", BW_NS_CGROUP},
        {"clock", BW_NS_TIME},
    };

    for (int i = 0; i < BW_NS_COUNT; i++)
        if (strcmp(name, bw_ns_table[i].name) == 0 || strcmp(name, bw_ns_table[i].long_opt) == 0 ||
            strcmp(name, bw_ns_table[i].constant) == 0)
            return i;
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (strcmp(name, other[i].name) == 0)
            return (int)other[i].ns;
    return -1;
}

int bw_ns_unknown(const char *name, struct bw_err *err)
{
    bw_err_usage(err, "%s is not a kind of namespace", name);
    bw_err_todo(err, "the kinds are: pid mnt uts ipc net user cgroup time");
    return -1;
}

static uint64_t link_inode(pid_t pid, const char *name, const char *suffix)
{
    char link[32];
    struct stat st;

    snprintf(link, sizeof link, "ns/%s%s", name, suffix);
    if (bw_proc_stat_link(pid, link, &st) < 0)
        return 0;
    return (uint64_t)st.st_ino;
}

uint64_t bw_ns_inode(pid_t pid, enum bw_ns ns)
{
    return link_inode(pid, bw_ns_table[ns].name, "");
}

uint64_t bw_ns_inode_for_children(pid_t pid, enum bw_ns ns)
{
    bool separate = ns == BW_NS_PID || ns == BW_NS_TIME;

    return link_inode(pid, bw_ns_table[ns].name, separate ? "_for_children" : "");
}

int bw_ns_open(pid_t pid, enum bw_ns ns, struct bw_err *err)
{
    char link[32];

    snprintf(link, sizeof link, "ns/%s", bw_ns_table[ns].name);
    int fd = bw_proc_open_link(pid, link);
    if (fd < 0)
        return bw_err_call(err, errno, "open", "\"/proc/%d/%s\", O_RDONLY|O_CLOEXEC", (int)pid,
                           link);
    return fd;
}

uint64_t bw_ns_owner(pid_t pid, enum bw_ns ns)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct stat st;
    BW_AUTO_FD fd = bw_ns_open(pid, ns, &ignored);
    BW_AUTO_FD owner = fd < 0 ? -1 : ioctl(fd, ns == BW_NS_USER ? NS_GET_PARENT : NS_GET_USERNS);

    return owner >= 0 && fstat(owner, &st) == 0 ? (uint64_t)st.st_ino : 0;
}
