/* Paths as the box resolves them. The box's root is not trusted: nothing is opened for reading
 * that is not a regular file, and no link leads out of the root. */
#include "explain_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/inroot.h"

static int open_node(const struct bw_scene *s, const char *path, int flags)
{
    /* What the shell works on lies in its own view. */
    return bw_inroot_open(bw_scene_outside(path) ? 0 : s->pid, path, flags);
}

int bw_scene_open(const struct bw_scene *s, const char *path, int flags)
{
    BW_AUTO_FD node = open_node(s, path, O_PATH | (flags & O_NOFOLLOW));
    if (node < 0 || (flags & O_PATH))
        return bw_steal_fd(&node);
    struct stat st;
    if (fstat(node, &st) != 0)
        return -1;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    char again[40];
    snprintf(again, sizeof again, "/proc/self/fd/%d", node);
    return open(again, flags | O_CLOEXEC | O_NONBLOCK);
}

/* Length of the next longer prefix of path that ends before a slash or at the end; 0: none. */
static size_t prefix_after(const char *path, size_t len)
{
    while (path[len] == '/')
        len++;
    if (!path[len])
        return 0;
    return len + strcspn(path + len, "/");
}

int bw_scene_walk(const struct bw_scene *s, const char *path, struct bw_str *bad)
{
    size_t len = 0, before = 0;
    bw_str_clear(bad);
    while ((len = prefix_after(path, len)) != 0) {
        bw_str_clear(bad);
        bw_str_addn(bad, path, len);
        BW_AUTO_FD fd = open_node(s, bad->s, O_PATH);
        if (fd < 0) {
            int code = errno;
            if (code == ENOTDIR && before) { /* the one before it is what is no directory */
                bw_str_clear(bad);
                bw_str_addn(bad, path, before);
            }
            return code;
        }
        before = len;
    }
    bw_str_clear(bad);
    return 0;
}

/* Whether the box is in group gid by its supplementary groups. */
static bool in_groups(const struct bw_scene *s, unsigned gid)
{
    char path[80];
    BW_AUTO_STR text = BW_STR_INIT;
    bw_scene_proc(s, "status", path, sizeof path);
    if (bw_read_file(AT_FDCWD, path, &text) != 0)
        return false;
    const char *p = strstr(bw_str_get(&text), "\nGroups:");
    if (!p)
        return false;
    for (p += strlen("\nGroups:"); *p && *p != '\n';) {
        char *end;
        unsigned long v = strtoul(p, &end, 10);
        if (end == p)
            break;
        if (v == gid)
            return true;
        p = end;
        while (*p == ' ' || *p == '\t')
            p++;
    }
    return false;
}

/* Whether the box may do what want says to a file, as the kernel decides without ACLs. */
static bool allowed(const struct bw_scene *s, const struct stat *st, int want)
{
    unsigned mode = st->st_mode & 7;
    if (s->st.uid[3] == st->st_uid)
        mode = st->st_mode >> 6 & 7;
    else if (s->st.gid[3] == st->st_gid || in_groups(s, st->st_gid))
        mode = st->st_mode >> 3 & 7;
    if (((unsigned)want & ~mode) == 0)
        return true;
    if (!bw_scene_mapped(s, false, st->st_uid) || !bw_scene_mapped(s, true, st->st_gid))
        return false;
    bool exec = S_ISREG(st->st_mode) && (want & X_OK) && !(st->st_mode & 0111);
    if (bw_scene_has_cap(s, CAP_DAC_OVERRIDE) && !exec)
        return true;
    return bw_scene_has_cap(s, CAP_DAC_READ_SEARCH) && !(want & W_OK) && !exec &&
           (S_ISDIR(st->st_mode) || !(want & X_OK));
}

