/* Privilege: caps, nonewprivs. */
#include <errno.h>
#include <string.h>

#include "cmd/handlers.h"
#include "cmd/session.h"
#include "kern/caps.h"
#include "kern/observe.h"
#include "model/snapshot.h"

/* More than these are not said one by one. */
enum { FEW = 5 };

static int read_status(struct bw_session *s, struct bw_status_file *st)
{
    pid_t pid = s->box->stage.pid;
    if (bw_status_read(pid, st) == 0)
        return 0;
    return bw_err_call(&s->err, errno, "open", "\"/proc/%d/status\"", (int)pid);
}

static void print_info(struct bw_session *s, enum bw_stream to, unsigned cap)
{
    const struct bw_cap_info *info = bw_cap_info(cap);
    if (!info)
        return;
    bw_put(s->out, to, BW_PLAIN, "  %-22s  %s", info->name, info->allows);
    if (strcmp(info->needs, "-") != 0)
        bw_put(s->out, to, BW_PLAIN, " (%s)", info->needs);
    bw_put(s->out, to, BW_DIM, "  %s\n", info->man);
}

static void print_infos(struct bw_session *s, enum bw_stream to, uint64_t set)
{
    for (unsigned cap = 0; cap < 64; cap++)
        if (set >> cap & 1)
            print_info(s, to, cap);
}

static void print_set(struct bw_session *s, const char *name, uint64_t set)
{
    BW_AUTO_STR few = BW_STR_INIT, all = BW_STR_INIT;
    bw_cap_describe(set, &few);
    bw_data(s->out, "%-12s  %s\n", name, few.s);
    if (!bw_str_starts(few.s, "full") && __builtin_popcountll(set) > FEW) {
        bw_cap_list(set, &all);
        bw_data(s->out, "%-12s  %s\n", "", all.s);
    }
}

static int show(struct bw_session *s)
{
    struct bw_status_file st;
    if (read_status(s, &st))
        return -1;
    print_set(s, "effective", st.cap_eff);
    print_set(s, "permitted", st.cap_prm);
    print_set(s, "inheritable", st.cap_inh);
    print_set(s, "bounding", st.cap_bnd);
    print_set(s, "ambient", st.cap_amb);
    bool root = bw_cap_is_root(s->box->stage.pid, &st);
    uint64_t then = bw_cap_after_exec(&st, root);
    bw_data(s->out,
            "\nThe box itself keeps what it builds with; execve(2) gives a program that is "
            "started now %s:\n",
            root ? "what is inheritable or in the bounding set, as the box is uid 0"
                 : "what is ambient, as the box is not uid 0");
    print_set(s, "a program", then);
    uint64_t without = bw_cap_all() & ~then;
    if (without)
        bw_data(s->out, "\nRefused to it (EPERM):\n");
    print_infos(s, BW_DATA, without);
    return 0;
}

static int show_some(struct bw_session *s, int n, char **words)
{
    uint64_t set;
    if (bw_cap_parse(n, words, &set, &s->err))
        return -1;
    print_infos(s, BW_DATA, set);
    return 0;
}

/* What is lost, for people; where it is much, in a word. */
static void say_refused(struct bw_session *s, uint64_t gone)
{
    if (s->replaying || s->verbose < 1 || gone == 0)
        return;
    bw_session_show_calls(s);
    if (__builtin_popcountll(gone) <= FEW) {
        bw_msg(s->out, "  refused to programs from now on:\n");
        print_infos(s, BW_MSG, gone);
    } else {
        bw_session_hint(s, "caps: which %d capabilities programs lack now, and what each is for",
                        __builtin_popcountll(gone));
    }
}

static int keep(struct bw_session *s, uint64_t wanted, bool drop)
{
    struct bw_status_file st;
    if (read_status(s, &st))
        return -1;
    uint64_t have = st.cap_bnd | st.cap_inh, kept = drop ? have & ~wanted : wanted;
    if (!drop && wanted & ~st.cap_bnd) {
        BW_AUTO_STR names = BW_STR_INIT;
        bw_cap_list(wanted & ~st.cap_bnd, &names);
        bw_session_note(s, "not in the bounding set, and nothing brings them back but undo: %s",
                        names.s);
    }
    if (!(have & ~kept)) {
        bw_session_note(s, "nothing to drop: %s",
                        drop ? "none of them is in the bounding set"
                             : "the bounding set has no other");
        return 0;
    }
    if (bw_stage_caps(&s->box->stage, BW_CAPS_KEEP, kept, &s->err))
        return -1;
    bw_session_shell(s, "capsh --drop=CAPS -- -c PROGRAM");
    say_refused(s, have & ~kept);
    if (!bw_cap_is_root(s->box->stage.pid, &st))
        bw_session_note(s, "the box is not uid 0: its programs have what is ambient alone");
    return 0;
}

static int ambient(struct bw_session *s, uint64_t set)
{
    struct bw_status_file st;
    if (read_status(s, &st))
        return -1;
    if (st.cap_amb == set) {
        bw_session_note(s, "nothing to change: the ambient set is that already");
        return 0;
    }
    if (bw_stage_caps(&s->box->stage, BW_CAPS_AMBIENT, set, &s->err))
        return -1;
    bw_session_shell(s, "capsh --inh=CAPS --addamb=CAPS -- -c PROGRAM");
    if (set && bw_cap_is_root(s->box->stage.pid, &st))
        bw_session_note(s, "ambient capabilities are for programs that are not uid 0; those of "
                           "uid 0 have what is in the bounding set anyway");
    return 0;
}

int bw_cmd_caps(struct bw_session *s, int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "show";
    uint64_t set;
    if (strcmp(verb, "show") == 0)
        return argc > 2 ? show_some(s, argc - 2, argv + 2) : show(s);
    bool drops = strcmp(verb, "drop") == 0;
    if (!drops && strcmp(verb, "keep") != 0 && strcmp(verb, "ambient") != 0) {
        bw_err_usage(&s->err, "caps has no %s", verb);
        bw_err_todo(&s->err, "caps drop %s, caps keep %s, or caps show %s", verb, verb, verb);
        return -1;
    }
    if (argc < 3)
        return bw_err_usage(&s->err, "caps %s needs the names of capabilities, all, none or docker",
                            verb);
    if (bw_cap_parse(argc - 2, argv + 2, &set, &s->err))
        return -1;
    return strcmp(verb, "ambient") == 0 ? ambient(s, set) : keep(s, set, drops);
}

int bw_cmd_nonewprivs(struct bw_session *s, int argc, char **argv)
{
    struct bw_status_file st;
    if (argc > 1)
        return bw_err_usage(&s->err, "nonewprivs takes no %s", argv[1]);
    if (read_status(s, &st))
        return -1;
    if (st.no_new_privs > 0) {
        bw_session_note(s, "no_new_privs is set already; nothing takes it back");
        return 0;
    }
    if (bw_stage_no_new_privs(&s->box->stage, &s->err))
        return -1;
    bw_session_shell(s, "setpriv --no-new-privs PROGRAM");
    bw_session_hint(s, "set-user-ID programs (su, mount, ping) give nothing any more");
    return 0;
}
