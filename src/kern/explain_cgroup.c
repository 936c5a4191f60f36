/* Causes of calls in a cgroup file system: cgroups(7), the kernel's cgroup-v1 and cgroup-v2
 * documents. The caller is the shell, that is this process. */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fd.h"

#define V1_MAGIC 0x27e0eb
#define V2_MAGIC 0x63677270

/* The group and file of a path in a cgroup file system. */
struct cg_path {
    char path[1024], dir[1024]; /* dir: the nearest directory that exists */
    const char *file;           /* last component of path */
    bool v2;
};

static bool in_cgroupfs(const struct bw_scene *s, struct cg_path *c)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct statfs fs;
    struct stat st;
    if (!bw_scene_file(s, &path) || bw_str_get(&path)[0] != '/' || path.len >= sizeof c->path)
        return false;
    snprintf(c->path, sizeof c->path, "%s", path.s);
    snprintf(c->dir, sizeof c->dir, "%s", path.s);
    c->file = strrchr(c->path, '/') + 1;
    while (stat(c->dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
        char *slash = strrchr(c->dir, '/');
        if (!slash || slash == c->dir)
            return false;
        *slash = '\0';
    }
    if (statfs(c->dir, &fs) != 0)
        return false;
    c->v2 = fs.f_type == V2_MAGIC;
    return c->v2 || fs.f_type == V1_MAGIC;
}

/* A file of a group, without its last newline. */
static bool group_file(const char *dir, const char *file, struct bw_str *out)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    if (bw_read_file(AT_FDCWD, path, out) != 0)
        return false;
    while (out->len && out->s[out->len - 1] == '\n')
        out->s[--out->len] = '\0';
    return true;
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; (p = strstr(p, word)); p += n)
        if ((p == list || strchr(" \n", p[-1])) && (p[n] == '\0' || strchr(" \n", p[n])))
            return true;
    return false;
}

static void parent_of(const char *dir, char *out, size_t size)
{
    snprintf(out, size, "%s", dir);
    char *slash = strrchr(out, '/');
    if (slash && slash != out)
        *slash = '\0';
}

static bool cg_owner(struct bw_scene *s)
{
    struct cg_path c;
    struct stat st;
    if (!in_cgroupfs(s, &c))
        return false;
    const char *what = strcmp(c.dir, c.path) == 0 || access(c.path, F_OK) != 0 ? c.dir : c.path;
    if (access(what, W_OK) == 0 || stat(what, &st) != 0)
        return false;
    bw_err_cause(s->err, "%.200s belongs to uid %u (mode %04o), and the shell runs as uid %u", what,
                 st.st_uid, st.st_mode & 07777u, geteuid());
    if (geteuid() == 0)
        bw_err_todo(s->err, "mount cgroupfs writable, or start boxwright as root of the host");
    else
        bw_err_todo(s->err, "%s",
                    c.v2 ? "systemd-run --user --scope -p Delegate=yes boxwright delegates a "
                           "group; or start boxwright as root"
                         : "on cgroup v1 groups are root's: start boxwright as root, or have root "
                           "chown a group");
    return true;
}

/* Moving wants write access to cgroup.procs of the nearest group that holds both places. */
static bool cg_ancestor(struct bw_scene *s)
{
    struct cg_path c;
    if (!in_cgroupfs(s, &c) || !c.v2 || strcmp(c.file, "cgroup.procs") != 0 ||
        access(c.path, W_OK) != 0)
        return false;
    bw_err_cause(s->err,
                 "the process comes from outside the delegated groups: moving it to %.250s wants "
                 "write access to cgroup.procs of the group above both",
                 c.dir);
    bw_err_todo(s->err, "start boxwright inside the delegated group: systemd-run --user --scope -p "
                        "Delegate=yes boxwright; or as root");
    return true;
}

static bool cg_read_only(struct bw_scene *s)
{
    struct cg_path c;
    if (!in_cgroupfs(s, &c))
        return false;
    bw_err_cause(s->err,
                 "the cgroup file system at %.250s is mounted read-only, as container engines do",
                 c.dir);
    bw_err_todo(
        s->err,
        "run boxwright on the host, or start the container with --privileged --cgroupns=private");
    return true;
}

static bool cg_internal(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR text = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || !c.v2)
        return false;
    if (strcmp(c.file, "cgroup.subtree_control") == 0 && group_file(c.dir, "cgroup.procs", &text) &&
        text.len) {
        size_t n = 1;
        for (const char *p = text.s; (p = strchr(p, '\n')); p++)
            n++;
        bw_err_cause(s->err,
                     "%.250s holds %zu processes, and a v2 group with processes hands no "
                     "controllers down (no internal processes)",
                     c.dir, n);
        bw_err_todo(s->err,
                    "move them to a group below it first; cgcreate makes a group that is empty");
        return true;
    }
    if (strcmp(c.file, "cgroup.procs") == 0 && group_file(c.dir, "cgroup.subtree_control", &text) &&
        text.len) {
        bw_err_cause(s->err,
                     "%.200s hands %.100s down to groups below it, and such a v2 group takes no "
                     "processes (no internal processes)",
                     c.dir, text.s);
        bw_err_todo(s->err, "use a group below it that has none of its own: cgcreate makes one");
        return true;
    }
    return false;
}

