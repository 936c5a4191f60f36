#!/bin/bash
# A shell in User Mode Linux, with this machine's files and cgroup v2 alone. Files written there are
# this machine's files, but for /tmp, /run and /dev/shm.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
command -v linux.uml > /dev/null || { echo 'linux.uml is missing: apt-get install user-mode-linux' >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
linux.uml mem=512M rootfstype=hostfs rootflags=/ rw init="$top/tests/uml/init" quiet \
    uml_dir="$work/" con=null con0=fd:0,fd:1 BW_UML_TOP="$top" BW_UML_SUITES=shell
stty sane 2>/dev/null
