#!/bin/sh
# Installs what is missing, and only that: deps.sh demo (to build and to walk the article) or
# deps.sh check (the tests too). Without root or network it says what to install by hand; it fails
# only when the compiler is missing, for everything else can be left out.
set -u
level=${1:-demo}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
CC=${CC:-gcc}

# what|how to see it|level|must|apt|dnf|pacman|apk ("-": not packaged there)
table() {
    cat << 'END'
C compiler|cmd gcc|demo|must|gcc|gcc|gcc|gcc
C library headers|hdr stdlib.h|demo|must|libc6-dev|glibc-devel|glibc|musl-dev
Linux headers|hdr linux/openat2.h|demo|must|linux-libc-dev|kernel-headers|linux-api-headers|linux-headers
make|cmd make|demo|must|make|make|make|make
readline|hdr readline/readline.h|demo|-|libreadline-dev|readline-devel|readline|readline-dev
json-c|hdr json-c/json.h|demo|-|libjson-c-dev|json-c-devel|json-c|json-c-dev
libarchive|hdr archive.h|demo|-|libarchive-dev|libarchive-devel|libarchive|libarchive-dev
sd-bus|hdr systemd/sd-bus.h|demo|-|libsystemd-dev|systemd-devel|systemd-libs|-
libseccomp|hdr seccomp.h|demo|-|libseccomp-dev|libseccomp-devel|libseccomp|libseccomp-dev
libyaml|hdr yaml.h|demo|-|libyaml-dev|libyaml-devel|libyaml|yaml-dev
libcmark|hdr cmark.h|demo|-|libcmark-dev|cmark-devel|cmark|cmark-dev
libnl-route|hdr netlink/route/link/veth.h|demo|-|libnl-route-3-dev|libnl3-devel|libnl|libnl3-dev
libnftables|hdr nftables/libnftables.h|demo|-|libnftables-dev|nftables-devel|nftables|nftables-dev
static busybox|busybox|demo|-|busybox-static|busybox|busybox|busybox-static
debootstrap|cmd debootstrap|demo|-|debootstrap|debootstrap|debootstrap|debootstrap
newuidmap|cmd newuidmap|demo|-|uidmap|shadow-utils|shadow|shadow-uidmap
setpriv, unshare|cmd setpriv|demo|-|util-linux|util-linux|util-linux|setpriv
bash|cmd bash|demo|-|bash|bash|bash|bash
ip|cmd ip|check|-|iproute2|iproute|iproute2|iproute2
pkg-config|cmd pkg-config|check|-|pkg-config|pkgconf|pkgconf|pkgconf
check, the test library|hdr check.h|check|-|check|check-devel|check|check-dev
libvterm|hdr vterm.h|check|-|libvterm-dev|libvterm-devel|libvterm|libvterm-dev
nft|cmd nft|check|-|nftables|nftables|nftables|nftables
slirp4netns|cmd slirp4netns|check|-|slirp4netns|slirp4netns|slirp4netns|slirp4netns
pasta|cmd pasta|check|-|passt|passt|passt|passt
strace|cmd strace|check|-|strace|strace|strace|strace
pgrep|cmd pgrep|check|-|procps|procps-ng|procps-ng|procps
clang-format|cmd clang-format|check|-|clang-format|clang-tools-extra|clang|clang-extra-tools
clang-tidy|cmd clang-tidy|check|-|clang-tidy|clang-tools-extra|clang|clang-extra-tools
cppcheck|cmd cppcheck|check|-|cppcheck|cppcheck|cppcheck|cppcheck
shellcheck|cmd shellcheck|check|-|shellcheck|ShellCheck|shellcheck|shellcheck
runc|cmd runc|check|-|runc|runc|runc|runc
jq|cmd jq|check|-|jq|jq|jq|jq
valgrind|cmd valgrind|check|-|valgrind|valgrind|valgrind|valgrind
User Mode Linux|cmd linux.uml|check|-|user-mode-linux|-|-|-
clang|cmd clang|check|-|clang|clang|clang|clang
libFuzzer|fuzzer|check|-|libclang-rt-14-dev|compiler-rt|compiler-rt|compiler-rt
END
}

