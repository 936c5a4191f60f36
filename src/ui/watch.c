/* The session's side of watching. */
#include "ui/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/loop.h"
#include "base/str.h"
#include "model/live.h"

enum { WATCHERS = 8, SEND_BUFFER = 4 * BW_LIVE_BYTES };

struct watcher {
    struct bw_watch_server *of;
    struct bw_source gone; /* a watcher sends nothing: what comes is its end */
};

struct bw_watch_server {
    struct bw_source listening;
    struct watcher v[WATCHERS];
    void (*changed)(void *ctx);
    void *ctx;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* ---- the folder ---- */

static int check_folder(const char *path, struct bw_err *err)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return bw_err_call(err, errno, "lstat", "\"%s\"", path);
    if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
        return 0;
    bw_err_set(err, "%s is not a folder of yours alone, so no socket is made there", path);
    bw_err_todo(err, "look at it: ls -ld %s", path);
    return -1;
}

int bw_watch_folder(bool make, struct bw_str *out, struct bw_err *err)
{
    const char *run = getenv("XDG_RUNTIME_DIR");
    struct stat st;

    /* What sudo leaves in the environment is the folder of the user before. */
    if (run && run[0] == '/' && stat(run, &st) == 0 && st.st_uid == geteuid())
        bw_str_addf(out, "%s/boxwright", run);
    else
        bw_str_addf(out, "/tmp/boxwright-%u", (unsigned)geteuid());
    if (make && mkdir(bw_str_get(out), 0700) != 0 && errno != EEXIST)
        return bw_err_call(err, errno, "mkdir", "\"%s\", 0700", bw_str_get(out));
    return check_folder(bw_str_get(out), err);
}

/* ---- watchers ---- */

static void drop(struct watcher *w)
{
    if (w->gone.fd < 0)
        return;
    bw_loop_remove(&w->gone);
    close(w->gone.fd);
    w->gone.fd = -1;
}

static void on_gone(void *ctx, short revents)
{
    struct watcher *w = ctx;
    struct bw_watch_server *of = w->of;

    (void)revents;
    drop(w);
    of->changed(of->ctx);
}

static bool welcome(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static void on_connect(void *ctx, short revents)
{
    struct bw_watch_server *s = ctx;
    int size = SEND_BUFFER;
    BW_AUTO_FD fd = accept4(s->listening.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)revents;
    if (fd < 0 || !welcome(fd))
        return;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    for (int i = 0; i < WATCHERS; i++) {
        struct watcher *w = &s->v[i];
        if (w->gone.fd >= 0)
            continue;
        w->gone.fd = fd;
        if (bw_loop_add(&w->gone) != 0) {
            w->gone.fd = -1;
            return;
        }
        bw_steal_fd(&fd);
        s->changed(s->ctx);
        return;
    }
}

/* ---- the server ---- */

/* The folder goes with the last session's socket, so it may go before this one's is in it. */
static int bind_in(const char *folder, int fd, const struct sockaddr_un *at)
{
    mode_t mask = umask(0177);
    int r = bind(fd, (const struct sockaddr *)at, sizeof *at);
    umask(mask);
    if (r != 0 && errno == ENOENT && mkdir(folder, 0700) == 0)
        return bind_in(folder, fd, at);
    return r;
}

/* Of a killed session only the name is left; one in another PID namespace may have the same number.
 */
static bool is_taken(const struct sockaddr_un *at)
{
    BW_AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd >= 0 &&
           (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN);
}

static int bind_socket(struct bw_watch_server *s, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT, folder = BW_STR_INIT;
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    if (bw_watch_folder(true, &folder, err))
        return -1;
    bw_str_addf(&path, "%s/%d", folder.s, (int)getpid());
    if (path.len >= sizeof at.sun_path)
        return bw_err_set(err, "the path of the socket is too long: %s", path.s);
    memcpy(at.sun_path, path.s, path.len + 1);
    if (is_taken(&at))
        return bw_err_set(err, "%s is a living session's, in another PID namespace", path.s);
    memcpy(s->path, path.s, path.len + 1);
    unlink(s->path);
    if (bind_in(folder.s, s->listening.fd, &at) != 0)
        return bw_err_call(err, errno, "bind", "\"%s\"", s->path);
    if (listen(s->listening.fd, WATCHERS) != 0)
        return bw_err_call(err, errno, "listen", "\"%s\"", s->path);
    return 0;
}

struct bw_watch_server *bw_watch_open(void (*changed)(void *ctx), void *ctx, struct bw_err *err)
{
    struct bw_watch_server *s = bw_alloc(sizeof *s);

    *s = (struct bw_watch_server){.changed = changed, .ctx = ctx};
    for (int i = 0; i < WATCHERS; i++)
        s->v[i] = (struct watcher){s, {-1, POLLIN, on_gone, &s->v[i]}};
    s->listening = (struct bw_source){
        socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), POLLIN, on_connect, s};
    if (s->listening.fd < 0)
        bw_err_call(err, errno, "socket", "AF_UNIX, SOCK_SEQPACKET");
    else if (bind_socket(s, err) == 0 && bw_loop_add(&s->listening) == 0)
        return s;
    bw_watch_close(s);
    return NULL;
}

void bw_watch_close(struct bw_watch_server *s)
{
    if (!s)
        return;
    for (int i = 0; i < WATCHERS; i++)
        drop(&s->v[i]);
    bw_loop_remove(&s->listening);
    if (s->listening.fd >= 0)
        close(s->listening.fd);
    if (*s->path)
        bw_unlink_with_dir(s->path);
    free(s);
}

int bw_watch_count(const struct bw_watch_server *s)
{
    int n = 0;

    for (int i = 0; s && i < WATCHERS; i++)
        n += s->v[i].gone.fd >= 0;
    return n;
}

const char *bw_watch_path(const struct bw_watch_server *s)
{
    return s ? s->path : NULL;
}

void bw_watch_send(struct bw_watch_server *s, const struct bw_str *packet)
{
    for (int i = 0; i < WATCHERS; i++)
        if (s->v[i].gone.fd >= 0 &&
            send(s->v[i].gone.fd, packet->s, packet->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
            errno != EAGAIN && errno != EWOULDBLOCK && errno != EMSGSIZE && errno != ENOBUFS)
            drop(&s->v[i]);
}
