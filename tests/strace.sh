#!/bin/bash
# The calls boxwright prints are the calls it made: every unshare, mount, umount2, chroot,
# sethostname, setns and pivot_root that strace sees, in the same order, written the same way.
# Left out are the children that boxwright forks to look at the box's host name: they enter its UTS
# namespace, call uname and end. Looking is no step.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BW=${BW:-$top/build/boxwright}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
names='unshare|mount|umount2|chroot|sethostname|setns|pivot_root'

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}
skip() {
    echo "SKIP strace: $1"
    skipped=$((skipped + 1))
    finish
}
command -v strace > /dev/null || skip 'strace is not installed'
strace -o /dev/null true 2>/dev/null || skip 'this machine does not let strace trace'
[ "$(id -u)" = 0 ] || skip 'needs root'

# What strace saw: a file for each process, merged by time.
traced() {
    grep -L ' uname(' "$work"/trace.* | xargs cat | sort -n | sed -E 's/^[0-9.]+ //' | grep -E "^($names)\("
}
# What was printed: a call is a line of its own, a remark may follow it.
printed() {
    sed -E 's/^[[:space:]]+//; s/[[:space:]]+#.*$//' "$work/err" | grep -E "^($names)\(.*\) += " |
        sed -E 's/\) += /) = /'
}

compare() { # compare NAME SCRIPT
    rm -f "$work"/trace.*
    mkdir -p "$work/root/bin" "$work/root/proc" "$work/tree"
    (cd "$work" && timeout 60 strace -ff -ttt -a 1 -s 4096 -o "$work/trace" \
        -e "trace=${names//|/,},uname" "$BW" -c "set verbose 2
$2") > "$work/out" 2> "$work/err" < /dev/null
    local status=$?
    traced > "$work/traced"
    printed > "$work/printed"
    if [ $status = 0 ] && [ -s "$work/traced" ] && cmp -s "$work/traced" "$work/printed"; then
        echo "ok   strace: $1 ($(wc -l < "$work/traced") calls)"
        passed=$((passed + 1))
    else
        echo "FAIL strace: $1, status $status"
        diff "$work/traced" "$work/printed" | sed 's/^</     | only traced: /; s/^>/     | only printed:/'
        [ -s "$work/traced" ] || sed 's/^/     | /' "$work/err" | tail -n 20
        failed=$((failed + 1))
    fi
}

compare 'unshare and sethostname' 'unshare uts ipc net
hostname box1'
compare 'unshare, fork, proc, chroot' "unshare pid
mountproc
rootfs busybox $work/bb
chroot $work/bb"
compare 'mount, bind, umount' "unshare mnt
mount -t tmpfs none $work/tree
bind $work/root $work/tree
umount $work/tree"
compare 'mask and devices' "unshare pid mnt
mountproc
mask docker
mask --read-only docker
devices"
compare 'pivot_root' "unshare mnt
rootfs busybox $work/bb2
pivot $work/bb2"
compare 'util-linux spelling' "unshare --fork --pid --mount-proc --uts --ipc --net --map-root-user"

# A process to enter: its namespaces are its own.
unshare --uts --net sleep 60 &
target=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(readlink "/proc/$target/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
    sleep 0.1
done
compare 'setns' "enter $target uts net"
kill "$target"
wait "$target" 2>/dev/null
finish
