#include "host_print.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "kern/cgroup.h"
#include "kern/mnt.h"
#include "kern/observe.h"

#define MARK "BW_LESSON_CHECK"

static char mark[64];

static void print_mounts(struct bw_str *out)
{
    struct bw_mounts m;

    if (bw_mounts_read(0, &m))
        return;
    for (size_t i = 0; i < m.n; i++)
        bw_str_addf(out, "mount %s %s %s %s %s %s\n", m.v[i].dev, m.v[i].root, m.v[i].target,
                    m.v[i].options, m.v[i].propagation, m.v[i].type);
    bw_mounts_free(&m);
}

/* Groups that come and go without us: another session's, a service manager's. */
static bool passing(const char *name)
{
    static const char *const of_systemd[] = {".scope", ".service", ".slice", ".mount", ".socket"};
    char own[32];

    snprintf(own, sizeof own, "boxwright-%d-", (int)getpid());
    if (bw_str_starts(name, "boxwright-"))
        return !bw_str_starts(name, own);
    for (size_t i = 0; i < sizeof of_systemd / sizeof *of_systemd; i++)
        if (strstr(name, of_systemd[i]))
            return true;
    return false;
}

/* A link of another session's has that session's name as its alias. */
static bool passing_link(const char *name)
{
    BW_AUTO_STR path = BW_STR_INIT, alias = BW_STR_INIT;

    bw_str_addf(&path, "/sys/class/net/%s/ifalias", name);
    return bw_read_file(AT_FDCWD, path.s, &alias) == 0 && alias.len > 0 && passing(alias.s);
}

static void print_links(struct bw_str *out)
{
    DIR *d = opendir("/sys/class/net");

    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.' && !passing_link(e->d_name))
            bw_str_addf(out, "link %s\n", e->d_name);
    if (d)
        closedir(d);
}

/* What lies below a group is its maker's business: runtimes make and remove groups all the time. */
static void print_groups(const char *dir, struct bw_str *out)
{
    DIR *d = opendir(dir);

    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (e->d_type == DT_DIR && e->d_name[0] != '.' && !passing(e->d_name))
            bw_str_addf(out, "group %s/%s\n", dir, e->d_name);
    if (d)
        closedir(d);
}

static void print_hierarchies(struct bw_str *out)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_cg_host host;

    if (bw_cg_discover(&host, &ignored))
        return;
    for (int i = 0; i < BW_CG_COUNT; i++) {
        bool seen = !host.ctl[i].present;
        for (int k = 0; k < i && !seen; k++)
            seen = host.ctl[k].present && strcmp(host.ctl[k].mount, host.ctl[i].mount) == 0;
        seen = seen || strcmp(host.ctl[i].mount, host.unified) == 0;
        if (!seen)
            print_groups(host.ctl[i].mount, out);
    }
    if (*host.unified)
        print_groups(host.unified, out);
}

void host_print_mark(void)
{
    snprintf(mark, sizeof mark, MARK "=%d-%llu", (int)getpid(), bw_proc_starttime(getpid()));
    putenv(mark);
}

static int print_marked(pid_t pid, void *ctx)
{
    BW_AUTO_STR environment = BW_STR_INIT;
    char path[64];
    struct bw_status_file f;

    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    if (bw_read_file(AT_FDCWD, path, &environment) != 0)
        return 0;
    for (size_t at = 0; at < environment.len; at += strlen(environment.s + at) + 1)
        if (strcmp(environment.s + at, mark) == 0 && bw_status_read(pid, &f) == 0 && f.state != 'Z')
            bw_str_addf(ctx, "process %d %s\n", (int)pid, f.comm);
    return 0;
}

void host_print(struct bw_str *out)
{
    struct utsname u;

    print_mounts(out);
    print_links(out);
    if (uname(&u) == 0)
        bw_str_addf(out, "hostname %s\ndomainname %s\n", u.nodename, u.domainname);
    print_hierarchies(out);
    bw_proc_each(print_marked, out);
}

static bool has_line(const char *text, const char *line, size_t n)
{
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, "\n");
        if (len == n && memcmp(p, line, n) == 0)
            return true;
        p += len + (p[len] == '\n');
    }
    return false;
}

static void only_in(const char *a, const char *b, char sign, struct bw_str *out)
{
    for (size_t n; *a; a += n + (a[n] == '\n')) {
        n = strcspn(a, "\n");
        /* Whose group has gone, other than the session's own, removed it itself. */
        if (sign == '<' && bw_str_starts(a, "group "))
            continue;
        if (!has_line(b, a, n))
            bw_str_addf(out, "%c %.*s\n", sign, (int)n, a);
    }
}

void host_compare(const char *before, const char *after, struct bw_str *out)
{
    only_in(after, before, '>', out);
    only_in(before, after, '<', out);
}
