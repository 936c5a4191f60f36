#include "kern/idmap.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/observe.h"

static const struct {
    const char *word, *file, *helper, *subids, *cap_name;
    int cap;
} kinds[] = {
    [BW_UID] = {"uid", "uid_map", "newuidmap", "/etc/subuid", "CAP_SETUID", CAP_SETUID},
    [BW_GID] = {"gid", "gid_map", "newgidmap", "/etc/subgid", "CAP_SETGID", CAP_SETGID},
};

/* Reads up to three numbers separated by sep (blanks when it is ' '). Returns how many, or -1. */
static int three_numbers(const char *text, char sep, unsigned v[3])
{
    int n = 0;

    while (n < 3) {
        char number[12];
        long long value;
        size_t len = strspn(text, "0123456789");
        if (len == 0 || len >= sizeof number)
            return -1;
        memcpy(number, text, len);
        number[len] = '\0';
        if (bw_parse_num(number, 0, UINT32_MAX, &value) != 0)
            return -1;
        v[n++] = (unsigned)value;
        text += len;
        if (*text == '\0')
            return n;
        if (sep == ' ' ? !isblank((unsigned char)*text) : *text != sep)
            return -1;
        text += sep == ' ' ? strspn(text, " \t") : 1;
    }
    return -1;
}

static bool meet(unsigned a, unsigned b, unsigned a_count, unsigned b_count)
{
    return a < (uint64_t)b + b_count && b < (uint64_t)a + a_count;
}

int bw_idmap_parse(const char *text, struct bw_id_range *v, size_t *n, struct bw_err *err)
{
    unsigned w[3];

    if (three_numbers(text, strchr(text, ':') != NULL ? ':' : ' ', w) != 3) {
        BW_AUTO_STR safe = BW_STR_INIT;
        bw_str_add_safe(&safe, text);
        bw_err_usage(err, "'%s' is not a range of IDs", bw_str_get(&safe));
        bw_err_todo(err, "write INSIDE:OUTSIDE:COUNT with numbers up to 4294967295: 0:%u:1",
                    (unsigned)geteuid());
        return -1;
    }
    struct bw_id_range r = {.inside = w[0], .outside = w[1], .count = w[2]};
    if (r.count == 0)
        return bw_err_usage(err, "range %u:%u:0 is empty: its count must be 1 or more", r.inside,
                            r.outside);
    if (r.count > UINT32_MAX - r.inside || r.count > UINT32_MAX - r.outside)
        return bw_err_usage(err, "range %u:%u:%u goes past the last ID, 4294967294", r.inside,
                            r.outside, r.count);
    if (*n >= BW_IDMAP_MAX)
        return bw_err_usage(err, "the kernel takes at most %d ranges in a map", BW_IDMAP_MAX);
    for (size_t i = 0; i < *n; i++) {
        bool in = meet(r.inside, v[i].inside, r.count, v[i].count);
        if (in || meet(r.outside, v[i].outside, r.count, v[i].count))
            return bw_err_usage(err, "range %u:%u:%u overlaps %u:%u:%u %s the box", r.inside,
                                r.outside, r.count, v[i].inside, v[i].outside, v[i].count,
                                in ? "inside" : "outside");
    }
    v[(*n)++] = r;
    return 0;
}

static bool has_cap(int cap)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};

    return syscall(SYS_capget, &head, data) == 0 && (data[cap / 32].effective >> (cap % 32) & 1);
}

static bool own_id_only(enum bw_id_kind kind, const struct bw_id_range *v, size_t n)
{
    unsigned own = kind == BW_UID ? geteuid() : getegid();

    return n == 1 && v[0].count == 1 && v[0].outside == own;
}

static bool maps_root(const struct bw_id_range *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (v[i].outside == 0)
            return true;
    return false;
}

static bool setgroups_allowed(pid_t pid)
{
    char path[48];
    BW_AUTO_STR text = BW_STR_INIT;

    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)pid);
    return bw_read_file(AT_FDCWD, path, &text) == 0 && bw_str_starts(bw_str_get(&text), "allow");
}

