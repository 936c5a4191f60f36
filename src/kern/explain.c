/* From a failed call to its cause: the tables of causes are tried in turn; what none of them sees
 * gets the errno's general meaning. */
#include "kern/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "explain_scene.h"

static const struct bw_causes *const tables[] = {
    &bw_causes_ns,    &bw_causes_mount,  &bw_causes_root, &bw_causes_exec,
    &bw_causes_idmap, &bw_causes_cgroup, &bw_causes_priv, &bw_causes_file,
};
#define TABLES (sizeof tables / sizeof tables[0])

static const struct {
    int code;
    const char *means; /* a sentence without a full stop */
    const char *todo;
} meanings[] = {
    {EPERM,
     "the kernel keeps this for a process with a capability that the caller lacks, or a security "
     "module or seccomp filter forbids it",
     "doctor shows what this host allows"},
    {ENOENT, "something the call names does not exist",
     "check the names; run ls shows what the box sees"},
    {ESRCH, "the process does not exist, or has ended", "ps lists the box's processes"},
    {EINTR, "a signal came before the call was done", "repeat the step"},
    {EIO, "the device or file system failed to read or write", "see host dmesg"},
    {ENXIO, "there is no such device, or nobody at the other end", "check the device's name"},
    {E2BIG, "arguments and environment are larger than the kernel takes",
     "pass fewer or shorter arguments"},
    {ENOEXEC, "the file is not in a form that the kernel can run", "start a script with #!/bin/sh"},
    {EBADF, "the descriptor is not open, or not for this use",
     "repeat the step; if it stays, reset"},
    {ECHILD, "there is no such child process to wait for", "ps lists the box's processes"},
    {EAGAIN, "a resource is used up for now: a limit on processes, locked memory or groups",
     "end processes, or raise the limit"},
    {ENOMEM, "the kernel has no memory for it, within the limits of the control group",
     "see inspect for memory limits"},
    {EACCES, "permissions of a file or directory on the way forbid it, or a security module does",
     "check owner and mode with run ls -ld"},
    {EFAULT, "an address was not valid", "this is a fault in boxwright; please report the call"},
    {ENOTBLK, "the file system wants a block device as its source",
     "name a device, or bind a directory instead"},
    {EBUSY, "it is in use: mounted, running, or somebody's working directory",
     "end what uses it, then repeat"},
    {EEXIST, "something has that name already", "use another name"},
    {EXDEV, "the two places are on different mounts, or the path leads out of the root",
     "name a path inside the box's root"},
    {ENODEV, "the kernel knows no such file system or device",
     "host cat /proc/filesystems lists the file systems"},
    {ENOTDIR, "a part of a path that should be a directory is not one", "correct the path"},
    {EISDIR, "a directory was named where a file is wanted", "name a file"},
    {EINVAL, "the kernel does not take these arguments in this state",
     "compare the call with its manual page (explain last names it)"},
    {ENFILE, "the whole system has no file descriptors left",
     "end processes, or raise fs.file-max as root"},
    {EMFILE, "the process has no file descriptors left, or a table of the kernel is full",
     "raise ulimit -n before starting boxwright"},
    {ENOTTY, "the call does not fit this kind of file or terminal", "use it on a terminal"},
    {ETXTBSY, "a program that runs is being written, or one being written was to run",
     "wait until it is written"},
    {EFBIG, "the file is larger than allowed", "see ulimit -f"},
    {ENOSPC, "there is no space left, or a kernel limit on how many is reached",
     "free some, or raise the limit; doctor shows the limits on namespaces"},
    {EROFS, "the file system is mounted read-only", "mount a tmpfs or an overlay there"},
    {EMLINK, "too many links", "remove some"},
    {EPIPE, "nobody reads at the other end", "repeat the step"},
    {ERANGE, "a number is out of the range the kernel takes", "use a smaller or larger one"},
    {EDEADLK, "it would wait for itself", "repeat the step"},
    {ENAMETOOLONG, "a name is longer than the kernel takes", "choose a shorter one"},
    {ENOSYS, "this kernel does not have the call, or a seccomp filter hides it",
     "use a newer kernel; doctor shows what is missing"},
    {ENOTEMPTY, "the directory is not empty", "remove what is in it first"},
    {ELOOP, "symbolic links lead in a circle, or the call takes none", "name the directory itself"},
    {EPROTO, "the other side answered something that does not fit", "repeat the step"},
    {EOVERFLOW,
     "a value is too large for where it should go, or an ID has no number in this user namespace",
     "map the ID first"},
    {EUSERS, "too many users, or namespaces nested too deep", "undo some of the nested steps"},
    {EOPNOTSUPP, "the file system or group does not support it", "see the manual page"},
    {EADDRINUSE, "the address is in use", "choose another"},
    {EADDRNOTAVAIL, "the address belongs to no interface here",
     "see run ip addr; net is a namespace of its own"},
    {ENETUNREACH, "no route leads there; a new net namespace has only a loopback that is down",
     "use host PROGRAM for what needs the network"},
    {ETIMEDOUT, "nothing answered in time", "check that the other side is there"},
    {ECONNREFUSED, "nobody listens there", "check that the server runs"},
    {EDQUOT, "a quota of the user is used up: disk, or user.max_* limits", "free some"},
};