static_busybox() {
    for p in /bin/busybox /usr/bin/busybox /bin/busybox.static /usr/bin/busybox.static; do
        [ -x "$p" ] && ! readelf -lW "$p" 2>/dev/null | grep -q INTERP && return 0
    done
    return 1
}

there() { # there KIND NAME
    case $1 in
    cmd) command -v "$2" > /dev/null ;;
    # stdio.h first: readline's header needs FILE.
    hdr) printf '#include <stdio.h>\n#include <%s>\n' "$2" | $CC -isystem /usr/include/libnl3 -E -xc - > /dev/null 2>&1 ;;
    busybox) static_busybox ;;
    fuzzer) ls "$(clang -print-resource-dir 2>/dev/null)"/lib/*/libclang_rt.fuzzer[-.a]* > /dev/null 2>&1 ;;
    esac
}

manager=
for m in apt-get:5 dnf:6 pacman:7 apk:8; do
    if command -v "${m%:*}" > /dev/null; then
        manager=${m%:*}
        column=${m#*:}
        break
    fi
done
column=${column:-5}

# Lists what is missing, a line each: MUST|WHAT|PACKAGE.
missing() {
    table | while IFS='|' read -r what how for must rest; do
        [ "$for" = check ] && [ "$level" = demo ] && continue
        # shellcheck disable=SC2086
        there $how && continue
        echo "$must|$what|$(echo "x|x|x|x|$rest" | cut -d'|' -f"$column")"
    done
}

names() {
    echo "$lacking" | cut -d'|' -f3 | grep -vx -e - | sort -u | tr '\n' ' '
}

install() { # install PACKAGE…
    case $manager in
    apt-get) DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "$@" ;;
    dnf) $sudo dnf install -y -q "$@" ;;
    pacman) $sudo pacman -S --needed --noconfirm "$@" ;;
    apk) $sudo apk add "$@" ;;
    esac
}

refresh() {
    case $manager in
    apt-get) $sudo apt-get update -q ;;
    pacman) $sudo pacman -Sy ;;
    apk) $sudo apk update ;;
    *) : ;;
    esac
}

by_hand() {
    case $manager in
    apt-get) echo "apt-get install $*" ;;
    dnf) echo "dnf install $*" ;;
    pacman) echo "pacman -S $*" ;;
    apk) echo "apk add $*" ;;
    *) echo "your package manager, for what Debian calls: $*" ;;
    esac
}

lacking=$(missing)
[ -z "$lacking" ] && exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    # A password can be asked for only where somebody sits.
    [ -t 0 ] || sudo='sudo -n'
fi
if [ -n "$manager" ] && [ -n "$(names)" ] && { [ -z "$sudo" ] || command -v sudo > /dev/null; }; then
    log=$(mktemp)
    echo "installing: $(names)"
    # shellcheck disable=SC2046
    if ! install $(names) > "$log" 2>&1 < /dev/null; then
        refresh >> "$log" 2>&1 < /dev/null
        # One name that this release does not have must not keep the others out.
        install $(names) >> "$log" 2>&1 < /dev/null ||
            for p in $(names); do install "$p" >> "$log" 2>&1 < /dev/null; done
    fi
    lacking=$(missing)
    [ -n "$lacking" ] && tail -n 5 "$log" >&2
    rm -f "$log"
fi
[ -z "$lacking" ] && exit 0

echo "missing: $(echo "$lacking" | cut -d'|' -f2 | paste -sd, - | sed 's/,/, /g')" >&2
# shellcheck disable=SC2046
[ -n "$(names)" ] && echo "to install by hand, as root: $(by_hand $(names))" >&2
if echo "$lacking" | grep -q '^must'; then
    echo "boxwright cannot be built without these" >&2
    exit 1
fi
echo "going on without" >&2
exit 0