static bool cg_in_use(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR text = BW_STR_INIT;
    struct stat st;
    if (strcmp(bw_scene_op(s->err->op), "rmdir") != 0 || !in_cgroupfs(s, &c) ||
        strcmp(c.dir, c.path) != 0)
        return false;
    if (group_file(c.dir, "cgroup.procs", &text) && text.len)
        bw_err_cause(s->err, "processes are in %.250s, the first is %d", c.dir,
                     (int)strtol(text.s, NULL, 10));
    else if (stat(c.dir, &st) == 0 && st.st_nlink > 2)
        bw_err_cause(s->err, "%.250s has groups below it", c.dir);
    else
        bw_err_cause(s->err, "%.250s is still held by processes that are ending", c.dir);
    bw_err_todo(s->err,
                "end the processes (kill), remove the groups below (cgdelete), then repeat");
    return true;
}

static bool cg_memory_used(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR text = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || c.v2 || !bw_str_starts(c.file, "memory.") ||
        !group_file(c.dir, "memory.usage_in_bytes", &text))
        return false;
    bw_err_cause(s->err,
                 "%.200s uses %.30s bytes, and the kernel could not get that below the new limit",
                 c.dir, text.s);
    bw_err_todo(s->err, "set a larger limit, or end processes in the group first");
    return true;
}

/* "cpu" of cpu.max; cgroup's own files have no controller. */
static bool controller_of(const char *file, char *out, size_t size)
{
    size_t n = strcspn(file, ".");
    if (!file[n] || n >= size || strncmp(file, "cgroup", n) == 0)
        return false;
    snprintf(out, size, "%.*s", (int)n, file);
    return true;
}

static bool cg_no_controller(struct bw_scene *s)
{
    struct cg_path c;
    char ctl[32], up[1024];
    BW_AUTO_STR has = BW_STR_INIT, above = BW_STR_INIT, gives = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || !c.v2 || access(c.path, F_OK) == 0 ||
        !controller_of(c.file, ctl, sizeof ctl) || !group_file(c.dir, "cgroup.controllers", &has) ||
        has_word(bw_str_get(&has), ctl))
        return false;
    parent_of(c.dir, up, sizeof up);
    bool top = !group_file(up, "cgroup.subtree_control", &gives);
    if (!top && group_file(up, "cgroup.controllers", &above) && has_word(bw_str_get(&above), ctl))
        bw_err_cause(
            s->err,
            "there is no %s because cgroup.subtree_control of %.150s is \"%.60s\", without %s",
            c.file, up, bw_str_get(&gives), ctl);
    else
        bw_err_cause(s->err,
                     "there is no %s because %s is not in cgroup.controllers of %.150s (\"%.80s\")",
                     c.file, ctl, top ? c.dir : up, bw_str_get(top ? &has : &above));
    bw_err_todo(s->err,
                "write +%s to cgroup.subtree_control of each group above, from the top, as "
                "cgcreate %s does; a v1 hierarchy may hold it (doctor)",
                ctl, ctl);
    return true;
}

static bool cg_unknown_controller(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR has = BW_STR_INIT, text = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || strcmp(c.file, "cgroup.subtree_control") != 0 ||
        !bw_scene_arg(s, 1, &text) || !group_file(c.dir, "cgroup.controllers", &has))
        return false;
    bw_err_cause(s->err, "%.200s has the controllers \"%.100s\", and \"%.60s\" asks for others",
                 c.dir, bw_str_get(&has), bw_str_get(&text));
    bw_err_todo(s->err, "enable it in the group above first; a controller that a v1 hierarchy "
                        "holds is not on v2 (doctor)");
    return true;
}

static bool cg_no_group(struct bw_scene *s)
{
    struct cg_path c;
    if (!in_cgroupfs(s, &c) || access(c.path, F_OK) == 0)
        return false;
    char up[1024];
    parent_of(c.path, up, sizeof up);
    if (strcmp(up, c.dir) != 0)
        bw_err_cause(s->err, "the group %.300s does not exist", up);
    else
        bw_err_cause(
            s->err,
            "%.250s has no file %.100s: this kernel or this version of cgroups does not provide it",
            c.dir, c.file);
    bw_err_todo(s->err,
                strcmp(up, c.dir) != 0 ? "cgcreate makes it" : "host ls %.250s lists what there is",
                c.dir);
    return true;
}

