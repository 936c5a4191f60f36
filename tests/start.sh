#!/bin/bash
# Starting stays cheap: a script run loads no library but the C library, and makes few system calls.
# Nothing here is timed; tests/bench/run.sh does that.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BW=${BW:-$top/build/boxwright}
work=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
passed=0 failed=0 skipped=0

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}
verdict() { # verdict STATUS NAME
    if [ "$1" = 0 ]; then
        echo "ok   start: $2"
        passed=$((passed + 1))
    else
        echo "FAIL start: $2"
        failed=$((failed + 1))
    fi
}
if ! command -v strace > /dev/null || ! strace -o /dev/null true 2>/dev/null; then
    echo 'SKIP start: strace is not installed or not allowed'
    skipped=1
    finish
fi
if readelf -dW "$BW" 2>/dev/null | grep -q 'NEEDED.*libasan'; then
    echo 'SKIP start: a build with sanitizers loads their libraries'
    skipped=1
    finish
fi

libraries() { # libraries SCRIPT: sets libs
    strace -f -e trace=open,openat -o "$work/trace" "$BW" -c "$1" > /dev/null 2>&1 < /dev/null
    libs=$(grep -v ENOENT "$work/trace" | grep -oE '"[^"]*\.so[.0-9]*"' | sed 's/.*\///; s/"//' | sort -u | tr '\n' ' ')
}
calls() { # calls LIMIT NAME SCRIPT
    local n
    strace -f -qq -o "$work/trace" "$BW" -c "$3" > /dev/null 2>&1 < /dev/null
    n=$(grep -vc 'resumed>\|+++ exited' "$work/trace")
    [ "$n" -le "$1" ]
    verdict $? "$2: $n system calls, at most $1"
}

libraries help
[ "$libs" = 'libc.so.6 ' ]
verdict $? "help loads: $libs"
# The stage and the janitor are made by fork: nothing is loaded for them either.
libraries 'unshare uts'
[ "$libs" = 'libc.so.6 ' ]
verdict $? "unshare uts loads: $libs"
# A page of help is a write for each line: what is counted is starting and ending.
calls 140 'a script of one setting' 'set verbose 1'
finish
