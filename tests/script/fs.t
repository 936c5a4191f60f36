# File system: rootfs, mkdir, mount, umount, bind, mountproc, chroot, pivot, overlay, debootstrap.

case: rootfs busybox makes a root that works
needs: root busybox
run:
    rootfs busybox @T@/root
    chroot @T@/root
    run sh -c 'echo $((6*7)); ls /bin/ls'
status: 0
stdout= 42
stdout= /bin/ls

case: rootfs busybox twice uses what is there
needs: root busybox
run:
    rootfs busybox @T@/root
    rootfs busybox @T@/root
status: 0
stderr~ holds a root file system already
check: [ -x "$T/root/bin/busybox" ]

case: rootfs refuses a directory that holds something
needs: busybox
before: mkdir d; echo x > d/file
run:
    rootfs busybox @T@/d
status: 1
stderr~ not empty
check: [ "$(ls d)" = file ]

case: rootfs in a file
needs: busybox
before: echo x > f
run:
    rootfs busybox @T@/f
status: 1
stderr~ ENOTDIR

case: undo removes the root it made
needs: root busybox
run:
    rootfs busybox @T@/root
    undo
status: 0
stderr~ undone: rootfs
check: [ ! -e "$T/root" ]

case: undo shows what it removed, also when other steps are made anew
needs: root busybox
run:
    unshare uts
    rootfs busybox @T@/root
    undo
status: 0
stderr~ ^  rmdir\("@T@/root"\) = 0
stderr~ undone: rootfs
check: [ ! -e root ]

case: undo says that the root of a box with mounts of its own stays
needs: root busybox
run:
    unshare mnt
    rootfs busybox @T@/root
    undo
status: 0
stderr~ ^note: @T@/root stays: .*mounts of its own
stderr~ undone: rootfs
check: [ -x root/bin/sh ]

case: undo leaves a directory that was there before rootfs, and empties it
needs: root busybox
before: mkdir root; chmod 750 root
run:
    rootfs busybox @T@/root
    undo
    redo
    undo
status: 0
check: [ "$(stat -c %a root)" = 750 ] && [ -z "$(ls -A root)" ]

case: undo follows no link that came into the way of what it removes
needs: root busybox
before: mkdir -p a other/root; echo precious > other/root/file
run:
    rootfs busybox @T@/a/root
    host mv @T@/a @T@/b
    host ln -s other @T@/a
    undo
status: 0
stderr~ ^boxwright: openat2\(".*/a/root", O_RDONLY\|O_DIRECTORY\|O_NOFOLLOW\) = -1 ELOOP
check: [ "$(cat other/root/file)" = precious ]

case: rootfs host runs the host's programs
needs: root
run:
    unshare mnt
    mkdir @T@/r
    rootfs host @T@/r
    chroot @T@/r
    run sh -c 'echo ok; echo x 2>/dev/null > /usr/x || echo read-only'
status: 0
stdout: ok
stdout: read-only

case: rootfs host needs a mount namespace
needs: root
run:
    rootfs host @T@/r
status: 1
stderr~ unshare mnt
check: [ ! -e "$T/r" ]

case: rootfs tar unpacks an archive
needs: root module:archive cmd:tar
before: mkdir src; echo data > src/file; tar -C src -cf a.tar .
run:
    rootfs tar @T@/a.tar @T@/r
status: 0
stderr~ unpacking
check: [ "$(cat r/file)" = data ]

case: rootfs tar leaves owner and mode of a directory that was there
needs: root module:archive cmd:tar
before: mkdir src r s; chmod 750 r s; echo data > src/file; chown 1:1 src; chmod 777 src; tar -C src -cf a.tar .; head -c 700 a.tar > bad.tar
argv: -k
run:
    rootfs tar @T@/bad.tar @T@/r
    rootfs tar @T@/a.tar @T@/s
    undo
    redo
status: 0
stderr~ ^boxwright: the archive is damaged
check: [ "$(stat -c '%u %g %a' r s | uniq)" = '0 0 750' ] && [ -e s/file ] && [ -z "$(ls -A r)" ]

case: rootfs tar refuses an entry with ..
needs: root module:archive cmd:tar
before: mkdir src; echo data > src/file; tar -C src -cPf a.tar --transform 's,file,../escaped,' file
run:
    rootfs tar @T@/a.tar @T@/r
status: 1
stderr~ \.\.
check: [ ! -e escaped ] && [ ! -e r ]

case: rootfs tar of something that is no archive
needs: root module:archive
before: head -c 2000 /dev/urandom > a.tar
run:
    rootfs tar @T@/a.tar @T@/r
status: 1
stderr~ archive
check: [ ! -e r ]

case: rootfs of an unknown kind
run:
    rootfs fedora /x
status: 2
stderr~ busybox

case: mkdir, and undo takes it back
run:
    mkdir @T@/d
    undo
status: 0
stderr~ mkdir\(".*/d", 0755\) = 0
check: [ ! -e d ]

case: mkdir of what exists
before: mkdir d
run:
    mkdir @T@/d
status: 1
stderr~ EEXIST

case: mkdir -p after the name
run:
    mkdir @T@/d -p
