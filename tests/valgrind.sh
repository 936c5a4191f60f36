#!/bin/bash
# Script sessions under valgrind's memcheck, with its leak check: tests/valgrind.sh [-p K/N] [FILE.t…]
# Without arguments: every command's example, and each twelfth session. tests/hooks/valgrind.c has
# what makes it possible. Any error of any process fails it. Ends with
# "N passed, N failed, N skipped".
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
if [ "$(uname -m)" != x86_64 ] || ! command -v valgrind > /dev/null; then
    echo 'SKIP valgrind: it is not installed, or this is not x86_64'
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/bwvalgrind.XXXXXX") || exit 1
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"; kill $reader 2> /dev/null' EXIT
trap 'exit 130' INT TERM HUP
B=build/vg
reader=
passed=0 failed=0
if ! ${MAKE:-make} --no-print-directory -s VG=1 all > "$work/make" 2>&1; then
    tail -n 20 "$work/make" | sed 's/^/     | /'
    echo 'FAIL valgrind: does not build'
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
fi

# All write to one pipe, which stays open in a process that has come to another root.
mkfifo -m 666 "$work/pipe"
exec 9<> "$work/pipe"
cat <&9 >> "$work/log" 9>&- &
reader=$!
mkdir "$work/bin"
cat > "$work/bin/boxwright" << END
#!/bin/sh
exec valgrind -q --vgdb=no --trace-children=yes '--trace-children-skip=/bin/*,/sbin/*,/usr/*,/tmp/*' \\
    --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \\
    --sim-hints=lax-ioctls --suppressions=$top/tests/valgrind.supp --num-callers=20 --log-file=$work/pipe \\
    $top/$B/boxwright "\$@"
END
chmod 755 "$work/bin/boxwright"
cp -r "$B/modules" "$work/bin/modules"
export BW=$work/bin/boxwright BW_TEST_VALGRIND=1 BW_TEST_SLOW=8 BW_TEST_SETTLE=50

say() { # say ok|FAIL TEXT
    printf '%-4s valgrind: %s\n' "$1" "$2"
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
log() {
    sleep 0.2
    cat "$work/log"
}

# Each process of a session, once with memory that leaks and once with a write past its end.
export BW_HOOK=$work
for who in memcheck-amd64- bw-look bw-stage scratch bw-janitor; do
    for what in leak overflow; do
        : > "$work/log"
        echo "$who $what" > "$work/plant"
        timeout 120 "$BW" -c 'unshare uts; hostname box1; run true' > "$work/out" 2>&1 < /dev/null
        if log | grep -q "$([ $what = leak ] && echo 'definitely lost' || echo 'Invalid write')"; then
            say ok "a planted $what in $who is found"
        else
            tail -n 20 "$work/out" "$work/log" | sed 's/^/     | /'
            say FAIL "a planted $what in $who is not found"
        fi
    done
done
rm -f "$work/plant"
unset BW_HOOK
: > "$work/log"
if [ $# -gt 0 ]; then
    tests/script/run.sh "$@" > "$work/out" 2>&1 < /dev/null
    outs=("$work/out")
else
    tests/script/run.sh tests/script/examples.t > "$work/out.1" 2>&1 < /dev/null &
    one=$!
    tests/script/run.sh -p 1/12 > "$work/out.2" 2>&1 < /dev/null
    wait $one
    outs=("$work"/out.[12])
fi
# That the sessions pass other suites say; valgrind changes an environment, a limit, a filter. Should
# more than a fifth not go through, they show nothing.
skipped=0 through=0 all=0
for out in "${outs[@]}"; do
    sed -n 's/^ok   /ok   valgrind /p; s/^SKIP /SKIP valgrind /p; s/^FAIL /     otherwise under valgrind: /p' "$out"
    read -r p _ f _ s _ <<< "$(tail -n 1 "$out" | tr -d ,)"
    passed=$((passed + p)) skipped=$((skipped + s)) through=$((through + p)) all=$((all + p + f))
done
if [ $((through * 5)) -ge $((all * 4)) ] && [ $all -gt 0 ]; then
    say ok "$through of $all sessions went as without it"
else
    tail -n 60 "${outs[0]}" | sed 's/^/     | /'
    say FAIL "only $through of $all sessions went as without it"
fi
# What it does not know it refuses with ENOSYS, and says so: the program is told of an older kernel.
log | sed -n 's/^--.*WARNING: \(unhandled .*\)/     \1/p' | sort -u
if log | grep -q '^=='; then
    grep '^==' "$work/log" | head -n 300 | sed 's/^/     | /'
    say FAIL 'valgrind found something'
else
    say ok 'nothing found'
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
