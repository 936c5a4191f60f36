/* Causes of unshare, clone3, setns and sethostname: namespaces(7), user_namespaces(7),
 * pid_namespaces(7). */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/cgroup.h"

#define NEST_MAX 32 /* of user and PID namespaces, in the kernel's source */

static bool wants_user(const struct bw_scene *s)
{
    return bw_scene_flag(s, "CLONE_NEWUSER");
}

/* What the user has to type again once the obstacle is gone. */
static void again(const struct bw_scene *s, struct bw_str *out)
{
    BW_AUTO_STR kinds = BW_STR_INIT;
    bw_scene_kinds(s, &kinds);
    bw_str_clear(out);
    bw_str_addf(out, kinds.len ? "unshare %s" : "repeat the step", bw_str_get(&kinds));
}

static bool userns_in_chroot(struct bw_scene *s)
{
    char root[300];
    if (!wants_user(s))
        return false;
    ssize_t n = bw_proc_read_link(s->pid, "root", root, sizeof root - 1);
    if (n <= 1)
        return false;
    root[n] = '\0';
    bw_err_cause(s->err, "the box's root is %.300s: in a chroot the kernel refuses CLONE_NEWUSER",
                 root);
    bw_err_todo(s->err, "undo the chroot, then unshare user, then chroot again");
    return true;
}

static bool userns_unmapped(struct bw_scene *s)
{
    if (!wants_user(s) || !s->alive)
        return false;
    bool uid = bw_scene_mapped(s, false, s->st.uid[1]),
         gid = bw_scene_mapped(s, true, s->st.gid[1]);
    if (uid && gid)
        return false;
    bw_err_cause(s->err,
                 "the box's %s %u is not in the %s of its user namespace, and an unmapped ID "
                 "cannot own a new one",
                 uid ? "gid" : "uid", uid ? s->st.gid[1] : s->st.uid[1],
                 uid ? "gid_map" : "uid_map");
    bw_err_todo(s->err, "map root, then unshare user");
    return true;
}

static bool userns_switched_off(struct bw_scene *s)
{
    long long v;
    if (!wants_user(s) || bw_scene_has_cap(s, CAP_SYS_ADMIN) ||
        !bw_scene_number("/proc/sys/kernel/unprivileged_userns_clone", &v) || v != 0)
        return false;
    bw_err_cause(s->err,
                 "kernel.unprivileged_userns_clone is 0: only root may make user namespaces");
    bw_err_todo(s->err,
                "as root: sysctl kernel.unprivileged_userns_clone=1; or start boxwright as root");
    return true;
}