status: 2
stderr~ mkdir has one option, -p, before the names: not -p
check: [ ! -e d ]

case: mkdir of what is a root file system
run:
    rootfs busybox @T@/r
    mkdir @T@/r/
status: 1
stderr~ mkdir\("@T@/r", 0755\) = -1 EEXIST
stderr~ cause: @T@/r exists already

case: mount without a mount namespace is refused
needs: root
run:
    mount tmpfs /mnt
status: 1
stderr~ unshare mnt

case: mount stays in the box
needs: root
run:
    unshare mnt
    mount tmpfs /mnt
    run sh -c 'grep " /mnt " /proc/self/mountinfo | grep -c tmpfs'
    umount /mnt
    run sh -c 'grep -c " /mnt " /proc/self/mountinfo'
status: 1
stdout: 1
stdout: 0
stderr~ ^  mount\("tmpfs", "/mnt", "tmpfs", 0, NULL\) = 0$
stderr~ ^  umount2\("/mnt", 0\) = 0$

case: mount of an unknown type
needs: root
run:
    unshare mnt
    mount nonsensefs /mnt
status: 1
stderr~ ENODEV

case: mount on a target that is not there
needs: root
run:
    unshare mnt
    mount tmpfs @T@/nothing
status: 1
stderr~ ENOENT

case: mount with shared propagation is refused
needs: root
run:
    unshare --mount --propagation shared
    mount tmpfs /mnt
status: 1
stderr~ make-rprivate

case: a link in a root that was made does not lead a mount out
needs: root busybox
run:
    rootfs busybox @T@/root
    host ln -s /etc @T@/root/leak
    unshare mnt
    host mkdir @T@/root/etc/inner
    mount tmpfs @T@/root/leak/inner
    run sh -c 'grep -c " @T@/root/etc/inner " /proc/self/mountinfo'
status: 0
stdout= 1

case: bind, read-only
needs: root
before: mkdir a b; echo x > a/f
run:
    unshare mnt
    bind --ro @T@/a @T@/b
    run sh -c 'cat @T@/b/f; touch @T@/b/g 2>/dev/null || echo read-only'
status: 0
stdout= x
stdout= read-only
check: [ ! -e b/f ]

case: mountproc shows only the box's processes
needs: root
run:
    unshare pid
    mountproc
    run sh -c 'ls -d /proc/[0-9]* | wc -l'
status: 0
stdout~ ^[2-5]$
stderr~ ^  unshare\(CLONE_NEWNS\) = 0$
stderr~ ^  mount\("none", "/", NULL, MS_REC\|MS_PRIVATE, NULL\) = 0$
stderr~ ^  mount\("proc", "/proc", "proc", MS_NOSUID\|MS_NODEV\|MS_NOEXEC, NULL\) = 0$

case: mountproc without a PID namespace says what it shows
needs: root
run:
    mountproc
status: 0
stderr~ host's processes

case: chroot changes the root
needs: root busybox
run:
    chroot @ROOT@
    run ls /bin/busybox
    inspect --json
status: 0
stdout: /bin/busybox
stdout~ "root": ?"@ROOT@"
stderr~ ^  chroot\("@ROOT@"\) = 0$

case: chroot of a missing directory
needs: root
run:
    chroot @T@/nothing
status: 1
stderr~ ENOENT

case: chroot of a file
needs: root
run:
    chroot /etc/passwd
status: 1
stderr~ ENOTDIR

case: a second chroot names the first
needs: root busybox
run:
    chroot @ROOT@
    chroot @ROOT@
status: 1
stderr~ already

case: chroot with a program leaves the box as it was
needs: root busybox
run:
    chroot @ROOT@ /bin/ls -d /bin
    inspect --json
status: 0
stdout: /bin
stdout~ "root": ?"/"

case: pivot puts the old root out of reach
needs: root busybox
run:
    unshare mnt
    pivot @ROOT@
    run sh -c 'ls -d /bin; ls /usr/share 2>/dev/null; true'
status: 0
stdout= /bin
stderr~ ^  pivot_root\("\.", "\."\) = 0$

case: pivot of a missing directory
needs: root
run:
    unshare mnt
    pivot @T@/nothing
status: 1
stderr~ ENOENT

case: overlay keeps writes out of the lower layer
needs: root overlay
before: mkdir low mnt; echo old > low/f
run:
    unshare mnt
    overlay @T@/low @T@/mnt
    run sh -c 'echo new > @T@/mnt/f; cat @T@/mnt/f'
status: 0
stdout= new
check: [ "$(cat low/f)" = old ]

case: debootstrap with a mirror that cannot be reached falls back, and says so
needs: root busybox
run:
    debootstrap bookworm @T@/root http://127.0.0.1:9/debian/
status: 0
stderr~ busybox
check: [ -x root/bin/busybox ]

case: debootstrap --no-fallback refuses
needs: root
run:
    debootstrap --no-fallback bookworm @T@/root http://127.0.0.1:9/debian/
status: 1
stderr~ rootfs busybox
check: [ ! -e root ]

case: debootstrap without a directory
run:
    debootstrap bookworm
status: 2
stderr~ SUITE DIR
