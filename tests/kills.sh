#!/bin/bash
# SIGKILL of the shell, of the stage, of the janitor, of two of them at once, after every step of a
# build-up and in the middle of steps: the host is then what it was. A second session beside them is
# not disturbed, and `boxwright cleanup` takes away what is boxwright's own and nothing else.
#   kills.sh [-s] [-u] [KILLS IN THE MIDDLE OF STEPS]
# -s: short, after the last steps alone. As an ordinary user, which -u makes of root, the box has a
# user namespace.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BW=$(realpath "${BW:-$tests/../build/boxwright}")
# shellcheck source=tests/host_fingerprint.sh
. "$tests/host_fingerprint.sh"
apart "$tests/kills.sh" "$@"
short='' user=''
while getopts su o; do
    case $o in
    s) short=-s ;;
    u) user=1 ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[[ ${1:-} =~ ^[0-9]*$ ]] || { echo "$0: a number of kills, not $1" >&2; exit 2; }
if [ -n "$user" ] && [ "$(id -u)" = 0 ]; then
    # The tree may lie in somebody's home.
    there=$(mktemp -d) || exit 1
    cp -r "$BW" "${BW%/*}/modules" "$tests/kills.sh" "$tests/host_fingerprint.sh" "$there"
    chmod -R a+rX "$there"
    HOME=/tmp BW=$there/${BW##*/} setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
        "$there/kills.sh" $short "$@"
    status=$?
    rm -rf --one-file-system "$there"
    exit $status
fi
random_kills=${1:-30}
passed=0 failed=0 skipped=0
slowest=0
work=$(mktemp -d) || exit 1
# Two seconds are asked for. A kill that took longer is done again: other work on the machine may
# be the reason. What is there after LIMIT is left behind.
aim=2000 limit=${LIMIT:-15000} tries=3
# What bash says of jobs that were killed is no news here; the rest is told at the end.
exec 2> "$work/stderr"

finish() {
    end_second
    grep -v ': line [0-9]*: *[0-9]* \(Killed\|Terminated\) \|^unshare: ' "$work/stderr" > "$work/told" &&
        bad 'bash has something to say' "$work/told"
    echo "$passed passed, $failed failed, $skipped skipped"
    rm -rf --one-file-system "$work"
    [ "$failed" = 0 ]
    exit
}
trap 'end_second; rm -rf --one-file-system "$work"' EXIT
ok() { echo "ok   kills: $1"; passed=$((passed + 1)); }
bad() { # bad TEXT FILE…: what the files hold is shown
    echo "FAIL kills: $1"
    shift
    [ $# = 0 ] || tail -q -n 8 "$@" | sed 's/^/     | /'
    failed=$((failed + 1))
}
now() { # sets ms
    local t=${EPOCHREALTIME/[.,]/}
    ms=$((t / 1000))
}

# ---- the build-up: a step a line; each leaves something that must be gone afterwards ------------
mkdir "$work"/{a,b,up}
# The programs leave their parent and their session; the first are from before the PID namespace.
programs="spawn sh -c 'setsid sleep 1000 & setsid sleep 1000 & sleep 1000'"
steps=('plan' "$programs" 'unshare uts' 'hostname killed' 'unshare mnt ipc net' 'unshare pid' 'mountproc'
    'cgcreate cpu 50%' 'cgcreate -g pids:killed'
    "mount tmpfs $work/a" "bind $work/b $work/a" "$programs"
    "run sh -c 'echo > $work/running; exec sleep 1000'")
if [ "$(id -u)" != 0 ]; then
    if ! unshare --user true; then
        echo 'SKIP kills: an ordinary user can make no user namespace here'
        skipped=1
        finish
    fi
    # Without a group: who may make one differs from machine to machine.
    steps=('plan' "$programs" 'unshare user' 'map root' "${steps[@]:2:5}" "${steps[@]:9}")
fi
victims=(shell stage janitor 'shell stage' 'shell janitor' 'stage janitor')

# ---- a session that is fed through a pipe ------------------------------------------------------

# The processes of a session, a line "process PID (COMM) PARENT START" each: a limit marks them that
# nothing of theirs changes, where an environment may be empty. The dead that nobody has waited for
# are none. Sets left.
look() { # look MARK
    local f stat
    left=()
    for f in /proc/[0-9]*; do
        mapfile -t limits < "$f/limits" || continue
        [[ "${limits[*]}" =~ 'Max msgqueue size '\ *$1\  ]] || continue
        read -r -a stat < "$f/stat" || continue
        [ "${stat[2]}" = Z ] || left+=("process ${stat[0]} ${stat[1]} ${stat[3]} ${stat[21]}")
    done 2> /dev/null
}

start() { # start: sets shell, mark; its standard input is descriptor 7
    mark=$(($$ % 2000 * 400 + (serial += 1)))
    rm -f "$work/in"
    mkfifo "$work/in"
    (ulimit -S -q "$mark"; exec "$BW" -k < "$work/in" > "$work/out" 2> "$work/err") &
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
        printf '%s\n' "${steps[i]}" >&7
    done
    case ${steps[$1 - 1]} in
    *running*) told "$work/running" ;;
    *)
        printf 'host touch %s\n' "$work/done" >&7
        told "$work/done"
        ;;
    esac
}

