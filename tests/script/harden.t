# harden docker: each step an ordinary one, each attack tried before and after it.

case: harden docker makes every step, and what it is against is refused afterwards
argv: -k
needs: root cgwrite module:seccomp busybox
run:
    rootfs busybox @T@/root
    unshare pid mnt uts ipc net
    pivot @T@/root
    harden docker
    plan
    run sh -c 'grep -E "CapEff|Seccomp:" /proc/self/status; unshare -u true; echo x >/proc/sys/kernel/core_pattern'
    run sh -c 'ls /dev/null && ls /dev/sda /dev/vda /dev/mem'
status: 1
stdout~ ^1 of 7  mountproc:
stdout~ ^2 of 7  devices:
stdout~ ^3 of 7  mask docker:
stdout~ ^  keys +(let through|not there) +->  (nothing there|not there)$
stdout~ ^4 of 7  mask --read-only docker:
stdout~ ^  core +let through +->  refused: EROFS$
stdout~ ^  sysrq +(let through|not there) +->  (refused: EROFS|not there)$
stdout~ ^5 of 7  devices cgroup:
stdout~ ^  disk +[a-z].* +->  refused: EPERM$
stdout~ ^6 of 7  caps keep docker:
stdout~ ^  clock +let through +->  refused: EPERM$
stdout~ ^  reboot +let through: EINVAL +->  refused: EPERM$
stdout~ ^  mount +let through +->  refused: EPERM$
stdout~ ^7 of 7  seccomp docker:
stdout~ ^  keyctl +[a-z].* +->  refused: EPERM$
stdout~ ^  userns +[a-z].* +->  refused: EPERM$
stdout~ namespaces that this one shares with the host: cgroup$
stdout~ AppArmor
stdout~ ^ +[0-9]+  mountproc
stdout~ ^ +[0-9]+  seccomp docker
stdout: CapEff:	00000000a80425fb
stdout: Seccomp:	2
stdout: /dev/null
stdout! entered by pivot_root
stderr~ refused unshare\(2\): EPERM
stderr~ core_pattern: Read-only file system

case: after a chroot it says that a program leaves it
needs: root cgwrite module:seccomp busybox
run:
    rootfs busybox @T@/root
    unshare mnt
    chroot @T@/root
    harden docker
status: 0
stdout~ entered by pivot_root, and this one's by chroot, which a program leaves:
stdout~ ^  chroot +let through +->  let through$

case: an ordinary user hardens as far as the kernel lets it
as: user
needs: user userns module:seccomp
run:
    unshare user pid mnt uts ipc net
    map root
    mountproc
    harden docker
    run sh -c 'grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status; mount -t tmpfs x /tmp || exit 1'
status: 1
stdout~ ^5 of 7  devices cgroup:
stdout~ ^  left out: only root of the host limits the devices of a group
stdout~ ^  mount +let through +->  refused: EPERM$
stdout~ ^  userns +[a-z].* +->  refused: EPERM$
stdout: CapEff:	00000000a80425fb
stdout: NoNewPrivs:	0
stdout: Seccomp:	2
stderr~ refused mount\(2\): EPERM

case: what was tried has changed nothing
needs: root cgwrite module:seccomp
before: uname -n >name.before; cat /proc/sys/kernel/core_pattern >core.before; cat /proc/sys/kernel/printk >printk.before
run:
    unshare pid mnt
    mountproc
    harden docker
status: 0
stdout~ ^7 of 7
check: uname -n | cmp - name.before && cmp /proc/sys/kernel/core_pattern core.before && cmp /proc/sys/kernel/printk printk.before
check: [ ! -e /tmp/.bw-probe ] && [ ! -e /.bw-probe ] && [ ! -e /dev/.bw-probe ]
check: [ "$(($(date +%s) - $(stat -c %Y printk.before)))" -lt 60 ]

case: each step is one to undo, and to save
needs: root cgwrite module:seccomp
run:
    unshare pid mnt
    mountproc
    harden docker
    undo
    undo
    plan
    run grep -E 'CapEff|Seccomp:' /proc/self/status
    save @T@/h.bw
status: 0
stderr~ undone: seccomp docker
stderr~ undone: caps keep docker
stdout~ devices cgroup
stdout! ^ +[0-9]+  caps keep
stdout: Seccomp:	0
check: grep -qx 'mask docker' h.bw && ! grep -q seccomp h.bw

case: a second time leaves out what is there
needs: root cgwrite module:seccomp
run:
    unshare pid mnt
    harden docker
    harden docker
status: 0
stdout~ ^  left out: the box has a small /dev already
stderr~ nothing to drop

case: harden on the host is refused
needs: root
run:
    harden docker
status: 1
stderr~ harden adds to a box that has a mount namespace of its own
stderr~ do: +unshare pid mnt uts ipc net

case: harden what
run:
    harden podman
status: 2
stderr~ usage: harden docker
