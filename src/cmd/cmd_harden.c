/* harden: all that Docker's default adds to a box, a step at a time, with what each one stops. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "kern/inroot.h"
#include "kern/mnt.h"

enum { WORDS = 3, ATTACKS = 8, NONE = -1, NOT_TRIED = -2 };

struct part {
    const char *title;
    const char *words[WORDS];
    const char *(*left_out)(struct bw_session *s); /* why it is not done here, or NULL */
    int attacks[ATTACKS];                          /* NONE ends them */
};

static bool has_mount(struct bw_session *s, const char *target, const char *type)
{
    struct bw_mounts m;
    bool has = false;
    if (bw_mounts_read(s->box->stage.pid, &m))
        return false;
    for (size_t i = 0; i < m.n; i++)
        has = has || (strcmp(m.v[i].target, target) == 0 && strcmp(m.v[i].type, type) == 0);
    bw_mounts_free(&m);
    return has;
}

static const char *has_proc(struct bw_session *s)
{
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, "/proc/self", O_PATH | O_NOFOLLOW);
    return fd >= 0 || has_mount(s, "/proc", "proc") ? "proc is mounted already" : NULL;
}

static const char *no_proc(struct bw_session *s)
{
    return has_proc(s) ? NULL : "the box has no proc to hide anything in";
}

static const char *no_devices(struct bw_session *s)
{
    struct stat st;
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, "/dev/null", O_PATH | O_NOFOLLOW);
    bool null = fd >= 0 && fstat(fd, &st) == 0 && st.st_rdev == makedev(1, 3);
    if (has_mount(s, "/dev", "tmpfs") && has_mount(s, "/dev/pts", "devpts") && null)
        return "the box has a small /dev already";
    if (geteuid() != 0 && !null)
        return "an ordinary user makes no nodes: devices ROOT/dev before chroot binds them";
    return NULL;
}

static const char *no_device_group(struct bw_session *s)
{
    (void)s;
    return geteuid() == 0 ? NULL : "only root of the host limits the devices of a group";
}

/* In Docker's order as far as one needs another: nodes to bind before paths are hidden behind one,
 * capabilities before the filter that goes by them. */
static const struct part parts[] = {
    {"a proc of its own", {"mountproc"}, has_proc, {NONE}},
    {"a small /dev of its own", {"devices"}, no_devices, {NONE}},
    {"paths that tell of the host, hidden",
     {"mask", "docker"},
     no_proc,
     {BW_ATTACK_KCORE, BW_ATTACK_KEYS, BW_ATTACK_TIMERS, NONE}},
    {"paths that reach the host, read-only",
     {"mask", "--read-only", "docker"},
     no_proc,
     {BW_ATTACK_CORE_PATTERN, BW_ATTACK_SYSRQ, NONE}},
    {"no device but those that every program needs",
     {"devices", "cgroup"},
     no_device_group,
     {BW_ATTACK_DISK, NONE}},
    {"fourteen capabilities in place of all",
     {"caps", "keep", "docker"},
     NULL,
     {BW_ATTACK_MODULE, BW_ATTACK_CLOCK, BW_ATTACK_REBOOT, BW_ATTACK_LOG, BW_ATTACK_HANDLE,
      BW_ATTACK_MOUNT, NONE}},
    {"a filter of system calls",
     {"seccomp", "docker"},
     NULL,
     {BW_ATTACK_KEYCTL, BW_ATTACK_USERNS, BW_ATTACK_BPF, BW_ATTACK_IO_URING, NONE}},
};
enum { PARTS = sizeof parts / sizeof *parts };

static void result_words(int result, struct bw_str *out)
{
    if (result == NOT_TRIED)
        bw_str_add(out, "could not be tried");
    else if (result == BW_ATTACK_EMPTY)
        bw_str_add(out, "nothing there");
    else if (result == ENOSYS)
        bw_str_add(out, "no such call: ENOSYS");
    else if (result == ENOENT)
        bw_str_add(out, "not there");
    else if (bw_attack_refused(result))
        bw_str_addf(out, "refused: %s", bw_err_name(result));
    else
        bw_str_addf(out, "let through%s%s", result ? ": " : "", result ? bw_err_name(result) : "");
}

static void try_all(struct bw_session *s, const struct part *p, int results[ATTACKS])
{
    for (int i = 0; p->attacks[i] != NONE; i++) {
        struct bw_err err = BW_ERR_INIT;
        if (bw_stage_attack(&s->box->stage, (enum bw_attack_id)p->attacks[i], &results[i], &err) ==
            0)
            continue;
        bw_session_note(s, "%s could not be tried: %s", bw_attacks[p->attacks[i]].word,
                        *err.call ? err.call : err.cause);
        results[i] = NOT_TRIED;
    }
}

