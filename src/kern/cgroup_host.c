/* What is mounted where, and where a process is: cgroups(7), proc_pid_mountinfo(5). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_int.h"
#include "kern/mnt.h"

const char *const bw_cg_names[BW_CG_COUNT] = {"cpu", "memory", "pids", "io", "cpuset"};

static const char *const v1_names[BW_CG_COUNT] = {"cpu", "memory", "pids", "blkio", "cpuset"};

int bw_cg_by_name(const char *name)
{
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (strcmp(name, bw_cg_names[i]) == 0 || strcmp(name, v1_names[i]) == 0)
            return i;
    return strcmp(name, "cpuacct") == 0 ? BW_CG_CPU : -1;
}

void bw_cg_mask_names(unsigned mask, struct bw_str *out)
{
    const char *sep = "";
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (mask & 1u << i) {
            bw_str_addf(out, "%s%s", sep, bw_cg_names[i]);
            sep = " ";
        }
}

unsigned bw_cg_mask_parse(const char *text)
{
    unsigned mask = 0;
    while (*text) {
        size_t n = strcspn(text, " \n");
        for (int i = 0; i < BW_CG_COUNT; i++)
            if (strlen(bw_cg_names[i]) == n && strncmp(text, bw_cg_names[i], n) == 0)
                mask |= 1u << i;
        text += n;
        text += strspn(text, " \n");
    }
    return mask;
}

unsigned bw_cg_mask_read(const char *dir, const char *file)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_cg_read(dir, file, &text))
        return 0;
    return bw_cg_mask_parse(bw_str_get(&text));
}

/* Whether list, comma-separated, has word. */
static bool has_word(const char *list, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; p < list + len;) {
        size_t w = 0;
        while (p + w < list + len && p[w] != ',')
            w++;
        if (w == n && strncmp(p, word, n) == 0)
            return true;
        p += w + 1;
    }
    return false;
}

static bool fits(const char *s)
{
    return strlen(s) < sizeof((struct bw_cg_host *)0)->unified;
}

/* A file system mounted twice is taken where all of it is seen. */
static bool better(const char *have_mount, const char *have_root, const char *root)
{
    return !*have_mount || (strcmp(have_root, "/") != 0 && strcmp(root, "/") == 0);
}

static void take_v1(struct bw_cg_host *h, const struct bw_mount *m)
{
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (has_word(m->super, strlen(m->super), v1_names[i]) &&
            better(h->ctl[i].mount, h->ctl[i].root, m->root)) {
            h->ctl[i].present = true;
            snprintf(h->ctl[i].mount, sizeof h->ctl[i].mount, "%s", m->target);
            snprintf(h->ctl[i].root, sizeof h->ctl[i].root, "%s", m->root);
            snprintf(h->ctl[i].v1name, sizeof h->ctl[i].v1name, "%s", v1_names[i]);
        }
    if (has_word(m->super, strlen(m->super), "devices") &&
        better(h->devices, h->devices_root, m->root)) {
        snprintf(h->devices, sizeof h->devices, "%s", m->target);
        snprintf(h->devices_root, sizeof h->devices_root, "%s", m->root);
    }
    if (has_word(m->super, strlen(m->super), "cpuacct") &&
        better(h->cpuacct, h->cpuacct_root, m->root)) {
        snprintf(h->cpuacct, sizeof h->cpuacct, "%s", m->target);
        snprintf(h->cpuacct_root, sizeof h->cpuacct_root, "%s", m->root);
    }
}

static void take_v2(struct bw_cg_host *h)
{
    unsigned mask = bw_cg_mask_read(h->unified, "cgroup.controllers");
    for (int i = 0; i < BW_CG_COUNT; i++)
        if (!h->ctl[i].present && mask & 1u << i) {
            h->ctl[i].present = h->ctl[i].v2 = true;
            memcpy(h->ctl[i].mount, h->unified, sizeof h->unified);
            memcpy(h->ctl[i].root, h->unified_root, sizeof h->unified_root);
        }
}

