/* The command table: see cmd/table.h for what each field is for. */
#include "cmd/table.h"

#include <string.h>

#include "base/str.h"
#include "cmd/handlers.h"

const char *const bw_group_names[BW_G_COUNT] = {
    "namespaces", "file system", "control groups", "network, boxes", "privilege",
    "programs",   "looking",     "history",        "lessons",        "shell",
};

const struct bw_command bw_commands[] = {
    /* ---- namespaces ---- */
    {
        .name = "unshare",
        .group = BW_G_NS,
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
        .group = BW_G_NS,
        .usage = "fork",
        .summary = "replace the stage by a child, which is in the new PID or time namespace",
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
        .group = BW_G_NS,
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
        .group = BW_G_NS,
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
        .group = BW_G_NS,
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

    /* ---- file system ---- */
    {
        .name = "rootfs",
        .group = BW_G_FS,
        .usage = "rootfs busybox DIR\n"
                 "rootfs host DIR\n"
                 "rootfs tar FILE DIR",
        .summary = "make a root file system",
        .help = "busybox copies the machine's static busybox into DIR with a link for each of its "
                "tools: no network is needed. host mounts a tmpfs on DIR and binds the host's /usr "
                "into it read-only, which needs a mount namespace. tar unpacks an archive (an "
                "image layer); no entry may write outside DIR.\n"
                "A DIR that holds such a root already is used as it is; any other that is not "
                "empty is refused.",
        .example = "rootfs busybox /tmp/box-root\n"
                   "chroot /tmp/box-root\n"
                   "run ls /",
        .shell = "cp /bin/busybox DIR/bin; chroot DIR busybox --install -s",
        .man = "busybox(1), chroot(2)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_WORDS, BW_C_BOX_PATH},
        .words = "busybox host tar",
        .run = bw_cmd_rootfs,
    },
    {
        .name = "debootstrap",
        .group = BW_G_FS,
        .usage = "debootstrap [OPTION...] [--no-fallback] SUITE DIR [MIRROR]",
        .summary = "install a minimal Debian or Ubuntu into a directory",
        .help = "Runs the real debootstrap with a progress bar, in a mount namespace of its own, "
                "so that what it mounts never reaches the host. It needs root and a mirror that "
                "can be reached.\n"
                "Where it cannot work the reason is said and DIR gets a busybox root instead; "
                "--no-fallback refuses.\n"
                "A DIR that holds a finished root is used as it is; any other "
                "that is not empty is refused. What fails or is interrupted leaves nothing in it.",
        .example = "debootstrap focal /tmp/focal-root http://archive.ubuntu.com/ubuntu/",
        .shell = "debootstrap SUITE DIR MIRROR",
        .man = "debootstrap(8)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_NONE, BW_C_BOX_PATH},
        .words = "--variant=minbase --no-fallback",
        .run = bw_cmd_debootstrap,
    },
    {
        .name = "mkdir",
        .group = BW_G_FS,
        .usage = "mkdir [-p] DIR...",
        .summary = "make a directory",
        .help = "Made by the box: on the host, as long as the box has neither a root nor mounts of "
                "its own. undo removes it when it is empty.",
        .example = "mkdir -p /tmp/box-dir/a",
        .shell = "mkdir -p DIR",
        .man = "mkdir(2)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_BOX_PATH},
        .words = "-p",
        .run = bw_cmd_mkdir,
    },
    {
        .name = "mount",
        .group = BW_G_FS,
        .usage = "mount\n"
                 "mount TYPE TARGET\n"
                 "mount [-t TYPE] [-o OPTIONS] SOURCE TARGET\n"
                 "mount --bind SOURCE TARGET\n"
                 "mount --make-rprivate TARGET",
        .summary = "mount in the box, or list its mounts",
        .help = "Refused while the box shares the host's mount namespace, and where propagation "
                "would carry the mount to the host. A target inside a root that boxwright made is "
                "resolved with openat2(RESOLVE_IN_ROOT): no link in it leads out.",
        .example = "unshare mnt\n"
                   "mount tmpfs /mnt",
        .shell = "mount -t TYPE SOURCE TARGET",
        .man = "mount(2), mount_namespaces(7)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_WORDS, BW_C_BOX_PATH},
        .words = "proc tmpfs sysfs overlay -t -o --bind --make-rprivate",
        .run = bw_cmd_mount,
    },
    {
        .name = "umount",
        .group = BW_G_FS,
        .usage = "umount [-l] TARGET",
        .summary = "unmount in the box",
        .help = "-l detaches now and lets go when it is no longer used.",
        .example = "unshare mnt\n"
                   "mount tmpfs /mnt\n"
                   "umount /mnt",
        .shell = "umount TARGET",
        .man = "umount(2)",
        .needs = BW_STEP | BW_BOX | BW_OWN_MNT,
        .complete = {BW_C_BOX_PATH},
        .words = "-l",
        .run = bw_cmd_umount,
    },
    {
        .name = "bind",
        .group = BW_G_FS,
        .usage = "bind [--ro] SOURCE TARGET",
        .summary = "make a directory or file appear at a second place",
        .help = "A bind mount with all that is mounted below. --ro takes a second call, since the "
                "first one ignores MS_RDONLY: both happen or neither.",
        .example = "unshare mnt\n"
                   "bind --ro /usr /mnt",
        .shell = "mount --rbind SOURCE TARGET",
        .man = "mount(2)",
        .needs = BW_STEP | BW_BOX | BW_OWN_MNT,
        .complete = {BW_C_BOX_PATH},
        .words = "--ro",
        .run = bw_cmd_bind,
    },
    {
        .name = "mountproc",
        .group = BW_G_FS,
        .usage = "mountproc [DIR]",
        .summary = "mount a fresh proc",
        .help = "proc shows the PID namespace of who mounts it. As util-linux does, a mount "
                "namespace is made first if the box has none, and its propagation set to private: "
                "no mount reaches the host. Without a PID namespace of its own the new proc shows "
                "the host's processes.",
        .example = "unshare pid\n"
                   "mountproc\n"
                   "run ps",
        .shell = "mount -t proc proc /proc",
        .man = "proc(5), mount(2), pid_namespaces(7)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_mountproc,
    },
    {
        .name = "chroot",
        .group = BW_G_FS,
        .usage = "chroot DIR\n"
                 "chroot DIR PROGRAM...",
        .summary = "change the root directory of the box, or of one program",
        .help = "chroot(2) and chdir(\"/\"). It changes how names are looked up and is no jail: "
                "root inside gets out of it. With a PROGRAM only that program gets the new root.",
        .example = "rootfs busybox /tmp/box-root\n"
                   "chroot /tmp/box-root\n"
                   "run ls /",
        .shell = "chroot DIR PROGRAM",
        .man = "chroot(2), chroot(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_BOX_PATH, BW_C_PROGRAM, BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_chroot,
    },
    {
        .name = "pivot",
        .group = BW_G_FS,
        .usage = "pivot DIR",
        .summary = "make a directory the root of the mount namespace",
        .help = "pivot_root(2): the old root is detached, so that, unlike after chroot, it is out "
                "of reach. DIR is bound onto itself when it is not a mount point. Propagation of "
                "the root must be private.",
        .example = "rootfs busybox /tmp/box-root\n"
                   "unshare mnt\n"
                   "pivot /tmp/box-root",
        .shell = "pivot_root . .; umount -l .",
        .man = "pivot_root(2)",
        .needs = BW_STEP | BW_BOX | BW_OWN_MNT,
        .complete = {BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_pivot,
    },
    {
        .name = "overlay",
        .group = BW_G_FS,
        .usage = "overlay LOWER[:LOWER...] TARGET [UPPER WORK]",
        .summary = "lay a writable layer over read-only ones",
        .help = "How image layers work: reads fall through to the lower directories, writes go to "
                "the upper one. Without UPPER and WORK a tmpfs is mounted on TARGET for them "
                "first, and all that is written ends with the box.",
        .example = "unshare mnt\n"
                   "overlay /usr /mnt",
        .shell = "mount -t overlay overlay -o lowerdir=LOWER,upperdir=UPPER,workdir=WORK TARGET",
        .man = "mount(8), overlayfs in the kernel documentation",
        .needs = BW_STEP | BW_BOX | BW_OWN_MNT,
        .complete = {BW_C_BOX_PATH},
        .words = "",
        .run = bw_cmd_overlay,
    },

    /* ---- control groups ---- */
    {
        .name = "cgcreate",
        .group = BW_G_CGROUP,
        .usage = "cgcreate CONTROLLER LIMIT\ncgcreate -g CONTROLLERS:NAME...",
        .summary = "make a control group; with a limit: the box's own, and move the box in",
        .help =
            "The controllers are cpu, memory, pids, io and cpuset. The short spelling makes the "
            "group \"box\", sets the limit and moves the stage and all its programs in; limits on "
            "several controllers add up. A cpu limit is a share of one core (50%), a number of "
            "cores (1.5) or max; a memory limit is bytes with a unit (64M) and holds for memory "
            "and swap together; pids is a number of processes; cpuset a list of CPUs (0-1); io a "
            "device, or a directory on one, and rbps=, wbps=, riops= or wiops=: the whole disk is "
            "limited.\n"
            "With -g, as libcgroup's cgcreate, it makes a named group and moves nothing. Every "
            "group lies under a directory of this session, boxwright-PID-STARTTIME, in each "
            "hierarchy concerned, and is removed when the session ends.\n"
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
        .group = BW_G_CGROUP,
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
        .group = BW_G_CGROUP,
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
        .group = BW_G_CGROUP,
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
        .group = BW_G_CGROUP,
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
        .group = BW_G_CGROUP,
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

    /* ---- network, boxes ---- */
    {
        .name = "net",
        .group = BW_G_NET,
        .usage = "net [show]\nnet up [INTERFACE]\nnet veth ADDRESS/LENGTH [--peer ADDRESS] [--box "
                 "OTHER]\nnet bridge NAME ADDRESS/LENGTH [--host ADDRESS]\n"
                 "net route NETWORK/LENGTH | default via ADDRESS\nnet nat [--forward]\n"
                 "net ping ADDRESS [TIMES]",
        .summary = "connect the box: links, addresses, routes, a way out",
        .help = "A new network namespace has lo alone, and it is down. Each change is a request of "
                "rtnetlink(7), on a socket that was opened in the box's namespace and works there "
                "from outside; beside it stands the line of ip(8) that would do the same.\n"
                "up sets an interface up, lo if none is named. veth makes a pair of links: one end "
                "in the box, the other on the host, with the first free address of the network "
                "unless --peer names one, or in another box. bridge joins the box to a bridge of "
                "the session, which is made for the first; every box that joins it reaches the "
                "others, and with --host the host too. route adds a route. ping measures: three "
                "echo requests from within the box.\n"
                "nat is the way out. As root it translates the box's address on the host, by a "
                "table of nftables that is the session's own, and adds the default route; packets "
                "then pass the host only if net.ipv4.ip_forward is 1, which --forward sets until "
                "the last such box has ended. An ordinary user gets slirp4netns or pasta, which "
                "sends from sockets of its own what the box sends.\n"
                "On the host only root makes links; an ordinary user's bridge is in the box that "
                "joins it first, and the others share its user namespace. Addresses that exist and "
                "networks that overlap a route are refused. Links on the host are called bw and a "
                "number, marked with the session's name, and go with the box: by the session, the "
                "janitor of a killed one, or boxwright cleanup.",
        .example = "unshare net\nnet up\nnet ping 127.0.0.1\nnet show",
        .shell = "ip link add NAME type veth peer name eth0 netns PID",
        .man = "rtnetlink(7), veth(4), ip(8), nft(8), network_namespaces(7)",
        .needs = BW_STEP | BW_BOX | BW_NET,
        .needs_of = bw_cmd_net_needs,
        .complete = {BW_C_WORDS},
        .words = "show up veth bridge route nat ping --peer --box --host --forward default via",
        .run = bw_cmd_net,
    },
    {
        .name = "box",
        .group = BW_G_NET,
        .usage = "box [list]\nbox new NAME [--net OTHER] [--share NAMESPACE,... OTHER]...\n"
                 "box NAME\nbox share NAMESPACE,... OTHER\nbox rm NAME...",
        .summary = "several boxes in one session: make, list, go to, share, remove",
        .help = "A session begins with one box, called box. box new makes another and goes to it; "
                "commands are about the current one, which the prompt names. Each has a stage, "
                "control groups and a journal of its own: plan, undo, redo and reset are about it "
                "alone, save writes the steps of all.\n"
                "box share opens /proc/PID/ns/NAME of the other box's stage outside and hands it "
                "to this one's, which calls setns(2): so the containers of a Pod share a network. "
                "The other box must have such a namespace of its own, and of an ordinary user the "
                "kernel wants the user namespace that owns it, which is shared too. box new with "
                "--share does the same at once (--net OTHER is --share net OTHER).\n"
                "While a box is in another's namespaces that one's undo, reset and removal are "
                "refused; when it has to be built anew, because a step of it failed halfway, the "
                "others follow. box list shows which namespace is whose.",
        .example = "unshare uts net\nbox new web --share uts,net box\nbox list",
        .shell = "nsenter --target PID --net",
        .man = "setns(2), namespaces(7), nsenter(1)",
        .needs = 0,
        .needs_of = bw_cmd_box_needs,
        .complete = {BW_C_BOX},
        .words = "new list rm share --net --share",
        .run = bw_cmd_box,
    },

    /* ---- privilege ---- */
    {
        .name = "caps",
        .group = BW_G_PRIVILEGE,
        .usage = "caps [show [NAME...]]\n"
                 "caps drop | keep NAME... | all | none | docker\n"
                 "caps ambient NAME... | none",
        .summary = "show or take away the capabilities of the box's programs",
        .help = "A capability is a part of root's power. The box itself keeps all it has, for it "
                "still "
                "has to build; what a program gets execve(2) works out: uid 0 what is inheritable "
                "or "
                "in the bounding set, another user what is ambient. So drop and keep take names "
                "out of "
                "the box's bounding set (prctl PR_CAPBSET_DROP, needs CAP_SETPCAP) and its "
                "inheritable "
                "set, for real and for good: only undo brings them back. keep drops all others; "
                "keep "
                "docker leaves the fourteen that Docker leaves. ambient makes names ambient, which "
                "programs of any user keep.\n"
                "Alone it shows the five sets, what a program started now would have, and what is "
                "refused to it; show NAME says what one is for. Names are those of "
                "capabilities(7), "
                "in capitals or not, with or without CAP_. A new user namespace fills the bounding "
                "set "
                "again, for powers over that namespace alone: unshare user comes first, caps "
                "later.",
        .example = "unshare user\nmap root\ncaps drop net_raw mknod\ncaps",
        .shell = "capsh --drop=cap_net_raw -- -c PROGRAM",
        .man = "capabilities(7), prctl(2), capsh(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_WORDS, BW_C_CAP},
        .words = "show drop keep ambient",
        .run = bw_cmd_caps,
    },
    {
        .name = "nonewprivs",
        .group = BW_G_PRIVILEGE,
        .usage = "nonewprivs",
        .summary = "let no program of the box gain privilege by execve",
        .help = "Sets no_new_privs on the box, which all that it starts inherits: set-user-ID and "
                "set-group-ID bits and file capabilities are then ignored. Anybody may set it, "
                "nothing takes it back (undo builds the box anew), and an ordinary user needs it "
                "for seccomp. Docker sets it with --security-opt no-new-privileges only.",
        .example = "nonewprivs\nrun grep NoNewPrivs /proc/self/status",
        .shell = "setpriv --no-new-privs PROGRAM",
        .man = "prctl(2), execve(2), setpriv(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_nonewprivs,
    },
    {
        .name = "seccomp",
        .group = BW_G_PRIVILEGE,
        .usage = "seccomp [show [NAME...]]\n"
                 "seccomp docker | FILE | off\n"
                 "seccomp deny | log NAME...\n"
                 "seccomp oci",
        .summary = "filter the system calls of the box's programs",
        .help =
            "A filter is a small BPF program that the kernel asks at each system call. Each "
            "program "
            "that the box starts gets it right before its execve, as runc has it, never the box "
            "itself, which goes on building; it is tried first in a child of the box.\n"
            "docker is Docker's default profile; FILE (with a / or a dot in its name) is any "
            "profile in the JSON of Docker or of the OCI runtime specification. Its conditions on "
            "capabilities, architecture and kernel are worked out as Docker does, from the "
            "bounding set as it is when the command is typed: caps first, then seccomp. deny "
            "refuses calls by name with EPERM, log lets them through; both add to the profile, "
            "and off takes all away. The other ABIs of the machine (32-bit, x32) are covered too.\n"
            "What is refused or logged is shown by name as a program meets it: the kernel asks "
            "boxwright (SECCOMP_RET_USER_NOTIF), which answers with the errno that the filter "
            "gives. Where the kernel cannot ask, it answers alone and nothing is shown. Should "
            "boxwright die, refused calls get ENOSYS.\n"
            "An ordinary user without a user namespace needs no_new_privs for it, which is then "
            "set and said. show NAME tells what the filter says to a call; oci prints the profile "
            "as an OCI runtime takes it.",
        .example = "seccomp docker\nseccomp deny mkdir\nseccomp show mount mkdir",
        .shell = "docker run --security-opt seccomp=FILE",
        .man = "seccomp(2), seccomp_unotify(2), syscalls(2)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_WORDS, BW_C_CALL},
        .words = "show docker off deny log oci",
        .run = bw_cmd_seccomp,
    },
    {
        .name = "mask",
        .group = BW_G_PRIVILEGE,
        .usage = "mask\nmask PATH... | docker\nmask --read-only PATH... | docker | /",
        .summary = "hide paths of the box, or make them read-only",
        .help =
            "Hidden is what has /dev/null bound over it, or, a directory, an empty read-only "
            "tmpfs: as OCI runtimes do. That the box's /dev/null is the kernel's own is looked at "
            "first. --read-only binds the path onto itself, with all below, and sets it read-only; "
            "for / only the mount that the root lies in, as docker run --read-only does.\n"
            "docker stands for the paths of Docker's default: files of proc and sysfs that tell of "
            "the host or reach it, as namespaces do not part them. Paths of that list that are not "
            "there are left out; one that is typed must be there. Alone it shows how each of them "
            "is in the box now.\n"
            "Programs with CAP_SYS_ADMIN can unmount it all again: caps drop sys_admin, or a "
            "filter, makes it hold.",
        .example = "unshare pid mnt\nmountproc\nmask docker\nmask --read-only docker\n"
                   "mask",
        .shell = "mount --bind /dev/null /proc/kcore",
        .man = "mount(2), move_mount(2), mount_setattr(2)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_BOX_PATH},
        .words = "docker --read-only",
        .run = bw_cmd_mask,
    },
    {
        .name = "devices",
        .group = BW_G_PRIVILEGE,
        .usage = "devices [DIR]\ndevices cgroup",
        .summary = "give the box a /dev of its own, and let it open no other device",
        .help =
            "Mounts a tmpfs on DIR (else /dev) with null, zero, full, random, urandom and tty: "
            "bound from the present /dev where it has them, else made, for which the kernel wants "
            "root of the host. A new devpts, shm, and the links fd, stdin, stdout, stderr, core "
            "and ptmx come with it. An ordinary user does it before chroot, while the host's /dev "
            "is there: devices ROOT/dev.\n"
            "cgroup lets the box's control group open Docker's list and nothing else, whatever "
            "nodes there are: through the devices controller on v1, on v2 through a BPF program "
            "on the group. That takes root of the host.",
        .example = "unshare mnt\ndevices\nrun ls -l /dev",
        .shell = "mount -t tmpfs tmpfs /dev; mount -t devpts -o newinstance devpts /dev/pts",
        .man = "devpts(4), mount(8), bpf(2)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_BOX_PATH},
        .words = "cgroup",
        .run = bw_cmd_devices,
    },
    {
        .name = "rlimit",
        .group = BW_G_PRIVILEGE,
        .usage = "rlimit\nrlimit NAME SOFT[:HARD]",
        .summary = "show or set the resource limits of the box's programs",
        .help = "Each program that the box starts gets the limits right before its execve; the box "
                "itself keeps its own, with which it builds. A limit is tried in a child first. "
                "One number is both limits; bytes may have K, M or G; unlimited is none. Raising a "
                "hard limit needs CAP_SYS_RESOURCE. Limits are each process's own, but nproc, "
                "which counts the user's: for a whole box, cgcreate.",
        .example = "rlimit nofile 64\nrlimit core 0\nrun sh -c 'ulimit -n'",
        .shell = "prlimit --nofile=64 PROGRAM",
        .man = "getrlimit(2), prlimit(1)",
        .needs = BW_STEP | BW_BOX,
        .complete = {BW_C_WORDS},
        .words = "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio "
                 "rttime sigpending stack",
        .run = bw_cmd_rlimit,
    },
    {
        .name = "harden",
        .group = BW_G_PRIVILEGE,
        .usage = "harden docker",
        .summary = "add all that Docker's default adds to a box, and show what each step stops",
        .help =
            "Makes, one after the other, the steps that are not there yet: mountproc, devices, "
            "mask docker, mask --read-only docker, devices cgroup, caps keep docker, seccomp "
            "docker. Each is an ordinary step: plan lists it, undo takes it back, save writes it "
            "down.\n"
            "Before and after each step the attacks that it is against are tried, in a child of "
            "the box with what a program would have: the first call of each, made so that it "
            "changes nothing even where it is let through (a module that is empty, a clock that is "
            "set to nothing, a file that is opened for writing and not written). What is shown is "
            "what the kernel answered.\n"
            "At the end it says what Docker's box has that this one lacks: other namespaces, "
            "pivot_root in place of chroot, a profile of AppArmor or SELinux. Docker sets neither "
            "no_new_privs nor resource limits nor a user namespace by default, and nor does this. "
            "What cannot be done here, as for an ordinary user, is left out with the reason.",
        .example = "unshare pid mnt uts ipc net\nmountproc\nharden docker",
        .shell = "docker run",
        .man = "capabilities(7), seccomp(2), mount(2)",
        .needs = BW_BOX,
        .complete = {BW_C_WORDS},
        .words = "docker",
        .run = bw_cmd_harden,
    },

    /* ---- programs ---- */
    {
        .name = "run",
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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
        .group = BW_G_PROGRAM,
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

    /* ---- looking ---- */
    {
        .name = "inspect",
        .group = BW_G_LOOK,
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
        .group = BW_G_LOOK,
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
        .group = BW_G_LOOK,
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
        .group = BW_G_LOOK,
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
        .group = BW_G_LOOK,
        .usage = "explain [last]\nexplain COMMAND\nexplain ERRNO\nexplain CALL ERRNO",
        .summary = "why the last step failed, what a command does, what an error means",
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
        .group = BW_G_LOOK,
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

    /* ---- history ---- */
    {
        .name = "plan",
        .group = BW_G_HISTORY,
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
        .group = BW_G_HISTORY,
        .usage = "undo [N]",
        .summary = "take the last steps back",
        .help = "The kernel cannot un-unshare: the box is torn down and built anew from the "
                "journal "
                "less N steps. Its programs end. Directories that the undone step made are removed "
                "(mkdir's only when empty); files that programs wrote are not undone.",
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
        .group = BW_G_HISTORY,
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
        .group = BW_G_HISTORY,
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
        .group = BW_G_HISTORY,
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
        .group = BW_G_HISTORY,
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

    /* ---- lessons ---- */
    {
        .name = "lessons",
        .group = BW_G_LESSON,
        .usage = "lessons",
        .summary = "the lessons there are, and how far you are in each",
        .help = "Each takes 5 to 10 minutes. What a lesson needs and this machine does not have is "
                "told with the fix. boxwright lessons check proves that each lesson's goals and "
                "solutions are sound here.",
        .example = "lessons",
        .shell = "ls lessons",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_lessons,
    },
    {
        .name = "learn",
        .group = BW_G_LESSON,
        .usage = "learn LESSON\nlearn\nlearn reset | reset lesson | begin | stop\n"
                 "learn --present LESSON",
        .summary = "begin a lesson, or go on with it where you left",
        .help =
            "A lesson is named by its number, its file or its id; one of your own by a path with a "
            "slash. It begins with an empty box, in a folder of its own that is removed after it. "
            "Each step has goals that are asked of the kernel after each command: what you typed "
            "does not matter, what the box is like does. A question is answered with its number, "
            "or "
            "not at all.\n"
            "Alone it shows the step once more. learn reset makes the box as it was when the step "
            "began, learn reset lesson begins anew, learn stop leaves. What is done is kept: the "
            "next time the box is made again and the lesson goes on. The first commands of a "
            "lesson "
            "from elsewhere are shown, and run only after learn begin.\n"
            "With --present a teacher's Enter on an empty line types the next command and another "
            "one runs it; anything else may be typed in between.",
        .example = "learn 1\nlearn stop",
        .shell = "less lessons/01-shared.md",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_WORDS, BW_C_WORDS, BW_C_NONE},
        .words = "reset lesson begin stop --present",
        .run = bw_cmd_learn,
    },
    {
        .name = "hint",
        .group = BW_G_LESSON,
        .usage = "hint",
        .summary = "the next hint for the step",
        .help = "First what the box as it is now shows to be wrong, then the idea, then the shape "
                "of the command. How many were told is kept with the step.",
        .example = "learn 1\nhint",
        .shell = "man 7 namespaces",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_hint,
    },
    {
        .name = "check",
        .group = BW_G_LESSON,
        .usage = "check",
        .summary = "what of the step's goal holds, and why the rest does not",
        .help = "Each part of the goal is asked of the kernel now. This happens by itself after "
                "each command; check also tells each part, and watches for a second where the goal "
                "is about something that goes on.",
        .example = "learn 1\ncheck",
        .shell = "ls -l /proc/PID/ns",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_check,
    },
    {
        .name = "solution",
        .group = BW_G_LESSON,
        .usage = "solution",
        .summary = "the commands that do the step",
        .help = "They are shown and not run. They begin where the step began; that they were shown "
                "is kept with the step.",
        .example = "learn 1\nsolution",
        .shell = "grep solution lessons/01-shared.md",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_solution,
    },
    {
        .name = "play",
        .group = BW_G_LESSON,
        .usage = "play",
        .summary = "pause the lesson to try something, and go on with it",
        .help = "Nothing that is done meanwhile counts. play again, or ^C at the prompt, takes the "
                "steps made meanwhile back and goes on.",
        .example = "learn 1\nplay\nplay",
        .shell = "bash",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_play,
    },

    /* ---- shell ---- */
    {
        .name = "help",
        .group = BW_G_SHELL,
        .usage = "help\nhelp COMMAND\nhelp GROUP",
        .summary = "the commands, one group of them, or all about one",
        .help = "What is shown comes from the table that runs the commands, so it cannot be out of "
                "date. A group may be shortened: help file is help file system.",
        .example = "help unshare\nhelp namespaces",
        .shell = "man unshare",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_COMMAND, BW_C_NONE},
        .words = "namespaces file control programs looking history lessons shell",
        .run = bw_cmd_help,
    },
    {
        .name = "set",
        .group = BW_G_SHELL,
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
        .group = BW_G_SHELL,
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
        .group = BW_G_SHELL,
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
        .group = BW_G_SHELL,
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
