#!/bin/bash
# Runs script sessions: see README.md beside this file.
#   run.sh [-v] [-m WORD] [-p K/N] [FILE.t…]
# -p 1/2 runs every second case, 2/2 the others: two machines share the work.
# Ends with "N passed, N failed, N skipped"; the exit status is 1 when one failed.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8
shopt -s nullglob
# shellcheck source=tests/host_fingerprint.sh
. "$top/tests/host_fingerprint.sh"

verbose=
match=
part=0 parts=1
while getopts vm:p: opt; do
    case $opt in
    v) verbose=1 ;;
    m) match=$OPTARG ;;
    p) part=$((${OPTARG%/*} - 1)) parts=${OPTARG#*/} ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
files=("$@")
[ ${#files[@]} -gt 0 ] || files=("$here"/*.t)

passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/bwscript.XXXXXX") || exit 1
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP

# The program is copied, so that a build that goes on meanwhile changes nothing, and so that an
# ordinary user can reach it wherever the tree lies.
program=${BW:-$top/build/boxwright}
[ -x "$program" ] || { echo "FAIL script: $program is not built" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
mkdir "$work/bin"
cp "$program" "$work/bin/boxwright"
[ -d "$(dirname "$program")/modules" ] && cp -r "$(dirname "$program")/modules" "$work/bin/modules"
# Where a program that was just built looks for them.
cp -r "$here/../../lessons" "$work/lessons"
BW=$work/bin/boxwright
chmod -R a+rX "$work/bin"
ROOT=$work/root

# ---- what this machine has -------------------------------------------------------------------

declare -A have=()

busybox_path() {
    local p
    for p in /bin/busybox /usr/bin/busybox /bin/busybox.static /usr/bin/busybox.static; do
        [ -x "$p" ] && { echo "$p"; return 0; }
    done
    return 1
}

make_root() {
    [ -d "$ROOT" ] && return 0
    local bb a
    bb=$(busybox_path) || return 1
    mkdir -p "$ROOT"/{bin,etc,proc,sys,dev,tmp,root}
    cp "$bb" "$ROOT/bin/busybox"
    # By one process where it can: a fork for each takes three seconds in User Mode Linux.
    "$bb" --list | (cd "$ROOT/bin" && perl -lne 'symlink "busybox", $_') 2> /dev/null
    for a in $("$bb" --list); do
        [ -L "$ROOT/bin/$a" ] || [ "$a" = busybox ] || ln -s busybox "$ROOT/bin/$a"
    done
    echo 'root:x:0:0:root:/root:/bin/sh' > "$ROOT/etc/passwd"
    chmod -R a+rX "$ROOT"
}

as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}

cpu_on_v1() {
    awk '$0 ~ / - cgroup / && $NF ~ /(^|,)cpu(,|$)/ { f = 1 } END { exit !f }' /proc/self/mountinfo
}
v2_mount() {
    awk '{ for (i = 1; i < NF; i++) if ($i == "-" && $(i+1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo
}
controller() {
    local v1=$1 m
    [ "$v1" = io ] && v1=blkio
    awk -v c="$v1" '$0 ~ / - cgroup / && ("," $NF ",") ~ ("," c ",") { f = 1 } END { exit !f }' \
        /proc/self/mountinfo && return 0
    m=$(v2_mount)
    [ -n "$m" ] && grep -qw "$1" "$m/cgroup.controllers"
}
can_write_groups() {
    local m rc
    if cpu_on_v1; then
        m=$(awk '$0 ~ / - cgroup / && ("," $NF ",") ~ ",cpu," { print $5; exit }' /proc/self/mountinfo)
    else
        m=$(v2_mount)
    fi
    [ -n "$m" ] && mkdir "$m/bwtestprobe$$" 2>/dev/null
    rc=$?
    [ $rc = 0 ] && rmdir "$m/bwtestprobe$$"
    return $rc
}
in_userns() { # in a user namespace when not root
    if [ "$(id -u)" = 0 ]; then unshare "$@"; else unshare -r "$@"; fi
}

probe() { # probe WORD AS
    case $1 in
    root) [ "$(id -u)" = 0 ] ;;
    user) [ "$(id -u)" != 0 ] || as_user true 2>/dev/null ;;
    userns) if [ "$2" = user ]; then as_user unshare -r true; else unshare -U true; fi 2>/dev/null ;;
    v1) cpu_on_v1 ;;
    v2) ! cpu_on_v1 && controller cpu ;;
    hybrid) cpu_on_v1 && [ -n "$(v2_mount)" ] ;;
    cgwrite) can_write_groups ;;
    cpu | memory | pids | io | cpuset) controller "$1" ;;
    busybox) make_root ;;
    net) in_userns -n true 2>/dev/null ;;
    timens) [ -e /proc/self/ns/time ] && in_userns -T true 2>/dev/null ;;
    overlay) in_userns -m sh -c "cd $work && mkdir -p o/l o/u o/w o/m && mount -t tmpfs t o/m && mkdir o/m/u o/m/w o/m/m && mount -t overlay -o lowerdir=o/l,upperdir=o/m/u,workdir=o/m/w o o/m/m" 2>/dev/null ;;
    veth) in_userns -n ip link add bwt0 type veth peer name bwt1 2>/dev/null ;;
    bridge) in_userns -n ip link add bwt0 type bridge 2>/dev/null ;;
    ipv6) [ -e /proc/net/if_inet6 ] ;;
    nft) in_userns -n nft 'add table ip bwt; add chain ip bwt c { type nat hook postrouting priority 100; }' 2>/dev/null ;;
    # Each PID namespace has its own.
    noexec) unshare --pid --fork sh -c 'echo 2 > /proc/sys/vm/memfd_noexec' 2>/dev/null ;;
    tun) [ -c /dev/net/tun ] && (: <> /dev/net/tun) 2>/dev/null ;;
    uml) grep -qs 'User Mode Linux' /proc/cpuinfo ;;
    valgrind) [ -n "${BW_TEST_VALGRIND:-}" ] ;;
    initpid) [ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] ;;
    host) ! grep -qs 'User Mode Linux' /proc/cpuinfo ;;
    module:*) [ -e "$work/bin/modules/${1#module:}.so" ] ;;
    cmd:*) command -v "${1#cmd:}" > /dev/null ;;
    *) return 2 ;;
    esac
}

