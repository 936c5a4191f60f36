/* The command table: namespaces. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "unshare",
        .usage = "unshare NAMESPACE... [--monotonic SECONDS] [--boottime SECONDS]\n"
                 "unshare [OPTIONS] [PROGRAM...]",
        .summary = "make new namespaces for the box",
        .help = "The kinds are pid mnt uts ipc net user cgroup time. The short spelling makes them "
                "in one unshare(2) call, makes mounts private when mnt is among them, and forks "
                "when pid or time is, since those two hold only for children.\n"
                "With options it means what util-linux means: --fork --pid --mount-proc --uts "
                "--ipc --net --user --cgroup --time --mount --map-root-user --map-current-user "
                "--map-auto --map-users --map-groups --propagation --setgroups --root --setuid "
                "--setgid --monotonic --boottime. --pid without --fork does not fork: the next "
                "program becomes PID 1, and when it ends the kernel refuses another with ENOMEM. "
                "With a PROGRAM the namespaces are that program's alone and end with it.\n"
                "Without CAP_SYS_ADMIN the kernel refuses all but user: unshare user comes first.",
        .example = "unshare pid uts\nunshare --fork --pid --mount-proc ps",
        .shell = "unshare --fork --pid --uts",
        .man = "unshare(2), unshare(1), namespaces(7)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_NS},
        .words = "--fork --pid --mount-proc --uts --ipc --net --user --cgroup --time --mount "
                 "--map-root-user --map-current-user --map-auto --propagation --setgroups",
        .run = bw_cmd_unshare,
    },
    {
        .name = "fork",
        .usage = "fork",
        .summary = "replace the stage by a child, in the new PID or time namespace",
        .help = "unshare(CLONE_NEWPID) moves only future children. fork makes one with "
                "clone3(CLONE_PARENT): it takes over as the box, the shell stays its parent, and "
                "it is PID 1 if a new PID namespace was waiting. PID 1 itself cannot do this: the "
                "kernel answers EINVAL.",
        .example = "unshare --pid\nfork",
        .shell = "unshare --fork ...",
        .man = "clone(2), pid_namespaces(7)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_fork,
    },
    {
        .name = "map",
        .usage = "map\nmap root | current | auto\nmap uid INSIDE OUTSIDE COUNT\n"
                 "map gid INSIDE:OUTSIDE:COUNT...\nmap setgroups deny | allow",
        .summary = "show or write the ID maps of the box's user namespace",
        .help = "A new user namespace has no map: every ID in it reads as 65534. The maps are "
                "written once each, from outside, to /proc/PID/uid_map and gid_map. root makes "
                "your own IDs 0 inside, current keeps their numbers, auto adds the ranges that "
                "/etc/subuid and /etc/subgid give you, through newuidmap. An ordinary user maps "
                "only the own ID without it, and the group only after setgroups is denied.",
        .example = "unshare user\nmap root",
        .shell = "echo '0 1000 1' > /proc/PID/uid_map",
        .man = "user_namespaces(7), newuidmap(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_WORDS},
        .words = "root current auto uid gid setgroups",
        .run = bw_cmd_map,
    },
    {
        .name = "hostname",
        .usage = "hostname [NAME]",
        .summary = "show or set the box's host name",
        .help = "Sets the name in the box's UTS namespace, at most 64 bytes. Refused while the box "
                "shares the host's UTS namespace: the host itself would be renamed.",
        .example = "unshare uts\nhostname box",
        .shell = "hostname NAME",
        .man = "sethostname(2), uts_namespaces(7)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_hostname,
    },
    {
        .name = "enter",
        .usage = "enter PID [NAMESPACE...]",
        .summary = "move the box into namespaces of another process",
        .help = "Opens /proc/PID/ns/NAME outside, hands the descriptors to the stage, which calls "
                "setns(2), the user namespace first. Without names: all that differ. For pid and "
                "time the stage forks, as they hold only for children.",
        .example = "lsns all  # a process of each namespace, say 4711, for: enter 4711 net uts",
        .shell = "nsenter --target PID --all",
        .man = "setns(2), nsenter(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_PID, BW_C_NS},
        .words = "",
        .run = bw_cmd_enter,
    },
};

const struct bw_command_group bw_group_ns = {"namespaces", commands,
                                             sizeof commands / sizeof commands[0]};
