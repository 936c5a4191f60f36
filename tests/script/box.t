# Several boxes in one session: box new, box NAME, box list, box share, box rm.

case: box new makes an empty box beside the first, and goes to it
needs: root
run:
    unshare uts
    hostname one
    box new web
    run sh -c 'test "$(hostname)" != one'
    unshare uts
    hostname two
    run hostname
    box box
    run hostname
status: 0
stdout= two
stdout= one
stderr~ ^  now in box web$
stderr~ ^  next: unshare uts net: nothing is its own yet; box box goes back$
stderr~ ^  box box: own: uts$

case: box list names processes, what is own, and who is in which inode
needs: root
run:
    unshare uts net
    box new web --share net box
    box new idle
    box list
status: 0
stdout~ ^  box    *[0-9]+ +own: uts  net [0-9]{10} with web$
stdout~ ^  web    *[0-9]+ +own: none  net [0-9]{10} with box$
stdout~ ^\* idle +- +no process yet$
stderr~ ^  setns\([0-9]+, CLONE_NEWNET\) = 0  # namespace net of process [0-9]+$
stderr~ ^  net +[0-9]+ -> [0-9]+  own$

case: a shared network is one network: a port taken in one box is taken in the other
needs: root cmd:python3
run:
    unshare net
    box new web --net box
    spawn python3 -c 'import socket,time; s=socket.socket(socket.AF_UNIX); s.bind("\0bw-shared"); s.listen(); time.sleep(20)'
    box box
    run python3 -c 'import socket,time; time.sleep(0.5); s=socket.socket(socket.AF_UNIX); s.connect("\0bw-shared"); print("reached")'
status: 0
stdout: reached

# Its process 1 ends when the shell has reaped the other box's, too: the end waited ten seconds for that.
case: sharing pid makes the box a member of that PID namespace
needs: root
timeout: 8
run:
    unshare pid mnt
    mountproc
    box new web --share pid,mnt box
    run sh -c 'test $$ -gt 1 && grep -c . /proc/1/comm'
    run readlink /proc/1/ns/pid /proc/self/ns/pid
