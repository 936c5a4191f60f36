# inspect, diff, trace, lsns: what the kernel says, shown and written.

case: inspect shows a fresh box, which shares all with the host
run:
    inspect
status: 0
stdout~ ^pid +[0-9]+ outside, [0-9]+ inside$
stdout: root          /
stdout~ ^hostname +[^ ]
stdout~ ^namespace +in the box  on the host$
stdout~ ^pid +([0-9]+)  \1 +shared$
stdout~ ^mnt +([0-9]+)  \1 +shared$
stdout~ ^uts +([0-9]+)  \1 +shared$
stdout~ ^ipc +([0-9]+)  \1 +shared$
stdout~ ^net +([0-9]+)  \1 +shared$
stdout~ ^user +([0-9]+)  \1 +shared$
stdout~ ^uid_map +0 inside is 0 outside
stdout~ ^cgroup
stdout~ ^capabilities
stdout~ ^mounts +[0-9]+, on the host [0-9]+$
stdout~ bw-stage$
stdout! own$
stderr=

case: inspect tells own from shared, and the inodes are those of /proc
needs: root
run:
    unshare uts net
    hostname box1
    inspect
    host readlink /proc/self/ns/uts
status: 0
stdout: hostname      box1
stdout~ ^uts +[0-9]+  [0-9]+ +own$
stdout~ ^ipc +([0-9]+)  \1 +shared$
stdout~ ^net +[0-9]+  [0-9]+ +own$
stdout~ ^uts:\[[0-9]+\]$
check: [ "$(awk '$1 == "uts" { print $3 }' "$OUT")" = "$(grep -o 'uts:\[[0-9]*' "$OUT" | tail -n 1 | grep -o '[0-9]*')" ]

case: inspect shows a PID namespace that waits for its first process
needs: root
run:
    unshare --pid
    inspect
    fork
    inspect
status: 0
stdout~ ^pid +([0-9]+)  \1 +shared  its children: a new one, without a process yet$
stdout~ ^pid +[0-9]+ outside, 1 inside$
stdout~ ^pid +[0-9]+  [0-9]+ +own$
stderr~ ^  pid_for_children  [0-9]+ -> a new one
stderr~ ^  nspid +[0-9]+ -> 1$

case: inspect --json has the article's namespaces own, and nspid 1
needs: userns module:json
run:
    unshare --fork --pid --mount-proc --uts --ipc --net --map-root-user
    inspect --json
