#!/bin/bash
# That the command table is whole and the docs made from it are fresh: docs.sh DOCGEN
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
docgen=${1:-$top/build/docgen}
passed=0 failed=0

verdict() { # verdict STATUS NAME OUTPUT
    if [ "$1" = 0 ]; then
        echo "ok   docs: $2"
        passed=$((passed + 1))
    else
        echo "FAIL docs: $2"
        [ -n "$3" ] && printf '%s\n' "$3" | head -n 20 | sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

out=$("$docgen" check 2>&1)
verdict $? 'every field of every command is filled' "$out"
for pair in commands:commands.md man:boxwright.1; do
    out=$("$docgen" "${pair%:*}" 2>&1 | diff "$top/docs/${pair#*:}" - 2>&1)
    verdict $? "docs/${pair#*:} is what make docs writes" "$out"
done
# Links between the documents lead somewhere.
out=$(cd "$top" && grep -oE '\]\([^)#:]+' README.md CONTRIBUTING.md docs/*.md tests/script/README.md |
    while IFS= read -r link; do
        file=${link%%:*}
        [ -e "$(dirname "$file")/${link#*\](}" ] || echo "$link"
    done)
[ -z "$out" ]
verdict $? 'links between documents lead somewhere' "$out"
# So do those to a heading: its words in small letters, with - for blanks.
out=$(cd "$top" && grep -oE '\]\([^):]*#[^)]+' README.md CONTRIBUTING.md docs/*.md tests/script/README.md |
    while IFS= read -r link; do
        page=${link%%:*} to=${link#*\](}
        [ -z "${to%%#*}" ] || page=$(dirname "$page")/${to%%#*}
        sed -n 's/^#\+ //p' "$page" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n-' | grep -qx -- "${to#*#}" || echo "$link"
    done)
[ -z "$out" ]
verdict $? 'links to headings lead somewhere' "$out"
# A promise is as good as the test that holds it.
out=$(cd "$top/tests" && sed -n 's/^| .* | \(.*\) |$/\1/p' ../docs/SECURITY.md |
    grep -oE '`[a-z_/]+\.(t|c|sh)`' | tr -d '`' | sort -u |
    while IFS= read -r name; do
        [ -e "../$name" ] || [ -e "$name" ] || echo "$name"
    done)
[ -z "$out" ]
verdict $? 'docs/SECURITY.md names tests that there are' "$out"
# The pages that are a map name every place on it.
unnamed() { # unnamed PAGE, with the names on standard input
    while IFS= read -r name; do
        grep -qE "^\| \`?$name\`? \|" "$top/$1" || echo "$1 has no row for $name"
    done
}
out=$(cd "$top/src" && printf '%s\n' */ modules/* | sed '/^modules\/$/d; s,^modules/,,; s,/$,,; s,\.c$,,' |
    unnamed docs/ARCHITECTURE.md)
[ -z "$out" ]
verdict $? 'docs/ARCHITECTURE.md names every layer and module' "$out"
out=$(sed -n 's/^suite_\([a-z]*\)().*/\1/p' "$top/tests/run" | unnamed docs/TESTING.md)
[ -z "$out" ]
verdict $? 'docs/TESTING.md names every suite' "$out"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
