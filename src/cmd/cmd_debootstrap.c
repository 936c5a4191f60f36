/* debootstrap: the real one, in a mount namespace of its own, with its progress shown. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "cmd/handlers.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "kern/apt.h"
#include "kern/inroot.h"
#include "kern/rootfs.h"

extern char **environ;

enum { PROBE_MS = 15000, BAR = 30, PACKAGES_GUESS = 110 };

struct job {
    const char *suite, *dir, *mirror;
    char *options[16];
    int n_options;
    bool fallback;
};

/* What debootstrap has said so far. Each package is retrieved, validated, extracted or unpacked and
 * configured: four lines a package, near enough for a bar. */
struct progress {
    struct bw_session *s;
    bool terminal;
    unsigned lines;
    char last[160], error[256];
};

static void show(struct progress *p)
{
    unsigned done = p->lines * BAR / (PACKAGES_GUESS * 4);
    char bar[BAR + 1];
    if (!p->terminal)
        return;
    if (done > BAR)
        done = BAR;
    memset(bar, '.', BAR);
    memset(bar, '#', done);
    bar[BAR] = '\0';
    /* Back over the line before: no text of a message may do this, so it is written past them. */
    p->s->out->write(p->s->out, BW_MSG, "\r", 1);
    bw_msg(p->s->out, "  [%s] %-45.45s", bar, p->last);
}

static void take_line(struct progress *p, const char *line)
{
    BW_AUTO_STR safe = BW_STR_INIT;
    bw_str_add_safe(&safe, line);
    if (bw_str_starts(line, "I: ")) {
        p->lines++;
        snprintf(p->last, sizeof p->last, "%s", bw_str_get(&safe) + 3);
        if (!p->terminal && p->lines % 50 == 1)
            bw_msg(p->s->out, "  %s\n", p->last);
    } else if (bw_str_starts(line, "E: ") || (bw_str_starts(line, "W: ") && !*p->error)) {
        snprintf(p->error, sizeof p->error, "%s", bw_str_get(&safe) + 3);
    }
    show(p);
}

/* To the end of what is written there, or until the session is to end. */
static void read_lines(int fd, struct progress *p)
{
    enum { LOOK_MS = 500 };
    char buf[4096];
    BW_AUTO_STR line = BW_STR_INIT;
    struct pollfd in = {.fd = fd, .events = POLLIN};
    while (bw_intr_end == 0) {
        if (bw_loop_poll(&in, 1, LOOK_MS, NULL) <= 0)
            continue;
        ssize_t n = read(fd, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        for (ssize_t i = 0; i < n; i++) {
            if (buf[i] != '\n') {
                bw_str_addc(&line, buf[i]);
                continue;
            }
            take_line(p, bw_str_get(&line));
            bw_str_clear(&line);
        }
    }
}

/* A scratch stage with its output in a pipe. */
static int scratch_with_pipe(struct bw_session *s, struct bw_stage *child, int *out)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC))
        return bw_err_call(&s->err, errno, "pipe2", "O_CLOEXEC");
    BW_AUTO_FD in = pair[0];
    BW_AUTO_FD to = pair[1];
    BW_AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fds[3] = {null, to, to};
    unsigned changes = s->box->stage.changes;
    int r = bw_stage_scratch(&s->box->stage, fds, 0, child, &s->err);
    s->box->stage.changes = changes;
    if (r == 0)
        *out = bw_steal_fd(&in);
    return r;
}

/* Whether the mirror answers for this suite; asked by the box, with the box's network. */
static bool mirror_answers(struct bw_session *s, const struct job *j)
{
    static char wget[] = "wget", quiet[] = "-q", timeout[] = "-T5", once[] = "-t1", to[] = "-O",
                null[] = "/dev/null";
    BW_AUTO_STR url = BW_STR_INIT;
    size_t n = strlen(j->mirror);
    bw_str_addf(&url, "%s%sdists/%s/Release", j->mirror, n && j->mirror[n - 1] == '/' ? "" : "/",
                j->suite);
    char *argv[] = {wget, quiet, timeout, once, to, null, url.s, NULL};
    struct bw_stage child;
    int status = 1;
    BW_AUTO_FD out = -1;
    if (scratch_with_pipe(s, &child, &out))
        return false;
    if (bw_stage_exec(&child, argv, environ, &s->err)) {
        bool missing = s->err.status == BW_NOTFOUND;
        bw_stage_close(&child);
        bw_err_clear(&s->err);
        return missing; /* debootstrap will say more */
    }
    if (bw_stage_wait(&child, PROBE_MS, &status) != BW_WAIT_EXITED) {
        kill(child.pid, SIGKILL);
        status = 1;
    }
    bw_stage_close(&child);
    return status == 0;
}

