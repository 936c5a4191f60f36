#include "unshare_args.h"

#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/ns.h"

enum {
    OPT_PROC = 256,
    OPT_PROPAGATION,
    OPT_SETGROUPS,
    OPT_KILL,
    OPT_MAP_USER,
    OPT_MAP_GROUP,
    OPT_MAP_USERS,
    OPT_MAP_GROUPS,
    OPT_MAP_AUTO,
    OPT_MONOTONIC,
    OPT_BOOTTIME
};

const struct option unshare_options[] = {
    {"mount", optional_argument, NULL, 'm'},
    {"uts", optional_argument, NULL, 'u'},
    {"ipc", optional_argument, NULL, 'i'},
    {"net", optional_argument, NULL, 'n'},
    {"pid", optional_argument, NULL, 'p'},
    {"user", optional_argument, NULL, 'U'},
    {"cgroup", optional_argument, NULL, 'C'},
    {"time", optional_argument, NULL, 'T'},
    {"fork", no_argument, NULL, 'f'},
    {"mount-proc", optional_argument, NULL, OPT_PROC},
    {"map-root-user", no_argument, NULL, 'r'},
    {"map-current-user", no_argument, NULL, 'c'},
    {"map-user", required_argument, NULL, OPT_MAP_USER},
    {"map-group", required_argument, NULL, OPT_MAP_GROUP},
    {"map-users", required_argument, NULL, OPT_MAP_USERS},
    {"map-groups", required_argument, NULL, OPT_MAP_GROUPS},
    {"map-auto", no_argument, NULL, OPT_MAP_AUTO},
    {"propagation", required_argument, NULL, OPT_PROPAGATION},
    {"setgroups", required_argument, NULL, OPT_SETGROUPS},
    {"kill-child", optional_argument, NULL, OPT_KILL},
    {"root", required_argument, NULL, 'R'},
    {"setuid", required_argument, NULL, 'S'},
    {"setgid", required_argument, NULL, 'G'},
    {"monotonic", required_argument, NULL, OPT_MONOTONIC},
    {"boottime", required_argument, NULL, OPT_BOOTTIME},
    {0},
};

static int parse_propagation(const char *word, unsigned long *flag, struct bw_err *err)
{
    static const struct {
        const char *word;
        unsigned long flag;
    } words[] = {{"private", MS_REC | MS_PRIVATE},
                 {"slave", MS_REC | MS_SLAVE},
                 {"shared", MS_REC | MS_SHARED},
                 {"unchanged", 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0) {
            *flag = words[i].flag;
            return 0;
        }
    return bw_err_usage(err, "%s is no propagation: private, slave, shared or unchanged", word);
}

static int parse_id(const char *text, const char *option, long long *id, struct bw_err *err)
{
    if (bw_parse_num(text, 0, UINT_MAX - 1, id))
        return bw_err_usage(err, "%s takes an ID from 0 to %u, not %s", option, UINT_MAX - 1, text);
    return 0;
}

static int parse_offset(const char *text, long long *seconds, struct bw_err *err)
{
    /* The kernel's own bound: half of what a 64-bit nanosecond clock can hold. */
    if (bw_parse_num(text, -4611686018LL, 4611686018LL, seconds))
        return bw_err_usage(err, "a clock offset is a whole number of seconds, not %s", text);
    return 0;
}

static int parse_map_option(struct unshare_args *a, int opt, const char *arg, struct bw_err *err)
{
    long long id;
    a->flags |= CLONE_NEWUSER;
    switch (opt) {
    case 'r':
        return idmaps_both(&a->maps, 0, 0, err);
    case 'c':
        return idmaps_both(&a->maps, geteuid(), getegid(), err);
    case OPT_MAP_USER:
        return parse_id(arg, "--map-user", &id, err) ||
               idmaps_one(&a->maps, BW_UID, (unsigned)id, err);
    case OPT_MAP_GROUP:
        return parse_id(arg, "--map-group", &id, err) ||
               idmaps_one(&a->maps, BW_GID, (unsigned)id, err);
    case OPT_MAP_USERS:
        return idmaps_range(&a->maps, BW_UID, arg, err);
    case OPT_MAP_GROUPS:
        return idmaps_range(&a->maps, BW_GID, arg, err);
    default:
        return idmaps_range(&a->maps, BW_UID, "auto", err) ||
               idmaps_range(&a->maps, BW_GID, "auto", err);
    }
}

static int parse_other(struct unshare_args *a, int opt, char *arg, struct bw_err *err)
{
    switch (opt) {
    case 'f':
        a->fork = true;
        return 0;
    case OPT_PROC:
        a->flags |= CLONE_NEWNS;
        a->proc = arg ? arg : "/proc";
        return 0;
    case OPT_PROPAGATION:
        return parse_propagation(arg, &a->propagation, err);
    case OPT_SETGROUPS:
        if (strcmp(arg, "allow") != 0 && strcmp(arg, "deny") != 0)
            return bw_err_usage(err, "--setgroups takes allow or deny, not %s", arg);
        a->maps.setgroups = strcmp(arg, "allow") == 0;
        return 0;
    case OPT_KILL: /* as it always is here: what runs in the box ends with it */
        a->fork = true;
        return 0;
    case 'R':
        a->root = arg;
        return 0;
    case 'S':
        return parse_id(arg, "--setuid", &a->uid_to, err);
    case 'G':
        return parse_id(arg, "--setgid", &a->gid_to, err);
    default:
        a->offsets = true;
        return parse_offset(arg, opt == OPT_MONOTONIC ? &a->monotonic : &a->boottime, err);
    }
}

static int parse_option(struct unshare_args *a, int opt, char *arg, const char *word,
                        struct bw_err *err)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        if (opt != bw_ns_table[i].short_opt)
            continue;
        if (arg)
            return bw_err_usage(err,
                                "--%s=%s would keep the namespace alive in a file: boxwright "
                                "leaves nothing behind",
                                bw_ns_table[i].long_opt, arg);
        a->flags |= bw_ns_table[i].flag;
        return 0;
    }
    if (opt == '?' || opt == ':') {
        bw_err_usage(err, opt == ':' ? "%s needs a value" : "unshare has no option %s", word);
        bw_err_todo(err, "help unshare lists the options");
        return -1;
    }
    if (opt == 'r' || opt == 'c' || (opt >= OPT_MAP_USER && opt <= OPT_MAP_AUTO))
        return parse_map_option(a, opt, arg, err) ? -1 : 0;
    return parse_other(a, opt, arg, err) ? -1 : 0;
}

