#!/bin/bash
# SIGKILL of the shell, of the stage, of the janitor, of two of them at once, after every step of a
# build-up and in the middle of steps: the host is then what it was. A second session beside them is
# not disturbed, and `boxwright cleanup` takes away what is boxwright's own and nothing else.
#   kills.sh [KILLS IN THE MIDDLE OF STEPS]
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BW=${BW:-$tests/../build/boxwright}
random_kills=${1:-30}
# shellcheck source=tests/host_fingerprint.sh
. "$tests/host_fingerprint.sh"
passed=0 failed=0 skipped=0
slowest=0
work=$(mktemp -d) || exit 1
# Two seconds are asked for; a machine with much else to do gets more before it counts as failed.
aim=2000 limit=15000

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    rm -rf --one-file-system "$work"
    [ "$failed" = 0 ]
    exit
}
trap 'end_second; rm -rf --one-file-system "$work"' EXIT
if [ "$(id -u)" != 0 ]; then
    echo 'SKIP kills: the build-up needs root'
    skipped=1
    finish
fi

ok() { echo "ok   kills: $1"; passed=$((passed + 1)); }
bad() { # bad TEXT FILE…: what the files hold is shown
    echo "FAIL kills: $1"
    shift
    [ $# = 0 ] || sed 's/^/     | /' "$@" | tail -n 15
    failed=$((failed + 1))
}
now() { # sets ms
    local t=${EPOCHREALTIME/[.,]/}
    ms=$((t / 1000))
}

# ---- the build-up: a step a line; each leaves something that must be gone afterwards ------------
mkdir "$work"/{a,b,up}
steps=(
    'plan'
    'unshare uts'
    'hostname killed'
    'unshare mnt ipc net'
    'unshare pid'
    'mountproc'
    'cgcreate cpu 50%'
    'cgcreate -g pids:killed'
    "mount tmpfs $work/a"
    "bind $work/b $work/a"
    'spawn sleep 1000'
    "spawn sh -c 'setsid sleep 1000 & setsid sleep 1000 & sleep 1000'"
    'host touch running; run sleep 1000'
)
victims=(shell stage janitor 'shell stage' 'shell janitor' 'stage janitor')

# ---- a session that is fed through a pipe ------------------------------------------------------

# What of boxwright's own runs, a line "process PID COMM PARENT" each; the dead that nobody has
# waited for are none. A stage has no environment, so the mark does not find it.
own_processes() {
    local f pid comm state ppid _
    for f in /proc/[0-9]*; do
        { read -r _ comm state ppid _ < "$f/stat"; } 2> /dev/null || continue
        case $comm in
        '(boxwright)' | '(bw-stage)' | '(bw-janitor)') ;;
        *) continue ;;
        esac
        [ "$state" = Z ] || echo "process ${f#/proc/} $comm $ppid"
    done
}

# The processes of a session: by the mark in their environment, and what of boxwright's own was not
# there before the first. Sets left.
look() { # look MARK
    local line pid
    mapfile -t left < <(fp_left "$1")
    while IFS= read -r line; do
        pid=${line#process }
        pid=${pid%% *}
        [ -n "${others[$pid]:-}" ] || left+=("$line")
    done < <(own_processes)
}

start() { # start MARK: sets shell; its standard input is descriptor 7
    rm -f "$work/in"
    mkfifo "$work/in"
    BW_TEST_MARK=$1 "$BW" -k < "$work/in" > "$work/out" 2> "$work/err" &
    shell=$!
    exec 7> "$work/in"
}

told() { # told FILE: waits until the session has made it
    local i
    for ((i = 0; i < 600; i++)); do
        [ -e "$1" ] && return 0
        [ -d "/proc/$shell" ] || return 1
        sleep 0.03
    done
    return 1
}

feed() { # feed COUNT: the first COUNT steps, done when this returns
    local i
    rm -f "$work/done" "$work/running"
    for ((i = 0; i < $1; i++)); do
        printf '%s\n' "${steps[i]/touch running/touch $work/running}" >&7
    done
    case ${steps[$1 - 1]} in
    *running*) told "$work/running" && sleep 0.05 ;;
    *)
        printf 'host touch %s\n' "$work/done" >&7
        told "$work/done"
        ;;
    esac
}

