# Facts of the host that are changed: each must be reported as FAIL. They are put back afterwards.
case: a mount is left behind
needs: root
run:
    mkdir m
    mount -t tmpfs none m
after: (sleep 1; umount "$T/m") > /dev/null 2>&1 &
status: 0
stdout=

case: a System V shared memory segment is left behind
needs: cmd:ipcmk
run: ipcmk -M 4096 | sed 's/.*: //' > id
after: id=$(cat id); (sleep 1; ipcrm -m "$id") > /dev/null 2>&1 &
status: 0
stdout=

case: a control group is left behind
needs: root cgwrite
run:
    d=$(find /sys/fs/cgroup -mindepth 1 -type d -name pids | head -1)
    d=${d:-/sys/fs/cgroup}
    mkdir "$d/bwselftest"; echo "$d/bwselftest" > dir
after: d=$(cat dir); (sleep 1; rmdir "$d") > /dev/null 2>&1 &
status: 0
stdout=
