/* The command table: looking. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "inspect",
        .usage = "inspect [--json] [PID]",
        .summary = "what the kernel says of the box, or of any process",
        .help = "Shows PIDs outside and inside, root, host name, each namespace with its inode in "
                "the box and on the host, ID maps, control groups with counters against limits, "
                "capabilities, mounts that differ from the host's, and processes. All of it is "
                "read from /proc and cgroupfs at that moment. A namespace is own when its inode "
                "is not the host's.\n"
                "--json prints one object on one line; what the host does not provide is null. "
                "Another user's process is refused with EACCES: root may look at all.",
        .example = "inspect\ninspect --json",
        .shell = "ls -l /proc/PID/ns; cat /proc/PID/status /proc/PID/cgroup",
        .man = "namespaces(7), proc(5), cgroups(7)",
        .needs = 0,
        .complete = {BW_C_PID},
        .words = "--json",
        .run = bw_cmd_inspect,
    },
    {
        .name = "diff",
        .usage = "diff\ndiff PID [PID]",
        .summary = "what the last step changed, or how two processes differ",
        .help = "Alone it shows again what the last step changed. With two PIDs it sets them side "
                "by side: each namespace, root, host name, ID maps, control groups and limits, "
                "capabilities, mounts. With one, the box is compared with it, or this shell when "
                "there is no box yet. Programs change things too: those show in inspect.",
        .example = "unshare uts\ndiff",
        .shell = "diff <(ls -l /proc/1/ns) <(ls -l /proc/PID/ns)",
        .man = "namespaces(7), proc(5)",
        .needs = 0,
        .complete = {BW_C_PID},
        .words = "",
        .run = bw_cmd_diff,
    },
    {
        .name = "trace",
        .usage = "trace [N | all]",
        .summary = "the system calls of the last step, of step N, or of all",
        .help = "Every call made is listed, in order and as strace writes it, those that set "
                "verbose 1 leaves out included. Outside marks what the shell did for the box: ID "
                "maps, control groups. Steps are numbered as plan numbers them.",
        .example = "unshare uts\ntrace",
        .shell = "strace -f COMMAND",
        .man = "strace(1), syscalls(2)",
        .needs = 0,
        .complete = {BW_C_WORDS},
        .words = "all",
        .run = bw_cmd_trace,
    },
    {
        .name = "lsns",
        .usage = "lsns [all]",
        .summary = "the namespaces of box and host, and who is in them",
        .help = "A row for each namespace: inode, kind, owner (own: the box's alone, host: the "
                "host's alone, shared: both are in it, other), processes in it, the lowest PID "
                "and its command. all adds those of other programs and containers. Processes that "
                "may not be looked at are counted in a line below.",
        .example = "lsns\nlsns all",
        .shell = "lsns",
        .man = "lsns(8), namespaces(7)",
        .needs = BW_BOX,
        .complete = {BW_C_WORDS},
        .words = "all",
        .run = bw_cmd_lsns,
    },
    {
        .name = "explain",
        .usage = "explain [last]\nexplain COMMAND\nexplain ERRNO\nexplain CALL ERRNO",
        .summary = "why a step failed, what a command does, what an error means",
        .help = "Alone it tells all about the last error: the call as made, the cause that was "
                "found by looking at the box and the host when it failed, what to do, every other "
                "cause boxwright looks for, and the manual pages. When nothing failed yet it "
                "explains the last step.\n"
                "ERRNO is a name or a number: EPERM, 1. CALL is a system call: unshare, clone3, "
                "setns, mount, umount, pivot_root, chroot, execve, open, mkdir, write. A word that "
                "is none of these is refused.",
        .example = "explain unshare EPERM\nexplain ENOSPC\nexplain chroot",
        .shell = "man 2 unshare; errno EPERM",
        .man = "errno(3), user_namespaces(7), capabilities(7)",
        .needs = 0,
        .complete = {BW_C_COMMAND, BW_C_ERRNO},
        .words = "last",
        .run = bw_cmd_explain,
    },
    {
        .name = "doctor",
        .usage = "doctor",
        .summary = "what this machine allows, and the fix for what it does not",
        .help = "Tries each part in a child that ends: every kind of namespace, proc, tmpfs and "
                "overlay in namespaces of its own, a busybox root. Control groups are asked "
                "whether they may be written. A row is ok, limited or no, with what was seen and, "
                "where it is not ok, the fix. The machine is as before afterwards.\n"
                "The status is 0 when the article can be walked here, as root or in a user "
                "namespace, and 1 when not. boxwright doctor does the same.",
        .example = "doctor",
        .shell = "unshare --user --map-root-user --pid --fork --mount-proc true",
        .man = "user_namespaces(7), cgroups(7)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .run = bw_cmd_doctor,
    },
};

const struct bw_command_group bw_group_look = {"looking", commands,
                                               sizeof commands / sizeof commands[0]};
