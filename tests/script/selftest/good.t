# Each of these holds.
case: lines in order, a regex, an absent one
run:
    echo one
    echo two
    echo three >&2
status: 0
stdout: one
stdout~ ^t.o$
stdout! three
stderr= three

case: a status of its own
run: exit 3
status: 3
stdout=
stderr=

case: standard input
run: cat
stdin: a line
stdin: another
status: 0
stdout= a line
stdout= another

case: the script on standard input
via: stdin
run:
    echo here
status: 0
stdout: here

case: a script file
via: file
run: echo here
status: 0
stdout: here

case: argv and env
argv: -c 'echo $WORD @T@'
env: WORD=hello
status: 0
stdout~ ^hello /.*[0-9]$

case: before, check, after see the case's directory
before: echo text > file
run: cat file
check: [ -s "$T/file" ] && [ "$STATUS" = 0 ] && grep -q text "$OUT"
after: rm "$T/file"
status: 0
stdout: text

case: a shell block
shell:
    echo "$BW"
    exit 4
status: 4
stdout~ /boxwright$

case: as another user
as: user
run: id -u; touch mine
status: 0
stdout! ^0$
check: [ -e mine ]

case: a need turned round
needs: !cmd:no-such-program-here
run: echo ran
status: 0
stdout: ran
