/* Causes of umount, chroot, chdir and pivot_root: umount(2), chroot(2), pivot_root(2). */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

static bool below(const char *path, const char *dir)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
    return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool lacks_admin(struct bw_scene *s)
{
    return bw_scene_lacks(s, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "unshare mnt, then repeat the step");
}

static bool mnt_foreign(struct bw_scene *s)
{
    return bw_scene_foreign(s, BW_NS_MNT, "unshare mnt, then repeat the step");
}

static bool umount_nothing(struct bw_scene *s)
{
    BW_AUTO_STR target = BW_STR_INIT;
    return bw_scene_arg(s, 0, &target) && target.len && bw_scene_no_mount(s, target.s);
}

static bool umount_locked(struct bw_scene *s)
{
    BW_AUTO_STR target = BW_STR_INIT, path = BW_STR_INIT;
    struct bw_mounts m;
    if (bw_scene_host_userns(s) || !bw_scene_arg(s, 0, &target) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, target.s, &path);
    bool there = bw_scene_mount(&m, path.s, false) != NULL;
    bw_mounts_free(&m);
    if (!there)
        return false;
    bw_err_cause(s->err,
                 "the mount on %.300s came from a more privileged mount namespace and is locked: "
                 "it could hide something",
                 path.s);
    bw_err_todo(s->err, "pivot to another root instead, and the host's mounts go all together");
    return true;
}

/* The first process in the box's mount namespace that stands on the mount. */
struct user {
    const char *path;
    uint64_t ns;
    pid_t pid;
    char link[16];
};

static int uses_mount(pid_t pid, void *ctx)
{
    static const char *const links[] = {"cwd", "root", "exe"};
    struct user *u = ctx;
    char to[4096];
    struct stat st;
    if (bw_proc_stat_link(pid, "ns/mnt", &st) != 0 || st.st_ino != u->ns)
        return 0;
    for (size_t i = 0; i < 3; i++) {
        ssize_t n = bw_proc_read_link(pid, links[i], to, sizeof to - 1);
        to[n > 0 ? n : 0] = '\0';
        if (!below(to, u->path))
            continue;
        u->pid = pid;
        snprintf(u->link, sizeof u->link, "%s", links[i]);
        return 1;
    }
    return 0;
}

static bool umount_busy(struct bw_scene *s)
{
    BW_AUTO_STR target = BW_STR_INIT, path = BW_STR_INIT;
    struct bw_mounts m;
    if (!bw_scene_arg(s, 0, &target) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, target.s, &path);
    const struct bw_mount *at = bw_scene_mount(&m, path.s, false);
    const struct bw_mount *below = at ? bw_scene_covered(&m, at) : NULL;
    if (below) {
        bw_err_cause(s->err, "%.200s is mounted below %.200s", below->target, path.s);
        bw_err_todo(s->err, "umount %.200s first, or umount -l %.200s", below->target, path.s);
    }
    bw_mounts_free(&m);
    if (below)
        return true;
    struct user u = {.path = path.s, .ns = bw_scene_ns(s, "mnt")};
    bw_proc_each(uses_mount, &u);
    if (!u.pid)
        return false;
    bw_err_cause(s->err, "process %d uses it: its %s lies on %.300s", (int)u.pid,
                 strcmp(u.link, "cwd") == 0   ? "working directory"
                 : strcmp(u.link, "exe") == 0 ? "program"
                                              : "root",
                 path.s);
    if (u.pid == s->pid)
        bw_err_todo(s->err, "undo the chroot or pivot that stands there, or umount -l %.200s",
                    path.s);
    else
        bw_err_todo(s->err, "kill %d, or umount -l %.200s", (int)u.pid, path.s);
    return true;
}

static bool root_missing(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    return bw_scene_arg(s, 0, &path) && path.len && bw_scene_missing(s, path.s, "directory");
}

static bool root_is_file(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct stat st;
    if (!bw_scene_arg(s, 0, &path) || !path.len)
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, path.s, O_PATH);
    if (fd < 0 || fstat(fd, &st) != 0 || S_ISDIR(st.st_mode))
        return false;
    bw_err_cause(s->err, "%.300s is not a directory", path.s);
    bw_err_todo(s->err, "name a directory with a root file system: rootfs busybox DIR makes one");
    return true;
}

static bool chroot_lacks(struct bw_scene *s)
{
    return bw_scene_lacks(s, CAP_SYS_CHROOT, "CAP_SYS_CHROOT", "chroot again");
}

static bool root_denied(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    return bw_scene_arg(s, 0, &path) && path.len && bw_scene_denied(s, path.s, X_OK, false);
}

/* What pivot_root's causes need, read once. */
struct pivot {
    struct bw_mounts m;
    struct bw_str new_root, put_old;
    const struct bw_mount *root, *at, *on, *old;
};

static void pivot_free(struct pivot *p)
{
    bw_mounts_free(&p->m);
    bw_str_free(&p->new_root);
    bw_str_free(&p->put_old);
}

static bool pivot_read(const struct bw_scene *s, struct pivot *p)
{
    BW_AUTO_STR a = BW_STR_INIT, b = BW_STR_INIT;
    *p = (struct pivot){0};
    if (!bw_scene_arg(s, 0, &a) || !bw_scene_arg(s, 1, &b) || !bw_scene_mounts(s, &p->m))
        return false;
    bw_scene_absolute(s, bw_str_get(&a), &p->new_root);
    bw_scene_absolute(s, bw_str_get(&b), &p->put_old);
    p->root = bw_scene_mount(&p->m, "/", false);
    p->at = bw_scene_mount(&p->m, p->new_root.s, false);
    p->on = bw_scene_mount(&p->m, p->new_root.s, true);
    p->old = bw_scene_mount(&p->m, p->put_old.s, true);
    return true;
}

