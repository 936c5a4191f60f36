/* Causes of mount: mount(2), mount_namespaces(7), user_namespaces(7). */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

enum { SOURCE, TARGET, TYPE, FLAGS, DATA }; /* arguments of mount */

static bool plain_new(const struct bw_scene *s)
{
    static const char *const other[] = {"MS_BIND",  "MS_REMOUNT", "MS_MOVE",      "MS_PRIVATE",
                                        "MS_SLAVE", "MS_SHARED",  "MS_UNBINDABLE"};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (bw_scene_flag(s, other[i]))
            return false;
    return true;
}

static bool type_is(const struct bw_scene *s, const char *type)
{
    BW_AUTO_STR t = BW_STR_INIT;
    return plain_new(s) && bw_scene_arg(s, TYPE, &t) && strcmp(bw_str_get(&t), type) == 0;
}

/* A path argument that can be looked at: descriptors of the stage mean nothing here. */
static bool path_arg(const struct bw_scene *s, unsigned n, struct bw_str *out)
{
    return bw_scene_arg(s, n, out) && out->len && !bw_str_starts(out->s, "/proc/self/fd/");
}

static bool lacks_admin(struct bw_scene *s)
{
    return bw_scene_lacks(s, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "unshare mnt, then mount again");
}

static bool mnt_foreign(struct bw_scene *s)
{
    return bw_scene_foreign(s, BW_NS_MNT, "unshare mnt, then mount again");
}

/* File systems that show a namespace want the capability in the owner of that namespace. */
static bool shown_ns_foreign(struct bw_scene *s)
{
    if (type_is(s, "proc"))
        return bw_scene_foreign(
            s, BW_NS_PID, "unshare pid first: a new proc shows the pid namespace of who mounts it");
    if (type_is(s, "sysfs"))
        return bw_scene_foreign(
            s, BW_NS_NET,
            "unshare net first: sysfs shows a network namespace; or bind the host's /sys");
    if (type_is(s, "mqueue"))
        return bw_scene_foreign(s, BW_NS_IPC, "unshare ipc first: mqueue shows an ipc namespace");
    if (type_is(s, "cgroup2") || type_is(s, "cgroup"))
        return bw_scene_foreign(s, BW_NS_CGROUP, "unshare cgroup first, or bind /sys/fs/cgroup");
    return false;
}

/* mount_too_revealing in the kernel: a new proc or sysfs may show no more than one already seen. */
static bool too_revealing(struct bw_scene *s)
{
    const char *type = type_is(s, "proc") ? "proc" : type_is(s, "sysfs") ? "sysfs" : NULL;
    struct bw_mounts m;
    if (!type || bw_scene_host_userns(s) || !bw_scene_mounts(s, &m))
        return false;
    const struct bw_mount *seen = NULL, *cover = NULL;
    bool full = false;
    for (size_t i = 0; i < m.n && !full; i++) {
        if (strcmp(m.v[i].type, type) != 0)
            continue;
        seen = &m.v[i];
        cover = bw_scene_covered(&m, seen);
        full =
            cover == NULL && strcmp(seen->root, "/") == 0 && strncmp(seen->options, "ro", 2) != 0;
    }
    if (!full && !seen)
        bw_err_cause(s->err,
                     "no %s is mounted in the box any more, and a new one may show no more than "
                     "one that is visible",
                     type);
    else if (!full && cover)
        bw_err_cause(
            s->err,
            "%.150s is mounted over a part of the %s on %.150s, and a new %s may not uncover it",
            cover->target, type, seen->target, type);
    else if (!full)
        bw_err_cause(
            s->err,
            "the %s on %.200s is shown only in part or read-only, and a new one may show no more",
            type, seen->target);
    bool proc = strcmp(type, "proc") == 0;
    if (!full && !seen)
        bw_err_todo(s->err, "undo, then mount %s before the step that took the old one away", type);
    else if (!full)
        bw_err_todo(s->err, "bind %s DIR instead, or run boxwright outside this container%s",
                    proc ? "/proc" : "/sys",
                    proc ? " (docker run --security-opt systempaths=unconfined)" : "");
    bw_mounts_free(&m);
    return !full;
}