/* Whether the process's user namespace is a grandchild of the caller's or further away: the kernel
 * takes a map only from the namespace itself and from its parent. */
static bool too_deep(pid_t pid)
{
    struct stat own, parent;
    BW_AUTO_FD fd = bw_proc_open_link(pid, "ns/user");

    if (fd < 0 || stat("/proc/self/ns/user", &own) != 0)
        return false;
    BW_AUTO_FD above = ioctl(fd, NS_GET_PARENT);
    return above >= 0 && fstat(above, &parent) == 0 && parent.st_ino != own.st_ino;
}

/* Why the kernel refused the write, looked up in the order it checks. */
static void explain_write(pid_t pid, enum bw_id_kind kind, const struct bw_id_range *v, size_t n,
                          struct bw_err *err)
{
    unsigned own = kind == BW_UID ? geteuid() : getegid();
    struct bw_id_range old[1];

    if (err == NULL || err->code != EPERM)
        return;
    if (bw_idmap_read(pid, kind, old, 1) > 0) {
        bw_err_cause(err, "the %s map is written already, and the kernel takes it only once",
                     kinds[kind].word);
        bw_err_todo(err, "undo takes the map back by building the box again without it");
    } else if (too_deep(pid)) {
        bw_err_cause(err, "this user namespace lies inside another one of the box, and a map is "
                          "taken only from the namespace itself or from its parent");
        bw_err_todo(err, "undo, and use a single user namespace");
    } else if (kind == BW_GID && !has_cap(CAP_SETGID) && setgroups_allowed(pid)) {
        bw_err_cause(err, "setgroups is still allowed in the namespace, and without CAP_SETGID a "
                          "gid map is taken only after it is denied");
        bw_err_todo(err, "map setgroups deny, then map gid again");
    } else if (!has_cap(kinds[kind].cap) && !own_id_only(kind, v, n)) {
        bw_err_cause(err, "%s is needed to map more than your own ID, and %s is not installed",
                     kinds[kind].cap_name, kinds[kind].helper);
        bw_err_todo(err, "map your own ID alone (map %s 0:%u:1), or install the package uidmap",
                    kinds[kind].word, own);
    } else if (maps_root(v, n) && !has_cap(CAP_SETFCAP)) {
        bw_err_cause(err, "CAP_SETFCAP is needed to map ID 0 of the namespace outside");
        bw_err_todo(err, "leave outside ID 0 out of the map, or give boxwright CAP_SETFCAP");
    } else {
        bw_err_cause(err, "a range names an ID that this shell's own user namespace does not have, "
                          "or the namespace has another owner");
        bw_err_todo(err, "cat /proc/self/%s lists the IDs that there are", kinds[kind].file);
    }
}

static void add_ranges(struct bw_str *out, const struct bw_id_range *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bw_str_addf(out, "%s%u %u %u", i > 0 ? "\n" : "", v[i].inside, v[i].outside, v[i].count);
}

static int write_map(pid_t pid, enum bw_id_kind kind, const struct bw_id_range *v, size_t n,
                     struct bw_err *err)
{
    char path[48];
    BW_AUTO_STR text = BW_STR_INIT;

    add_ranges(&text, v, n);
    if (text.len >= (size_t)sysconf(_SC_PAGESIZE))
        return bw_err_usage(err, "the map is %zu bytes long, and the kernel takes less than a page",
                            text.len);
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, kinds[kind].file);
    if (bw_sys_write_file(AT_FDCWD, path, text.s, err) == 0)
        return 0;
    int code = errno;
    explain_write(pid, kind, v, n, err);
    errno = code;
    return -1;
}

/* The full path of newuidmap or newgidmap; not from PATH, since it is trusted with privilege. */
static bool find_helper(const char *name, struct bw_str *path)
{
    static const char *const dirs[] = {"/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"};

    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        bw_str_clear(path);
        bw_str_addf(path, "%s/%s", dirs[i], name);
        if (access(path->s, X_OK) == 0)
            return true;
    }
    return false;
}

