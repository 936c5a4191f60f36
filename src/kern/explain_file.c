/* Causes that any call on a path shares: path_resolution(7). */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"

/* The file's path; false for calls whose first argument is none. */
static bool file_path(const struct bw_scene *s, struct bw_str *path)
{
    return bw_scene_file(s, path) && path->len && strcmp(path->s, "NULL") != 0 &&
           strncmp(path->s, "AT_", 3) != 0 && path->s[0] != '{';
}

static bool makes(const struct bw_scene *s)
{
    const char *op = bw_scene_op(s->err->op);
    return strcmp(op, "mkdir") == 0 || strcmp(op, "mknod") == 0 || strcmp(op, "symlink") == 0 ||
           strcmp(op, "unlink") == 0 || strcmp(op, "rmdir") == 0 || bw_scene_flag(s, "O_CREAT");
}

/* The nearest existing directory of a path. */
static int open_nearest(const struct bw_scene *s, const char *path)
{
    BW_AUTO_STR part = BW_STR_INIT;
    bw_str_add(&part, path);
    for (;;) {
        int fd = bw_scene_open(s, part.len ? part.s : path[0] == '/' ? "/" : ".", O_PATH);
        if (fd >= 0 || part.len == 0)
            return fd;
        char *slash = strrchr(part.s, '/');
        part.len = slash ? (size_t)(slash - part.s) : 0;
        part.s[part.len] = '\0';
    }
}

static bool missing(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    return file_path(s, &path) && bw_scene_missing(s, path.s, NULL);
}

static bool empty_name(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (!bw_scene_file(s, &path) || path.len)
        return false;
    bw_err_cause(s->err, "the name is empty");
    bw_err_todo(s->err, "write one between the quotes");
    return true;
}

/* proc and sysfs answer so: what they hold is the kernel's. */
static bool makes_none(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT, full = BW_STR_INIT, bad = BW_STR_INIT;
    struct bw_mounts m;
    if (!file_path(s, &path) || bw_scene_walk(s, path.s, &bad) != ENOENT ||
        strcmp(bw_str_get(&bad), path.s) != 0 || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, path.s, &full);
    const struct bw_mount *on = bw_scene_mount(&m, full.s, true);
    bool found = on && (strcmp(on->type, "proc") == 0 || strcmp(on->type, "sysfs") == 0);
    if (found) {
        bw_err_cause(s->err, "%.200s is %s, where only the kernel makes directories", on->target,
                     on->type);
        bw_err_todo(s->err, "choose another place");
    }
    bw_mounts_free(&m);
    return found;
}

static bool not_directory(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct stat st;
    if (!file_path(s, &path))
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, path.s, O_PATH);
    if (fd < 0 || fstat(fd, &st) != 0 || S_ISDIR(st.st_mode))
        return false;
    bw_err_cause(s->err, "%.300s is not a directory", path.s);
    bw_err_todo(s->err, "name a directory");
    return true;
}

static bool denied(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    int want = bw_scene_flag(s, "O_WRONLY") || bw_scene_flag(s, "O_RDWR") ? W_OK : 0;
    if (!file_path(s, &path))
        return false;
    if (strcmp(bw_scene_op(s->err->op), "open") == 0 && !want && !bw_scene_flag(s, "O_PATH"))
        want = R_OK;
    BW_AUTO_STR bad = BW_STR_INIT;
    bool there = bw_scene_walk(s, path.s, &bad) == 0;
    return bw_scene_denied(s, path.s, want, makes(s) && !there);
}

/* Another process's files in proc follow ptrace's rules, not the mode: ptrace(2). */
static bool other_process(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    pid_t pid;
    struct bw_status_file st;
    if (!file_path(s, &path) || !bw_scene_proc_name(path.s, &pid) || pid == getpid())
        return false;
    if (bw_status_read(pid, &st) != 0) {
        bw_err_cause(s->err, "there is no process %d: it has ended, or never was", pid);
        bw_err_todo(s->err, "ps lists the box's processes, lsns all one of each namespace");
        return true;
    }
    if (geteuid() == 0) {
        bw_err_cause(s->err,
                     "process %d has privileges that this shell has not, or a security "
                     "module keeps its files in proc to itself",
                     pid);
        bw_err_todo(s->err, "lsns all lists the processes that may be looked at");
        return true;
    }
    bw_err_cause(
        s->err,
        "process %d runs as uid %u; its files in proc are for itself and for who may trace it", pid,
        st.uid[1]);
    bw_err_todo(s->err, "start boxwright as uid %u or as root", st.uid[1]);
    return true;
}

static bool read_only(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT, full = BW_STR_INIT;
    struct bw_mounts m;
    if (!file_path(s, &path) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, path.s, &full);
    const struct bw_mount *on = bw_scene_mount(&m, full.s, true);
    if (on) {
        bw_err_cause(s->err, "%.250s lies on the mount at %.150s, which is read-only (%.60s)",
                     full.s, on->target, on->options);
        bw_err_todo(s->err, "mount -o remount,rw %.150s, or put a tmpfs or an overlay there",
                    on->target);
    }
    bw_mounts_free(&m);
    return on != NULL;
}

