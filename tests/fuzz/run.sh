#!/bin/bash
# Runs fuzz targets on: run.sh [-s SECONDS] [-t FILE] [NAME…], of build/fuzz, for SECONDS each.
#   -t FILE  writes the table between its markers in FILE; only of a run without findings
#   -m       instead, adds to tests/fuzz/corpus/NAME a few inputs that reach code which nothing there does
# WITHOUT names targets that a missing library leaves out. The table is written only of all targets.
# New inputs are kept in build/fuzz/corpus/NAME, findings in build/fuzz/findings. Ends with totals.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.." || exit 2
B=build/fuzz
seconds=30 table='' merge='' most=4
while getopts s:t:m opt; do
    case $opt in
    s) seconds=$OPTARG ;;
    t) table=$OPTARG ;;
    m) merge=1 ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
names=("$@")
if [ ${#names[@]} = 0 ]; then
    for f in tests/fuzz/fuzz_*.c; do
        name=${f##*/fuzz_}
        names+=("${name%.c}")
    done
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0 skipped=0 total=0 spent=0
mkdir -p $B/findings

# What a target reads: the first line of its file.
about() {
    sed -n '1s,^/\* \(.*\) \*/$,\1,p' "tests/fuzz/fuzz_$1.c"
}

stat_of() { # stat_of NAME: of libFuzzer's last lines
    sed -n "s/^stat::$1: *//p" "$work/log" | tail -n 1
}

fuzz() { # fuzz NAME
    local name=$1 dict=tests/fuzz/$1.dict runs cover
    mkdir -p "$B/corpus/$name" "tests/fuzz/corpus/$name"
    # Short ones: those of the corpus that are as long as a file may be are replayed whole by the suite.
    # shellcheck disable=SC2046
    "$B/fuzz-$name" -max_len=4096 -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$B/findings/$name-" $([ -e "$dict" ] && echo "-dict=$dict") \
        "$B/corpus/$name" "tests/fuzz/corpus/$name" > "$work/log" 2>&1 < /dev/null
    local status=$?
    runs=$(stat_of number_of_executed_units)
    cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$work/log" | tail -n 1)
    total=$((total + ${runs:-0}))
    spent=$((spent + seconds))
    if [ $status = 0 ] && [ -n "$runs" ]; then
        echo "ok   fuzz: $name: $runs executions"
        passed=$((passed + 1))
        echo "| $name | $(about "$name") | $runs | ${cover:-0} |" >> "$work/rows"
    else
        echo "FAIL fuzz: $name: exit status $status after ${runs:-no} executions"
        grep -a -E 'not so|ERROR: |LeakSanitizer|runtime error|^    #|Test unit written' "$work/log" | head -n 20 |
            sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

# A few more inputs that reach code which no other does: the longest of a least set, as those reach
# most. Their names are their hashes.
add_inputs() { # add_inputs NAME
    local name=$1 corpus=tests/fuzz/corpus/$1 added=0 file
    rm -rf "$work/merged"
    cp -r "$corpus" "$work/merged"
    "$B/fuzz-$name" -set_cover_merge=1 -use_counters=0 -max_len=512 "$work/merged" \
        "$B/corpus/$name" > "$work/log" 2>&1 < /dev/null
    while IFS= read -r file; do
        [ $added = "$most" ] && break
        [ -e "$corpus/$file" ] && continue
        cp "$work/merged/$file" "$corpus/"
        added=$((added + 1))
    done < <(find "$work/merged" -type f -printf '%s %f\n' | sort -rn | cut -d' ' -f2)
    echo "$name: $added inputs added"
}

put_table() { # put_table FILE
    local begin='<!-- fuzz: written by make fuzz -->' end='<!-- end of fuzz -->'
    if ! grep -qF "$begin" "$1" || ! grep -qF "$end" "$1"; then
        echo "FAIL fuzz: $1 has no place for the table"
        failed=$((failed + 1))
        return
    fi
    {
        echo "$total executions of ${#names[@]} targets in $((spent / 60)) minutes, without a finding:" \
            "$("$(command -v "${FUZZ_CC:-clang}")" --version | sed -n '1s/.*\(clang version [0-9.]*\).*/\1/p')," \
            "address and undefined-behaviour sanitizers."
        echo
        echo '| target | reads | executions | edges reached |'
        echo '| --- | --- | ---: | ---: |'
        cat "$work/rows"
        echo "| all | | $total | |"
    } > "$work/table"
    awk -v begin="$begin" -v end="$end" -v file="$work/table" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; while ((getline line < file) > 0) print line }' "$1" > "$1.new" &&
        mv "$1.new" "$1"
}

for name in "${names[@]}"; do
    if [[ " ${WITHOUT:-} " = *" $name "* ]]; then
        echo "SKIP fuzz: $name: a library is missing"
        skipped=$((skipped + 1))
    elif [ ! -x "$B/fuzz-$name" ]; then
        echo "FAIL fuzz: there is no $B/fuzz-$name: make fuzz builds it"
        failed=$((failed + 1))
    elif [ -n "$merge" ]; then
        add_inputs "$name"
    else
        fuzz "$name"
    fi
done
[ -n "$merge" ] && exit $((failed > 0))
if [ -n "$table" ] && [ $failed = 0 ] && [ $skipped = 0 ]; then
    put_table "$table"
fi
[ $failed = 0 ] || echo "findings are in $B/findings; make SAN=1 fuzz-programs, then build/san/fuzz-NAME FILE runs one again"
echo "$total executions"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