static bool type_not_for_users(struct bw_scene *s)
{
    static const char *const fine[] = {"proc",   "sysfs",   "tmpfs", "ramfs",      "devpts",
                                       "mqueue", "overlay", "fuse",  "cgroup",     "cgroup2",
                                       "binder", "bpf",     "aufs",  "binfmt_misc"};
    BW_AUTO_STR type = BW_STR_INIT;
    if (!plain_new(s) || bw_scene_host_userns(s) || !bw_scene_arg(s, TYPE, &type))
        return false;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if (strcmp(bw_str_get(&type), fine[i]) == 0)
            return false;
    bw_err_cause(s->err,
                 "%.100s is not among the file systems that the kernel lets a user namespace mount",
                 type.s);
    bw_err_todo(s->err, "mount it outside as root and bind it into the box; proc, sysfs, tmpfs, "
                        "devpts, mqueue, overlay and cgroup2 may be mounted");
    return true;
}

static bool seccomp_mount(struct bw_scene *s)
{
    if (!s->alive || s->st.seccomp != 2 || !bw_scene_filtered("mount"))
        return false;
    bw_err_cause(s->err, "a seccomp filter refuses every mount (Seccomp is 2 in status, and a "
                         "harmless mount is refused, too)");
    bw_err_todo(
        s->err,
        "run boxwright outside that container, or start it with --security-opt seccomp=unconfined");
    return true;
}

/* Whether word is one of the comma-separated options. */
static bool has_option(const char *options, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = options; (p = strstr(p, word)); p += len)
        if ((p == options || p[-1] == ',') && (p[len] == ',' || p[len] == '\0'))
            return true;
    return false;
}

static bool locked_flags(struct bw_scene *s)
{
    static const struct {
        const char *option, *flag;
    } locked[] = {{"ro", "MS_RDONLY"},
                  {"nosuid", "MS_NOSUID"},
                  {"nodev", "MS_NODEV"},
                  {"noexec", "MS_NOEXEC"}};
    BW_AUTO_STR target = BW_STR_INIT, path = BW_STR_INIT;
    struct bw_mounts m;
    if (!bw_scene_flag(s, "MS_REMOUNT") || bw_scene_host_userns(s) ||
        !path_arg(s, TARGET, &target) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, target.s, &path);
    const struct bw_mount *at = bw_scene_mount(&m, path.s, false);
    bool found = false;
    for (size_t i = 0; at && !found && i < 4; i++) {
        if (!has_option(at->options, locked[i].option) || bw_scene_flag(s, locked[i].flag))
            continue;
        bw_err_cause(s->err,
                     "the mount on %.200s is %s, which is locked: it came from a more privileged "
                     "mount namespace",
                     path.s, locked[i].option);
        bw_err_todo(s->err, "keep %s among the options of the remount", locked[i].option);
        found = true;
    }
    bw_mounts_free(&m);
    return found;
}

static bool apparmor_mount(struct bw_scene *s)
{
    BW_AUTO_STR profile = BW_STR_INIT;
    if (!bw_scene_profile(s, &profile))
        return false;
    bw_err_cause(s->err,
                 "the box runs under the AppArmor profile %.200s, which does not allow this mount",
                 profile.s);
    bw_err_todo(
        s->err,
        "run boxwright unconfined; in a container: docker run --security-opt apparmor=unconfined");
    return true;
}

static bool source_read_only(struct bw_scene *s)
{
    BW_AUTO_STR source = BW_STR_INIT;
    struct stat st;
    if (bw_scene_flag(s, "MS_RDONLY") || !path_arg(s, SOURCE, &source))
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, source.s, O_PATH);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISBLK(st.st_mode))
        return false;
    bw_err_cause(s->err, "the device %.200s is read-only", source.s);
    bw_err_todo(s->err, "mount it with -o ro");
    return true;
}

static bool denied_arg(struct bw_scene *s)
{
    BW_AUTO_STR target = BW_STR_INIT, source = BW_STR_INIT;
    if (path_arg(s, TARGET, &target) && bw_scene_denied(s, target.s, 0, false))
        return true;
    return bw_scene_flag(s, "MS_BIND") && path_arg(s, SOURCE, &source) &&
           bw_scene_denied(s, source.s, 0, false);
}

