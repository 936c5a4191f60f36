#!/bin/bash
# boxwright on a host that systemd runs, with cgroup v2 alone: systemd/run.sh. systemd is PID 1 of User
# Mode Linux, on a root that is made of a tree which has systemd, dbus and pam_systemd: BW_SYSTEMD_ROOT,
# or build/systemd-root (`make systemd`), or this machine's own. The tree itself is only read: /usr is
# bound read-only and /etc copied into a tmpfs, in a mount namespace of this script.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
B=${B:-build}

skip() { # skip REASON
    echo "SKIP systemd: $1: NOTHING WAS TESTED UNDER SYSTEMD"
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
}
fail() { # fail WHAT FILE…
    local what=$1
    shift
    sed 's/^/     | /' "$@" | tail -n 40
    echo "FAIL systemd: $what"
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
}
complete() { # whether a tree has what it takes; sets lacks
    local f
    lacks=
    for f in usr/lib/systemd/systemd usr/lib/systemd/systemd-logind usr/bin/dbus-daemon \
        usr/lib/systemd/user/dbus.socket; do
        [ -e "$1/$f" ] || lacks+="${lacks:+, }$f"
    done
    compgen -G "$1/usr/lib*/security/pam_systemd.so" > /dev/null ||
        compgen -G "$1/usr/lib/*/security/pam_systemd.so" > /dev/null || lacks+="${lacks:+, }pam_systemd.so"
    [ -z "$lacks" ]
}

if [ -z "${BW_SYSTEMD_STAGE:-}" ]; then
    [ "$(id -u)" = 0 ] || skip 'making its root needs root'
    command -v linux.uml > /dev/null || skip 'linux.uml is not installed'
    if [ -n "${BW_SYSTEMD_ROOT:-}" ]; then
        complete "$BW_SYSTEMD_ROOT" || skip "BW_SYSTEMD_ROOT=$BW_SYSTEMD_ROOT has no $lacks"
        tree=$BW_SYSTEMD_ROOT
    elif complete "$top/build/systemd-root"; then
        tree=$top/build/systemd-root
    elif complete /; then
        tree=/
    else
        skip "this machine has no $lacks (make systemd fetches a tree that has)"
    fi
    unshare --mount --propagation private true 2>/dev/null || skip 'no mount namespace can be made'
    BW_SYSTEMD_STAGE=$tree exec unshare --mount --propagation private "${BASH_SOURCE[0]}"
fi

tree=$BW_SYSTEMD_STAGE
# Short: User Mode Linux puts a socket below its directory.
work=$(mktemp -d /tmp/bwsystemd.XXXXXX) || exit 1
trap 'umount -l "$work/root" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
root=$work/root
mkdir "$root" "$work/uml"
mount -t tmpfs -o mode=755 bwsystemd "$root" || fail 'no tmpfs' /dev/null
cd "$root" || exit 1
mkdir -p usr etc dev proc sys run tmp bw var/lib/dbus var/log var/tmp var/cache var/learner root
chmod 1777 tmp var/tmp
for l in bin sbin lib lib32 lib64 libx32; do
    if [ -L "$tree/$l" ]; then cp -a "$tree/$l" .; fi
done
mount --bind "$tree/usr" usr && mount -o remount,bind,ro usr || fail 'no bind mount' /dev/null
cp -a "$tree/etc/." etc/ 2>/dev/null
cp -r "$top/$B/boxwright" "$top/$B/modules" "$here/inside.sh" bw/ || fail 'no program' /dev/null
chmod -R a+rX bw
chroot . /bw/boxwright --version > "$work/version" 2>&1 ||
    skip "the tree $tree cannot run this build: $(tail -n 1 "$work/version")"

# A user, and nothing of this machine's own services.
rm -f etc/resolv.conf etc/fstab etc/crypttab
: > etc/fstab
sed -i '/^learner:/d' etc/passwd etc/group etc/shadow
echo 'learner:x:1042:1042::/var/learner:/bin/bash' >> etc/passwd
echo 'learner:x:1042:' >> etc/group
echo 'learner:*:19000:0:99999:7:::' >> etc/shadow
chown 1042:1042 var/learner
echo 0123456789abcdef0123456789abcdef > etc/machine-id
rm -rf etc/systemd/system etc/systemd/user
mkdir -p etc/systemd/system/multi-user.target.wants etc/systemd/user/sockets.target.wants
units=etc/systemd/system
ln -s /usr/lib/systemd/system/multi-user.target $units/default.target
ln -s /usr/lib/systemd/user/dbus.socket etc/systemd/user/sockets.target.wants/
# What wants hardware, a network or a journal.
for u in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
    systemd-udev-trigger.service systemd-timesyncd.service getty.target systemd-networkd.service \
    systemd-resolved.service ssh.service systemd-journald.service systemd-journald.socket \
    systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journal-flush.service \
    systemd-modules-load.service kmod-static-nodes.service systemd-random-seed.service \
    systemd-sysctl.service systemd-binfmt.service apt-daily.timer apt-daily-upgrade.timer \
    dpkg-db-backup.timer e2scrub_all.timer fstrim.timer man-db.timer logrotate.timer; do
    ln -sf /dev/null "$units/$u"
done
cat > $units/bw.service << 'END'
[Unit]
After=dbus.service systemd-logind.service
[Service]
Type=oneshot
ExecStart=/bin/bash /bw/inside.sh
StandardOutput=file:/bw/up
StandardError=file:/bw/up
TimeoutStartSec=240
END
ln -s ../bw.service $units/multi-user.target.wants/

cd / || exit 1
timeout -k 5 300 "$here/../uml/kernel.sh" mem=768M rootfstype=hostfs rootflags="$root" rw quiet panic=-1 \
    init=/lib/systemd/systemd systemd.unified_cgroup_hierarchy=1 systemd.show_status=0 \
    uml_dir="$work/uml/" con=null con0=null,fd:1 < /dev/null > "$work/console" 2>&1
if [ -s "$root/bw/result" ]; then
    sed 's/^\(ok  \|FAIL\|SKIP\) /\1 systemd: /' "$root/bw/result"
    ! grep -q '^FAIL' "$root/bw/result"
elif [ -e "$root/bw/up" ]; then
    fail 'ended without a result' "$work/console" "$root/bw/up" "$root"/bw/part
elif grep -q 'systemd\[1\]' "$work/console"; then
    fail 'systemd did not come up' "$work/console"
else
    # It needs ptrace and executable memory, which not every sandbox gives.
    sed '/^Stack:/,$d; s/^/     | /' "$work/console" | tail -n 10
    skip 'User Mode Linux does not start here'
fi
