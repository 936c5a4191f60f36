#!/bin/bash
# What of the host a box must never change, a fact a line, in a fixed order. Two of these are
# compared before and after a test.
#   host_fingerprint.sh [MARK]
# MARK: processes whose environment holds BW_TEST_MARK=MARK are listed too: they were left behind.
mark=${1:-}

mounts() {
    local _ dev rest
    while read -r _ _ dev rest; do
        printf 'mount %s %s\n' "$dev" "$rest"
    done < /proc/self/mountinfo
}

# A session's groups are named boxwright-PID-STARTTIME: those of one that runs now are not ours to
# compare. What service managers make and remove by themselves neither.
owner_runs() {
    local name=${1#*boxwright-} pid start stat
    pid=${name%%-*}
    start=${name#*-}
    start=${start%%/*}
    { read -r stat < "/proc/$pid/stat"; } 2>/dev/null || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "${20}" = "$start" ]
}

groups() {
    local dir
    find /sys/fs/cgroup -type d 2>/dev/null | sort | while IFS= read -r dir; do
        case $dir in
        *boxwright-[0-9]*) owner_runs "$dir" || printf 'group %s\n' "$dir" ;;
        *.scope* | *.service* | *.slice* | *.mount* | *.socket* | */process_api/*) ;;
        *) printf 'group %s\n' "$dir" ;;
        esac
    done
}

links() {
    local l
    for l in /sys/class/net/*; do
        [ -e "$l" ] && printf 'link %s\n' "${l##*/}"
    done
    sed 's/^/route /' /proc/net/route 2>/dev/null | cut -f1-4,8
}

names() {
    local f text
    for f in kernel/hostname kernel/domainname net/ipv4/ip_forward user/max_user_namespaces \
        kernel/core_pattern; do
        { read -r text < "/proc/sys/$f"; } 2>/dev/null || text=
        printf 'sysctl %s %s\n' "$f" "$text"
    done
    for f in shm sem msg; do
        [ -r "/proc/sysvipc/$f" ] && awk -v k="$f" 'NR > 1 { print "sysv", k, $1, $2 }' "/proc/sysvipc/$f"
    done
}

strays() {
    local f
    for f in /tmp/*boxwright* /tmp/.*boxwright* /run/*boxwright* /dev/shm/*boxwright*; do
        [ -e "$f" ] && printf 'file %s\n' "$f"
    done
}

left() {
    local f pid line
    [ -n "$mark" ] || return 0
    grep -alsF "BW_TEST_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null | while read -r f; do
        pid=${f#/proc/}
        pid=${pid%/environ}
        # This script and the commands of its pipelines are not what is looked for.
        [ "$pid" = $$ ] && continue
        grep -qs "^PPid:[[:space:]]*$$\$" "/proc/$pid/status" && continue
        line=$(tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null)
        printf 'process %s %s\n' "$pid" "$line"
    done
}

mounts
groups
links
names
strays
left
exit 0
