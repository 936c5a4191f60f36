#!/bin/bash
# What the pane costs: bench/pane.sh [-t FILE]. Idle at 4 Hz beside htop -d 2 in the same run, with 50
# and with 3,000 other processes on the host; what an idle frame calls and writes; how long a step
# takes to the pane, and a key to the screen. -t: the table in FILE, between its marks, is replaced.
# Needs script(1), for some rows htop and strace.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BW=${BW:-$top/build/boxwright}
table=
[ "${1:-}" = -t ] && table=$2
work=$(mktemp -d) || exit 1
trap 'jobs -p | xargs -r kill 2> /dev/null; rm -rf "$work"' EXIT
export HOME=$work XDG_STATE_HOME=$work XDG_RUNTIME_DIR=$work TERM=xterm-256color LC_ALL=C.UTF-8
user=''
[ "$(id -u)" = 0 ] || user='user '

row() { # row WHAT FIGURE
    printf '%-58s %s\n' "$1" "$2"
    printf '| %s | %s |\n' "$1" "$2" >> "$work/rows"
}
on_cpu() { awk '{ print $1 }' "/proc/$1/schedstat"; }
child_named() { # child_named NAME: of those that this run started, the one with a terminal
    local p
    for p in $(pgrep -x "$1"); do
        grep -qz "^HOME=$work\$" "/proc/$p/environ" 2> /dev/null || continue
        [ "$(ps -o tty= -p "$p")" = '?' ] || { echo "$p"; return; }
    done
}
share() { # share PID: on-CPU time over ten seconds, in percent of a core
    local a b
    a=$(on_cpu "$1"); sleep 10; b=$(on_cpu "$1")
    awk -v d=$((b - a)) 'BEGIN { printf "%.2f", d / 1e8 }'
}
start_pane() {
    mkfifo "$work/keys"
    script -qfc "stty rows 50 cols 132; $BW" /dev/null < "$work/keys" > "$work/screen" 2>&1 &
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
idle_frames() { # what ten seconds, 40 frames, call and write
    local before
    before=$(stat -c %s "$work/screen"); sleep 10
    row 'bytes written in 40 idle frames' $(($(stat -c %s "$work/screen") - before))
    if timeout -s INT 10 strace -c -o "$work/calls" -p "$pane" 2> /dev/null; [ -s "$work/calls" ]; then
        row 'system calls of an idle frame' "$(awk '$NF == "total" { printf "%.0f", $4 / 40 }' "$work/calls")"
    else
        echo 'SKIP: strace cannot count here'
    fi
}
measure_share() {
    row 'pane at 4 Hz, 50 processes beside' "$(share "$pane") % of a core"
    if command -v htop > /dev/null; then
        script -qfc "stty rows 50 cols 132; htop -d 2" /dev/null > /dev/null 2>&1 < <(sleep 100) &
        sleep 1
        local htop
        htop=$(child_named htop)
        row 'htop -d 2, in the same run' "$(share "$htop") % of a core"
        kill "$htop"
    else
        echo 'SKIP: htop is not installed'
    fi
    idle_frames
    others 2950
    row 'pane at 4 Hz, 3,000 processes beside' "$(share "$pane") % of a core"
}
replace() { # replace FILE: the table between its marks
    local load=$1
    sed -n '1,/^<!-- pane: /p' "$table" > "$work/new"
    {
        printf 'Linux %s, %s cores, load %s at the start; 132x50, a box with a CPU limit.\n\n' \
            "$(uname -r)" "$(nproc)" "$load"
        printf '| what | measured |\n| --- | ---: |\n'
        cat "$work/rows"
        sed -n '/^<!-- end of pane/,$p' "$table"
    } >> "$work/new"
    cat "$work/new" > "$table"
}

load=$(cut -d' ' -f1 /proc/loadavg)
echo "load $load, $(find /proc -maxdepth 1 -name '[0-9]*' | wc -l) processes"
start_pane
others 50
measure_share
printf 'quit\r' >&9
exec 9>&-
jobs -p | xargs -r kill 2> /dev/null
wait 2> /dev/null
"$top/build/bench-step" "$BW" > "$work/step" && row 'step, from /proc to the pane, of 40' \
    "$(sed 's/.*: //' "$work/step")"
grep SKIP "$work/step"
while read -r name figure; do
    row "key to the screen, $(tr _ ' ' <<< "$name")" "$figure"
done < <("$top/build/bench-keys" "$BW")
[ -z "$table" ] || replace "$load"
