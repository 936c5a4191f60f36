# net: links, addresses, routes, a way out. What is "the host" here is a network namespace of the
# case's own (unshare -n): the machine's is never touched.

case: net up sets lo up, by a request that ip would make, too
needs: root net module:net
run:
    unshare net
    net up
    net ping 127.0.0.1 1
status: 0
stdout~ ^127\.0\.0\.1: seq 1, [0-9.]+ ms$
stdout~ ^1 sent, 1 received,
stderr~ ^  sendmsg\([0-9]+, \{RTM_NEWLINK, "lo", IFF_UP\}\) = 32  # ip link set lo up$
stderr~ ^  lo      down -> up  127\.0\.0\.1/8

case: net show and inspect --json have the interfaces
needs: root net module:net module:json
run:
    unshare net
    net show
    net up
    net show
    inspect --json
status: 0
stdout~ ^lo +down  -$
stdout~ ^lo +up    -  127\.0\.0\.1/8
stdout~ "interfaces": \[\{"name": "lo", "kind": null, "up": true, "mac": "00:00:00:00:00:00", "mtu": 65536, "addresses": \["127\.0\.0\.1/8"

case: inspect names the interfaces of a box with a network of its own
needs: root net module:net
run:
    unshare net
    net up
    inspect
status: 0
stdout~ ^interfaces +1$
stdout~ lo +up  127\.0\.0\.1/8

case: a box without net reaches nothing
needs: root net cmd:python3
argv: -k
run:
    unshare net
    net ping 127.0.0.1 1
    net ping 10.213.7.1 1
    run python3 -c 'import socket; socket.create_connection(("10.213.7.1", 9), 2)'
status: 1
stderr~ ^boxwright: sendmsg\([0-9]+, \{ICMP echo request to 127\.0\.0\.1\}\) = -1 ENETUNREACH
stderr~ ^  cause: the box has no route to it
stderr~ ^  do:    net up for lo
stderr~ echo request to 10\.213\.7\.1\}\) = -1 ENETUNREACH
stderr~ Network is unreachable

case: net veth reaches the host and nothing of it stays
needs: root net veth module:net cmd:python3
shell:
    unshare -n bash -c '
        ip link set lo up
        ip -br link | cut -d" " -f1 > before; ip route > routes
        cat > in.bw << "X"
    unshare net
    net veth 10.213.7.2/24
    net ping 10.213.7.1
    net show
    spawn python3 -c "import socket; s = socket.socket(); s.bind((\"10.213.7.2\", 9000)); s.listen(); c, _ = s.accept(); c.sendall(b\"from the box\"); c.close()"
    host sh -c "sleep 0.7; ip -br addr show type veth"
    host python3 -c "import socket; print(socket.create_connection((\"10.213.7.2\", 9000), 5).recv(64).decode())"
    undo
    host ip -br link
    redo
    net ping 10.213.7.1 1
    plan
    X
        "$BW" in.bw; echo "status $?"
        ip -br link | cut -d" " -f1 | diff before - && ip route | diff routes - && echo as before'
status: 0
stdout~ ^3 sent, 3 received
stdout~ ^eth0 +up    veth  10\.213\.7\.2/24$
stdout~ ^route    10\.213\.7\.0/24 dev eth0$
stdout~ ^bw[0-9a-z]+-[0-9]+@if[0-9]+ +UP +10\.213\.7\.1/24
stdout: from the box
stdout~ ^1 sent, 1 received
stdout~ ^  2  net veth 10\.213\.7\.2/24    # ip link add bw
stdout: status 0
stdout: as before
stderr~ ^  sendmsg\([0-9]+, \{RTM_NEWLINK, "bw[^"]*", veth, peer "eth0" in netns [0-9]+\}\) = [0-9]+  # ip link add bw[^ ]* type veth peer name eth0 netns PID$
stderr~ ^  sendmsg\([0-9]+, \{RTM_NEWADDR, "eth0", IFA_LOCAL 10\.213\.7\.2/24\}\) = [0-9]+  # ip addr add 10\.213\.7\.2/24 dev eth0$
stderr~ ^  eth0    new  up.*  veth  10\.213\.7\.2/24$

case: two boxes reach each other over a bridge, a third one without net does not
needs: root net veth bridge module:net cmd:python3
shell:
    unshare -n bash -c '
        ip link set lo up
        cat > in.bw << "X"
    unshare net
    net bridge lan 10.214.0.2/24
    spawn python3 -c "import socket; s = socket.socket(); s.bind((\"\", 9000)); s.listen(); c, _ = s.accept(); c.sendall(b\"from the first\"); c.close()"
    box new second
    unshare net
    net bridge lan 10.214.0.3/24
    net ping 10.214.0.2
    run python3 -c "import socket, time; time.sleep(0.5); print(socket.create_connection((\"10.214.0.2\", 9000), 5).recv(64).decode())"
    net show
    box new third
    unshare net
    net ping 10.214.0.2 1
    X
        "$BW" in.bw; echo "status $?"
        ip -br link'
status: 0
stdout~ ^3 sent, 3 received
stdout: from the first
stdout: status 1
stdout~ ^lo
stdout! ^bw
stderr~ ^  next: box new NAME, unshare net, net bridge lan ADDRESS: another box on it$
stderr~ ^  now in box second$
stderr~ ^  next: unshare uts net: nothing is its own yet; box box goes back$
stderr~ bridge lan is bw[^ ]* on the host, with box 10\.214\.0\.2 second 10\.214\.0\.3$
stderr~ 10\.214\.0\.2\}\) = -1 ENETUNREACH