# Sets missing to the first need that is not met; returns 2 for an unknown need.
missing=
needs_met() {
    local as=$1 word plain rc
    shift
    missing=
    for word; do
        plain=${word#!}
        if [ -z "${have[$plain/$as]:-}" ]; then
            probe "$plain" "$as"
            have[$plain/$as]=$?
        fi
        rc=${have[$plain/$as]}
        case $plain in
        root | user | userns | v1 | v2 | hybrid | cgwrite | cpu | memory | pids | io | cpuset) ;;
        busybox | net | timens | overlay | veth | bridge | ipv6 | nft | tun | noexec | uml | host | initpid | valgrind | module:* | cmd:*) ;;
        *) missing=$word; return 2 ;;
        esac
        if [ "$plain" != "$word" ]; then
            [ "$rc" != 0 ] || { missing="not for $plain"; return 1; }
        else
            [ "$rc" = 0 ] || { missing="needs $plain"; return 1; }
        fi
    done
    return 0
}

# ---- one case ----------------------------------------------------------------------------------

f_where=''
clear_case() { # each field of a file sets one of these
    f_name='' f_needs='' f_as='' f_run='' f_has_run='' f_shell='' f_has_shell='' f_via='' f_argv='' f_has_argv=''
    f_stdin='' f_has_stdin='' f_before='' f_after='' f_check='' f_timeout=30 f_status=''
    f_env=() f_assert=()
}

report() { # report WORD REASON
    printf '%-4s %s: %s%s\n' "$1" "$f_where" "$f_name" "${2:+ -- $2}"
    case $1 in
    ok) passed=$((passed + 1)) ;;
    FAIL) failed=$((failed + 1)) ;;
    SKIP) skipped=$((skipped + 1)) ;;
    esac
}

