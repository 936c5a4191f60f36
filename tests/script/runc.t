# The same profile, the same capabilities, the same calls: what runc's programs are told, and ours.

case: Docker's profile gives the verdict that runc's gives, call by call
needs: root host busybox cmd:runc cmd:jq cmd:gcc module:seccomp
timeout: 120
shell:
    gcc -O1 -static -D_GNU_SOURCE -o probe "$HERE/probe_calls.c" || exit 1
    mkdir -p bundle/rootfs/proc bundle/rootfs/dev bundle/rootfs/sys && cp probe bundle/rootfs/
    caps='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_SETGID",
        "CAP_SETUID","CAP_SETPCAP","CAP_NET_BIND_SERVICE","CAP_NET_RAW","CAP_SYS_CHROOT","CAP_MKNOD",
        "CAP_AUDIT_WRITE","CAP_SETFCAP"]'
    # Docker's conditions, worked out a second time and by other means.
    case $(uname -m) in x86_64) arch=amd64 scmp=SCMP_ARCH_X86_64 ;; *) arch=arm64 scmp=SCMP_ARCH_AARCH64 ;; esac
    jq --argjson caps "$caps" --arg arch $arch --arg scmp $scmp '
        def has($l): . as $c | any($l[]; . == $c);
        (.archMap[] | select(.architecture == $scmp)) as $m
        | {defaultAction, defaultErrnoRet, architectures: ([$m.architecture] + $m.subArchitectures),
           syscalls: [.syscalls[]
            | select(all((.includes.caps // [])[]; has($caps)))
            | select((.includes.arches // [$arch]) | any(. == $arch))
            | select(any((.excludes.caps // [])[]; has($caps)) | not)
            | select(any((.excludes.arches // [])[]; . == $arch) | not)
            | {names, action, errnoRet, args} | del(..|nulls)]}' \
        "$(dirname "$BW")/modules/seccomp-docker.json" >profile.json || exit 1
    cd bundle && runc spec && jq --argjson caps "$caps" --slurpfile p ../profile.json '
        .process.terminal = false | .process.args = ["/probe"] | del(.process.rlimits)
        | .process.noNewPrivileges = false | .root.readonly = false | .linux.seccomp = $p[0]
        | .process.capabilities = {bounding: $caps, effective: $caps, permitted: $caps}' \
        config.json >c && mv c config.json && cd .. || exit 1
    if ! runc --root "$T/state" run --bundle "$T/bundle" "bw-test-$$" >theirs 2>runc.err; then
        sed 's/^/runc: /' runc.err
        exit 1
    fi
    box="unshare pid mnt uts ipc net; chroot $T/bundle/rootfs"
    "$BW" -c "$box; caps keep docker; seccomp docker; run /probe" >ours 2>ours.err || exit 1
    "$BW" -c "$box; caps keep docker; run /probe" >free 2>free.err || exit 1
    diff theirs ours >difference && echo same
    head -n 20 difference
    echo "$(wc -l <ours) calls, $(diff free ours | grep -c '^>') told otherwise than without a filter"
status: 0
stdout: same
stdout~ ^[5-9][0-9][0-9] calls, [0-9]{2,3} told otherwise
check: grep -q 'refused mount(2): EPERM' ours.err && grep -q 'refused keyctl(2): EPERM' ours.err