status: 0
stdout: 1
stderr~ ^  setns\([0-9]+, CLONE_NEWPID\) = 0
stderr~ ^  clone3\(

case: an ordinary user's box shares the user namespace too, and says so
as: user
needs: userns
run:
    unshare user net
    map root
    box new web --net box
    run id -u
    box list
status: 0
stdout: 0
stdout~ ^\* web +[0-9]+ +own: none  net [0-9]+ with box  user [0-9]+ with box$
stderr~ ^note: the user namespace is shared too
stderr~ ^  setns\([0-9]+, CLONE_NEWUSER\) = 0
stderr~ ^  setns\([0-9]+, CLONE_NEWNET\) = 0

case: each box has a journal of its own
needs: root
run:
    unshare uts
    box new web
    unshare ipc
    plan
    undo
    box box
    plan
    undo
    plan
status: 0
stdout~ ^  1  unshare ipc    # unshare --ipc$
stdout~ ^  1  unshare uts    # unshare --uts$
stdout~ ^  -  unshare uts    # undone: redo$

case: undo of the owner is refused while another box is in its namespaces
needs: root
run:
    unshare net
    box new web --net box
    box box
    undo
status: 1
stderr~ ^boxwright: box web is in namespaces of box box, or on its network: undo would take them down
stderr~ ^  do:    box rm web first

case: reset of the owner is refused too, and box rm
needs: root
argv: -k
run:
    unshare net
    box new web --net box
    box rm box
    box box
    reset
    box rm web
    undo
status: 0
stderr~ box rm would take them down
stderr~ reset would take them down
stderr~ ^  box web is removed$
stderr~ ^  undone: unshare net$

case: a box that is built anew takes along those in its namespaces
needs: root cmd:busybox
run:
    unshare net mnt
    box new web --net box
    box box
    mount -t tmpfs tmpfs /tmp
    pivot /tmp/nothing
    box list
argv: -k
status: 0
stdout~ ^\* box +[0-9]+ +own: mnt  net [0-9]+ with web$
stdout~ ^  web +[0-9]+ +own: none  net [0-9]+ with box$

case: sharing both ways is refused
needs: root
run:
    unshare net
    box new web --net box
    unshare uts
    box box
    box share uts web
status: 1
stderr~ were it so both ways, neither could be built anew
stderr~ ^  do:    do it the other way round, in box web$

case: what the other box has not of its own cannot be shared
needs: root
run:
    unshare uts
    box new web --net box
status: 1
stderr~ ^boxwright: box box has no net namespace of its own to share: it is in the host's$
stderr~ ^  do:    box box; unshare net; box web$

case: a box whose sharing failed is not left behind
needs: root
argv: -k
run:
    unshare uts
    box new web --net box
    box list
status: 0
stdout~ ^\* box +[0-9]+ +own: uts$
stdout! web

case: save writes the steps of all boxes, and the script makes them again
needs: root
shell:
    "$BW" -c "unshare uts net; hostname a; box new web --share net box; unshare uts; hostname b; box box; unshare ipc; box new empty; box web; save $T/saved.bw" || exit
    cat "$T/saved.bw"
    "$BW" "$T/saved.bw" || exit
    { echo 'box list'; } | cat "$T/saved.bw" - > "$T/again.bw"
    "$BW" "$T/again.bw" 2>/dev/null
status: 0
stdout: #!/usr/bin/env boxwright
stdout: unshare uts net
stdout: hostname a
stdout: box new web
stdout: box share net box
stdout: unshare uts
stdout: hostname b
stdout: box box
stdout: unshare ipc
stdout: box new empty
stdout: box web
stdout~ ^  box +[0-9]+ +own: uts ipc  net [0-9]+ with web$
stdout~ ^\* web +[0-9]+ +own: uts  net [0-9]+ with box$
stdout~ ^  empty +- +no process yet$

case: a saved script removes the first box when the session had none of that name
run:
    box new web
    box rm box
    save @T@/saved.bw
    host cat @T@/saved.bw
status: 0
stdout= #!/usr/bin/env boxwright
stdout= box new web
stdout= box rm box

case: box rm ends the box's programs and leaves another's alone
needs: root
shell:
    mkfifo "$T/one" "$T/two"
    "$BW" -c "spawn sh -c 'cat $T/one; true'; box new web; spawn sh -c 'cat $T/two; true'; box box; box rm web; host sh -c 'sleep 0.2; pgrep -f \"^sh -c cat $T/\" -a | cut -d\" \" -f5'"
status: 0
stdout~ /one;$
stdout! two

case: undo in one box leaves the other's programs running, also those of a stage that was succeeded
needs: root
shell:
    there() { echo "host sh -c 'pgrep -f \"^sleep $1\" | wc -l'"; }
    n=9$$
    "$BW" -c "spawn sh -c '(sleep $n; true) & exec setsid sleep $n'; unshare pid; host sleep 0.3; box new web
        unshare uts; unshare ipc; undo; $(there "$n"); box box; undo; $(there "$n")"
status: 0
stdout= 2
stdout= 0

case: a program started before the box forked is waited for by its own number
needs: root
run:
    spawn sh -c 'sleep 0.3; exit 7'
    unshare pid
    spawn sleep 100
    host sleep 1
    ps
status: 0
stderr~ ^  ended: process [0-9]+ \(sh -c 'sleep 0.3; exit 7'\), status 7$

case: each box has groups of its own in the one directory of the session
needs: cgwrite cpu
run:
    cgcreate cpu 50%
    box new web
    cgcreate cpu 25%
    run grep -c '/boxwright-[0-9-]*/web:box$' /proc/self/cgroup
    cgget -n -r cpu.max box
    cgcreate -g cpu:web
    cgexec -g cpu:web grep -c '/boxwright-[0-9-]*/web:web$' /proc/self/cgroup
    box box
    cgget -n -r cpu.max box
    box rm web
    cgget -n -r cpu.max box
    run grep -c '/boxwright-[0-9-]*/box$' /proc/self/cgroup
status: 0
stdout: cpu.max: 25000 100000
stdout: cpu.max: 50000 100000
stdout: cpu.max: 50000 100000
check: [ -z "$(find /sys/fs/cgroup -name "boxwright-*" -path "*web*" 2>/dev/null | grep "$(cat "$T/never" 2>/dev/null || echo no-such)")" ]

case: undo of a limit in one box keeps the other's
needs: cgwrite pids
run:
    cgcreate pids 50
    box new web
    cgcreate pids 20
    undo
    box box
    cgget -n -r pids.max box
status: 0
stdout: pids.max: 50

case: another box's group is not this one's
needs: cgwrite cpu
run:
    cgcreate -g cpu:db
    box new web
    cgexec -g cpu:db true
status: 1
stderr~ this session has no group "db"

case: a killed session leaves no box behind
needs: root
shell:
    "$BW" -c "unshare pid; spawn sleep 30017; box new a; unshare pid uts; spawn sleep 30017; box new b; spawn sleep 30017; host sh -c 'kill -9 \$PPID'" 2>/dev/null
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        pgrep -f '^sleep 30017' > /dev/null || break
        sleep 0.2
    done
    pgrep -f '^sleep 30017' | wc -l
status: 0
stdout= 0

case: a hundred and fifty boxes at once are made and taken down
needs: root host
timeout: 60
shell:
    for i in $(seq 150); do echo "box new b$i; unshare uts; hostname h$i"; done > "$T/many.bw"
    echo 'run hostname; box b1; run hostname; box list' >> "$T/many.bw"
    "$BW" "$T/many.bw" 2>/dev/null | sed -n '1,2p;$p'
status: 0
stdout: h150
stdout: h1
stdout~ ^  b150 +[0-9]+ +own: uts$

case: more boxes than the limit of open files allows raise it, for boxwright alone
needs: root host
timeout: 60
shell:
    ulimit -Sn 256
    for i in $(seq 100); do echo "box new b$i; unshare uts"; done > "$T/many.bw"
    echo "run sh -c 'ulimit -Sn'; host sh -c 'ulimit -Sn'" >> "$T/many.bw"
    "$BW" "$T/many.bw" 2>/dev/null
status: 0
stdout= 256
stdout= 256

case: a name that is none is refused
run:
    box new "a b"
status: 2
stderr~ ^boxwright: "a b" is no name for a box$
stderr~ ^  do:    take 1 to 32 letters

case: a name may not be a word of box itself
run:
    box new list
status: 2
stderr~ a box cannot be called list

case: a name of 33 bytes is refused
run:
    box new aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
status: 2
stderr~ is no name for a box

case: a name that is taken is refused
run:
    box new box
status: 1
stderr~ there is a box box already
stderr~ ^  do:    box box goes on with it

case: a box that is not there is refused
run:
    box web
status: 1
stderr~ ^boxwright: there is no box web$
stderr~ ^  do:    box list names those there are; box new web makes it$

case: the only box cannot be removed
run:
    box rm box
status: 1
stderr~ box is the only box
stderr~ ^  do:    reset empties it$

case: box rm with one name mistyped removes none
run:
    box new a
    box new b
    box rm a c
    box list
argv: -k
status: 0
stdout~ ^  a
stderr~ there is no box c

case: words that box does not know are refused
run:
    box new web --shared net box
status: 2
stderr~ box new does not know --shared

case: a kind that is none is refused
run:
    box new web --share nett box
status: 2
stderr~ nett is not a kind of namespace

case: a box does not share with itself
run:
    box share net box
status: 1
stderr~ shares its namespaces with itself already

case: box new needs a name
run:
    box new
status: 2
stderr~ box new needs a name

case: box NAME takes no more words
run:
    box box now
status: 2
stderr~ box box takes no more words, not now

case: a box whose stage was killed goes, and is forgotten by the box that shared with it
needs: root
run:
    box new a
    unshare net
    box new b --net a
    box a
    spawn sh -c 'kill -9 $PPID'
    host sleep 1
    box list
    box rm a
    box new c
    box share net b
    box list
status: 0
stdout~ ^\* a +[0-9]+ +ended$
stdout~ ^  b +[0-9]+ +own: none  net [0-9]+ with c$

case: a box whose process 1 was killed has ended, also while its last member is not reaped
needs: root
run:
    box new a
    unshare pid
    box new b --share pid a
    box a
    host sh -c 'kill -9 $(cut -d" " -f1 /proc/$PPID/task/$PPID/children)'
    host sleep 1
    box list
status: 0
stdout~ ^\* a +[0-9]+ +ended$
stdout~ ^  b +[0-9]+ +ended$

case: box rm removes all that it names or none
needs: root
shell:
    $BW -k -c 'box new a; unshare net; box new b --net a; box new c; box rm c a; box list'
    $BW -k -c 'box new a; box rm a a; box list'
    $BW -k -c 'box new a; box rm a box; box list'
    $BW -c 'box new a; unshare net; box new b --net a; box new c; box rm c b a; box list'
status: 0
stdout~ ^. box
stdout~ ^. a
stdout~ ^. b
stdout~ ^. c
stdout~ ^. box
stdout~ ^. a
stdout~ ^. box
stdout~ ^. a
stdout~ ^. box
stderr~ box b is in namespaces of box a
stderr~ box a is named twice
stderr~ with box the last box would go

case: stopped boxes do not hold up the session's end, nor its janitor's work
needs: root cmd:pkill
shell:
    for end in true 'kill -9 $PPID'; do
        for i in $(seq 10); do echo "box new b$i; spawn sleep 177"; done > in.bw
        echo "host sh -c 'pkill -STOP -P \$PPID -x bw-stage; date +%s%3N > since; $end'" >> in.bw
        unshare --pid --fork --mount-proc bash -c '
            "$BW" in.bw > /dev/null 2>&1
            while pgrep "sleep|bw-" > /dev/null; do sleep 0.02; done
            took=$(($(date +%s%3N) - $(cat since)))
            [ $took -lt 1500 ] && echo soon || echo "after $took ms"' 2> /dev/null
    done
status: 0
stdout= soon
stdout= soon
