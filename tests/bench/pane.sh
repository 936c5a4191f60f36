#!/bin/bash
# What the pane costs: bench/pane.sh. Idle at 4 Hz beside htop -d 2 in the same run, with few and with
# many other processes on the host; and how long a key takes to the screen. Needs script(1).
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BW=${BW:-$top/build/boxwright}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; kill $(jobs -p) 2> /dev/null' EXIT
export HOME=$work XDG_STATE_HOME=$work XDG_RUNTIME_DIR=$work TERM=xterm-256color LC_ALL=C.UTF-8
user=''
[ "$(id -u)" = 0 ] || user='user '

on_cpu() { awk '{ print $1 }' "/proc/$1/schedstat"; }
child_named() { # child_named NAME: of those that this run started, the one with a terminal
    local p
    for p in $(pgrep -x "$1"); do
        grep -qz "^HOME=$work\$" "/proc/$p/environ" 2> /dev/null || continue
        [ "$(ps -o tty= -p "$p")" = '?' ] || { echo "$p"; return; }
    done
}
share() { # share LABEL PID: on-CPU time over ten seconds, in percent of a core
    local a b
    a=$(on_cpu "$2"); sleep 10; b=$(on_cpu "$2")
    awk -v l="$1" -v d=$((b - a)) 'BEGIN { printf "%-44s %.2f %% of a core\n", l, d / 1e8 }'
}
start_pane() {
    mkfifo "$work/keys"
    script -qfc "stty rows 50 cols 132; $BW" /dev/null < "$work/keys" > /dev/null 2>&1 &
    exec 9> "$work/keys"
    sleep 1
    printf 'unshare %spid uts; cgcreate cpu 50%%\r' "$user" >&9
    sleep 2
    pane=$(child_named boxwright)
}
others() { # others N
    local i
    for ((i = 0; i < $1; i++)); do sleep 1000 & done
    sleep 1
}

start_pane
echo "load $(cut -d' ' -f1 /proc/loadavg), $(ls -d /proc/[0-9]* | wc -l) processes"
others 50
share "boxwright, pane at 4 Hz, 50 processes beside" "$pane"
if command -v htop > /dev/null; then
    script -qfc "stty rows 50 cols 132; htop -d 2" /dev/null > /dev/null 2>&1 < <(sleep 100) &
    sleep 1
    share 'htop -d 2' "$(child_named htop)"
    pkill -P $! htop 2> /dev/null
else
    echo 'SKIP: htop is not installed'
fi
others 2950
share "boxwright, pane at 4 Hz, 3000 processes beside" "$pane"
printf 'quit\r' >&9
exec 9>&-
[ -x "$top/build/bench-keys" ] && "$top/build/bench-keys" "$BW"
