/* The command table: shell. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "help",
        .usage = "help\nhelp COMMAND\nhelp GROUP",
        .summary = "the commands, one group of them, or all about one",
        .help = "What is shown comes from the table that runs the commands, so it cannot be out of "
                "date. A group may be shortened: help file is help file system.",
        .example = "help unshare\nhelp namespaces",
        .shell = "man unshare",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_COMMAND, BW_C_NONE},
        .words = "namespaces file control network privilege programs looking history lessons shell",
        .run = bw_cmd_help,
    },
    {
        .name = "set",
        .usage = "set\nset verbose 0|1|2",
        .summary = "show or change how much is printed after each step",
        .help = "verbose 0 shows what changed, 1 the calls as well, 2 every call, also those that "
                "open and create single files. Errors are shown in full at each level.",
        .example = "set verbose 2",
        .shell = "set -x",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_WORDS, BW_C_NONE},
        .words = "verbose",
        .run = bw_cmd_set,
    },
    {
        .name = "pane",
        .usage = "pane\npane on | off | reset\npane SECTION on | off\npane rate HZ\n"
                 "pane side right | top | auto\npane size N | auto",
        .summary = "what the live pane shows, where, and how often it looks",
        .help = "The pane shows the box as the kernel sees it: each inode, counter and process is "
                "read from /proc and the control group files, never remembered from a command. Its "
                "sections are namespaces groups box processes steps calls mounts net; those that "
                "matter most get the room there is. Before a namespace stands a filled mark when "
                "it "
                "is the box's own, an empty one when it is shared, an arrow when it changed last; "
                "owned by is the user namespace it belongs to, and a row below pid, children's, is "
                "pid_for_children when that is another. The rate is 0.5 to 10 looks a second. The "
                "settings are kept for the next session. The terminal must have at least 12 rows "
                "and 40 columns. PgUp and PgDn look back at what was printed, / searches there.",
        .example = "pane side top\npane mounts off",
        .shell = "watch -n 0.25 lsns",
        .man = "boxwright(1), namespaces(7), cgroups(7)",
        .needs = 0,
        .complete = {BW_C_WORDS, BW_C_WORDS, BW_C_NONE},
        .words = "on off reset rate side size right top auto namespaces groups box processes steps "
                 "calls mounts net",
        .run = bw_cmd_pane,
    },
    {
        .name = "watch",
        .usage = "watch",
        .summary = "how to see this session's pane in another terminal",
        .help = "boxwright watch [PID] in another terminal of the same user shows the pane of a "
                "running session, over the whole screen and read-only, for a projector or a second "
                "pair of eyes; several can watch. boxwright watch --json prints a line for each "
                "sample, with the keys of inspect --json, for any other program. A watcher that "
                "stops reading misses samples and never holds the session up.",
        .example = "watch",
        .shell = "boxwright watch",
        .man = "boxwright(1), unix(7)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_watch,
    },
    {
        .name = "quit",
        .usage = "quit [STATUS]",
        .summary = "end the session, the box and all that runs in it",
        .help = "The box's processes are killed and its control groups removed; its namespaces and "
                "mounts end with the last process in them. Without a STATUS that of the last "
                "command is kept. ^D on an empty line does the same, and so does exit.",
        .example = "quit",
        .shell = "exit",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_quit,
    },
};

const struct bw_command_group bw_group_shell = {"shell", commands,
                                                sizeof commands / sizeof commands[0]};