# One of the session's processes; of stages, children of the shell, the last: the others stay beside
# it for their programs. On its way to becoming a program a child of the stage bears its name. Sets
# pid, empty when there is none.
find_one() { # find_one shell|stage|janitor
    local line candidate parent start last=0 _
    pid=
    [ "$1" = shell ] && pid=$shell
    for line in "${left[@]}"; do
        [[ $line == *" (bw-$1) "* ]] || continue
        read -r _ candidate _ parent start <<< "$line"
        [ "$1" = stage ] && [ "$parent" != "$shell" ] && continue
        [ "$start" -ge "$last" ] && pid=$candidate last=$start
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
    kill -TERM "$shell" 2> /dev/null
    exec 7>&-
    wait_gone "$mark" all
    reap
}

groups_of() { # groups_of SHELL: sets groups
    groups=(/sys/fs/cgroup/**/boxwright-"$1"-*/)
}

# Until no process and no group is left; "ours": no process of boxwright's own. Sets took.
wait_gone() { # wait_gone MARK all|ours
    local begin
    now
    begin=$ms
    while :; do
        look "$1"
        groups=()
        if [ "$2" = all ]; then
            groups_of "$shell"
        elif [[ "${left[*]}" != *'(bw-'* ]]; then
            left=()
        fi
        now
        took=$((ms - begin))
        [ ${#left[@]} = 0 ] && [ ${#groups[@]} = 0 ] && return 0
        [ "$took" -gt "$limit" ] && return 1
        sleep 0.02
    done
}

# The host is what it was; what other sessions of the machine do meanwhile is over in a moment.
same_host() {
    local i
    for ((i = 0; i < 10; i++)); do
        host_fingerprint > "$work/after"
        host_compare "$work/before" "$work/after" > "$work/changed" && return 0
        sleep 0.1
    done
    return 1
}

# One kill, judged: 0 when it was clean, 1 when it took too long, 2 when it failed. The shell is at
# the end of its input only when it lives on.
judge() { # judge NAME VICTIM…
    local name=$1 shell_killed='' cleanup='' answered=1 slow
    shift
    [[ " $* " == *' shell '* ]] && shell_killed=1
    [ "$*" = 'shell janitor' ] && cleanup=1
    if [ -z "$shell_killed" ] && [ -z "$in_run" ]; then
        rm -f "$work/done"
        printf 'host touch %s\n' "$work/done" >&7
        told "$work/done" || answered=
    fi
    # A run in the foreground ends with its stage; with its janitor alone it does not.
    [ -n "$in_run" ] && [ "$*" = janitor ] && kill -TERM "$shell" 2> /dev/null
    exec 7>&-
    if [ -n "$cleanup" ]; then
        # Without a janitor the stage ends by itself; groups, and programs that no stage held any
        # more, are what cleanup is for.
        wait_gone "$mark" ours
        slow=$took
        "$BW" cleanup > "$work/cleanup" 2>&1 || { bad "$name: boxwright cleanup" "$work/cleanup"; return 2; }
    fi
    if ! wait_gone "$mark" all; then
        printf '%s\n' "${left[@]}" "${groups[@]}" > "$work/left"
        [ -z "$cleanup" ] || cat "$work/cleanup" >> "$work/left"
        bad "$name: still there after $((limit / 1000)) s" "$work/left" "$work/err"
        return 2
    fi
    took=$((took + ${slow:-0}))
    reap
    if ! same_host; then
        bad "$name: the host is not what it was" "$work/changed" "$work/err"
        # Told once.
        cp "$work/after" "$work/before"
        return 2
    elif [ -z "$answered" ]; then
        bad "$name: the session did not go on" "$work/err"
        return 2
    fi
    [ "$took" -gt "$aim" ] && return 1
    [ "$took" -gt "$slowest" ] && slowest=$took
    return 0
}

# ---- what must not be touched ------------------------------------------------------------------

# A second session with a box of its own; its standard input is descriptor 8.
begin_second() {
    local begin='unshare uts pid' limited='cgcreate cpu 20%'
    [ "$(id -u)" = 0 ] || begin='unshare user; map root; unshare uts pid' limited=
    mkfifo "$work/in2"
    (ulimit -S -q $(($$ % 2000 * 400)); exec "$BW" -k < "$work/in2" > "$work/out2" 2>&1 7>&-) &
    second=$!
    exec 8> "$work/in2"
    printf '%s\n' "$begin" 'hostname second' "$limited" 'spawn sleep 1001' 'inspect --json' \
        "host touch $work/second" >&8
    shell=$second told "$work/second"
}
end_second() {
    [ -n "${second:-}" ] || return
    exec 8>&-
    wait "$second"
    second=
}

# Groups that look like boxwright's and are not left behind; one that is. Sets decoys, dead.
make_decoys() {
    local stat dir own=
    read -r stat < /proc/$$/stat
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    dir=/sys/fs/cgroup
    [ -d "$dir/pids" ] && dir=$dir/pids
    # Outside of the initial PID namespace a name says which it is of.
    [ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] || own=-$(stat -Lc %i /proc/self/ns/pid)
    decoys=("$dir/boxwright-$$-${20}$own" "$dir/boxwright-0-1.$$" "$dir/myboxwright-4194303-7.$$"
        "$dir/boxwright-4194303-007" "$dir/decoy.$$")
    dead=$dir/boxwright-4194303-7$own
    mkdir "${decoys[@]}" "$dead" 2> "$work/mkdir"
}

judge_groups() {
    local d
    if ! make_decoys; then
        echo "SKIP kills: no control group can be made here: $(head -n 1 "$work/mkdir")"
        skipped=$((skipped + 1))
        return
    fi
    "$BW" cleanup > "$work/cleanup" 2>&1
    if [ -d "$dead" ] || ! grep -q "^removed $dead: " "$work/cleanup"; then
        bad 'cleanup leaves the group of a dead session' "$work/cleanup"
    else
        ok 'cleanup removes the group of a dead session, and says so'
    fi
    for d in "${decoys[@]}"; do
        [ -d "$d" ] || { bad "cleanup removed $d" "$work/cleanup"; return; }
    done
    rmdir "${decoys[@]}"
    ok "cleanup leaves ${#decoys[@]} groups that are not a dead session's"
}

# The limit that marks a process of the second session. Sets limit_of_second.
find_mark() {
    look $(($$ % 2000 * 400))
    local line _ pid
    for line in "${left[@]}"; do
        [[ $line == *' (sleep) '* ]] || continue
        read -r _ pid _ <<< "$line"
        while read -r line; do
            [[ $line == 'Max file locks '* ]] && read -r _ _ _ limit_of_second _ <<< "$line"
        done < "/proc/$pid/limits"
    done
}

# Processes that bear a limit of the kind that cleanup looks for. A mark is, from the top: 8 bits of
# a tag, 14 of the PID namespace, 20 of the shell's start time, 22 of its pid.
judge_processes() {
    local limit_of_second='' names=('another PID namespace' 'a living session' 'another kind') pids=() i
    find_mark
    if [ -z "$limit_of_second" ]; then
        bad 'the programs of a session are marked'
        return
    fi
    for i in $((limit_of_second ^ 1 << 42 ^ 4194303)) "$limit_of_second" 4194303 $((limit_of_second ^ 4194303)); do
        (ulimit -S -x "$(printf %u "$i")" && exec sleep 1002 > /dev/null 7>&- 8>&-) &
        pids+=($!)
    done
    sleep 0.2
    "$BW" cleanup > "$work/cleanup" 2>&1
    if [ -d "/proc/${pids[3]}" ] || ! grep -q "^killed process ${pids[3]} (sleep): " "$work/cleanup"; then
        bad 'cleanup kills a process of a dead session' "$work/cleanup"
    else
        ok 'cleanup kills a process of a dead session, and says so'
    fi
    for i in "${!names[@]}"; do
        [ -d "/proc/${pids[i]}" ] || { bad "cleanup killed a process of ${names[i]}" "$work/cleanup"; return; }
    done
    kill "${pids[@]:0:3}"
    wait "${pids[@]}"
    ok "cleanup leaves ${#names[@]} processes that are not a dead session's"
}

# Start times look different in another time namespace. That it killed nobody judge_second sees.
judge_time() {
    local apart=(unshare --time --boottime 100000 --fork)
    [ "$EUID" = 0 ] || apart=(unshare --user --map-root-user "${apart[@]:1}")
    if ! "${apart[@]}" true; then
        echo 'SKIP kills: there are no time namespaces here'
        skipped=$((skipped + 1))
    elif "${apart[@]}" "$BW" cleanup > "$work/cleanup" && ! grep "process $second," "$work/cleanup"; then
        ok 'cleanup in another time namespace leaves a living session'
    else
        bad 'cleanup in another time namespace leaves a living session' "$work/cleanup"
    fi
}

judge_second() {
    rm -f "$work/second"
    printf '%s\n' 'inspect --json' 'run hostname' "host touch $work/second" >&8
    shell=$second
    if ! told "$work/second"; then
        bad 'a session beside them still answers' "$work/out2"
        return
    fi
    grep '^{' "$work/out2" | sed -E 's/"([a-z_]*(usec|_us|bytes|current|peak)|nr_[a-z]*)": *[0-9]+//g; s/"mounts": \[[^]]*\]//' |
        sort -u > "$work/boxes"
    look $(($$ % 2000 * 400))
    if [ "$(wc -l < "$work/boxes")" = 1 ] && grep -qx second "$work/out2" &&
        [[ "${left[*]}" == *' (sleep) '* ]]; then
        ok 'a session beside them is as it was'
    else
        printf '%s\n' "${left[@]}" > "$work/left"
        bad 'a session beside them is as it was' "$work/out2" "$work/left"
    fi
}

# ---- the kills ---------------------------------------------------------------------------------

# One session, killed after so many steps. Returns what judge does; 3: there is nobody to kill yet.
kill_after() { # kill_after STEPS VICTIM…
    local n=$1 step=${steps[$1 - 1]}
    shift
    start
    in_run=
    [[ $step == *running* ]] && in_run=1
    if ! feed "$n"; then
        bad "the build-up reaches step $n: $step" "$work/err"
        kill -KILL "$shell"
        exec 7>&-
        return 2
    fi
    look "$mark"
    kill_them "$@"
    if [ "$killed" != $# ]; then
        end_session
        # Before the first box there is no stage.
        [ "$n" = 1 ] && return 3
        bad "$*: not all of them were found after: $step"
        return 2
    fi
    judge "$* killed after: $step" "$@"
}

# One session, killed somewhere in its build-up.
kill_within() { # kill_within VICTIM…
    start
    in_run=1
    printf '%s\n' "${steps[@]:0:${#steps[@]}-1}" >&7
    sleep "0.$((100 + RANDOM % 300))"
    look "$mark"
    kill_them "$@"
    judge "$* killed in the middle" "$@"
}

# Until it is in time. Counts what is clean.
count() { # count COMMAND…
    local i
    for ((i = 1; i <= tries; i++)); do
        "$@"
        case $? in
        0) clean=$((clean + 1)) n=$((n + 1)) ;;
        1) [ "$i" != "$tries" ] || { n=$((n + 1)); bad "$*: not within $aim ms, $tries times"; }
            again=$((again + 1))
            continue ;;
        2) n=$((n + 1)) ;;
        esac
        return
    done
}

