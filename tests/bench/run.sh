#!/bin/bash
# Start-up as a ratio against the plain tools, and system calls counted: bench/run.sh [RUNS].
# Medians of wall-clock time, the commands taken in turn, so that a busy moment hits them all.
# Between machines compare ratios, not microseconds.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BW=${BW:-$top/build/boxwright}
runs=${1:-40}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
user='' r=''
[ "$(id -u)" = 0 ] || user='user ' r='-r'

names=() commands=()
add() { # add NAME COMMAND, split as bash splits it
    if ! eval "$2" > /dev/null 2>&1 < /dev/null; then
        echo "SKIP: $1: it fails here, or is not installed"
        return
    fi
    names+=("$1")
    commands+=("$2")
}
measure() {
    local i n t
    for ((n = 0; n < runs; n++)); do
        for i in "${!commands[@]}"; do
            t=${EPOCHREALTIME/[.,]/}
            eval "${commands[i]}" > /dev/null 2>&1 < /dev/null
            echo $((${EPOCHREALTIME/[.,]/} - t)) >> "$work/$i"
        done
    done
}
calls() {
    command -v strace > /dev/null || { echo '?'; return; }
    eval "strace -f -c -o $work/calls $1" > /dev/null 2>&1 < /dev/null
    awk '$NF == "total" { print $4 }' "$work/calls"
}
# Prints the table; ratios are to the first row, and it is emptied.
table() {
    local i us base=''
    measure
    for i in "${!names[@]}"; do
        us=$(sort -n "$work/$i" | sed -n "$(((runs + 1) / 2))p")
        base=${base:-$us}
        printf '%-46s %7d us %6sx %5s calls\n' "${names[i]}" "$us" \
            "$(awk -v a="$us" -v b="$base" 'BEGIN { printf "%.2f", a / b }')" "$(calls "${commands[i]}")"
        rm "$work/$i"
    done
    names=() commands=()
}

echo "medians of $runs runs on $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
add '/bin/true' /bin/true
add 'boxwright --version' "$BW --version"
add "boxwright -c 'set verbose 1'" "$BW -c 'set verbose 1'"
table
echo
add 'unshare --fork --pid --uts --ipc true' "unshare $r --fork --pid --uts --ipc true"
add "boxwright -c 'unshare --fork ... true'" "$BW -c 'unshare $r --fork --pid --uts --ipc true'"
add "boxwright -c 'unshare pid uts ipc; run true'" "$BW -c 'unshare ${user}pid uts ipc; run true'"
add 'bwrap --unshare-pid ... true' 'bwrap --ro-bind / / --unshare-pid --unshare-uts --unshare-ipc true'
table
