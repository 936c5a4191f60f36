/* The capability sets of the calling process. */
#include "kern/caps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/idmap.h"
#include "kern/ns.h"
#include "kern/observe.h"

uint64_t bw_cap_all(void)
{
    static uint64_t mask;
    BW_AUTO_STR text = BW_STR_INIT;
    unsigned long last = CAP_LAST_CAP;

    if (mask == 0) {
        if (bw_read_file(AT_FDCWD, "/proc/sys/kernel/cap_last_cap", &text) == 0 && text.len > 0)
            last = strtoul(text.s, NULL, 10);
        mask = last >= 63 ? UINT64_MAX : (UINT64_C(1) << (last + 1)) - 1;
    }
    return mask;
}

bool bw_cap_is_root(pid_t pid, const struct bw_status_file *st)
{
    struct bw_id_range map[BW_IDMAP_MAX];
    unsigned uid = st->uid[1];
    if (bw_ns_inode(pid, BW_NS_USER) == bw_ns_inode(getpid(), BW_NS_USER))
        return uid == 0;
    int n = bw_idmap_read(pid, BW_UID, map, BW_IDMAP_MAX);
    for (int i = 0; i < n; i++)
        if (map[i].inside == 0)
            return uid == map[i].outside;
    return false;
}

uint64_t bw_cap_after_exec(const struct bw_status_file *st, bool root)
{
    return root ? st->cap_inh | st->cap_bnd : st->cap_amb;
}

static void name_of(unsigned cap, struct bw_str *out)
{
    if (bw_cap_name(cap))
        bw_str_add(out, bw_cap_name(cap));
    else
        bw_str_addf(out, "%u", cap);
}

static int drop_one(unsigned cap, int level, struct bw_err *err)
{
    BW_AUTO_STR name = BW_STR_INIT;
    name_of(cap, &name);
    int r = prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    return (int)bw_call_done(err, level, r, "prctl", "PR_CAPBSET_DROP, %s", name.s);
}

struct sets {
    struct __user_cap_data_struct v[2];
};

static int get_sets(struct sets *c, struct bw_err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    if (syscall(SYS_capget, &head, c->v) == 0)
        return 0;
    return bw_err_call(err, errno, "capget", "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, …");
}

static uint64_t inheritable(const struct sets *c)
{
    return c->v[0].inheritable | (uint64_t)c->v[1].inheritable << 32;
}

/* As strace writes a set. */
static void bits_text(uint64_t set, struct bw_str *out)
{
    const char *sep = "";
    for (unsigned cap = 0; cap < 64; cap++)
        if (set >> cap & 1) {
            bw_str_addf(out, "%s1<<", sep);
            name_of(cap, out);
            sep = "|";
        }
    if (!set)
        bw_str_add(out, "0");
}

static int put_inheritable(uint64_t set, struct bw_err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct sets c;
    if (get_sets(&c, err))
        return -1;
    if (inheritable(&c) == set)
        return 0;
    c.v[0].inheritable = (uint32_t)set;
    c.v[1].inheritable = (uint32_t)(set >> 32);
    long r = syscall(SYS_capset, &head, c.v);
    int saved = errno;
    BW_AUTO_STR text = BW_STR_INIT;
    bits_text(set, &text);
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_STEP, r, "capset",
                             "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=…, "
                             "permitted=…, inheritable=%s}",
                             text.s);
}

/* More than these few are shown by set verbose 2 alone. */
enum { SHOWN = 3 };

int bw_caps_keep(uint64_t keep, bool *part, struct bw_err *err)
{
    struct sets c;
    uint64_t drop = 0;
    int done = 0;
    *part = false;
    if (get_sets(&c, err))
        return -1;
    for (unsigned cap = 0; cap < 64; cap++)
        if (!(keep >> cap & 1) && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
            drop |= UINT64_C(1) << cap;
    int n = __builtin_popcountll(drop);
    for (unsigned cap = 0; cap < 64; cap++) {
        if (!(drop >> cap & 1))
            continue;
        bool show = n <= SHOWN + 1 || done < SHOWN;
        if (drop_one(cap, show ? BW_CALL_STEP : BW_CALL_DETAIL, err))
            return -1;
        *part = true;
        if (++done == SHOWN && n > SHOWN + 1)
            bw_call_note("and %d more like it (set verbose 2 shows each)", n - SHOWN);
    }
    /* What is inheritable comes back with the next exec of uid 0, whatever the bounding set says.
     */
    return put_inheritable(inheritable(&c) & keep, err);
}

static int raise_one(unsigned cap, struct bw_err *err)
{
    BW_AUTO_STR name = BW_STR_INIT;
    name_of(cap, &name);
    int r = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
    return (int)bw_call_done(err, BW_CALL_STEP, r, "prctl",
                             "PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, %s, 0, 0", name.s);
}

int bw_caps_ambient(uint64_t set, bool *part, struct bw_err *err)
{
    struct sets c;
    *part = false;
    if (get_sets(&c, err))
        return -1;
    int r = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (bw_call_done(err, BW_CALL_STEP, r, "prctl",
                     "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0"))
        return -1;
    *part = true;
    if (put_inheritable(inheritable(&c) | set, err))
        return -1;
    for (unsigned cap = 0; cap < 64; cap++)
        if (set >> cap & 1 && raise_one(cap, err))
            return -1;
    return 0;
}

int bw_caps_no_new_privs(struct bw_err *err)
{
    int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)bw_call_done(err, BW_CALL_STEP, r, "prctl", "PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0");
}

int bw_caps_as_program(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct sets c;
    struct bw_err ignored = BW_ERR_INIT;
    uint64_t set = 0;
    if (get_sets(&c, &ignored))
        return -1;
    for (unsigned cap = 0; cap < 64; cap++) {
        bool has = geteuid() == 0 ? prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1
                                  : prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1;
        set |= has ? UINT64_C(1) << cap : 0;
    }
    if (geteuid() == 0)
        set |= inheritable(&c);
    /* No more than is permitted to the stage: a child cannot gain what an execve would give. */
    set &= c.v[0].permitted | (uint64_t)c.v[1].permitted << 32;
    c.v[0].effective = c.v[0].permitted = (uint32_t)set;
    c.v[1].effective = c.v[1].permitted = (uint32_t)(set >> 32);
    return (int)syscall(SYS_capset, &head, c.v);
}
