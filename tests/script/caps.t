# Capabilities and no_new_privs: what programs are given, read from their own status.

case: caps drop takes a name out of the bounding set of what is started next, and of nothing before
needs: root
run:
    run sh -c 'grep CapBnd /proc/self/status >before'
    caps drop net_raw CAP_MKNOD
    run sh -c 'grep -E "Cap(Bnd|Eff)" /proc/self/status >after'
status: 0
stderr~ prctl\(PR_CAPBSET_DROP, CAP_NET_RAW\) = 0
stderr~ CAP_MKNOD +make device nodes .*mknod\(2\)
stderr~ bounding set  .* -> full but .*CAP_MKNOD
check: b=$((0x$(cut -f2 before))); a=$((0x$(sed -n 's/CapBnd:\t//p' after))); [ $((b & ~(1 << 13 | 1 << 27))) = $a ]
check: [ "$(sed -n 's/CapBnd:\t//p' after)" = "$(sed -n 's/CapEff:\t//p' after)" ]

case: what needs a dropped capability is refused in the box
needs: root
run:
    unshare mnt
    caps drop mknod
    run sh -c 'mount -t tmpfs none @T@ && mknod @T@/disk b 8 0'
status: 1
stderr~ Operation not permitted

case: the box builds on with what its programs lack
needs: root
run:
    unshare uts
    caps keep none
    hostname still
    unshare mnt
    mount tmpfs @T@
    run grep CapEff /proc/self/status
status: 0
stdout~ ^CapEff:	0000000000000000$

case: caps keep docker leaves the fourteen that Docker leaves
needs: root
run:
    caps keep docker
    run grep CapEff /proc/self/status
status: 0
stderr~ and [0-9]+ more like it
stdout: CapEff:	00000000a80425fb

case: undo brings dropped capabilities back
needs: root
run:
    caps keep none
    undo
    run sh -c 'grep CapBnd /proc/self/status >after'
status: 0
stderr~ undone: caps keep none
check: [ "$(cat after)" = "$(grep CapBnd /proc/self/status)" ]

case: save writes caps and nonewprivs down, and they are made again from it
needs: root
run:
    caps drop net_raw
    nonewprivs
    save @T@/box.bw
    reset
    source @T@/box.bw
    run grep -E 'NoNewPrivs|CapBnd' /proc/self/status
status: 0
stdout~ ^CapBnd:	[0-9a-f]*[02468acdeb]...$
stdout~ ^NoNewPrivs:	1$
check: grep -qx 'caps drop net_raw' box.bw && grep -qx nonewprivs box.bw

case: a second drop of the same changes nothing and is no step
needs: root
run:
    caps drop net_raw
    caps drop net_raw
    plan
status: 0
stderr~ nothing to drop
stdout~ ^ *1 .*caps drop net_raw
stdout! ^ *2  ?[a-z]

case: a capability that was dropped is not kept back in
needs: root
run:
    caps drop net_raw
    caps keep net_raw chown
status: 0
stderr~ nothing brings them back but undo: CAP_NET_RAW

case: a new user namespace fills the bounding set again, and that is shown
needs: userns
run:
    unshare user
    map root
    caps keep chown
    unshare user
status: 0
stderr~ bounding set  CAP_CHOWN -> full

case: an ordinary user drops in a user namespace of its own
needs: userns user
as: user
run:
    unshare user
    map root
    caps drop net_raw
    run grep CapBnd /proc/self/status
status: 0
stdout~ ^CapBnd:	[0-9a-f]*dfff$

case: an ordinary user drops nothing on the host
as: user
needs: user
run:
    caps drop net_raw
status: 1
stderr~ PR_CAPBSET_DROP, CAP_NET_RAW\) = -1 EPERM
stderr~ lacks CAP_SETPCAP
stderr~ do: +unshare user first

case: ambient capabilities outlive execve for a user that is not root
needs: userns user
as: user
run:
    unshare user
    map current
    run grep CapEff /proc/self/status
    caps ambient chown net_admin
    run grep CapEff /proc/self/status
    caps ambient none
    run grep CapEff /proc/self/status
status: 0
stdout= CapEff:	0000000000000000
stdout= CapEff:	0000000000001001
stdout= CapEff:	0000000000000000

case: what is not in the bounding set cannot become ambient
needs: root
run:
    caps keep chown
    caps ambient net_raw
status: 1
stderr~ inheritable=1<<CAP_NET_RAW\}\) = -1 EPERM
stderr~ never inheritable: CAP_NET_RAW
stderr~ the step was undone

case: an ordinary user has nothing to make ambient
as: user
needs: user
run:
    caps ambient chown
status: 1
stderr~ EPERM
stderr~ never inheritable: CAP_CHOWN

case: caps shows the sets and what a program lacks
needs: root
run:
    caps drop sys_time
    caps
status: 0
stdout~ ^effective +
stdout~ ^bounding +full but .*CAP_SYS_TIME
stdout~ ^a program +full but .*CAP_SYS_TIME
stdout~ CAP_SYS_TIME +set the system clock.*clock_settime\(2\)

case: caps show NAME says what one is for
run:
    caps show sys_module CAP_BPF
status: 0
stdout~ ^  CAP_SYS_MODULE +load and remove kernel modules
stdout~ ^  CAP_BPF +load BPF programs

case: a mistyped capability
run:
    caps drop net_rww
status: 2
stderr~ net_rww is not a capability
stderr~ did you mean CAP_NET_RAW

case: a mistyped verb names the ones there are
run:
    caps net_raw
status: 2
stderr~ caps drop net_raw, caps keep net_raw

case: caps drop without a name
run:
    caps drop
status: 2
stderr~ needs the names

case: nonewprivs is inherited, and set once
run:
    nonewprivs
    nonewprivs
    run grep NoNewPrivs /proc/self/status
    plan
status: 0
stderr~ prctl\(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0\) = 0
stderr~ no_new_privs  0 -> 1
stderr~ set already
stdout~ ^NoNewPrivs:	1$
stdout! ^ *2  ?[a-z]

case: nonewprivs takes nothing
run:
    nonewprivs on
status: 2
stderr~ takes no on

case: inspect --json has the sets
needs: root module:json
run:
    caps keep net_raw
    nonewprivs
    inspect --json
status: 0
stdout~ "capability_sets": \{"permitted": \[.*"bounding": \["CAP_NET_RAW"\], "ambient": \[\]\}, "no_new_privs": true

case: inspect says what programs get, where the box itself has more
needs: root
run:
    inspect
    caps keep net_raw
    inspect
status: 0
stdout~ ^capabilities +full
stdout~ ^capabilities +full
stdout~ ^of programs +CAP_NET_RAW$
stdout~ ^bounding set +CAP_NET_RAW$