case: the bridge outlives a box on it that is built anew, and goes with the last
needs: root net veth bridge module:net
shell:
    unshare -n bash -c '
        cat > in.bw << "X"
    unshare net
    net bridge lan 10.214.0.2/24 --host 10.214.0.1
    box new second
    unshare net
    net bridge lan 10.214.0.3/24
    net ping 10.214.0.1 1
    box box
    undo
    redo
    net ping 10.214.0.3 1
    host sh -c "ip -br link show type bridge | wc -l"
    box rm second
    undo
    host sh -c "ip -br link show type bridge | wc -l"
    X
        "$BW" in.bw'
status: 0
stdout~ ^10\.214\.0\.1: seq 1
stdout~ ^10\.214\.0\.3: seq 1
stdout: 1
stdout: 0

case: save writes the network, and the script makes it again
needs: root net veth bridge module:net
shell:
    unshare -n bash -c '
        "$BW" -c "unshare net; net bridge lan 10.214.0.2/24; box new b; unshare net; net bridge lan 10.214.0.3/24; net up; save saved.bw" || exit
        cat saved.bw
        echo "net ping 10.214.0.2 1" >> saved.bw
        "$BW" saved.bw'
status: 0
stdout: unshare net
stdout: net bridge lan 10.214.0.2/24
stdout: box new b
stdout: unshare net
stdout: net bridge lan 10.214.0.3/24
stdout: net up
stdout~ ^1 sent, 1 received

case: IPv6 works as IPv4 does
needs: root net veth ipv6 module:net
shell:
    unshare -n "$BW" -c "unshare net; net veth fd07:bb::2/64; net ping fd07:bb::1 1; net show"
status: 0
stdout~ ^fd07:bb::1: seq 1,
stdout~ ^eth0 +up    veth  fd07:bb::2/64$
stdout~ ^route    fd07:bb::/64 dev eth0$

case: a wire between two boxes, without the host
needs: root net veth module:net
shell:
    unshare -n "$BW" -c "unshare net; box new b; unshare net; net veth 10.215.0.2/24 --peer 10.215.0.9 --box box; net ping 10.215.0.9 1; host ip -br link; net show; box box; net show; undo"
