#include "judge.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_key(const char *at, const char *key)
{
    size_t n = strlen(key);
    return at[0] == '"' && strncmp(at + 1, key, n) == 0 && strncmp(at + 1 + n, "\": ", 3) == 0;
}

/* A value that another box has another of: whether there is one still counts. */
static bool varies(const char *at)
{
    static const char *const keys[] = {
        "inode",        "host",    "for_children", "pid",  "nspid",  "usage_us", "nr_periods",
        "nr_throttled", "current", "throttled_us", "peak", "rbytes", "oom_kill", "wbytes"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (is_key(at, keys[i]))
            return true;
    return false;
}

/* The length of a link's name at this place: bw, the session, a number. 0: there is none. */
static size_t link_name(const char *at)
{
    if (strncmp(at, "bw", 2) != 0)
        return 0;
    size_t n = 2;
    while (isdigit((unsigned char)at[n]) || islower((unsigned char)at[n]))
        n++;
    size_t digits = at[n] == '-' ? strspn(at + n + 1, "0123456789") : 0;
    return n > 2 && digits > 0 ? n + 1 + digits : 0;
}

void judge_normalise(char *text)
{
    char *to = text;
    bool drop = false;
    for (const char *at = text; *at; at++) {
        if (*at == ',' || *at == '}')
            drop = false;
        drop = drop || varies(at);
        if (strncmp(at, "boxwright-", 10) == 0)
            at += 10 + strspn(at + 10, "0123456789-");
        at += link_name(at);
        if (is_key(at, "mac"))
            at += strcspn(at, ",}");
        else if (strncmp(at, "fe80::", 6) == 0)
            at += strcspn(at, "/");
        if (!(drop && isdigit((unsigned char)*at)))
            *to++ = *at;
    }
    *to = '\0';
}

void judge_digits_away(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        size_t link = link_name(at);
        bool digit = isdigit((unsigned char)*at);
        if (link > 0)
            at += link - 1;
        if (!digit && link == 0)
            *to++ = *at;
        else if (to == text || to[-1] != 'N')
            *to++ = 'N';
    }
    *to = '\0';
}

static void take_call(const char *line, struct message *m)
{
    const char *equals = strstr(line, " = -1 E"), *paren = strchr(line, '(');
    if (!equals || !paren || paren > equals)
        return;
    const char *name = paren;
    while (name > line && (isalnum((unsigned char)name[-1]) || name[-1] == '_'))
        name--;
    m->call = paren > name;
    snprintf(m->op, sizeof m->op, "%.*s", (int)(paren - name), name);
    snprintf(m->error, sizeof m->error, "%.*s", (int)strcspn(equals + 6, " "), equals + 6);
}

void judge_message(const char *text, struct message *m)
{
    *m = (struct message){0};
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, "boxwright: ", 11) == 0 && m->errors++ == 0) {
            snprintf(m->first, sizeof m->first, "%.*s", (int)strcspn(line, "\n"), line);
            char one[1024];
            snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
            take_call(one, m);
        }
        m->cause = m->cause || strncmp(line, "  cause: ", 9) == 0;
        m->todo = m->todo || strncmp(line, "  do: ", 6) == 0;
    }
}

/* What the C library, or the message, calls a system call. */
static const char *family(const char *call)
{
    static const char *const same[][2] = {
        {"openat", "open"},        {"openat2", "open"},      {"newfstatat", "stat"},
        {"fstatat", "stat"},       {"fstat", "stat"},        {"statx", "stat"},
        {"lstat", "stat"},         {"mkdirat", "mkdir"},     {"clone", "fork"},
        {"clone3", "fork"},        {"vfork", "fork"},        {"readlinkat", "readlink"},
        {"symlinkat", "symlink"},  {"unlinkat", "unlink"},   {"sendto", "sendmsg"},
        {"recvfrom", "recvmsg"},   {"wait4", "wait"},        {"waitid", "wait"},
        {"waitpid", "wait"},       {"execvp", "execve"},     {"signalfd4", "signalfd"},
        {"fchmodat", "chmod"},     {"faccessat", "access"},  {"faccessat2", "access"},
        {"ppoll", "poll"},         {"pread64", "read"},      {"umount", "umount2"},
        {"getdents64", "readdir"}, {"uname", "gethostname"}, {"dup3", "dup2"},
        {"renameat", "rename"},    {"send", "sendmsg"},      {"recv", "recvmsg"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (strcmp(call, same[i][0]) == 0)
            return same[i][1];
    return call;
}

/* What posix_spawn(3) calls, it tells of by its own name. */
static bool of_spawn(const char *call)
{
    static const char *const calls[] = {"mmap",         "clone",  "clone3",         "vfork",
                                        "rt_sigaction", "execve", "rt_sigprocmask", "dup2"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(call, calls[i]) == 0)
            return true;
    return false;
}

bool judge_names(const struct message *m, const char *call, const char *about, const char *error)
{
    /* A file that could not be read is told by its name. */
    if (strcmp(call, "read") == 0 && *about == '/' && strcmp(m->op, "open") == 0)
        call = "open";
    if (strcmp(m->op, "posix_spawn") == 0)
        return of_spawn(call) && strcmp(m->error, error) == 0;
    return m->call && strcmp(family(m->op), family(call)) == 0 && strcmp(m->error, error) == 0;
}

static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line);
    for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
        if ((at == text || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
            return true;
    return false;
}

/* A call that is shown was made: strace.sh sees to that. Older calls stand in for those that an old
 * kernel has not. */
static bool is_call(const char *line, const char *call)
{
    const char *name = line + strspn(line, " ");
    size_t n = strcspn(name, "(");
    bool tree = strcmp(call, "open_tree") == 0 || strcmp(call, "mount_setattr") == 0;
    return (tree && strncmp(name, "mount(", 6) == 0) ||
           (n == strlen(call) && strncmp(name, call, n) == 0) || strncmp(name, "clone(", 6) == 0 ||
           strncmp(name, "write(", 6) == 0;
}

char *judge_new_line(char *text, const char *clean, const char *call)
{
    for (char *line; (line = strsep(&text, "\n"));)
        if (*line && strncmp(line, "note: ", 6) != 0 && !is_call(line, call) &&
            !has_line(clean, line))
            return line;
    return NULL;
}
