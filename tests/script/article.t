# Every command line of the article, as it is printed (the folder apart, which is the case's own),
# and the slips that people make when they copy such lines.

case: sudo mkdir /container
needs: root
run:
    sudo mkdir @T@/container
status: 0
stderr~ ^note: sudo is left out: boxwright runs as root already
stderr~ ^  mkdir.*@T@/container
check: [ -d @T@/container ]

case: sudo as an ordinary user says whose rights are used
as: user
run:
    sudo set
status: 0
stderr~ ^note: sudo is left out: .*uid 65534

case: debootstrap from a mirror that cannot be reached
needs: root cmd:debootstrap busybox
timeout: 60
run:
    debootstrap focal @T@/container http://127.0.0.1:9/ubuntu/
    chroot @T@/container /bin/bash
status: 0
stderr: note: http://127.0.0.1:9/ubuntu/ cannot be reached from here, or has no suite focal
stderr~ minimal busybox root instead
stderr~ its /bin/sh is run instead
check: [ -x @T@/container/bin/sh ]

case: debootstrap without a mirror, where its own cannot be reached
needs: root net cmd:debootstrap busybox
timeout: 90
shell:
    [ -e /usr/share/debootstrap/scripts/focal ] || echo 'debootstrap knows no focal'
    unshare -n "$BW" -c "debootstrap focal $T/container; chroot $T/container /bin/bash"
    echo "status $?"
status: 0
stdout: status 0
stderr~ ^note: debootstrap (ended with status [0-9]+: Failed getting release file|knows no suite focal)
stderr~ minimal busybox root instead
check: [ -x @T@/container/bin/sh ]

case: unshare --fork -- pid: what is wrong is said, the meant line is run
needs: root net
run:
    unshare --fork -- pid --mount-proc --uts --ipc --net --map-root-user
    run sh -c 'echo "I am $$"; readlink /proc/self; id -u; ls -d /proc/[0-9]* | wc -l'
status: 0
stderr~ after "--" unshare takes the rest as a program named pid .*--pid is meant
stderr: note: the line is read as: unshare --fork --pid --mount-proc --uts --ipc --net --map-root-user
stderr~ ^  pid .*own
stderr~ ^  mnt .*own
stderr~ ^  uts .*own
stderr~ ^  ipc .*own
stderr~ ^  net .*own
stderr~ ^  user .*own
stderr~ ^  nspid .*-> 1
stdout~ ^I am [2-9]$
stdout: 0

case: the same as an ordinary user
as: user
needs: userns net
run:
    unshare --fork -- pid --mount-proc --uts --ipc --net --map-root-user
    run id -u
status: 0
stderr~ --pid is meant
stderr~ ^  nspid .*-> 1
stdout= 0

case: --moun-proc, as the article's list has it
needs: root
run:
    unshare --fork --pid --moun-proc sh -c 'ls -d /proc/[0-9]*'
status: 0
stderr~ --moun-proc is no option of unshare: --mount-proc is meant
stdout= /proc/1

case: a missing dash of --mount-proc
needs: root
run:
    unshare --fork --pid -mount-proc sh -c 'ls -d /proc/[0-9]*'
status: 0
stderr~ -mount-proc has one dash: --mount-proc is meant
stdout= /proc/1

case: both dashes of --mount-proc missing
needs: root
run:
    unshare --fork --pid mount-proc sh -c 'ls -d /proc/[0-9]*'
status: 0
stderr~ mount-proc has no dashes: --mount-proc is meant
stdout= /proc/1

case: dashes as a text processor prints them
needs: root
run:
    unshare –fork —pid −−mount-proc sh -c 'ls -d /proc/[0-9]*'
status: 0
stderr~ typographic dash: --fork is meant
stdout= /proc/1

case: chroot /container /bin/bash, with a root that has only sh
needs: root busybox
stdin: echo "shell $0 sees"; ls -d /bin/busybox; exit 3
run:
    chroot @ROOT@ /bin/bash
status: 3
stderr~ the box has no /bin/bash: its /bin/sh is run instead
stdout: shell /bin/sh sees
stdout: /bin/busybox

case: the one line of example 1 as an ordinary user
as: user
needs: userns net busybox
stdin: echo "PID $$"; id -u; exit 4
run:
    unshare --fork --pid --mount-proc --uts --ipc --net --map-root-user chroot @ROOT@ /bin/bash
status: 4
stderr~ its /bin/sh is run instead
stdout: PID 1
stdout: 0

case: a link out of the root is no shell
needs: root busybox
before: mkdir -p @T@/root/bin && ln -s /../../../../bin/sh @T@/root/bin/sh
run:
    chroot @T@/root /bin/bash
status: 127
stderr! is run instead