status: 1
stdout~ ^10\.215\.0\.9: seq 1,
stdout~ ^eth0 +up    veth  10\.215\.0\.2/24$
stdout~ ^bw[^ ]+ +up    veth  10\.215\.0\.9/24$
stderr~ ^boxwright: box b is in namespaces of box box, or on its network

case: net route adds a route, and net nat the way out, through an address of the host's own
needs: root net veth bridge nft module:net module:nft
shell:
    unshare -n bash -c '
        ip link set lo up
        cat > in.bw << "X"
    unshare net
    net bridge far 192.0.2.9/24 --host 192.0.2.1
    box new inner
    unshare net
    net veth 10.216.0.2/24
    net nat --forward
    net ping 192.0.2.9 2
    net show
    host nft list ruleset
    host cat /proc/sys/net/ipv4/ip_forward
    undo
    host nft list ruleset
    host cat /proc/sys/net/ipv4/ip_forward
    net route 192.0.2.0/24 via 10.216.0.1
    net show
    X
        "$BW" in.bw; echo "status $?"; cat /proc/sys/net/ipv4/ip_forward; nft list ruleset'
status: 0
stdout~ ^2 sent, 2 received
check: { grep -q '^route    default via 10.216.0.1 dev eth0$' "$OUT" && grep -q 'ip saddr 10.216.0.2 oifname != "bw.*" masquerade' "$OUT" && grep -q 'flags owner' "$OUT"; }
check: [ "$(grep -x -e '[01]' "$OUT" | tr -d '\n')" = 100 ]
check: { [ "$(grep -c '^table' "$OUT")" = 1 ] && grep -q '^route    192.0.2.0/24 via 10.216.0.1 dev eth0$' "$OUT"; }

case: net nat does not switch the host's forwarding on by itself
needs: root net veth module:net module:nft
shell:
    unshare -n sh -c '"$BW" -c "unshare net; net veth 10.216.0.2/24; net nat"; s=$?; cat /proc/sys/net/ipv4/ip_forward; exit $s'
status: 1
stdout= 0
stderr~ ^boxwright: the host forwards no packets between its interfaces: /proc/sys/net/ipv4/ip_forward is 0$
stderr~ ^  do:    net nat --forward sets it to 1 until the last box with net nat has ended

case: forwarding that somebody else has set stays
needs: root net veth nft module:net module:nft
shell:
    unshare -n sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; "$BW" -c "unshare net; net veth 10.216.0.2/24; net nat"; cat /proc/sys/net/ipv4/ip_forward'
status: 0
stdout= 1

case: a killed session leaves no link, no table and no setting behind
needs: root net veth bridge nft module:net module:nft
shell:
    unshare -n bash -c '
        "$BW" -c "unshare net; net bridge lan 10.214.0.2/24 --host 10.214.0.1; net veth 10.217.0.2/24; net nat --forward; host ip -br link; host sh -c \"kill -9 \\\$PPID\""
        for i in $(seq 50); do [ -z "$(ip -br link | grep ^bw)" ] && read -r now < /proc/sys/net/ipv4/ip_forward && [ "$now" = 0 ] && break; sleep 0.1; done
        echo after; ip -br link | cut -d" " -f1; nft list ruleset 2>/dev/null; cat /proc/sys/net/ipv4/ip_forward' 2>/dev/null
status: 0
stdout~ ^bw
stdout: after
stdout: lo
stdout: 0
check: ! sed '1,/^after$/d' "$OUT" | grep -E 'bw|table'

case: a killed session leaves no link behind where there is no nftables either
needs: root net veth bridge module:net
shell:
    unshare -n bash -c '
        "$BW" -c "unshare net; net bridge lan 10.214.0.2/24 --host 10.214.0.1; net veth 10.217.0.2/24; host ip -br link; host sh -c \"kill -9 \\\$PPID\""
        for i in $(seq 50); do [ -z "$(ip -br link | grep ^bw)" ] && break; sleep 0.1; done
        echo after; ip -br link | cut -d" " -f1' 2>/dev/null
