/* The command table: its groups, in the order of help, and looking commands up. */
#include "cmd/table.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

const struct bw_command_group *const bw_groups[BW_G_COUNT] = {
    [BW_G_NS] = &bw_group_ns,
    [BW_G_FS] = &bw_group_fs,
    [BW_G_CGROUP] = &bw_group_cgroup,
    [BW_G_NET] = &bw_group_net,
    [BW_G_PRIVILEGE] = &bw_group_privilege,
    [BW_G_PROGRAM] = &bw_group_program,
    [BW_G_LOOK] = &bw_group_look,
    [BW_G_HISTORY] = &bw_group_history,
    [BW_G_LESSON] = &bw_group_lesson,
    [BW_G_SHELL] = &bw_group_shell,
};

const struct bw_command *bw_command_at(size_t i)
{
    for (int g = 0; g < BW_G_COUNT; g++) {
        if (i < bw_groups[g]->n)
            return &bw_groups[g]->commands[i];
        i -= bw_groups[g]->n;
    }
    return NULL;
}

enum bw_group bw_command_group(const struct bw_command *c)
{
    int g = 0;
    while (g < BW_G_COUNT - 1 &&
           (c < bw_groups[g]->commands || c >= bw_groups[g]->commands + bw_groups[g]->n))
        g++;
    return (enum bw_group)g;
}

const struct bw_command *bw_command_find(const char *name)
{
    const struct bw_command *c;
    for (size_t i = 0; (c = bw_command_at(i)) != NULL; i++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *bw_command_near(const char *name)
{
    const struct bw_command *c;
    const char *best = NULL;
    size_t least = strlen(name) < 4 ? 2 : 3;
    for (size_t i = 0; (c = bw_command_at(i)) != NULL; i++) {
        size_t d = bw_str_distance(name, c->name);
        if (d < least) {
            least = d;
            best = c->name;
        }
    }
    return best;
}

bool bw_command_outside(const char *name, struct bw_err *err)
{
    static const char *const names[] = {"cleanup", "progress", "grade"};

    if (strcmp(name, "boxwright") == 0) {
        bw_err_usage(err, "this is boxwright already: its commands are typed without that word");
        bw_err_todo(err, "type the rest of the line alone, such as learn 1; help lists them all");
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        bw_err_usage(err, "%s is no command of a session: boxwright itself is called with it",
                     name);
        bw_err_todo(err, "in another terminal: boxwright %s (boxwright --help lists all of them)",
                    name);
        return true;
    }
    return false;
}
