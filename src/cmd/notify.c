/* The listener of a filter: seccomp_unotify(2). Each notification is answered at once with what the
 * filter itself says, so that nothing waits but for as long as the shell needs to show it. Should
 * the shell die, the kernel answers ENOSYS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "cmd/seccomp.h"
#include "cmd/session.h"
#include "kern/observe.h"

#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1UL
#endif

/* BURST: answers in one turn, so that a program that asks without end does not keep the shell. */
enum { KINDS = 48, BURST = 32 };

struct seen {
    int nr;
    uint32_t arch, verdict;
    unsigned long times;
};

struct listener {
    struct listener *next;
    int fd;
    const struct bw_box *box;
    struct bw_shared_filter *filter;
    struct seen seen[KINDS];
    size_t n_seen;
    bool full_said;
};

static struct listener *listeners;
static struct bw_session *session;
static struct bw_source source = {.fd = -1, .events = POLLIN};
static struct seccomp_notif_sizes sizes;

static void drop(struct listener *l)
{
    for (struct listener **at = &listeners; *at; at = &(*at)->next)
        if (*at == l) {
            *at = l->next;
            break;
        }
    close(l->fd);
    bw_shared_filter_drop(l->filter);
    free(l);
}

/* The first of each kind, then each power of ten: a flood is a few lines. */
static bool worth_saying(struct listener *l, const struct seccomp_data *d, uint32_t verdict,
                         unsigned long *times)
{
    struct seen *at = NULL;
    for (size_t i = 0; i < l->n_seen && !at; i++)
        if (l->seen[i].nr == d->nr && l->seen[i].arch == d->arch && l->seen[i].verdict == verdict)
            at = &l->seen[i];
    if (!at && l->n_seen == KINDS)
        return false;
    if (!at) {
        at = &l->seen[l->n_seen++];
        *at = (struct seen){.nr = d->nr, .arch = d->arch, .verdict = verdict};
    }
    *times = ++at->times;
    unsigned long power = 1;
    while (power < at->times)
        power *= 10;
    return power == at->times;
}

static void say(struct listener *l, const struct seccomp_notif *n, uint32_t verdict)
{
    unsigned long times = 0;
    struct bw_status_file st;
    if (!worth_saying(l, &n->data, verdict, &times)) {
        if (l->n_seen == KINDS && !l->full_said && times == 0) {
            l->full_said = true;
            bw_put(session->out, BW_MSG, BW_NOTE,
                   "seccomp: calls of more kinds are refused, and not shown\n");
        }
        return;
    }
    int code = (int)(verdict & SECCOMP_RET_DATA);
    bool logged = (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG;
    BW_AUTO_STR line = BW_STR_INIT, name = BW_STR_INIT, who = BW_STR_INIT;
    bool known = n->pid > 0 && bw_status_read((pid_t)n->pid, &st) == 0;
    bw_str_add(&who, known ? st.comm : "a program");
    bw_call_name(n->data.arch, n->data.nr, &name);
    bw_str_add(&line, "seccomp: ");
    bw_str_add_safe(&line, bw_str_get(&who));
    if (n->pid > 0)
        bw_str_addf(&line, " (process %u)", n->pid);
    bw_str_addf(&line, logged ? " called %s(2), which is let through" : " was refused %s(2)",
                name.s);
    if (!logged)
        bw_str_addf(&line, ": %s%s", code ? bw_err_name(code) : "not done, and told it was",
                    code == ENOSYS ? ", as if there were no such call" : "");
    if (times > 1)
        bw_str_addf(&line, ", %lu times by now", times);
    bw_put(session->out, BW_MSG, BW_NOTE, "%s\n", line.s);
}

static void answer(struct listener *l, const struct seccomp_notif *n, uint32_t verdict)
{
    struct seccomp_notif_resp *r = bw_alloc(sizes.seccomp_notif_resp);
    memset(r, 0, sizes.seccomp_notif_resp);
    r->id = n->id;
    if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG)
        r->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        r->error = -(int)(verdict & SECCOMP_RET_DATA);
    /* ENOENT: a signal ended the call, or its process, meanwhile. */
    if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_SEND, r) && errno != ENOENT)
        bw_log("seccomp: no answer could be sent: %s", strerror(errno));
    free(r);
}

/* Returns false when there is nothing more. */
static bool take_one(struct listener *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    if (poll(&p, 1, 0) != 1 || !(p.revents & POLLIN))
        return false;
    struct seccomp_notif *n = bw_alloc(sizes.seccomp_notif);
    memset(n, 0, sizes.seccomp_notif);
    bool got = ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, n) == 0;
    if (got) {
        bool args;
        uint32_t verdict = bw_filter_run(&l->filter->filter, &n->data, &args);
        uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;
        /* Nothing else becomes a notification. */
        if (action != SECCOMP_RET_ERRNO && action != SECCOMP_RET_LOG)
            verdict = SECCOMP_RET_ERRNO | EPERM;
        /* Before it is answered its process is there, and its name is its own. */
        say(l, n, verdict);
        answer(l, n, verdict);
    }
    free(n);
    return got;
}

static void ready(void *ctx, short revents)
{
    (void)ctx, (void)revents;
    struct epoll_event e[8];
    int n = epoll_wait(source.fd, e, 8, 0);
    for (int i = 0; i < n; i++) {
        struct listener *l = e[i].data.ptr;
        int turns = 0;
        while (turns < BURST && take_one(l))
            turns++;
        if (turns == 0 && e[i].events & (EPOLLHUP | EPOLLERR))
            drop(l);
    }
}

static void take(void *ctx, int fd)
{
    struct bw_session *s = ctx;
    struct bw_shared_filter *f = bw_seccomp_of(s->box)->filter;
    struct listener *l = bw_alloc(sizeof *l);
    *l = (struct listener){.fd = fd, .box = s->box, .filter = f};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};
    if (!f || epoll_ctl(source.fd, EPOLL_CTL_ADD, fd, &e)) {
        bw_log("seccomp: a listener cannot be served");
        close(fd);
        free(l);
        return;
    }
    f->users++;
    l->next = listeners;
    listeners = l;
}

void bw_notify_begin(struct bw_session *s)
{
    session = s;
    if (source.fd >= 0)
        return;
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) ||
        sizes.seccomp_notif < sizeof(struct seccomp_notif) ||
        sizes.seccomp_notif_resp < sizeof(struct seccomp_notif_resp))
        return;
    source.fd = epoll_create1(EPOLL_CLOEXEC);
    source.ready = ready;
    if (source.fd < 0)
        return;
    if (bw_loop_add(&source)) {
        bw_close_ptr(&source.fd);
        return;
    }
    bw_stage_on_listener(take, s);
}

void bw_notify_end(const struct bw_box *box)
{
    for (struct listener *l = listeners, *next; l; l = next) {
        next = l->next;
        if (l->box == box)
            drop(l);
    }
}
