#!/bin/bash
# That layers.sh can fail: a tree with one fault for each rule.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

fresh() {
    rm -rf "$work/tree"
    mkdir -p "$work"/tree/src/{base,kern,stage,model,cmd,ui,modules} "$work"/tree/include/{base,kern}
    echo '#include "kern/ns.h"' > "$work/tree/src/cmd/fine.c"
    printf 'int f(void)\n{\n    return 0;\n}\n' > "$work/tree/src/base/fine.c"
}

expect() { # expect STATUS NAME RULE
    local out status
    out=$("$here/layers.sh" "$work/tree")
    status=$?
    if [ $status = "$1" ] && { [ "$1" = 0 ] || printf '%s\n' "$out" | grep -q "^FAIL layers: $3"; }; then
        echo "ok   layers selftest: $2"
        passed=$((passed + 1))
    else
        echo "FAIL layers selftest: $2"
        printf '%s\n' "$out" | sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

fresh
expect 0 'a sound tree passes'
for pair in base:kern kern:stage stage:model model:cmd cmd:ui; do
    fresh
    echo "#include \"${pair#*:}/x.h\"" > "$work/tree/src/${pair%:*}/x.c"
    expect 1 "${pair%:*} includes ${pair#*:}" includes
done
fresh
echo '#include "stage/x.h"' > "$work/tree/include/kern/x.h"
expect 1 'a header includes upward' includes
fresh
echo '#include "cmd/x.h"' > "$work/tree/src/modules/json.c"
expect 1 'a module includes upward' includes
fresh
echo '#include "base/x.h"' > "$work/tree/src/modules/other.c"
expect 1 'a module of no layer' includes
fresh
yes '/* */' | head -n 651 > "$work/tree/src/kern/long.c"
expect 1 'a file of 651 lines' files
fresh
{ printf 'int f(void)\n{\n'; yes '    ;' | head -n 71; echo '}'; } > "$work/tree/src/kern/long.c"
expect 1 'a function of 71 lines' functions
fresh
printf '/* see %s */\n' "$(printf '/%s/main' work)" > "$work/tree/src/kern/path.c"
expect 1 'a path of one machine' 'no path'
fresh
printf 'int x; \n' > "$work/tree/src/kern/blank.c"
expect 1 'a trailing blank' 'no trailing'
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
