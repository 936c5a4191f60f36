#!/bin/bash
# What of the host a box must never change, a fact a line. Two of these are compared before and
# after a test. Sourced, or run: host_fingerprint.sh [MARK].
# MARK: processes whose environment holds BW_TEST_MARK=MARK are listed too: they were left behind.
# As far as can be with what bash has built in: a fork takes long in User Mode Linux.

fp_mounts() {
    local _ dev rest
    while read -r _ _ dev rest; do
        printf 'mount %s %s\n' "$dev" "$rest"
    done < /proc/self/mountinfo
}

# A session's groups are named boxwright-PID-STARTTIME, its files, and groups of a PID namespace below,
# with that namespace's inode and more: those of one that runs now are not ours to compare. What
# service managers make and remove by themselves neither.
fp_pidns=$(readlink /proc/self/ns/pid)
fp_owner_runs() {
    local name=${1#*boxwright-} pid start stat inode=
    name=${name%%/*}
    [[ $name =~ ^[0-9]+-[0-9]+-([0-9]+) ]] && inode=${BASH_REMATCH[1]}
    # Below, its number is not known here: it may run as long as the namespace is there.
    if [ -n "$inode" ] && [ "$fp_pidns" != "pid:[$inode]" ]; then
        [ -n "$(find -L /proc/[0-9]*/ns/pid -maxdepth 0 -inum "$inode" 2>/dev/null)" ]
        return
    fi
    pid=${name%%-*}
    start=${name#*-}
    start=${start%%[-./]*}
    { read -r stat < "/proc/$pid/stat"; } 2>/dev/null || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "${20}" = "$start" ]
}

fp_groups() {
    local dir
    for dir in /sys/fs/cgroup/**/; do
        case $dir in
        *boxwright-[0-9]*) fp_owner_runs "$dir" || printf 'group %s\n' "$dir" ;;
        *.scope* | *.service* | *.slice* | *.mount* | *.socket* | */process_api/*) ;;
        *) printf 'group %s\n' "$dir" ;;
        esac
    done
}

fp_links() {
    local iface dest gateway flags rest
    while read -r iface rest; do
        [[ $iface == *: ]] && printf 'link %s\n' "${iface%:}"
    done < /proc/net/dev
    while read -r iface dest gateway flags rest; do
        # There is no heading as long as there was no route.
        [ "$iface" = Iface ] || printf 'route %s %s %s %s\n' "$iface" "$dest" "$gateway" "$flags"
    done 2>/dev/null < /proc/net/route
}

# Addresses of IPv4 stand in the table of routes to the host itself; the rest of it moves by itself.
fp_addresses() {
    local word last='' rest
    while read -r word rest; do
        [ "$word $rest" = '/32 host LOCAL' ] && printf 'address %s\n' "$last"
        [ "$word" = '|--' ] && last=$rest
    done 2>/dev/null < /proc/net/fib_trie
    while read -r word _ _ _ _ rest; do
        printf 'address %s %s\n' "$word" "$rest"
    done 2>/dev/null < /proc/net/if_inet6
}

# Only where there can be any: nft is a fork.
fp_filters() {
    local line
    [ "$EUID" = 0 ] && command -v nft > /dev/null && [ ! -e /proc/exitcode ] || return 0
    while IFS= read -r line; do
        printf 'nft %s\n' "$line"
    done < <(nft -s list ruleset 2>/dev/null)
}

fp_names() {
    local f text key id rest
    for f in kernel/hostname kernel/domainname net/ipv4/ip_forward net/ipv6/conf/all/forwarding user/max_user_namespaces \
        kernel/core_pattern; do
        text=
        { read -r text < "/proc/sys/$f"; } 2>/dev/null
        printf 'sysctl %s %s\n' "$f" "$text"
    done
    for f in shm sem msg; do
        [ -r "/proc/sysvipc/$f" ] || continue
        while read -r key id rest; do
            printf 'sysv %s %s %s\n' "$f" "$key" "$id"
        done < "/proc/sysvipc/$f"
    done
}

# Sockets for watchers are named by the pid of their session: those of one that runs are not ours
# to compare. Some desktop programs put files in /dev/shm at any time.
fp_strays() {
    local f
    for f in /tmp/*boxwright* /tmp/.*boxwright* /run/*boxwright* /run/netns/* /dev/mqueue/* \
        /dev/shm/* "${XDG_RUNTIME_DIR:-/run/none}"/*boxwright*; do
        # The folder of a lesson that goes on in another session is no stray.
        [[ $f == */boxwright-*-*.* ]] && fp_owner_runs "$f" && continue
        [[ $f == /dev/shm/pulse-shm-* ]] || [ ! -e "$f" ] || printf 'file %s\n' "$f"
    done
    for f in "/tmp/boxwright-$EUID"/* "${XDG_RUNTIME_DIR:-/run/none}"/boxwright/*; do
        [ -d "/proc/${f##*/}" ] || printf 'file %s\n' "$f"
    done
}