static const struct {
    const char *op, *man;
} pages[] = {
    {"unshare", "unshare(2), user_namespaces(7)"},
    {"clone3", "clone(2), pid_namespaces(7)"},
    {"setns", "setns(2), namespaces(7)"},
    {"sethostname", "sethostname(2), uts_namespaces(7)"},
    {"mount", "mount(2), mount_namespaces(7)"},
    {"umount", "umount(2), mount_namespaces(7)"},
    {"pivot_root", "pivot_root(2)"},
    {"chroot", "chroot(2)"},
    {"chdir", "chdir(2)"},
    {"execve", "execve(2), ld.so(8)"},
    {"open", "open(2), path_resolution(7)"},
    {"mkdir", "mkdir(2), cgroups(7)"},
    {"rmdir", "rmdir(2), cgroups(7)"},
    {"prctl", "prctl(2), capabilities(7)"},
    {"capset", "capset(2), capabilities(7)"},
    {"prlimit64", "getrlimit(2)"},
    {"open_tree", "open_tree(2), mount_namespaces(7)"},
    {"move_mount", "move_mount(2), mount_namespaces(7)"},
    {"mount_setattr", "mount_setattr(2)"},
    {"mknod", "mknod(2), devpts(4)"},
    {"bpf", "bpf(2)"},
    {"seccomp", "seccomp(2), seccomp_unotify(2)"},
    {"write", "write(2), user_namespaces(7), cgroups(7)"},
};

const char *bw_explain_man(const char *op)
{
    const char *name = bw_scene_op(op);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(pages[i].op, name) == 0)
            return pages[i].man;
    return NULL;
}

/* Causes of "*" are for calls on a path. */
static bool fits(const struct bw_cause *c, const char *op)
{
    static const char *const pathless[] = {"unshare", "clone3", "setns",  "sethostname",
                                           "prctl",   "capset", "seccomp"};
    if (strcmp(c->op, op) == 0)
        return true;
    for (size_t i = 0; i < sizeof pathless / sizeof pathless[0]; i++)
        if (strcmp(pathless[i], op) == 0)
            return false;
    return strcmp(c->op, "*") == 0;
}

static bool look_up(struct bw_scene *s)
{
    const char *op = bw_scene_op(s->err->op);
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t]->n; i++) {
            const struct bw_cause *c = &tables[t]->v[i];
            if (fits(c, op) && c->code == s->err->code && c->look(s))
                return true;
        }
    return false;
}

/* Calls younger than the kernels one still meets. */
static bool too_old(struct bw_err *e)
{
    static const struct {
        const char *op, *since;
    } calls[] = {{"memfd_create", "3.17"}, {"statx", "4.11"},         {"pidfd_send_signal", "5.1"},
                 {"clone3", "5.3"},        {"pidfd_open", "5.3"},     {"openat2", "5.6"},
                 {"close_range", "5.9"},   {"mount_setattr", "5.12"}, {"open_tree", "5.2"},
                 {"move_mount", "5.2"}};
    for (size_t i = 0; e->code == ENOSYS && i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(calls[i].op, e->op) != 0)
            continue;
        bw_err_cause(e,
                     "%s came with Linux %s, and this kernel does not have it, or a seccomp "
                     "filter hides it",
                     e->op, calls[i].since);
        bw_err_todo(e, "use Linux %s or later; in a container, a newer seccomp profile",
                    calls[i].since);
        return true;
    }
    return false;
}