static int parse_dashed(int argc, char **argv, struct unshare_args *a, struct bw_err *err)
{
    int opt;
    opterr = 0;
    optind = 0;
    a->dashed = true;
    while ((opt = getopt_long(argc, argv, "+:muinpUCTfrcR:S:G:", unshare_options, NULL)) != -1) {
        int at = optind > 1 ? optind - 1 : 1;
        if (parse_option(a, opt, optarg, argv[at], err))
            return -1;
    }
    if (optind < argc)
        a->program = argv + optind;
    return 0;
}

static int parse_short(int argc, char **argv, struct unshare_args *a, struct bw_err *err)
{
    for (int i = 1; i < argc; i++) {
        bool mono = strcmp(argv[i], "--monotonic") == 0;
        if (mono || strcmp(argv[i], "--boottime") == 0) {
            a->offsets = true;
            if (i + 1 == argc)
                return bw_err_usage(err, "%s needs a number of seconds", argv[i]);
            if (parse_offset(argv[++i], mono ? &a->monotonic : &a->boottime, err))
                return -1;
            continue;
        }
        int ns = bw_ns_by_name(argv[i]);
        if (ns < 0)
            return bw_ns_unknown(argv[i], err);
        a->flags |= bw_ns_table[ns].flag;
    }
    a->fork = a->flags & (CLONE_NEWPID | CLONE_NEWTIME);
    return 0;
}

int unshare_parse(int argc, char **argv, struct unshare_args *a, struct bw_err *err)
{
    *a = (struct unshare_args){
        .propagation = MS_REC | MS_PRIVATE, .maps.setgroups = -1, .uid_to = -1, .gid_to = -1};
    if (argc < 2) {
        bw_err_usage(err, "unshare needs at least one kind of namespace");
        bw_err_todo(err, "for example: unshare pid uts, or unshare --fork --pid --mount-proc");
        return -1;
    }
    if (argv[1][0] == '-' ? parse_dashed(argc, argv, a, err) : parse_short(argc, argv, a, err))
        return -1;
    if (a->offsets && !(a->flags & CLONE_NEWTIME)) {
        bw_err_usage(err, "--monotonic and --boottime set the clocks of a new time namespace");
        bw_err_todo(err, "name time (or --time) as well");
        return -1;
    }
    if (a->maps.setgroups == 1 && a->maps.n_gid && geteuid() != 0)
        return bw_err_usage(err, "an ordinary user's map of groups needs --setgroups=deny");
    return 0;
}