static bool unknown_type(struct bw_scene *s)
{
    BW_AUTO_STR type = BW_STR_INIT, known = BW_STR_INIT, line = BW_STR_INIT;
    if (!bw_scene_arg(s, TYPE, &type) || bw_read_file(AT_FDCWD, "/proc/filesystems", &known) != 0)
        return false;
    bw_str_addf(&line, "\t%s\n", bw_str_get(&type));
    if (strstr(bw_str_get(&known), line.s))
        return false;
    bw_err_cause(s->err,
                 "%.100s is not in /proc/filesystems: the kernel knows no such file system, or its "
                 "module is not loaded",
                 bw_str_get(&type));
    bw_err_todo(s->err, "check the spelling, or load it as root: host modprobe %.60s",
                bw_str_get(&type));
    return true;
}

static bool target_missing(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    return path_arg(s, TARGET, &path) && bw_scene_missing(s, path.s, "mount point");
}

static bool source_missing(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    bool moved = bw_scene_flag(s, "MS_BIND") || bw_scene_flag(s, "MS_MOVE");
    /* "proc" of a new proc is only a word. */
    return path_arg(s, SOURCE, &path) && (moved || (plain_new(s) && path.s[0] == '/')) &&
           bw_scene_missing(s, path.s, "source");
}

/* The directories an overlay is made of stand in its options. */
static bool overlay_missing(struct bw_scene *s)
{
    static const char *const keys[] = {"lowerdir=", "upperdir=", "workdir="};
    static const char *const roles[] = {"lower layer", "upper layer", "work directory"};
    BW_AUTO_STR data = BW_STR_INIT;
    if (!type_is(s, "overlay") || !bw_scene_arg(s, DATA, &data))
        return false;
    for (size_t i = 0; i < 3; i++) {
        const char *p = strstr(bw_str_get(&data), keys[i]);
        for (p = p ? p + strlen(keys[i]) : NULL; p && *p && *p != ',';) {
            size_t n = strcspn(p, i == 0 ? ":," : ",");
            BW_AUTO_STR dir = BW_STR_INIT;
            bw_str_addn(&dir, p, n);
            if (n && bw_scene_missing(s, dir.s, roles[i]))
                return true;
            p += n + (p[n] == ':' && i == 0);
        }
    }
    return false;
}

static bool overlay_apart(struct bw_scene *s)
{
    BW_AUTO_STR data = BW_STR_INIT;
    struct stat up, work;
    if (!type_is(s, "overlay") || !bw_scene_arg(s, DATA, &data))
        return false;
    const char *u = strstr(bw_str_get(&data), "upperdir="),
               *w = strstr(bw_str_get(&data), "workdir=");
    if (!u || !w)
        return false;
    BW_AUTO_STR upper = BW_STR_INIT, wdir = BW_STR_INIT;
    bw_str_addn(&upper, u + 9, strcspn(u + 9, ","));
    bw_str_addn(&wdir, w + 8, strcspn(w + 8, ","));
    BW_AUTO_FD a = bw_scene_open(s, bw_str_get(&upper), O_PATH);
    BW_AUTO_FD b = bw_scene_open(s, bw_str_get(&wdir), O_PATH);
    if (a < 0 || b < 0 || fstat(a, &up) != 0 || fstat(b, &work) != 0)
        return false;
    struct bw_mounts m;
    if (up.st_dev != work.st_dev) {
        bw_err_cause(s->err, "upperdir and workdir lie on different file systems");
        bw_err_todo(s->err, "put both under one directory of one file system");
        return true;
    }
    if (!bw_scene_mounts(s, &m))
        return false;
    BW_AUTO_STR path = BW_STR_INIT;
    bw_scene_absolute(s, bw_str_get(&upper), &path);
    const struct bw_mount *on = bw_scene_mount(&m, path.s, true);
    bool stacked = on && strcmp(on->type, "overlay") == 0;
    if (stacked) {
        bw_err_cause(s->err,
                     "upperdir lies on %.200s, itself an overlay, and an upper layer may not",
                     on->target);
        bw_err_todo(s->err, "mount a tmpfs and put upperdir and workdir there");
    }
    bw_mounts_free(&m);
    return stacked;
}