status: 0
stdout~ ^bw
stdout: after
stdout: lo
check: ! sed '1,/^after$/d' "$OUT" | grep bw

case: cleanup removes the links of a session whose janitor was killed, too, and nobody else's
needs: root net bridge module:net
shell:
    unshare -n bash -c '
        ip link add bwother type bridge; ip link set bwother alias boxwright-me
        "$BW" -c "unshare net; net bridge lan 10.214.0.2/24; host sh -c \"pkill -9 --ns $$ --nslist net -x bw-janitor; kill -9 \\\$PPID\""
        sleep 0.3
        ip -br link | cut -d" " -f1 | sed "s/^bw[0-9a-z]*-[0-9]*/OURS/"
        "$BW" cleanup
        ip -br link | cut -d" " -f1' 2>/dev/null
status: 0
stdout: bwother
stdout~ ^removed link bw[0-9a-z]+-[0-9]+: its shell, process [0-9]+, is gone$
stdout: lo
stdout: bwother

case: cleanup gives back ip_forward after a session that was killed with its janitor
needs: root net veth bridge nft module:net module:nft
shell:
    unshare -n bash -c '
        "$BW" -c "unshare net; net veth 10.217.0.2/24; net nat --forward; host sh -c \"pkill -9 --ns $$ --nslist net -x bw-janitor; kill -9 \\\$PPID\""
        sleep 0.3
        cat /proc/sys/net/ipv4/ip_forward
        "$BW" cleanup
        cat /proc/sys/net/ipv4/ip_forward' 2>/dev/null
status: 0
stdout: 1
stdout~ ^gave back net.ipv4.ip_forward: the shell that set it, process [0-9]+, is gone$
stdout: 0
check: ! ls /run | grep "forward.*$(stat -Lc %i /proc/self/ns/net)$"

case: cleanup leaves a session in a PID namespace of its own alone, with its groups and links
needs: root net cgwrite pids veth module:net
shell:
    unshare -n bash -c '
        mkfifo go back
        cat > in.bw << "X"
    unshare net
    cgcreate pids 50
    net veth 10.219.0.2/24
    spawn sleep 60
    host sh -c "echo > go; read x < back"
    net ping 10.219.0.1 1
    ps
    X
        unshare --pid --fork --mount-proc "$BW" in.bw &
        read < go
        "$BW" cleanup
        echo > back; wait $!; echo "status $?"'
status: 0
stdout! boxwright-1-
stdout! ^removed link
stdout~ ^1 sent, 1 received
stdout~ sleep
stdout: status 0

case: cleanup in a PID namespace leaves the links of a session outside of it alone
needs: root net veth nft module:net module:nft
shell:
    unshare -n bash -c '
        mkfifo go back
        cat > in.bw << "X"
    unshare net
    net veth 10.219.0.2/24
    net nat --forward
    host sh -c "echo > go; read x < back; cat /proc/sys/net/ipv4/ip_forward"
    net ping 10.219.0.1 1
    X
        "$BW" in.bw &
        read < go
        unshare --pid --fork --mount-proc "$BW" cleanup
        echo > back; wait $!; echo "status $?"; cat /proc/sys/net/ipv4/ip_forward'
status: 0
stdout! ^removed link
stdout: 1
stdout~ ^1 sent, 1 received
stdout: status 0
stdout: 0

case: cleanup removes what a killed session said about a network namespace that has ended
needs: root net veth nft module:net module:nft
shell:
    unshare -n bash -c '
        cat > in.sh << "X"
        stat -Lc %i /proc/self/ns/net > inode
        "$BW" -c "unshare net; net veth 10.217.0.2/24; net nat --forward; host sh -c \"pkill -9 --ns $$ --nslist net -x bw-janitor; kill -9 \\\$PPID\""
        ls /run > run
    X
        unshare -n bash in.sh
        sleep 0.3
        grep -o "forward.$(cat inode)" run
        "$BW" cleanup
        ls /run | grep "forward.$(cat inode)"; true' 2>/dev/null
