# Namespaces: unshare in both spellings, fork, map, hostname, enter.

case: unshare pid forks, and the stage is PID 1
needs: root
run:
    unshare pid
    inspect --json
status: 0
stdout~ "nspid": ?1,
stderr~ ^  unshare\(CLONE_NEWPID\) = 0$
stderr~ ^  clone3\(.*CLONE_PARENT
stderr~ pid +[0-9]+ -> [0-9]+ +own

case: several namespaces in one call
needs: root
run:
    unshare uts ipc net cgroup
    inspect --json
status: 0
stderr~ ^  unshare\(CLONE_NEWCGROUP\|CLONE_NEWUTS\|CLONE_NEWIPC\|CLONE_NEWNET\) = 0$
stdout~ "pid": ?\{[^}]*"own": ?false.*"uts": ?\{[^}]*"own": ?true

case: unshare mnt makes propagation private
needs: root
run:
    unshare mnt
    run sh -c 'grep -c shared: /proc/self/mountinfo; true'
status: 0
stdout= 0
stderr~ ^  mount\("none", "/", NULL, MS_REC\|MS_PRIVATE, NULL\) = 0$

case: the article's unshare line with a program runs it as PID 1
needs: root
run:
    unshare --fork --pid --mount-proc --uts --ipc --net --map-root-user chroot @ROOT@ /bin/sh -c 'echo I am $$'
    inspect --json
status: 0
stdout: I am 1
stdout~ "pid": ?\{[^}]*"own": ?false

case: --pid without --fork makes the next program PID 1, and then nothing can fork
needs: root
run:
    unshare --pid
    run sh -c 'echo first $$'
    run true
status: 1
stdout= first 1
stderr~ ENOMEM
stderr~ PID 1

case: a time namespace with an offset
needs: root timens
run:
    unshare time --boottime 864000
    run sh -c 'read up rest < /proc/uptime; [ "${up%.*}" -ge 864000 ] && echo ten days'
status: 0
stdout= ten days
stderr~ timens_offsets

case: an ordinary user needs a user namespace first, and is told so
as: user
run:
    unshare pid
status: 1
stderr~ ^boxwright: unshare\(CLONE_NEWPID\) = -1 EPERM
stderr~ unshare user

case: an ordinary user walks the namespaces
as: user
needs: userns
run:
    unshare user
    map root
    unshare pid uts mnt
    hostname inner
    mountproc
    run sh -c 'echo $(id -u) $(hostname)'
status: 0
stdout= 0 inner

case: an ordinary user may not map the host's root
as: user
needs: userns
run:
    unshare user
    map uid 0 0 1
status: 1
stderr~ root

case: a map is written once
needs: root
run:
    unshare user
    map root
    map root
status: 1
stderr~ EPERM

case: map without a user namespace of its own is refused
needs: root
run:
    map root
status: 1
stderr~ unshare user

case: map of a range, and the box becomes its root
needs: root
run:
    unshare user
    map uid 0 100000 65536
    map gid 0:100000:65536
    run id -u
status: 0
stdout= 0
stderr~ setresuid\(0, 0, 0\) = 0

case: a map with an absurd count
needs: root
run:
    unshare user
    map uid 0 1 99999999999
status: 2
stderr~ 99999999999

case: hostname stays in the box
needs: root
run:
    unshare uts
    hostname inner
    hostname
    host hostname
status: 0
stdout: inner
stderr~ ^  sethostname\("inner", 5\) = 0$
check: [ "$(hostname)" != inner ]

case: hostname would rename the host without a UTS namespace
run:
    hostname evil
status: 1
stderr~ unshare uts
check: [ "$(hostname)" != evil ]

case: a hostname of 65 bytes is the kernel's to refuse
needs: root
run:
    unshare uts
    hostname aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
status: 1
stderr~ EINVAL
stderr~ 64

case: unknown kind of namespace
run:
    unshare pidd
status: 2
stderr~ pidd
stderr~ pid mnt uts

case: unknown option
run:
    unshare --nonsense
status: 2
stderr~ --nonsense

case: clock offsets without a time namespace
run:
    unshare --pid --boottime 5
status: 2
stderr~ time namespace

case: enter joins the namespaces of another process
needs: root cmd:unshare
shell:
    unshare --uts sh -c 'hostname other; exec sleep 20' &
    p=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(readlink /proc/$p/ns/uts)" != "$(readlink /proc/self/ns/uts)" ] && break; sleep 0.1; done
    sleep 0.3
    "$BW" -c "enter $p; run hostname"
    s=$?
    kill $p
    exit $s
status: 0
stdout: other
stderr~ ^  setns\([0-9]+, CLONE_NEWUTS\) = 0

case: enter of a process that is not there
needs: root
run:
    enter 1073741823
status: 1
stderr~ 1073741823

case: enter needs a number
run:
    enter nobody
status: 2
stderr~ nobody

case: fork alone makes a successor
needs: root
run:
    unshare --pid
    fork
    inspect --json
status: 0
stdout~ "nspid": ?1,
stderr~ clone3\(

case: fork takes no arguments
run:
    fork twice
status: 2
stderr~ twice

case: enter of a process that is not there
run:
    enter 4194304
status: 1
stderr~ open\("/proc/4194304/ns/user".* = -1 ENOENT
stderr:   cause: there is no process 4194304: it has ended, or never was
