#include "ui/history.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/state.h"
#include "base/str.h"

enum { BYTES_MAX = 256 * 1024, COMMAND_MAX = 64 * 1024 };

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

void bw_history_each(const char *text, void (*add)(const char *command))
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

const char *bw_history_newest(const char *text, bool *grown)
{
    size_t n = count(text);
    const char *from = skip(text, n > BW_HISTORY_MAX ? n - BW_HISTORY_MAX : 0);

    while (strlen(from) > BYTES_MAX) {
        const char *next = skip(from, 1);
        /* A line without an end is no command, however long it is. */
        from = next != from ? next : from + strlen(from);
    }
    *grown = strlen(text) > BYTES_MAX || n > 2 * BW_HISTORY_MAX;
    return from;
}

void bw_history_load(void (*add)(const char *command))
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_state_name("history", &name);
    if (name.len == 0)
        return;
    BW_AUTO_FD fd = bw_state_open(name.s, O_RDONLY);
    if (fd < 0 || bw_read_all(fd, &text, 64 * BYTES_MAX) != 0) {
        bw_log("history %s is not read: %s", name.s, strerror(errno));
        return;
    }
    bool grown;
    const char *from = bw_history_newest(bw_str_get(&text), &grown);
    if (grown && bw_state_replace(name.s, from, strlen(from)) != 0)
        bw_log("history %s is not cut: %s", name.s, strerror(errno));
    bw_history_each(from, add);
}

int bw_history_entry(const char *command, struct bw_str *out)
{
    size_t n = strlen(command);

    /* A comment's last backslash would join it to the next command. */
    if (n == 0 || n > COMMAND_MAX || command[n - 1] == '\\')
        return -1;
    for (; *command; command++) {
        if (*command == '\n')
            bw_str_addc(out, '\\');
        bw_str_addc(out, *command);
    }
    bw_str_addc(out, '\n');
    return 0;
}

void bw_history_append(const char *command)
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_state_name("history", &name);
    if (name.len == 0 || bw_history_entry(command, &text) != 0)
        return;
    BW_AUTO_FD fd = bw_state_open(name.s, O_WRONLY | O_CREAT | O_APPEND);
    if (fd < 0 || bw_write_all(fd, text.s, text.len) != 0)
        bw_log("history %s is not written: %s", name.s, strerror(errno));
}