status: 0
stdout~ ^forward\.[0-9]+$
stdout~ ^removed /run/boxwright-[-0-9]+\.forward\.[0-9]+: its shell, process [0-9]+, is gone$
check: [ "$(grep -c forward "$OUT")" = 2 ]

case: the table of net nat goes with a killed session, whatever was started with host
needs: root net veth nft module:net module:nft
shell:
    unshare -n bash -c '
        "$BW" -c "unshare net; net veth 10.217.0.2/24; net nat --forward; host setsid -f sleep 3; host nft list tables; host sh -c \"kill -9 \\\$PPID\""
        for i in $(seq 20); do [ -z "$(nft list tables)" ] && break; sleep 0.1; done
        echo after; nft list tables; pkill --ns $$ --nslist net -x sleep' 2>/dev/null
status: 0
stdout~ ^table ip boxwright_
stdout: after
check: ! sed '1,/^after$/d' "$OUT" | grep table

case: net nat of a session goes on when another one that set ip_forward ends
needs: root net veth bridge nft module:net module:nft
shell:
    unshare -n bash -c '
        mkfifo go
        ("$BW" -c "unshare net; net veth 10.217.0.2/24; net nat --forward; host sh -c \"echo > go; sleep 1\"" >/dev/null 2>&1) &
        read < go
        "$BW" -c "unshare net; net veth 10.218.0.2/24; net nat; host sleep 2; host cat /proc/sys/net/ipv4/ip_forward"
        wait
        cat /proc/sys/net/ipv4/ip_forward' 2>/dev/null
status: 0
stdout= 1
stdout= 0

case: an address of the host is not taken over
needs: root net veth module:net
shell:
    unshare -n sh -c 'ip link set lo up; ip addr add 10.218.0.1/24 dev lo; "$BW" -c "unshare net; net veth 10.218.0.2/24"'
status: 1
stderr~ ^boxwright: 10\.218\.0\.1 is an address of lo on the host already$
stderr~ ^  do:    take another one

case: a network that overlaps a route of the host's is refused
needs: root net veth module:net
shell:
    unshare -n sh -c 'ip link add d0 type veth peer name d1; ip link set d0 up; ip addr add 10.219.5.1/24 dev d0; "$BW" -c "unshare net; net veth 10.219.0.2/16"; s=$?; ip -br link | grep -c ^bw; exit $s'
status: 1
stdout= 0
stderr~ ^boxwright: the network 10\.219\.0\.0/16 overlaps a route of the host, 10\.219\.5\.0/24: one would take the other's packets$

case: a network that the box has already is refused, and nothing is left half done
needs: root net veth bridge module:net
shell:
    unshare -n "$BW" -k -c "unshare net; net veth 10.218.0.2/24; net bridge lan 10.218.0.3/24; host ip -br link show type bridge; plan"
status: 0
stdout! bw.*UNKNOWN
stdout! net bridge
stderr~ overlaps a route of the host, 10\.218\.0\.0/24

case: on a bridge each address is one box's, of one network
needs: root net veth bridge module:net
shell:
    unshare -n "$BW" -k -c "unshare net; net bridge lan 10.214.0.2/24; box new b; unshare net; net bridge lan 10.214.0.2/24; net bridge lan 10.99.0.2/24; net bridge lan 10.214.0.4/24 --host 10.214.0.1; host sh -c 'ip -br link | wc -l'"
status: 0
stdout= 3
stderr~ ^boxwright: 10\.214\.0\.2 is the address of box on bridge lan$
stderr~ ^boxwright: bridge lan has the network 10\.214\.0\.0/24, and the box would reach nobody on it$
stderr~ ^boxwright: bridge lan was made without the host on it$