static const struct bw_mount *parent_of(const struct bw_mounts *m, const struct bw_mount *at)
{
    for (size_t i = 0; at && i < m->n; i++)
        if (m->v[i].id == at->parent && at->parent != at->id)
            return &m->v[i];
    return NULL;
}

static bool shared(const struct bw_mount *m)
{
    return m && strstr(m->propagation, "shared:") != NULL;
}

/* The rules of pivot_root(2), in the order that a person can repair them. */
static bool pivot_rule(struct bw_scene *s)
{
    struct pivot p;
    bool found = true;
    if (!pivot_read(s, &p))
        return false;
    /* pivot DIR binds DIR first, and takes that back: what it lay on is then the parent. */
    const struct bw_mount *parent = p.at ? parent_of(&p.m, p.at) : p.on;
    const struct bw_mount *culprit = shared(parent) ? parent : shared(p.old) ? p.old : NULL;
    if (!p.root) {
        bw_err_cause(s->err, "the box's root is not a mount point: it was changed with chroot, and "
                             "pivot_root wants a mount there");
        bw_err_todo(s->err, "undo the chroot, then pivot");
    } else if (strcmp(p.root->type, "rootfs") == 0) {
        bw_err_cause(s->err, "the box's root is the initial rootfs, which cannot be pivoted away");
        bw_err_todo(s->err, "use chroot instead");
    } else if (culprit) {
        bw_err_cause(s->err, "the mount at %.200s is %.60s: pivot_root refuses shared propagation",
                     culprit->target, culprit->propagation);
        bw_err_todo(s->err, "mount --make-rprivate / first");
    } else if (!p.at) {
        bw_err_cause(s->err, "%.200s is not a mount point: it lies on the mount at %.150s",
                     p.new_root.s, p.on ? p.on->target : "/");
        bw_err_todo(s->err, "bind %.150s %.150s first, which makes it one", p.new_root.s,
                    p.new_root.s);
    } else if (!below(p.put_old.s, p.new_root.s)) {
        bw_err_cause(s->err, "put_old %.200s does not lie below new_root %.200s", p.put_old.s,
                     p.new_root.s);
        bw_err_todo(s->err, "use pivot DIR, which takes DIR for both");
    } else {
        found = false;
    }
    pivot_free(&p);
    return found;
}

static bool pivot_busy(struct bw_scene *s)
{
    struct pivot p;
    if (!pivot_read(s, &p))
        return false;
    bool found = p.root && (p.on == p.root || p.old == p.root);
    if (found) {
        bw_err_cause(
            s->err,
            "%.200s lies on the mount that is the root now, and a mount cannot take its own place",
            p.on == p.root ? p.new_root.s : p.put_old.s);
        if (strcmp(p.new_root.s, "/") == 0)
            bw_err_todo(s->err, "name another directory: rootfs busybox DIR makes one to pivot to");
        else
            bw_err_todo(s->err, "bind %.150s %.150s first, which makes a mount of it", p.new_root.s,
                        p.new_root.s);
    }
    pivot_free(&p);
    return found;
}

static const struct bw_cause causes[] = {
    {"umount", EPERM, lacks_admin, "CAP_SYS_ADMIN is wanted"},
    {"umount", EPERM, mnt_foreign,
     "CAP_SYS_ADMIN is wanted in the user namespace that owns the mount namespace"},
    {"umount", EINVAL, umount_nothing, "the path is not a mount point"},
    {"umount", EINVAL, umount_locked,
     "the mount came from a more privileged mount namespace and is locked"},
    {"umount", EBUSY, umount_busy,
     "a process has its root, its working directory or a file there, or something is mounted "
     "below"},
    {"umount", ENOENT, root_missing, "the path does not exist"},
    {"chroot", ENOENT, root_missing, "the directory does not exist in the box"},
    {"chroot", ENOTDIR, root_missing, "a part of the path is a file"},
    {"chroot", ENOTDIR, root_is_file, "the path is a file"},
    {"chroot", ELOOP, root_missing, "symbolic links lead in a circle"},
    {"chroot", EACCES, root_denied, "a directory on the way may not be searched"},
    {"chroot", EPERM, chroot_lacks,
     "CAP_SYS_CHROOT is wanted, which a process has after unshare user"},
    {"chdir", ENOENT, root_missing, "the directory does not exist in the box"},
    {"chdir", ENOTDIR, root_missing, "a part of the path is a file"},
    {"chdir", ENOTDIR, root_is_file, "the path is a file"},
    {"chdir", ELOOP, root_missing, "symbolic links lead in a circle"},
    {"chdir", EACCES, root_denied, "a directory on the way may not be searched"},
    {"pivot_root", EPERM, lacks_admin, "CAP_SYS_ADMIN is wanted"},
    {"pivot_root", EPERM, mnt_foreign,
     "CAP_SYS_ADMIN is wanted in the user namespace that owns the mount namespace"},
    {"pivot_root", EINVAL, pivot_rule,
     "a rule is broken: new_root is a mount point, put_old lies below it, the root is a mount and "
     "not the rootfs, and neither parent is shared"},
    {"pivot_root", EBUSY, pivot_busy, "new_root or put_old lies on the mount that is the root now"},
    {"pivot_root", ENOENT, root_missing, "new_root does not exist"},
    {"pivot_root", ENOTDIR, root_missing, "a part of the path is a file"},
    {"pivot_root", ENOTDIR, root_is_file, "new_root is a file"},
};

const struct bw_causes bw_causes_root = {causes, sizeof causes / sizeof causes[0]};
