/* Who one is, and which namespaces one may have: namespaces(7), user_namespaces(7). */
#include "probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/idmap.h"
#include "kern/ns.h"
#include "kern/observe.h"

static void privilege(struct bw_probe_row *row)
{
    static const struct {
        unsigned cap;
        const char *name;
    } wanted[] = {{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, {CAP_SYS_CHROOT, "CAP_SYS_CHROOT"},
                  {CAP_SETUID, "CAP_SETUID"},       {CAP_SETGID, "CAP_SETGID"},
                  {CAP_SETFCAP, "CAP_SETFCAP"},     {CAP_NET_ADMIN, "CAP_NET_ADMIN"},
                  {CAP_MKNOD, "CAP_MKNOD"},         {CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE"}};
    struct bw_status_file st;
    BW_AUTO_STR lacks = BW_STR_INIT;
    if (bw_status_read(getpid(), &st) != 0)
        return;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!(st.cap_eff >> wanted[i].cap & 1))
            bw_str_addf(&lacks, "%s%s", lacks.len ? ", " : "", wanted[i].name);
    if (bw_probe_admin()) {
        bw_probe_found(row, BW_PROBE_OK, "uid %u with CAP_SYS_ADMIN%s%.90s", st.uid[1],
                       lacks.len ? ", without " : "", bw_str_get(&lacks));
        return;
    }
    bw_probe_found(row, BW_PROBE_LIMITED,
                   "uid %u without CAP_SYS_ADMIN: a user namespace comes first", st.uid[1]);
    bw_probe_fix(row, "unshare user, then map root; or start it as root: sudo boxwright");
}

static int try_userns(void *arg, struct bw_err *err)
{
    (void)arg;
    return bw_probe_unshare(CLONE_NEWUSER | CLONE_NEWUTS, err);
}

static void userns(struct bw_probe_row *row)
{
    struct bw_err err;
    if (bw_probe_try(try_userns, NULL, &err) != 0)
        bw_probe_refused(row, BW_PROBE_NO, &err);
    else
        bw_probe_found(row, BW_PROBE_OK, "made one, mapped root, and its capabilities count");
}

static int try_ns(void *arg, struct bw_err *err)
{
    const struct bw_ns_info *info = arg;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", info->name);
    if (access(path, F_OK) != 0) {
        bw_err_set(err, "this kernel has none: there is no %s", path);
        bw_err_todo(err, "a kernel with %s namespaces, or go without: unshare the others",
                    info->name);
        return -1;
    }
    return bw_probe_unshare(info->flag, err);
}

/* The id is "ns-" and the kind's name. */
static void one_ns(struct bw_probe_row *row)
{
    struct bw_err err;
    struct bw_ns_info info = bw_ns_table[bw_ns_by_name(row->id + 3)];
    if (bw_probe_try(try_ns, &info, &err) != 0)
        bw_probe_refused(row, BW_PROBE_NO, &err);
    else
        bw_probe_found(row, BW_PROBE_OK, "unshare(%s) works%s", info.constant,
                       bw_probe_admin() || info.flag == CLONE_NEWUSER ? "" : " after unshare user");
}

static void limits(struct bw_probe_row *row)
{
    long long least = -1;
    const char *name = "";
    for (size_t i = 0; i < BW_NS_COUNT; i++) {
        char path[64];
        long long v;
        BW_AUTO_STR text = BW_STR_INIT;
        snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces", bw_ns_table[i].name);
        if (bw_read_file(AT_FDCWD, path, &text) != 0)
            continue;
        v = strtoll(bw_str_get(&text), NULL, 10);
        if (least < 0 || v < least) {
            least = v;
            name = bw_ns_table[i].name;
        }
    }
    if (least < 0)
        bw_probe_found(row, BW_PROBE_OK, "this kernel has no limits user.max_*_namespaces");
    else if (least >= 16)
        bw_probe_found(row, BW_PROBE_OK, "the smallest is user.max_%s_namespaces, %lld", name,
                       least);
    else
        bw_probe_found(row, least ? BW_PROBE_LIMITED : BW_PROBE_NO,
                       "user.max_%s_namespaces is %lld", name, least);
    if (least >= 0 && least < 16)
        bw_probe_fix(row, "as root: sysctl user.max_%s_namespaces=1024", name);
}

static bool read_line(const char *path, struct bw_str *out)
{
    if (bw_read_file(AT_FDCWD, path, out) != 0 || !out->len)
        return false;
    out->len = strcspn(out->s, "\n");
    out->s[out->len] = '\0';
    return true;
}

static void restrictions(struct bw_probe_row *row)
{
    static const struct {
        const char *path, *name, *bad;
        const char *good;
    } switches[] = {
        {"/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", "0",
         "1"},
        {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
         "kernel.apparmor_restrict_unprivileged_userns", "1", "0"},
        {"/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined",
         "kernel.apparmor_restrict_unprivileged_unconfined", "1", "0"},
    };
    BW_AUTO_STR label = BW_STR_INIT;
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        BW_AUTO_STR v = BW_STR_INIT;
        if (!read_line(switches[i].path, &v) || strcmp(v.s, switches[i].bad) != 0)
            continue;
        bw_probe_found(row, bw_probe_admin() ? BW_PROBE_OK : BW_PROBE_LIMITED, "%s is %s%s",
                       switches[i].name, v.s,
                       bw_probe_admin() ? ", which does not concern root" : "");
        if (!bw_probe_admin())
            bw_probe_fix(row, "as root: sysctl %s=%s; or sudo boxwright", switches[i].name,
                         switches[i].good);
        return;
    }
    bool confined = (read_line("/proc/self/attr/apparmor/current", &label) ||
                     read_line("/proc/self/attr/current", &label)) &&
                    strchr(label.s, '(') != NULL;
    if (confined) {
        bw_probe_found(row, BW_PROBE_LIMITED, "AppArmor confines boxwright: %.100s", label.s);
        bw_probe_fix(row,
                     "start it unconfined; in a container: --security-opt apparmor=unconfined");
    } else {
        bw_probe_found(row, BW_PROBE_OK, "no sysctl and no AppArmor profile stands in the way");
    }
}

/* newuidmap needs a set-user-ID bit or a file capability to be of use. */
static bool raised(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 &&
           ((st.st_mode & S_ISUID) || getxattr(path, "security.capability", NULL, 0) > 0);
}

/* Ranges of this user; an empty file, as a fresh system has it, gives none to anybody. */
static size_t ranges(enum bw_id_kind kind, struct bw_id_range *v, size_t max)
{
    struct stat st;
    if (stat(kind == BW_UID ? "/etc/subuid" : "/etc/subgid", &st) != 0 || st.st_size == 0)
        return 0;
    return bw_idmap_subids(kind, v, max);
}

static void id_ranges(struct bw_probe_row *row)
{
    char uid[256], gid[256];
    struct bw_id_range v[8];
    bool both = bw_probe_which("newuidmap", uid, sizeof uid) &&
                bw_probe_which("newgidmap", gid, sizeof gid);
    size_t m = ranges(BW_GID, v, 8), n = ranges(BW_UID, v, 8);
    if (bw_probe_admin()) {
        bw_probe_found(row, BW_PROBE_OK, "root maps any range itself%s",
                       both ? "; newuidmap is installed" : "");
    } else if (!both) {
        bw_probe_found(row, BW_PROBE_LIMITED, "no newuidmap: only one's own ID can be mapped");
        bw_probe_package(row, "uidmap", "shadow-utils", "shadow", "shadow-subids");
    } else if (!raised(uid) || !raised(gid)) {
        bw_probe_found(row, BW_PROBE_LIMITED, "newuidmap or newgidmap has no set-user-ID bit");
        bw_probe_fix(row, "as root: chmod u+s %.80s %.80s", uid, gid);
    } else if (!n || !m) {
        bw_probe_found(row, BW_PROBE_LIMITED, "no range for uid %u in %s", geteuid(),
                       n   ? "/etc/subgid"
                       : m ? "/etc/subuid"
                           : "/etc/subuid and /etc/subgid");
        bw_probe_fix(row, "as root: usermod --add-subuids 100000-165535 --add-subgids "
                          "100000-165535 USER");
    } else {
        bw_probe_found(row, BW_PROBE_OK, "newuidmap, and %u IDs from %u on", v[0].count,
                       v[0].outside);
    }
}

static const struct bw_probe probes[] = {
    {"privilege", "privilege now", privilege},
    {"userns", "user namespaces", userns},
    {"ns-pid", "pid namespaces", one_ns},
    {"ns-mnt", "mnt namespaces", one_ns},
    {"ns-uts", "uts namespaces", one_ns},
    {"ns-ipc", "ipc namespaces", one_ns},
    {"ns-net", "net namespaces", one_ns},
    {"ns-user", "user namespaces, the call alone", one_ns},
    {"ns-cgroup", "cgroup namespaces", one_ns},
    {"ns-time", "time namespaces", one_ns},
    {"ns-limits", "limits on namespaces", limits},
    {"restrictions", "sysctl and AppArmor restrictions", restrictions},
    {"idmap", "ID ranges (newuidmap)", id_ranges},
};

const struct bw_probes bw_probes_ns = {probes, sizeof probes / sizeof probes[0]};