show_output() {
    local f
    for f in out err; do
        if [ -s "$T.$f" ]; then
            echo "     --- std$f"
            head -c 6000 "$T.$f" | sed 's/^/     | /'
            echo
        fi
    done
}

subst() {
    local s=$1
    s=${s//@T@/$T}
    s=${s//@BW@/$BW}
    s=${s//@ROOT@/$ROOT}
    subst_result=$s
}

# Matches the assertions of one stream. Sets why when one does not hold.
match_stream() { # match_stream stdout FILE
    local stream=$1 lines=() at=0 a kind want i found exact=() has_exact=''
    mapfile -t lines < "$2" 2>/dev/null
    for a in ${f_assert[@]+"${f_assert[@]}"}; do
        [ "${a%%[:~\!=]*}" = "$stream" ] || continue
        a=${a#"$stream"}
        kind=${a:0:1}
        subst "${a:1}"
        want=$subst_result
        found=''
        case $kind in
        : | '~')
            for ((i = at; i < ${#lines[@]}; i++)); do
                if [ "$kind" = : ]; then
                    [ "${lines[i]}" = "$want" ] && found=1
                else
                    [[ ${lines[i]} =~ $want ]] && found=1
                fi
                [ -n "$found" ] && { at=$((i + 1)); break; }
            done
            [ -n "$found" ] || { why="$stream lacks (in this order): $want"; return 1; }
            ;;
        '!')
            for i in ${lines[@]+"${lines[@]}"}; do
                [[ $i =~ $want ]] && { why="$stream has: $i"; return 1; }
            done
            ;;
        '=')
            has_exact=1
            [ -n "$want" ] && exact+=("$want")
            ;;
        esac
    done
    local IFS=$'\n'
    if [ -n "$has_exact" ] && [ "${lines[*]-}" != "${exact[*]-}" ]; then
        why="$stream is not what it should be exactly"
        return 1
    fi
    return 0
}

# Ends what takes too long, for all cases: timeout(1) is a program more, and one more fork, for each.
# It reads PID SECONDS, and a line more when that process has ended.
watch() {
    local pid limit _
    while read -r pid limit; do
        read -r -t "$limit" _ && continue
        kill -TERM "-$pid"
        read -r -t 2 _ && continue
        kill -KILL "-$pid"
        read -r _
    done 2>/dev/null
}
coproc watch

# Waits for the process group of $!, which has SECONDS. Sets status; 124 when they were not enough.
await() { # await SECONDS
    local began=$SECONDS
    echo "$! $1" >&"${COPROC[1]}"
    wait $! 2>/dev/null
    status=$?
    echo >&"${COPROC[1]}"
    [ "$status" -lt 128 ] || [ $((SECONDS - began)) -lt "$1" ] || status=124
}

run_bash() { # run_bash TEXT
    set -m
    (
        cd "$T" || exit 99
        export T BW ROOT OUT=$T.out ERR=$T.err STATUS=${status:-}
        exec bash -c "$1"
    ) < /dev/null > "$T.sh" 2>&1 &
    set +m
    local status
    await 30
    return "$status"
}

run_program() {
    local cmd=() words=() wrap=() script=$T.script e
    if [ -n "$f_has_shell" ]; then
        cmd=(bash -c "$f_shell")
    else
        if [ -n "$f_has_argv" ]; then
            eval "words=($f_argv)"
        fi
        cmd=("$BW" ${words[@]+"${words[@]}"})
        if [ -n "$f_has_run" ]; then
            case $f_via in
            stdin) printf '%s' "$f_run" > "$script"; f_has_stdin='script' ;;
            file) printf '%s' "$f_run" > "$T/script.bw"; chmod a+r "$T/script.bw"; cmd+=("$T/script.bw") ;;
            *) cmd+=(-c "$f_run") ;;
            esac
        fi
    fi
    local in=/dev/null
    if [ "$f_has_stdin" = script ]; then
        in=$script
    elif [ -n "$f_has_stdin" ]; then
        printf '%s' "$f_stdin" > "$T.in"
        in=$T.in
    fi
    [ "$f_as" = user ] && [ "$(id -u)" = 0 ] &&
        wrap=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)
    set -m
    (
        cd "$T" || exit 99
        export T BW ROOT HERE=$here OUT=$T.out ERR=$T.err BW_TEST_MARK=$mark
        export TMPDIR=$T HOME=$T/.home XDG_STATE_HOME=$T/.home/state TERM=dumb
        unset NO_COLOR BW_LOG
        for e in ${f_env[@]+"${f_env[@]}"}; do
            if [ "${e#*=}" != "$e" ]; then export "${e?}"; else unset "$e"; fi
        done
        exec ${wrap[@]+"${wrap[@]}"} "${cmd[@]}"
    ) < "$in" > "$T.out" 2> "$T.err" &
    set +m
    await $((f_timeout * ${BW_TEST_SLOW:-1}))
}