static int interrupted(struct bw_session *s, const struct job *j)
{
    bw_err_set(&s->err, "debootstrap was interrupted");
    s->err.status = 128 + SIGINT;
    bw_err_todo(&s->err, "repeat it, or use rootfs busybox %s, which takes a second", j->dir);
    return -1;
}

static int run_real(struct bw_session *s, const struct job *j)
{
    static char name[] = "debootstrap";
    char *argv[24] = {name};
    int n = 1, status = 1;
    for (int i = 0; i < j->n_options; i++)
        argv[n++] = j->options[i];
    argv[n++] = (char *)(size_t)j->suite;
    argv[n++] = (char *)(size_t)j->dir;
    if (j->mirror)
        argv[n++] = (char *)(size_t)j->mirror;
    struct bw_stage child;
    BW_AUTO_FD out = -1;
    struct progress p = {.s = s, .terminal = s->view || isatty(STDERR_FILENO)};
    if (scratch_with_pipe(s, &child, &out))
        return -1;
    /* debootstrap mounts proc in its target: where nobody else sees it. */
    if (bw_stage_unshare(&child, CLONE_NEWNS, &s->err) ||
        bw_stage_propagation(&child, "/", MS_PRIVATE, &s->err) ||
        bw_stage_exec(&child, argv, environ, &s->err)) {
        bw_stage_close(&child);
        return -1;
    }
    bw_session_show_calls(s);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGINT, &ignore, &before); /* ^C is debootstrap's, and the pipe's end tells of it */
    read_lines(out, &p);
    while (bw_intr_end == 0 && bw_stage_wait(&child, PROBE_MS, &status) == BW_WAIT_RUNNING)
        ;
    sigaction(SIGINT, &before, NULL);
    bw_stage_end(&child);
    if (p.terminal && p.lines)
        bw_msg(s->out, "\n");
    if (bw_intr_end || status == 128 + SIGINT)
        return interrupted(s, j);
    if (status == 0)
        return 0;
    bw_err_set(&s->err, "debootstrap ended with status %d: %s", status,
               *p.error ? p.error : "it gave no reason");
    bw_err_todo(&s->err, "host debootstrap %s DIR leaves its log, or use rootfs busybox %s",
                j->suite, j->dir);
    return -1;
}

/* Why the real debootstrap cannot do it here, or NULL. */
static const char *obstacle(struct bw_session *s, const struct job *j)
{
    static char why[256];
    BW_AUTO_STR script = BW_STR_INIT;
    bw_str_addf(&script, "/usr/share/debootstrap/scripts/%s", j->suite);
    if (!bw_inroot_is_program(s->box->stage.pid, "/usr/sbin/debootstrap"))
        return "debootstrap is not installed here (apt install debootstrap)";
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, script.s, O_PATH);
    if (fd < 0) {
        snprintf(why, sizeof why, "debootstrap knows no suite %s", j->suite);
        return why;
    }
    if (geteuid() != 0)
        return "debootstrap needs root: it makes device nodes and files of many owners";
    if (j->mirror && bw_str_starts(j->mirror, "http") && !mirror_answers(s, j)) {
        snprintf(why, sizeof why, "%s cannot be reached from here, or has no suite %s", j->mirror,
                 j->suite);
        return why;
    }
    return NULL;
}

static int use_busybox(struct bw_session *s, const struct job *j, const char *why)
{
    bool made = false, there = access(j->dir, F_OK) == 0;
    bw_err_set(&s->err, "%s", why);
    bw_err_todo(&s->err, "rootfs busybox %s needs no network and no mirror", j->dir);
    if (!j->fallback)
        return -1;
    bw_session_note(s, "%s", why);
    bw_session_note(s,
                    "%s gets a minimal busybox root instead, which is not %s: it has sh and some "
                    "300 tools, but no packages (--no-fallback refuses instead)",
                    j->dir, j->suite);
    bw_err_clear(&s->err);
    if (bw_stage_rootfs(&s->box->stage, "busybox", j->dir, NULL, &made, &s->err))
        return -1;
    bw_session_root(s, j->dir);
    if (made)
        bw_session_made_root(s, j->dir, there);
    bw_session_hint(s, "chroot %s", j->dir);
    return 0;
}

