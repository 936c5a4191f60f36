#!/bin/bash
# The runner of script sessions, tested: that it passes what holds, fails what does not, and sees
# what a case leaves on the host.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$here/selftest
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
install -m 755 "$dir/fake.sh" "$work/boxwright"
# Nothing here settles by itself: do not wait long for it.
export BW=$work/boxwright BW_TEST_SETTLE=2
passed=0 failed=0

match=
expect() { # expect FILE PASSED FAILED SKIPPED; with match, those cases alone
    local out last want="$2 passed, $3 failed, $4 skipped"
    out=$("$here/run.sh" ${match:+-m "$match"} "$dir/$1" 2>&1)
    last=${out##*$'\n'}
    if [ "$last" = "$want" ]; then
        echo "ok   selftest: $1: $last"
        passed=$((passed + 1))
    else
        echo "FAIL selftest: $1: $last, not $want"
        printf '%s\n' "$out" | sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

expect good.t 10 0 0
expect skip.t 0 0 1
expect bad.t 0 15 0
match='in no name' expect good.t 0 1 0
if [ "$(id -u)" = 0 ]; then
    expect host.t 0 3 0
    # What its cases left is put back a second later.
    sleep 1.5
    skipped=0
else
    echo 'SKIP selftest: host.t -- needs root'
    skipped=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
