#!/bin/bash
# Start-up, as a ratio against the plain tools, and system calls counted: bench/run.sh [RUNS].
# Medians of wall-clock time; compare ratios, not milliseconds, between machines.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BW=${BW:-$top/build/boxwright}
runs=${1:-30}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=
[ "$(id -u)" = 0 ] || root='-r'

median() { # median COMMAND…: microseconds
    local i t
    "$@" > /dev/null 2>&1 < /dev/null || { echo 0; return; }
    for ((i = 0; i < runs; i++)); do
        t=${EPOCHREALTIME/[.,]/}
        "$@" > /dev/null 2>&1 < /dev/null
        echo $((${EPOCHREALTIME/[.,]/} - t))
    done | sort -n | sed -n "$(((runs + 1) / 2))p"
}
count() {
    command -v strace > /dev/null || { echo '?'; return; }
    strace -f -c -o /dev/stdout "$@" 2>/dev/null < /dev/null | awk '$NF == "total" { print $4 }'
}
line() { # line NAME BASE COMMAND…
    local name=$1 base=$2 us
    shift 2
    us=$(median "$@")
    if [ "$us" = 0 ]; then
        printf '%-44s failed\n' "$name"
        return
    fi
    printf '%-44s %7d us  %6s  %6s calls\n' "$name" "$us" \
        "$(awk -v a="$us" -v b="$base" 'BEGIN { printf "%.2fx", a / b }')" "$(count "$@")"
}

echo "medians of $runs runs on $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
true_us=$(median true)
line 'true' "$true_us" /bin/true
line 'boxwright --version' "$true_us" "$BW" --version
line "boxwright -c 'help'" "$true_us" "$BW" -c help
echo
# shellcheck disable=SC2086
base=$(median unshare $root --fork --pid --uts --ipc true)
if [ "${base:-0}" = 0 ]; then
    echo 'SKIP: unshare cannot make namespaces here'
    exit 0
fi
# shellcheck disable=SC2086
line 'unshare --fork --pid --uts --ipc true' "$base" unshare $root --fork --pid --uts --ipc true
# shellcheck disable=SC2086
line "boxwright -c 'unshare --fork … true'" "$base" "$BW" -c "unshare $root --fork --pid --uts --ipc true"
line "boxwright -c 'unshare pid uts ipc; run true'" "$base" "$BW" -c "unshare ${root:+user }pid uts ipc; run true"
if command -v bwrap > /dev/null; then
    line 'bwrap --unshare-pid … true' "$base" bwrap --ro-bind / / --unshare-pid --unshare-uts --unshare-ipc true
else
    echo 'SKIP: bwrap is not installed'
fi
