#!/bin/bash
# Much at once and much in a row: boxes, steps and processes. No descriptor, memory, group or process
# may be left by it, and what it took is told.
#   load.sh [-f] [-t FILE]
# -f: in full, as `make load` does; -t: the table in FILE, between its marks, is replaced. As an
# ordinary user the boxes have a user namespace and no group.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BW=$(realpath "${BW:-$tests/../build/boxwright}")
# shellcheck source=tests/host_fingerprint.sh
. "$tests/host_fingerprint.sh"
apart "$tests/load.sh" "$@"
together=200 in_turn=250 journal=100 processes=2000 table=
while getopts ft: o; do
    case $o in
    f) in_turn=1000 ;;
    t) table=$OPTARG ;;
    *) exit 2 ;;
    esac
done
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
mark=load.$$
# What may be more of the heap after many rounds than after few: what malloc keeps for itself.
slack_kb=128 patience=600
# The janitor looks for stages that have ended when it has no more room for their descriptors.
slack_fds=16

ok() { echo "ok   load: $1"; passed=$((passed + 1)); }
bad() { # bad TEXT FILE…
    echo "FAIL load: $1"
    shift
    [ $# = 0 ] || tail -q -n 8 "$@" | sed 's/^/     | /'
    failed=$((failed + 1))
}
row() { # row WHAT FIGURE
    printf '     %-66s %s\n' "$1" "$2"
    printf '| %s | %s |\n' "$1" "$2" >> "$work/rows"
}
now() { # sets ms
    local t=${EPOCHREALTIME/[.,]/}
    ms=$((t / 1000))
}

own='' limited='cgcreate pids 20'
if [ "$(id -u)" != 0 ]; then
    own='unshare user; map root; ' limited=
elif ! "$BW" -c 'set verbose 0; cgcreate pids 20' > "$work/out" 2>&1; then
    echo "SKIP load: boxes have no group: $(head -n 1 "$work/out")"
    skipped=1 limited=
fi

# ---- a session that is fed through a pipe ------------------------------------------------------

start() { # sets shell; its standard input is descriptor 7
    rm -f "$work/in"
    mkfifo "$work/in"
    BW_TEST_MARK=$mark "$BW" -k < "$work/in" > "$work/out" 2> "$work/err" &
    shell=$!
    exec 7> "$work/in"
    printf 'set verbose 0\n' >&7
}

# What was fed before is done when this returns. Sets took, since the last time, in ms.
done_all() {
    local begin=$ms
    rm -f "$work/done"
    printf 'host touch %s\n' "$work/done" >&7
    until [ -e "$work/done" ]; do
        [ -d "/proc/$shell" ] || { bad 'the session goes on' "$work/err"; break; }
        sleep 0.01
        now
        [ $((ms - begin)) -gt $((patience * 1000)) ] && { bad 'the session gets on' "$work/err"; break; }
    done
    now
    took=$((ms - begin))
}

# Descriptors and heap of a process. Sets n, kb. The fewest descriptors of three looks: one that
# comes in the middle of a sample finds the file that is just being read.
weigh() { # weigh PID
    local list word figure _
    n=
    for _ in 1 2 3; do
        list=("/proc/$1/fd"/*)
        if [ -z "$n" ] || [ ${#list[@]} -lt "$n" ]; then n=${#list[@]}; fi
        sleep 0.02
    done
    kb=0
    while read -r word figure _; do
        [ "$word" = RssAnon: ] && kb=$figure
    done < "/proc/$1/status"
    return 0
}

# Of the shell and its janitor. Sets fds, rss, their_fds, their_rss.
measure() {
    local n kb f comm _
    their_fds=0 their_rss=0
    while read -r _ f _; do
        read -r comm < "/proc/$f/comm" || continue
        [ "$comm" = bw-janitor ] && weigh "$f" && their_fds=$n their_rss=$kb
    done < <(fp_left "$mark")
    weigh "$shell"
    fds=$n rss=$kb
    now
}
# remember: what measure found is what more is measured by.
remember() { early=("$fds" "$rss" "$their_fds" "$their_rss"); }
# Whether they hold no more than then, both of them having been found. Sets held.
holds_no_more() {
    held="$fds + $their_fds descriptors, $rss + $their_rss kB of heap; were ${early[0]} + ${early[2]}, ${early[1]} + ${early[3]}"
    [ "${early[2]}" -gt 0 ] && [ "$their_fds" -gt 0 ] && [ "$fds" -gt 0 ] &&
        [ "$fds" -le "${early[0]}" ] && [ $((rss - early[1])) -le $slack_kb ] &&
        [ $((their_fds - early[2])) -le $slack_fds ] && [ $((their_rss - early[3])) -le $slack_kb ]
}

# A stage has no environment and bears its shell's mark. Sets stages, the pids.
find_stages() {
    local f
    stages=()
    for f in /proc/[0-9]*; do
        { read -r comm < "$f/comm" && [ "$comm" = bw-stage ] && read -r -a stat < "$f/stat"; } 2> /dev/null || continue
        [ "${stat[3]}" = "$shell" ] && [ "${stat[2]}" != Z ] && stages+=("${stat[0]}")
    done
}

find_groups() { groups=(/sys/fs/cgroup/**/boxwright-"$shell"-*/*/); }

# Until nothing of the session is left. Sets took.
wait_gone() {
    local begin=$ms
    while :; do
        mapfile -t left < <(fp_left "$mark"; fp_orphans; [ -d "/proc/$shell" ] && echo "shell $shell")
        find_groups
        now
        took=$((ms - begin))
        [ ${#left[@]} = 0 ] && [ ${#groups[@]} = 0 ] && return 0
        [ $took -gt 60000 ] && return 1
        sleep 0.05
    done
}

# end NAME: by the end of input; end NAME KILL: by SIGKILL.
end() {
    now
    [ -z "${2:-}" ] || kill -KILL "$shell"
    exec 7>&-
    if ! wait_gone; then
        printf '%s\n' "${left[@]}" "${groups[@]}" > "$work/left"
        bad "$1: something is left after a minute" "$work/left"
    fi
    wait "$shell" 2> /dev/null
    # What other sessions of the machine do meanwhile is over in a moment.
    local i
    for ((i = 0; i < 10; i++)); do
        host_fingerprint > "$work/after"
        host_compare "$work/before" "$work/after" > "$work/changed" && { ok "$1: nothing is left"; return; }
        sleep 0.1
    done
    bad "$1: the host is not what it was" "$work/changed"
    cp "$work/after" "$work/before"
}
refused() { # refused NAME: what a command of it was refused
    grep -q '^boxwright: ' "$work/err" && bad "$1: a command was refused" "$work/err"
}

# ---- the loads ---------------------------------------------------------------------------------

boxes_at_once() { # boxes_at_once [KILL]
    local i name="$together boxes at once${1:+, killed}" inode inodes=()
    start
    done_all
    measure
    remember
    for ((i = 0; i < together; i++)); do
        printf 'box new b%d; %sunshare uts pid; hostname h%d; %s\n' $i "$own" $i "$limited" >&7
    done
    done_all
    refused "$name"
    find_stages
    find_groups
    for i in "${stages[@]}"; do
        # An ordinary user may not look at a stage.
        inode=$(readlink "/proc/$i/ns/uts") || { [ "$EUID" != 0 ] && inode=$i; } || continue
        inodes+=("$inode")
    done
    mapfile -t inodes < <(printf '%s\n' "${inodes[@]}" | sort -u)
    measure
    if [ ${#stages[@]} = $together ] && [ ${#inodes[@]} = $together ] &&
        { [ -z "$limited" ] || [ ${#groups[@]} = $together ]; }; then
        ok "$name: ${#stages[@]} stages, each with namespaces of its own, ${#groups[@]} groups"
    else
        bad "$name: ${#stages[@]} stages, ${#inodes[@]} UTS namespaces, ${#groups[@]} groups" "$work/err"
    fi
    if [ -z "${1:-}" ]; then
        row "$together boxes with PID and UTS namespaces${limited:+ and a group} made" "$took ms"
        row '… descriptors of the shell and of its janitor, with all of them' "$fds, $their_fds"
        row '… heap of the shell for each of them' "$(((rss - early[1]) * 1024 / together)) bytes"
    fi
    end "$name" "${1:-}"
    row "… ${1:+the shell killed: }all of them gone" "$took ms"
}

# Rounds of a step and its removal: after a tenth of them the session has all it needs.
rounds() { # rounds NAME COUNT LINE
    local name=$1 count=$2 line=$3 i
    start
    done_all
    for ((i = 0; i < count / 10; i++)); do printf '%s\n' "$line" >&7; done
    done_all
    measure
    remember
    for ((i = count / 10; i < count; i++)); do printf '%s\n' "$line" >&7; done
    done_all
    measure
    refused "$name"
    find_stages
    find_groups
    if holds_no_more && [ ${#stages[@]} -le 1 ] && [ ${#groups[@]} = 0 ]; then
        ok "$name: no descriptor, memory, group or process more than after a tenth of them"
    else
        printf '%s\n' "$held" "stages ${stages[*]}" "groups ${groups[*]}" > "$work/left"
        bad "$name: no leak" "$work/left" "$work/err"
    fi
    row "$name" "$((took * 10 / (count - count / 10))) ms for ten"
    row '… heap of shell and janitor after a tenth, after all' \
        "${early[1]} + ${early[3]} kB, $rss + $their_rss kB"
    end "$name"
}

undo_long() {
    local i name="an undo of $journal steps"
    start
    printf '%sunshare uts pid\n' "$own" >&7
    for ((i = 0; i < journal; i++)); do printf 'hostname h%d\n' $i >&7; done
    printf 'undo\nredo\n' >&7
    done_all
    measure
    remember
    printf 'undo\n' >&7
    done_all
    row "$name: the box built anew" "$took ms"
    for ((i = 0; i < 9; i++)); do printf 'redo\nundo\n' >&7; done
    printf 'run hostname\n' >&7
    done_all
    measure
    refused "$name"
    if holds_no_more && [ "$(tail -n 1 "$work/out")" = h$((journal - 2)) ]; then
        ok "$name: the box is as before its last step, ten times over, and nothing more is held"
    else
        echo "$held" > "$work/left"
        bad "$name" "$work/left" "$work/out" "$work/err"
    fi
    end "$name"
}

many_processes() {
    local name="a box with $processes processes" shown begin
    start
    printf '%sunshare uts pid\n' "$own" >&7
    printf "spawn sh -c 'i=1; while [ \$i -lt %d ]; do sleep 1000 & i=\$((i + 1)); done; wait'\n" "$processes" >&7
    done_all
    find_stages
    begin=$ms
    # The stage is one of them, too.
    while :; do
        printf 'inspect --json\n' >&7
        done_all
        shown=$(tail -n 1 "$work/out" | grep -o '"nspid": [0-9]*, "comm"' | wc -l)
        [ "$shown" -gt "$processes" ] || [ $((ms - begin)) -gt 60000 ] && break
    done
    printf 'inspect --json\nps\n' >&7
    done_all
    measure
    remember
    printf 'inspect --json\n' >&7
    done_all
    row "$name: inspect --json" "$took ms"
    printf 'ps\n' >&7
    done_all
    row "… ps" "$took ms"
    measure
    refused "$name"
    if holds_no_more && [ "$shown" = $((processes + 1)) ]; then
        ok "$name: all of them are shown, and nothing more is held"
    else
        bad "$name: $shown are shown; $held" "$work/err"
    fi
    end "$name"
    row "… all of them gone" "$took ms"
}

# The pane needs a terminal; script(1) is one.
pane_sampling() {
    local name="the pane of a box with $processes processes" pane='' a b line
    if ! command -v script > /dev/null; then
        echo "SKIP load: $name: script(1) is not installed"
        skipped=$((skipped + 1))
        return
    fi
    mkfifo "$work/keys"
    BW_TEST_MARK=$mark HOME=$work XDG_STATE_HOME=$work XDG_RUNTIME_DIR=/none TERM=xterm-256color \
        script -qfc "stty rows 50 cols 132; $BW" /dev/null < "$work/keys" > "$work/screen" 2>&1 &
    local terminal=$!
    exec 7> "$work/keys"
    sleep 1
    printf "%sunshare uts pid; spawn sh -c 'i=1; while [ \$i -lt %d ]; do sleep 1000 & i=\$((i + 1)); done; wait'\r" \
        "$own" "$processes" >&7
    sleep 4
    while read -r line; do
        read -r _ a _ <<< "$line"
        read -r b < "/proc/$a/comm" && [ "$b" = boxwright ] && pane=$a
    done < <(fp_left "$mark")
    shell=${pane:-0}
    if [ -n "$pane" ]; then
        measure
        remember
        read -r a _ < "/proc/$pane/schedstat"
        sleep 5
        read -r b _ < "/proc/$pane/schedstat"
        measure
        a=$(((b - a) / 5000000))
        row "the pane of such a box, at 4 Hz" "$a ms of CPU a second"
        if holds_no_more && [ $a -lt 900 ]; then
            ok "$name keeps up, and holds nothing more"
        else
            bad "$name: $a ms of CPU a second; $held"
        fi
    else
        bad "$name: it runs" "$work/screen"
    fi
    printf '\004' >&7
    end "$name"
    wait "$terminal" 2> /dev/null
}

shopt -s globstar nullglob
exec 2> "$work/stderr"
host_fingerprint > "$work/before"
now
boxes_at_once
boxes_at_once KILL
rounds "$in_turn boxes made and removed" "$in_turn" "box new x; ${own}unshare uts pid mnt; $limited; box rm x"
rounds "$in_turn resets of a box" "$in_turn" "${own}unshare uts pid mnt; $limited; reset"
undo_long
many_processes
pane_sampling
if [ -n "$table" ]; then
    awk -v rows="$work/rows" '
        /^<!-- load: / { print; print "| what | figure |"; print "| --- | ---: |"
            while ((getline line < rows) > 0) print line; skip = 1; next }
        /^<!-- end of load -->/ { skip = 0 }
        !skip' "$table" > "$work/table" && cat "$work/table" > "$table"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
