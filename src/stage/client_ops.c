/* The requests, one function each. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "client_priv.h"
#include "entry.h"
#include "kern/call.h"
#include "kern/observe.h"

static struct bw_packet packet;

/* The process a stage speaks of: its own word is not enough, as the shell will signal it and write
 * its maps. Returns -1 when it is not a child of parent, or has ended. */
static pid_t child_of(int pidfd, pid_t parent, const char *what, struct bw_err *err)
{
    struct bw_status_file f;
    errno = ESRCH;
    pid_t pid = pidfd >= 0 ? bw_pidfd_pid(pidfd) : -1;
    if (pid > 0 && bw_status_read(pid, &f) == 0) {
        if (f.ppid == parent)
            return pid;
        errno = ESRCH;
    }
    if (errno == ESRCH || errno == ENOENT)
        return bw_err_set(err, "the %s stage ended at once", what);
    bw_err_call(err, errno, "open", pid > 0 ? "\"/proc/%d/status\"" : "\"/proc/self/fdinfo/%d\"",
                pid > 0 ? (int)pid : pidfd);
    bw_err_cause(err, "the %s stage was made, and its process could not be told", what);
    return -1;
}

int bw_client_change(struct bw_stage *st, enum bw_op op, const char *const *strings, uint32_t n,
                     int64_t n0, int64_t n1, struct bw_err *err)
{
    packet.head = (struct bw_head){.strings = n, .n = {n0, n1}};
    for (uint32_t i = 0; i < n; i++)
        packet.str[i] = strings[i] ? strings[i] : "";
    /* A request that failed midway and cannot go back answers 1: pivot_root done, umount2 refused.
     */
    struct bw_reply half = {.fd = -1};
    int r = bw_client_ask(st, &packet, op, NULL, 0, &half, err);
    if (r == 0 || half.n)
        st->changes++;
    bw_close_ptr(&half.fd);
    return r;
}

int bw_stage_unshare(struct bw_stage *st, int flags, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_UNSHARE, NULL, 0, flags, 0, err);
}

/* The stage that forked ends, or stays with its programs; a box's own is the shell's child, a
 * scratch one its stage's. */
static void let_old_go(struct bw_stage *st, pid_t old, int pidfd, bool stays)
{
    enum { LEAVE_MS = 2000 };
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    if (!st->parent && (stays || poll(&end, 1, LEAVE_MS) != 1 || waitpid(old, NULL, WNOHANG) == 0))
        bw_stage_add_beside(st, old, pidfd);
    else
        close(pidfd);
}

int bw_stage_fork(struct bw_stage *st, struct bw_err *err)
{
    struct bw_reply r = {.fd = -1};
    packet.head = (struct bw_head){0};
    if (bw_client_ask(st, &packet, BW_OP_FORK, NULL, 0, &r, err))
        return -1;
    pid_t old = st->pid;
    pid_t pid = child_of(r.fd, st->parent ? st->parent->pid : getpid(), "successor", err);
    if (pid <= 0) {
        bw_close_ptr(&r.fd);
        st->lost = true;
        return -1;
    }
    int old_fd = st->pidfd;
    st->pidfd = r.fd;
    st->generation += !st->parent;
    st->pid = pid;
    st->inner = st->parent ? (pid_t)r.n : pid;
    st->changes++;
    if (st->parent) {
        packet.head = (struct bw_head){.n = {r.n}};
        if (bw_client_ask(st->parent, &packet, BW_OP_WATCH, NULL, 0, NULL, err)) {
            close(old_fd);
            return -1;
        }
    }
    let_old_go(st, old, old_fd, r.more != 0);
    return bw_stage_ping(st, err);
}

int bw_stage_setns(struct bw_stage *st, int fd, int nstype, struct bw_err *err)
{
    packet.head = (struct bw_head){.n = {nstype}};
    int r = bw_client_ask(st, &packet, BW_OP_SETNS, &fd, 1, NULL, err);
    if (r == 0)
        st->changes++;
    return r;
}

int bw_stage_mount(struct bw_stage *st, const char *root, const char *source,
                   const char *source_root, const char *target, const char *type,
                   unsigned long flags, const char *data, struct bw_err *err)
{
    const char *s[] = {root, source, target, type, data, source_root};
    return bw_client_change(st, BW_OP_MOUNT, s, 6, (int64_t)flags, 0, err);
}

int bw_stage_umount(struct bw_stage *st, const char *root, const char *target, int flags,
                    struct bw_err *err)
{
    const char *s[] = {root, target};
    return bw_client_change(st, BW_OP_UMOUNT, s, 2, flags, 0, err);
}

int bw_stage_propagation(struct bw_stage *st, const char *target, unsigned long flag,
                         struct bw_err *err)
{
    return bw_client_change(st, BW_OP_PROPAGATION, &target, 1, (int64_t)flag, 0, err);
}

int bw_stage_chroot(struct bw_stage *st, const char *dir, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_CHROOT, &dir, 1, 0, 0, err);
}

int bw_stage_pivot(struct bw_stage *st, const char *new_root, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_PIVOT, &new_root, 1, 0, 0, err);
}

int bw_stage_hostname(struct bw_stage *st, const char *name, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_HOSTNAME, &name, 1, 0, 0, err);
}

int bw_stage_setid(struct bw_stage *st, unsigned uid, unsigned gid, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_SETID, NULL, 0, uid, gid, err);
}

