#!/bin/bash
# Walks demo/article.bw on real namespaces: `make demo` calls it. As root; as an ordinary user with
# user namespaces, where what needs root is refused and said. What it makes is removed at the end;
# so is /container, which it uses only when it does not exist yet. No network is needed: the article's
# mirror is put out of reach, so that debootstrap's line falls back on busybox. NETWORK=1 lets it
# have the mirror, where that can be reached.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/.." && pwd)
BW=$(realpath "${BW:-$top/build/boxwright}") || exit 1
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# shellcheck source=tests/host_fingerprint.sh
. "$top/tests/host_fingerprint.sh"

host_fingerprint > /dev/null
work=$(mktemp -d "${TMPDIR:-/tmp}/bwdemo.XXXXXX") || exit 1
host_fingerprint > "$work/before"
place=$work/container
mine=
if [ "$(id -u)" = 0 ] && [ ! -e /container ] && [ ! -L /container ]; then
    place=/container
    mine=1
fi
session=
clean_up() {
    if [ -n "$session" ]; then
        kill "$session" 2>/dev/null
        wait "$session" 2>/dev/null
        session=
    fi
    [ -z "$mine" ] || rm -rf --one-file-system /container
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# The script as it is run: each line is shown before it runs, and what is to be typed into a shell
# is put into the session's standard input, a pipe, just before that shell starts. A shell that
# nothing is typed into is told to exit.
quote() {
    printf "'%s'" "${1//\'/\'\\\'\'}"
}
show() {
    printf 'host printf %%s\\\\n %s\n' "$(quote "$1")"
}
prepare() {
    local line typed='' n=0
    while IFS= read -r line; do
        case $line in
        '#== '*)
            printf '%s\n' "host printf '\\n'"
            show "==== ${line#'#== '} ===="
            ;;
        '#> '*) typed=${line#'#> '} ;;
        '#'* | '') ;;
        *)
            line=${line//\/container/$place}
            # What the article calls container_group keeps its name.
            line=${line//${place}_group/container_group}
            show "boxwright> $line"
            case $line in
            *bin/bash)
                n=$((n + 1))
                printf '%s\n' "${typed:-exit}" > "$work/typed.$n"
                show "(typed)    ${typed:-exit}"
                printf 'host sh -c %s\n' "$(quote "cat $work/typed.$n > $work/keys")"
                ;;
            esac
            # Without root a user namespace comes first.
            if [ "$(id -u)" != 0 ] && [ "$line" = 'unshare pid uts ipc net' ]; then
                printf '%s\n' 'unshare user' 'map root'
            fi
            printf '%s\n' "$line"
            case $line in
            cgexec*) printf 'host cat %s\n' "$work/measured" ;;
            esac
            typed=
            ;;
        esac
    done < "$here/article.bw"
}
prepare > "$work/article.bw"
mkfifo "$work/keys" || exit 1
exec 3<> "$work/keys"
echo 'container_group was not seen at work' > "$work/measured"

# CPU time of the article's group, read from outside, in microseconds.
usage() {
    local f word n
    shopt -s globstar nullglob
    for f in /sys/fs/cgroup/**/boxwright-"$session"-*/container_group/cpuacct.usage; do
        read -r n < "$f" && { echo $((n / 1000)); return; }
    done
    for f in /sys/fs/cgroup/**/boxwright-"$session"-*/container_group/cpu.stat; do
        while read -r word n; do
            [ "$word" = usage_usec ] && { echo "$n"; return; }
        done < "$f"
    done
    echo 0
}
measure() {
    local a b t0 t1
    for ((;;)); do
        a=$(usage)
        [ "$a" -gt 200000 ] && break
        kill -0 "$session" 2>/dev/null || return
        sleep 0.2
    done
    a=$(usage) t0=${EPOCHREALTIME/[.,]/}
    sleep 3
    b=$(usage) t1=${EPOCHREALTIME/[.,]/}
    echo "measured from outside: container_group used $(((b - a) * 100 / (t1 - t0))) % of one core over 3 s" > "$work/measured"
}

# What an ordinary user is refused is shown, and the walk goes on.
go_on=
[ "$(id -u)" = 0 ] || go_on=-k
echo "boxwright walks the article as $(id -un) on $(uname -sr), root file system in $place"
# Port 9 of this machine answers nobody.
[ -n "${NETWORK:-}" ] || export http_proxy=http://127.0.0.1:9/
export TMPDIR=$work XDG_STATE_HOME=$work
# shellcheck disable=SC2086
timeout 300 "$BW" $go_on "$work/article.bw" <&3 > "$work/log" 2>&1 3>&- &
timer=$!
# timeout runs boxwright as its child.
for ((i = 0; i < 50; i++)); do
    { read -r session _ < "/proc/$timer/task/$timer/children"; } 2>/dev/null
    [ -n "$session" ] && break
    sleep 0.1
done
measure 3>&- &
tail -n +1 -f --pid="$timer" "$work/log" 3>&- &
shown=$!
wait "$timer"
status=$?
session=
wait "$shown" 2>/dev/null
exec 3>&-

# What the walk must have shown.
wrong=
expect() { # expect REGEX WHAT
    grep -qE "$1" "$work/log" || wrong+="  $2"$'\n'
}
expect '^PID 1 of this container' 'the article'\''s one-line form did not run its program as PID 1'
if [ "$(id -u)" = 0 ]; then
    [ "$status" = 0 ] || wrong+="  the session ended with status $status"$'\n'
    percent=$(sed -n 's/.* used \([0-9]*\) % of one core.*/\1/p' "$work/measured")
    if [ -n "$percent" ]; then
        [ "$percent" -le 55 ] || wrong+="  container_group used $percent % of one core"$'\n'
    else
        wrong+='  the CPU limit was not measured'$'\n'
    fi
fi
cp "$work/before" "$work.before"
clean_up
for ((i = 0; i < 10; i++)); do
    host_fingerprint > "$work.after"
    changed=$(host_compare "$work.before" "$work.after") && break
    sleep 0.2
done
[ -z "$changed" ] || wrong+="  the host is not what it was:"$'\n'$changed$'\n'
rm -f "$work.before" "$work.after"
echo
if [ -n "$wrong" ]; then
    printf 'demo: something is not as the article says\n%s' "$wrong" >&2
    exit 1
fi
echo 'demo: the article was walked end to end; the host has the mounts, groups, links, names and processes it had'
