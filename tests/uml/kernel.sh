#!/bin/bash
# The kernel of User Mode Linux, with what it needs on this machine: uml/kernel.sh ARG…
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Renamed when it is whole: several kernels may start at once.
preload=$here/../../${B:-build}/uml-preload.so
if ! [ "$preload" -nt "$here/preload.c" ]; then
    ${CC:-gcc} -std=c17 -D_GNU_SOURCE -O2 -shared -fPIC -o "$preload.$$" "$here/preload.c" &&
        mv "$preload.$$" "$preload"
    rm -f "$preload.$$"
fi
[ ! -e "$preload" ] || export LD_PRELOAD=$preload
exec linux.uml "$@"
