# The shell itself: help, set, quit, how a session is started and how it ends.

case: help lists every group
run:
    help
status: 0
stdout: namespaces
stdout~ ^  unshare +make new namespaces
stdout: file system
stdout: control groups
stdout: programs
stdout: looking
stdout: history
stdout: shell
stdout~ ^  quit +end the session
stderr=

case: help tells all about one command
run:
    help unshare
status: 0
stdout~ ^unshare: make new namespaces for the box \(namespaces\)
stdout: usage
stdout~ ^  unshare NAMESPACE
stdout: example
stdout: manual
stdout~ unshare\(2\)

case: help lists one group, by its name or the beginning of it
run:
    help file
status: 0
stdout: file system
stdout~ ^  mountproc
stdout! ^  unshare

case: help says what a command needs first
run:
    help mountproc
status: 0
stdout~ ^mountproc:
stdout~ undo takes it back

case: help about nothing known names the nearest
run:
    help unsahre
status: 2
stdout=
stderr: boxwright: there is no command or group unsahre
stderr~ help unshare

case: set shows and changes how much is printed
run:
    set
    set verbose 0
    set verbose
    set verbose 2
    set
status: 0
stdout= verbose 1  (calls and what changed)
stdout= verbose 0  (what changed)
stdout= verbose 2  (every call and what changed)

case: verbose 0 hides the calls, not the change
needs: root
run:
    set verbose 0
    unshare uts
status: 0
stderr~ ^  uts .*own$
stderr! unshare\(CLONE_NEWUTS\)

case: set refuses an absurd number
run:
    set verbose 3
status: 2
stderr: boxwright: verbose is 0, 1 or 2, not 3

case: set refuses a minus sign
run:
    set verbose -1
status: 2
stderr~ not -1

case: set knows no other setting
run:
    set colour on
status: 2
stderr: boxwright: there is no setting colour

case: quit ends the session with a status
run:
    quit 7
    set
status: 7
stdout=

case: quit keeps the last status
argv: -k
run:
    nosuch
    quit
status: 2
stdout=
stderr~ nosuch is not a command

case: quit refuses a status beyond 255
run:
    quit 256
status: 2
stderr~ 0 to 255

case: exit is quit
run:
    exit 3
status: 3
stdout=
stderr=

case: boxwright typed in boxwright
argv: -k
run:
    boxwright learn 1
    sudo boxwright inspect
status: 2
stderr: boxwright: this is boxwright already: its commands are typed without that word
stderr~ do: +type the rest of the line alone
stderr~ this is boxwright already
stderr! run boxwright

case: an unknown word names the nearest command
run:
    unsahre pid
status: 2
stderr: boxwright: unsahre is not a command of boxwright
stderr~ did you mean unshare

case: a word that boxwright is called with is no command of a session
argv: -k
run:
    cleanup
    help grade
    run true; progress --json
status: 2
stderr: boxwright: cleanup is no command of a session: boxwright itself is called with it
stderr~ do: +in another terminal: boxwright cleanup
stderr: boxwright: grade is no command of a session: boxwright itself is called with it
stderr~ do: +in another terminal: boxwright grade
stderr~ do: +in another terminal: boxwright progress
stderr! did you mean

case: an unknown word that is a program is pointed to run
run:
    frobnicate
status: 2
stderr~ run frobnicate

case: a program that is named like a command is pointed to run
run:
    ls -l
status: 2
stderr~ to run it in the box: run ls
stderr! did you mean

case: the first failure stops
run:
    nosuch
    set
status: 2
stdout=
stderr~ nosuch

case: -k goes on
argv: -k
run:
    nosuch
    set
status: 0
stdout= verbose 1  (calls and what changed)
stderr~ nosuch

case: -k goes on after a line that cannot be read
argv: -k
run:
    run ls | cat
    set
status: 0
stdout= verbose 1  (calls and what changed)
stderr~ operator

case: a semicolon and a new line separate
run:
    set; set verbose 2; set # and this is a comment
status: 0
stdout= verbose 1  (calls and what changed)
stdout= verbose 2  (every call and what changed)

case: nothing to run is no failure
argv: -c ''
status: 0
stdout=
stderr=

case: a quote that is not closed
run:
    set
    hostname "open
status: 2
stdout= verbose 1  (calls and what changed)
stderr~ a quote is not closed

case: a script's errors carry file and line
via: file
run:
    # a comment
    set

    nosuch
    set
status: 2
stdout= verbose 1  (calls and what changed)
stderr~ ^boxwright: @T@/script.bw:4: nosuch is not a command

case: standard input's errors carry the line
via: stdin
run:
    set
    run echo 'two
    lines'
    nosuch
    set
status: 2
stdout: verbose 1  (calls and what changed)
stdout: two
stdout: lines
stderr~ ^boxwright: stdin:4: nosuch is not a command

case: a program reads what follows on standard input
via: stdin
run:
    run sh -c 'read x; echo "got $x"'
    hello
    set
status: 0
stdout= got hello
stdout= verbose 1  (calls and what changed)

case: standard input without a last new line is run
shell:
    printf 'set' | "$BW"
status: 0
stdout= verbose 1  (calls and what changed)

case: - is standard input
shell:
    echo set | "$BW" -
status: 0
stdout= verbose 1  (calls and what changed)

case: a script with a byte order mark, a #! line and DOS line ends
shell:
    printf '\357\273\277#!/usr/bin/env boxwright\r\nset verbose 2\r\nset\r\n' >@T@/dos.bw
    exec "$BW" @T@/dos.bw