/* Starts path with its output on fd. Returns 0 or an errno. */
static int start_helper(const char *path, char *const *argv, char *const *env, int fd, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, fd, 1);
    posix_spawn_file_actions_adddup2(&files, fd, 2);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int code = posix_spawn(pid, path, &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* Runs the helper to its end; what it says goes to said. Returns its wait status, or -1. */
static int run_helper(const char *path, char *const *argv, struct bw_str *said, struct bw_err *err)
{
    char *const env[] = {(char[]){"LC_ALL=C"}, NULL};
    BW_AUTO_STR args = BW_STR_INIT;
    int ends[2], status = 0;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return bw_err_call(err, errno, "pipe2", "%s", "[], O_CLOEXEC");
    BW_AUTO_FD in = ends[0];
    BW_AUTO_FD out = ends[1];
    bw_str_add_quoted(&args, path);
    for (size_t i = 0; argv[i] != NULL; i++)
        bw_str_addf(&args, "%s\"%s\"", i > 0 ? ", " : ", [", argv[i]);
    bw_str_add(&args, "], [\"LC_ALL=C\"]");
    errno = start_helper(path, argv, env, out, &pid);
    int result = errno != 0 ? -1 : 0;
    bw_call_done(err, BW_CALL_STEP, result, "execve", "%s", args.s);
    if (result != 0)
        return -1;
    bw_close_ptr(&out);
    (void)bw_read_all(in, said, 4096);
    bw_close_ptr(&in);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return bw_err_call(err, errno, "waitpid", "%d, …", (int)pid);
    return status;
}

static int map_by_helper(const char *path, pid_t pid, enum bw_id_kind kind,
                         const struct bw_id_range *v, size_t n, struct bw_err *err)
{
    BW_AUTO_FREE char **argv = bw_alloc((n * 3 + 3) * sizeof *argv);
    BW_AUTO_STR words = BW_STR_INIT, said = BW_STR_INIT, safe = BW_STR_INIT;
    size_t argc = 0;

    bw_str_addf(&words, "%s %d", kinds[kind].helper, (int)pid);
    for (size_t i = 0; i < n; i++)
        bw_str_addf(&words, " %u %u %u", v[i].inside, v[i].outside, v[i].count);
    for (char *save = NULL, *w = strtok_r(words.s, " ", &save); w != NULL;
         w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    argv[argc] = NULL;
    int status = run_helper(path, argv, &said, err);
    if (status < 0)
        return -1;
    bw_call_note("a set-user-ID program that writes the ranges %s allows", kinds[kind].subids);
    if (status == 0)
        return 0;
    said.len = strcspn(bw_str_get(&said), "\n");
    if (said.s != NULL)
        said.s[said.len] = '\0';
    const char *why = bw_str_get(&said);
    size_t name = strlen(kinds[kind].helper);
    if (bw_str_starts(why, kinds[kind].helper) && bw_str_starts(why + name, ": "))
        why += name + 2;
    bw_str_add_safe(&safe, why);
    bw_err_set(err, "%s refused: %s", kinds[kind].helper,
               safe.len > 0 ? safe.s : "it gave no reason");
    bw_err_todo(err,
                "map only your own ID and the ranges %s gives you; as root, usermod "
                "--add-sub%ss 100000-165535 USER adds one",
                kinds[kind].subids, kinds[kind].word);
    errno = EPERM;
    return -1;
}

int bw_idmap_write(pid_t pid, enum bw_id_kind kind, const struct bw_id_range *v, size_t n,
                   struct bw_err *err)
{
    BW_AUTO_STR helper = BW_STR_INIT;

    if (n == 0)
        return bw_err_usage(err, "a map needs at least one range");
    /* A user whose own group is 0 gains nothing by mapping it. */
    if (geteuid() != 0 && maps_root(v, n) && !own_id_only(kind, v, n)) {
        bw_err_set(err, "outside ID 0 is the host's root, which an ordinary user may not map");
        bw_err_todo(err, "map your own ID: map %s 0:%u:1", kinds[kind].word,
                    (unsigned)(kind == BW_UID ? geteuid() : getegid()));
        errno = EPERM;
        return -1;
    }
    if (!own_id_only(kind, v, n) && !has_cap(kinds[kind].cap) &&
        find_helper(kinds[kind].helper, &helper))
        return map_by_helper(helper.s, pid, kind, v, n, err);
    return write_map(pid, kind, v, n, err);
}

int bw_idmap_setgroups(pid_t pid, bool allow, struct bw_err *err)
{
    char path[48];
    struct bw_id_range old[1];

    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)pid);
    if (bw_sys_write_file(AT_FDCWD, path, allow ? "allow" : "deny", err) == 0)
        return 0;
    int code = errno;
    if (code == EPERM && allow && !setgroups_allowed(pid)) {
        bw_err_cause(err, "setgroups is denied already, and that cannot be taken back");
        bw_err_todo(err, "undo builds the box again without that step");
    } else if (code == EPERM && !allow && bw_idmap_read(pid, BW_GID, old, 1) > 0) {
        bw_err_cause(err,
                     "the gid map is written already, and setgroups can be denied only before");
        bw_err_todo(err, "undo the gid map, then map setgroups deny");
    } else if (code == EPERM && too_deep(pid)) {
        bw_err_cause(err, "this user namespace lies inside another one of the box, which alone "
                          "may write here");
        bw_err_todo(err, "undo, and use a single user namespace");
    }
    errno = code;
    return -1;
}

