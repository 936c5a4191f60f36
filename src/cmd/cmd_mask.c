/* mask, devices, rlimit: what a program finds, and how much of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "docker.h"
#include "kern/inroot.h"
#include "kern/mnt.h"
#include "untrusted.h"

const char *const docker_masked[] = {
    "/proc/acpi",       "/proc/asound",        "/proc/interrupts",  "/proc/kcore",
    "/proc/keys",       "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
    "/proc/timer_list", "/proc/timer_stats",   "/sys/firmware",     "/sys/devices/virtual/powercap",
};
const size_t docker_masked_n = sizeof docker_masked / sizeof *docker_masked;

const char *const docker_read_only[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};
const size_t docker_read_only_n = sizeof docker_read_only / sizeof *docker_read_only;

/* ---- mask ---- */

/* What lies on path itself, as a program of the box finds it. */
static const char *state_of(struct bw_session *s, const struct bw_mounts *m, const char *path)
{
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, path, O_PATH);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? "not there" : "out of reach";
    const struct bw_mount *on = NULL;
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].target, path) == 0)
            on = &m->v[i];
    if (!on)
        return "open";
    bool ro = strcmp(on->options, "ro") == 0 || bw_str_starts(on->options, "ro,");
    if (strcmp(on->root, "/null") == 0 || (ro && strcmp(on->type, "tmpfs") == 0))
        return "hidden";
    return ro ? "read-only" : "open";
}

static int show(struct bw_session *s)
{
    struct bw_mounts m;
    if (box_mounts(s, &m))
        return -1;
    for (size_t i = 0; i < docker_masked_n + docker_read_only_n; i++) {
        const char *path =
            i < docker_masked_n ? docker_masked[i] : docker_read_only[i - docker_masked_n];
        bw_data(s->out, "%-30s  %s\n", path, state_of(s, &m, path));
    }
    bw_mounts_free(&m);
    return 0;
}

static int one(struct bw_session *s, enum bw_mask_kind kind, const char *path, bool *there)
{
    BW_AUTO_FREE char *root = NULL;
    *there = true;
    if (stays_in_box(s, path) || untrusted_root(s, path, &root))
        return -1;
    if (kind == BW_MASK_READ_ONLY && strcmp(path, "/") == 0)
        return bw_stage_mask_root(&s->box->stage, &s->err);
    return bw_stage_mask(&s->box->stage, kind, root, path, there, &s->err);
}

static int docker_list(struct bw_session *s, enum bw_mask_kind kind)
{
    const char *const *v = kind == BW_MASK_HIDE ? docker_masked : docker_read_only;
    size_t n = kind == BW_MASK_HIDE ? docker_masked_n : docker_read_only_n, missing = 0;
    for (size_t i = 0; i < n; i++) {
        bool there;
        if (one(s, kind, v[i], &there))
            return -1;
        missing += !there;
    }
    if (missing == n)
        bw_session_note(s, "none of the paths is there: is proc mounted in the box?");
    else if (missing)
        bw_session_note(s, "%zu of %zu paths are not there, and need nothing", missing, n);
    return 0;
}

static int need_mounts(struct bw_session *s, const char *name)
{
    if (bw_session_own(s, BW_NS_MNT))
        return 0;
    bw_err_set(&s->err,
               "%s needs a mount namespace of its own: this box still shares the host's, "
               "and no mount of boxwright reaches the host",
               name);
    bw_err_todo(&s->err, "unshare mnt, then %s again", name);
    return -1;
}

int bw_cmd_mask(struct bw_session *s, int argc, char **argv)
{
    bool ro = argc > 1 && (strcmp(argv[1], "--read-only") == 0 || strcmp(argv[1], "--ro") == 0);
    int first = ro ? 2 : 1;
    enum bw_mask_kind kind = ro ? BW_MASK_READ_ONLY : BW_MASK_HIDE;
    if (argc == 1)
        return show(s);
    if (argc == first || *argv[first] == '-')
        return bw_err_usage(&s->err, "usage: mask [--read-only] PATH... | docker");
    if (need_mounts(s, "mask"))
        return -1;
    if (argc == first + 1 && strcmp(argv[first], "docker") == 0) {
        if (docker_list(s, kind))
            return -1;
    } else {
        for (int i = first; i < argc; i++) {
            bool there;
            if (!ro && strcmp(argv[i], "/") == 0)
                return bw_err_usage(&s->err, "with / masked there would be no program to run");
            if (one(s, kind, argv[i], &there))
                return -1;
            if (there)
                continue;
            bw_err_set(&s->err, "the box has no %s", argv[i]);
            bw_err_todo(&s->err, "run ls shows what the box sees; proc is mounted with mountproc");
            return -1;
        }
    }
    bw_session_shell(s, ro ? "mount --bind -o ro PATH PATH" : "mount --bind /dev/null PATH");
    bw_session_hint(s, "mask: which of the paths that Docker hides are hidden here");
    return 0;
}

