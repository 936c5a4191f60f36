/* The watcher's side: a session's samples, drawn by the pane's own functions or printed as JSON. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/out.h"
#include "base/str.h"
#include "model/live.h"
#include "ui/pane.h"
#include "ui/screen.h"
#include "ui/watch.h"

/* ---- finding the session ---- */

/* The newest socket of a session that still lives. */
static pid_t newest(const char *folder)
{
    DIR *dir = opendir(folder);
    struct timespec best = {0};
    pid_t found = 0;
    struct dirent *e;

    while (dir && (e = readdir(dir)) != NULL) {
        long long pid;
        struct stat st;
        if (bw_parse_num(e->d_name, 1, 1 << 30, &pid) != 0 || kill((pid_t)pid, 0) != 0 ||
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (st.st_mtim.tv_sec > best.tv_sec ||
            (st.st_mtim.tv_sec == best.tv_sec && st.st_mtim.tv_nsec >= best.tv_nsec)) {
            best = st.st_mtim;
            found = (pid_t)pid;
        }
    }
    if (dir)
        closedir(dir);
    return found;
}

static int no_session(pid_t wanted, struct bw_err *err)
{
    bw_err_clear(err);
    if (wanted > 0)
        bw_err_set(err, "process %d is no session of yours that can be watched", (int)wanted);
    else
        bw_err_set(err, "no session of yours is running");
    bw_err_todo(err,
                "start boxwright in another terminal, as the same user; in it watch says which "
                "session it is");
    return -1;
}

static int connect_to(const char *path, int flags, struct bw_err *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t len = sizeof peer;
    BW_AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);

    if (fd < 0)
        return bw_err_call(err, errno, "socket", "AF_UNIX, SOCK_SEQPACKET");
    if (strlen(path) >= sizeof at.sun_path)
        return bw_err_set(err, "the path of the socket is too long: %s", path);
    memcpy(at.sun_path, path, strlen(path) + 1);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        return bw_err_call(err, errno, "connect", "\"%s\"", path);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || peer.uid != geteuid())
        return bw_err_set(err, "the session at %s is another user's", path);
    return bw_steal_fd(&fd);
}

static int find_session(pid_t wanted, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT;

    if (bw_watch_folder(false, &path, err) != 0)
        return err->code == ENOENT ? no_session(wanted, err) : -1;
    pid_t pid = wanted > 0 ? wanted : newest(path.s);
    if (pid == 0)
        return no_session(0, err);
    bw_str_addf(&path, "/%d", (int)pid);
    int fd = connect_to(path.s, 0, err);
    if (fd < 0 && (err->code == ENOENT || err->code == ECONNREFUSED))
        return no_session(pid, err);
    return fd;
}

/* A living session's socket takes connections, in whatever PID namespace it is; one that is stopped
 * may take no more. */
static void remove_dead(const char *folder, const char *name, struct bw_str *report)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct bw_err err = BW_ERR_INIT;
    struct stat st;
    long long pid;

    bw_str_addf(&path, "%s/%s", folder, name);
    if (bw_parse_num(name, 1, 1 << 30, &pid) != 0 || lstat(path.s, &st) != 0 ||
        !S_ISSOCK(st.st_mode))
        return;
    BW_AUTO_FD fd = connect_to(path.s, SOCK_NONBLOCK, &err);
    if (fd < 0 && err.code == ECONNREFUSED && unlink(path.s) == 0)
        bw_str_addf(report, "removed %s: its shell, process %lld, is gone\n", path.s, pid);
}

void bw_watch_cleanup(struct bw_str *report)
{
    BW_AUTO_STR folder = BW_STR_INIT;
    struct bw_err err = BW_ERR_INIT;
    struct dirent *e;

    if (bw_watch_folder(false, &folder, &err) != 0)
        return;
    DIR *dir = opendir(folder.s);
    while (dir && (e = readdir(dir)) != NULL)
        remove_dead(folder.s, e->d_name, report);
    if (dir)
        closedir(dir);
    rmdir(folder.s);
}

/* ---- what comes ---- */

enum got { SAMPLE, NOTHING, GONE };

/* Takes what there is; of several samples that wait the last counts, unless each is wanted. */
static enum got receive(int fd, bool each, struct bw_live *l)
{
    static char buf[BW_LIVE_BYTES + 1];
    enum got got = NOTHING;

    for (;;) {
        ssize_t n = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return got;
        if (n <= 0)
            return got == SAMPLE ? SAMPLE : GONE;
        bw_live_free(l);
        if (bw_live_unpack(buf, (size_t)n, l) != 0)
            return GONE;
        got = SAMPLE;
        if (each)
            return got;
    }
}

