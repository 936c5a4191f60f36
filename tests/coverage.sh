#!/bin/bash
# Which lines of the program the suites run: tests/coverage.sh [-t FILE] [-f] [SUITE…]
#   -t FILE  writes the table into FILE, between its markers
#   -f       a line for each file too, and build/cov/missed: each line that nothing ran
# kern, stage and cmd must reach 85 %. How it counts: tests/hooks/cov.c. Ends with
# "N passed, N failed, N skipped".
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
LEAST=85
uml_suites=(-p 1/4 kern script)
table='' files=''
while getopts t:f opt; do
    case $opt in
    t) table=$OPTARG ;;
    f) files=1 ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(script unit kern lessons term user faults)
if ! gcov --version 2> /dev/null | grep -q '^gcov'; then
    echo 'SKIP coverage: gcov, which comes with gcc, is not installed'
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/bwcov.XXXXXX") || exit 1
chmod 777 "$work"
uml=
end() {
    [ -z "$uml" ] || { kill "$uml" && wait "$uml"; } 2> /dev/null
    rm -rf --one-file-system "$work"
}
trap end EXIT
trap 'exit 130' INT TERM HUP
mkdir -m 777 "$work/counts"
export BW_HOOK=$work/counts B=build/cov
MAKE="${MAKE:-make} COV=1"
export MAKE

if ! $MAKE --no-print-directory -s all tests > "$work/make" 2>&1; then
    tail -n 20 "$work/make" | sed 's/^/     | /'
    echo 'FAIL coverage: does not build'
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
fi
find "$B" -name '*.gcda' -delete
# User Mode Linux, where control groups are v2 alone, has a /tmp of its own.
counts_uml=$top/$B/counts.uml
rm -rf "$counts_uml"
mkdir -m 777 "$counts_uml"
if command -v linux.uml > /dev/null; then
    BW_HOOK=$counts_uml timeout -k 5 600 tests/uml/run.sh -c 1 "${uml_suites[@]}" > "$work/uml" 2>&1 < /dev/null &
    uml=$!
fi
tests/run "${suites[@]}" > "$work/out" 2>&1 < /dev/null
# That all these pass other suites say; here only what they ran counts.
echo "     in the build for coverage: $(tail -n 1 "$work/out")"
sed -n '/^what failed/,$d; s/^FAIL/     failed:/p' "$work/out"
if [ -n "$uml" ]; then
    wait "$uml"
    uml=
    echo "     and in User Mode Linux: $(tail -n 1 "$work/uml")"
    grep '^FAIL' "$work/uml" | sed 's/^FAIL/     failed:/'
else
    echo '     linux.uml is not installed: what is only for cgroup v2 was not run'
fi

for BW_HOOK in "$work/counts" "$counts_uml"; do
    export BW_HOOK_DUMP=program
    for p in "$B/boxwright" "$B"/unit-* "$B"/kern-* "$B"/term-*; do
        case $p in *.d) ;; *) "$p" > /dev/null ;; esac
    done
    for m in "$B"/modules/*.so; do BW_HOOK_MODULE=$top/$m "$B/boxwright"; done
    unset BW_HOOK_DUMP
done
unset BW_HOOK

# A line is of more than one object when it is a header's; one run of it is enough.
find "$B" -path "*/tests/*" -prune -o -name '*.gcno' -print | while read -r notes; do
    data=${notes%.gcno}.gcda
    [ -e "$data" ] || data=$notes
    gcov -t "$data" 2> /dev/null
done | awk -F: '
    $2 + 0 == 0 && $3 == "Source" { file = $4; next }
    file !~ /^(src|include)\// { next }
    { count = $1; sub(/^ */, "", count); sub(/\*$/, "", count) }
    count ~ /^[0-9]+$/ { all[file ":" $2 + 0] = 1; ran[file ":" $2 + 0] += count }
    count ~ /^[#=]+$/ { all[file ":" $2 + 0] = 1 }
    END {
        for (line in all) {
            split(line, part, ":")
            print part[1], part[2], (ran[line] > 0) ? 1 : 0
        }
    }' | sort -k1,1 -k2,2n > "$work/lines"
awk '!$3 { print $1 ":" $2 }' "$work/lines" > "$B/missed"

awk '
    { split($1, part, "/"); layer = part[3] ? part[2] : "main"; n[layer]++; ran[layer] += $3 }
    { all++; hit += $3 }
    END {
        k = split("main ui modules cmd lesson model stage kern base", order, " ")
        for (i = 1; i <= k; i++)
            if (n[order[i]])
                printf "%s %d %d %.1f\n", order[i], n[order[i]], ran[order[i]], 100 * ran[order[i]] / n[order[i]]
        printf "all %d %d %.1f\n", all, hit, 100 * hit / all
    }' "$work/lines" > "$work/layers"
[ -z "$files" ] || awk '
    { n[$1]++; ran[$1] += $3 }
    END { for (f in n) printf "     %5.1f %%  %4d of %4d  %s\n", 100 * ran[f] / n[f], ran[f], n[f], f }' \
    "$work/lines" | sort -n

passed=0 failed=0
while read -r layer n ran part; do
    word='' least=''
    case $layer in
    kern | stage | cmd) word=ok least=", at least $LEAST % are asked for" ;;
    esac
    if [ -n "$word" ] && awk -v p="$part" -v l=$LEAST 'BEGIN { exit !(p < l) }'; then word=FAIL; fi
    printf '%-4s coverage: %s: %s %%, %d of %d lines%s\n' "$word" "$layer" "$part" "$ran" "$n" "$least"
    case $word in
    ok) passed=$((passed + 1)) ;;
    FAIL) failed=$((failed + 1)) ;;
    esac
done < "$work/layers"
if [ $((passed + failed)) != 3 ]; then
    echo 'FAIL coverage: kern, stage and cmd were not all counted'
    failed=$((failed + 1))
fi

if [ -n "$table" ]; then
    awk -v suites="${suites[*]}" -v layers="$work/layers" '
        /^<!-- coverage: / {
            print
            print "Lines that the suites " suites " run:"
            print ""
            print "| layer | lines | run | % |"
            print "| --- | ---: | ---: | ---: |"
            while ((getline line < layers) > 0) {
                split(line, v, " ")
                print "| " v[1] " | " v[2] " | " v[3] " | " v[4] " |"
            }
            skip = 1
        }
        /^<!-- end of coverage -->/ { skip = 0 }
        !skip' "$table" > "$work/table" && cat "$work/table" > "$table"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
