/* Causes of writing uid_map, gid_map and setgroups: user_namespaces(7). The writer is the shell,
 * that is this process; the path names the box. */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/idmap.h"

/* The file of /proc/PID that the call is about. */
struct map_call {
    pid_t pid;
    bool uid, gid, setgroups;
    struct bw_id_range v[BW_IDMAP_MAX]; /* what was to be written */
    size_t n;
};

/* The lines of the write; false when one is not three numbers. */
static bool lines(const char *text, struct map_call *m)
{
    m->n = 0;
    for (const char *p = text; *p && m->n < BW_IDMAP_MAX;) {
        unsigned long v[3];
        for (int i = 0; i < 3; i++) {
            char *end;
            p += strspn(p, " \t");
            v[i] = strtoul(p, &end, 10);
            if (end == p || v[i] > UINT32_MAX)
                return false;
            p = end;
        }
        p += strspn(p, " \t");
        if (*p && *p != '\n')
            return false;
        p += *p == '\n';
        m->v[m->n++] = (struct bw_id_range){(unsigned)v[0], (unsigned)v[1], (unsigned)v[2]};
    }
    return true;
}

static bool map_file(const struct bw_scene *s, struct map_call *m)
{
    BW_AUTO_STR path = BW_STR_INIT;
    const char *name;
    *m = (struct map_call){0};
    if (!bw_scene_file(s, &path) || !(name = bw_scene_proc_name(bw_str_get(&path), &m->pid)))
        return false;
    m->uid = strcmp(name, "uid_map") == 0;
    m->gid = strcmp(name, "gid_map") == 0;
    m->setgroups = strcmp(name, "setgroups") == 0;
    return m->uid || m->gid || m->setgroups;
}

static bool map_call(const struct bw_scene *s, struct map_call *m, bool *well_formed)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (!map_file(s, m) || m->setgroups || !bw_scene_arg(s, 1, &text))
        return false;
    bool ok = lines(bw_str_get(&text), m);
    if (well_formed)
        *well_formed = ok;
    return ok || well_formed;
}

static const char *file_of(const struct map_call *m)
{
    return m->uid ? "uid_map" : m->gid ? "gid_map" : "setgroups";
}

static bool map_written(struct bw_scene *s)
{
    struct map_call m;
    struct bw_id_range now[2];
    if (!map_file(s, &m) || m.setgroups)
        return false;
    int n = bw_idmap_read(m.pid, m.uid ? BW_UID : BW_GID, now, 2);
    if (n <= 0)
        return false;
    bw_err_cause(s->err,
                 "%s is written already (its first line is %u %u %u), and it can be written once "
                 "in the life of a user namespace",
                 file_of(&m), now[0].inside, now[0].outside, now[0].count);
    bw_err_todo(s->err, "undo the map, then map again; or reset and unshare user anew");
    return true;
}

static bool own_cap(unsigned cap)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_status_file st;
    return bw_read_file(AT_FDCWD, "/proc/self/status", &text) == 0 &&
           bw_status_parse(bw_str_get(&text), text.len, &st) == 0 && (st.cap_eff >> cap & 1) != 0;
}

static bool setgroups_allowed(struct bw_scene *s)
{
    struct map_call m;
    char path[64];
    BW_AUTO_STR text = BW_STR_INIT;
    if (!map_file(s, &m) || !m.gid || own_cap(CAP_SETGID))
        return false;
    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)m.pid);
    if (bw_read_file(AT_FDCWD, path, &text) != 0 || !bw_str_starts(bw_str_get(&text), "allow"))
        return false;
    bw_err_cause(s->err,
                 "%s is allow, and without CAP_SETGID gid_map can be written only after deny: "
                 "dropping a group could open what it was locked out of",
                 path);
    bw_err_todo(s->err, "map setgroups deny, then map gid; map root does both");
    return true;
}

static bool map_apparmor(struct bw_scene *s)
{
    struct map_call m;
    BW_AUTO_STR profile = BW_STR_INIT;
    struct bw_scene box = {.err = s->err};
    if (!map_file(s, &m))
        return false;
    box.pid = m.pid;
    if (!bw_scene_profile(&box, &profile) || !strstr(profile.s, "unprivileged_userns"))
        return false;
    bw_err_cause(s->err,
                 "the box runs under AppArmor's profile %.100s, which takes the capabilities of "
                 "its user namespace away",
                 profile.s);
    bw_err_todo(s->err, "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0; or start "
                        "boxwright as root");
    return true;
}

