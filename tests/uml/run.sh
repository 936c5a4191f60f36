#!/bin/bash
# Runs suites in User Mode Linux: uml/run.sh [-c CPU] [-p K/N] [SUITE…]; -p goes to the script
# suite. There control groups are v2 alone, and the machine's own kernel is not touched. The root is
# this machine's, so only /tmp, /run and /dev/shm are fresh. What init wrote to a file is printed;
# without it, the console. uml/run.sh shell: a shell in it, for a person.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cpu=0 part=
while getopts c:p: opt; do
    case $opt in
    c) cpu=$OPTARG ;;
    p) part=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(kern script)
# Not below /tmp, which is another one inside.
work=$top/build/uml.$$
mkdir -p "$work/dir" || exit 1
trap 'rm -rf "$work"' EXIT

# On one CPU: each system call there is a switch between two processes here, and waking another
# CPU for each makes all of it five times slower.
cpus=()
while IFS=- read -r first last; do
    for ((c = first; c <= ${last:-first}; c++)); do cpus+=("$c"); done
done < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n')
# And behind the machine's own tests, some of which measure time; preload.c does more of it.
pin=(nice -n 10)
command -v taskset > /dev/null && pin+=(taskset -c "${cpus[cpu % ${#cpus[@]}]}")

uml=("${pin[@]}" "$here/kernel.sh" mem=512M rootfstype=hostfs rootflags=/ rw init="$here/init" quiet
    uml_dir="$work/dir/" panic=-1 BW_UML_TOP="$top" BW_UML_OUT="$work" BW_PART="$part"
    BW_UML_SUITES="$(IFS=,; echo "${suites[*]}")" B="${B:-build}" ${BW_HOOK:+BW_HOOK="$BW_HOOK"})

if [ "${suites[*]}" = shell ]; then
    command -v linux.uml > /dev/null || { echo 'linux.uml is missing: apt-get install user-mode-linux' >&2; exit 1; }
    echo 'User Mode Linux, with control groups v2 alone. exit ends it. Its files are those of this'
    echo 'machine, but for /tmp, /run and /dev/shm.'
    "${uml[@]}" con=null con0=fd:0,fd:1 TERM="${TERM:-dumb}"
    stty sane 2> /dev/null
    exit 0
fi
# In the background, so that who ends this ends it too.
trap '[ -z "${!:-}" ] || kill $! 2> /dev/null; wait; exit 130' INT TERM HUP
timeout -k 5 540 "${uml[@]}" con=null con0=null,fd:1 < /dev/null > "$work/console" 2>&1 &
wait
trap 'exit 130' INT TERM HUP
if [ -s "$work/result" ]; then
    cat "$work/result"
elif [ -e "$work/up" ]; then
    sed 's/^/     | /' "$work/part" "$work/console" | tail -n 40
    echo 'FAIL uml: ended without a result'
    echo '0 passed, 1 failed, 0 skipped'
else
    # It needs ptrace and executable memory, which not every sandbox gives.
    sed '/^Stack:/,$d; s/^/     | /' "$work/console" | tail -n 10
    echo 'SKIP uml: User Mode Linux does not start here: NOTHING WAS TESTED ON CGROUP V2 ALONE'
    echo '0 passed, 0 failed, 1 skipped'
fi