static void say_denied(struct bw_scene *s, const char *path, const struct stat *st,
                       const char *right)
{
    if (bw_scene_host_userns(s) ||
        (bw_scene_mapped(s, false, st->st_uid) && bw_scene_mapped(s, true, st->st_gid)))
        bw_err_cause(s->err,
                     "%.300s has mode %04o and belongs to uid %u, gid %u; uid %u may not %s it",
                     path, st->st_mode & 07777u, st->st_uid, st->st_gid, s->st.uid[3], right);
    else
        bw_err_cause(s->err,
                     "%.300s has mode %04o and belongs to uid %u, gid %u, which the box's user "
                     "namespace does not map, "
                     "so that its root has no power over it",
                     path, st->st_mode & 07777u, st->st_uid, st->st_gid);
    bw_err_todo(s->err,
                "choose a path that uid %u may use, or change the mode outside with host chmod",
                s->st.uid[3]);
}

bool bw_scene_denied(struct bw_scene *s, const char *path, int want, bool parent)
{
    size_t len = path[0] == '/';
    BW_AUTO_STR part = BW_STR_INIT;
    if (!s->alive)
        return false;
    bw_str_addn(&part, "/", len);
    for (;;) {
        size_t next = prefix_after(path, len);
        bool last = next == 0;
        bool dir_of_new = parent && next != 0 && prefix_after(path, next) == 0;
        BW_AUTO_FD fd = open_node(s, part.len ? part.s : ".", O_PATH);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) != 0)
            return false;
        int need = last ? want : X_OK;
        if (dir_of_new)
            need |= W_OK;
        if (!allowed(s, &st, need)) {
            bool write = (need & W_OK) && allowed(s, &st, need & ~W_OK);
            say_denied(s, part.len ? part.s : ".", &st,
                       write                 ? "write to"
                       : S_ISDIR(st.st_mode) ? "search"
                       : (need & X_OK)       ? "execute"
                                             : "read");
            return true;
        }
        if (last || dir_of_new)
            return false;
        bw_str_clear(&part);
        bw_str_addn(&part, path, next);
        len = next;
    }
}

void bw_scene_absolute(const struct bw_scene *s, const char *path, struct bw_str *out)
{
    BW_AUTO_STR full = BW_STR_INIT;
    if (path[0] != '/') {
        char cwd[4096], root[4096];
        ssize_t n = bw_proc_read_link(s->pid, "cwd", cwd, sizeof cwd - 1);
        ssize_t m = bw_proc_read_link(s->pid, "root", root, sizeof root - 1);
        cwd[n > 0 ? n : 0] = '\0';
        root[m > 0 ? m : 0] = '\0';
        bw_str_add(&full, m > 1 && bw_str_starts(cwd, root) ? cwd + m : cwd);
        bw_str_addc(&full, '/');
    }
    bw_str_add(&full, path);
    bw_str_clear(out);
    size_t at = 0, end;
    while ((end = prefix_after(full.s, at)) != 0) {
        const char *word = full.s + end;
        while (word > full.s + at && word[-1] != '/')
            word--;
        size_t n = (size_t)(full.s + end - word);
        if (!(n == 1 && word[0] == '.')) {
            bw_str_addc(out, '/');
            bw_str_addn(out, word, n);
        }
        at = end;
    }
    if (out->len == 0)
        bw_str_addc(out, '/');
}

bool bw_scene_mounts(const struct bw_scene *s, struct bw_mounts *out)
{
    memset(out, 0, sizeof *out);
    return bw_mounts_read(s->pid, out) == 0;
}

const struct bw_mount *bw_scene_mount(const struct bw_mounts *m, const char *path, bool cover)
{
    const struct bw_mount *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < m->n; i++) {
        const char *t = m->v[i].target;
        size_t n = strcmp(t, "/") == 0 ? 0 : strlen(t);
        bool exact = strcmp(t, path) == 0;
        bool below = strncmp(path, t, n) == 0 && (path[n] == '/' || path[n] == '\0');
        /* A later line of the same target lies on top. */
        if ((cover ? below && n >= longest : exact)) {
            best = &m->v[i];
            longest = n;
        }
    }
    return best;
}

