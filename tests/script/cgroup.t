# Control groups: cgcreate, cgset, cgget, cgexec, cgclassify, cgdelete, short and as libcgroup's.

case: cgcreate cpu 50% limits the box and moves it in
needs: cgwrite cpu
run:
    cgcreate cpu 50%
    run cat /proc/self/cgroup
    cgget -n -r cpu.max -r cpu.cfs_quota_us -r cpu.cfs_period_us box
status: 0
stdout~ /boxwright-[0-9]+-[0-9]+(-[0-9]+)?/box$
stdout: cpu.max: 50000 100000
stdout: cpu.cfs_quota_us: 50000
stdout: cpu.cfs_period_us: 100000
stderr~ ^  mkdir\(".*/boxwright-[0-9]+-[0-9]+(-[0-9]+)?/box", 0755\) = 0
stderr~ ^  write\([0-9]+<.*/box/cgroup\.procs>, "[0-9]+", [0-9]+\) = [0-9]+
stderr~ ^note: group box is /.*/box
check: [ -z "$(find /sys/fs/cgroup -name "boxwright-$(sed -n 's,.*/boxwright-\([0-9-]*\)/box$,\1,p' "$OUT" | head -n 1)")" ]

case: on v1 usage is counted where cpuacct is
needs: cgwrite cpu v1
run:
    cgcreate cpu 50%
    run grep -c 'cpuacct.*:/.*/box$' /proc/self/cgroup
    cgget -v -n -r cpuacct.usage box
status: 0
stdout: 1
stdout~ ^[0-9]+$

case: on v2 controllers are switched on from above, and off again
needs: cgwrite cpu v2
before: cat /sys/fs/cgroup/cgroup.subtree_control > "$T/was"
run:
    cgcreate cpu 50%
    host cat /sys/fs/cgroup/cgroup.subtree_control
status: 0
stdout~ (^| )cpu( |$)
stderr~ subtree_control>, "\+cpu", 4\) = 4
check: cmp "$T/was" /sys/fs/cgroup/cgroup.subtree_control

case: limits on several controllers add up in one group
needs: cgwrite cpu memory pids
run:
    cgcreate cpu 50%
    cgcreate memory 64M
    cgcreate pids 20
    cgget -n -r cpu.max -r memory.max -r memory.limit_in_bytes -r pids.max box
status: 0
stdout: cpu.max: 50000 100000
stdout: memory.max: 67108864
stdout: memory.limit_in_bytes: 67108864
stdout: pids.max: 20

case: inspect --json has the limits
needs: cgwrite cpu memory pids module:json
run:
    cgcreate cpu 25%
    cgcreate memory 64M
    cgcreate pids 20
    inspect --json