void bw_cg_host_of(const struct bw_mounts *mounts, struct bw_cg_host *h)
{
    *h = (struct bw_cg_host){0};
    for (size_t i = 0; i < mounts->n; i++) {
        const struct bw_mount *m = &mounts->v[i];
        if (!fits(m->target) || !fits(m->root))
            continue;
        if (strcmp(m->type, "cgroup") == 0)
            take_v1(h, m);
        if (strcmp(m->type, "cgroup2") == 0 && better(h->unified, h->unified_root, m->root)) {
            snprintf(h->unified, sizeof h->unified, "%s", m->target);
            snprintf(h->unified_root, sizeof h->unified_root, "%s", m->root);
        }
    }
}

int bw_cg_discover(struct bw_cg_host *h, struct bw_err *err)
{
    struct bw_mounts mounts = {0};
    if (bw_mounts_read(0, &mounts)) {
        *h = (struct bw_cg_host){0};
        return bw_err_call(err, errno, "open", "\"/proc/self/mountinfo\", O_RDONLY");
    }
    bw_cg_host_of(&mounts, h);
    bw_mounts_free(&mounts);
    bool v1 = false;
    for (int i = 0; i < BW_CG_COUNT; i++)
        v1 = v1 || h->ctl[i].present;
    if (*h->unified)
        take_v2(h);
    h->version =
        v1 ? (*h->unified ? BW_CG_HYBRID : BW_CG_V1) : (*h->unified ? BW_CG_V2 : BW_CG_NONE);
    return 0;
}

int bw_cg_line(const char *text, const char *v1name, struct bw_str *out)
{
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        const char *a = memchr(line, ':', len);
        const char *b = a ? memchr(a + 1, ':', len - (size_t)(a + 1 - line)) : NULL;
        if (b) {
            size_t names = (size_t)(b - a) - 1;
            bool hit = *v1name ? has_word(a + 1, names, v1name)
                               : names == 0 && a == line + 1 && *line == '0';
            if (hit) {
                bw_str_addn(out, b + 1, len - (size_t)(b + 1 - line));
                return 0;
            }
        }
        line += len + (line[len] == '\n');
    }
    return -1;
}

/* The path in /proc is from the hierarchy's root, or the cgroup namespace's; what is mounted may
 * begin further down. */
static int below_root(struct bw_str *path, const char *root)
{
    size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);
    const char *p = bw_str_get(path);
    if (bw_str_starts(p, "/..") || strncmp(p, root, n) != 0 || (p[n] != '/' && p[n] != '\0')) {
        errno = ENOENT;
        return -1;
    }
    BW_AUTO_STR rest = BW_STR_INIT;
    bw_str_add(&rest, p[n] ? p + n : "/");
    bw_str_clear(path);
    bw_str_add(path, rest.s);
    return 0;
}

int bw_cg_path_below(const char *text, const char *root, const char *v1name, struct bw_str *out)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (bw_cg_line(text, v1name, &path)) {
        errno = ENOENT;
        return -1;
    }
    if (below_root(&path, root))
        return -1;
    bw_str_add(out, path.s);
    return 0;
}

static int path_in(const char *root, const char *v1name, pid_t pid, struct bw_str *out)
{
    char file[32];
    BW_AUTO_STR text = BW_STR_INIT;
    snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
    if (bw_read_file(AT_FDCWD, file, &text))
        return -1;
    return bw_cg_path_below(bw_str_get(&text), root, v1name, out);
}

int bw_cg_path_of(const struct bw_cg_host *host, pid_t pid, enum bw_cg_ctl ctl, struct bw_str *out)
{
    if (!host->ctl[ctl].present) {
        errno = ENOENT;
        return -1;
    }
    return path_in(host->ctl[ctl].root, host->ctl[ctl].v1name, pid, out);
}

int bw_cg_dir_of(const char *mount, const char *root, const char *v1name, pid_t pid,
                 struct bw_str *out)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (path_in(root, v1name, pid, &path))
        return -1;
    bw_str_addf(out, "%s%s", mount, strcmp(path.s, "/") == 0 ? "" : path.s);
    return 0;
}

int bw_cg_unified_dir(const struct bw_cg_host *host, pid_t pid, struct bw_str *out)
{
    return *host->unified ? bw_cg_dir_of(host->unified, host->unified_root, "", pid, out) : -1;
}

int bw_cg_dir_in(const struct bw_cg_tree *t, pid_t pid, struct bw_str *out)
{
    return bw_cg_dir_of(t->mount, t->root, t->v1name, pid, out);
}
