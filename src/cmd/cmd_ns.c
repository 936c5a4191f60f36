/* Namespaces: unshare, fork, map, hostname, enter. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "enter.h"
#include "idmaps.h"
#include "kern/observe.h"
#include "unshare_args.h"
#include "untrusted.h"

static int write_offsets(const struct unshare_args *a, struct bw_stage *st, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT, text = BW_STR_INIT;
    bw_str_addf(&path, "/proc/%d/timens_offsets", (int)st->pid);
    bw_str_addf(&text, "monotonic %lld 0\nboottime %lld 0\n", a->monotonic, a->boottime);
    if (bw_stage_show(st, true, err))
        return -1;
    int r = bw_sys_write_file(AT_FDCWD, path.s, text.s, err);
    return bw_stage_show(st, false, r ? NULL : err) ? -1 : r;
}

/* In the order of util-linux's unshare: namespaces, maps, clocks, fork, propagation, root, proc. */
static int apply(struct bw_session *s, struct bw_stage *st, const struct unshare_args *a)
{
    struct bw_err *err = &s->err;
    if (a->flags && bw_stage_unshare(st, a->flags, err))
        return -1;
    if (idmaps_write(&a->maps, st, err) || idmaps_settle(st, err))
        return -1;
    if (a->offsets && write_offsets(a, st, err))
        return -1;
    if (a->fork && enter_fork(s, st))
        return -1;
    if ((a->flags & CLONE_NEWNS) && a->propagation &&
        bw_stage_propagation(st, "/", a->propagation, err))
        return -1;
    if (a->root && bw_stage_chroot(st, a->root, err))
        return -1;
    BW_AUTO_FREE char *root = NULL;
    if (a->proc && !a->root && untrusted_root(s, a->proc, &root))
        return -1;
    if (a->proc && bw_stage_mount(st, root, "proc", NULL, a->proc, "proc",
                                  MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, err))
        return -1;
    if (a->uid_to >= 0 || a->gid_to >= 0)
        return bw_stage_setid(st, (unsigned)(a->uid_to < 0 ? 0 : a->uid_to),
                              (unsigned)(a->gid_to < 0 ? 0 : a->gid_to), err);
    return 0;
}

/* unshare … chroot DIR PROGRAM: the words chroot DIR are a call, not a program to look for. */
static char **apply_chroot(struct bw_session *s, struct bw_stage *child, char **program)
{
    while (program[0] && strcmp(program[0], "chroot") == 0 && program[1] && program[2]) {
        if (bw_stage_chroot(child, program[1], &s->err))
            return NULL;
        program += 2;
    }
    return program;
}

static int run_transient(struct bw_session *s, const struct unshare_args *a)
{
    struct bw_stage child;
    if (bw_program_scratch(s, false, &child))
        return -1;
    char **program = NULL;
    if (apply(s, &child, a) == 0)
        program = apply_chroot(s, &child, a->program);
    if (!program) {
        bw_stage_close(&child);
        return -1;
    }
    return bw_program_run(s, &child, program);
}

static void tell_shell_line(struct bw_session *s, const struct unshare_args *a)
{
    BW_AUTO_STR line = BW_STR_INIT;
    bw_str_add(&line, "unshare");
    for (int i = 0; i < BW_NS_COUNT; i++)
        if (a->flags & bw_ns_table[i].flag)
            bw_str_addf(&line, " --%s", bw_ns_table[i].long_opt);
    bw_session_shell(s, "%s%s", line.s, a->fork ? " --fork" : "");
}