# One of the session's processes. Sets pid, empty when there is none.
find_one() { # find_one shell|stage|janitor
    local line _
    pid=
    if [ "$1" = shell ]; then
        pid=$shell
        return
    fi
    for line in "${left[@]}"; do
        [[ $line == *" (bw-$1) "* ]] && read -r _ pid _ <<< "$line" && return
    done
}

# Kills them at once. Sets killed, how many there were.
kill_them() { # kill_them NAME…
    local pids=() name
    for name in "$@"; do
        find_one "$name"
        [ -n "$pid" ] && pids+=("$pid")
    done
    killed=${#pids[@]}
    [ "$killed" = 0 ] || kill -KILL "${pids[@]}" 2> /dev/null
}

# Of a shell that wait_gone saw gone.
reap() {
    wait "$shell" 2> /dev/null
    shell=
}

# Ends a session that was spared.
end_session() {
    kill -TERM "$shell"
    exec 7>&-
    wait_gone "$mark" all
    reap
}

groups_of() { # groups_of SHELL: sets groups
    groups=(/sys/fs/cgroup/**/boxwright-"$1"-*/)
}

# Until no process and, unless the janitor was killed with the shell, no group is left. Sets took.
wait_gone() { # wait_gone MARK GROUPS?
    local begin
    now
    begin=$ms
    while :; do
        look "$mark"
        groups=()
        [ -z "$2" ] || groups_of "$shell"
        now
        took=$((ms - begin))
        [ ${#left[@]} = 0 ] && [ ${#groups[@]} = 0 ] && return 0
        [ "$took" -gt "$limit" ] && return 1
        sleep 0.02
    done
}

# One kill, judged. The shell is at the end of its input only when it lives on.
judge() { # judge NAME VICTIM…
    local name=$1 shell_killed='' cleanup='' answered=1
    shift
    [[ " $* " == *' shell '* ]] && shell_killed=1
    [[ " $* " == *' shell '*' janitor '* ]] && cleanup=1
    if [ -z "$shell_killed" ] && [ -z "$in_run" ]; then
        rm -f "$work/done"
        printf 'host touch %s\n' "$work/done" >&7
        told "$work/done" || answered=
    fi
    # A run in the foreground ends with its stage; with its janitor alone it does not.
    [ -n "$in_run" ] && [ "$*" = janitor ] && kill -TERM "$shell"
    exec 7>&-
    if ! wait_gone "$mark" "${cleanup:-all}"; then
        printf '%s\n' "${left[@]}" "${groups[@]}" > "$work/left"
        bad "$name: still there after $((limit / 1000)) s" "$work/left" "$work/err"
        return
    fi
    reap
    [ "$took" -gt "$slowest" ] && slowest=$took
    [ "$took" -gt "$aim" ] && late=$((late + 1))
    if [ -n "$cleanup" ]; then
        "$BW" cleanup > "$work/cleanup" 2>&1 || { bad "$name: boxwright cleanup" "$work/cleanup"; return; }
    fi
    host_fingerprint > "$work/after"
    if ! host_compare "$work/before" "$work/after" > "$work/changed"; then
        bad "$name: the host is not what it was" "$work/changed" "$work/err"
    elif [ -z "$answered" ]; then
        bad "$name: the session did not go on" "$work/err"
    else
        clean=$((clean + 1))
    fi
}

# ---- what must not be touched ------------------------------------------------------------------

# A second session with a box of its own; its standard input is descriptor 8.
begin_second() {
    mkfifo "$work/in2"
    BW_TEST_MARK=second.$$ "$BW" -k < "$work/in2" > "$work/out2" 2>&1 7>&- &
    second=$!
    exec 8> "$work/in2"
    printf '%s\n' 'unshare uts pid' 'hostname second' 'cgcreate cpu 20%' 'spawn sleep 1001' \
        'inspect --json' "host touch $work/second" >&8
    shell=$second told "$work/second"
}
end_second() {
    [ -n "${second:-}" ] || return
    exec 8>&-
    wait "$second" 2> /dev/null
    second=
}

# Groups that look like boxwright's and are not left behind; one that is. Sets decoys, dead.
make_decoys() {
    local stat dir
    read -r stat < /proc/$$/stat
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    dir=/sys/fs/cgroup
    [ -d "$dir/pids" ] && dir=$dir/pids
    decoys=("$dir/boxwright-$$-${20}" "$dir/boxwright-0-1.$$" "$dir/myboxwright-4194303-7.$$"
        "$dir/boxwright-4194303-007" "$dir/decoy.$$")
    dead=$dir/boxwright-4194303-7
    mkdir "${decoys[@]}" "$dead" 2> "$work/mkdir"
}

judge_cleanup() {
    local d
    if ! make_decoys; then
        echo "SKIP kills: no control group can be made here: $(head -n 1 "$work/mkdir")"
        skipped=$((skipped + 1))
        return
    fi
    "$BW" cleanup > "$work/cleanup" 2>&1
    if [ -d "$dead" ]; then
        bad 'cleanup leaves the group of a dead session' "$work/cleanup"
    else
        ok 'cleanup removes the group of a dead session'
    fi
    for d in "${decoys[@]}"; do
        [ -d "$d" ] || { bad "cleanup removed $d" "$work/cleanup"; return; }
    done
    rmdir "${decoys[@]}"
    ok "cleanup leaves ${#decoys[@]} groups that are not a dead session's"
}

judge_second() {
    rm -f "$work/second"
    printf '%s\n' 'inspect --json' 'run hostname' "host touch $work/second" >&8
    shell=$second
    if ! told "$work/second"; then
        bad 'a session beside them still answers' "$work/out2"
        return
    fi
    grep '^{' "$work/out2" | sed -E 's/"([a-z_]*(usec|_us|bytes|current|peak)|nr_[a-z]*)": *[0-9]+//g' |
        sort -u > "$work/boxes"
    look "second.$$"
    if [ "$(wc -l < "$work/boxes")" = 1 ] && grep -qx second "$work/out2" &&
        [[ "${left[*]}" == *'sleep 1001'* ]]; then
        ok 'a session beside them is as it was'
    else
        printf '%s\n' "${left[@]}" > "$work/left"
        bad 'a session beside them is as it was' "$work/out2" "$work/left"
    fi
}

# ---- the kills ---------------------------------------------------------------------------------

kills_after_steps() { # kills_after_steps VICTIM…
    local i n=0
    clean=0 late=0
    for ((i = 1; i <= ${#steps[@]}; i++)); do
        mark=kill.$$.$((serial += 1))
        start "$mark"
        in_run=
        [[ ${steps[i - 1]} == *running* ]] && in_run=1
        if ! feed "$i"; then
            bad "the build-up reaches step $i: ${steps[i - 1]}" "$work/err"
            kill -KILL "$shell"
            exec 7>&-
            continue
        fi
        look "$mark"
        kill_them "$@"
        # Before the first box there is no stage.
        [ "$killed" = $# ] || { end_session; continue; }
        n=$((n + 1))
        judge "$* killed after: ${steps[i - 1]}" "$@"
    done
    total=$((total + n)) all_clean=$((all_clean + clean)) all_late=$((all_late + late))
    [ "$clean" = "$n" ] && [ "$n" -gt 0 ] && ok "$* killed: $clean of $n clean"
}

kills_in_steps() { # kills_in_steps COUNT
    local i line
    clean=0 late=0 in_run=1
    for ((i = 0; i < $1; i++)); do
        mark=kill.$$.$((serial += 1))
        start "$mark"
        for line in "${steps[@]:0:${#steps[@]}-1}"; do printf '%s\n' "$line" >&7; done
        sleep "0.$((100 + RANDOM % 300))"
        look "$mark"
        # shellcheck disable=SC2086
        case $((i % 3)) in
        0) set -- "$1" shell ;;
        1) set -- "$1" shell stage ;;
        2) set -- "$1" shell janitor ;;
        esac
        kill_them "${@:2}"
        judge "${*:2} killed in the middle" "${@:2}"
    done
    total=$((total + $1)) all_clean=$((all_clean + clean)) all_late=$((all_late + late))
    [ "$clean" = "$1" ] && ok "killed in the middle of a step: $clean of $1 clean"
}

shopt -s globstar nullglob
serial=0 total=0 all_clean=0 all_late=0
declare -A others
begin_second || bad 'a session beside them begins' "$work/out2"
while read -r _ pid _; do others[$pid]=1; done < <(own_processes)
host_fingerprint > "$work/before"
for v in "${victims[@]}"; do
    # shellcheck disable=SC2086
    kills_after_steps $v
done
kills_in_steps "$random_kills"
judge_cleanup
judge_second
end_second
echo "kills: $all_clean of $total clean, $((total - all_late)) of them within $((aim / 1000)) s, the slowest after $slowest ms"
finish
