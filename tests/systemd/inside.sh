#!/bin/bash
# Run by systemd in User Mode Linux (tests/systemd/run.sh): facts of control groups that systemd
# delegates, read from cgroupfs and from systemd itself. Writes /bw/result, and switches off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb NO_COLOR=1
export LC_ALL=C.UTF-8 HOME=/root
BW=/bw/boxwright
G=/sys/fs/cgroup
U=/run/user/1042
passed=0 failed=0 skipped=0
out=/tmp/out err=/tmp/err
exec 3> /bw/part

ok() { # ok WHAT CONDITION…: the rest is a command
    local what=$1
    shift
    if "$@" > /tmp/why 2>&1; then
        echo "ok   $what" >&3
        passed=$((passed + 1))
    else
        { sed 's/^/     | /' /tmp/why "$out" "$err" | tail -n 30; echo "FAIL $what"; } >&3
        failed=$((failed + 1))
    fi
}
box() { # box COMMANDS: as root, from a service of systemd's
    timeout -k 2 60 $BW -c "$1" > "$out" 2> "$err" < /dev/null
    rc=$?
}
as_learner() { # as_learner SHELL-COMMAND: in a session that logind knows
    timeout -k 2 60 runuser -l learner -c "export NO_COLOR=1; $1" > "$out" 2> "$err" < /dev/null
    rc=$?
}
# What a user's own systemd starts when it is first talked to is none of boxwright's.
groups() { find $G -type d ! -path '*/session.slice*' ! -path '*/session-*.scope' | sort; }
groups_back() {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        groups | diff /tmp/groups - && break
        [ "$i" = 10 ] && return 1
        sleep 0.5
    done
    ! systemctl --no-legend --no-pager --all list-units 'boxwright*' | grep .
}
status() { # status N
    echo "exit status $rc"
    [ "$rc" = "$1" ]
}
delegated() { # delegated UNIT-GLOB SYSTEMCTL…: a running scope, delegated
    local unit=$1
    shift
    "$@" show -p Delegate -p ActiveState "$unit" | sort | tr '\n' ' ' |
        grep -x 'ActiveState=active Delegate=yes '
}
limit_held() { # what the burner got, as it says; a busy machine may give it less than its limit
    local got
    got=$(sed -n 's/.*: \([0-9]*\) % of one core.*/\1/p' "$out")
    echo "the burner had ${got:-?} %"
    [ -n "$got" ] && [ "$got" -ge 10 ] && [ "$got" -le 55 ]
}
waited() { # waited COMMAND…: within six seconds
    local i
    for ((i = 0; i < 60; i++)); do
        "$@" > /dev/null 2>&1 && return 0
        sleep 0.1
    done
    "$@"
}

as_root() {
    groups > /tmp/groups
    box 'cgcreate cpu 50%; run cat /proc/self/cgroup; burn cpu 1 3s'
    ok 'root: cgcreate cpu 50% works' status 0
    ok 'root: the box is in a scope of its own' \
        grep -Ex '0::/system\.slice/boxwright-[0-9]+-[0-9]+\.scope/boxwright-[0-9]+-[0-9]+/box' "$out"
    ok 'root: the burner has no more than half a core' limit_held
    ok 'root: no group and no unit is left' groups_back

    box 'cgcreate -g memory,pids:m; cgset -r memory.max=64M m; cgexec -g memory:m cat /proc/self/cgroup; cgdelete m'
    ok "root: libcgroup's spelling works" status 0
    ok 'root: its group lies in the scope too' \
        grep -E '^0::/system\.slice/boxwright-[^/]*\.scope/.*/m$' "$out"
    ok 'root: that leaves nothing either' groups_back

    $BW -c 'cgcreate cpu 50%; run sleep 61' > "$out" 2> "$err" < /dev/null &
    local pid=$!
    waited pgrep -x -f 'sleep 61'
    ok 'root: while it runs, systemd calls the scope delegated' delegated "boxwright-$pid-*.scope" systemctl
    ok 'root: the kernel has the limit' \
        grep -x '50000 100000' $G/system.slice/boxwright-"$pid"-*.scope/boxwright-*/box/cpu.max
    kill -9 $pid
    wait $pid 2>/dev/null
    ok 'root: killed, it leaves no group and no unit' groups_back
    ok 'root: killed, it leaves no process' bash -c '! pgrep -x -f "sleep 61"'
}

as_user() {
    loginctl enable-linger learner
    if ! waited systemctl is-active user@1042.service || ! waited test -S $U/bus; then
        echo 'SKIP no systemd of an ordinary user comes up here' >&3
        skipped=$((skipped + 1))
        return
    fi
    groups > /tmp/groups
    as_learner "$BW -c 'cgcreate cpu 50%; run cat /proc/self/cgroup; burn cpu 1 3s'"
    ok 'user: cgcreate cpu 50% works' status 0
    ok "user: the box is in a scope of the user's systemd" \
        grep -E '^0::/user\.slice/user-1042\.slice/user@1042\.service/.*boxwright-[0-9]+-[0-9]+\.scope/.*/box$' "$out"
    ok 'user: the burner has no more than half a core' limit_held
    ok 'user: no group is left' groups_back

    as_learner "$BW -c 'cgcreate memory 64M; cgcreate pids 20; unshare user pid; map root; run id -u; burn memory 100M 20s'"
    ok 'user: memory and pids limits work beside a user namespace' grep -x 0 "$out"
    ok "user: at the memory limit the kernel's OOM killer ends the burner" \
        grep -E '^burn memory: the OOM killer ended it after [3-6][0-9]\.[0-9] of 100\.0 MiB' "$out"
    ok 'user: as its exit status says' status 137
    ok 'user: that leaves nothing either' groups_back

    as_learner "$BW -c 'cgcreate cpu 50%; run sleep 62'" &
    waited pgrep -x -f 'sleep 62'
    local pid
    pid=$(pgrep -o -x -u learner boxwright)
    ok "user: while it runs, the user's systemd calls the scope delegated" \
        delegated "boxwright-$pid-*.scope" \
        runuser -u learner -- env XDG_RUNTIME_DIR=$U systemctl --user
    kill -9 "$pid"
    wait
    ok 'user: killed, it leaves no group' groups_back
    ok 'user: killed, it leaves no process' bash -c '! pgrep -x -f "sleep 62"'

    as_learner "unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR; $BW -c 'cgcreate cpu 50%'"
    ok 'user: without a bus it is refused' status 1
    ok 'user: and told the way out' \
        grep -F 'systemd-run --user --scope -p Delegate=yes boxwright' "$err"
    ok 'user: a refusal leaves nothing' groups_back
    as_learner "systemd-run --user --scope -q -p Delegate=yes $BW -c 'cgcreate cpu 50%; run cat /proc/self/cgroup'"
    ok 'user: that way out works' status 0
    ok 'user: and leaves nothing' groups_back
}

as_root
as_user
echo "$passed passed, $failed failed, $skipped skipped" >&3
mv /bw/part /bw/result
systemctl poweroff -ff
