# Programs in the box do not reach the shell, the stage or the program file: docs/SECURITY.md.

case: with every capability of its user namespace a program cannot look into the stage
as: user
needs: userns user
run:
    unshare user pid mnt
    map root
    mountproc
    run sh -c 'for f in environ maps mem; do head -c 1 /proc/1/$f > /dev/null 2>&1 && echo reached $f; done; for f in exe root cwd ns/net; do readlink /proc/1/$f > /dev/null 2>&1 && echo reached $f; done; for n in 0 1 2 3 4; do readlink /proc/1/fd/$n 2>/dev/null && echo reached fd; done; grep CapEff /proc/self/status'
status: 0
stdout~ CapEff:.*ffffffff
stdout! reached

case: nor can a program of root's box that maps root to root
needs: root userns
run:
    unshare user pid mnt
    map root
    mountproc
    run sh -c 'for f in environ maps mem; do head -c 1 /proc/1/$f > /dev/null 2>&1 && echo reached $f; done; for f in exe root cwd ns/net; do readlink /proc/1/$f > /dev/null 2>&1 && echo reached $f; done; for n in 0 1 2 3 4; do readlink /proc/1/fd/$n 2>/dev/null && echo reached fd; done; grep CapEff /proc/self/status'
status: 0
stdout~ CapEff:.*ffffffff
stdout! reached

case: what an ordinary user's shell shows of the stage is as before
as: user
needs: userns user
run:
    unshare user pid uts mnt net
    map root
    hostname box1
    spawn sleep 20
    run readlink /proc/self/ns/net
    inspect
    diff
    lsns
status: 0
stdout~ ^pid  .* outside, 1 inside
stdout~ ^root  +/$
stdout~ ^hostname  +box1$
stdout~ ^pid  .* own
stdout~ ^net  .* own
stdout~ ^user  .* own
stdout~ uts  +own .* bw-stage$
stdout! cannot be read

case: maps are not written while a program could look into the stage
as: user
needs: userns user
run:
    unshare user
    spawn sleep 20
    map root
status: 1
stderr~ a program runs in the box, and could look into the stage
stderr~ do: +end it first: ps lists it

case: the stage's environment holds nothing of the shell's
env: SECRET=hush-hush
needs: root
run:
    run sh -c 'tr "\0" "\n" < /proc/$PPID/environ | grep -v ^BW_HOOK=; echo seen'
status: 0
stdout= seen

case: what runs in the box is a sealed copy of boxwright, and the file on the host stays as it is
needs: root
shell:
    cp "$BW" "$T/bw"
    sha256sum "$T/bw" > "$T/before"
    stat -L -c %d:%i "$T/bw"
    cat > "$T/evil" <<'EOF'
    #!/bin/sh
    stat -L -c %d:%i /proc/1/exe
    exec 9< /proc/1/exe
    for f in /proc/1/exe /proc/self/fd/9; do { echo gotcha >> $f; } 2> /dev/null && echo "written $f"; done
    echo tried
    EOF
    sed -i 's/^    //' "$T/evil"
    chmod 755 "$T/evil"
    "$T/bw" -c "unshare pid mnt; mountproc; run $T/evil" 2> /dev/null > "$T/out"
    cat "$T/out"
    grep -qxF "$(stat -L -c %d:%i "$T/bw")" "$T/out" && echo "the host's file is in reach"
    sha256sum --quiet -c "$T/before"
status: 0
stdout: tried
stdout! written|in reach|FAILED

case: a program that has itself run by /proc/self/exe gets the copy as well
needs: root
shell:
    cp "$BW" "$T/bw"
    sha256sum "$T/bw" > "$T/before"
    cat > "$T/evil" <<'EOF'
    #!/proc/self/exe
    host sh -c 'readlink /proc/$PPID/exe; { echo gotcha >> /proc/$PPID/exe; } 2> /dev/null && echo written; echo tried'
    EOF
    sed -i 's/^    //' "$T/evil"
    chmod 755 "$T/evil"
    "$T/bw" -c "unshare pid mnt; mountproc; run $T/evil" 2> /dev/null
    sha256sum --quiet -c "$T/before"
status: 0
stdout~ memfd:boxwright
stdout: tried
stdout! written|FAILED|/bw$

case: a program gets descriptors 0, 1 and 2, however it is started
needs: root cgwrite pids
run:
    run sh -c 'echo run; ls /proc/$$/fd; true'
    sh -c 'echo sh; ls /proc/$$/fd; true'
    chroot / sh -c 'echo chroot; ls /proc/$$/fd; true'
    unshare --fork --pid --mount-proc --uts sh -c 'echo unshare; ls /proc/$$/fd; true'
    cgcreate -g pids:nb
    cgexec -g pids:nb sh -c 'echo cgexec; ls /proc/$$/fd; true'
    unshare pid uts
    mountproc
    run sh -c 'echo after; ls /proc/$$/fd; true'