static bool userns_apparmor(struct bw_scene *s)
{
    long long v;
    BW_AUTO_STR profile = BW_STR_INIT;
    if (bw_scene_has_cap(s, CAP_SYS_ADMIN))
        return false;
    bool confined = bw_scene_profile(s, &profile);
    if (!bw_scene_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", &v) || v == 0)
        return false;
    if (!wants_user(s) && !strstr(bw_str_get(&profile), "unprivileged_userns"))
        return false;
    bw_err_cause(s->err,
                 "kernel.apparmor_restrict_unprivileged_userns is %lld: AppArmor (profile %.100s) "
                 "takes the capabilities "
                 "away that a user namespace gives",
                 v, confined ? profile.s : "unconfined");
    bw_err_todo(s->err, "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0; or start "
                        "boxwright as root");
    return true;
}

static bool seccomp_refuses(struct bw_scene *s)
{
    const char *op = bw_scene_op(s->err->op);
    if (!s->alive || s->st.seccomp != 2 || !bw_scene_filtered(op))
        return false;
    bw_err_cause(s->err,
                 "a seccomp filter refuses every %s (Seccomp is 2 in status, and a harmless %s is "
                 "refused, too): "
                 "this looks like a container's own filter",
                 op, op);
    bw_err_todo(
        s->err,
        "run boxwright outside that container, or start it with --security-opt seccomp=unconfined");
    return true;
}

static bool ns_lacks_admin(struct bw_scene *s)
{
    BW_AUTO_STR next = BW_STR_INIT;
    if (wants_user(s))
        return false;
    again(s, &next);
    return bw_scene_lacks(s, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", next.s);
}

static bool ns_missing(struct bw_scene *s)
{
    for (size_t i = 0; i < BW_NS_COUNT; i++) {
        const struct bw_ns_info *n = &bw_ns_table[i];
        char path[40];
        snprintf(path, sizeof path, "/proc/self/ns/%s", n->name);
        if (!bw_scene_flag(s, n->constant) || access(path, F_OK) == 0)
            continue;
        bw_err_cause(s->err, "this kernel has no %s namespaces: there is no %s", n->name, path);
        bw_err_todo(s->err, "leave %s out, or boot a kernel that has it", n->name);
        return true;
    }
    return false;
}

/* A PID namespace has been unshared and no child was made in it, or the box cannot make another
 * because it is itself not in the one its children go to. */
static bool pid_twice(struct bw_scene *s)
{
    if (!bw_scene_flag(s, "CLONE_NEWPID"))
        return false;
    uint64_t now = bw_scene_ns(s, "pid"), next = bw_scene_ns(s, "pid_for_children");
    if (!now || now == next)
        return false;
    if (next)
        bw_err_cause(s->err,
                     "the box's children go to pid namespace %llu while it is itself in %llu: it "
                     "cannot make a third",
                     (unsigned long long)next, (unsigned long long)now);
    else
        bw_err_cause(s->err,
                     "a pid namespace was unshared before, and no process was made in it yet");
    bw_err_todo(
        s->err,
        "fork first: the successor is PID 1 of the new namespace and can unshare pid again");
    return true;
}

/* How deep the box's namespace is nested, as far as this process may see. */
static int depth(const struct bw_scene *s, const char *kind)
{
    char link[40];
    snprintf(link, sizeof link, "ns/%s", kind);
    BW_AUTO_FD at = bw_proc_open_link(s->pid, link);
    int n = 0;
    while (at >= 0 && n <= NEST_MAX + 1) {
        int up = ioctl(at, NS_GET_PARENT);
        bw_close_ptr(&at);
        at = up;
        n++;
    }
    return n;
}

static bool ns_nested(struct bw_scene *s)
{
    static const struct {
        const char *flag, *kind;
    } nests[] = {{"CLONE_NEWUSER", "user"}, {"CLONE_NEWPID", "pid"}};
    for (size_t i = 0; i < 2; i++) {
        int n = bw_scene_flag(s, nests[i].flag) ? depth(s, nests[i].kind) - 1 : 0;
        if (n < NEST_MAX)
            continue;
        bw_err_cause(
            s->err,
            "%d %s namespaces lie above the box's own, which is as deep as the kernel nests them",
            n, nests[i].kind);
        bw_err_todo(s->err, "undo some of the steps that unshared %s", nests[i].kind);
        return true;
    }
    return false;
}

struct tally {
    const char *name;
    uint64_t seen[256];
    size_t n;
};

static int tally_one(pid_t pid, void *ctx)
{
    struct tally *t = ctx;
    char link[40];
    struct stat st;
    snprintf(link, sizeof link, "ns/%s", t->name);
    if (bw_proc_stat_link(pid, link, &st) != 0)
        return 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->seen[i] == st.st_ino)
            return 0;
    t->seen[t->n++] = st.st_ino;
    return t->n == sizeof t->seen / sizeof t->seen[0];
}

static bool ns_limit(struct bw_scene *s)
{
    long long least = -1;
    const char *name = NULL;
    for (size_t i = 0; i < BW_NS_COUNT; i++) {
        char path[64];
        long long v;
        snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces", bw_ns_table[i].name);
        if (bw_scene_flag(s, bw_ns_table[i].constant) && bw_scene_number_in(s, path, &v) &&
            (least < 0 || v < least)) {
            least = v;
            name = bw_ns_table[i].name;
        }
    }
    if (!name)
        return false;
    struct tally t = {.name = name};
    bw_proc_each(tally_one, &t);
    if (least == 0)
        bw_err_cause(s->err,
                     "user.max_%s_namespaces is 0 in the box's user namespace: none may be made",
                     name);
    else
        bw_err_cause(
            s->err,
            "a limit on namespaces is reached: user.max_%s_namespaces is %lld in the box's user "
            "namespace, and processes are in %zu different ones",
            name, least, t.n);
    bw_err_todo(s->err,
                "as root: sysctl user.max_%s_namespaces=%lld; or end processes that hold such "
                "namespaces (lsns)",
                name, least < 1024 ? 1024 : least * 2);
    return true;
}

struct search {
    uint64_t ns;
    bool found;
};

static int in_pid_ns(pid_t pid, void *ctx)
{
    struct search *f = ctx;
    struct stat st;
    struct bw_status_file status;
    if (bw_proc_stat_link(pid, "ns/pid", &st) != 0 || st.st_ino != f->ns ||
        bw_status_read(pid, &status) != 0)
        return 0;
    f->found = status.state != 'Z'; /* ended, though nobody waited for it yet */
    return f->found;
}

static bool init_ended(struct bw_scene *s)
{
    uint64_t now = bw_scene_ns(s, "pid"), next = bw_scene_ns(s, "pid_for_children");
    struct search f = {.ns = next};
    if (!next || next == now)
        return false;
    bw_proc_each(in_pid_ns, &f);
    if (f.found)
        return false;
    bw_err_cause(
        s->err,
        "PID 1 of pid namespace %llu, where the box's children go, has ended: the kernel makes no "
        "process in a namespace without a PID 1",
        (unsigned long long)next);
    bw_err_todo(
        s->err,
        "undo, then use unshare --fork --pid, or unshare pid, which forks a PID 1 that stays");
    return true;
}

/* The nearest group of the box, itself included, whose pids.max is reached. */
static bool pids_max(struct bw_scene *s)
{
    struct bw_cg_host *host = bw_alloc(sizeof *host);
    BW_AUTO_FREE void *keep = host;
    BW_AUTO_STR path = BW_STR_INIT;
    struct bw_err ignored = BW_ERR_INIT;
    pid_t pid = s->pid ? s->pid : getpid();
    if (bw_cg_discover(host, &ignored) != 0 || !host->ctl[BW_CG_PIDS].present ||
        bw_cg_path_of(host, pid, BW_CG_PIDS, &path) != 0)
        return false;
    for (;;) {
        char max[600], current[600];
        long long limit, n;
        snprintf(max, sizeof max, "%s%s/pids.max", host->ctl[BW_CG_PIDS].mount, bw_str_get(&path));
        snprintf(current, sizeof current, "%s%s/pids.current", host->ctl[BW_CG_PIDS].mount,
                 bw_str_get(&path));
        if (bw_scene_number(max, &limit) && bw_scene_number(current, &n) && n >= limit) {
            bw_err_cause(s->err,
                         "pids.max of control group %.200s is %lld and pids.current is %lld",
                         bw_str_get(&path), limit, n);
            bw_err_todo(
                s->err,
                "end processes of the box (ps, kill), or raise the limit: cgcreate pids %lld",
                limit < 10 ? 20 : limit * 2);
            return true;
        }
        char *slash = path.len ? strrchr(path.s, '/') : NULL;
        if (!slash || slash == path.s)
            return false;
        *slash = '\0';
        path.len = (size_t)(slash - path.s);
    }
}

struct owned {
    unsigned uid;
    long long n;
};

static int count_owned(pid_t pid, void *ctx)
{
    struct owned *o = ctx;
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    struct bw_status_file f;
    if (bw_status_read(pid, &f) == 0 && f.uid[0] == o->uid && stat(path, &st) == 0 &&
        st.st_nlink > 2)
        o->n += (long long)st.st_nlink - 2; /* one folder a thread */
    return 0;
}

static bool rlimit_nproc(struct bw_scene *s)
{
    char path[80];
    BW_AUTO_STR text = BW_STR_INIT;
    bw_scene_proc(s, "limits", path, sizeof path);
    if (!s->alive || bw_read_file(AT_FDCWD, path, &text) != 0)
        return false;
    const char *line = strstr(bw_str_get(&text), "Max processes");
    char *end;
    unsigned long long limit = line ? strtoull(line + strlen("Max processes"), &end, 10) : 0;
    if (!line || end == line + strlen("Max processes"))
        return false; /* unlimited */
    struct owned o = {.uid = s->st.uid[0]};
    bw_proc_each(count_owned, &o);
    if (o.n < 0 || (unsigned long long)o.n < limit)
        return false;
    bw_err_cause(s->err,
                 "RLIMIT_NPROC of the box is %llu, and uid %u has %lld processes and threads",
                 limit, o.uid, o.n);
    bw_err_todo(s->err,
                "end some of them, or raise the limit with ulimit -u before starting boxwright");
    return true;
}

static bool system_tasks(struct bw_scene *s)
{
    BW_AUTO_STR text = BW_STR_INIT;
    long long threads = 0, max = 0, pid_max = 0;
    if (bw_read_file(AT_FDCWD, "/proc/loadavg", &text) != 0 || !strchr(bw_str_get(&text), '/'))
        return false;
    threads = strtoll(strchr(text.s, '/') + 1, NULL, 10);
    if (!bw_scene_number("/proc/sys/kernel/threads-max", &max) ||
        !bw_scene_number("/proc/sys/kernel/pid_max", &pid_max))
        return false;
    if (threads < max - 1 && threads < pid_max - 300)
        return false;
    bw_err_cause(s->err,
                 "the system runs %lld tasks; kernel.threads-max is %lld, kernel.pid_max %lld",
                 threads, max, pid_max);
    bw_err_todo(s->err, "end processes, or raise the smaller one as root with sysctl");
    return true;
}

static bool parent_of_init(struct bw_scene *s)
{
    if (!bw_scene_flag(s, "CLONE_PARENT") || !s->alive || s->st.n_nspid < 1 ||
        s->st.nspid[s->st.n_nspid - 1] != 1)
        return false;
    bw_err_cause(s->err, "the box is PID 1 of its pid namespace, and PID 1 may not make siblings "
                         "(CLONE_PARENT): they "
                         "would have no parent inside");
    bw_err_todo(s->err, "start programs with run or spawn; for a second pid namespace, reset and "
                        "unshare pid again");
    return true;
}

/* The namespace that setns was given, when the call names it: 5</proc/812/ns/net>. */
static int setns_target(const struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (!bw_scene_arg(s, 0, &path) || !bw_str_starts(bw_str_get(&path), "/proc/"))
        return -1;
    return open(path.s, O_RDONLY | O_CLOEXEC);
}

static bool setns_same_user(struct bw_scene *s)
{
    struct stat st;
    BW_AUTO_FD fd = setns_target(s);
    if (!wants_user(s) || fd < 0 || fstat(fd, &st) != 0 || st.st_ino != bw_scene_ns(s, "user"))
        return false;
    bw_err_cause(s->err,
                 "the box is in user namespace %llu already, and the kernel lets nobody enter the "
                 "one they are in",
                 (unsigned long long)st.st_ino);
    bw_err_todo(s->err, "leave user out: enter PID with the other namespaces named");
    return true;
}

static bool setns_not_below(struct bw_scene *s)
{
    BW_AUTO_FD at = setns_target(s);
    uint64_t mine = bw_scene_ns(s, "pid");
    if (!bw_scene_flag(s, "CLONE_NEWPID") || at < 0 || !mine)
        return false;
    for (int i = 0; i <= NEST_MAX && at >= 0; i++) {
        struct stat st;
        if (fstat(at, &st) == 0 && st.st_ino == mine)
            return false;
        int up = ioctl(at, NS_GET_PARENT);
        bw_close_ptr(&at);
        at = up;
    }
    bw_err_cause(s->err,
                 "that pid namespace does not lie below the box's own (%llu), and processes only "
                 "move downward",
                 (unsigned long long)mine);
    bw_err_todo(s->err, "reset, then enter from the host's pid namespace");
    return true;
}

static bool setns_owner(struct bw_scene *s)
{
    BW_AUTO_FD fd = setns_target(s);
    BW_AUTO_FD owner = fd < 0 ? -1 : ioctl(fd, wants_user(s) ? NS_GET_PARENT : NS_GET_USERNS);
    struct stat st;
    if (owner < 0 || fstat(owner, &st) != 0 || st.st_ino == bw_scene_ns(s, "user"))
        return false;
    bw_err_cause(s->err,
                 "that namespace belongs to user namespace %llu; the box is in %llu and has no "
                 "capabilities there",
                 (unsigned long long)st.st_ino, (unsigned long long)bw_scene_ns(s, "user"));
    bw_err_todo(s->err,
                "enter its user namespace first (enter PID user), or start boxwright as root");
    return true;
}

static bool setns_lacks(struct bw_scene *s)
{
    const char *next = "enter again, its user namespace first";
    if (!s->alive || wants_user(s))
        return false;
    if (bw_scene_flag(s, "CLONE_NEWNS") && bw_scene_has_cap(s, CAP_SYS_ADMIN))
        return bw_scene_lacks(s, CAP_SYS_CHROOT, "CAP_SYS_CHROOT", next);
    if (bw_scene_has_cap(s, CAP_SYS_ADMIN))
        return false;
    bw_err_cause(s->err,
                 "CapEff of the box lacks CAP_SYS_ADMIN, which setns wants; it runs as uid %u in "
                 "%suser namespace",
                 s->st.uid[1], bw_scene_host_userns(s) ? "the host's " : "its own ");
    bw_err_todo(
        s->err,
        "enter the target's user namespace first (enter PID user), or start boxwright as root");
    return true;
}

/* The last argument of sethostname, or how long its first is. */
static bool hostname_long(struct bw_scene *s)
{
    BW_AUTO_STR name = BW_STR_INIT, len = BW_STR_INIT;
    long long n;
    if (!bw_scene_arg(s, 0, &name))
        return false;
    if (!bw_scene_arg(s, 1, &len) || bw_parse_num(bw_str_get(&len), 0, 1 << 20, &n) != 0)
        n = (long long)name.len;
    if (n <= 64)
        return false;
    bw_err_cause(s->err, "the name has %lld bytes and a host name has at most 64", n);
    bw_err_todo(s->err, "choose a shorter one");
    return true;
}

static bool hostname_lacks(struct bw_scene *s)
{
    return bw_scene_lacks(s, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "unshare uts, then hostname NAME");
}

static bool hostname_foreign(struct bw_scene *s)
{
    return bw_scene_foreign(s, BW_NS_UTS, "unshare uts first, then hostname NAME");
}

#define CHROOTED "in a chroot nobody may make a user namespace"
#define UNMAPPED                                                                                   \
    "a process whose uid or gid is not mapped in its user namespace may not make another"
#define SYSCTL_OFF "kernel.unprivileged_userns_clone is 0 (Debian's switch)"
#define APPARMOR                                                                                   \
    "kernel.apparmor_restrict_unprivileged_userns takes the capabilities of a new user namespace " \
    "away (Ubuntu)"
#define FILTER                                                                                     \
    "a seccomp filter around this process refuses the call, as Docker's does without "             \
    "CAP_SYS_ADMIN"
#define NO_ADMIN "all kinds but user want CAP_SYS_ADMIN, which a process has after unshare user"
#define LIMIT                                                                                      \
    "a limit user.max_KIND_namespaces of this user namespace, or of one it lies in, is reached"
#define NESTED "user and pid namespaces nest at most 32 deep"
#define NO_KIND "the kernel was built without that kind of namespace"
#define TWICE "a pid namespace was unshared and no process forked into it yet"

static const struct bw_cause causes[] = {
    {"unshare", EPERM, userns_in_chroot, CHROOTED},
    {"unshare", EPERM, userns_unmapped, UNMAPPED},
    {"unshare", EPERM, userns_switched_off, SYSCTL_OFF},
    {"unshare", EPERM, seccomp_refuses, FILTER},
    {"unshare", EPERM, userns_apparmor, APPARMOR},
    {"unshare", EACCES, userns_apparmor, APPARMOR},
    {"unshare", EPERM, ns_lacks_admin, NO_ADMIN},
    {"unshare", EINVAL, ns_missing, NO_KIND},
    {"unshare", EINVAL, pid_twice, TWICE},
    {"unshare", ENOSPC, ns_nested, NESTED},
    {"unshare", ENOSPC, ns_limit, LIMIT},
    {"unshare", EUSERS, ns_nested, "user namespaces nest at most 32 deep (kernels before 4.9)"},
    {"unshare", EUSERS, ns_limit, LIMIT},
    {"clone3", ENOMEM, init_ended,
     "PID 1 of the pid namespace has ended, so that no process can be made in it"},
    {"clone3", EAGAIN, pids_max, "pids.max of a control group is reached"},
    {"clone3", EAGAIN, rlimit_nproc, "RLIMIT_NPROC, the processes of a user, is reached"},
    {"clone3", EAGAIN, system_tasks, "kernel.threads-max or kernel.pid_max is reached"},
    {"clone3", EINVAL, parent_of_init, "PID 1 of a namespace may not use CLONE_PARENT"},
    {"clone3", EINVAL, ns_missing, NO_KIND},
    {"clone3", EINVAL, pid_twice, TWICE},
    {"clone3", ENOSYS, seccomp_refuses,
     "a seccomp filter answers ENOSYS, or the kernel is older than 5.3"},
    {"clone3", EPERM, userns_in_chroot, CHROOTED},
    {"clone3", EPERM, userns_unmapped, UNMAPPED},
    {"clone3", EPERM, userns_switched_off, SYSCTL_OFF},
    {"clone3", EPERM, seccomp_refuses, FILTER},
    {"clone3", EPERM, userns_apparmor, APPARMOR},
    {"clone3", EPERM, ns_lacks_admin, NO_ADMIN},
    {"clone3", ENOSPC, ns_nested, NESTED},
    {"clone3", ENOSPC, ns_limit, LIMIT},
    {"setns", EINVAL, setns_same_user, "a process may not enter the user namespace it is in"},
    {"setns", EINVAL, setns_not_below, "a pid namespace can only be entered from above"},
    {"setns", EINVAL, ns_missing, NO_KIND},
    {"setns", EPERM, seccomp_refuses, FILTER},
    {"setns", EPERM, userns_in_chroot, "in a chroot nobody may enter another user namespace"},
    {"setns", EPERM, setns_owner,
     "CAP_SYS_ADMIN is wanted in the user namespace that owns the target"},
    {"setns", EPERM, setns_lacks,
     "CAP_SYS_ADMIN is wanted in one's own user namespace, and for mnt CAP_SYS_CHROOT, too"},
    {"sethostname", EINVAL, hostname_long, "a host name has at most 64 bytes"},
    {"sethostname", EPERM, hostname_lacks, "CAP_SYS_ADMIN is wanted"},
    {"sethostname", EPERM, hostname_foreign,
     "CAP_SYS_ADMIN is wanted in the user namespace that owns the uts namespace"},
};

const struct bw_causes bw_causes_ns = {causes, sizeof causes / sizeof causes[0]};
