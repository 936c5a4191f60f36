/* The command table: programs. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "run",
        .usage = "run PROGRAM [ARGUMENT...]",
        .summary = "run a program in the box and wait for it",
        .help = "A child of the stage becomes the program: it has the box's namespaces, root and "
                "groups. The exit status is the program's own; 126 when it cannot be executed, "
                "127 when it is not found in the box, 128+N when signal N ended it. ^C goes to "
                "the program, ^Z stops it (fg goes on).",
        .example = "run sh -c 'id; hostname'",
        .shell = "PROGRAM",
        .man = "execve(2)",
        .needs = BW_BOX,
        .complete = {BW_C_PROGRAM, BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_run,
    },
    {
        .name = "sh",
        .usage = "sh [ARGUMENT...]",
        .summary = "a shell in the box: bash if the box has it, else sh",
        .help = "The shell gets the terminal and its own process group, so that job control works "
                "in it. exit or ^D comes back.",
        .example = "sh -c 'echo $$'",
        .shell = "/bin/sh",
        .man = "sh(1)",
        .needs = BW_BOX,
        .complete = {BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_sh,
    },
    {
        .name = "spawn",
        .usage = "spawn PROGRAM [ARGUMENT...]",
        .summary = "start a program in the box and go on",
        .help = "It runs in a session of its own, without the terminal's input. ps lists it, kill "
                "ends it, and it ends with the box.",
        .example = "spawn sleep 30\nps",
        .shell = "setsid PROGRAM < /dev/null &",
        .man = "execve(2), setsid(2)",
        .needs = BW_BOX,
        .complete = {BW_C_PROGRAM, BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_spawn,
    },
    {
        .name = "fg",
        .usage = "fg [PID]",
        .summary = "go on with a program stopped by ^Z",
        .help = "Gives the terminal back to the program stopped last, or to the one named.",
        .example = "run sleep 5  # on a terminal, ^Z stops it, and fg goes on with it",
        .shell = "fg",
        .man = "credentials(7)",
        .needs = BW_BOX,
        .complete = {BW_C_PID},
        .words = "",
        .run = bw_cmd_fg,
    },
    {
        .name = "ps",
        .usage = "ps",
        .summary = "the box's processes, with their PIDs outside and inside",
        .help = "Read from the host's /proc. run ps shows what the box sees of itself, which "
                "depends on the /proc mounted there.",
        .example = "spawn sleep 30\nps",
        .shell = "ps -e -o pid,ppid,state,comm",
        .man = "pid_namespaces(7), proc(5)",
        .needs = BW_BOX,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_ps,
    },
    {
        .name = "kill",
        .usage = "kill [-SIGNAL] PID...",
        .summary = "send a signal to processes of the box",
        .help = "PIDs are those outside, as ps shows them. Processes that are not the box's are "
                "refused, and so is the stage: reset ends the box.",
        .example = "spawn sleep 30  # says its PID, say 4711, for: kill 4711",
        .shell = "kill -SIGNAL PID",
        .man = "pidfd_send_signal(2), signal(7)",
        .needs = BW_BOX,
        .complete = {BW_C_PID},
        .words = "-TERM -KILL -INT -STOP -CONT",
        .run = bw_cmd_kill,
    },
    {
        .name = "burn",
        .usage = "burn cpu [CORES] [TIME]\nburn memory SIZE [TIME]\nburn fork N [TIME]",
        .summary = "a bounded load in the box, to watch limits with",
        .help = "Always ends by itself: after 10 s, or TIME (3s, 500ms). memory touches SIZE bytes "
                "and holds them; fork says how many children the kernel allowed.",
        .example = "burn cpu 1 500ms",
        .shell = "timeout 10 sh -c 'while :; do :; done'",
        .man = "cgroups(7)",
        .needs = BW_BOX,
        .complete = {BW_C_WORDS},
        .words = "cpu memory fork",
        .run = bw_cmd_burn,
    },
    {
        .name = "host",
        .usage = "host PROGRAM [ARGUMENT...]",
        .summary = "run a program outside the box, for comparison",
        .help = "The program is a child of the shell, in the host's namespaces.",
        .example = "host hostname",
        .shell = "PROGRAM",
        .man = "execve(2)",
        .needs = 0,
        .complete = {BW_C_PROGRAM, BW_C_HOST_PATH},
        .words = "",
        .run = bw_cmd_host,
    },
};

const struct bw_command_group bw_group_program = {"programs", commands,
                                                  sizeof commands / sizeof commands[0]};