/* ---- devices ---- */

/* In a root of its own a /dev that lacks is made; the host's file system gets nothing new. */
static int lacks_on_host(struct bw_session *s, const char *dir)
{
    struct stat host, box, st;
    BW_AUTO_STR root = BW_STR_INIT;
    bw_str_addf(&root, "/proc/%d/root/", (int)s->box->stage.pid);
    if (stat("/", &host) || stat(root.s, &box) || host.st_dev != box.st_dev ||
        host.st_ino != box.st_ino)
        return 0;
    bw_str_add(&root, dir);
    if (stat(root.s, &st) == 0 || errno != ENOENT)
        return 0;
    bw_err_set(&s->err, "there is no %s, and the box's root is the host's: it is not made there",
               dir);
    bw_err_todo(&s->err, "correct the path, or mkdir %s first", dir);
    return -1;
}

int bw_cmd_devices(struct bw_session *s, int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : "/dev";
    BW_AUTO_FREE char *root = NULL;
    if (argc == 2 && strcmp(argv[1], "cgroup") == 0)
        return bw_devices_cgroup(s);
    if (argc > 2 || *dir != '/')
        return bw_err_usage(&s->err, "usage: devices [DIR], with DIR from /, or devices cgroup");
    if (need_mounts(s, "devices") || stays_in_box(s, dir) || untrusted_root(s, dir, &root) ||
        (!root && lacks_on_host(s, dir)) || bw_stage_devices(&s->box->stage, root, dir, &s->err))
        return -1;
    bw_session_shell(s, "mount -t tmpfs tmpfs %s; touch %s/null; mount --bind /dev/null %s/null",
                     dir, dir, dir);
    bw_session_hint(s, "run ls -l %s: no disk, no memory, no other terminal", dir);
    return 0;
}

/* ---- rlimit ---- */

static void limit_row(struct bw_session *s, int i, const struct rlimit *r, const char *whose)
{
    BW_AUTO_STR soft = BW_STR_INIT, hard = BW_STR_INIT;
    bw_rlimit_add(r->rlim_cur, &soft);
    bw_rlimit_add(r->rlim_max, &hard);
    bw_data(s->out, "%-10s  %-20s  %-20s  %s%s\n", bw_rlimits[i].name, soft.s, hard.s,
            bw_rlimits[i].about, whose);
}

/* The stage has the shell's limits: it is its child, and nothing changes them. */
static int show_limits(struct bw_session *s)
{
    bw_put(s->out, BW_DATA, BW_BOLD, "%-10s  %-20s  %-20s  %s\n", "limit", "soft", "hard",
           "on each program");
    for (int i = 0; i < BW_RLIMITS; i++) {
        struct rlimit r;
        bool set = s->box->stage.programs.limits[i].set;
        if (set)
            r = s->box->stage.programs.limits[i].v;
        else if (getrlimit((__rlimit_resource_t)bw_rlimits[i].resource, &r))
            continue;
        limit_row(s, i, &r, set ? " (set)" : "");
    }
    return 0;
}

int bw_cmd_rlimit(struct bw_session *s, int argc, char **argv)
{
    struct rlimit r;
    if (argc == 1)
        return show_limits(s);
    if (argc != 3)
        return bw_err_usage(&s->err, "usage: rlimit NAME SOFT[:HARD]");
    int which = bw_rlimit_by_name(argv[1]);
    if (which < 0) {
        bw_err_usage(&s->err, "%s is no resource limit", argv[1]);
        bw_err_todo(&s->err, "rlimit alone lists them: nofile, nproc, as, fsize, core …");
        return -1;
    }
    if (bw_rlimit_parse(&bw_rlimits[which], argv[2], &r, &s->err) ||
        bw_stage_rlimit(&s->box->stage, which, &r, &s->err))
        return -1;
    bw_session_shell(s, "prlimit --%s=%s PROGRAM", argv[1], argv[2]);
    bw_session_hint(s, "run sh -c 'ulimit -a': what a program has");
    return 0;
}
