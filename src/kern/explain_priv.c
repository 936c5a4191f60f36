/* Causes of prctl and capset: capabilities(7), prctl(2). */
#include "explain_scene.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "kern/caps.h"

static bool first_is(const struct bw_scene *s, const char *word)
{
    BW_AUTO_STR arg = BW_STR_INIT;
    return bw_scene_arg(s, 0, &arg) && strcmp(bw_str_get(&arg), word) == 0;
}

static bool drop_lacks(struct bw_scene *s)
{
    return first_is(s, "PR_CAPBSET_DROP") &&
           bw_scene_lacks(s, CAP_SETPCAP, "CAP_SETPCAP", "caps drop again");
}

/* The capability that the call raises, by its name; -1 when it is none. */
static int raised(const struct bw_scene *s)
{
    BW_AUTO_STR arg = BW_STR_INIT;
    if (!first_is(s, "PR_CAP_AMBIENT") || !bw_scene_arg(s, 2, &arg))
        return -1;
    return bw_cap_by_name(bw_str_get(&arg));
}

static bool ambient_not_permitted(struct bw_scene *s)
{
    int cap = raised(s);
    if (cap < 0 || !s->alive || s->st.cap_prm >> cap & 1)
        return false;
    bw_err_cause(s->err,
                 "%s is not in the permitted set of the box, and what is ambient must be permitted "
                 "and inheritable",
                 bw_cap_name((unsigned)cap));
    bw_err_todo(s->err, "leave it out, or give the box a user namespace first: unshare user, then "
                        "map current, then caps ambient");
    return true;
}

static bool inheritable_not_bounded(struct bw_scene *s)
{
    if (!s->alive)
        return false;
    BW_AUTO_STR text = BW_STR_INIT;
    uint64_t wanted = 0, allowed = s->st.cap_inh | (s->st.cap_bnd & s->st.cap_prm);
    const char *at = strstr(s->err->call, "inheritable=");
    for (at = at ? strstr(at, "CAP_") : NULL; at; at = strstr(at + 4, "CAP_")) {
        BW_AUTO_STR name = BW_STR_INIT;
        bw_str_addn(&name, at, strcspn(at, "|})"));
        int cap = bw_cap_by_name(bw_str_get(&name));
        if (cap >= 0)
            wanted |= UINT64_C(1) << cap;
    }
    if (!(wanted & ~allowed))
        return false;
    bw_cap_list(wanted & ~allowed, &text);
    bw_err_cause(s->err,
                 "not permitted to the box, or not in its bounding set, and so never inheritable: "
                 "%.300s",
                 text.s);
    bw_err_todo(s->err, "leave it out; caps shows the sets");
    return true;
}

static bool filter_lacks(struct bw_scene *s)
{
    if (!s->alive || s->st.no_new_privs > 0 || bw_scene_has_cap(s, CAP_SYS_ADMIN))
        return false;
    bw_err_cause(s->err,
                 "no_new_privs is not set, and uid %u lacks CAP_SYS_ADMIN: the kernel takes "
                 "a filter only from one or the other, so that none misleads a set-user-ID "
                 "program",
                 s->st.uid[1]);
    bw_err_todo(s->err, "nonewprivs, then again; or seccomp off");
    return true;
}

/* In the first user namespace alone: the kernel asks capable(), not ns_capable(). */
static bool limit_raised(struct bw_scene *s)
{
    if (bw_scene_host_userns(s) && bw_scene_has_cap(s, CAP_SYS_RESOURCE))
        return false;
    bw_err_cause(s->err, "a hard limit is raised only with CAP_SYS_RESOURCE outside of every user "
                         "namespace, and the box has it not");
    bw_err_todo(s->err, "take a lower one: rlimit shows what there is");
    return true;
}

static bool bpf_lacks(struct bw_scene *s)
{
    if (geteuid() == 0)
        return false;
    bw_err_cause(s->err,
                 "a BPF program on a group needs CAP_SYS_ADMIN outside, and this shell runs "
                 "as uid %u",
                 (unsigned)geteuid());
    bw_err_todo(s->err, "start boxwright as root; or devices DIR alone: what has no node is not "
                        "opened");
    return true;
}

static const struct bw_cause causes[] = {
    {"prctl", EPERM, drop_lacks,
     "dropping from the bounding set needs CAP_SETPCAP in the box's user namespace"},
    {"prctl", EPERM, ambient_not_permitted,
     "what is to be ambient must be permitted and inheritable"},
    {"capset", EPERM, inheritable_not_bounded,
     "what is to be inheritable must be permitted and in the bounding set"},
    {"seccomp", EACCES, filter_lacks,
     "a filter needs no_new_privs, or CAP_SYS_ADMIN in the box's user namespace"},
    {"prlimit64", EPERM, limit_raised, "raising a hard limit needs CAP_SYS_RESOURCE outside"},
    {"bpf", EPERM, bpf_lacks, "a BPF program on a group needs CAP_SYS_ADMIN outside"},
};

const struct bw_causes bw_causes_priv = {causes, sizeof causes / sizeof *causes};
