# Filters of system calls: what programs are refused, how that is shown, and by whom.

case: seccomp deny refuses a call and shows it by name as a program meets it
needs: module:seccomp
run:
    seccomp deny mkdir mkdirat
    run sh -c 'mkdir @T@/d; ls -d @T@'
status: 0
stderr~ seccomp\(SECCOMP_SET_MODE_FILTER, [A-Z_|0]+, \{len=[0-9]+, .*tried in a child
stderr~ seccomp of programs  off -> filter, [0-9]+ instructions
stderr~ ^seccomp: mkdir \(process [0-9]+\) was refused mkdir(at)?\(2\): EPERM$
stdout: @T@
check: [ ! -e d ]

case: a program has the filter, the box and what is outside have none
needs: module:seccomp
run:
    run grep Seccomp: /proc/self/status
    seccomp deny mkdir
    run grep Seccomp: /proc/self/status
    host grep Seccomp: /proc/self/status
    seccomp off
    run grep Seccomp: /proc/self/status
status: 0
stdout= Seccomp:	0
stdout= Seccomp:	2
stdout= Seccomp:	0
stdout= Seccomp:	0

case: the box builds on with what its programs are refused
needs: root module:seccomp
run:
    seccomp deny mount unshare sethostname
    unshare uts mnt
    hostname still
    mount tmpfs @T@
    run sh -c 'hostname; mount -t tmpfs x @T@ || exit 1'
status: 1
stdout: still
stderr~ refused mount\(2\): EPERM

case: denied names add up, and seccomp shows them
needs: module:seccomp
run:
    seccomp deny mkdir
    seccomp deny rmdir
    seccomp
    seccomp show mkdir rmdir read
status: 0
stdout~ ^denied +mkdir rmdir$
stdout~ ^mkdir +refused: EPERM$
stdout~ ^rmdir +refused: EPERM$
stdout~ ^read +allowed$

case: seccomp log lets a call through and shows it
needs: module:seccomp
run:
    seccomp log mkdir mkdirat
    run mkdir @T@/d
status: 0
stderr~ ^seccomp: mkdir \(process [0-9]+\) called mkdir(at)?\(2\), which is let through$
check: [ -d d ]

case: Docker's profile refuses new namespaces and mounts, and lets the rest work
needs: root module:seccomp
run:
    unshare mnt
    caps keep docker
    seccomp docker
    run sh -c 'unshare -u true; mount -t tmpfs x @T@; echo made >@T@/f; cat @T@/f | cat'
status: 0
stdout: made
stderr~ refused unshare\(2\): EPERM
stderr~ refused mount\(2\): EPERM

case: conditions on capabilities go by the bounding set
needs: root module:seccomp
run:
    seccomp docker
    seccomp show mount clone3 open_by_handle_at chroot
    caps keep docker
    seccomp docker
    seccomp show mount clone3 open_by_handle_at chroot
status: 0
stdout= mount                 allowed
stdout= clone3                allowed
stdout= open_by_handle_at     allowed
stdout= chroot                allowed
stdout= mount                 refused: EPERM
stdout= clone3                refused: ENOSYS
stdout= open_by_handle_at     refused: EPERM
stdout= chroot                allowed

case: a profile of one's own, in OCI's form
needs: module:seccomp
before: printf '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_AARCH64"],"syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":30},{"names":["rmdir"],"action":"SCMP_ACT_ERRNO","excludes":{"minKernel":"1.0"}},{"names":["chdir"],"action":"SCMP_ACT_ERRNO","includes":{"minKernel":"99.0"}}]}' >p.json
run:
    seccomp @T@/p.json
    seccomp show mkdir rmdir chdir
    run mkdir @T@/d
status: 1
stdout~ ^mkdir +refused: EROFS
stdout~ ^rmdir +allowed
stdout~ ^chdir +allowed
stderr~ refused mkdir(at)?\(2\): EROFS
stderr~ Read-only file system

case: seccomp oci writes it down without conditions, and takes it again
needs: root module:seccomp
shell:
    $BW -c 'caps keep docker; seccomp docker; seccomp oci' >oci.json || exit 1
    $BW -c "seccomp $T/oci.json; seccomp show mount clone3 read" || exit 1
    grep -c '"includes"\|"excludes"\|archMap' oci.json
status: 1
stdout: mount                 refused: EPERM
stdout: clone3                refused: ENOSYS
stdout: read                  allowed
stdout: 0

case: an ordinary user's filter sets no_new_privs, and says so
as: user
needs: user module:seccomp
run:
    seccomp deny mkdir mkdirat
    run grep -E 'NoNewPrivs|Seccomp:' /proc/self/status
    run mkdir @T@/d
status: 1
stderr~ takes a filter only under no_new_privs
stderr~ prctl\(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0\) = 0
stdout= NoNewPrivs:	1
stdout= Seccomp:	2
stderr~ refused mkdir(at)?\(2\): EPERM

case: an ordinary user's root in a user namespace needs none
as: user
needs: user userns module:seccomp
run:
    unshare user
    map root
    seccomp docker
    run grep -E 'NoNewPrivs|Seccomp:' /proc/self/status
status: 0
stdout= NoNewPrivs:	0
stdout= Seccomp:	2

case: a refused execve is told for what it is
needs: module:seccomp
run:
    seccomp deny execve
    run true
status: 126
stderr~ refused execve\(2\): EPERM
stderr~ cause: the filter of system calls that the box's programs get refuses execve
stderr~ do: +seccomp off

case: an execve that a filter answers with 0 is told for what it is
needs: module:seccomp module:json
before: printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["execve"],"action":"SCMP_ACT_ERRNO","errnoRet":0}]}' > zero.json
run:
    seccomp ./zero.json
    run /bin/true