/* Without the capability one line for one's own ID is all that may be written. */
static bool map_not_own(struct bw_scene *s)
{
    struct map_call m;
    if (!map_call(s, &m, NULL) || own_cap(m.uid ? CAP_SETUID : CAP_SETGID))
        return false;
    unsigned own = m.uid ? geteuid() : getegid();
    if (m.n == 1 && m.v[0].count == 1 && m.v[0].outside == own)
        return false;
    bw_err_cause(s->err,
                 "without %s only one line for one's own ID may be written, that is INSIDE %u 1",
                 m.uid ? "CAP_SETUID" : "CAP_SETGID", own);
    bw_err_todo(s->err,
                "map root, or give ranges in /etc/sub%cid and install newuidmap (package uidmap)",
                m.uid ? 'u' : 'g');
    return true;
}

static bool map_absent_outside(struct bw_scene *s)
{
    struct map_call m;
    struct bw_scene self = {.err = s->err};
    if (!map_call(s, &m, NULL))
        return false;
    for (size_t i = 0; i < m.n; i++) {
        unsigned last = m.v[i].outside + (m.v[i].count ? m.v[i].count - 1 : 0);
        unsigned bad = bw_scene_mapped(&self, !m.uid, m.v[i].outside) ? last : m.v[i].outside;
        if (bw_scene_mapped(&self, !m.uid, bad))
            continue;
        bw_err_cause(s->err,
                     "outside ID %u is not in %s of the shell's own user namespace, so that it "
                     "cannot be handed on",
                     bad, file_of(&m));
        bw_err_todo(s->err, "choose IDs that cat /proc/self/%s lists in its first column's range",
                    file_of(&m));
        return true;
    }
    return false;
}

static bool map_host_root(struct bw_scene *s)
{
    struct map_call m;
    if (!map_call(s, &m, NULL) || !m.uid || own_cap(CAP_SETFCAP))
        return false;
    for (size_t i = 0; i < m.n; i++) {
        if (m.v[i].outside != 0)
            continue;
        bw_err_cause(s->err, "the line maps uid 0 of the host, which wants CAP_SETFCAP, and the "
                             "shell has it not (Linux 5.12 and later)");
        bw_err_todo(s->err, "map another outside uid, or start boxwright with CAP_SETFCAP");
        return true;
    }
    return false;
}

static bool map_malformed(struct bw_scene *s)
{
    struct map_call m;
    bool ok;
    if (!map_call(s, &m, &ok))
        return false;
    if (!ok || m.n == 0) {
        bw_err_cause(s->err, "a line is not three numbers INSIDE OUTSIDE COUNT of at most 32 bits");
        bw_err_todo(s->err, "see help map");
        return true;
    }
    for (size_t i = 0; i < m.n; i++) {
        uint64_t in = m.v[i].inside, out = m.v[i].outside, n = m.v[i].count;
        bool bad = n == 0 || in + n > UINT32_MAX || out + n > UINT32_MAX;
        if (bad)
            bw_err_cause(
                s->err, "the line %u %u %u %s", m.v[i].inside, m.v[i].outside, m.v[i].count,
                n ? "goes beyond the highest ID, 4294967294" : "maps nothing: its count is 0");
        for (size_t k = 0; k < i && !bad; k++) {
            uint64_t in2 = m.v[k].inside, out2 = m.v[k].outside, n2 = m.v[k].count;
            bad = (in < in2 + n2 && in2 < in + n) || (out < out2 + n2 && out2 < out + n);
            if (bad)
                bw_err_cause(s->err, "the lines %zu and %zu overlap, inside or outside", k + 1,
                             i + 1);
        }
        if (bad) {
            bw_err_todo(
                s->err,
                "give ranges that are not empty and do not meet: map uid INSIDE:OUTSIDE:COUNT");
            return true;
        }
    }
    return false;
}

