# Each of these must be reported as FAIL.
case: no assertion
run: echo x
status: 0

case: no status
run: echo x
stdout: x

case: nothing run
status: 0
stdout: x

case: unknown field
run: echo x
status: 0
stdout: x
stduot: x

case: unknown need
needs: luck
run: echo x
status: 0
stdout: x

case: wrong status
run: exit 1
status: 0
stdout=

case: lines in the wrong order
run:
    echo one
    echo two
status: 0
stdout: two
stdout: one

case: a line that should be absent
run: echo one
status: 0
stdout! ^one$

case: more than exactly this
run: echo one; echo two
status: 0
stdout= one

case: a check that does not hold
run: echo one
status: 0
check: false
check: true

case: too slow
timeout: 1
run: sleep 5
status: 0
stdout=

case: too slow, and SIGTERM does not end it
timeout: 1
run: trap "" TERM; sleep 5; sleep 50
status: 0
stdout=

case: before fails
before: false
run: echo one
status: 0
stdout: one

case: a process is left behind
run: setsid sleep 1000 > /dev/null 2>&1 < /dev/null & echo started
status: 0
stdout: started

case: a file of boxwright's is left behind
run: touch /tmp/boxwright-selftest-stray
after: (sleep 1; rm -f /tmp/boxwright-selftest-stray) > /dev/null 2>&1 &
status: 0
stdout=