const struct bw_mount *bw_scene_covered(const struct bw_mounts *m, const struct bw_mount *at)
{
    size_t n = strlen(at->target);
    for (size_t i = 0; i < m->n; i++)
        if (m->v[i].parent == at->id && strncmp(m->v[i].target, at->target, n) == 0 &&
            m->v[i].target[n] == '/' && strcmp(m->v[i].type, "binfmt_misc") != 0)
            return &m->v[i];
    return NULL;
}

bool bw_scene_no_mount(struct bw_scene *s, const char *path)
{
    BW_AUTO_STR full = BW_STR_INIT;
    struct bw_mounts m;
    if (!bw_scene_mounts(s, &m))
        return false;
    bw_scene_absolute(s, path, &full);
    const struct bw_mount *at = bw_scene_mount(&m, full.s, false);
    const struct bw_mount *on = bw_scene_mount(&m, full.s, true);
    if (!at) {
        bw_err_cause(s->err, "%.250s is not a mount point: it lies on the mount at %.150s", full.s,
                     on ? on->target : "/");
        bw_err_todo(s->err, "inspect lists the mounts; bind %.150s %.150s makes it one", full.s,
                    full.s);
    }
    bw_mounts_free(&m);
    return !at;
}

static bool dangling(const struct bw_scene *s, const char *path)
{
    struct stat st;
    BW_AUTO_FD fd = open_node(s, path, O_PATH | O_NOFOLLOW);
    return fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* A directory that was removed below a process lets nothing be found or made in it. */
static bool cwd_removed(struct bw_scene *s, const char *path)
{
    struct stat st;
    BW_AUTO_FD fd = path[0] == '/' ? -1 : bw_proc_open_link(s->pid, "cwd");
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_nlink != 0)
        return false;
    bw_err_cause(s->err, "the working directory was removed, and with it all that %.300s could be",
                 path);
    bw_err_todo(s->err, "name the whole path, from / on");
    return true;
}

bool bw_scene_missing(struct bw_scene *s, const char *path, const char *role)
{
    BW_AUTO_STR bad = BW_STR_INIT, way = BW_STR_INIT;
    int code = bw_scene_walk(s, path, &bad);
    if (code == ENOENT && cwd_removed(s, path))
        return true;
    const char *where = s->pid ? " in the box" : "";
    if (role)
        bw_str_addf(&way, ", on the way to the %s,", role);
    if (code == ENOENT && dangling(s, bw_str_get(&bad)))
        bw_err_cause(s->err, "%.300s%s is a symbolic link to what does not exist", bw_str_get(&bad),
                     bw_str_get(&way));
    else if (code == ENOENT && role)
        bw_err_cause(s->err, "the %s is missing: there is no %.300s%s", role, bw_str_get(&bad),
                     where);
    else if (code == ENOENT)
        bw_err_cause(s->err, "there is no %.300s%s", bw_str_get(&bad), where);
    else if (code == ENOTDIR)
        bw_err_cause(s->err, "%.300s%s is not a directory", bw_str_get(&bad), bw_str_get(&way));
    else if (code == ELOOP)
        bw_err_cause(s->err, "%.300s%s is a symbolic link that leads in a circle", bw_str_get(&bad),
                     bw_str_get(&way));
    else
        return false;
    bool link = code == ELOOP || (code == ENOENT && dangling(s, bw_str_get(&bad)));
    bool dir = role || strcmp(bw_str_get(&bad), path) != 0;
    if (code == ENOENT && dir && !link)
        bw_err_todo(s->err, "%smkdir %.300s first, or correct the path", s->pid ? "" : "host ",
                    bw_str_get(&bad));
    else
        bw_err_todo(s->err,
                    link ? "correct the link, or name the directory itself" : "correct the path");
    return true;
}
