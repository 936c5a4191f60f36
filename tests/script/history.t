# History: plan, undo, redo, reset, save, source, and steps that fail midway.

case: plan lists the steps
needs: root
run:
    unshare uts
    hostname a
    plan
status: 0
stdout~ 1  unshare uts
stdout~ 2  hostname a

case: undo and redo
needs: root
run:
    unshare uts
    hostname a
    hostname b
    undo
    run hostname
    redo
    run hostname
status: 0
stdout= a
stdout= b
stderr~ cannot un-unshare

case: undo with nothing to undo
run:
    undo
status: 1
stderr~ no step

case: redo with nothing to redo
run:
    redo
status: 1
stderr~ no step

case: undo of more than there is
needs: root
run:
    unshare uts
    undo 5
status: 1
stderr~ there is 1 step to undo, not 5$

case: reset empties the box
needs: root
run:
    unshare uts
    reset
    inspect --json
status: 0
stdout~ "uts": ?\{[^}]*"own": ?false

case: save writes a script that source runs
needs: root
run:
    unshare uts
    hostname saved
    save @T@/box.bw
    reset
    source @T@/box.bw
    run hostname
status: 0
stdout= saved
check: grep -qx 'hostname saved' box.bw

case: save overwrites nothing
before: echo mine > box.bw
run:
    save @T@/box.bw
status: 1
stderr~ EEXIST
check: [ "$(cat box.bw)" = mine ]

case: save follows no link
before: ln -s target link
run:
    save @T@/link
status: 1
stderr~ EEXIST
check: [ ! -e target ]

case: source stops at the first failure and names the line
before: printf 'run true\nrun false\nrun echo no\n' > s.bw
run:
    source @T@/s.bw
status: 1
stdout=

case: source of itself ends
before: echo "source $T/s.bw" > s.bw
run:
    source @T@/s.bw
status: 1
stderr~ deep

case: source of a directory
run:
    source @T@
status: 1
stderr~ regular file

case: source of a binary file
before: printf 'run true\0\n' > s.bw
run:
    source @T@/s.bw
status: 2
stderr~ s.bw:1

case: a half quote
run:
    run echo 'half
status: 2
stderr~ quote

case: an unknown word names the nearest command
run:
    unshar pid
status: 2
stderr~ did you mean unshare.*run unshar

case: a pipe is not boxwright's
run:
    run ls | wc
status: 2
stderr~ run sh -c

case: a step that fails midway is undone, and the box is as before
needs: root
argv: -k
run:
    unshare uts
    hostname first
    unshare --pid --fork --mount-proc=@T@/nothing
    run hostname
    inspect --json
status: 0
stdout: first
stdout~ "nspid": ?[0-9]{2,}.*"pid": ?\{[^}]*"own": ?false.*"uts": ?\{[^}]*"own": ?true
stderr~ ENOENT
stderr~ built anew from its 2 steps