static void tell_next(struct bw_session *s, const struct unshare_args *a)
{
    if ((a->flags & CLONE_NEWUSER) && a->maps.n_uid == 0)
        bw_session_hint(s, "map root: without a map every ID in the box is 65534 (nobody)");
    else if ((a->flags & CLONE_NEWPID) && !a->fork)
        bw_session_hint(s, "the box itself is still in the old PID namespace: fork, or the next "
                           "program becomes PID 1");
    else if ((a->flags & CLONE_NEWPID) && !a->proc)
        bw_session_hint(s, "mountproc: /proc still shows the host's processes");
    else if (a->flags & CLONE_NEWUTS)
        bw_session_hint(s, "hostname NAME: only the box sees it");
    else if (a->flags & CLONE_NEWNET)
        bw_session_hint(s, "run cat /proc/net/dev: the new stack has lo alone, and it is down");
    else
        bw_session_hint(s, "inspect shows what is own and what is shared");
}

int bw_cmd_unshare(struct bw_session *s, int argc, char **argv)
{
    static struct unshare_args a;
    if (unshare_parse(argc, argv, &a, &s->err))
        return -1;
    if (a.program)
        return run_transient(s, &a);
    if (apply(s, &s->box->stage, &a))
        return -1;
    tell_shell_line(s, &a);
    tell_next(s, &a);
    return 0;
}

int bw_cmd_fork(struct bw_session *s, int argc, char **argv)
{
    if (argc > 1)
        return bw_err_usage(&s->err, "fork takes no arguments, not %s", argv[1]);
    if (bw_session_fork(s))
        return -1;
    bw_session_shell(s, "unshare --fork …");
    bw_session_hint(s, "inspect: nspid is the stage's number inside");
    return 0;
}

static void print_maps(struct bw_session *s)
{
    static struct bw_id_range v[BW_IDMAP_MAX];
    for (int kind = BW_UID; kind <= BW_GID; kind++) {
        int n = bw_idmap_read(s->box->stage.pid, kind, v, BW_IDMAP_MAX);
        const char *name = kind == BW_UID ? "uid" : "gid";
        if (n == 0)
            bw_data(s->out, "%s  no map: every ID shows as 65534\n", name);
        for (int i = 0; i < n; i++)
            bw_data(s->out, "%s  inside %u  outside %u  count %u\n", name, v[i].inside,
                    v[i].outside, v[i].count);
    }
}

/* "uid 0 1000 1" or "uid 0:1000:1 1:100000:65536". */
static int parse_ranges(struct bw_session *s, struct idmaps *m, int argc, char **argv)
{
    enum bw_id_kind kind = strcmp(argv[1], "uid") == 0 ? BW_UID : BW_GID;
    if (argc == 5 && !strchr(argv[2], ':')) {
        BW_AUTO_STR one = BW_STR_INIT;
        bw_str_addf(&one, "%s:%s:%s", argv[2], argv[3], argv[4]);
        return idmaps_range(m, kind, one.s, &s->err);
    }
    if (argc < 3)
        return bw_err_usage(&s->err, "map %s needs INSIDE OUTSIDE COUNT", argv[1]);
    for (int i = 2; i < argc; i++)
        if (idmaps_range(m, kind, argv[i], &s->err))
            return -1;
    return 0;
}

static int parse_map(struct bw_session *s, struct idmaps *m, int argc, char **argv)
{
    const char *what = argv[1];
    if (strcmp(what, "uid") == 0 || strcmp(what, "gid") == 0)
        return parse_ranges(s, m, argc, argv);
    if (strcmp(what, "setgroups") == 0 && argc == 3 &&
        (strcmp(argv[2], "deny") == 0 || strcmp(argv[2], "allow") == 0)) {
        m->setgroups = argv[2][0] == 'a';
        return 0;
    }
    bool root = strcmp(what, "root") == 0 || strcmp(what, "--map-root-user") == 0 ||
                strcmp(what, "-r") == 0;
    if (argc == 2 && root)
        return idmaps_both(m, 0, 0, &s->err);
    if (argc == 2 && (strcmp(what, "current") == 0 || strcmp(what, "--map-current-user") == 0))
        return idmaps_both(m, geteuid(), getegid(), &s->err);
    if (argc == 2 && (strcmp(what, "auto") == 0 || strcmp(what, "--map-auto") == 0))
        return idmaps_both(m, 0, 0, &s->err) || idmaps_range(m, BW_UID, "auto", &s->err) ||
                       idmaps_range(m, BW_GID, "auto", &s->err)
                   ? -1
                   : 0;
    bw_err_usage(&s->err, "map does not know %s", what);
    bw_err_todo(&s->err,
                "map root, map current, map auto, map uid INSIDE OUTSIDE COUNT, map gid …, "
                "map setgroups deny");
    return -1;
}

