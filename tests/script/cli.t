# How the program is called, how a script ends, what a syntax error says.

case: --help goes to standard output
argv: --help
status: 0
stdout~ ^usage: boxwright
stdout~ --version
stderr=

case: --version
argv: --version
status: 0
stdout~ ^boxwright [0-9]+\.[0-9]+\.[0-9]+$
stderr=

case: an unknown option is a usage error
argv: --nonsense
status: 2
stdout=
stderr~ no option --nonsense
stderr~ boxwright --help

case: -c without commands
argv: -c
status: 2
stdout=
stderr~ -c takes

case: two scripts
argv: one.bw two.bw
status: 2
stdout=
stderr~ two\.bw

case: a script that is not there
argv: @T@/no-such-file
status: 2
stdout=
stderr~ ENOENT
stderr~ FILE runs a script

case: a command in place of a script says how to run it
argv: unshare uts
status: 2
stdout=
stderr~ -c

case: a script file
via: file
run:
    # a comment
    run echo 'one  two'; run echo "three"
    run echo four\ five # and this
status: 0
stdout= one  two
stdout= three
stdout= four five

case: a script on standard input leaves the rest to the program that a line runs
via: stdin
run:
    run head -n 1
    this line is for head
    run echo after
status: 0
stdout= this line is for head
stdout= after

case: a script with CR LF line ends
before: printf 'run echo one\r\nrun echo two\r\n' > crlf.bw
argv: crlf.bw
status: 0
stdout~ ^one
stdout~ ^two

case: a script stops at the first failure
via: file
run:
    run echo before
    run false
    run echo after
status: 1
stdout= before

case: -k goes on, and the status is that of the last command
argv: -k
run:
    nonsense
    run echo after
    run sh -c 'exit 7'
status: 7
stdout= after
stderr~ nonsense is not a command

case: an error in a script names file and line
via: file
run:
    run true

    nonsense
status: 2
stdout=
stderr~ script\.bw:3: nonsense

case: an empty script does nothing
argv: -c ''
status: 0
stdout=
stderr=

case: a binary in place of a script
argv: /bin/sh
status: 2
stdout=
stderr~ not text
stderr~ run PROGRAM

case: a folder in place of a script
argv: /
status: 2
stdout=
stderr~ not a regular file

case: half a quote
run: run echo 'half
status: 2
stdout=
stderr~ quote is not closed

case: a backslash at the end
argv: -c 'run echo \'
status: 2
stdout=
stderr~ backslash

case: a pipe is refused with the way out
run: run ls | head
status: 2
stdout=
stderr~ column 8
stderr~ run sh -c

case: redirection, background, substitution are refused
argv: -k
run:
    run ls > file
    run ls &
    run echo $HOME
    run echo `id`
status: 2
stdout=
stderr~ '>'
stderr~ '&'
stderr~ '\$HOME'
stderr~ '`'
check: [ ! -e file ]

case: a mistyped command gets the nearest
run: unshar uts
status: 2
stdout=
stderr~ did you mean unshare

case: a program's name says how to run it
run: ls -l
status: 2
stdout=
stderr~ run ls

case: a program's own status
run: run sh -c 'exit 42'
status: 42
stdout=

case: a program that is not found
run: run no-such-program-here
status: 127
stdout=
stderr~ no-such-program-here

case: a file that is not executable
before: echo text > plain; chmod 644 plain
run: run @T@/plain
status: 126
stdout=
stderr~ plain

case: a program ended by a signal
run: run sh -c 'kill -TERM $$'
status: 143
stdout=

case: data to standard output, messages to standard error
needs: root
run:
    unshare uts
    hostname box1
    hostname
status: 0
stdout= box1
stderr~ ^ *unshare\(CLONE_NEWUTS\) = 0$
stderr~ ^ *sethostname\("box1", 4\) = 0$

case: no colour when it is no terminal
needs: root
env: TERM=xterm-256color
run: unshare uts
status: 0
stderr~ CLONE_NEWUTS
check: ! grep -q $'\x1b' "$ERR" "$OUT"

case: standard output that is full is an error
shell:
    "$BW" -c 'help' > /dev/full
status: 1
stdout=

case: standard descriptors that are closed
shell:
    "$BW" -c 'run true' <&- >&- 2>&-
    echo "status $?" > result
status: 0
check: grep -qx 'status 0' result

case: a long line
shell:
    "$BW" -c "run echo $(head -c 100000 /dev/zero | tr '\0' x)" | wc -c
status: 0
stdout: 100001

case: a killed shell leaves nothing behind
needs: root
shell:
    "$BW" -c 'unshare pid uts ipc net; mountproc; spawn sleep 1000; run sleep 1000' 2> err &
    shell=$!
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        sleep 0.2
        grep -q mountproc err && break
    done
    kill -9 $shell
    wait $shell 2> /dev/null
    echo killed
status: 0
stdout: killed

case: a session that gets SIGTERM ends its box
needs: root
shell:
    "$BW" -c 'unshare pid uts; spawn sleep 1000; run sleep 1000' 2> err &
    shell=$!
    sleep 1
    kill -TERM $shell
    wait $shell
    echo "status $?"
status: 0
stdout~ ^status 143$

case: told to end, a session does not wait for a reader that reads nothing
shell:
    mkfifo full
    exec 3<> full
    head -c 65536 /dev/zero >&3
    for sig in TERM HUP; do
        "$BW" -c help > full & sleep 0.5; kill -$sig $!; wait $!; echo "$sig $?"
        "$BW" -c nosuch 2> full & sleep 0.5; kill -$sig $!; wait $!; echo "$sig $?"
    done
status: 0
stdout= TERM 143
stdout= TERM 143
stdout= HUP 129
stdout= HUP 129

case: a decimal sign is a point in every locale
needs: cmd:localedef host
env: LOCPATH=@T@
env: LC_ALL=de_DE.UTF-8
before: localedef -i de_DE -f UTF-8 "$T/de_DE.UTF-8"
run: pane rate 2.5
status: 0
stderr~ ^note: the pane is not to be seen

case: what is spawned ends with the session
run:
    spawn sleep 1000
    ps
status: 0
stdout~ sleep

case: cleanup with nothing to clean
argv: cleanup
needs: root
status: 0
stdout~ .

case: as an ordinary user the first step needs a user namespace
as: user
run: unshare uts
status: 1
stdout=
stderr~ EPERM
stderr~ unshare user

case: as an ordinary user with a user namespace
as: user
needs: userns
run:
    unshare user
    map root
    unshare uts
    hostname box1
    run hostname
    run id -u
status: 0
stdout= box1
stdout= 0
