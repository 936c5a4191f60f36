#!/bin/sh
# A Debian with systemd for the suite of that name, into build/systemd-root: for machines whose own tree
# has no systemd, dbus and pam_systemd. Downloads about 70 MB from MIRROR.
set -eu
cd "$(dirname "$0")/.."
root=build/systemd-root
MIRROR=${MIRROR:-http://deb.debian.org/debian}
[ -e "$root/usr/lib/systemd/user/dbus.socket" ] && { echo "$root is there"; exit 0; }
[ "$(id -u)" = 0 ] || { echo 'systemd_root.sh: debootstrap needs root: sudo make systemd' >&2; exit 1; }
command -v debootstrap > /dev/null ||
    { echo 'systemd_root.sh: debootstrap is missing: make deps' >&2; exit 1; }
mkdir -p build
rm -rf --one-file-system "$root.new"
debootstrap --variant=minbase \
    --include=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps \
    bookworm "$root.new" "$MIRROR" > build/systemd-root.log 2>&1 || {
    tail -n 5 build/systemd-root.log >&2
    echo "systemd_root.sh: debootstrap failed (build/systemd-root.log): MIRROR=URL names another mirror" >&2
    exit 1
}
mv "$root.new" "$root"
echo "$root is ready: make check SUITES=systemd"