check_case() { # sets why
    if [ -z "$f_status" ]; then
        why='the case names no status'
        return 1
    fi
    if [ ${#f_assert[@]} = 0 ] && [ -z "$f_check" ]; then
        why='the case asserts nothing but a status'
        return 1
    fi
    if [ -z "$f_has_run$f_has_argv$f_has_shell" ]; then
        why='the case runs nothing'
        return 1
    fi
    return 0
}

settled() { # compares the host with before, waiting a little for what is still ending
    local i
    for ((i = 0; i < ${BW_TEST_SETTLE:-10}; i++)); do
        host_fingerprint "$mark" > "$work/after"
        host_compare "$work/before" "$work/after" > "$T.host" && return 0
        sleep 0.2
    done
    return 1
}

number=0
seen=0
turn() { # whether this part of the run has the case
    seen=$((seen + 1))
    [ $((seen % parts)) = "$part" ] && [[ -z $match || $f_name == *"$match"* ]]
}

# Whether it can run here; says so where it cannot.
can_run() {
    local why='' words
    [ -z "$bad" ] || { report FAIL "$bad"; return 1; }
    check_case || { report FAIL "$why"; return 1; }
    read -ra words <<< "$f_needs"
    [ "$f_as" = user ] && words+=(user)
    [[ "$f_run$f_shell$f_argv$f_before" =~ @ROOT@|\$ROOT ]] && words+=(busybox)
    needs_met "$f_as" ${words[@]+"${words[@]}"}
    case $? in
    1) report SKIP "$missing"; return 1 ;;
    2) report FAIL "unknown need: $missing"; return 1 ;;
    esac
}

# A folder and a mark of its own; what the fields say of them is put in.
prepare() {
    local v
    number=$((number + 1))
    T=$work/$number
    mark=$$.$number
    # Many at once: a fork takes long in User Mode Linux.
    [ -d "$T" ] || eval "mkdir -p \"\$work\"/{$number..$((number + 49))}/.home" || exit 1
    if [ "$f_as" = user ] && [ "$(id -u)" = 0 ]; then
        chown 65534:65534 "$T" "$T/.home"
    fi
    for v in f_run f_shell f_argv f_stdin f_before f_after f_check; do
        subst "${!v}"
        printf -v "$v" '%s' "$subst_result"
    done
    for v in "${!f_env[@]}"; do
        subst "${f_env[$v]}"
        f_env[v]=$subst_result
    done
    [ -e "$work/before" ] || host_fingerprint > "$work/before"
}

try() { # sets status, why
    if [ -n "$f_before" ] && ! run_bash "$f_before"; then
        why="before failed: $(head -c 300 "$T.sh" | tr '\n' ' ')"
        return
    fi
    run_program
    if [ "$status" = 124 ] && [ "$f_status" != 124 ]; then
        why="still running after $f_timeout s"
    elif [ "$status" != "$f_status" ]; then
        why="status $status, not $f_status"
    elif match_stream stdout "$T.out" && match_stream stderr "$T.err"; then
        if [ -n "$f_check" ] && ! run_bash "set -e
$f_check"; then
            why="check failed: ${f_check%%$'\n'*} $(head -c 300 "$T.sh" | tr '\n' ' ')"
        fi
    fi
}