status: 126
stderr~ refused execve\(2\): not done, and told it was
stderr~ ^boxwright: execve\("/bin/true", …\) = 0$
stderr~ cause: the filter of system calls that the box's programs get refuses execve

case: what a program needs to end, or the stage to answer, may be denied all the same
argv: -k
needs: module:seccomp
run:
    seccomp deny exit_group exit sendmsg recvmsg write brk mmap
    run nosuch
    run true
    seccomp off
    run echo still
status: 0
stderr~ execve\("nosuch", …\) = -1 E(NOENT|ACCES)
stdout: still

case: a program that asks without end is a few lines
needs: module:seccomp
run:
    seccomp deny mkdir mkdirat
    run sh -c 'i=0; while [ $i -lt 150 ]; do mkdir @T@/d; i=$((i+1)); done 2>/dev/null; busybox true'
status: 0
stderr~ was refused mkdir

case: one program's refusals are counted
needs: module:seccomp busybox
run:
    seccomp deny kill
    run busybox sh -c 'i=0; while [ $i -lt 120 ]; do kill -0 $$; i=$((i+1)); done 2>/dev/null; echo done'
status: 0
stdout: done
stderr~ refused kill\(2\): EPERM$
stderr~ refused kill\(2\): EPERM, 10 times by now$
stderr~ refused kill\(2\): EPERM, 100 times by now$
check: [ "$(grep -c 'refused kill' "$ERR")" = 3 ]

case: a program goes on when the shell was killed
needs: module:seccomp
shell:
    cat >loop.sh <<'X'
    i=0
    while [ $i -lt 60 ]; do mkdir d 2>>log; echo $i >last; sleep 0.1; i=$((i+1)); done
    X
    "$BW" -c "seccomp deny mkdir mkdirat; spawn sh $T/loop.sh; host sleep 0.5; host sh -c 'kill -9 \$PPID'" >/dev/null 2>&1
    # The janitor ends it with its box: it must not hang in a call meanwhile.
    for i in $(seq 50); do pgrep -f "$T/loop.sh" >/dev/null || break; sleep 0.1; done
    pgrep -f "$T/loop.sh" && exit 1
    echo ended
status: 0
stdout: ended

case: in a PID namespace the process is named as it is outside
needs: root module:seccomp
run:
    unshare pid mnt
    mountproc
    seccomp deny mkdir mkdirat
    spawn sh -c 'sleep 0.3; mkdir @T@/d; sleep 5'
    host sleep 0.8
status: 0
stderr~ ^seccomp: mkdir \(process [0-9]{2,}\) was refused

case: a program's name does not drive the terminal
needs: module:seccomp busybox
before: cp "$(command -v busybox)" "$(printf 'busybox\033[31m')"
run:
    seccomp deny mkdir mkdirat
    run sh -c './busybox?[[]31m mkdir d'
status: 1
stderr~ ^seccomp: busybox.*31m.* was refused mkdir(at)?\(2\)
check: ! grep 'was refused' "$ERR" | grep -q "$(printf '\033')"

case: undo takes the filter away, redo brings it back, save writes it down
needs: module:seccomp
run:
    seccomp deny mkdir
    undo
    run grep Seccomp: /proc/self/status
    redo
    run grep Seccomp: /proc/self/status
    plan
    save @T@/s.bw
status: 0
stdout: Seccomp:	0
stdout: Seccomp:	2
stdout~ 1 +seccomp deny mkdir
check: grep -qx 'seccomp deny mkdir' s.bw