int bw_stage_mkdir(struct bw_stage *st, const char *root, const char *path, mode_t mode,
                   bool parents, struct bw_err *err)
{
    const char *s[] = {root, path};
    return bw_client_change(st, BW_OP_MKDIR, s, 2, mode, parents, err);
}

int bw_stage_rmdir(struct bw_stage *st, const char *root, const char *path, struct bw_err *err)
{
    const char *s[] = {root, path};
    return bw_client_change(st, BW_OP_RMDIR, s, 2, 0, 0, err);
}

int bw_stage_rmtree(struct bw_stage *st, const char *dir, bool keep, struct bw_err *err)
{
    return bw_client_change(st, BW_OP_RMTREE, &dir, 1, keep, 0, err);
}

int bw_stage_rootfs(struct bw_stage *st, const char *kind, const char *dir, const char *archive,
                    bool *made, struct bw_err *err)
{
    struct bw_reply r = {.fd = -1};
    packet.head = (struct bw_head){.strings = 3};
    packet.str[0] = kind;
    packet.str[1] = dir;
    packet.str[2] = archive ? archive : "";
    int done = bw_client_ask(st, &packet, BW_OP_ROOTFS, NULL, 0, &r, err);
    bw_close_ptr(&r.fd);
    *made = r.n != 0;
    st->changes += done == 0;
    return done;
}

int bw_stage_scratch(struct bw_stage *st, const int fds[3], unsigned flags, struct bw_stage *child,
                     struct bw_err *err)
{
    int pair[2];
    *child = (struct bw_stage)BW_STAGE_INIT;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return bw_err_call(err, errno, "socketpair", "AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0");
    BW_AUTO_FD ours = pair[0];
    BW_AUTO_FD theirs = pair[1];
    struct bw_reply r = {.fd = -1};
    int send[4] = {fds[0], fds[1], fds[2], theirs};
    packet.head = (struct bw_head){.n = {flags}};
    if (bw_client_ask(st, &packet, BW_OP_SCRATCH, send, 4, &r, err))
        return -1;
    pid_t pid = child_of(r.fd, st->pid, "scratch", err);
    if (pid <= 0) {
        bw_close_ptr(&r.fd);
        return -1;
    }
    *child = (struct bw_stage){.sock = bw_steal_fd(&ours),
                               .pidfd = r.fd,
                               .pid = pid,
                               .inner = (pid_t)r.n,
                               .parent = st,
                               .generation = st->generation};
    bw_client_list(child, true);
    return 0;
}

int bw_stage_show(struct bw_stage *st, bool show, struct bw_err *err)
{
    if (geteuid() == 0 || bw_entry_proc_hides())
        return 0;
    packet.head = (struct bw_head){.n = {show}};
    return bw_client_ask(st, &packet, BW_OP_SHOW, NULL, 0, NULL, err);
}

/* For kern/observe.h: opens a link of /proc/PID by asking the stage that pid is. */
int bw_client_look(pid_t pid, const char *name)
{
    struct bw_stage *st = bw_client_find(pid);
    struct bw_reply r = {.fd = -1};
    struct bw_err err = BW_ERR_INIT;
    char path[32];
    if (!st)
        return -1;
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    BW_AUTO_FD dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    packet.head = (struct bw_head){.strings = 1};
    packet.str[0] = name;
    if (dir < 0)
        return -1;
    if (bw_client_ask(st, &packet, BW_OP_LOOK, &dir, 1, &r, &err))
        return errno = err.code ? err.code : EACCES, -1;
    struct statfs fs;
    struct stat node;
    bool ns = bw_str_starts(name, "ns/");
    if (r.fd >= 0 && ((ns && fstatfs(r.fd, &fs) == 0 && fs.f_type == NSFS_MAGIC) ||
                      (!ns && fstat(r.fd, &node) == 0 && S_ISDIR(node.st_mode))))
        return r.fd;
    bw_close_ptr(&r.fd);
    return errno = EPROTO, -1;
}

int bw_stage_ping(struct bw_stage *st, struct bw_err *err)
{
    packet.head = (struct bw_head){0};
    return bw_client_ask(st, &packet, BW_OP_PING, NULL, 0, NULL, err);
}

/* Once the socket has closed the stage is a program and takes no more requests. */
static void became_program(struct bw_stage *child)
{
    bw_client_list(child, false);
    close(child->sock);
    child->sock = -1;
}

int bw_stage_exec(struct bw_stage *child, char *const argv[], char *const env[], struct bw_err *err)
{
    uint32_t n = 0;
    packet.head = (struct bw_head){0};
    for (char *const *s = argv; *s && n < BW_PROTO_STRS; s++)
        packet.str[n++] = *s;
    packet.head.n[0] = n;
    for (char *const *s = env; *s && n < BW_PROTO_STRS; s++)
        packet.str[n++] = *s;
    if (n == BW_PROTO_STRS)
        return bw_err_set(err, "the program has more than %d arguments and variables",
                          BW_PROTO_STRS - 1);
    packet.head.strings = n;
    struct bw_reply r = {.fd = -1};
    int failed = bw_client_ask(child, &packet, BW_OP_EXEC, NULL, 0, &r, err);
    bw_close_ptr(&r.fd);
    if (failed)
        return -1;
    became_program(child);
    return 0;
}

int bw_stage_burn(struct bw_stage *child, const struct bw_burn *burn, struct bw_err *err)
{
    packet.head = (struct bw_head){.n = {burn->kind, burn->amount, burn->ms}};
    if (bw_client_ask(child, &packet, BW_OP_BURN, NULL, 0, NULL, err))
        return -1;
    became_program(child);
    return 0;
}
