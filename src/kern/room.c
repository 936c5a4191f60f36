#include "kern/room.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/owner.h"
#include "kern/rootfs.h"

static const char pattern[] = ".XXXXXX";
enum { PATTERN = sizeof pattern - 1 };

static const char *place(void)
{
    const char *tmp = getenv("TMPDIR");

    return tmp && tmp[0] == '/' ? tmp : "/tmp";
}

char *bw_room_make(struct bw_err *err)
{
    char owner[BW_OWNER_NAME], *dir = NULL;
    BW_AUTO_STR name = BW_STR_INIT;

    bw_owner_name(BW_OWNER_THING, getpid(), owner);
    bw_str_addf(&name, "%s/%s%s", place(), owner, pattern);
    /* 0711: what root of a user namespace becomes has to pass through it. */
    bool made = mkdtemp(name.s);
    if (made && chmod(name.s, 0711) == 0 && (dir = realpath(name.s, NULL)))
        return dir;
    int code = errno;
    if (made)
        rmdir(name.s);
    errno = code;
    bw_err_call(err, errno, "mkdtemp", "\"%s\"", name.s);
    bw_err_cause(err, "a lesson takes place in a folder of its own");
    bw_err_todo(err, "set TMPDIR to a folder that you may write to");
    return NULL;
}

int bw_room_remove(const char *dir)
{
    bw_rootfs_clear(dir);
    return rmdir(dir);
}

/* ---- boxwright cleanup ---- */

/* Elsewhere anybody could give a directory of the caller's such a name. */
static bool others_rename(const char *dir)
{
    struct stat st;

    return stat(dir, &st) || (st.st_uid != 0 && st.st_uid != geteuid()) ||
           ((st.st_mode & 022) && !(st.st_mode & S_ISVTX));
}

/* Whether it is the folder of a session that is gone. */
static bool is_left(const char *path, const char *name, pid_t *pid)
{
    struct stat st;
    size_t n = strlen(name);

    return n > PATTERN && name[n - PATTERN] == '.' &&
           bw_owner_gone(BW_OWNER_THING, name, n - PATTERN, pid) && lstat(path, &st) == 0 &&
           S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

static const char *remove_left(const char *path, bool risky)
{
    if (risky)
        return "others may rename what lies beside it";
    if (bw_room_remove(path) == 0)
        return NULL;
    return errno == ENOTEMPTY ? "it holds files" : strerror(errno);
}

static void cleanup_in(const char *dir, struct bw_str *report)
{
    bool risky = others_rename(dir);
    DIR *d = opendir(dir);
    pid_t pid;

    for (struct dirent *e; d && (e = readdir(d));) {
        BW_AUTO_STR path = BW_STR_INIT;
        bw_str_addf(&path, "%s/%s", dir, e->d_name);
        if (!is_left(path.s, e->d_name, &pid))
            continue;
        const char *why = remove_left(path.s, risky);
        bw_str_add(report, why ? "left " : "removed ");
        bw_str_add_safe(report, path.s);
        if (why)
            bw_str_addf(report, ": %s\n", why);
        else
            bw_str_addf(report, ": its shell, process %d, is gone\n", (int)pid);
    }
    if (d)
        closedir(d);
}

void bw_room_cleanup(struct bw_str *report)
{
    BW_AUTO_FREE char *own = realpath(place(), NULL), *tmp = realpath("/tmp", NULL);

    if (own)
        cleanup_in(own, report);
    if (tmp && (!own || strcmp(own, tmp) != 0))
        cleanup_in(tmp, report);
}
