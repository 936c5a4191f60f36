#!/bin/bash
# That host_fingerprint.sh can fail: each kind of trace is left once, and must be seen; when it is
# away again nothing is. In namespaces of its own, so that the host is what it was.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${BW_FP_INSIDE:-}" ]; then
    if [ "$(id -u)" != 0 ] || ! unshare -m -i -u -n true 2> /dev/null; then
        echo 'SKIP fingerprint selftest: no namespaces can be made here'
        echo '0 passed, 0 failed, 1 skipped'
        exit 0
    fi
    BW_FP_INSIDE=1 exec unshare -m -i -u -n "$here/fingerprint_selftest.sh"
fi
# shellcheck source=tests/host_fingerprint.sh
. "$here/host_fingerprint.sh"
passed=0 failed=0 skipped=0
for dir in /tmp /run /dev/shm; do mount -t tmpfs tmpfs "$dir"; done
export XDG_RUNTIME_DIR=/run/user
work=/tmp/fp
mkdir "$work" /run/user

# expect NAME LINE PLANT… -- PULL…: PLANT leaves a trace, which the fingerprint tells as LINE, a
# pattern; PULL takes it away.
expect() {
    local name=$1 line=$2 plant=()
    shift 2
    while [ "$1" != -- ]; do plant+=("$1"); shift; done
    shift
    host_fingerprint "$mark" > "$work/before"
    if ! "${plant[@]}" 2> "$work/why"; then
        echo "SKIP fingerprint selftest: $name: $(head -n 1 "$work/why")"
        skipped=$((skipped + 1))
        return
    fi
    host_fingerprint "$mark" > "$work/after"
    host_compare "$work/before" "$work/after" > "$work/changed"
    local seen=$?
    "$@" > /dev/null 2>&1
    host_fingerprint "$mark" > "$work/after"
    if [ $seen = 1 ] && grep -qE "^> $line" "$work/changed" && host_compare "$work/before" "$work/after" > "$work/still"; then
        echo "ok   fingerprint selftest: $name is seen"
        passed=$((passed + 1))
    else
        echo "FAIL fingerprint selftest: $name"
        sed 's/^/     | /' "$work/changed" "$work/still"
        failed=$((failed + 1))
    fi
}

quiet() { "$@" > /dev/null; }
started=
program() { # program LIMIT ENVIRONMENT
    (ulimit -S -x "$1" && exec env "$2" sleep 100 > /dev/null) &
    started=$!
    sleep 0.1
}
end_program() {
    kill "$started"
    wait "$started"
}
# The mark of a session that is gone: the tag, and a pid that there is not.
dead_mark=$(printf %u $((0xb7 << 56 | 1 << 22 | 4194303)))
cgroup=/sys/fs/cgroup
[ -d $cgroup/pids ] && cgroup=$cgroup/pids
mark=fp.$$

mkdir $work/m
expect 'a mount' 'mount .* /tmp/fp/m ' mount -t tmpfs none $work/m -- umount $work/m
expect 'a group' "group $cgroup/fp\.$$/" mkdir "$cgroup/fp.$$" -- rmdir "$cgroup/fp.$$"
expect "a dead session's group" "group $cgroup/boxwright-4194303-$$/" \
    mkdir "$cgroup/boxwright-4194303-$$" -- rmdir "$cgroup/boxwright-4194303-$$"
expect 'a link' 'link fp0' ip link add fp0 type veth peer name fp1 -- ip link del fp0
ip link set lo up 2> /dev/null
expect 'a route' 'route lo ' ip route add 10.1.2.0/24 dev lo -- ip route del 10.1.2.0/24
expect 'an address' 'address 10.1.3.1' ip addr add 10.1.3.1/32 dev lo -- ip addr del 10.1.3.1/32 dev lo
command -v nft > /dev/null && expect 'a packet filter' 'nft table ' nft add table inet fp -- nft delete table inet fp
expect 'a host name' 'sysctl kernel/hostname ' hostname fp -- hostname "$HOSTNAME"
expect 'a domain name' 'sysctl kernel/domainname ' domainname fp -- domainname "$(domainname)"
expect 'a segment of shared memory' 'sysv shm ' quiet ipcmk -M 4096 -- ipcrm --all=shm
expect 'a set of semaphores' 'sysv sem ' quiet ipcmk -S 1 -- ipcrm --all=sem
expect 'a message queue' 'sysv msg ' quiet ipcmk -Q -- ipcrm --all=msg
expect 'POSIX shared memory' 'file /dev/shm/fp' touch /dev/shm/fp -- rm /dev/shm/fp
if mkdir -p /dev/mqueue 2> /dev/null && mount -t mqueue mqueue /dev/mqueue 2> /dev/null; then
    expect 'a POSIX message queue' 'file /dev/mqueue/fp' touch /dev/mqueue/fp -- rm /dev/mqueue/fp
    umount /dev/mqueue
else
    echo 'SKIP fingerprint selftest: a POSIX message queue: mqueue cannot be mounted'
    skipped=$((skipped + 1))
fi
mkdir /run/netns
expect "a network namespace's file" 'file /run/netns/fp' touch /run/netns/fp -- rm /run/netns/fp
expect 'a file in /tmp' 'file /tmp/.boxwright-fp' touch /tmp/.boxwright-fp -- rm /tmp/.boxwright-fp
expect 'a file in /run' 'file /run/boxwright.fp' touch /run/boxwright.fp -- rm /run/boxwright.fp
mkdir /run/user/boxwright "/tmp/boxwright-$EUID"
expect "a dead session's socket" 'file /run/user/boxwright/4194303' \
    touch /run/user/boxwright/4194303 -- rm /run/user/boxwright/4194303
expect "a dead session's socket in /tmp" "file /tmp/boxwright-$EUID/4194303" \
    touch "/tmp/boxwright-$EUID/4194303" -- rm "/tmp/boxwright-$EUID/4194303"
expect 'a process with the mark' 'process [0-9]+ sleep' program 1000 "BW_TEST_MARK=$mark" -- end_program
expect "a dead session's process" 'orphan [0-9]+' program "$dead_mark" X=1 -- end_program

# What is a living session's, or nobody's of ours, is no trace.
read -r stat < /proc/$$/stat
stat=${stat##*) }
# shellcheck disable=SC2086
set -- $stat
host_fingerprint "$mark" > "$work/before"
mkdir "$cgroup/boxwright-$$-${20}" 2> /dev/null
touch "/run/user/boxwright/$$" /dev/shm/pulse-shm-1
program "$(printf %u $((0xb7 << 56 | (${20} & 0xfffff) << 22 | $$)))" X=1
host_fingerprint "$mark" > "$work/after"
if host_compare "$work/before" "$work/after" > "$work/changed"; then
    echo "ok   fingerprint selftest: what is a living session's is left out"
    passed=$((passed + 1))
else
    echo "FAIL fingerprint selftest: what is a living session's is left out"
    sed 's/^/     | /' "$work/changed"
    failed=$((failed + 1))
fi
end_program 2> /dev/null
rmdir "$cgroup/boxwright-$$-${20}" 2> /dev/null
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
