/* The command table: file system. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "rootfs",
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
};

const struct bw_command_group bw_group_fs = {"file system", commands,
                                             sizeof commands / sizeof commands[0]};