static bool cg_threaded(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR type = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || !c.v2 || !group_file(c.dir, "cgroup.type", &type) ||
        strcmp(bw_str_get(&type), "domain") == 0)
        return false;
    bw_err_cause(
        s->err,
        "cgroup.type of %.250s is \"%.40s\", which takes single threads and no domain controllers",
        c.dir, type.s);
    bw_err_todo(s->err, "use a group whose cgroup.type is domain: cgcreate makes one elsewhere");
    return true;
}

static bool cg_empty_set(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR cpus = BW_STR_INIT, mems = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || !group_file(c.dir, "cpuset.cpus", &cpus) ||
        !group_file(c.dir, "cpuset.mems", &mems) || (cpus.len && mems.len))
        return false;
    bw_err_cause(s->err, "%s of %.250s is empty: a process there could run nowhere",
                 cpus.len ? "cpuset.mems" : "cpuset.cpus", c.dir);
    bw_err_todo(s->err,
                "cgset -r cpuset.cpus=0 -r cpuset.mems=0 NAME, before the group gets processes");
    return true;
}

static bool cg_set_outside(struct bw_scene *s)
{
    struct cg_path c;
    char up[1024];
    BW_AUTO_STR above = BW_STR_INIT, text = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || !bw_str_starts(c.file, "cpuset.") || !bw_scene_arg(s, 1, &text))
        return false;
    parent_of(c.dir, up, sizeof up);
    bool known = group_file(up, c.file, &above) && above.len;
    if (!known) {
        bw_str_clear(&above);
        known = bw_read_file(AT_FDCWD,
                             strstr(c.file, "mems") ? "/sys/devices/system/node/online"
                                                    : "/sys/devices/system/cpu/online",
                             &above) == 0;
    }
    while (above.len && above.s[above.len - 1] == '\n')
        above.s[--above.len] = '\0';
    bw_err_cause(s->err, "\"%.60s\" is not a list within what the group above has (%.100s)",
                 bw_str_get(&text), known ? above.s : "unknown");
    bw_err_todo(s->err, "choose from it: cgcreate cpuset %.100s", known ? above.s : "0");
    return true;
}

static bool cg_bandwidth(struct bw_scene *s)
{
    struct cg_path c;
    char up[1024];
    BW_AUTO_STR text = BW_STR_INIT, quota = BW_STR_INIT, period = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) ||
        !(bw_str_starts(c.file, "cpu.cfs_") || strcmp(c.file, "cpu.max") == 0) ||
        !bw_scene_arg(s, 1, &text))
        return false;
    long long v = strtoll(bw_str_get(&text), NULL, 10);
    const char *second = strchr(bw_str_get(&text), ' ');
    long long p = strstr(c.file, "period") ? v : second ? strtoll(second, NULL, 10) : 100000;
    parent_of(c.dir, up, sizeof up);
    if (p < 1000 || p > 1000000)
        bw_err_cause(s->err, "the period is %lld us, and the kernel takes 1000 to 1000000", p);
    else if (!strstr(c.file, "period") && v < 1000 && v != -1 && !bw_str_starts(text.s, "max"))
        bw_err_cause(s->err, "the quota is %lld us, and the kernel takes 1000 or more", v);
    else if (!c.v2 && group_file(up, "cpu.cfs_quota_us", &quota) &&
             strtoll(bw_str_get(&quota), NULL, 10) > 0 &&
             group_file(up, "cpu.cfs_period_us", &period))
        bw_err_cause(
            s->err,
            "on v1 a group cannot have more than the one above, which has %.20s us in each %.20s",
            bw_str_get(&quota), bw_str_get(&period));
    else
        bw_err_cause(s->err, "\"%.60s\" is not a quota that %s takes", bw_str_get(&text), c.file);
    bw_err_todo(s->err, "cgcreate cpu 50%% sets half a core");
    return true;
}

static bool cg_value(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR text = BW_STR_INIT, now = BW_STR_INIT;
    if (!in_cgroupfs(s, &c) || !bw_scene_arg(s, 1, &text) || strcmp(c.file, "cgroup.procs") == 0)
        return false;
    if (group_file(c.dir, c.file, &now) && now.len)
        bw_err_cause(s->err, "%s does not take \"%.80s\"; it holds \"%.80s\" now", c.file,
                     bw_str_get(&text), now.s);
    else
        bw_err_cause(s->err, "%s does not take \"%.80s\"", c.file, bw_str_get(&text));
    bw_err_todo(s->err, "help cgset shows the form of each file");
    return true;
}