static void general(struct bw_err *e)
{
    char text[128];
    if (too_old(e))
        return;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].code != e->code)
            continue;
        bw_err_cause(e, "%s means: %s", bw_err_name(e->code), meanings[i].means);
        bw_err_todo(e, "%s", meanings[i].todo);
        return;
    }
    bw_err_cause(e, "the kernel answered %s (%s)", bw_err_name(e->code),
                 strerror_r(e->code, text, sizeof text));
    bw_err_todo(e, "see the manual page of %s", e->op);
}

static void scene_open(struct bw_scene *s, struct bw_err *err, pid_t box)
{
    BW_AUTO_STR text = BW_STR_INIT;
    char path[80];
    *s = (struct bw_scene){.err = err, .pid = box == getpid() ? 0 : box};
    bw_scene_proc(s, "status", path, sizeof path);
    s->alive = bw_read_file(AT_FDCWD, path, &text) == 0 &&
               bw_status_parse(bw_str_get(&text), text.len, &s->st) == 0;
}

/* Names in a cause come from the box. */
static void keep(char *to, size_t size, const char *text)
{
    BW_AUTO_STR safe = BW_STR_INIT;
    if (to[0])
        return;
    bw_str_add_safe(&safe, text);
    snprintf(to, size, "%s", bw_str_get(&safe));
}

void bw_explain_fill(struct bw_err *err, pid_t box)
{
    if (!err->code || !err->op[0] || (err->cause[0] && err->todo[0]))
        return;
    int saved = errno;
    struct bw_err found = *err;
    struct bw_scene s;
    found.cause[0] = found.todo[0] = '\0';
    scene_open(&s, &found, box);
    if (!look_up(&s)) {
        found.cause[0] = found.todo[0] = '\0';
        general(&found);
    }
    keep(err->cause, sizeof err->cause, found.cause);
    keep(err->todo, sizeof err->todo, found.todo);
    errno = saved;
}

/* Adds the causes of one call, or of any when op is NULL, each once. Returns how many. */
static size_t add_causes(const char *op, int code, struct bw_str *out)
{
    const char *said[64];
    size_t n = 0;
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t]->n; i++) {
            const struct bw_cause *c = &tables[t]->v[i];
            bool again = c->code != code || (op && !fits(c, op)) || n == 64;
            for (size_t k = 0; k < n && !again; k++)
                again = strcmp(said[k], c->about) == 0;
            if (again)
                continue;
            said[n++] = c->about;
            if (op)
                bw_str_addf(out, "  - %s\n", c->about);
            else
                bw_str_addf(out, "  - %s: %s\n", strcmp(c->op, "*") == 0 ? "any path" : c->op,
                            c->about);
        }
    return n;
}

int bw_explain_errno(const char *op, int code, struct bw_str *out)
{
    const char *means = NULL, *call = op ? bw_scene_op(op) : NULL;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].code == code)
            means = meanings[i].means;
    if ((op && !bw_explain_man(op)) || code <= 0 || strcmp(bw_err_name(code), "E?") == 0)
        return -1;
    bw_str_addf(out, "%s%s%s (%d, %s)", op ? op : "", op ? ": " : "", bw_err_name(code), code,
                strerror(code));
    bw_str_addf(out, means ? ": %s.\n" : ".\n", means);
    BW_AUTO_STR causes = BW_STR_INIT;
    if (add_causes(call, code, &causes)) {
        bw_str_add(out,
                   op ? "What boxwright looks for, in this order:\n" : "Where it comes from:\n");
        bw_str_add(out, bw_str_get(&causes));
    }
    if (op)
        bw_str_addf(out, "Manual pages: %s\n", bw_explain_man(op));
    return 0;
}
