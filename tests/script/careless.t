# What is mistyped, missing or in the wrong order: refused with its cause, everything as before.

case: mkdir makes all of its directories or none
needs: root
run:
    mkdir @T@/a @T@/b @T@/a
status: 1
stdout=
stderr~ ^  cause: .*/a exists already: it is a directory
check: [ ! -e a ] && [ ! -e b ]

case: mkdir -p that fails midway takes back what it made
needs: root
before: touch file
run:
    mkdir -p @T@/a/b @T@/c/d/../../file/x
status: 1
stdout=
stderr~ ENOTDIR
check: [ ! -e a ] && [ ! -e c ]

case: mkdir in a root file system takes back what it made there
needs: root busybox
run:
    rootfs busybox @T@/root
    mkdir -p @T@/root/x/y @T@/root/bin/busybox/z
status: 1
stdout=
stderr~ ENOTDIR
check: [ -d root/bin ] && [ ! -e root/x ]

case: undo removes all that mkdir -p made
needs: root
run:
    mkdir -p @T@/a/b/c @T@/d
    unshare uts
    undo
    host test -d @T@/a/b/c
    undo
status: 0
stderr! stays
check: [ ! -e a ] && [ ! -e d ]

case: undo leaves what files were written into
needs: root
run:
    mkdir -p @T@/a/b
    host touch @T@/a/file
    undo
status: 0
stderr~ a stays: files were written into it
check: [ -e a/file ] && [ ! -e a/b ]

case: redo of more than there is makes none of it again
needs: root
argv: -k
run:
    unshare uts
    hostname careless
    undo 2
    redo 3
    plan
status: 0
stdout!  1  unshare
stdout~ unshare uts    # undone
stderr~ there are 2 steps to redo, not 3
stderr~ redo 2 takes them all

case: a program outside is looked for outside
needs: root
run:
    chroot @ROOT@
    host no-such-program
status: 127
stdout=
stderr~ no directory of PATH has no-such-program$
stderr! in the box

case: a script is looked for outside
needs: root
before: mkdir etc
run:
    chroot @ROOT@
    source @T@/etc/none
status: 1
stdout=
stderr~ cause: there is no .*/etc/none$

case: a program without a name
run:
    run ''
status: 127
stdout=
stderr~ the name is empty

case: a directory without a name
run:
    chroot ''
status: 1
stdout=
stderr~ the name is empty

case: a root that is a link to nothing
needs: root
before: ln -s nowhere link
run:
    chroot @T@/link
status: 1
stdout=
stderr~ link, on the way to the directory, is a symbolic link to what does not exist
stderr! mkdir

case: pivot to the root that is
needs: root
run:
    unshare mnt
    pivot /
status: 1
stdout=
stderr~ cause: / lies on the mount that is the root now

case: pivot below a shared mount
needs: root
run:
    rootfs busybox @T@/root
    unshare mnt
    mount --make-rshared /
    pivot @T@/root
status: 1
stdout=
stderr~ cause: the mount at .* is shared
stderr~ do: +mount --make-rprivate /

case: no directory is made in proc
needs: root
run:
    rootfs busybox /proc/box
status: 1
stdout=
stderr~ only the kernel makes directories

case: enter tells the kinds of namespace
run:
    enter 1 bogus
status: 2
stdout=
stderr~ the kinds are: pid mnt uts

case: a group that could not be there
needs: cgwrite cpu
argv: -k
run:
    cgdelete ..
    cgexec -g cpu:../other true
status: 2
stdout=
stderr~ "\.\." is no name for a group
stderr~ "\.\./other" is no name for a group
stderr! makes it

case: standard output that is full is said
shell:
    "$BW" --version > /dev/full
status: 1
stdout=
stderr~ ENOSPC

case: standard output that is closed is said
shell:
    "$BW" --version >&-
status: 1
stdout=
stderr~ EBADF

case: a file larger than ulimit allows is an error
needs: root
shell:
    (ulimit -f 0; exec "$BW" -c "save $T/box.bw") 2>&1 | grep -o '= -1 EFBIG'
    [ ! -e "$T/box.bw" ]
status: 0
stdout= = -1 EFBIG

case: steps that cannot be built anew are kept for redo
needs: root
argv: -k
before: mkdir source target
run:
    unshare mnt uts
    hostname kept
    bind @T@/source @T@/target
    unshare ipc
    host rmdir @T@/source
    undo
    redo 4
    host mkdir @T@/source
    redo 2
    hostname
    plan
