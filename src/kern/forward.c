#include "kern/forward.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/call.h"
#include "kern/ns.h"
#include "kern/observe.h"
#include "kern/owner.h"

static const char folder[] = "/run";
static const char middle[] = ".forward.";

static void path_of(const char *alias, struct bw_str *out)
{
    bw_str_addf(out, "%s/%s%s%llu", folder, alias, middle,
                (unsigned long long)bw_ns_inode(getpid(), BW_NS_NET));
}

/* The length of the session's name in a file's, and the network namespace that it is about; 0 when
 * it is no such file. */
static size_t parse(const char *name, uint64_t *net)
{
    const char *at = strstr(name, middle);
    char again[32];
    if (!at)
        return 0;
    size_t len = (size_t)(at - name);
    at += strlen(middle);
    *net = strtoull(at, NULL, 10);
    snprintf(again, sizeof again, "%llu", (unsigned long long)*net);
    return strcmp(again, at) == 0 && bw_owner_is(BW_OWNER_THING, name, len) ? len : 0;
}

static bool is_here(uint64_t net)
{
    return net == bw_ns_inode(getpid(), BW_NS_NET);
}

bool bw_forward_held(void)
{
    uint64_t net;
    pid_t pid;
    bool held = false;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && !held && (e = readdir(dir));) {
        size_t len = parse(e->d_name, &net);
        held = len && is_here(net) && !bw_owner_gone(BW_OWNER_THING, e->d_name, len, &pid);
    }
    if (dir)
        closedir(dir);
    return held;
}

int bw_forward_hold(const char *alias, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT;
    path_of(alias, &path);
    BW_AUTO_FD fd = open(path.s, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        return 0;
    return bw_err_call(err, errno, "open", "\"%s\", O_WRONLY|O_CREAT|O_EXCL|…", path.s);
}

static int drop(const char *path, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (unlink(path))
        return errno == ENOENT ? 0 : bw_err_call(err, errno, "unlink", "\"%s\"", path);
    if (bw_forward_held())
        return 0;
    if (bw_read_file(AT_FDCWD, BW_FORWARD_PATH, &text))
        return bw_err_call(err, errno, "open", "\"%s\", O_RDONLY", BW_FORWARD_PATH);
    /* Only what is as we left it: who set it meanwhile wants it so. */
    return bw_str_get(&text)[0] == '1' ? bw_sys_write_file(AT_FDCWD, BW_FORWARD_PATH, "0", err) : 0;
}

int bw_forward_drop(const char *alias, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT;
    path_of(alias, &path);
    return drop(path.s, err);
}

static int is_in(pid_t pid, void *ctx)
{
    return bw_ns_inode(pid, BW_NS_NET) == *(const uint64_t *)ctx;
}

void bw_forward_cleanup(struct bw_str *report)
{
    uint64_t net;
    pid_t pid;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        struct bw_err err = BW_ERR_INIT;
        BW_AUTO_STR path = BW_STR_INIT;
        size_t len = parse(e->d_name, &net);
        if (!len || !bw_owner_gone(BW_OWNER_THING, e->d_name, len, &pid))
            continue;
        bw_str_addf(&path, "%s/%s", folder, e->d_name);
        if (!is_here(net)) {
            /* Its network namespace has ended too, as far as can be seen. */
            if (bw_proc_each(is_in, &net) == 0 && unlink(path.s) == 0)
                bw_str_addf(report, "removed %s: its shell, process %d, is gone\n", path.s,
                            (int)pid);
        } else if (drop(path.s, &err)) {
            bw_str_addf(report, "left net.ipv4.ip_forward: %s: %s\n", err.op, strerror(err.code));
        } else {
            bw_str_addf(report,
                        "gave back net.ipv4.ip_forward: the shell that set it, process %d, is "
                        "gone\n",
                        (int)pid);
        }
    }
    if (dir)
        closedir(dir);
}
