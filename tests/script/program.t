# Programs: run, sh, spawn, ps, kill, burn, host.

case: the exit status is the program's own
run:
    run sh -c 'exit 7'
status: 7
stderr=

case: a program that is not there is 127
run:
    run no-such-program-here
status: 127
stderr~ ENOENT

case: a file that is not executable is 126
run:
    run /etc/passwd
status: 126
stderr~ EACCES

case: killed by a signal is 128+N
run:
    run sh -c 'kill -9 $$'
status: 137
stdout=

case: standard input reaches the program
stdin: hello
run:
    run cat
status: 0
stdout= hello

case: sh runs a shell in the box
run:
    sh -c 'echo here'
status: 0
stdout= here

case: -k goes on after a failure
argv: -k
run:
    run false
    run echo on
status: 0
stdout= on

case: the first failure stops
run:
    run false
    run echo on
status: 1
stdout=

case: spawn, ps and kill
needs: root
shell:
    "$BW" -c 'unshare pid
    spawn sleep 47
    ps' > out; s=$?
    cat out
    exit $s
status: 0
stdout~ the stage
stdout~ sleep
check: ! pgrep -x -f 'sleep 47'

case: spawn of nothing
run:
    spawn
status: 2
stderr~ spawn

case: kill leaves foreign processes alone
run:
    kill 1
status: 1
stderr~ not one of the box

case: kill with an unknown signal
run:
    kill -NONSENSE 1
status: 2
stderr~ NONSENSE

case: ps takes no arguments
run:
    ps aux
status: 2
stderr~ aux

case: fg with nothing stopped
run:
    fg
status: 1
stderr~ stopped

case: burn is bounded
run:
    burn cpu 1 300ms
status: 0
stdout~ cpu

case: burn forks
run:
    burn fork 5 200ms
status: 0
stdout~ 5

case: burn memory
run:
    burn memory 8M 200ms
status: 0
stdout~ .

case: burn without a size
run:
    burn memory
status: 2
stderr~ size

case: burn of an unknown kind
run:
    burn disk
status: 2
stderr~ disk

case: host runs outside
needs: root
run:
    unshare uts
    hostname inner
    host sh -c 'hostname'
status: 0
stdout! inner
stderr~ sethostname

case: host with a program that is not there
run:
    host no-such-program-here
status: 127
stderr~ ENOENT