status: 0
stdout: kept
stdout~ ^ *1  unshare mnt uts
stdout~ ^ *2  hostname kept
stdout~ ^ *3  bind
stdout~ ^ *4  unshare ipc
stderr~ could not be built anew and is empty: redo 3

# A debootstrap that does as it is told, in a root of its own: no network, no package.

case: undo in a root of its own removes nothing of that name on the host
needs: root busybox
before: mkdir -p @T@/dir && echo precious > @T@/dir/file
run:
    rootfs busybox @T@/root
    host mkdir -p @T@/root@T@
    chroot @T@/root
    debootstrap none @T@/dir
    undo
status: 0
check: grep -qx precious dir/file

case: debootstrap into a directory that holds other things is refused
needs: root
before: touch file
run:
    debootstrap bookworm @T@
status: 1
stdout=
stderr~ is not empty
check: [ "$(ls -A | grep -vx -e stdout -e stderr)" != "" ] && [ ! -e debootstrap ] && [ ! -e bin ]

case: debootstrap into what one that did not end has left is refused
needs: root
before: mkdir -p dir/debootstrap dir/bin && touch dir/bin/sh
run:
    debootstrap bookworm @T@/dir
status: 1
stdout=
stderr~ a debootstrap that did not end
stderr~ host rm -r

case: a debootstrap that fails leaves a directory as empty as it was
needs: root busybox
shell:
    "$BW" -c "rootfs busybox $T/root" 2>/dev/null
    mkdir -p root/usr/sbin root/usr/share/debootstrap/scripts root/dir
    touch root/usr/share/debootstrap/scripts/fake
    printf '#!/bin/sh\nmkdir -p $2/bin; : > $2/bin/sh; echo "E: no luck"; exit 1\n' > root/usr/sbin/debootstrap
    chmod +x root/usr/sbin/debootstrap
    "$BW" -k -c "unshare mnt; pivot $T/root; debootstrap fake /dir; debootstrap fake /new"
status: 1
stderr~ status 1: no luck
check: [ -d root/dir ] && [ -z "$(ls -A root/dir)" ] && [ ! -e root/new ]

case: undo of a debootstrap leaves the directory as empty as it was, and none that was not there
needs: root cmd:debootstrap
shell:
    printf '#!/bin/sh\nmkdir -p $2/bin; : > $2/bin/sh\n' > fake
    chmod +x fake
    mkdir dir
    cat > in.bw << "X"
    debootstrap bookworm dir file:///none
    host ls dir
    undo
    host ls -A dir
    debootstrap bookworm new file:///none
    undo
    host ls -d dir new
    X
    unshare -m sh -c 'mount --bind fake "$(command -v debootstrap)" && "$BW" -k in.bw'
status: 2
stdout=
stdout= bin
stdout= dir
stderr~ new.: No such file

case: a debootstrap that is interrupted ends with all it started, and leaves nothing
needs: root busybox
shell:
    "$BW" -c "rootfs busybox $T/root" 2>/dev/null
    mkdir -p root/usr/sbin root/usr/share/debootstrap/scripts
    touch root/usr/share/debootstrap/scripts/fake
    printf '#!/bin/sh\nmkdir -p $2/bin; : > $2/bin/sh; (sleep 20; : > $2/late) & sleep 20\n' > root/usr/sbin/debootstrap
    chmod +x root/usr/sbin/debootstrap
    "$BW" -c "unshare mnt; pivot $T/root; debootstrap fake /new" &
    for i in $(seq 100); do [ -e root/new/bin/sh ] && break; sleep 0.1; done
    start=$SECONDS
    kill -TERM $!
    wait $!
    echo "status $?"
    [ $((SECONDS - start)) -lt 10 ] && echo soon
status: 0
stdout= status 143
stdout= soon
stderr~ was interrupted
check: [ ! -e root/new ]

case: a mount namespace after chroot: what has to come before
needs: root
argv: -k
run:
    chroot @ROOT@
    unshare mnt
    mountproc
    plan
status: 0
stdout~ ^  1  chroot
stderr~ cause: the box's root was changed with chroot
stderr~ do: +undo the chroot, unshare mnt, and then chroot again
stderr~ built anew from its 1 step$
