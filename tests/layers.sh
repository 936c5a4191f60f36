#!/bin/bash
# The house rules that a program can check: layers.sh [TREE]. Ends with totals; 1 when one failed.
#   main -> ui -> cmd -> lesson -> model -> stage -> kern -> base: never an upward include
#   a module belongs to the layer that loads it
#   files under 650 lines, functions under 70 (clang-format puts their braces at the margin)
#   no path of the machine it was written on, no trailing blanks
top=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
cd "$top" || exit 2
passed=0 failed=0
shopt -s lastpipe

rule() { # rule NAME, with what breaks it on standard input
    local found
    found=$(cat)
    if [ -z "$found" ]; then
        echo "ok   layers: $1"
        passed=$((passed + 1))
    else
        echo "FAIL layers: $1"
        printf '%s\n' "$found" | sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

sources() {
    find src include -name '*.[ch]' 2>/dev/null | sort
}

upward() {
    sources | xargs -r awk '
        BEGIN {
            n = split("base kern stage model lesson cmd ui main", order, " ")
            for (i = 1; i <= n; i++) rank[order[i]] = i
            module["line"] = module["screen"] = "ui"; module["json"] = "model"
            module["archive"] = module["scope"] = module["seccomp"] = module["net"] = module["nft"] = "kern"
            module["yaml"] = module["markdown"] = "lesson"
        }
        FNR == 1 {
            split(FILENAME, part, "/")
            layer = part[2]
            if (FILENAME == "src/main.c") layer = "main"
            if (layer == "modules") { name = part[3]; sub(/\.c$/, "", name); layer = module[name] }
            if (!(layer in rank)) print FILENAME ": of no layer that tests/layers.sh knows"
        }
        /^[ \t]*#[ \t]*include[ \t]*"/ {
            inc = $0; sub(/^[^"]*"/, "", inc); sub(/".*/, "", inc)
            if (index(inc, "..")) { print FILENAME " includes " inc ": a path upward"; next }
            if (!index(inc, "/")) next
            theirs = inc; sub(/\/.*/, "", theirs)
            if (!(theirs in rank)) print FILENAME " includes " inc ": no such layer"
            else if (layer in rank && rank[theirs] > rank[layer]) print FILENAME " (" layer ") includes " inc
        }'
}

long_files() {
    sources | xargs -r wc -l | awk '
        $2 != "total" && ($1 > 650 || $2 == "src/main.c" && $1 > 150) { print $2 ": " $1 " lines" }'
}

long_functions() {
    sources | grep '\.c$' | xargs -r awk '
        /^[a-zA-Z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
        /^\{/ { start = FNR }
        /^\}/ && start {
            if (FNR - start - 1 > 70) print FILENAME ":" start ": " name " has " FNR - start - 1 " lines"
            start = 0
        }'
}

text_files() {
    find . \( -name .git -o -name build \) -prune -o -type f -print |
        grep -E '\.(c|h|sh|t|md|bw|1)$|/Makefile$|/run$|/init$' | sort
}

# Written so that this file does not hold what it looks for.
machine_paths() {
    text_files | xargs -r grep -nE \
        '(^|[^[:alnum:]_./@$-])(/wor[k]/|/hom[e]/[A-Za-z]|/roo[t]/[.]|/tmp/bas[h]_jobs)' /dev/null
}

trailing() {
    text_files | grep -v '\.md$' | xargs -r grep -nE '[[:blank:]]+$' /dev/null
}

upward | rule 'includes point downward only'
long_files | rule 'files under 650 lines, main.c under 150'
long_functions | rule 'functions under 70 lines'
machine_paths | rule 'no path of one machine'
trailing | rule 'no trailing blanks'
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
