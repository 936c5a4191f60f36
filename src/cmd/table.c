/* The command table: see cmd/table.h for what each field is for. */
#include "cmd/table.h"

#include <string.h>

#include "base/str.h"
#include "cmd/handlers.h"

const char *const bw_group_names[BW_G_COUNT] = {
    "namespaces", "file system", "control groups", "programs", "looking", "history", "shell",
};

const struct bw_command bw_commands[] = {
    /* ---- namespaces ---- */

    /* ---- file system ---- */

    /* ---- control groups ---- */

    /* ---- programs ---- */

    /* ---- looking ---- */

    /* ---- history ---- */

    /* ---- shell ---- */
};

const size_t bw_commands_n = sizeof bw_commands / sizeof bw_commands[0];

const struct bw_command *bw_command_find(const char *name)
{
    for (size_t i = 0; i < bw_commands_n; i++)
        if (strcmp(bw_commands[i].name, name) == 0)
            return &bw_commands[i];
    return NULL;
}

const char *bw_command_near(const char *name)
{
    const char *best = NULL;
    size_t least = strlen(name) < 4 ? 2 : 3;
    for (size_t i = 0; i < bw_commands_n; i++) {
        size_t d = bw_str_distance(name, bw_commands[i].name);
        if (d < least) {
            least = d;
            best = bw_commands[i].name;
        }
    }
    return best;
}