status: 0
stdout: run
stdout: 0
stdout: 1
stdout: 2
stdout: sh
stdout: chroot
stdout: unshare
stdout: cgexec
stdout: after
stdout: 2
stdout! ^([3-9]|[1-9][0-9]+)$

case: nor does a program in the background or a load
needs: root cmd:pgrep
shell:
    below() { local c; for c in $(pgrep -P "$1"); do echo "$c"; below "$c"; done; }
    "$BW" -c 'spawn sleep 33.25; burn cpu 1 20s' > /dev/null 2>&1 &
    for i in $(seq 20); do
        n=0
        for p in $(below $!); do
            read -r name 2> /dev/null < /proc/$p/comm || continue
            case $name in sleep | burn) n=$((n + 1)) ;; esac
        done
        [ $n = 3 ] && break
    done
    for p in $(below $!); do
        read -r name < /proc/$p/comm
        [ "$name" = bw-stage ] || echo "$name" $(ls /proc/$p/fd)
    done
    kill $!
    wait
status: 0
stdout: sleep 0 1 2
stdout~ ^burn 0 1 2
stdout! [3-9]

case: a directory of the host as standard input is refused
needs: root
shell:
    "$BW" -c 'run pwd' < / 2>&1
    echo $?
    "$BW" -c 'spawn pwd' 2>&1 1< /
    echo $?
status: 0
stdout~ ^boxwright: standard input is a directory of the host
stdout: 1
stdout~ ^boxwright: standard output is a directory of the host
stdout: 1

case: a program that kills its process group does not kill the shell
needs: root cmd:setsid
shell:
    setsid -w "$BW" -k -c 'unshare pid user; map root; run sh -c "kill -KILL 0"; run echo alive' < /dev/null
status: 0
stdout: alive

case: the log is not written through a link, or to a file that has another name
shell:
    ln -s "$T/target" "$T/log"
    BW_LOG=$T/log "$BW" -c 'run true' && [ ! -e "$T/target" ] && echo not followed
    echo precious > "$T/precious"
    ln "$T/precious" "$T/second"
    BW_LOG=$T/second "$BW" -c 'run true'
    cat "$T/precious"
    BW_LOG=$T/new "$BW" -c 'run true'
    stat -c %a "$T/new"
    cat "$T/new"
status: 0
stdout: not followed
stdout: precious
stdout: 600
stdout~ stage: started

case: no code of the box is loaded into the stage
needs: root module:archive busybox
shell:
    cp -r "$ROOT" "$T/root"
    tar -C "$T" -cf "$T/root/x.tar" --files-from /dev/null
    "$BW" -c "unshare mnt; chroot $T/root; rootfs tar /x.tar /new" 2>&1
    "$BW" -c "rootfs tar $T/root/x.tar $T/new; chroot $T/new" 2>&1