# The host must be what it was before the first case. Adds to why.
compare_host() {
    local pid
    settled && return
    why="${why:+$why; }the host is not what it was"
    # What is left is ended, so that it does not fail the cases after this one too.
    sed -n 's/^> process \([0-9]*\) .*/\1/p' "$T.host" | while read -r pid; do kill -9 "$pid" 2>/dev/null; done
    host_fingerprint > "$work/before"
}

run_case() {
    local status='' why='' began=${EPOCHREALTIME/[.,]/}
    [ -n "$f_name" ] && turn && can_run || return 0
    prepare
    try
    [ -n "$f_after" ] && run_bash "$f_after"
    compare_host
    if [ -n "$why" ]; then
        report FAIL "$why"
        show_output
        [ -s "$T.host" ] && sed 's/^/     host: /' "$T.host"
        return 0
    fi
    report ok
    [ -n "$verbose" ] || return 0
    echo "     $(((${EPOCHREALTIME/[.,]/} - began) / 1000)) ms"
    show_output
}

# ---- reading a file ------------------------------------------------------------------------------

read_file() {
    local line block='' n=0 key value
    bad=''
    clear_case
    while IFS= read -r line || [ -n "$line" ]; do
        n=$((n + 1))
        if [[ $line == '    '* ]]; then
            case $block in
            run) f_run+=${line:4}$'\n' ;;
            shell) f_shell+=${line:4}$'\n' ;;
            *) bad="line $n: an indented line outside run and shell" ;;
            esac
            continue
        fi
        if [ -z "$line" ]; then
            # An empty line within a block belongs to it; at its end it does no harm.
            [ "$block" = run ] && f_run+=$'\n'
            [ "$block" = shell ] && f_shell+=$'\n'
            continue
        fi
        [[ $line == '#'* ]] && continue
        block=''
        if [[ $line =~ ^(stdout|stderr)([:~!=])(.*)$ ]]; then
            value=${BASH_REMATCH[3]}
            f_assert+=("${BASH_REMATCH[1]}${BASH_REMATCH[2]}${value# }")
            continue
        fi
        key=${line%%:*}
        value=${line#*:}
        value=${value# }
        case $key in
        case)
            run_case
            clear_case
            bad=''
            f_name=$value
            ;;
        needs) f_needs+=" $value" ;;
        as) f_as=$value; [ "$value" = user ] || bad="line $n: as: user is all there is" ;;
        run) block=run f_has_run=1; [ -z "$value" ] || f_run+=$value$'\n' ;;
        shell) block=shell f_has_shell=1; [ -z "$value" ] || f_shell+=$value$'\n' ;;
        via) f_via=$value; [[ $value =~ ^(stdin|file)$ ]] || bad="line $n: via: stdin or file" ;;
        argv) f_argv=$value f_has_argv=1 ;;
        stdin) f_stdin+=$value$'\n' f_has_stdin=1 ;;
        before) f_before+=$value$'\n' ;;
        after) f_after+=$value$'\n' ;;
        check) f_check+=$value$'\n' ;;
        env) f_env+=("$value") ;;
        timeout) f_timeout=$value ;;
        status) f_status=$value ;;
        *) bad="line $n: unknown field $key" ;;
        esac
        [ -n "$f_name" ] || { f_name="line $n" bad='a field before the first case'; }
    done < "$1"
    run_case
}

for file in ${files[@]+"${files[@]}"}; do
    f_where=$(basename "$file" .t)
    if [ ! -r "$file" ]; then
        f_name=$file
        report FAIL 'cannot be read'
        continue
    fi
    seen_before=$seen
    read_file "$file"
    if [ "$seen_before" = "$seen" ]; then
        f_name='the whole file'
        report FAIL 'holds no case'
    fi
done
if [ -n "$match" ] && [ $((passed + failed + skipped)) = 0 ]; then
    echo "no name of a case holds $match" >&2
    failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