static void print_all(struct bw_session *s, const struct part *p, const int before[ATTACKS],
                      const int after[ATTACKS])
{
    for (int i = 0; p->attacks[i] != NONE; i++) {
        const struct bw_attack *a = &bw_attacks[p->attacks[i]];
        BW_AUTO_STR was = BW_STR_INIT, is = BW_STR_INIT;
        result_words(before[i], &was);
        result_words(after[i], &is);
        bool stopped = bw_attack_refused(after[i]);
        bw_data(s->out, "  %-9s  %-22s", a->word, was.s);
        bw_put(s->out, BW_DATA, stopped ? BW_GOOD : BW_BAD, "  ->  %s\n", is.s);
        bw_put(s->out, BW_DATA, BW_DIM, "             to %s: %s\n", a->aim, a->call);
    }
}

/* A step of its own, as if typed. */
static int run_step(struct bw_session *s, const struct part *p)
{
    char *words[WORDS + 1];
    int n = 0;
    while (n < WORDS && p->words[n]) {
        words[n] = (char *)(size_t)p->words[n];
        n++;
    }
    words[n] = NULL;
    return bw_session_command(s, n, words, NULL);
}

static int do_part(struct bw_session *s, const struct part *p, int number)
{
    int before[ATTACKS] = {0}, after[ATTACKS] = {0};
    BW_AUTO_STR line = BW_STR_INIT;
    for (int i = 0; i < WORDS && p->words[i]; i++)
        bw_str_addf(&line, "%s%s", i ? " " : "", p->words[i]);
    const char *why = p->left_out ? p->left_out(s) : NULL;
    bw_put(s->out, BW_DATA, BW_BOLD, "%d of %d  %s: %s\n", number, PARTS, line.s, p->title);
    if (why)
        bw_data(s->out, "  left out: %s\n", why);
    if (p->attacks[0] != NONE)
        try_all(s, p, before);
    int status = why ? 0 : run_step(s, p);
    if (p->attacks[0] != NONE) {
        try_all(s, p, after);
        print_all(s, p, before, after);
    }
    return status;
}

static bool host_root(struct bw_session *s)
{
    struct stat ours, theirs;
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, "/", O_PATH);
    return fd >= 0 && stat("/", &ours) == 0 && fstat(fd, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* What Docker's box has besides, and no step here can add any more. */
static void say_rest(struct bw_session *s)
{
    static const struct {
        enum bw_ns ns;
        const char *name;
    } wanted[] = {{BW_NS_PID, "pid"},
                  {BW_NS_UTS, "uts"},
                  {BW_NS_IPC, "ipc"},
                  {BW_NS_NET, "net"},
                  {BW_NS_CGROUP, "cgroup"}};
    static const struct part root = {.attacks = {BW_ATTACK_CHROOT, NONE}};
    BW_AUTO_STR missing = BW_STR_INIT;
    int result[ATTACKS] = {0};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!bw_session_own(s, wanted[i].ns))
            bw_str_addf(&missing, " %s", wanted[i].name);
    if (missing.len)
        bw_data(s->out, "Docker's box has namespaces that this one shares with the host:%s\n",
                missing.s);
    try_all(s, &root, result);
    if (host_root(s)) {
        bw_data(s->out,
                "Its root is an image, and this one's is the host's: rootfs, then pivot.\n");
    } else if (result[0] == 0) {
        bw_data(s->out, "Its root is entered by pivot_root, and this one's by chroot, which a "
                        "program leaves:\n");
        print_all(s, &root, result, result);
    }
    bw_data(s->out, "An AppArmor or SELinux profile, which Docker adds where the host has one, is "
                    "not set here.\n");
}

int bw_cmd_harden(struct bw_session *s, int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "docker") != 0)
        return bw_err_usage(&s->err, "usage: harden docker");
    if (!bw_session_own(s, BW_NS_MNT)) {
        bw_err_set(&s->err, "harden adds to a box that has a mount namespace of its own, and this "
                            "one has none");
        bw_err_todo(&s->err, "unshare pid mnt uts ipc net, pivot ROOT, then harden docker");
        return -1;
    }
    int failed = 0, status = 0;
    for (int i = 0; i < PARTS; i++) {
        int r = do_part(s, &parts[i], i + 1);
        failed += r != 0;
        status = r ? r : status;
        if (s->quit || !bw_stage_alive(&s->box->stage))
            break;
    }
    bw_err_clear(&s->err);
    say_rest(s);
    if (failed)
        bw_msg(s->out,
               "  %d of the steps could not be made; the others stay, and undo takes each "
               "back\n",
               failed);
    return status;
}
