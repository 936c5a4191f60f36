#!/bin/bash
# That a replay can fail: selftest.sh PROGRAM, of tests/fuzz/selftest.c. One input for each way.
program=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

expect() { # expect STATUS INPUT PATTERN
    local out status
    printf '%s' "$2" > "$work/input"
    out=$("$program" -t 1 "$work/input")
    status=$?
    if [ $status = "$1" ] && printf '%s\n' "$out" | grep -q "$3"; then
        echo "ok   fuzz selftest: $2"
        passed=$((passed + 1))
    else
        echo "FAIL fuzz selftest: $2"
        printf '%s\n' "$out" | sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

expect 0 'is fine' '^1 passed, 0 failed'
expect 1 'wrong' 'not so: strcmp'
expect 1 'hangs' 'not done in time'
if nm "$program" 2> /dev/null | grep -q __asan_init; then
    expect 1 'reads on' 'heap-buffer-overflow'
    expect 1 'overflows' 'signed integer overflow'
    expect 1 'leaks' 'detected memory leaks'
else
    echo 'SKIP fuzz selftest: the compiler has no sanitizers, so only what ends a program is seen'
    skipped=1
fi
mkdir "$work/empty"
out=$("$program" "$work/empty")
if [ $? = 1 ] && printf '%s\n' "$out" | grep -q 'no input'; then
    echo 'ok   fuzz selftest: an empty corpus is no success'
    passed=$((passed + 1))
else
    echo 'FAIL fuzz selftest: an empty corpus is no success'
    failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