static bool cg_no_process(struct bw_scene *s)
{
    struct cg_path c;
    BW_AUTO_STR text = BW_STR_INIT;
    char proc[64];
    if (!in_cgroupfs(s, &c) || !bw_scene_arg(s, 1, &text))
        return false;
    snprintf(proc, sizeof proc, "/proc/%.20s", bw_str_get(&text));
    bw_err_cause(s->err, "there is %s process %.20s to move",
                 access(proc, F_OK) == 0 ? "only an ended" : "no", bw_str_get(&text));
    bw_err_todo(s->err, "ps lists the box's processes");
    return true;
}

static bool cg_too_many(struct bw_scene *s)
{
    struct cg_path c;
    char dir[1024];
    if (strcmp(bw_scene_op(s->err->op), "mkdir") != 0 || !in_cgroupfs(s, &c) || !c.v2)
        return false;
    for (snprintf(dir, sizeof dir, "%s", c.dir);;) {
        BW_AUTO_STR max = BW_STR_INIT, deep = BW_STR_INIT;
        if (!group_file(dir, "cgroup.max.descendants", &max) ||
            !group_file(dir, "cgroup.max.depth", &deep))
            return false;
        if (strcmp(bw_str_get(&max), "max") != 0 || strcmp(bw_str_get(&deep), "max") != 0) {
            bw_err_cause(s->err,
                         "%.200s limits the groups below it: cgroup.max.descendants is %.20s, "
                         "cgroup.max.depth is %.20s",
                         dir, max.s, deep.s);
            bw_err_todo(s->err, "cgdelete groups that are not needed, or raise the limit as root");
            return true;
        }
        char up[1024];
        parent_of(dir, up, sizeof up);
        if (strcmp(up, dir) == 0)
            return false;
        memcpy(dir, up, sizeof dir);
    }
}

static bool cg_exists(struct bw_scene *s)
{
    struct cg_path c;
    if (!in_cgroupfs(s, &c))
        return false;
    bw_err_cause(s->err, "the group %.300s exists already", c.path);
    bw_err_todo(s->err, "use it as it is, or cgdelete it first");
    return true;
}

static const struct bw_cause causes[] = {
    {"mkdir", EACCES, cg_owner, "the group belongs to another user: it has to be delegated"},
    {"mkdir", EPERM, cg_owner, "the group belongs to another user: it has to be delegated"},
    {"mkdir", EROFS, cg_read_only, "the cgroup file system is mounted read-only"},
    {"mkdir", EEXIST, cg_exists, "the group exists"},
    {"mkdir", EAGAIN, cg_too_many,
     "cgroup.max.descendants or cgroup.max.depth of a group above is reached"},
    {"rmdir", EBUSY, cg_in_use, "the control group holds processes or groups"},
    {"open", EACCES, cg_owner, "the group belongs to another user: it has to be delegated"},
    {"open", EROFS, cg_read_only, "the cgroup file system is mounted read-only"},
    {"open", ENOENT, cg_no_controller,
     "the controller is not in cgroup.subtree_control of the group above"},
    {"open", ENOENT, cg_no_group, "the group or file does not exist"},
    {"write", EACCES, cg_owner, "the file belongs to another user: the group has to be delegated"},
    {"write", EACCES, cg_ancestor,
     "moving wants write access to cgroup.procs of the group above both places"},
    {"write", EACCES, cg_set_outside, "on v1 a cpuset lies within the one above"},
    {"write", EPERM, cg_owner, "the file belongs to another user: the group has to be delegated"},
    {"write", EBUSY, cg_internal, "a v2 group holds processes or hands controllers down, not both"},
    {"write", EBUSY, cg_memory_used, "the group uses more memory than the new limit"},
    {"write", EOPNOTSUPP, cg_threaded, "the group is threaded, or below a threaded one"},
    {"write", EOPNOTSUPP, cg_internal,
     "a v2 group holds processes or hands controllers down, not both"},
    {"write", ENOENT, cg_unknown_controller,
     "the controller is not in cgroup.controllers of the group"},
    {"write", EINVAL, cg_unknown_controller, "no controller has that name"},
    {"write", ENOSPC, cg_empty_set, "cpuset.cpus or cpuset.mems of the group is empty"},
    {"write", EINVAL, cg_set_outside,
     "a list of CPUs or memory nodes is malformed or not within the one above"},
    {"write", ERANGE, cg_set_outside,
     "a list of CPUs or memory nodes is malformed or not within the one above"},
    {"write", EINVAL, cg_bandwidth,
     "a quota or period is out of range, or on v1 more than the group above has"},
    {"write", EINVAL, cg_value, "the file does not take this value"},
    {"write", ERANGE, cg_value, "the value is out of range"},
    {"write", ESRCH, cg_no_process, "the process to move has ended"},
};

const struct bw_causes bw_causes_cgroup = {causes, sizeof causes / sizeof causes[0]};
