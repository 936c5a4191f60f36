/* The failed call as printed, and the process that made it. */
#include "explain_scene.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/idmap.h"

#define FIRST_USERNS 4026531837u /* the inode of the first user namespace is fixed */
#define LEVELS 40                /* user namespaces nest 32 deep */

const char *bw_scene_op(const char *name)
{
    static const struct {
        const char *name, *op;
    } same[] = {
        {"mkdirat", "mkdir"},  {"openat", "open"},     {"openat2", "open"},  {"creat", "open"},
        {"fork", "clone3"},    {"vfork", "clone3"},    {"clone", "clone3"},  {"umount2", "umount"},
        {"execv", "execve"},   {"execveat", "execve"}, {"execvp", "execve"}, {"fchdir", "chdir"},
        {"pwrite64", "write"}, {"unlinkat", "unlink"}, {"exec", "execve"},
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(same[i].name, name) == 0)
            return same[i].op;
    return name;
}

/* The end of the argument that starts at p: the comma or the closing parenthesis behind it. */
static const char *argument_end(const char *p)
{
    int depth = 0;
    bool quoted = false;
    for (; *p; p++) {
        if (quoted) {
            if (*p == '\\' && p[1])
                p++;
            else if (*p == '"')
                quoted = false;
        } else if (*p == '"') {
            quoted = true;
        } else if (*p == '<' && depth == 0) {
            /* A path behind a descriptor holds what it likes: it ends at the last '>' that an
             * argument's end follows. */
            const char *q = p;
            while ((q = strchr(q + 1, '>')) && q[1] != ',' && q[1] != ')' && q[1] != '\0')
                ;
            if (!q)
                return p + strlen(p);
            p = q;
        } else if (*p && strchr("{[(", *p)) {
            depth++;
        } else if (strchr("}])", *p) && depth > 0) {
            depth--;
        } else if (*p == ')' || (*p == ',' && depth == 0)) {
            return p;
        }
    }
    return p;
}

static void add_unescaped(struct bw_str *out, const char *p, const char *end)
{
    static const char names[] = "nrtvfabe", values[] = "\n\r\t\v\f\a\b\033";
    while (p < end && *p != '"') {
        if (*p != '\\' || p + 1 >= end) {
            bw_str_addc(out, *p++);
            continue;
        }
        p++;
        const char *at = strchr(names, *p);
        unsigned value = 0;
        int digits = 0;
        if (*p == 'x') {
            for (p++; digits < 2 && isxdigit((unsigned char)*p); digits++, p++)
                value = value * 16 +
                        (unsigned)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10);
        } else {
            for (; digits < 3 && *p >= '0' && *p <= '7'; digits++, p++)
                value = value * 8 + (unsigned)(*p - '0');
        }
        if (digits)
            bw_str_addc(out, (char)value);
        else if (at && *p)
            bw_str_addc(out, values[at - names]), p++;
        else if (*p)
            bw_str_addc(out, *p++);
    }
}

bool bw_scene_arg(const struct bw_scene *s, unsigned n, struct bw_str *out)
{
    bw_str_clear(out);
    const char *p = strchr(s->err->call, '(');
    if (!p)
        return false;
    p++;
    for (;; n--) {
        while (*p == ' ')
            p++;
        const char *end = argument_end(p);
        if (end == p)
            return false;
        if (n == 0) {
            const char *open = memchr(p, '<', (size_t)(end - p));
            if (*p == '"')
                add_unescaped(out, p + 1, end);
            else if (open && isdigit((unsigned char)*p) && end[-1] == '>')
                bw_str_addn(out, open + 1, (size_t)(end - open) - 2);
            else
                bw_str_addn(out, p, (size_t)(end - p));
            return strcmp(bw_str_get(out), "NULL") != 0 || *p == '"';
        }
        if (*end != ',')
            return false;
        p = end + 1;
    }
}

bool bw_scene_flag(const struct bw_scene *s, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = s->err->call; (p = strstr(p, word)); p += len) {
        bool before = p == s->err->call || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
        bool after = !(isalnum((unsigned char)p[len]) || p[len] == '_');
        if (before && after)
            return true;
    }
    return false;
}

/* openat(3</proc/812>, "uid_map", …): the second argument lies below the first. */
static bool path_at(const struct bw_scene *s, struct bw_str *out)
{
    BW_AUTO_STR dir = BW_STR_INIT;
    if (!bw_scene_arg(s, 0, &dir) || !bw_scene_arg(s, 1, out))
        return false;
    if (bw_str_get(out)[0] == '/' || strcmp(bw_str_get(&dir), "AT_FDCWD") == 0)
        return true;
    if (bw_str_get(&dir)[0] != '/')
        return false; /* below a descriptor that is not named */
    bw_str_addc(&dir, '/');
    bw_str_add(&dir, bw_str_get(out));
    bw_str_clear(out);
    bw_str_add(out, bw_str_get(&dir));
    return true;
}

bool bw_scene_file(const struct bw_scene *s, struct bw_str *out)
{
    const char *name = s->err->op;
    size_t len = strlen(name);
    if ((len > 2 && strcmp(name + len - 2, "at") == 0) || strcmp(name, "openat2") == 0)
        return path_at(s, out);
    return bw_scene_arg(s, 0, out);
}

const char *bw_scene_proc_name(const char *path, pid_t *pid)
{
    static const char proc[] = "/proc/", self[] = "/proc/self/";
    char *end;
    long n;

    *pid = getpid();
    if (bw_str_starts(path, self))
        return path + strlen(self);
    if (!bw_str_starts(path, proc) || !isdigit((unsigned char)path[strlen(proc)]))
        return NULL;
    n = strtol(path + strlen(proc), &end, 10);
    if (*end != '/' || n > INT_MAX)
        return NULL;
    *pid = (pid_t)n;
    return end + 1;
}

