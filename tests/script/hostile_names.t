# Names chosen inside the box do not drive the terminal, break a line or turn its direction,
# wherever they are shown: docs/SECURITY.md. H is the worst of them; bad lists what of it came out.

case: process names, command lines, host names, mounts and root directories
needs: root cmd:hostname
shell:
    . "$HERE/hostile_names.sh"
    cp /bin/sleep "$T/$H"
    mkdir -p "$T/d/$H" "$T/root/bin" "$T/root/proc"
    { declare -p H T; echo 'hostname "$H"; mount -t tmpfs "$H" "$T/d/$H"; "$T/$H" 20 &
        until read -r c < /proc/$!/comm && [ "$c" != bash ]; do sleep 0.02; done; : > "$T/planted"; wait'; } > "$T/plant"
    { declare -p H T; echo 'mv "$T/root" "$T/root$H"'; } > "$T/move"
    cat > "$T/script" <<EOF
    unshare pid uts mnt net ipc
    mountproc
    spawn bash $T/plant
    host bash -c 'until [ -e $T/planted ]; do sleep 0.02; done'
    hostname
    inspect
    inspect --json
    diff
    lsns
    lsns all
    ps
    mount
    trace
    chroot $T/root
    host bash $T/move
    inspect
    inspect --json
    diff
    lsns
    ps
    mount
    run nothing
    plan
    chroot /nowhere
    explain last
    trace
    undo
    reset
    EOF
    BW_LOG=$T/log "$BW" -k "$T/script" > "$T/out" 2> "$T/err"
    bad "$T/out" "$T/err" "$T/log"
    grep -c 'x1b\|u001b' "$T/out" || cat "$T/err" "$T/out"
status: 0
stdout~ ^[1-9][0-9]
stdout! bad:

case: errors about what was typed, a file, or a place
needs: root
shell:
    . "$HERE/hostile_names.sh"
    mkdir "$T/$V"
    echo text > "$T/$V/file"
    cat > "$T/$V.bw" <<EOF
    $W
    run $W $W
    sh -c true $W
    spawn $W
    host $W
    unshare $W
    unshare --map-users=$W
    map $W
    map uid $W
    hostname $W
    enter $W
    rootfs $W $W
    rootfs busybox $(q "$T/$V")
    rootfs tar $W $(q "$T/$V")
    rootfs tar $(q "$T/$V/file") $(q "$T/x$V")
    mkdir $(q "/nowhere/$V")
    mkdir -p $(q "/proc/$V")
    mount -t $W $W $W
    mount -o $W $W $W
    mount $W
    umount $W
    bind $W $W
    mountproc $W
    chroot $W
    chroot / $W
    pivot $W
    overlay $W $W
    debootstrap $W $(q "$T/$V") $W
    unshare mnt
    mount -t $W $W $W
    mount -t tmpfs $W $(q "$T/$V")
    umount $W
    bind $W $(q "$T/$V")
    mountproc $W
    pivot $W
    overlay $W $(q "$T/$V")
    cgcreate $W
    cgcreate cpu $W
    cgcreate -g cpu:$W
    cgset -r $W=$W $W
    cgset $W $W
    cgget $W
    cgget -r $W $W
    cgexec -g cpu:$W true
    cgexec -g $W true
    cgclassify $W $W
    cgdelete $W
    ps $W
    kill $W
    kill -$W 1
    fg $W
    burn $W
    burn cpu $W
    inspect $W
    diff $W
    lsns $W
    trace $W
    explain $W
    explain last
    doctor $W
    save $(q "/nowhere/$V")
    save $(q "$T/saved$V")
    save $(q "$T/saved$V")
    source $W
    source $(q "$T/$V")
    plan $W
    undo $W
    redo $W
    set $W
    set verbose $W
    help $W
    quit $W
    EOF
    BW_LOG=$T/log "$BW" -k "$T/$V.bw" > "$T/out" 2> "$T/err"
    "$BW" "$V" 2>> "$T/err"
    "$BW" "-$V" 2>> "$T/err"
    "$BW" inspect "$V" 2>> "$T/err"
    "$BW" diff "$V" "$V" 2>> "$T/err"
    "$BW" cleanup "$V" 2>> "$T/err"
    "$BW" -c "$V" 2>> "$T/err"
    bad "$T/out" "$T/err" "$T/log"
    "$BW" "$H" 2>> "$T/err"
    "$BW" -c "run $H" 2>> "$T/err"
    bad "$T/err"
    grep -c 'xc2.x9b' "$T/err"
status: 0
stdout~ ^[1-9][0-9]
stdout! bad:

case: names of control groups
needs: root cgwrite pids
shell:
    . "$HERE/hostile_names.sh"
    { declare -p H T; cat << 'EOF'; } > "$T/plant"
    d=$(grep -E '(:pids:|^0::)' /proc/self/cgroup | grep boxwright | head -n 1 | cut -d: -f3)
    for r in /sys/fs/cgroup/pids /sys/fs/cgroup; do
        [ -d "$r$d" ] && mkdir "$r$d/${H//$'\n'/}" && echo $$ > "$r$d/${H//$'\n'/}/cgroup.procs"
    done
    echo $$ > "$T/pid"
    sleep 20
    EOF
    echo 'for i in 1 2 3 4 5 6 7 8 9 10; do [ -s $T/pid ] && break; sleep 0.1; done; for c in inspect "inspect --json" diff; do $BW $c $(cat $T/pid); done' > "$T/look"
    cat > "$T/script" <<EOF
    cgcreate pids 20
    spawn bash $T/plant
    host sh $T/look
    inspect
    cgget pids
    lsns
    EOF
    BW_LOG=$T/log "$BW" -k "$T/script" > "$T/out" 2> "$T/err"
    bad "$T/out" "$T/err" "$T/log"
    grep -c 'x1b\|u001b' "$T/out" || cat "$T/err" "$T/out"
status: 0
stdout~ ^[2-9]
stdout! bad:
