/* What the stage does when asked: one small function an operation. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/str.h"
#include "kern/burn.h"
#include "kern/call.h"
#include "kern/mnt.h"
#include "kern/rootfs.h"
#include "server_priv.h"
#include "stage/client.h"

typedef int (*operation)(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                         struct bw_err *err);

static struct bw_calls calls;

static const char *null_if_empty(const char *s)
{
    return *s ? s : NULL;
}

static int op_unshare(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                      struct bw_err *err)
{
    (void)sv, (void)a;
    return bw_sys_unshare((int)rq->packet->head.n[0], err);
}

/* The successor takes the socket over and goes on; this process replies for it and ends, at once or
 * with the last of its programs: their orphans come to it, and so stay with their box. */
static int op_fork(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)rq;
    pid_t pid = bw_sys_clone3(CLONE_PARENT | CLONE_PIDFD, 0, &a->fd, err);
    if (pid < 0)
        return -1;
    if (pid == 0) {
        bool scratch = sv->scratch, group = sv->group, guard = sv->guard, tty = sv->tty;
        unsigned generation = sv->generation + 1;
        close(sv->sigfd);
        free(sv->watches);
        bw_calls_free(&calls);
        bw_server_init(sv, sv->sock);
        sv->generation = generation;
        sv->scratch = scratch;
        sv->group = group;
        sv->guard = guard;
        sv->tty = tty;
        if (group)
            setpgid(0, 0);
        bw_server_run(sv);
    }
    bw_call_note("the successor, a child of the shell");
    a->n = pid;
    sv->retired = !sv->scratch && bw_server_has_children(sv);
    sv->quit = !sv->retired;
    a->more = sv->retired;
    return 0;
}

static int op_setns(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)sv, (void)a;
    if (rq->n_fds != 1)
        return bw_err_set(err, "setns needs one descriptor");
    return bw_sys_setns(rq->fds[0], (int)rq->packet->head.n[0], err);
}

static int op_mount(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)sv, (void)a;
    const char *const *s = rq->packet->str;
    return bw_mnt_mount(null_if_empty(s[0]), null_if_empty(s[1]), null_if_empty(s[5]), s[2],
                        null_if_empty(s[3]), (unsigned long)rq->packet->head.n[0],
                        null_if_empty(s[4]), err);
}

static int op_umount(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                     struct bw_err *err)
{
    (void)sv, (void)a;
    const char *const *s = rq->packet->str;
    return bw_mnt_umount(null_if_empty(s[0]), s[1], (int)rq->packet->head.n[0], err);
}

static int op_propagation(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                          struct bw_err *err)
{
    (void)sv, (void)a;
    return bw_mnt_propagation(rq->packet->str[0], (unsigned long)rq->packet->head.n[0], err);
}

static int op_chroot(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                     struct bw_err *err)
{
    (void)sv, (void)a;
    return bw_mnt_chroot(rq->packet->str[0], err);
}

static int op_pivot(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)sv;
    bool half;
    int r = bw_mnt_pivot(rq->packet->str[0], &half, err);
    a->n = half;
    return r;
}

static int op_hostname(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                       struct bw_err *err)
{
    (void)sv, (void)a;
    return bw_sys_sethostname(rq->packet->str[0], strlen(rq->packet->str[0]), err);
}

static int op_mkdir(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)sv, (void)a;
    const char *const *s = rq->packet->str;
    const struct bw_head *h = &rq->packet->head;
    return bw_mnt_mkdir(null_if_empty(s[0]), s[1], (mode_t)h->n[0], h->n[1] != 0, err);
}

static int op_rmdir(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)sv, (void)a;
    return bw_mnt_rmdir(null_if_empty(rq->packet->str[0]), rq->packet->str[1], err);
}

static int op_rootfs(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                     struct bw_err *err)
{
    (void)sv;
    const char *const *s = rq->packet->str;
    bool made = false;
    int r;
    if (strcmp(s[0], "busybox") == 0)
        r = bw_rootfs_busybox(s[1], &made, err);
    else if (strcmp(s[0], "host") == 0)
        r = bw_rootfs_host(s[1], &made, err);
    else
        r = bw_rootfs_tar(s[2], s[1], &made, err);
    a->n = made;
    return r;
}

static int op_rmtree(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                     struct bw_err *err)
{
    (void)sv, (void)a;
    return bw_rootfs_remove(rq->packet->str[0], rq->packet->head.n[0] != 0, err);
}

static _Noreturn void scratch_main(const struct bw_request *rq)
{
    int sock = rq->fds[3];
    for (int i = 0; i < 3; i++)
        if (dup2(rq->fds[i], i) < 0)
            _exit(BW_NOEXEC);
    if (rq->packet->head.n[0] & BW_SCRATCH_SESSION)
        setsid();
    else if (rq->packet->head.n[0] & BW_SCRATCH_GROUP)
        setpgid(0, 0);
    struct bw_server sv;
    bw_server_init(&sv, sock);
    sv.scratch = true;
    sv.group = rq->packet->head.n[0] & BW_SCRATCH_GROUP;
    sv.guard = rq->packet->head.n[0] & BW_SCRATCH_GUARD;
    sv.tty = rq->packet->head.n[0] & BW_SCRATCH_TTY;
    bw_server_run(&sv);
}

static int op_scratch(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                      struct bw_err *err)
{
    if (rq->n_fds != 4)
        return bw_err_set(err, "a scratch stage needs four descriptors");
    pid_t pid = bw_sys_clone3(CLONE_PIDFD, SIGCHLD, &a->fd, err);
    if (pid < 0)
        return -1;
    if (pid == 0) {
        close(sv->sock);
        close(sv->sigfd);
        bw_call_recorder(NULL, false);
        scratch_main(rq);
    }
    calls.v[calls.n - 1].level = BW_CALL_DETAIL;
    bw_server_watch(sv, pid);
    a->n = pid;
    return 0;
}

static int op_watch(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)a, (void)err;
    bw_server_watch(sv, (pid_t)rq->packet->head.n[0]);
    return 0;
}

/* Not before: with its leader a session loses its terminal, and a successor would be left without.
 */
static void take_terminal(const struct bw_server *sv)
{
    if (sv->tty && setsid() > 0)
        ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

static int op_exec(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)a;
    if (!sv->scratch)
        return bw_err_set(err, "only a scratch stage becomes a program");
    bw_server_guard(sv);
    take_terminal(sv);
    return bw_server_exec(sv, rq->packet, err);
}

static int op_burn(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)a;
    if (!sv->scratch)
        return bw_err_set(err, "only a scratch stage becomes a load");
    struct bw_burn b = {.kind = (enum bw_burn_kind)rq->packet->head.n[0],
                        .amount = rq->packet->head.n[1],
                        .ms = rq->packet->head.n[2]};
    take_terminal(sv);
    if (bw_confine_limits(err))
        return -1;
    bw_fd_close_others(-1);
    bw_intr_defaults();
    bw_intr_unblock();
    prctl(PR_SET_NAME, "burn");
    _exit(bw_burn_run(&b));
}

static int op_setid(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err)
{
    (void)a;
    /* Another ID may be without the capability that this takes. */
    bw_server_guard(sv);
    int seen = prctl(PR_GET_DUMPABLE);
    int r = bw_sys_setid((uid_t)rq->packet->head.n[0], (gid_t)rq->packet->head.n[1], err);
    prctl(PR_SET_DUMPABLE, seen == 1);
    return r;
}

/* The stage is not dumpable, so an ordinary user's shell cannot follow its links; it itself can,
 * through a descriptor of the host's proc, which a root of the box need not have. */
static int op_look(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)sv;
    const char *name = rq->packet->str[0];
    bool ns = bw_str_starts(name, "ns/") && !strchr(name + 3, '/');
    if (rq->n_fds != 1 || (!ns && strcmp(name, "root") != 0 && strcmp(name, "cwd") != 0))
        return bw_err_set(err, "the stage shows its namespaces, root and working directory only");
    a->fd = openat(rq->fds[0], name, (ns ? O_RDONLY : O_PATH) | O_CLOEXEC);
    return a->fd < 0 ? bw_err_call(err, errno, "openat", "%d, \"%s\"", rq->fds[0], name) : 0;
}

static int op_show(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)sv, (void)a;
    bool show = rq->packet->head.n[0] != 0;
    siginfo_t si;
    if (show && (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD)) {
        bw_err_set(err, "a program runs in the box, and could look into the stage while its maps "
                        "are written");
        bw_err_todo(err, "end it first: ps lists it; then try again");
        return -1;
    }
    prctl(PR_SET_DUMPABLE, show);
    return 0;
}

static int op_quit(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)rq, (void)a, (void)err;
    sv->quit = true;
    return 0;
}

static int op_ping(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                   struct bw_err *err)
{
    (void)sv, (void)rq, (void)a, (void)err;
    return 0;
}

/* By enum bw_op: how many strings a request has at least, and who does it. */
static const struct {
    uint32_t strings;
    operation run;
} operations[BW_OP_COUNT] = {
    [BW_OP_UNSHARE] = {0, op_unshare},
    [BW_OP_FORK] = {0, op_fork},
    [BW_OP_SETNS] = {0, op_setns},
    [BW_OP_MOUNT] = {6, op_mount},
    [BW_OP_UMOUNT] = {2, op_umount},
    [BW_OP_PROPAGATION] = {1, op_propagation},
    [BW_OP_CHROOT] = {1, op_chroot},
    [BW_OP_PIVOT] = {1, op_pivot},
    [BW_OP_HOSTNAME] = {1, op_hostname},
    [BW_OP_MKDIR] = {2, op_mkdir},
    [BW_OP_RMDIR] = {2, op_rmdir},
    [BW_OP_ROOTFS] = {3, op_rootfs},
    [BW_OP_RMTREE] = {1, op_rmtree},
    [BW_OP_SCRATCH] = {0, op_scratch},
    [BW_OP_WATCH] = {0, op_watch},
    [BW_OP_EXEC] = {1, op_exec},
    [BW_OP_BURN] = {0, op_burn},
    [BW_OP_SETID] = {0, op_setid},
    [BW_OP_LOOK] = {1, op_look},
    [BW_OP_SHOW] = {0, op_show},
    [BW_OP_PING] = {0, op_ping},
    [BW_OP_QUIT] = {0, op_quit},
    [BW_OP_CAPS] = {0, bw_op_caps},
    [BW_OP_NO_NEW_PRIVS] = {0, bw_op_no_new_privs},
    [BW_OP_FILTER] = {0, bw_op_filter},
    [BW_OP_MASK] = {2, bw_op_mask},
    [BW_OP_MASK_ROOT] = {0, bw_op_mask_root},
    [BW_OP_DEVICES] = {2, bw_op_devices},
    [BW_OP_RLIMIT] = {0, bw_op_rlimit},
    [BW_OP_ATTACK] = {0, bw_op_attack},
};

void bw_server_handle(struct bw_server *sv, struct bw_request *rq)
{
    const struct bw_head *h = &rq->packet->head;
    struct answer a = {.fd = -1};
    struct bw_err err = BW_ERR_INIT;
    int r = -1;
    bw_calls_free(&calls);
    bw_call_recorder(&calls, false);
    if (sv->cannot.status)
        err = sv->cannot;
    else if (h->code >= BW_OP_COUNT || !operations[h->code].run)
        bw_err_set(&err, "the stage knows no request %u", h->code);
    else if (h->strings < operations[h->code].strings)
        bw_err_set(&err, "request %u came with %u strings", h->code, h->strings);
    else
        r = operations[h->code].run(sv, rq, &a, &err);
    bw_call_recorder(NULL, false);

    static struct bw_packet reply;
    BW_AUTO_STR arena = BW_STR_INIT;
    reply.head = (struct bw_head){.kind = BW_KIND_REPLY, .code = r < 0, .seq = h->seq};
    bw_proto_put_result(&reply, &err, &calls, &arena);
    reply.head.n[0] = a.n;
    reply.head.n[1] = a.more;
    /* Very many records do not fit one packet; those that changed most come first. */
    int sent;
    while ((sent = bw_server_send(sv, &reply, &a.fd, a.fd >= 0)) != 0 && errno == E2BIG)
        reply.head.strings = 4 + (reply.head.strings - 4) / 8 * 4;
    /* The shell must not wait for an answer that never comes. */
    sv->quit = sv->quit || sent != 0;
    if (a.fd >= 0)
        close(a.fd);
}
