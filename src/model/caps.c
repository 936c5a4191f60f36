/* Capabilities by name: capabilities(7). */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/str.h"
#include "model/snapshot.h"

/* By number, as in <linux/capability.h>. */
static const char *const names[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

const char *bw_cap_name(unsigned n)
{
    return n < sizeof names / sizeof *names ? names[n] : NULL;
}

/* What this kernel has; it may have fewer than the table above, or more. */
static uint64_t all(void)
{
    static uint64_t mask;
    BW_AUTO_STR text = BW_STR_INIT;
    unsigned long last = sizeof names / sizeof *names - 1;

    if (mask == 0) {
        if (bw_read_file(AT_FDCWD, "/proc/sys/kernel/cap_last_cap", &text) == 0 && text.len > 0)
            last = strtoul(text.s, NULL, 10);
        mask = last >= 63 ? UINT64_MAX : (UINT64_C(1) << (last + 1)) - 1;
    }
    return mask;
}

static int count(uint64_t set)
{
    return __builtin_popcountll(set);
}

static void list(uint64_t set, struct bw_str *out)
{
    for (unsigned i = 0; i < 64; i++) {
        const char *name = bw_cap_name(i);
        if (!(set >> i & 1))
            continue;
        if (name)
            bw_str_addf(out, " %s", name);
        else
            bw_str_addf(out, " CAP_%u", i);
    }
}

void bw_cap_describe(uint64_t set, struct bw_str *out)
{
    enum { FEW = 4 };
    BW_AUTO_STR text = BW_STR_INIT;
    uint64_t missing = all() & ~set;

    if (set == 0)
        bw_str_add(out, "none");
    else if (missing == 0)
        bw_str_add(out, "full");
    else if (count(missing) <= FEW && count(set) > FEW) {
        list(missing, &text);
        bw_str_addf(out, "full but%s", text.s);
    } else if (count(set) <= FEW) {
        list(set, &text);
        bw_str_add(out, text.s + 1);
    } else {
        bw_str_addf(out, "%d of %d", count(set), count(all()));
    }
}