static int parse(struct bw_session *s, int argc, char **argv, struct job *j)
{
    const char *words[3] = {0};
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--no-fallback") == 0)
            j->fallback = false;
        else if (*argv[i] == '-' && j->n_options < 16)
            j->options[j->n_options++] = argv[i];
        else if (n < 3)
            words[n++] = argv[i];
        else
            n = 4;
    }
    j->suite = words[0];
    j->dir = words[1];
    j->mirror = words[2];
    if (n < 2 || n > 3) {
        bw_err_usage(&s->err, "usage: debootstrap [OPTION...] SUITE DIR [MIRROR]");
        return -1;
    }
    if (strchr(j->suite, '/') || !*j->suite)
        return bw_err_usage(&s->err, "%s is no name of a suite (bookworm, focal)", j->suite);
    return 0;
}

static bool has(struct bw_session *s, const struct job *j, const char *name)
{
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "%s/%s", j->dir, name);
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, path.s, O_PATH | O_NOFOLLOW);
    return fd >= 0;
}

enum target { NEW, EMPTY, FINISHED };

/* A finished root is used again; anything else that is not empty is refused. Returns an enum
 * target, or -1. */
static int check_dir(struct bw_session *s, const struct job *j)
{
    BW_AUTO_FD there = bw_inroot_open(s->box->stage.pid, j->dir, O_PATH);
    if (there < 0)
        return NEW;
    BW_AUTO_FD dir = bw_inroot_open(s->box->stage.pid, j->dir, O_RDONLY | O_DIRECTORY);
    if (dir < 0) {
        bw_err_set(&s->err, "%s is not a directory that can be read", j->dir);
        bw_err_todo(&s->err, "name a new or an empty directory");
        return -1;
    }
    int empty = bw_rootfs_empty(dir, &s->err);
    if (empty)
        return empty < 0 ? -1 : EMPTY;
    if (has(s, j, "debootstrap")) {
        bw_err_set(&s->err, "%s holds what a debootstrap that did not end has left", j->dir);
        bw_err_todo(&s->err, "remove it (host rm -r %s), or name another directory", j->dir);
        return -1;
    }
    return has(s, j, "bin/sh") ? FINISHED : bw_rootfs_not_empty(j->dir, &s->err);
}

int bw_cmd_debootstrap(struct bw_session *s, int argc, char **argv)
{
    struct job j = {.fallback = true};
    if (parse(s, argc, argv, &j))
        return -1;
    int target = check_dir(s, &j);
    if (target < 0)
        return -1;
    s->box->stage.changes = 0;
    bw_intr_key = 0;
    if (target == FINISHED) {
        bw_session_note(s, "%s holds a root file system already: it is used as it is", j.dir);
        s->box->stage.changes++;
        bw_session_hint(s, "chroot %s", j.dir);
        return 0;
    }
    BW_AUTO_STR mirror = BW_STR_INIT;
    if (!j.mirror && bw_apt_mirror(j.suite, &mirror) == 0) {
        j.mirror = mirror.s;
        bw_session_note(s, "the mirror is this machine's own: %s", j.mirror);
    }
    const char *why = obstacle(s, &j);
    if (bw_intr_key || bw_intr_end)
        return interrupted(s, &j);
    if (why)
        return use_busybox(s, &j, why);
    int r = run_real(s, &j);
    if (r == 0) {
        s->box->stage.changes++;
        bw_session_root(s, j.dir);
        bw_session_made_root(s, j.dir, target == EMPTY);
        bw_session_hint(s, "chroot %s", j.dir);
    } else {
        struct bw_err failed = s->err;
        bw_stage_rmtree(&s->box->stage, j.dir, target == EMPTY, &s->err);
        s->err = failed;
        s->box->stage.changes = 0;
        /* Without a MIRROR its own was asked: only now is it known whether it can be reached. */
        if (!j.mirror && j.fallback && strstr(failed.cause, "Failed getting release file"))
            return use_busybox(s, &j, failed.cause);
    }
    return r;
}