static int print_json(const struct bw_live *l, struct bw_out *out, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;

    /* Without a box there is nothing to say yet. */
    if (!l->box)
        return 0;
    if (bw_snapshot_json(&l->snap, &text, err) != 0)
        return -1;
    bw_data(out, "%s\n", text.s);
    return out->failed ? bw_err_set(err, "writing failed: %s", strerror(out->failed)) : 0;
}

static int watch_json(int fd, struct bw_out *out, struct bw_err *err)
{
    struct bw_live l = {0};
    struct pollfd in = {.fd = fd, .events = POLLIN};
    enum got got = NOTHING;
    int r = 0;

    while (r == 0 && got != GONE && bw_intr_end == 0) {
        if (poll(&in, 1, -1) < 0)
            continue;
        got = receive(fd, true, &l);
        if (got == SAMPLE)
            r = print_json(&l, out, err);
    }
    bw_live_free(&l);
    return r;
}

/* ---- the screen ---- */

struct watching {
    const struct bw_screen *screen;
    struct bw_canvas canvas;
    struct bw_pane_opts opts;
    struct bw_live live;
};

static void draw(struct watching *w)
{
    struct bw_canvas *c = &w->canvas;
    struct bw_rect line = {0, 0, 1, c->cols}, rest = {1, 0, c->rows - 1, c->cols};

    bw_canvas_clear(c);
    bw_canvas_putf(c, line, 0, 0, BW_A_REVERSE, " session %d, read-only; q ends ",
                   (int)w->live.session);
    bw_pane_draw(&w->live, &w->opts, c, rest, BW_EDGE_NONE);
    w->screen->show(c);
}

static void take_size(struct watching *w)
{
    int rows = 24, cols = 80;

    bw_intr_size = 0;
    w->screen->size(true, &rows, &cols);
    bw_canvas_size(&w->canvas, rows, cols);
}

/* Returns whether the user wants to end. */
static bool take_key(void)
{
    char key[64];
    ssize_t n = read(STDIN_FILENO, key, sizeof key);

    if (n <= 0)
        return n == 0 || errno != EINTR;
    return key[0] == 'q' || key[0] == '\003' || key[0] == '\004';
}

static void leave(void *ctx)
{
    struct watching *w = ctx;

    w->screen->suspend(false);
}

static void enter(void *ctx)
{
    struct watching *w = ctx;

    w->screen->resume();
    take_size(w);
    draw(w);
}

static bool watch_loop(struct watching *w, int fd)
{
    bool gone = false, end = false;

    while (!gone && !end && bw_intr_end == 0 && !bw_intr_key) {
        struct pollfd in[2] = {{.fd = fd, .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};
        sigset_t before;
        bw_intr_block(&before);
        bool told = bw_intr_end || bw_intr_key || bw_intr_size || bw_intr_stop;
        int r = told ? 0 : ppoll(in, 2, NULL, &before);
        sigprocmask(SIG_SETMASK, &before, NULL);
        if (bw_intr_stop)
            bw_intr_stop_self(leave, enter, w);
        if (bw_intr_size) {
            take_size(w);
            draw(w);
        }
        if (r <= 0)
            continue;
        enum got got = in[0].revents ? receive(fd, false, &w->live) : NOTHING;
        gone = got == GONE;
        if (got == SAMPLE)
            draw(w);
        end = in[1].revents && take_key();
    }
    bw_intr_key = 0;
    return gone;
}

static int watch_screen(int fd, struct bw_out *out, struct bw_err *err)
{
    struct watching w = {.screen = bw_screen_load(err)};

    if (!w.screen)
        return -1;
    bw_intr_catch(true);
    if (w.screen->open(&w.canvas.ascii) != 0) {
        bw_err_set(err, "this terminal cannot place a cursor, so there is no pane on it");
        bw_err_todo(err, "boxwright watch --json prints the samples");
        return -1;
    }
    bw_pane_default(&w.opts);
    take_size(&w);
    draw(&w);
    bool gone = watch_loop(&w, fd);
    w.screen->close();
    bw_canvas_free(&w.canvas);
    bw_live_free(&w.live);
    if (gone)
        bw_msg(out, "the session has ended\n");
    return 0;
}

int bw_watch_run(pid_t session, bool json, struct bw_out *out, struct bw_err *err)
{
    if (!json && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
        bw_err_usage(err, "the pane needs a terminal");
        bw_err_todo(err, "boxwright watch --json prints a line for each sample");
        return -1;
    }
    BW_AUTO_FD fd = find_session(session, err);
    if (fd < 0)
        return -1;
    return json ? watch_json(fd, out, err) : watch_screen(fd, out, err);
}
