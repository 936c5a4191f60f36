/* Other programs' lines that have an equivalent here, and the files of control groups, which
 * boxwright writes only in groups of its own. */
#include <stdio.h>
#include <string.h>

#include "article_priv.h"
#include "base/err.h"
#include "cmd/article.h"
#include "cmd/session.h"
#include "kern/cgroup.h"
#include "kern/ns.h"

#define CGROUPFS "/sys/fs/cgroup/"

static bool refuse(struct article *a, int *status, const char *cause, const char *todo)
{
    bw_err_set(&a->s->err, "%s", cause);
    bw_err_todo(&a->s->err, "%s", todo);
    *status = -1;
    return true;
}

/* A namespace as an option of nsenter names it; -1 for another option. */
static int nsenter_kind(const char *word)
{
    for (int i = 0; i < BW_NS_COUNT; i++) {
        bool short_form = word[0] == '-' && word[1] == bw_ns_table[i].short_opt && !word[2];
        if (short_form ||
            (bw_str_starts(word, "--") && strcmp(word + 2, bw_ns_table[i].long_opt) == 0))
            return i;
    }
    return -1;
}

static bool nsenter(struct article *a, int *status)
{
    const char *pid = NULL;
    BW_AUTO_STR kinds = BW_STR_INIT;
    int i;

    for (i = 1; i < a->n && a->v[i][0] == '-'; i++) {
        const char *w = a->v[i];
        int kind = nsenter_kind(w);
        if (kind >= 0)
            bw_str_addf(&kinds, " %s", bw_ns_table[kind].name);
        else if ((strcmp(w, "-t") == 0 || strcmp(w, "--target") == 0) && i + 1 < a->n)
            pid = a->v[++i];
        else if (bw_str_starts(w, "--target="))
            pid = w + strlen("--target=");
        else if (strcmp(w, "-a") != 0 && strcmp(w, "--all") != 0)
            return refuse(a, status, "this option of nsenter has no equivalent in boxwright",
                          "enter PID [NAMESPACE...] moves the box into a process's namespaces; "
                          "host nsenter ... runs the real one outside");
    }
    if (!pid || i < a->n)
        return refuse(a, status, "nsenter is a program of its own; boxwright's command is enter",
                      "enter PID [NAMESPACE...], then run PROGRAM; or host nsenter ... outside");
    BW_AUTO_STR line = BW_STR_INIT;
    bw_str_addf(&line, "enter %s%s", pid, bw_str_get(&kinds));
    bw_session_note(a->s, "nsenter is called enter here: %s", line.s);
    while (a->n > 0)
        article_remove(a, 0);
    char *rest = NULL;
    for (char *w = strtok_r(line.s, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
        article_insert(a, a->n, w);
    return false;
}

bool article_tools(struct article *a, int *status)
{
    const char *name = a->v[0];

    if (strcmp(name, "nsenter") == 0)
        return nsenter(a, status);
    if (strcmp(name, "docker") == 0 || strcmp(name, "podman") == 0)
        return refuse(a, status,
                      "boxwright is no front end of a container engine: it makes the "
                      "kernel calls that one makes, one at a time",
                      "unshare pid mnt uts ipc net, rootfs busybox /container, chroot /container, "
                      "mountproc, sh; the engine itself: host docker ...");
    if (strcmp(name, "ip") == 0 && a->n > 1 && bw_str_starts("netns", a->v[1]))
        return refuse(a, status,
                      "ip netns keeps named network namespaces on the host; a box has "
                      "one of its own without a name",
                      "unshare net, then run ip link; the real one outside: host ip netns ...");
    if (strcmp(name, "cd") == 0 || strcmp(name, "export") == 0)
        return refuse(a, status, "boxwright keeps no working directory or variables for programs",
                      "sh starts a shell in the box that does; run sh -c '...' for one line");
    return false;
}

/* The parts of /sys/fs/cgroup/CONTROLLER/GROUP/FILE; parts that are missing are empty. On v2 the
 * controller is missing from the path: it is the beginning of the file's name. */
struct cgpath {
    char ctl[32], group[128], file[128];
};

static void split_cgpath(const char *path, bool has_file, struct cgpath *p)
{
    size_t n;
    int ctl;

    *p = (struct cgpath){0};
    path += strlen(CGROUPFS);
    n = strcspn(path, "/,");
    snprintf(p->ctl, sizeof p->ctl, "%.*s", (int)n, path);
    ctl = bw_cg_by_name(p->ctl);
    if (ctl >= 0)
        path += strcspn(path, "/");
    else
        p->ctl[0] = '\0';
    path += strspn(path, "/");
    const char *slash = strrchr(path, '/');
    if (has_file && slash) {
        snprintf(p->file, sizeof p->file, "%s", slash + 1);
        snprintf(p->group, sizeof p->group, "%.*s", (int)(slash - path), path);
    } else {
        snprintf(p->group, sizeof p->group, "%s", path);
    }
    for (size_t end = strlen(p->group); end > 0 && p->group[end - 1] == '/'; end--)
        p->group[end - 1] = '\0';
    if (!p->ctl[0] && p->file[0]) {
        snprintf(p->ctl, sizeof p->ctl, "%.*s", (int)strcspn(p->file, "."), p->file);
        if (bw_cg_by_name(p->ctl) < 0)
            p->ctl[0] = '\0';
    }
}

static void becomes(struct article *a, const char *was, const char *const words[])
{
    BW_AUTO_FREE char *old = bw_strdup(was);

    while (a->n > 0)
        article_remove(a, 0);
    for (; *words; words++)
        article_insert(a, a->n, *words);
    BW_AUTO_FREE char *now = article_text(a, 0);
    bw_session_note(a->s, "%s: groups are made and read by name here, in boxwright's own place: %s",
                    old, now);
}

bool article_cgroupfs(struct article *a, int *status)
{
    bool make = strcmp(a->v[0], "mkdir") == 0, take = strcmp(a->v[0], "rmdir") == 0;
    bool cat = strcmp(a->v[0], "cat") == 0;
    struct cgpath p;

    if ((!make && !take && !cat) || a->n < 2 || !bw_str_starts(a->v[a->n - 1], CGROUPFS))
        return false;
    BW_AUTO_FREE char *path = bw_strdup(a->v[a->n - 1]);
    split_cgpath(path, cat, &p);
    if (!p.group[0] || strchr(p.group, '/') || (cat && !p.file[0]))
        return refuse(a, status, "boxwright changes no control group but its own",
                      "cgcreate -g CONTROLLER:NAME makes one, cgget -r FILE NAME reads a file of "
                      "it; outside: host cat ...");
    BW_AUTO_STR both = BW_STR_INIT;
    bw_str_addf(&both, "%s:%s", p.ctl[0] ? p.ctl : "cpu,memory,pids", p.group);
    if (cat)
        becomes(a, path, (const char *const[]){"cgget", "-r", p.file, p.group, NULL});
    else
        becomes(a, path, (const char *const[]){make ? "cgcreate" : "cgdelete", "-g", both.s, NULL});
    return false;
}

/* The word that stands after at, up to a blank or an operator. */
static void word_at(const char *at, const char *end, char *buf, size_t size)
{
    size_t n = 0;

    while (at < end && strchr(" \t'\"", *at))
        at++;
    while (at + n < end && n + 1 < size && !strchr(" \t\n'\";|>&", at[n]))
        n++;
    memcpy(buf, at, n);
    buf[n] = '\0';
}

void bw_article_syntax(const char *text, size_t len, struct bw_err *err)
{
    const char *eol = len ? memchr(text, '\n', len) : NULL;
    const char *end = eol ? eol : text + len;
    const char *path = memmem(text, (size_t)(end - text), CGROUPFS, strlen(CGROUPFS));
    const char *echo = memmem(text, (size_t)(end - text), "echo ", 5);
    char value[64], target[256];
    struct cgpath p;

    if (!path || !echo || echo > path)
        return;
    word_at(echo + 5, end, value, sizeof value);
    word_at(path, end, target, sizeof target);
    split_cgpath(target, true, &p);
    if (!p.group[0] || !p.file[0])
        return;
    if (strcmp(p.file, "cgroup.procs") == 0 || strcmp(p.file, "tasks") == 0)
        bw_err_todo(err,
                    "to move a process there: cgclassify -g %s:%s PID; to start one there: "
                    "cgexec -g %s:%s PROGRAM",
                    p.ctl[0] ? p.ctl : "cpu", p.group, p.ctl[0] ? p.ctl : "cpu", p.group);
    else
        bw_err_todo(err,
                    "to write the file of a group: cgset -r %s=%s %s (v1 and v2 names are "
                    "translated; cgcreate -g %s:%s makes the group)",
                    p.file, value, p.group, p.ctl[0] ? p.ctl : "cpu", p.group);
}