status: 0
stdout= verbose 2  (every call and what changed)
stderr=

case: a binary file is no script
shell:
    printf 'set\nset\0\n' >@T@/binary
    exec "$BW" @T@/binary
status: 2
stdout=
stderr~ @T@/binary: line 2: not text

case: the program itself is no script
shell:
    exec "$BW" "$BW"
status: 2
stdout=
stderr~ line 1: not text

case: a script that is not there
argv: @T@/nosuch.bw
status: 2
stderr~ nosuch.bw.* ENOENT
stderr~ boxwright -c

case: a command given as a script is pointed to -c
argv: unshare
status: 2
stderr~ boxwright -c 'unshare

case: a directory is no script
argv: @T@
status: 2
stderr~ not a regular file

case: a FIFO is no script and does not block
shell:
    mkfifo @T@/fifo
    exec timeout 5 "$BW" @T@/fifo
status: 2
stderr~ not a regular file

case: a script that is too large
shell:
    truncate -s 17M @T@/large
    exec "$BW" @T@/large
status: 2
stderr~ 16 MiB

case: two scripts are one too many
argv: @T@/a @T@/b
status: 2
stderr~ one script

case: -c without commands
argv: -c
status: 2
stderr~ -c takes the commands

case: an unknown option
argv: --frobnicate
status: 2
stdout=
stderr: boxwright: there is no option --frobnicate
stderr~ --help

case: --help goes to standard output
argv: --help
status: 0
stdout~ ^usage: boxwright
stderr=

case: --version goes to standard output
argv: --version
status: 0
stdout~ ^boxwright [0-9]+\.[0-9]+\.[0-9]+$
stderr=

case: --no-pane is accepted
argv: --no-pane -c set
status: 0
stdout= verbose 1  (calls and what changed)

case: no line of help or of the lessons' list is wider than 80 columns
shell:
    "$BW" -c help | sed -n 's/^  \([a-z]*\) .*/help \1/p' > all
    test "$(wc -l < all)" -gt 50
    # What this machine lacks is said with a command to copy, in one piece.
    { "$BW" -c 'help; lessons'; "$BW" -k < all; } | grep -v '^ *needs ' | grep -E '.{81}'
status: 1
stdout=

case: help that cannot be written is a failure
shell:
    exec "$BW" --help >/dev/full
status: 1
stdout=

case: a closed pipe ends the session
shell:
    "$BW" -c 'set; run sleep 1; set; run echo no' | true
    echo "${PIPESTATUS[0]}"
status: 0
stdout= 141

case: watch needs a terminal, or --json
argv: watch
status: 2
stderr: boxwright: the pane needs a terminal
stderr:   do:    boxwright watch --json prints a line for each sample

case: watch refuses a session that is not there
env: XDG_RUNTIME_DIR=@T@
argv: watch --json 4194304
status: 1
stderr: boxwright: process 4194304 is no session of yours that can be watched

case: watch refuses words it does not know
argv: watch --json now
status: 2
stderr: boxwright: watch takes --json and the PID of one session, not now

case: watch does not trust a folder of sockets that others can write to
env: XDG_RUNTIME_DIR=@T@
before: mkdir -m 777 boxwright && chmod 777 boxwright
argv: watch --json
status: 1
stderr: boxwright: @T@/boxwright is not a folder of yours alone, so no socket is made there

case: a script cannot be watched
run:
    watch
status: 1
stderr: boxwright: this session cannot be watched: only one that is typed can

case: the pane's settings are shown, and set, also where it is not to be seen
run:
    pane rate 2
    pane side top
    pane mounts off
    pane size 12
    pane off
    pane
status: 0
stdout: off
stdout: rate 2.0
stdout: side top
stdout: size 12
stdout: namespaces on
stdout: mounts off
stderr: note: the pane is not to be seen here: this is a script
check: [ ! -e "$T/boxwright/pane" ]

case: the pane refuses what it cannot do
shell:
    for words in 'rate 0.4' 'rate 11' 'rate nan' 'rate 1x' 'size 3' 'size 401' 'size -1' 'side left' \
        'mounts maybe' 'colour on' 'on off' 'rate'; do
        "$BW" -c "pane $words" && exit 9
        [ $? = 2 ] || exit 8
    done
status: 0
stderr: boxwright: the rate is 0.5 to 10 samples a second, not 0.4
stderr: boxwright: the rate is 0.5 to 10 samples a second, not nan
stderr: boxwright: the size is auto, or 4 to 400 columns or rows, not 3
stderr: boxwright: the side is right, top or auto, not left
stderr: boxwright: a section is on or off, not maybe
stderr: boxwright: the pane has no setting colour on
stderr: boxwright: rate what? pane alone shows what it is now

case: cleanup takes no arguments
argv: cleanup all
status: 2
stderr~ cleanup takes no arguments

case: inspect of a process needs no session
argv: inspect 1x
status: 2
stderr~ 1x

case: SIGTERM ends the session and its box
needs: root
shell:
    "$BW" -c 'unshare pid; run sh -c "echo up; exec sleep 100"; set' >@T@/out &
    pid=$!
    for _ in $(seq 100); do grep -q up @T@/out && break; sleep 0.05; done
    stage=$(cut -d' ' -f1 /proc/$pid/task/$pid/children)
    kill $pid; wait $pid; echo "status $?"
    for _ in $(seq 100); do [ -e /proc/$stage ] || break; sleep 0.05; done
    [ -e /proc/$stage ] || echo gone
    cat @T@/out
status: 0
stdout= status 143
stdout= gone
stdout= up
