# Masked and read-only paths, a read-only root, a small /dev, device groups, resource limits.

case: mask hides files behind the null device and directories behind an empty tmpfs
needs: root
before: mkdir d && echo secret >d/f && echo secret >g
run:
    unshare mnt
    mask @T@/d @T@/g
    run sh -c 'ls d | wc -l; wc -c <g; echo x >g && wc -c <g; touch d/x'
status: 1
stdout= 0
stdout= 0
stdout= 0
stderr~ mount\("tmpfs", ".", "tmpfs", MS_RDONLY.*  # the directory is
stderr~ move_mount\([0-9]+, "", [0-9]+<@T@/g>
stderr~ mount \+ @T@/g
stderr~ touch: .*Read-only
check: [ "$(cat d/f g)" = "$(printf 'secret\nsecret')" ]

case: mask docker hides what there is of Docker's list, in a proc of the box's own
needs: root
run:
    unshare pid mnt
    mountproc
    mask docker
    mask --read-only docker
    mask
    run sh -c 'cat /proc/keys /proc/timer_list | wc -c; echo 1 >/proc/sys/vm/swappiness'
status: 2
stdout~ ^/proc/acpi +(hidden|not there)
stdout~ ^/proc/sys +read-only$
stdout! open$
stdout: 0
stderr~ cannot create|Read-only

case: mask --read-only / leaves what is mounted below as it is
needs: root busybox
run:
    rootfs busybox @T@/root
    unshare mnt
    mkdir @T@/root/t
    mount tmpfs @T@/root/t
    chroot @T@/root
    mask --read-only /
    run sh -c 'touch /f; touch /t/f && echo below'
status: 0
stderr~ chroot\("."\) = 0
stderr~ touch: .*Read-only file system
stdout: below
check: [ ! -e root/f ]

case: a root that is a mount point becomes read-only where it is
needs: root busybox
run:
    rootfs busybox @T@/root
    unshare mnt
    pivot @T@/root
    mask --read-only /
    run touch /f
status: 1
stderr~ mount_setattr\([0-9]+</>, "", AT_EMPTY_PATH, \{attr_set=MOUNT_ATTR_RDONLY
stderr~ touch: .*Read-only file system

case: undo opens it again
needs: root
before: echo secret >g
run:
    unshare mnt
    mask @T@/g
    undo
    run cat g
status: 0
stdout: secret

case: an ordinary user's root masks in its own mount namespace
as: user
needs: user userns
before: echo secret >g; mkdir d; chmod 755 . d; chmod 644 g
run:
    unshare user mnt
    map root
    mask @T@/g @T@/d
    mask --read-only /
    run sh -c 'wc -c <@T@/g; echo x >@T@/d/f'
status: 2
stdout: 0
check: [ "$(cat g)" = secret ]

case: mask on the host is refused
needs: root
run:
    mask docker
status: 1
stderr~ mask needs a mount namespace of its own
stderr~ do: +unshare mnt

case: a path that is not there, a mistyped option, no path, /
argv: -k
needs: root
run:
    unshare mnt
    mask /nowhere/at/all
    mask --readonly /tmp
    mask --read-only
    mask /
    plan
status: 0
stderr~ the box has no /nowhere/at/all
stderr~ mask \[--read-only\] PATH
stderr~ there would be no program to run
stdout! mask

case: a null device that is none is not bound over what is masked
needs: root busybox
run:
    rootfs busybox @T@/root
    unshare mnt
    chroot @T@/root
    run sh -c 'rm -f /dev/null; echo open >/dev/null; echo secret >/g'
    mask /g
status: 1
stderr~ /dev/null of the box is not the kernel's null device
stderr~ do: +devices

case: links below a root that the box is not in lead nowhere
needs: root busybox
before: echo secret >outside
run:
    rootfs busybox @T@/root
    run ln -s @T@/outside @T@/root/link
    run ln -s / @T@/root/up
    unshare mnt
    mask @T@/root/link
status: 1
stderr~ the box has no @T@/root/link

case: devices makes a /dev without the host's devices
needs: root
run:
    unshare mnt
    devices
    run sh -c 'cd /dev; ls | sort | tr "\n" " "; echo; echo x >null; head -c 4 zero | wc -c; head -c 4 urandom | wc -c; readlink fd ptmx; ls pts'
status: 0
stdout~ ^core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero *$
stdout: 4
stdout: 4
stdout: /proc/self/fd
stdout: pts/ptmx
stdout: ptmx
stderr~ mount\("devpts", "pts", "devpts", MS_NOSUID\|MS_NOEXEC, "newinstance
stderr~ mount \+ /dev \(tmpfs\)

case: devices in a root before it is entered, as an ordinary user does it
as: user
needs: user userns busybox
run:
    unshare user mnt
    map root
    rootfs busybox @T@/root
    devices @T@/root/dev
    chroot @T@/root
    run sh -c 'echo x >/dev/null && head -c 3 /dev/zero | wc -c; ls /dev/pts'
status: 0
stdout: 3
stdout: ptmx

case: an ordinary user's devices after chroot say what comes first
as: user
needs: user userns busybox
run:
    unshare user mnt
    map root
    rootfs busybox @T@/root
    chroot @T@/root
    devices
status: 1
stderr~ mknod\("null".* = -1 EPERM
stderr~ do: +before chroot or pivot.*devices DIR/dev

case: root makes the nodes that a chroot has not
needs: root busybox
run:
    rootfs busybox @T@/root
    unshare mnt
    chroot @T@/root
    devices
    run sh -c 'echo x >/dev/null && ls -l /dev/null'
status: 0
stdout~ ^crw-rw-rw- .* 1, +3 .* /dev/null$

case: devices on the host is refused
run:
    devices
status: 1
stderr~ devices needs a mount namespace of its own

case: devices cgroup refuses to open what is not on the list
needs: root cgwrite
shell:
    # A disk's number need not be a disk's: opening is refused before it is looked up.
    if ! "$BW" -c 'devices cgroup' 2>err; then
        grep -q 'no hierarchy here limits devices\|EPERM\|EINVAL\|ENOSYS' err && echo 'cannot here' || cat err
    fi
    "$BW" -c "unshare mnt; mount tmpfs $T; run sh -c 'cd $T && mknod d b 8 0 && head -c 1 d'; true" 2>before
    "$BW" -k -c "unshare mnt; mount tmpfs $T; devices cgroup; run sh -c 'cd $T && mknod d b 8 0 && echo made; head -c 1 d; echo x >/dev/null && echo null'" 2>after
    grep -o 'Operation not permitted' after
    grep -c 'Operation not permitted' before
status: 1
stdout: made
stdout: null
stdout: Operation not permitted
stdout: 0

case: an ordinary user has no device group
as: user
needs: user
run:
    devices cgroup
status: 1
stderr~ E(ACCES|PERM|INVAL|NOSYS)|no hierarchy here limits devices

case: rlimit is on programs, not on the box
run:
    rlimit nofile 64:128
    run sh -c 'ulimit -n; ulimit -Hn'
    rlimit
status: 0
stdout: 64
stdout: 128
stdout~ ^nofile +64 +128 .*\(set\)$
stderr~ prlimit64\(0, RLIMIT_NOFILE, \{rlim_cur=64, rlim_max=128\}, NULL\) = 0 .*tried in a child
stderr~ rlimit nofile of programs  soft 64, hard 128

case: a limit that would stop the box itself stops its programs alone
needs: root !valgrind
run:
    rlimit nofile 6
    rlimit as 100M
    unshare mnt
    mount tmpfs @T@
    run sh -c 'ulimit -n; ulimit -v'
status: 0
stdout: 6
stdout: 102400

case: a limit and a filter together
needs: module:seccomp
run:
    seccomp deny mkdir
    rlimit nofile 10
    run sh -c 'ulimit -n; grep Seccomp: /proc/self/status'
status: 0
stdout: 10
stdout: Seccomp:	2

case: raising a hard limit is the kernel's to refuse
as: user
needs: user
run:
    rlimit nofile 100
    rlimit core unlimited
    rlimit nofile 1048576000
status: 1
stderr~ prlimit64\(0, RLIMIT_NOFILE, .* = -1 EPERM
stderr~ cause: +a hard limit is raised only with CAP_SYS_RESOURCE

case: limits that are none
argv: -k
run:
    rlimit nofiles 3
    rlimit nofile many
    rlimit nofile 5:3
    rlimit nofile 3K
    rlimit nofile
    rlimit cpu 99999999999999999999999
status: 2
stderr~ nofiles is no resource limit
stderr~ "many" is no limit for nofile
stderr~ the soft limit of "5:3" is above the hard one
stderr~ "3K" is no limit for nofile
stderr~ usage: rlimit NAME SOFT

case: save writes them down, inspect --json shows them
needs: root module:json
run:
    unshare pid mnt
    mountproc
    mask docker
    devices
    rlimit nofile 64
    save @T@/s.bw
    inspect --json
status: 0
stdout~ "rlimits": \{"nofile": \[64, 64\]\}
check: [ "$(grep -cx 'mask docker\|devices\|rlimit nofile 64' s.bw)" = 3 ]

case: the root is not masked, however it is spelled
needs: root
shell:
    for p in / // /. /etc/.. /proc/self/root; do $BW -c "unshare mnt; mask $p; run echo $p"; done; echo end
status: 0
stdout= end
stderr~ /etc/.. is the root

case: devices makes no folder on the host's file system
needs: root
run:
    unshare mnt
    devices @T@/typo/dev
status: 1
stderr~ there is no .*typo/dev, and the box's root is the host's
check: [ ! -e typo ]
