/* The command table: privilege. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "caps",
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
        .usage = "devices [DIR]\ndevices cgroup",
        .summary = "give the box a /dev of its own, and let it open no other",
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
        .words = "as core cpu data fsize memlock msgqueue nice nofile nproc rss rtprio "
                 "rttime sigpending stack",
        .run = bw_cmd_rlimit,
    },
    {
        .name = "harden",
        .usage = "harden docker",
        .summary = "add what Docker's default adds, and show what each step stops",
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
};

const struct bw_command_group bw_group_privilege = {"privilege", commands,
                                                    sizeof commands / sizeof commands[0]};
