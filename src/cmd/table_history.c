/* The command table: history. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "plan",
        .usage = "plan",
        .summary = "the steps made so far, with the equivalent shell lines",
        .help = "Undone steps that redo can bring back are listed last.",
        .example = "unshare uts\nplan",
        .shell = "history",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_plan,
    },
    {
        .name = "undo",
        .usage = "undo [N]",
        .summary = "take the last steps back",
        .help = "The kernel cannot un-unshare: the box is torn down and built anew from the "
                "journal less N steps. Its programs end. Directories that the undone step made are "
                "removed (mkdir's only when empty), unless the box had a root or mounts of its own "
                "by then; files that programs wrote are not undone.",
        .example = "unshare uts\nundo",
        .shell = "exit",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_undo,
    },
    {
        .name = "redo",
        .usage = "redo [N]",
        .summary = "make undone steps again",
        .help = "Works until a new step is made, which forgets what was undone.",
        .example = "unshare uts\nundo\nredo",
        .shell = "history",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_redo,
    },
    {
        .name = "reset",
        .usage = "reset",
        .summary = "end the box and start an empty one",
        .help = "All that runs in the box ends and its control groups are removed. Directories "
                "made on the host stay. redo N brings the steps back.",
        .example = "unshare uts\nreset",
        .shell = "exit",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_reset,
    },
    {
        .name = "save",
        .usage = "save FILE",
        .summary = "write the steps as a script",
        .help = "The file must not exist: nothing is overwritten. boxwright FILE and source FILE "
                "run it.",
        .example = "unshare uts\nsave box.bw",
        .shell = "history > FILE",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_HOST_PATH},
        .words = "",
        .run = bw_cmd_save,
    },
    {
        .name = "source",
        .usage = "source FILE",
        .summary = "run the commands of a script",
        .help = "Stops at the first command that fails. Errors carry file and line.",
        .example = "unshare uts\nsave uts.bw\nreset\nsource uts.bw",
        .shell = ". FILE",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_HOST_PATH},
        .words = "",
        .run = bw_cmd_source,
    },
};

const struct bw_command_group bw_group_history = {"history", commands,
                                                  sizeof commands / sizeof commands[0]};