static bool exists(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct stat st;
    if (!file_path(s, &path))
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, path.s, O_PATH | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) != 0)
        return false;
    bw_err_cause(s->err, "%.300s exists already: it is a %s", path.s,
                 S_ISDIR(st.st_mode)   ? "directory"
                 : S_ISLNK(st.st_mode) ? "symbolic link"
                                       : "file");
    bw_err_todo(s->err, "use another name, or what is there");
    return true;
}

static bool no_space(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct statvfs fs;
    if (!file_path(s, &path))
        return false;
    BW_AUTO_FD fd = open_nearest(s, path.s);
    if (fd < 0 || fstatvfs(fd, &fs) != 0)
        return false;
    if (fs.f_files && fs.f_favail == 0)
        bw_err_cause(s->err, "the file system of %.300s has no inode left of %llu", path.s,
                     (unsigned long long)fs.f_files);
    else
        bw_err_cause(s->err, "the file system of %.300s has %llu KiB left of %llu", path.s,
                     (unsigned long long)(fs.f_bavail * (fs.f_frsize / 512) / 2),
                     (unsigned long long)(fs.f_blocks * (fs.f_frsize / 512) / 2));
    bw_err_todo(s->err, "free space there, or use a larger one: a tmpfs takes size=");
    return true;
}

static bool too_long(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (!file_path(s, &path))
        return false;
    bw_err_cause(s->err, "a name has at most 255 bytes and a path 4095; this path has %zu%s",
                 path.len, strlen(s->err->call) + 1 >= sizeof s->err->call ? " or more" : "");
    bw_err_todo(s->err, "choose shorter names");
    return true;
}

static bool not_empty(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (!file_path(s, &path))
        return false;
    bw_err_cause(s->err, "%.300s is a directory that is not empty", path.s);
    bw_err_todo(s->err, "remove what is in it first: run rm -r %.200s", path.s);
    return true;
}

static bool is_mount(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT, full = BW_STR_INIT;
    struct bw_mounts m;
    if (!file_path(s, &path) || !bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, path.s, &full);
    const struct bw_mount *at = bw_scene_mount(&m, full.s, false);
    if (at) {
        bw_err_cause(s->err, "%.200s is a mount point (%.60s from %.150s)", full.s, at->type,
                     at->source);
        bw_err_todo(s->err, "umount %.200s first", full.s);
    }
    bw_mounts_free(&m);
    return at != NULL;
}

static bool is_directory(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (!file_path(s, &path))
        return false;
    bw_err_cause(s->err, "%.300s is a directory", path.s);
    bw_err_todo(s->err, "name a file");
    return true;
}

static bool no_descriptors(struct bw_scene *s)
{
    BW_AUTO_STR text = BW_STR_INIT;
    char path[80];
    bw_scene_proc(s, "limits", path, sizeof path);
    if (bw_read_file(AT_FDCWD, path, &text) != 0 || !strstr(bw_str_get(&text), "Max open files"))
        return false;
    const char *p = strstr(text.s, "Max open files") + strlen("Max open files");
    bw_err_cause(s->err, "the process has as many open files as RLIMIT_NOFILE allows (%.*s)",
                 (int)strcspn(p + strspn(p, " "), " "), p + strspn(p, " "));
    bw_err_todo(s->err, "raise it with ulimit -n before starting boxwright");
    return true;
}

static const struct bw_cause causes[] = {
    {"open", ENOENT, other_process, "a process has ended"},
    {"*", ENOENT, empty_name, "the name is empty"},
    {"mkdir", ENOENT, makes_none, "the file system makes no directories"},
    {"mkdir", EPERM, makes_none, "the file system makes no directories"},
    {"*", ENOENT, missing, "a part of the path does not exist"},
    {"*", ENOTDIR, missing, "a part of the path that should be a directory is a file"},
    {"open", ENOTDIR, not_directory, "the path is a file"},
    {"*", ELOOP, missing, "symbolic links lead in a circle, or the call takes no links"},
    {"open", EACCES, other_process, "files of another process in proc are for who may trace it"},
    {"open", EPERM, other_process, "files of another process in proc are for who may trace it"},
    {"*", EACCES, denied, "the mode of the file or of a directory on the way does not allow it"},
    {"*", EROFS, read_only, "the mount is read-only"},
    {"*", EEXIST, exists, "something has that name already"},
    {"*", ENOSPC, no_space, "the file system is full"},
    {"*", ENAMETOOLONG, too_long, "a name has at most 255 bytes, a path 4095"},
    {"*", ENOTEMPTY, not_empty, "the directory is not empty"},
    {"*", EBUSY, is_mount, "something is mounted there"},
    {"*", EISDIR, is_directory, "the path is a directory"},
    {"*", EMFILE, no_descriptors, "RLIMIT_NOFILE is reached"},
};

const struct bw_causes bw_causes_file = {causes, sizeof causes / sizeof causes[0]};