static bool kinds_differ(struct bw_scene *s)
{
    BW_AUTO_STR source = BW_STR_INIT, target = BW_STR_INIT;
    struct stat from, to;
    if (!path_arg(s, TARGET, &target))
        return false;
    BW_AUTO_FD t = bw_scene_open(s, target.s, O_PATH);
    if (t < 0 || fstat(t, &to) != 0)
        return false;
    if (!bw_scene_flag(s, "MS_BIND") && !bw_scene_flag(s, "MS_MOVE")) {
        if (S_ISDIR(to.st_mode))
            return false;
        bw_err_cause(s->err, "%.300s is a file, and a file system is mounted on a directory",
                     target.s);
        bw_err_todo(s->err, "name a directory, made with mkdir");
        return true;
    }
    BW_AUTO_FD f = path_arg(s, SOURCE, &source) ? bw_scene_open(s, source.s, O_PATH) : -1;
    if (f < 0 || fstat(f, &from) != 0 || S_ISDIR(from.st_mode) == S_ISDIR(to.st_mode))
        return false;
    bw_err_cause(
        s->err,
        "%.200s is a %s and %.200s a %s: a directory is bound on a directory, a file on a file",
        source.s, S_ISDIR(from.st_mode) ? "directory" : "file", target.s,
        S_ISDIR(to.st_mode) ? "directory" : "file");
    bw_err_todo(s->err, "choose a mount point of the same kind");
    return true;
}

static bool mount_max(struct bw_scene *s)
{
    long long max;
    struct bw_mounts m;
    if (!bw_scene_number("/proc/sys/fs/mount-max", &max) || !bw_scene_mounts(s, &m))
        return false;
    size_t n = m.n;
    bw_mounts_free(&m);
    if ((long long)n < max - 1000 && n < (size_t)max / 2)
        return false;
    bw_err_cause(s->err, "the box's mount namespace has %zu mounts and fs.mount-max is %lld", n,
                 max);
    bw_err_todo(s->err, "umount what is not needed, or as root: sysctl fs.mount-max=%lld", max * 2);
    return true;
}

static bool not_a_mount(struct bw_scene *s)
{
    BW_AUTO_STR target = BW_STR_INIT;
    if (plain_new(s) || (bw_scene_flag(s, "MS_BIND") && !bw_scene_flag(s, "MS_REMOUNT")))
        return false;
    if (!path_arg(s, TARGET, &target) || !bw_scene_no_mount(s, target.s))
        return false;
    if (strcmp(target.s, "/") != 0)
        return true;
    bw_err_cause(s->err,
                 "the box's root was changed with chroot and is no mount point, as a change "
                 "of propagation wants it");
    bw_err_todo(s->err, "undo the chroot, unshare mnt, and then chroot again");
    return true;
}

static bool move_shared(struct bw_scene *s)
{
    BW_AUTO_STR source = BW_STR_INIT, path = BW_STR_INIT;
    struct bw_mounts m;
    if (!bw_scene_flag(s, "MS_MOVE") || !path_arg(s, SOURCE, &source) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, source.s, &path);
    const struct bw_mount *at = bw_scene_mount(&m, path.s, false), *parent = NULL;
    for (size_t i = 0; at && i < m.n; i++)
        if (m.v[i].id == at->parent)
            parent = &m.v[i];
    bool found = !at || (parent && strstr(parent->propagation, "shared:"));
    if (!at)
        bw_err_cause(s->err, "%.300s is not a mount point, so that there is nothing to move",
                     path.s);
    else if (found)
        bw_err_cause(s->err,
                     "%.200s lies on %.200s, which is %.60s, and from a shared mount none is moved",
                     path.s, parent->target, parent->propagation);
    if (found)
        bw_err_todo(s->err, at ? "mount --make-rprivate / first" : "bind it onto itself first");
    bw_mounts_free(&m);
    return found;
}

static bool bind_locked(struct bw_scene *s)
{
    BW_AUTO_STR source = BW_STR_INIT, path = BW_STR_INIT;
    struct bw_mounts m;
    if (!bw_scene_flag(s, "MS_BIND") || bw_scene_flag(s, "MS_REC") ||
        bw_scene_flag(s, "MS_REMOUNT") || bw_scene_host_userns(s) ||
        !path_arg(s, SOURCE, &source) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, source.s, &path);
    size_t n = strcmp(path.s, "/") == 0 ? 0 : strlen(path.s);
    const struct bw_mount *below = NULL;
    for (size_t i = 0; i < m.n && !below; i++)
        if (strncmp(m.v[i].target, path.s, n) == 0 && m.v[i].target[n] == '/' &&
            m.v[i].target[n + 1])
            below = &m.v[i];
    if (below) {
        bw_err_cause(s->err,
                     "%.200s lies below the source and is locked: bound alone, the source would "
                     "show what it covers",
                     below->target);
        bw_err_todo(s->err, "bind it with what is below: mount --rbind %.200s TARGET", path.s);
    }
    bw_mounts_free(&m);
    return below != NULL;
}

