#include "ui/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

enum { BYTES_MAX = 256 * 1024, COMMAND_MAX = 64 * 1024 };

/* Makes the folders down to path's last slash; those that are missing get mode 0700. */
static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int r = mkdir(path, 0700);
        *slash = '/';
        if (r != 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

/* The file's name; empty when the environment names no absolute folder. */
static void file_name(struct bw_str *out)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state && state[0] == '/')
        bw_str_addf(out, "%s/boxwright/history", state);
    else if (home && home[0] == '/')
        bw_str_addf(out, "%s/.local/state/boxwright/history", home);
}

static int open_file(const char *name, int flags)
{
    /* O_NONBLOCK: a FIFO in its place must not hold the shell up. */
    BW_AUTO_FD fd = open(name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    struct stat st;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    if ((st.st_mode & 077) != 0)
        fchmod(fd, 0600);
    return bw_steal_fd(&fd);
}

/* A command of several lines is kept with a backslash before each line's end but the last. */
static bool joined(const char *text, const char *eol)
{
    return eol > text && eol[-1] == '\\';
}

static size_t count(const char *text)
{
    size_t n = 0;

    for (const char *eol = strchr(text, '\n'); eol; eol = strchr(eol + 1, '\n'))
        n += !joined(text, eol);
    return n;
}

static const char *skip(const char *text, size_t n)
{
    const char *at = text;

    while (n > 0) {
        const char *eol = strchr(at, '\n');
        if (!eol)
            break;
        n -= !joined(text, eol);
        at = eol + 1;
    }
    return at;
}

static void each(const char *text, void (*add)(const char *command))
{
    BW_AUTO_STR command = BW_STR_INIT;

    for (const char *eol = strchr(text, '\n'); eol; text = eol + 1, eol = strchr(text, '\n')) {
        bool more = joined(text, eol);
        bw_str_addn(&command, text, (size_t)(eol - text) - more);
        if (more) {
            bw_str_addc(&command, '\n');
            continue;
        }
        if (command.len > 0)
            add(command.s);
        bw_str_clear(&command);
    }
}

/* A new file takes the old one's place, so that no moment leaves half a history. */
static void rewrite(const char *name, const char *text)
{
    BW_AUTO_STR fresh = BW_STR_INIT;

    bw_str_addf(&fresh, "%s.%d", name, (int)getpid());
    BW_AUTO_FD fd = open_file(fresh.s, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return;
    if (bw_write_all(fd, text, strlen(text)) != 0 || rename(fresh.s, name) != 0) {
        bw_log("history %s is not cut: %s", name, strerror(errno));
        unlink(fresh.s);
    }
}

void bw_history_load(void (*add)(const char *command))
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    file_name(&name);
    if (name.len == 0)
        return;
    BW_AUTO_FD fd = open_file(name.s, O_RDONLY);
    if (fd < 0 || bw_read_all(fd, &text, 64 * BYTES_MAX) != 0) {
        bw_log("history %s is not read: %s", name.s, strerror(errno));
        return;
    }
    size_t n = count(bw_str_get(&text));
    const char *from = skip(bw_str_get(&text), n > BW_HISTORY_MAX ? n - BW_HISTORY_MAX : 0);
    while (strlen(from) > BYTES_MAX)
        from = skip(from, 1);
    if (text.len > BYTES_MAX || n > 2 * BW_HISTORY_MAX)
        rewrite(name.s, from);
    each(from, add);
}

void bw_history_append(const char *command)
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;
    size_t n = strlen(command);

    file_name(&name);
    /* A comment's last backslash would join it to the next command. */
    if (name.len == 0 || n == 0 || n > COMMAND_MAX || command[n - 1] == '\\')
        return;
    for (; *command; command++) {
        if (*command == '\n')
            bw_str_addc(&text, '\\');
        bw_str_addc(&text, *command);
    }
    bw_str_addc(&text, '\n');
    if (make_folders(name.s) != 0) {
        bw_log("history: %s cannot be made: %s", name.s, strerror(errno));
        return;
    }
    BW_AUTO_FD fd = open_file(name.s, O_WRONLY | O_CREAT | O_APPEND);
    if (fd < 0 || bw_write_all(fd, text.s, text.len) != 0)
        bw_log("history %s is not written: %s", name.s, strerror(errno));
}