# Set where each process can be looked at, with CAP_SYS_PTRACE of the first user namespace: there what
# has no program is one of the kernel's own threads, of which there are many.
fp_looks=
fp_look() {
    local key value count
    read -r key value count < /proc/self/uid_map
    [ "$count" = 4294967295 ] || return 0
    while read -r key value; do
        [ "$key" = CapEff: ] && [ $((0x$value >> 19 & 1)) = 1 ] && fp_looks=1
    done < /proc/self/status
    return 0
}
fp_look

# Processes of sessions that are gone: a limit says whose they are (include/kern/mark.h).
fp_orphans() {
    local f line pid rest mark
    for f in /proc/[0-9]*; do
        [ -z "$fp_looks" ] || [ -e "$f/exe" ] || continue
        { mapfile -t -s 11 -n 1 line < "$f/limits"; } 2>/dev/null || continue
        # Without a mark there is no limit.
        [[ ${line-} =~ ^Max\ file\ locks\ +([0-9]+) ]] || continue
        mark=${BASH_REMATCH[1]}
        [ $((mark >> 56 & 255)) = $((0xb7)) ] || continue
        pid=$((mark & 0x3fffff))
        { read -r rest < "/proc/$pid/stat"; } 2>/dev/null || rest='0) '
        rest=${rest##*) }
        # shellcheck disable=SC2086
        set -- $rest
        [ "$((${20:-0} & 0xfffff))" = $((mark >> 22 & 0xfffff)) ] && continue
        # The dead that wait for the machine's init are gone.
        { read -r rest < "$f/stat"; } 2>/dev/null || continue
        [[ ${rest##*) } == [ZX]* ]] || printf 'orphan %s\n' "${f#/proc/}"
    done
}

fp_left() { # fp_left MARK
    local f pid word words rest
    [ -n "$1" ] || return 0
    for f in /proc/[0-9]*; do
        pid=${f#/proc/}
        [ "$pid" = $$ ] && continue
        { mapfile -d '' words < "$f/environ"; } 2>/dev/null || continue
        for word in ${words[@]+"${words[@]}"}; do
            [ "$word" = "BW_TEST_MARK=$1" ] || continue
            { mapfile -d '' words < "$f/cmdline"; } 2>/dev/null
            rest="${words[*]-}"
            printf 'process %s %s\n' "$pid" "${rest//$'\n'/ }"
            break
        done
    done
}

host_fingerprint() {
    shopt -s globstar nullglob
    fp_mounts
    fp_groups
    fp_links
    fp_addresses
    fp_filters
    fp_names
    fp_strays
    fp_orphans
    fp_left "${1:-}"
    return 0
}

# Compares two of them, files; says what differs, a line each. What another session's janitor takes
# away meanwhile is no change of the host.
host_compare() { # host_compare BEFORE AFTER
    local -A was=() is=()
    local before after line same=0
    mapfile -t before < "$1"
    mapfile -t after < "$2"
    [ "${before[*]}" != "${after[*]}" ] || return 0
    for line in "${before[@]}"; do was[$line]=1; done
    for line in "${after[@]}"; do
        is[$line]=1
        [ -n "${was[$line]:-}" ] || { echo "> $line"; same=1; }
    done
    for line in "${!was[@]}"; do
        [ -z "${is[$line]:-}" ] || continue
        [[ $line == 'group '*boxwright-[0-9]* || $line == 'file '* || $line == 'orphan '* ]] || { echo "< $line"; same=1; }
    done
    return $same
}

# Runs a script again where /tmp, IPC objects and the network are its own: other tests of the machine
# leave files, mounts, objects and links for a while. The mounts stay shared among each other: a box
# that did not make its own private would be seen. Returns when that cannot be, or was done.
apart() { # apart SCRIPT ARGUMENT…
    [ "$(id -u)" = 0 ] && [ -z "${BW_APART:-}" ] && [[ $BW$1 != /tmp/* ]] && unshare -m -i -n true || return 0
    # shellcheck disable=SC2016
    BW_APART=1 exec unshare --mount --ipc --net --propagation private sh -c '
        cut -d " " -f 5 /proc/self/mountinfo | grep "^/tmp/" | sort -r | xargs -r umount -l
        mount -t tmpfs tmpfs /tmp && mount --make-rshared / && exec "$@"' sh "$@"
}

[ "${BASH_SOURCE[0]}" != "$0" ] || host_fingerprint "$@"