int bw_cmd_map(struct bw_session *s, int argc, char **argv)
{
    static struct idmaps m;
    m = (struct idmaps){.setgroups = -1};
    if (argc == 1) {
        print_maps(s);
        return 0;
    }
    if (parse_map(s, &m, argc, argv))
        return -1;
    if (!bw_session_own(s, BW_NS_USER)) {
        bw_err_set(&s->err,
                   "the box has no user namespace of its own: the host's map is the kernel's");
        bw_err_todo(&s->err, "unshare user, then map again");
        return -1;
    }
    int r = idmaps_write(&m, &s->box->stage, &s->err);
    s->outside_changed = r == 0 || bw_session_touched(s);
    if (r)
        return -1;
    if (idmaps_settle(&s->box->stage, &s->err))
        return -1;
    bw_session_shell(s, "echo 'INSIDE OUTSIDE COUNT' > /proc/PID/uid_map");
    bw_session_hint(s, "run id: who the box is to itself");
    return 0;
}

static int print_hostname(struct bw_session *s)
{
    BW_AUTO_STR name = BW_STR_INIT, safe = BW_STR_INIT;
    if (bw_proc_hostname(s->box->stage.pid, &name))
        return bw_err_call(&s->err, errno, "gethostname", "%s", "");
    bw_str_add_safe(&safe, bw_str_get(&name));
    bw_data(s->out, "%s\n", bw_str_get(&safe));
    return 0;
}

int bw_cmd_hostname(struct bw_session *s, int argc, char **argv)
{
    if (argc == 1)
        return print_hostname(s);
    if (argc > 2)
        return bw_err_usage(&s->err, "hostname takes one name, not %d", argc - 1);
    if (!*argv[1])
        return bw_err_usage(&s->err, "the host name is empty");
    if (!bw_session_own(s, BW_NS_UTS)) {
        bw_err_set(&s->err, "the box shares the host's UTS namespace: the name of the host itself "
                            "would change");
        bw_err_todo(&s->err, "unshare uts, then hostname %s", argv[1]);
        return -1;
    }
    if (bw_stage_hostname(&s->box->stage, argv[1], &s->err))
        return -1;
    bw_session_shell(s, "hostname NAME");
    bw_session_hint(s, "host hostname: the host's name is as it was");
    return 0;
}

int bw_cmd_enter(struct bw_session *s, int argc, char **argv)
{
    long long pid;
    unsigned kinds = 0;
    if (argc < 2 || bw_parse_num(argv[1], 1, 1 << 30, &pid)) {
        bw_err_usage(&s->err, "enter needs the PID of a process: %s",
                     argc < 2 ? "none given" : argv[1]);
        bw_err_todo(&s->err, "lsns all lists namespaces with a process of each");
        return -1;
    }
    for (int i = 2; i < argc; i++) {
        int ns = bw_ns_by_name(argv[i]);
        if (ns < 0)
            return bw_ns_unknown(argv[i], &s->err);
        kinds |= 1u << ns;
    }
    int n = enter_namespaces(s, (pid_t)pid, kinds);
    if (n < 0)
        return -1;
    if (n == 0)
        bw_session_note(s, "process %lld shares every namespace with the box: nothing to enter",
                        pid);
    bw_session_shell(s, "nsenter --target %lld --all", pid);
    bw_session_hint(s, "inspect: what is now shared with process %lld", pid);
    return 0;
}