case: sudo apt install cgroups-tools
run:
    # Install the cgroups package to manipulate these resources
    sudo apt install cgroups-tools
status: 0
stdout=
stderr~ no package cgroups-tools: Debian and Ubuntu call it cgroup-tools
stderr~ nothing needs installing: cgcreate, cgset, cgget, cgexec

case: another package is not installed behind anybody's back
run:
    apt install nginx
status: 1
stderr: boxwright: boxwright does not install packages on this machine by itself
stderr~ host .*apt install nginx

case: the one line of example 1, whose program is PID 1
needs: root net busybox
stdin: echo "PID $$"; id -u; exit 4
run:
    unshare --fork --pid --mount-proc --uts --ipc --net --map-root-user chroot @ROOT@ /bin/bash
status: 4
stderr~ ^  unshare\(CLONE_NEWNS\|CLONE_NEWUTS\|CLONE_NEWIPC\|CLONE_NEWUSER\|CLONE_NEWPID\|CLONE_NEWNET\) = 0
stdout: PID 1
stdout: 0

case: /bin/bash alone runs it in the box
needs: root busybox
stdin: echo "I am $$"; exit 5
run:
    unshare --fork --pid --mount-proc
    chroot @ROOT@
    /bin/bash
status: 5
stderr: note: /bin/bash is a program: run starts it in the box
stderr~ its /bin/sh is run instead
stdout~ ^I am [2-9]$

case: example 2, the group and its limit
needs: root cgwrite cpu
run:
    cgcreate -g cpu:container_group
    cgset -r cpu.cfs_quota_us=50000 container_group
    cgget -r cpu.cfs_quota_us container_group
    cgexec -g cpu:container_group grep container_group /proc/self/cgroup
status: 0
stdout~ 50000
stdout~ container_group

case: example 2, the shell in the group
needs: root cgwrite cpu
stdin: grep -q container_group /proc/self/cgroup && exit 6
run:
    cgcreate -g cpu:container_group
    cgset -r cpu.cfs_quota_us=50000 container_group
    cgexec -g cpu:container_group /bin/bash
status: 6
stderr~ ^  write.*cgroup.procs

case: a v1 file on a v2 host is translated
needs: root cgwrite v2
run:
    cgcreate -g cpu:container_group
    cgset -r cpu.cfs_quota_us=50000 container_group
    cgget -r cpu.max container_group
status: 0
stderr~ cpu\.max
stdout~ 50000 100000

case: a redirection into a cgroup file is explained
run:
    echo 50000 > /sys/fs/cgroup/cpu/container_group/cpu.cfs_quota_us
status: 2
stderr~ operator
stderr~ cgset -r cpu.cfs_quota_us=50000 container_group
check: [ ! -e /sys/fs/cgroup/cpu/container_group ]

case: a process written into a group by hand is explained
run:
    echo 1 | sudo tee /sys/fs/cgroup/container_group/cgroup.procs
status: 2
stderr~ cgclassify -g cpu:container_group PID

case: a group made by hand is made where boxwright keeps its own
needs: root cgwrite cpu
run:
    mkdir /sys/fs/cgroup/cpu/container_group
    cgget -r cpu.cfs_quota_us container_group
status: 0
stderr~ cgcreate -g cpu:container_group
stdout~ -1
check: [ ! -e /sys/fs/cgroup/cpu/container_group ]

case: copied prompts
needs: root
run:
    $ unshare uts
    # hostname box1
    root@vm:~# run hostname
status: 0
stdout= box1
stderr~ the leading \$ is a copied prompt
stderr~ the leading # is a copied root prompt
stderr~ the leading root@vm:~# is a copied prompt

case: in a script file # is always a comment
needs: root
via: file
run:
    unshare uts
    # hostname box1
    run hostname
status: 0
stdout! box1
stderr! prompt

case: the article's own comments are comments
run:
    # Prepare the root file system
    # Configure resource isolation
    #Start the shell in the container
    # Create a control group for the container
    # Set CPU limit to 50%
    # Run the container process
    set
status: 0
stdout= verbose 1  (calls and what changed)
stderr=

case: docker is explained
run:
    docker run -it ubuntu bash
status: 1
stderr~ no front end of a container engine
stderr~ unshare pid mnt uts ipc net

case: nsenter becomes enter
needs: root
shell:
    unshare --uts sh -c 'hostname inside; echo ready; exec sleep 30' >@T@/ready &
    pid=$!
    for _ in $(seq 100); do grep -q ready @T@/ready && break; sleep 0.05; done
    "$BW" -c "nsenter -t $pid --uts; run hostname"
    status=$?
    kill $pid
    exit $status
status: 0
stdout= inside
stderr~ nsenter is called enter here: enter [0-9]+ uts

case: ip netns is explained
run:
    ip netns add blue
status: 1
stderr~ unshare net