case: an ordinary user joins boxes of one user namespace by a bridge in the first
as: user
needs: userns net veth bridge module:net
run:
    unshare user net
    map root
    net up
    net bridge lan 10.214.0.2/24
    box new b --share user box
    unshare net
    net bridge lan 10.214.0.3/24
    net ping 10.214.0.2
    box box
    undo
status: 1
stdout~ ^3 sent, 3 received
stderr~ ^boxwright: box b is in namespaces of box box, or on its network: undo would

case: an ordinary user makes no link on the host
as: user
needs: userns net module:net
run:
    unshare user net
    net veth 10.213.7.2/24
status: 1
stderr~ ^boxwright: the other end would be in the host's network namespace, where only root makes interfaces$
stderr~ ^  do:    net nat is a way out for you

case: networks of two user namespaces are not joined
as: user
needs: userns net bridge module:net
run:
    unshare user net
    net bridge lan 10.214.0.2/24
    box new b
    unshare user net
    net bridge lan 10.214.0.3/24
status: 1
stderr~ belong to two user namespaces, and none has a right in both$
stderr~ ^  do:    box new NAME --share user box; unshare net$

case: an ordinary user has a way out through slirp4netns, which ends with the box
needs: root user net veth tun module:net cmd:slirp4netns cmd:python3 !valgrind
shell:
    unshare -nm bash -c '
        ip link set lo up
        ip link add up0 type veth peer name up1
        ip addr add 192.0.2.2/24 dev up0; ip link set up0 up; ip link set up1 up
        ip route add default via 192.0.2.1
        mknod tun c 10 200 && chmod 666 tun && mount --bind tun /dev/net/tun || exit
        python3 -c "import socket; s = socket.socket(); s.bind((\"192.0.2.2\", 8088)); s.listen(); c, _ = s.accept(); c.sendall(b\"from outside\"); c.close()" &
        python3 -c "import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 8089)); s.listen(); s.accept()" &
        sleep 0.7
        cat > in.bw << "X"
    unshare user net
    map root
    net nat
    net show
    run python3 -c "import socket; s = socket.socket(); s.settimeout(2); print(\"loopback\", s.connect_ex((\"10.0.2.2\", 8089)) != 0)"
    run python3 -c "import socket; print(socket.create_connection((\"192.0.2.2\", 8088), 5).recv(64).decode())"
    host sh -c "pgrep -cx slirp4netns"
    undo
    host sh -c "sleep 0.1; pgrep -cx slirp4netns; true"
    redo
    X
        setpriv --reuid 65534 --regid 65534 --clear-groups "$BW" in.bw; echo "status $?"
        kill %1 %2 2>/dev/null; sleep 0.1; pgrep -u 65534 -x slirp4netns -a | grep -c "$PWD"'
status: 1
stdout~ ^tap0 +up    tun  10\.0\.2\.100/24$
stdout: route    default via 10.0.2.2 dev tap0
stdout: loopback True
stdout: from outside
stdout: 1
stdout: 0
stdout: status 0