status: 0
stdout~ module archive cannot be loaded after the root directory was changed
stdout~ do: +do this step before chroot
stdout~ chroot\("/tmp

case: setgroups is denied before an ordinary user's group map
as: user
needs: userns user
run:
    unshare user
    map root
    run cat /proc/self/setgroups
    run sh -c 'cat /proc/self/uid_map /proc/self/gid_map'
status: 0
stdout: deny
stdout! ^ +0 +0 +[0-9]
stderr~ write\(.*setgroups>, "deny", 4\) += 4
stderr~ write\(.*gid_map>

case: an ordinary user's map that contains the host's root is refused in every spelling
as: user
needs: userns user
shell:
    for line in 'map uid 0 0 1' 'map uid 5:0:1' 'map uid 1:0:65536' 'map gid 1:0:65536' 'map uid 0:65534:1 1:0:1'; do
        "$BW" -c "unshare user; $line; run cat /proc/self/uid_map" 2>&1 | grep -E '^boxwright:|^ +[0-9]'
    done
    "$BW" -c 'unshare --user --map-users=0:0:2 --map-groups=0:0:2 cat /proc/self/uid_map' 2>&1 | grep -E '^boxwright:|^ +[0-9]'
status: 0
stdout~ host's root, which an ordinary user may not map
stdout! ^ +[0-9]+ +0 +[0-9]
stdout! ^ +[0-9]+ +[0-9]+ +65536

case: where proc hides processes an ordinary user's box works as ever
needs: root user userns cmd:unshare
shell:
    cat > "$T/s" <<'EOF'
    mount -t proc -o hidepid=2 proc /proc || exit 1
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$BW" -c 'unshare user pid uts; map root; hostname hidden; spawn sleep 20; inspect; run id -u'
    EOF
    cp "$BW" "$T/bw"
    chmod 755 "$T" "$T/bw"
    BW=$T/bw unshare -m sh "$T/s" 2>&1
status: 0
stdout~ ^hostname +hidden
stdout~ ^user .* own
stdout: 0

case: the janitor gives the terminal back before it takes the box down, as who started the shell goes on in it
needs: userns cmd:strace cmd:script !valgrind
shell:
    strace -o /dev/null true 2> /dev/null || { echo 'no tracing'; exit 0; }
    echo 'set verbose 0; unshare user; spawn sleep 100; host sh -c "kill -9 \$PPID"' > in
    cat > run << "X"
    exec strace -f -qq -o trace -e trace=ioctl,kill,pidfd_send_signal "$BW" --no-pane -c "$(cat in)"
    X
    script -qec 'bash run' /dev/null < /dev/null > /dev/null
    sed -n '/[0-9], SIGKILL/,$p' trace | grep -o 'TCSETS\|[0-9], SIGKILL' | sed 's/.*, //' | head -n 3 | tr '\n' ' '
status: 0
stdout~ ^(SIGKILL TCSETS SIGKILL |no tracing)$

case: where /proc is missing or that of another PID namespace nothing is done, as each process would be another
needs: root cmd:unshare
shell:
    for line in 'unshare uts' 'cgcreate -g pids:e' 'run true'; do
        unshare --pid --fork "$BW" -c "$line" 2>&1
        echo "status $?"
    done
    unshare --pid --fork "$BW" cleanup 2>&1
    echo "status $?"
    unshare --mount sh -c 'mount -t tmpfs none /proc && "$BW" -c "unshare uts"' 2>&1
    echo "status $?"
status: 0
stdout~ ^boxwright: /proc is that of another PID namespace: it calls this process [0-9]+, and here it is 1, so
stdout~ do: +start it where /proc is its own: unshare --pid --fork --mount-proc boxwright$
stdout: status 1
stdout~ ^boxwright: /proc is that of another
stdout: status 1
stdout~ ^boxwright: /proc is that of another
stdout: status 1
stdout~ ^boxwright: /proc is that of another
stdout: status 1
stdout~ ^boxwright: readlink\("/proc/self"\) = -1 ENOENT
stdout~ cause: no proc is mounted on /proc
stdout: status 1

case: a janitor that was stopped does not hold up the shell
needs: root net cmd:pkill
shell:
    unshare -n bash -c '
        "$BW" -k -c "unshare uts; host pkill -STOP --ns $$ --nslist net -x bw-janitor; box new b; hostname none; box box; hostname still"
        echo "status $?"
        pkill -CONT --ns $$ --nslist net -x bw-janitor'
status: 0
stdout: status 0
stderr~ ^boxwright: the janitor, which cleans up after a killed shell, does not answer$
stderr~ sethostname\("still", 5\) = 0$
timeout: 12

case: without its janitor no group is made: a killed shell would leave it behind
needs: root net cgwrite pids cmd:pkill
shell:
    unshare -n bash -c '
        "$BW" -c "unshare uts; host pkill -9 --ns $$ --nslist net -x bw-janitor; cgcreate -g pids:none"
        echo "status $?"'
status: 0
stdout: status 1
stderr: boxwright: the janitor has ended, so a killed shell would leave the box behind
stderr! mkdir

case: cleanup tells of each process once, also of one that stays until others are reaped
needs: root cmd:nsenter cmd:unshare cmd:pkill
shell:
    # A first process that reaps nothing, as in many a container.
    unshare --pid --fork --kill-child --mount-proc sleep 60 &
    for i in $(seq 100); do init=$(pgrep -P $! -x sleep) && break; sleep 0.02; done
    inside() { nsenter -t "$init" -m -p "$@"; }
    inside "$BW" -c 'unshare pid; box new b --share pid box; spawn sleep 177; host sh -c "pkill -9 -x bw-janitor; kill -9 \$PPID"' > /dev/null 2>&1
    inside "$BW" cleanup > told
    kill -9 "$init"; wait
    grep -c '^killed process .*bw-stage' told > /dev/null && echo told
    sort told | uniq -d
status: 0
stdout= told

case: cleanup takes a shell that has ended and was not reaped for gone
needs: root cgwrite pids cmd:unshare cmd:nsenter cmd:pkill
shell:
    unshare --pid --fork --kill-child --mount-proc sleep 60 &
    for i in $(seq 100); do init=$(pgrep -P $! -x sleep) && break; sleep 0.02; done
    # Below a process that waits for nothing.
    cat > leave << "X"
    "$BW" -c 'cgcreate -g pids:e; spawn sleep 177; host sh -c "pkill -9 -x bw-janitor; pkill -9 -x bw-stage; kill -9 \$PPID"' > /dev/null 2>&1 &
    exec sleep 50
    X
    nsenter -t "$init" -m -p bash "$T/leave" &
    for i in $(seq 200); do
        nsenter -t "$init" -m -p pgrep -r Z -x boxwright > /dev/null && break
        sleep 0.02
    done
    nsenter -t "$init" -m -p "$BW" cleanup
    kill -9 "$init"; wait
status: 0
stdout~ ^killed process [0-9]+ \(sleep\): its shell, process [0-9]+, is gone$
stdout~ ^removed /sys/fs/cgroup.*/boxwright-[0-9]+-[0-9]+-[0-9]+: its shell, process [0-9]+, is gone$