status: 0
stdout~ "quota_us": 25000, "period_us": 100000, .*"memory": \{"limit": 67108864, .*"pids": \{"limit": 20, "current": 1\}

case: cpuset holds the box on one CPU
needs: cgwrite cpuset
run:
    cgcreate cpuset 0
    run nproc
status: 0
stdout= 1

case: a program already running is moved with the box
needs: cgwrite pids
run:
    spawn sleep 31
    cgcreate pids 20
    cgget -v -n -r pids.current box
status: 0
stdout= 2

case: the memory limit holds
needs: cgwrite memory
run:
    cgcreate memory 32M
    burn memory 64M 30s
status: 137
stderr! touched 64

case: the pids limit holds
needs: cgwrite pids
run:
    cgcreate pids 10
    burn fork 30 2s
status: 1
stdout~ EAGAIN

case: at the pids limit a program is refused, and the box goes on
needs: cgwrite pids
argv: -k
run:
    unshare pid
    cgcreate pids 2
    spawn sleep 31
    spawn sleep 32
    cgcreate pids 3
    run echo again
status: 0
stdout: again
stderr~ clone3?\(.*EAGAIN
stderr~ cause: pids.max of control group .* is 2 and pids.current is 2

case: max lifts a limit
needs: cgwrite cpu memory
run:
    cgcreate cpu 50%
    cgcreate memory 64M
    cgset cpu max
    cgset memory max
    cgget -v -n -r cpu.max -r memory.max box
status: 0
stdout= max 100000
stdout= max

case: cgset changes the box's limit
needs: cgwrite cpu
run:
    cgcreate cpu 50%
    cgset cpu 1.5%
    cgget -v -n -r cpu.max box
status: 0
stdout= 1500 100000

case: limits that are none are usage errors before any call
needs: cgwrite cpu
shell:
    for limit in -5% 0% 0 99999999999999999999G abc 1.23456 5e1% ''; do
        "$BW" -c "cgcreate cpu '$limit'"; echo "$limit $?"
    done
    for limit in 99999999999999999999G 0 -1 64Q; do
        "$BW" -c "cgcreate memory $limit"; echo "$limit $?"
    done
    for line in 'pids 0' 'pids 1.5' 'cpuset 1-0' 'io 8:0' 'disk 1' 'cpu' 'cpu 50% 60%' '' '-g' \
        '-g cpu' '-g cpu:' '-g disk:x' '-g cpu:../x' '-g cpu:a/b' '-t a:b -g cpu:x'; do
        "$BW" -c "cgcreate $line"; echo "$line $?"
    done
status: 0
stdout! [^2]$
stderr! mkdir
stderr~ is no CPU limit
stderr~ is no memory limit
stderr~ is no name for a group

case: a limit the kernel refuses has its errno, and nothing stays
needs: cgwrite cpu
run:
    cgcreate cpu 0.5%
status: 1
stderr~ EINVAL
stderr~ cause: the kernel takes a quota of 1000 us
stderr~ do:

case: a refused limit leaves the one before
needs: cgwrite cpu
run:
    cgcreate cpu 50%
    cgset cpu 0.5%
    cgget -v -n -r cpu.max box
argv: -k
status: 0
stdout= 50000 100000
stderr~ EINVAL

case: a memory limit is rounded to pages, and that is said
needs: cgwrite memory
run:
    cgcreate memory 5000000
    cgget -v -n -r memory.max box
status: 0
stdout= 4997120
stderr~ the kernel keeps 4997120

case: libcgroup's spelling, as the article has it
needs: cgwrite cpu
run:
    cgcreate -g cpu:container_group
    cgset -r cpu.cfs_quota_us=50000 container_group
    cgget -r cpu.cfs_quota_us container_group
    cgexec -g cpu:container_group sh -c 'grep container_group /proc/self/cgroup; exit 7'
status: 7
stdout: container_group:
stdout: cpu.cfs_quota_us: 50000
stdout~ /container_group$

case: a v1 file on v2 becomes the v2 file, and that is said
needs: cgwrite cpu v2
run:
    cgcreate -g cpu:web
    cgset -r cpu.cfs_quota_us=50000 web
status: 0
stderr~ write\(.*/web/cpu\.max>, "50000", 5\) = 5
stderr~ ^note: cpu\.cfs_quota_us is a v1 file: on v2 it is the first word of cpu\.max

case: a v2 file on v1 becomes the v1 files, and that is said
needs: cgwrite cpu v1
run:
    cgcreate -g cpu:web
    cgset -r 'cpu.max=30000 60000' web
status: 0
stderr~ write\(.*/web/cpu\.cfs_period_us>, "60000", 5\) = 5
stderr~ write\(.*/web/cpu\.cfs_quota_us>, "30000", 5\) = 5
stderr~ ^note: cpu\.max is a v2 file

case: several files are set wholly or not at all
needs: cgwrite cpu
run:
    cgcreate -g cpu:web
    cgset -r cpu.cfs_quota_us=20000 -r cpu.nothing=1 web
    cgget -v -n -r cpu.max web
argv: -k
status: 0
stdout= max 100000
stderr~ ENOENT

case: cgset does not move processes
needs: cgwrite cpu
run:
    cgcreate -g cpu:web
    cgset -r cgroup.procs=1 web
status: 2
stderr~ cgroup\.procs moves processes
stderr~ cgclassify

case: cgset without a group, and of one that is not there
needs: cgwrite cpu
shell:
    "$BW" -c 'cgset -r cpu.max=1'; echo $?
    "$BW" -c 'cgset -r cpu.max web'; echo $?
    "$BW" -c 'cgset -r cpu.max=max web'; echo $?
    "$BW" -c 'cgcreate -g cpu:web; cgset -r memory.max=1M web'; echo $?
    "$BW" -c 'cgset cpu 50%'; echo $?
status: 0
stdout= 2
stdout= 2
stdout= 1
stdout= 1
stdout= 1
stderr~ this session has no group "web"
stderr~ cgcreate -g cpu:web makes it
stderr~ group "web" has no memory controller

case: cgget lists a controller's files
needs: cgwrite pids
run:
    cgcreate -g pids:web
    cgget -g pids web
    cgget -n -g pids:web
    cgget -a -n web
status: 0
stdout: web:
stdout: pids.max: max
stdout: pids.max: max
stdout: pids.max: max

case: cgget of what is not there
needs: cgwrite pids
shell:
    "$BW" -c 'cgget'; echo $?
    "$BW" -c 'cgget -r pids.max'; echo $?
    "$BW" -c 'cgget -r pids.max web'; echo $?
    "$BW" -c 'cgcreate -g pids:web; cgget -r pids.nothing web'; echo $?
    "$BW" -c 'cgcreate -g pids:web; cgget -r ../cgroup.procs web'; echo $?
status: 0
stdout= 2
stdout= 2
stdout= 1
stdout= 1
stdout= 2
stderr~ needs -r FILE or -g CONTROLLER

case: cgexec of a program that is not there, without one, and without a group
needs: cgwrite pids
shell:
    "$BW" -c 'cgcreate -g pids:web; cgexec -g pids:web no-such-program'; echo $?
    "$BW" -c 'cgcreate -g pids:web; cgexec -g pids:web'; echo $?
    "$BW" -c 'cgexec true'; echo $?
    "$BW" -c 'cgexec -g pids:web true'; echo $?
status: 0
stdout= 127
stdout= 2
stdout= 2
stdout= 1
stderr~ cgexec needs a program

case: cgclassify moves a program of the box
needs: cgwrite pids
shell:
    time=32.$$
    { printf '%s\n' 'cgcreate -g pids:web' "spawn sleep $time"
      for i in 1 2 3 4 5 6 7 8 9 10; do pid=$(pgrep -x -f "sleep $time") && break; sleep 0.3; done
      printf '%s\n' "cgclassify -g pids:web $pid" 'cgget -v -n -r pids.current web'; } | "$BW"
status: 0
stdout= 1

case: cgclassify refuses what is not of the box
needs: cgwrite pids
run:
    cgcreate -g pids:web
    cgclassify -g pids:web 1
status: 1
stderr~ process 1 \(.*\) is not of the box
check: ! grep -q boxwright- /proc/1/cgroup

case: cgclassify of what is no PID
needs: cgwrite pids
shell:
    "$BW" -c 'cgcreate -g pids:web; cgclassify -g pids:web x'; echo $?
    "$BW" -c 'cgcreate -g pids:web; cgclassify -g pids:web 0'; echo $?
    "$BW" -c 'cgcreate -g pids:web; cgclassify -g pids:web'; echo $?
    "$BW" -c 'cgclassify -g pids:web 1'; echo $?
status: 0
stdout= 2
stdout= 2
stdout= 2
stdout= 1
stderr~ "x" is no PID

case: cgdelete moves the box back
needs: cgwrite pids memory
run:
    cgcreate pids 20
    cgcreate memory 64M
    cgdelete pids
    cgget -r memory.max -n box
    cgdelete box
    run grep -c boxwright- /proc/self/cgroup
status: 1
stdout= memory.max: 67108864
stdout= 0
stderr~ rmdir\(".*/box"\) = 0

case: cgdelete of a named group, and of none
needs: cgwrite pids
shell:
    "$BW" -c 'cgcreate -g pids:web; cgdelete -g pids:web; cgget -r pids.max web'; echo $?
    "$BW" -c 'cgcreate -g pids:web; cgdelete web; cgdelete web'; echo $?
    "$BW" -c 'cgdelete'; echo $?
    "$BW" -c 'cgdelete -x web'; echo $?
status: 0
stdout= 1
stdout= 1
stdout= 2
stdout= 2
stderr~ this session has no group "web"

case: undo takes a limit back, redo brings it again
needs: cgwrite pids cpu
run:
    cgcreate cpu 50%
    cgcreate pids 20
    undo
    cgget -v -n -r cpu.max box
    redo
    cgget -v -n -r pids.max box
status: 0
stdout= 50000 100000
stdout= 20

case: two sessions never meet
needs: cgwrite pids
shell:
    "$BW" -c 'cgcreate -g pids:web; cgset -r pids.max=11 web; host sleep 2; cgget -v -n -r pids.max web' > a 2>/dev/null &
    sleep 1
    "$BW" -c 'cgcreate -g pids:web; cgset -r pids.max=22 web; cgget -v -n -r pids.max web' > b 2>/dev/null
    wait; cat a b
status: 0
stdout= 11
stdout= 22

case: an ordinary user is told how
needs: user cgwrite cpu
as: user
run:
    cgcreate cpu 50%
status: 1
stderr~ EACCES
stderr~ cause:
stderr~ do: .*sudo boxwright

case: a killed shell leaves nothing behind
needs: cgwrite pids
shell:
    time=33.$$
    "$BW" -c "cgcreate pids 20; spawn sleep $time; run sleep $time" > log 2>&1 &
    for i in 1 2 3 4 5 6 7 8 9 10; do grep -q 'started' log && break; sleep 0.3; done
    dir=$(sed -n 's/^note: group box is \(.*\)\/box$/\1/p' log)
    [ -d "$dir" ] && echo there
    kill -9 $!
    for i in 1 2 3 4 5 6 7 8 9 10; do [ -d "$dir" ] || break; sleep 0.3; done
    [ -d "$dir" ] || echo gone
    for i in 1 2 3 4 5 6 7 8 9 10; do pgrep -x -f "sleep $time" > pids || break; sleep 0.3; done
    [ -s pids ] || echo none
status: 0
stdout= there
stdout= gone
stdout= none

case: cleanup in a PID namespace leaves the empty group of a session outside of it alone
needs: root cgwrite pids
shell:
    mkfifo go back
    cat > in.bw << "X"
    cgcreate -g pids:empty
    cgset -r pids.max=7 empty
    host sh -c "echo > go; read x < back"
    cgget -n -r pids.max empty
    X
    "$BW" in.bw &
    read -t 20 <> go
    unshare --pid --fork --mount-proc "$BW" cleanup
    echo > back
    wait $!
    echo "status $?"
status: 0
stdout! ^removed
stdout~ 7$
stdout: status 0

case: cleanup outside of a PID namespace removes what a session killed in it left, and inside only its own
needs: root cgwrite pids initpid
shell:
    cat > in.bw << "X"
    cgcreate -g pids:inner
    host sh -c 'pkill -9 -x bw-janitor; kill -9 $PPID'
    X
    unshare --pid --fork --mount-proc bash -c '"$BW" in.bw; echo in; "$BW" cleanup'
    unshare --pid --fork --mount-proc bash -c '"$BW" in.bw; echo another; unshare --pid --fork --mount-proc "$BW" cleanup'
    echo out
    "$BW" cleanup
status: 0
stdout: in
stdout~ ^removed .*/boxwright-[0-9]+-[0-9]+-[0-9]+: its shell, process [0-9]+, is gone$
stdout: another
stdout: nothing was left behind
stdout: out
stdout~ ^removed .*/boxwright-[0-9]+-[0-9]+-[0-9]+: its shell, process [0-9]+, is gone$