case: or through pasta
needs: root user net veth tun module:net cmd:pasta cmd:python3
shell:
    unshare -nm bash -c '
        ip link set lo up
        ip link add up0 type veth peer name up1
        ip addr add 192.0.2.2/24 dev up0; ip link set up0 up; ip link set up1 up
        ip addr add 198.51.100.7/32 dev lo
        ip route add default via 192.0.2.1
        mknod tun c 10 200 && chmod 666 tun && mount --bind tun /dev/net/tun || exit
        mkdir bin; ln -s "$(command -v pasta)" bin/pasta; python=$(PATH=/usr/bin:/bin command -v python3)
        python3 -c "import socket; s = socket.socket(); s.bind((\"198.51.100.7\", 8088)); s.listen(); c, _ = s.accept(); c.sendall(b\"from outside\"); c.close()" &
        python3 -c "import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 8089)); s.listen(); s.accept()" &
        sleep 0.7
        cat > in.bw << X
    unshare user net
    map root
    net nat
    net show
    run $python -c "import socket; s = socket.socket(); s.settimeout(2); print([a for a in (\"127.0.0.1\", \"192.0.2.1\") if s.connect_ex((a, 8089)) == 0])"
    run $python -c "import socket; print(socket.create_connection((\"198.51.100.7\", 8088), 5).recv(64).decode())"
    undo
    X
        env PATH="$PWD/bin" /usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups "$BW" in.bw; echo "status $?"
        kill %1 %2 2>/dev/null; sleep 0.1; pgrep -u 65534 -f "pasta.*netns" -a | grep -c "$PWD/bin"'
status: 1
stdout~ ^up0 +up    tun  192\.0\.2\.2/24$
stdout: []
stdout: from outside
stdout: status 0
stdout: 0

case: without slirp4netns and pasta an ordinary user is told so
as: user
needs: userns net module:net
shell:
    PATH=/nowhere "$BW" -c 'unshare user net; net nat'
status: 1
stderr~ neither slirp4netns nor pasta is installed$
stderr~ ^  do:    apt install slirp4netns, or sudo boxwright$

case: the host's own network is not changed
needs: root module:net
run:
    net up
status: 1
stderr~ ^boxwright: the box shares the host's network: net up would change that of the host itself$
stderr~ ^  do:    unshare net, then net up$

case: an interface that is not there
needs: root net module:net
run:
    unshare net
    net up eth7
status: 1
stderr~ ^boxwright: the box has no interface eth7$

case: a gateway that no network has is refused with the kernel's own words
needs: root net module:net
run:
    unshare net
    net up
    net route default via 10.7.0.1
status: 1
stderr~ ^boxwright: RTM_NEWROUTE\(RTA_DST default, RTA_GATEWAY 10\.7\.0\.1\) = -1 ENETUNREACH
stderr~ ^  cause: the kernel says:
stderr~ ^  do:    the gateway must be in a network

case: words that are no address are refused
needs: root net module:net
argv: -k
run:
    unshare net
    net veth 10.7.0.2
    net veth 10.7.0.300/24
    net veth 10.7.0.0/24
    net veth 10.7.0.255/24
    net veth 127.0.0.2/24
    net veth 10.7.0.2/31
    net veth 10.7.0.2/24 --peer 10.8.0.1
    net veth 10.7.0.2/24 --pier 10.7.0.1
    net veth
    net bridge lan
    net bridge "" 10.7.0.2/24
    net route default
    net route 10.7.0.1/24 via 10.7.0.1
    net route fd07::/64 via 10.7.0.1
    net ping
    net ping nowhere
    net ping 127.0.0.1 0
    net nat --backward
    net sideways
    net show me
status: 2
stderr~ 10\.7\.0\.2 is no address with the length of its network
stderr~ 10\.7\.0\.300/24 is no address
stderr~ is the network itself
stderr~ broadcast address
stderr~ loopback, multicast or reserved
stderr~ has a length of 8 to 30
stderr~ two addresses of one network
stderr~ net veth does not know --pier
stderr~ net veth needs the box's address
stderr~ net bridge needs the bridge's name
stderr~ "" is no name for a bridge
stderr~ net route needs a network
stderr~ has bits of a host beyond
stderr~ another family
stderr~ net ping needs an address
stderr~ nowhere is no address
stderr~ net ping needs an address
stderr~ net nat does not know --backward
stderr~ net does not know sideways
stderr~ net does not know me

case: net nat needs a link with an address on the host
needs: root net module:net module:nft
run:
    unshare net
    net nat
status: 1
stderr~ ^boxwright: the box has no link whose other end on the host has an IPv4 address$
