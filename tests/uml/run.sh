#!/bin/bash
# Runs suites in User Mode Linux: uml/run.sh [-p K/N] [SUITE…]; -p goes to the script suite. There control groups are v2 alone, and the
# machine's own kernel is not touched. The root is this machine's, so only /tmp, /run and /dev/shm
# are fresh. What init wrote to a file is printed; without it, the console.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
part=
[ "${1:-}" = -p ] && part=$2 && shift 2
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(kern script)
# Not below /tmp, which is another one inside.
work=$top/build/uml.$$
mkdir -p "$work/dir" || exit 1
trap 'rm -rf "$work"' EXIT

timeout -k 5 840 linux.uml mem=512M rootfstype=hostfs rootflags=/ rw init="$here/init" quiet \
    uml_dir="$work/dir/" con=null con0=null,fd:1 panic=-1 \
    BW_UML_TOP="$top" BW_UML_OUT="$work" BW_UML_SUITES="$(IFS=,; echo "${suites[*]}")" BW_PART="$part" B="${B:-build}" \
    < /dev/null > "$work/console" 2>&1
if [ -s "$work/result" ]; then
    cat "$work/result"
elif [ -e "$work/up" ]; then
    sed 's/^/     | /' "$work/part" "$work/console" | tail -n 40
    echo 'FAIL uml: ended without a result'
    echo '0 passed, 1 failed, 0 skipped'
else
    # It needs ptrace and executable memory, which not every sandbox gives.
    sed 's/^/     | /' "$work/console" | tail -n 10
    echo 'SKIP uml: User Mode Linux does not start here: NOTHING WAS TESTED ON CGROUP V2 ALONE'
    echo '0 passed, 0 failed, 1 skipped'
fi