case: a negative value in a profile is not taken for 0
needs: module:seccomp
before: printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]}]}' >p.json
run:
    seccomp @T@/p.json
status: 1
stderr~ a condition on an argument of the profile.s rule for mkdir cannot be understood

case: a name in a profile is a call's, whole
needs: module:seccomp
before: printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir\\u0000x"],"action":"SCMP_ACT_ERRNO"}]}' >p.json
run:
    seccomp @T@/p.json
status: 1
stderr~ names something that is no system call

case: nothing follows a profile, no NUL either
needs: module:seccomp
before: printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]}\0' >p.json
run:
    seccomp @T@/p.json
status: 1
stderr~ the profile is no JSON

case: inspect --json has what programs get
needs: module:seccomp module:json
run:
    seccomp deny mkdir
    inspect --json
status: 0
stdout~ "seccomp": 0, "programs": \{"capabilities": \[.*\], "seccomp": 2, "filter_instructions": [0-9]+

case: a mistyped call
needs: module:seccomp
run:
    seccomp deny mkdri
status: 2
stderr~ mkdri is no system call

case: a mistyped verb
run:
    seccomp dokcer
status: 2
stderr~ seccomp has no dokcer

case: a profile that is not there
run:
    seccomp ./none.json
status: 1
stderr~ open\("./none.json".* ENOENT

case: a profile that is no JSON, one with an action for an agent, one with a hole
argv: -k
needs: module:seccomp
before: echo '{' >a.json; echo '{"defaultAction":"SCMP_ACT_NOTIFY"}' >b.json; echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":9,"value":1,"op":"SCMP_CMP_EQ"}]}]}' >c.json
run:
    seccomp ./a.json
    seccomp ./b.json
    seccomp ./c.json
    seccomp show
status: 0
stderr~ the profile is no JSON
stderr~ SCMP_ACT_NOTIFY is not one that can be used here
stderr~ a condition on an argument of the profile's rule for read
stdout: no filter: programs may make every call

case: a refused filter leaves the one before in force
argv: -k
needs: module:seccomp
run:
    seccomp deny mkdir
    seccomp deny nosuchcall
    seccomp show mkdir
status: 0
stdout~ ^mkdir +refused: EPERM

case: a profile that kills ends the program as the kernel would, and run comes back
needs: module:seccomp
before: printf '{"defaultAction":"SCMP_ACT_KILL"}' >all.json
before: printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["execve"],"action":"SCMP_ACT_KILL_THREAD"}]}' >exec.json
shell:
    for f in all exec; do
        timeout 10 $BW -c "seccomp $T/$f.json; run true"
        echo $?
    done
status: 0
stdout= 159
stdout= 159

case: a program starts under a filter that refuses what comes right before execve
needs: module:seccomp
before: printf '{"defaultAction":"SCMP_ACT_ERRNO"}' >all.json
shell:
    timeout 10 $BW -c 'seccomp deny rt_sigprocmask; run echo started' || exit 1
    timeout 10 $BW -c "seccomp $T/all.json; run true"
    echo $?
status: 0
stdout= started
stdout= 126
stderr~ execve\(.*EPERM

case: a profile of more rules than a filter can have is refused at once, and so is half a file
needs: module:seccomp cmd:python3
before: python3 -c 'import json; print(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": i % 6, "value": i, "op": "SCMP_CMP_EQ"}]} for i in range(8000)]}))' >many.json
before: printf '{"defaultAction":' >half.json
shell:
    timeout 15 $BW -k -c "seccomp $T/half.json; seccomp $T/many.json; seccomp"
status: 0
stdout= no filter: programs may make every call
stderr~ it ends too early, at byte 17$
stderr~ more than 4096 rules

case: what is tried in a child is refused where that child would be process 1
needs: root module:seccomp
argv: -k
run:
    unshare --pid
    seccomp deny mkdir
    rlimit nofile 64
    fork
    seccomp deny mkdir
    rlimit nofile 64
    run sh -c 'echo process $$'
status: 0
stdout~ ^process [2-9]$
stderr~ ^boxwright: this is tried in a child first, and the next child becomes process 1 of the new PID namespace
stderr~ ^  do:    fork, then the same again
stderr! Cannot allocate memory

case: a profile is looked for on the host, whatever root the box has
needs: module:seccomp root
run:
    unshare mnt
    rootfs busybox @T@/bb
    chroot @T@/bb
    seccomp @T@/none.json
status: 1
stderr~ ^boxwright: .*open\("@T@/none.json",.* = -1 ENOENT
stderr~ ^  cause: there is no @T@/none\.json$
stderr~ ^  do:    correct the path$
