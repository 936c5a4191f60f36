#!/bin/bash
# What build/faults says of faults that it makes itself, said of some that strace makes: the message
# names the call and the error, has a cause and a way out, and the box is as it was.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BW=${BW:-$top/build/boxwright}
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}
if ! command -v strace > /dev/null || ! strace -o /dev/null true 2>/dev/null || [ "$(id -u)" != 0 ]; then
    echo 'SKIP faults: strace is not installed or not allowed, or this is not root'
    skipped=1
    finish
fi
mkdir "$work/a"

# The box without what every box has another of.
box() {
    sed -E 's/"(inode|host|for_children|pid|nspid|[a-z]*_us|[a-z]*bytes|current|peak|nr_[a-z]*)": [0-9]+/"\1": N/g'
}

inject() { # inject CALL ERROR COMMAND [WHEN]
    timeout 60 strace -f -qq -o /dev/null -e "trace=$1" -e "inject=$1:error=$2:when=${4:-1}" \
        "$BW" -k -c "unshare mnt uts
inspect --json
$3
inspect --json" > "$work/out" 2> "$work/err" < /dev/null
    local before after
    before=$(sed -n 1p "$work/out" | box)
    after=$(sed -n 2p "$work/out" | box)
    if [ -n "$before" ] && [ "$before" = "$after" ] &&
        grep -qE "^boxwright: $1\(.*\) = -1 $2 \(" "$work/err" &&
        grep -q '^  cause: ' "$work/err" && grep -q '^  do: ' "$work/err"; then
        echo "ok   faults: strace makes $1 fail with $2"
        passed=$((passed + 1))
    else
        echo "FAIL faults: strace makes $1 fail with $2"
        sed 's/^/     | /' "$work/err" | tail -n 12
        failed=$((failed + 1))
    fi
}

inject sethostname EPERM 'hostname box1'
inject chroot ENOMEM "chroot $work/a"
inject pivot_root ENOSYS "pivot $work/a"
inject setns ENOSPC "enter $$ net"
inject mount ENOSPC "mount tmpfs $work/a" 2
finish