size_t bw_idmap_parse_subids(const char *text, const char *user, unsigned uid,
                             struct bw_id_range *v, size_t max)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);
    char number[16];
    size_t n = 0;

    snprintf(number, sizeof number, "%u", uid);
    for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line != NULL && n < max;
         line = strtok_r(NULL, "\n", &save)) {
        char *first = strchr(line, ':');
        char *count = first != NULL ? strchr(first + 1, ':') : NULL;
        long long from, many;
        if (count == NULL)
            continue;
        *first++ = '\0';
        *count++ = '\0';
        if (strcmp(line, number) != 0 && (user == NULL || strcmp(line, user) != 0))
            continue;
        if (bw_parse_num(first, 0, UINT32_MAX - 1, &from) == 0 &&
            bw_parse_num(count, 1, UINT32_MAX - from, &many) == 0)
            v[n++] = (struct bw_id_range){.outside = (unsigned)from, .count = (unsigned)many};
    }
    return n;
}

int bw_idmap_parse_map(const char *text, struct bw_id_range *v, size_t max)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);
    size_t n = 0;

    for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line != NULL && n < max;
         line = strtok_r(NULL, "\n", &save)) {
        unsigned w[3];
        line += strspn(line, " ");
        if (three_numbers(line, ' ', w) != 3) {
            errno = EINVAL;
            return -1;
        }
        v[n++] = (struct bw_id_range){.inside = w[0], .outside = w[1], .count = w[2]};
    }
    return (int)n;
}

size_t bw_idmap_subids(enum bw_id_kind kind, struct bw_id_range *v, size_t max)
{
    BW_AUTO_STR text = BW_STR_INIT;
    const struct passwd *pw = getpwuid(getuid());

    if (bw_read_file(AT_FDCWD, kinds[kind].subids, &text) != 0)
        return 0;
    return bw_idmap_parse_subids(bw_str_get(&text), pw != NULL ? pw->pw_name : NULL, getuid(), v,
                                 max);
}

int bw_idmap_read(pid_t pid, enum bw_id_kind kind, struct bw_id_range *v, size_t max)
{
    char path[48];
    BW_AUTO_STR text = BW_STR_INIT;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, kinds[kind].file);
    if (bw_read_file(AT_FDCWD, path, &text) != 0)
        return -1;
    return bw_idmap_parse_map(bw_str_get(&text), v, max);
}
