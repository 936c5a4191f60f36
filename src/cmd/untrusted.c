#include "untrusted.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/inroot.h"
#include "kern/mnt.h"
#include "kern/observe.h"

static bool same_place(pid_t pid, int fd, const char *dir)
{
    BW_AUTO_FD other = dir ? bw_inroot_open(pid, dir, O_PATH | O_DIRECTORY) : -1;
    struct stat a, b;

    return other >= 0 && fstat(fd, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Made or taken by an earlier step of this session. */
static bool known(struct bw_session *s, int fd)
{
    for (size_t i = 0; i < s->box->journal.n; i++)
        if (same_place(s->box->stage.pid, fd, s->box->journal.v[i].root_dir))
            return true;
    return false;
}

static bool has(int dir, const char *name)
{
    struct stat st;

    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* 1, 0, or -1 with s->err when it cannot be looked at for a reason that the call it is for would
 * not meet itself. */
static int is_root(struct bw_session *s, const char *path)
{
    BW_AUTO_FD fd = bw_inroot_open(s->box->stage.pid, path, O_PATH | O_DIRECTORY);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES ||
                   errno == ENAMETOOLONG))
        return 0;
    if (fd < 0) {
        bw_err_call(&s->err, errno, "openat2", "…, \"%s\", {flags=O_PATH|O_DIRECTORY, …}", path);
        return -1;
    }
    if (same_place(s->box->stage.pid, fd, "/"))
        return 0;
    return known(s, fd) || has(fd, "proc") || (has(fd, "bin") && has(fd, "etc"));
}

int untrusted_root(struct bw_session *s, const char *path, char **found)
{
    BW_AUTO_STR part = BW_STR_INIT, root = BW_STR_INIT;

    *found = NULL;
    /* Inside a root of its own no path of the box leads out. One that cannot be read may be none.
     */
    bw_proc_root(s->box->stage.pid, &root);
    if (strcmp(bw_str_get(&root), "/") != 0 && strcmp(bw_str_get(&root), "?") != 0)
        return 0;
    for (const char *end = path; *end;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        bw_str_clear(&part);
        bw_str_addn(&part, path, (size_t)(end - path));
        int is = is_root(s, part.s);
        if (is < 0)
            return -1;
        if (is > 0) {
            *found = bw_str_steal(&part);
            return 0;
        }
    }
    return 0;
}

int box_mounts(struct bw_session *s, struct bw_mounts *out)
{
    pid_t pid = s->box->stage.pid;
    if (bw_mounts_read(pid, out) == 0)
        return 0;
    return bw_err_call(&s->err, errno, "open", "\"/proc/%d/mountinfo\"", (int)pid);
}

/* Whether a mount made at target now would also appear on the host; -1 with s->err when that cannot
 * be told. */
static int reaches_host(struct bw_session *s, const char *target)
{
    struct bw_mounts m;
    size_t best = 0;
    bool shared = false;
    if (box_mounts(s, &m))
        return -1;
    for (size_t i = 0; i < m.n; i++) {
        size_t n = strlen(m.v[i].target);
        bool under = strncmp(m.v[i].target, target, n) == 0 &&
                     (n == 1 || target[n] == '/' || target[n] == '\0');
        if (under && n >= best) {
            best = n;
            shared = strstr(m.v[i].propagation, "shared:") != NULL;
        }
    }
    bw_mounts_free(&m);
    return shared;
}

int stays_in_box(struct bw_session *s, const char *target)
{
    int reaches = reaches_host(s, target);
    if (reaches <= 0)
        return reaches;
    bw_err_set(&s->err,
               "the mount under %s is shared: what is mounted there could appear on the host",
               target);
    bw_err_todo(&s->err, "mount --make-rprivate /");
    return -1;
}