static bool setgroups_late(struct bw_scene *s)
{
    struct map_call m;
    struct bw_id_range now[1];
    BW_AUTO_STR text = BW_STR_INIT, state = BW_STR_INIT;
    char path[64];
    if (!map_file(s, &m) || !m.setgroups || !bw_scene_arg(s, 1, &text))
        return false;
    bool deny = bw_str_starts(bw_str_get(&text), "deny");
    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)m.pid);
    if (deny && bw_idmap_read(m.pid, BW_GID, now, 1) > 0)
        bw_err_cause(s->err,
                     "gid_map is written already, and setgroups can be denied only before that");
    else if (!deny && bw_read_file(AT_FDCWD, path, &state) == 0 &&
             bw_str_starts(bw_str_get(&state), "deny"))
        bw_err_cause(
            s->err,
            "%s is deny, and what was denied is never allowed again, also not in namespaces below",
            path);
    else
        return false;
    bw_err_todo(s->err, "reset, then unshare user, then map setgroups, then map gid");
    return true;
}

static bool setgroups_word(struct bw_scene *s)
{
    struct map_call m;
    if (!map_file(s, &m) || !m.setgroups)
        return false;
    bw_err_cause(s->err, "setgroups takes the words allow and deny");
    bw_err_todo(s->err, "map setgroups deny");
    return true;
}

static bool map_no_process(struct bw_scene *s)
{
    struct map_call m;
    char path[64];
    if (!map_file(s, &m))
        return false;
    snprintf(path, sizeof path, "/proc/%d", (int)m.pid);
    if (access(path, F_OK) != 0) {
        bw_err_cause(s->err, "process %d has ended, and its %s with it", (int)m.pid, file_of(&m));
        bw_err_todo(s->err, "reset starts a new box");
        return true;
    }
    if (access("/proc/self/uid_map", F_OK) == 0)
        return false;
    bw_err_cause(s->err, "this kernel has no user namespaces: there is no /proc/self/uid_map");
    bw_err_todo(s->err, "boot a kernel with CONFIG_USER_NS");
    return true;
}

static bool map_first_ns(struct bw_scene *s)
{
    struct map_call m;
    if (!map_file(s, &m))
        return false;
    struct bw_scene box = {.err = s->err, .pid = m.pid};
    if (!bw_scene_host_userns(&box))
        return false;
    bw_err_cause(s->err, "process %d is in the shell's own user namespace, whose maps are set",
                 (int)m.pid);
    bw_err_todo(s->err, "unshare user first, then map root");
    return true;
}

static const struct bw_cause causes[] = {
    {"write", EPERM, map_first_ns, "the maps of a user namespace one is in cannot be changed"},
    {"write", EPERM, map_written,
     "uid_map and gid_map can be written once in the life of a user namespace"},
    {"write", EPERM, map_apparmor,
     "AppArmor takes the capabilities of an unprivileged user namespace away"},
    {"write", EPERM, setgroups_allowed,
     "gid_map wants setgroups denied first, where CAP_SETGID is lacking"},
    {"write", EPERM, setgroups_late,
     "setgroups can be denied only before gid_map is written, and never allowed again"},
    {"write", EPERM, map_not_own,
     "without CAP_SETUID or CAP_SETGID only one's own ID may be mapped, in one line"},
    {"write", EPERM, map_absent_outside,
     "an outside ID is not mapped in the writer's own user namespace"},
    {"write", EPERM, map_host_root, "mapping the host's uid 0 wants CAP_SETFCAP"},
    {"write", EINVAL, map_malformed,
     "a map has a line that is not three numbers, is empty, too long, or overlaps another"},
    {"write", EINVAL, setgroups_word, "setgroups takes allow and deny"},
    {"open", ENOENT, map_no_process, "the process whose map it is has ended"},
    {"write", ESRCH, map_no_process, "the process whose map it is has ended"},
    {"open", EACCES, map_first_ns, "the maps of a user namespace one is in cannot be changed"},
    {"open", EPERM, map_first_ns, "the maps of a user namespace one is in cannot be changed"},
};

const struct bw_causes bw_causes_idmap = {causes, sizeof causes / sizeof causes[0]};
