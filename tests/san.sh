#!/bin/bash
# The suites with the address, undefined-behaviour and leak sanitizers: tests/san.sh [SUITE…]
# What any process finds, in a chroot and without a parent too, is in the file report that
# tests/hooks/san.c writes; the last line is "N passed, N failed, N skipped".
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(script unit kern lessons term user)
work=$(mktemp -d "${TMPDIR:-/tmp}/bwsan.XXXXXX") || exit 1
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
export BW_HOOK=$work B=build/san
MAKE="${MAKE:-make} SAN=1"
export MAKE
passed=0 failed=0

say() { # say ok|FAIL TEXT
    printf '%-4s san: %s\n' "$1" "$2"
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
fresh() {
    head -c 1048576 /dev/zero > "$work/report"
    chmod 666 "$work/report"
}
found() {
    tail -c +13 "$work/report" | tr -d '\0'
}
# What the copy in memory cannot tell of itself: the line of each offset.
with_lines() {
    local line at
    while IFS= read -r line; do
        at=$(sed -n 's/.*memfd:boxwright (deleted)+\(0x[0-9a-f]*\).*/\1/p' <<< "$line")
        printf '%s%s\n' "$line" "${at:+ $(addr2line -sfpe "$B/boxwright" "$at")}"
    done
}

# Each process of a session, once with memory that leaks and once with a write past its end.
planted() {
    local who what
    for who in boxwright bw-look bw-stage scratch bw-janitor; do
        for what in leak overflow; do
            fresh
            echo "$who $what" > "$work/plant"
            timeout 60 "$B/boxwright" -c 'unshare uts; hostname box1; run true' > "$work/out" 2>&1 < /dev/null
            if found | grep -Eq "$([ "$what" = leak ] && echo 'leaked in' || echo 'heap-buffer-overflow')"; then
                say ok "a planted $what in $who is found"
            else
                tail -n 20 "$work/out" | sed 's/^/     | /'
                say FAIL "a planted $what in $who is not found"
            fi
        done
    done
    rm -f "$work/plant"
}

if ! $MAKE --no-print-directory -s all > "$work/make" 2>&1; then
    tail -n 20 "$work/make" | sed 's/^/     | /'
    echo 'FAIL san: does not build'
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
fi
planted
fresh
tests/run "${suites[@]}" > "$work/out" 2>&1 < /dev/null
sed '$d; /^what failed/,$d; s/^\(ok  \|FAIL\|SKIP\) /\1 san /; s/^     | /     | san /' "$work/out"
read -r p _ f _ s _ <<< "$(tail -n 1 "$work/out" | tr -d ,)"
read -r checks blind _ <<< "$(od -An -tu4 -N12 "$work/report")"
if [ -n "$(found)" ]; then
    found | head -n 200 | with_lines | sed 's/^/     | /'
    say FAIL 'the sanitizers found something'
else
    say ok "nothing found; leaks were looked for $checks times where a process ends with _exit or may be killed"
fi
echo "     $blind times a namespace or a root without /proc hid the process from LeakSanitizer"
echo "$((p + passed)) passed, $((f + failed)) failed, $s skipped"
[ $((f + failed)) = 0 ]