status: 0
stdout~ ^\{"boxwright": "[0-9.]+", "pid": [0-9]+, "nspid": 1, "root": "/", "hostname":
check: for n in pid mnt uts ipc net user; do grep -qE "\"$n\": \{\"inode\": [0-9]+, \"host\": [0-9]+, \"own\": true" "$OUT" || exit 1; done
check: grep -q '"cgroup": {"inode": [0-9]*, "host": [0-9]*, "own": false}' "$OUT"
check: grep -qE '"uid_map": \[\[0, [0-9]+, 1\]\], "gid_map": \[\[0, [0-9]+, 1\]\]' "$OUT"
check: grep -qE '"processes": \[\{"pid": [0-9]+, "nspid": 1, "comm": "bw-stage"\}\]' "$OUT"
check: [ "$(wc -l < "$OUT")" = 1 ]

case: inspect --json has the keys of the design, in its order
needs: module:json
argv: inspect --json
status: 0
stdout~ ^\{"boxwright": .*"pid": .*"nspid": .*"root": .*"hostname": .*"namespaces": \{"pid": .*"mnt": .*"uts": .*"ipc": .*"net": .*"user": .*"cgroup": .*"time": .*"uid_map": .*"gid_map": .*"cgroups": \{"version": .*"path": .*"cpu": \{"quota_us": .*"period_us": .*"usage_us": .*"nr_periods": .*"nr_throttled": .*"throttled_us": .*"memory": \{"limit": .*"current": .*"peak": .*"oom_kill": .*"pids": \{"limit": .*"current": .*"io": \{"rbytes": .*"wbytes": .*"mounts": \[.*"processes": \[.*"capabilities": \[.*"no_new_privs": (true|false), "seccomp": [012][,}]
stderr=

case: inspect --json is JSON
needs: module:json cmd:python3
shell:
    "$BW" inspect --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(all(k in d for k in "boxwright pid nspid root hostname namespaces uid_map gid_map cgroups mounts processes capabilities no_new_privs seccomp".split()), d["namespaces"]["pid"]["own"])'
status: 0
stdout: True False

case: inspect of another process, from the command line and in a session
shell:
    sleep 20 & p=$!
    "$BW" inspect $p | grep -c "^pid  *$p outside, "
    "$BW" -c "inspect $p" | grep -c "^pid  *$p outside, "
    kill $p
status: 0
stdout= 1
stdout= 1

case: inspect and diff of a container that something else made
needs: root
shell:
    unshare --uts --net sh -c 'hostname other; exec sleep 20' & p=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do grep -q sleep /proc/$p/comm && break; sleep 0.1; done
    "$BW" inspect $p
    "$BW" diff $$ $p
    kill $p
status: 0
stdout: hostname      other
stdout~ ^uts +[0-9]+  [0-9]+ +own$
stdout~ ^uts +[0-9]+ +[0-9]+ +differs$
stdout~ ^ipc +([0-9]+) +\1 +same$
stdout~ ^hostname .* other +differs$
stdout: 2 of 8 namespaces differ

case: a host name cannot drive the terminal
needs: root
shell:
    unshare --uts sh -c 'printf "\033]0;x\a" > /proc/sys/kernel/hostname; exec sleep 20' & p=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do grep -q sleep /proc/$p/comm && break; sleep 0.1; done
    "$BW" inspect $p
    kill $p
status: 0
stdout: hostname      \x1b]0;x\x07

case: inspect of no process
argv: inspect 4194305
status: 1
stdout=
stderr~ ^boxwright: stat\("/proc/4194305/status"\) = -1 ENOENT
stderr:   cause: there is no process 4194305
stderr~ ^ +do:

case: inspect of what is no number
argv: inspect sshd
status: 2
stdout=
stderr: boxwright: inspect takes a process ID, and "sshd" is not one

case: inspect of a number no process can have
argv: inspect 99999999999999999999
status: 2
stderr~ takes a process ID

case: inspect has no such option
argv: inspect --yaml
status: 2
stderr: boxwright: inspect has no option --yaml

case: inspect looks at one process
argv: inspect 1 2
status: 2
stderr~ looks at one process

case: an ordinary user looks at a process of root's
needs: user host
as: user
argv: inspect 1
status: 1
stdout=
stderr~ ^boxwright: stat\("/proc/1/ns/pid"\) = -1 EACCES
stderr~ cause: process 1 is another user's
stderr~ do: .*sudo boxwright inspect 1

case: inspect of a process that has ended
shell:
    sh -c 'sleep 0 & echo $!; exec sleep 20' > "$T/pid" & p=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; grep -qs '^State:.Z' "/proc/$(cat "$T/pid")/status" && break; done
    "$BW" inspect "$(cat "$T/pid")"
    status=$?
    kill $p
    exit $status
status: 1
stderr~ has ended and only waits to be reaped

case: diff before any step
run:
    diff
status: 0
stdout=
stderr: no step was made yet: nothing was changed

case: diff shows what the last step changed
needs: root
run:
    unshare uts
    hostname box1
    diff
status: 0
stdout: 2  hostname box1
stdout~ ^   hostname  .* -> box1$
stdout! own

case: diff shows mounts that came and went
needs: root
run:
    unshare mnt
    mount -t tmpfs none @T@
    diff
    umount @T@
    diff
status: 0
stdout: 2  mount -t tmpfs none @T@
stdout:    mount + @T@ (tmpfs)
stdout: 3  umount @T@
stdout:    mount - @T@ (tmpfs)

case: diff of one process stands beside the box
needs: userns
run:
    unshare user
    diff 4194305
status: 1
stderr:   cause: there is no process 4194305

case: diff compares the box with the process named
needs: userns
shell:
    "$BW" -c "unshare user; diff $$"
status: 0
stdout~ \(the box\) +[0-9]+ \(
stdout~ ^user +[0-9]+ +[0-9]+ +differs$
stdout~ ^uid_map +none +.*differs$
stdout: 1 of 8 namespaces differ

case: diff of too many
argv: diff 1 2 3
status: 2
stderr: boxwright: diff compares two processes, and 3 are named

case: diff of a word
argv: diff one
status: 2
stderr~ takes a process ID

case: trace shows the calls of the last step, of one, of all
needs: root
run:
    unshare uts
    hostname box1
    trace
    trace 1
    trace all
status: 0
stdout= 2  hostname box1
stdout=    sethostname("box1", 4) = 0
stdout= 1  unshare uts
stdout=    unshare(CLONE_NEWUTS) = 0
stdout= 1  unshare uts
stdout=    unshare(CLONE_NEWUTS) = 0
stdout= 2  hostname box1
stdout=    sethostname("box1", 4) = 0

case: trace shows what was made outside, and calls that are not shown with the step
needs: userns
run:
    unshare user
    map root
    trace
status: 0
stdout: 2  map root
stdout~ ^   openat\(.*/uid_map", O_WRONLY\|O_CLOEXEC\) = [0-9]+ +# outside$
stdout~ ^   write\(.*/uid_map>, "0 [0-9]+ 1", [0-9]+\) = [0-9]+ +# outside
stderr! openat

case: trace before any step
run:
    trace
status: 0
stdout=
stderr: no step was made yet: nothing was changed

case: trace of a step that was not made
needs: userns
run:
    unshare user
    trace 2
status: 1
stderr: boxwright: there is no step 2: 1 step was made

case: trace of a word
run:
    trace first
status: 2
stderr: boxwright: trace takes the number of a step, or all

case: a failed command leaves trace as it was
needs: root
run:
    unshare uts
    chroot /nonexistent
    trace
argv: -k
status: 0
stdout= 1  unshare uts
stdout=    unshare(CLONE_NEWUTS) = 0

case: lsns lists the box's and the host's namespaces
needs: root
run:
    unshare pid uts
    lsns
status: 0
stdout~ ^NS +TYPE +OWNER +NPROCS +PID +COMMAND$
stdout~ ^[0-9]+ +pid +host +[0-9]+ +[0-9]+
stdout~ ^[0-9]+ +pid +own +1 +[0-9]+ +bw-stage$
stdout~ ^[0-9]+ +mnt +shared
stdout~ ^[0-9]+ +uts +host
stdout~ ^[0-9]+ +uts +own +1 +[0-9]+ +bw-stage$
stdout! other

case: lsns all has those of others too
needs: root
shell:
    unshare --uts sleep 20 & p=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do grep -q sleep /proc/$p/comm && break; sleep 0.1; done
    "$BW" -c 'lsns all' | grep -c " uts  *other  *1  *$p  *sleep 20\$"
    "$BW" -c lsns | grep -c " $p "
    kill $p
status: 0
stdout= 1
stdout= 0

case: lsns of something else
run:
    lsns pid
status: 2
stderr: boxwright: lsns takes nothing, or all