static bool mount_busy(struct bw_scene *s)
{
    BW_AUTO_STR source = BW_STR_INIT, target = BW_STR_INIT, path = BW_STR_INIT;
    struct bw_mounts m;
    if (!path_arg(s, TARGET, &target) || !bw_scene_arg(s, SOURCE, &source) ||
        !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, target.s, &path);
    const struct bw_mount *at = bw_scene_mount(&m, path.s, false);
    bool same = at && strcmp(at->source, bw_str_get(&source)) == 0;
    if (same) {
        bw_err_cause(s->err, "%.200s is mounted on %.200s already (%.40s)", bw_str_get(&source),
                     path.s, at->type);
        bw_err_todo(s->err, "umount %.200s first, or leave the step out", path.s);
    }
    bw_mounts_free(&m);
    return same;
}

static bool remount_busy(struct bw_scene *s)
{
    if (!bw_scene_flag(s, "MS_REMOUNT") || !bw_scene_flag(s, "MS_RDONLY") ||
        bw_scene_flag(s, "MS_BIND"))
        return false;
    bw_err_cause(s->err, "the call makes the whole file system read-only, for the host as well, "
                         "and files are open for writing on it");
    bw_err_todo(s->err, "make only this mount read-only: mount -o remount,bind,ro TARGET");
    return true;
}

static const struct bw_cause causes[] = {
    {"mount", EPERM, seccomp_mount, "a seccomp filter around this process refuses the call"},
    {"mount", EPERM, lacks_admin, "CAP_SYS_ADMIN is wanted"},
    {"mount", EPERM, mnt_foreign,
     "CAP_SYS_ADMIN is wanted in the user namespace that owns the mount namespace"},
    {"mount", EPERM, shown_ns_foreign,
     "proc, sysfs, mqueue and cgroup2 want it also in the owner of the pid, net, ipc or cgroup "
     "namespace they show"},
    {"mount", EPERM, locked_flags,
     "ro, nosuid, nodev and noexec of a mount from a more privileged namespace are locked"},
    {"mount", EPERM, too_revealing,
     "a new proc or sysfs may not show what the visible one hides, as container engines mask parts "
     "of /proc"},
    {"mount", EPERM, type_not_for_users,
     "most file systems on disks cannot be mounted from a user namespace"},
    {"mount", EACCES, apparmor_mount, "an AppArmor profile forbids mounts"},
    {"mount", EACCES, denied_arg, "a directory on the way may not be searched"},
    {"mount", EACCES, source_read_only, "a read-only device is mounted without ro"},
    {"mount", ENODEV, unknown_type,
     "the kernel does not know this type of file system: /proc/filesystems lists those it does"},
    {"mount", ENOENT, target_missing, "the mount point does not exist"},
    {"mount", ENOENT, source_missing, "the source does not exist"},
    {"mount", ENOENT, overlay_missing, "a directory in overlay's options does not exist"},
    {"mount", ENOTDIR, target_missing, "a part of the mount point's path is a file"},
    {"mount", ENOTDIR, source_missing, "a part of the source's path is a file"},
    {"mount", ENOTDIR, kinds_differ, "a directory is mounted on a file, or the other way round"},
    {"mount", ELOOP, target_missing, "symbolic links lead in a circle"},
    {"mount", ELOOP, source_missing, "symbolic links lead in a circle"},
    {"mount", ENOSPC, mount_max, "fs.mount-max mounts are in the mount namespace"},
    {"mount", EBUSY, remount_busy,
     "a file system with files open for writing is remounted read-only"},
    {"mount", EBUSY, mount_busy, "the source is mounted on this mount point already"},
    {"mount", EINVAL, overlay_apart,
     "overlay's upperdir and workdir are not on one file system, or are on an overlay"},
    {"mount", EINVAL, move_shared, "a mount is moved from a shared parent"},
    {"mount", EINVAL, bind_locked,
     "a bind without its submounts would uncover what a locked mount covers"},
    {"mount", EINVAL, not_a_mount, "a remount or a change of propagation wants a mount point"},
};

const struct bw_causes bw_causes_mount = {causes, sizeof causes / sizeof causes[0]};
