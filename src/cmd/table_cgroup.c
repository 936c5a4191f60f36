/* The command table: control groups. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "cgcreate",
        .usage = "cgcreate CONTROLLER LIMIT\ncgcreate -g CONTROLLERS:NAME...",
        .summary = "make a control group; with a limit: move the box in",
        .help =
            "The controllers are cpu, memory, pids, io and cpuset. The short spelling makes the "
            "group \"box\", sets the limit and moves the stage and all its programs in; limits on "
            "several controllers add up. A cpu limit is a share of one core (50%), a number of "
            "cores (1.5) or max; a memory limit is bytes with a unit (64M) and holds for memory "
            "and swap together; pids is a number of processes; cpuset a list of CPUs (0-1); io a "
            "device, or a directory on one, and rbps=, wbps=, riops= or wiops=: the whole disk is "
            "limited.\n"
            "With -g, as libcgroup's cgcreate, it makes a named group and moves nothing. Every "
            "group lies under a directory of this session, boxwright-PID-STARTTIME (with the inode "
            "of its PID namespace, if that is not the initial one), in each hierarchy concerned, "
            "and is removed when the session ends.\n"
            "On cgroup v1 each controller has a hierarchy of its own, and only root may make "
            "groups. On v2 there is one: controllers are switched on in cgroup.subtree_control "
            "from the mount down, which the kernel refuses with EBUSY in a group that holds "
            "processes, and with EACCES in one that is not delegated. A systemd host is asked for "
            "a delegated scope. What was switched on above the session is switched off again.",
        .example = "cgcreate cpu 50%\ncgcreate memory 64M\ncgcreate pids 20\n"
                   "cgcreate -g cpu,memory:web",
        .shell = "cgcreate -g cpu:NAME",
        .man = "cgroups(7), cgcreate(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_CTL},
        .words = "-g",
        .run = bw_cmd_cgcreate,
    },
    {
        .name = "cgset",
        .usage = "cgset CONTROLLER LIMIT\ncgset -r FILE=VALUE... NAME...",
        .summary = "set a limit of a control group",
        .help = "The short spelling changes a limit of the box's own group. With -r it writes a "
                "file of a named group, as libcgroup's cgset does. A v1 file on a v2 host becomes "
                "the v2 file that means the same, with its value (cpu.cfs_quota_us the first word "
                "of cpu.max), and the other way round; what was translated is said. The file is "
                "read back: a value that the kernel does not keep is an error and the former one "
                "is written again, except that memory limits are rounded to whole pages. "
                "cgroup.procs and tasks are refused: cgclassify moves processes.",
        .example = "cgcreate -g cpu:web\ncgset -r cpu.cfs_quota_us=50000 web",
        .shell = "cgset -r FILE=VALUE NAME",
        .man = "cgroups(7), cgset(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_CTL, BW_C_NONE, BW_C_GROUP},
        .words = "-r",
        .run = bw_cmd_cgset,
    },
    {
        .name = "cgget",
        .usage = "cgget CONTROLLER\ncgget [-nva] -r FILE... NAME...\n"
                 "cgget [-nv] -g CONTROLLERS[:NAME] [NAME...]",
        .summary = "read files of a control group",
        .help = "The short spelling prints all files of a controller in the box's own group. -r "
                "reads one file, by its v1 or v2 name; -g all files of a controller; -a those of "
                "all controllers the group has. -n leaves the group's name out, -v the files' "
                "names.",
        .example = "cgcreate cpu 50%\ncgget cpu\ncgget -n -r cpu.max box",
        .shell = "cgget -r FILE NAME",
        .man = "cgroups(7), cgget(1)",
        .needs = 0,
        .complete = {BW_C_CTL, BW_C_NONE, BW_C_GROUP},
        .words = "-r -g -n -v -a",
        .run = bw_cmd_cgget,
    },
    {
        .name = "cgexec",
        .usage = "cgexec -g CONTROLLERS:NAME... PROGRAM...",
        .summary = "start a program of the box in a control group",
        .help = "A child of the stage is put into the group from outside, by its PID in "
                "cgroup.procs, and then becomes the program: it never runs outside the group. The "
                "exit status is the program's.",
        .example = "cgcreate -g cpu:web\ncgset -r cpu.cfs_quota_us=50000 web\n"
                   "cgexec -g cpu:web true",
        .shell = "cgexec -g cpu:NAME PROGRAM",
        .man = "cgroups(7), cgexec(1)",
        .needs = BW_BOX,
        .complete = {BW_C_NONE, BW_C_GROUP, BW_C_PROGRAM},
        .words = "-g",
        .run = bw_cmd_cgexec,
    },
    {
        .name = "cgclassify",
        .usage = "cgclassify -g CONTROLLERS:NAME... PID...",
        .summary = "move running processes of the box into a control group",
        .help = "PIDs are those ps lists, as the outside counts them. Only the stage and what "
                "runs below it is moved; any other process is refused. Children forked before "
                "stay where they are, later ones start in the group. undo and redo do not bring "
                "programs back, so what was moved is not moved again.",
        .example = "cgcreate -g pids:web\nspawn sleep 30  # says its PID, say 4711,\n"
                   "ps              # for: cgclassify -g pids:web 4711",
        .shell = "cgclassify -g cpu:NAME PID",
        .man = "cgroups(7), cgclassify(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_NONE, BW_C_GROUP, BW_C_PID},
        .words = "-g",
        .run = bw_cmd_cgclassify,
    },
    {
        .name = "cgdelete",
        .usage = "cgdelete NAME...\ncgdelete -g CONTROLLERS:NAME...\ncgdelete CONTROLLER",
        .summary = "remove a control group, or a controller of one",
        .help = "Processes still in it go back to the group where the shell is: nothing is "
                "killed. With -g only these controllers go, and the group with the last of them. "
                "A controller's name alone, where no group is called so, means the box's own "
                "group.",
        .example = "cgcreate memory 64M\ncgdelete memory",
        .shell = "cgdelete -g cpu:NAME",
        .man = "cgroups(7), cgdelete(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_GROUP},
        .words = "-g -r",
        .run = bw_cmd_cgdelete,
    },
};

const struct bw_command_group bw_group_cgroup = {"control groups", commands,
                                                 sizeof commands / sizeof commands[0]};