tell() { # tell TEXT
    total=$((total + n)) all_clean=$((all_clean + clean))
    [ "$clean" = "$n" ] && [ "$n" -gt 0 ] && ok "$1: $n kills of $n clean"
}

kills_after_steps() { # kills_after_steps VICTIM…
    local i clean=0 n=0 first=1
    [ -z "$short" ] || first=$((${#steps[@]} - 1))
    for ((i = first; i <= ${#steps[@]}; i++)); do count kill_after "$i" "$@"; done
    tell "$* killed after a step"
}

kills_within() { # kills_within COUNT
    local i clean=0 n=0 who=(shell 'shell stage' 'shell janitor')
    # shellcheck disable=SC2086
    for ((i = 0; i < $1; i++)); do count kill_within ${who[i % 3]}; done
    tell 'killed in the middle of a step'
}

shopt -s globstar nullglob
serial=0 total=0 all_clean=0 again=0
host_fingerprint > "$work/before"
begin_second || bad 'a session beside them begins' "$work/out2"
for v in "${victims[@]}"; do
    # shellcheck disable=SC2086
    kills_after_steps $v
done
kills_within "$random_kills"
judge_groups
judge_processes
judge_time
judge_second
echo "kills: $all_clean of $total clean within $((aim / 1000)) s, the slowest after $slowest ms, $again done again"
finish