bool bw_scene_outside(const char *path)
{
    return bw_str_starts(path, "/sys/fs/cgroup") ||
           (bw_str_starts(path, "/proc/") && isdigit((unsigned char)path[6]));
}

void bw_scene_kinds(const struct bw_scene *s, struct bw_str *out)
{
    bw_str_clear(out);
    for (size_t i = 0; i < BW_NS_COUNT; i++) {
        if (!bw_scene_flag(s, bw_ns_table[i].constant))
            continue;
        if (out->len)
            bw_str_addc(out, ' ');
        bw_str_add(out, bw_ns_table[i].name);
    }
}

void bw_scene_proc(const struct bw_scene *s, const char *name, char *buf, size_t size)
{
    if (s->pid)
        snprintf(buf, size, "/proc/%d/%s", (int)s->pid, name);
    else
        snprintf(buf, size, "/proc/self/%s", name);
}

static uint64_t inode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

uint64_t bw_scene_ns(const struct bw_scene *s, const char *name)
{
    char link[40];
    struct stat st;
    snprintf(link, sizeof link, "ns/%s", name);
    return bw_proc_stat_link(s->pid, link, &st) == 0 ? st.st_ino : 0;
}

bool bw_scene_host_userns(const struct bw_scene *s)
{
    uint64_t mine = s->pid ? inode_of("/proc/self/ns/user") : FIRST_USERNS;
    return bw_scene_ns(s, "user") == mine;
}

bool bw_scene_has_cap(const struct bw_scene *s, unsigned cap)
{
    return s->alive && (s->st.cap_eff >> cap & 1) != 0;
}

bool bw_scene_mapped(const struct bw_scene *s, bool gid, unsigned id)
{
    struct bw_id_range v[BW_IDMAP_MAX];
    int n = bw_idmap_read(s->pid ? s->pid : getpid(), gid ? BW_GID : BW_UID, v, BW_IDMAP_MAX);
    for (int i = 0; i < n; i++)
        if (id >= v[i].outside && id - v[i].outside < v[i].count)
            return true;
    return n < 0; /* what cannot be read is no finding */
}

bool bw_scene_lacks(struct bw_scene *s, unsigned cap, const char *name, const char *next)
{
    if (!s->alive || bw_scene_has_cap(s, cap))
        return false;
    unsigned uid = s->st.uid[1];
    if (bw_scene_host_userns(s)) {
        bw_err_cause(s->err,
                     "CapEff of the box lacks %s; it runs as uid %u in the host's user namespace",
                     name, uid);
        if (uid == 0)
            bw_err_todo(s->err,
                        "unshare user first, then map root, then %s; or start boxwright with %s",
                        next, name);
        else
            bw_err_todo(s->err, "unshare user first, then map root, then %s", next);
        return true;
    }
    bw_err_cause(
        s->err,
        "CapEff of the box lacks %s, even in its own user namespace (%llu), where its uid %u is %s",
        name, (unsigned long long)bw_scene_ns(s, "user"), uid,
        bw_scene_mapped(s, false, uid) ? "mapped" : "not mapped");
    if (bw_scene_mapped(s, false, uid))
        bw_err_todo(s->err, "undo the step that gave it up, or reset; then %s", next);
    else
        bw_err_todo(s->err, "map root, then %s", next);
    return true;
}

/* Whether the namespace that fd is, or one that it lies in, has this inode. */
static bool within(int fd, uint64_t inode)
{
    BW_AUTO_FD at = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < LEVELS && at >= 0; i++) {
        struct stat st;
        if (fstat(at, &st) == 0 && st.st_ino == inode)
            return true;
        int up = ioctl(at, NS_GET_PARENT);
        bw_close_ptr(&at);
        at = up;
    }
    return false;
}

bool bw_scene_foreign(struct bw_scene *s, enum bw_ns ns, const char *todo)
{
    const char *name = bw_ns_table[ns].name;
    char rel[40], path[80];
    snprintf(rel, sizeof rel, "ns/%s", name);
    bw_scene_proc(s, rel, path, sizeof path);
    uint64_t mine = bw_scene_ns(s, "user");
    BW_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || !mine)
        return false;
    BW_AUTO_FD owner = ioctl(fd, NS_GET_USERNS);
    struct stat st = {0};
    if (owner >= 0 && (within(owner, mine) || fstat(owner, &st) != 0))
        return false;
    if (owner < 0)
        bw_err_cause(s->err,
                     "the box's %s namespace belongs to a user namespace outside this one, where "
                     "it has no capabilities",
                     name);
    else
        bw_err_cause(s->err,
                     "the box's %s namespace belongs to %suser namespace %llu; its capabilities "
                     "count only in user namespace %llu",
                     name,
                     st.st_ino == inode_of("/proc/self/ns/user") && s->pid ? "the host's " : "",
                     (unsigned long long)st.st_ino, (unsigned long long)mine);
    bw_err_todo(s->err, "%s", todo);
    return true;
}

bool bw_scene_profile(const struct bw_scene *s, struct bw_str *out)
{
    static const char *const files[] = {"attr/apparmor/current", "attr/current"};
    for (size_t i = 0; i < 2; i++) {
        char path[80];
        bw_scene_proc(s, files[i], path, sizeof path);
        if (bw_read_file(AT_FDCWD, path, out) != 0 || out->len == 0)
            continue;
        while (out->len && (out->s[out->len - 1] == '\n' || out->s[out->len - 1] == '\0'))
            out->s[--out->len] = '\0';
        return out->len && strcmp(out->s, "unconfined") != 0 && strchr(out->s, '(') != NULL;
    }
    return false;
}
