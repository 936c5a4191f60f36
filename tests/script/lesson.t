# Lessons on the command line: learning from a pipe, proving, progress, grading.

case: lessons lists them, with what is done
run:
    lessons
status: 0
stdout~ ^01-shared +What a process shares by default +4 steps,  6 min$
stdout~ ^03-pid +Your own process 1

case: lessons says how one begins where it was asked
needs: module:yaml module:markdown
shell: "$BW" lessons; "$BW" -c lessons
status: 0
stderr: boxwright learn NAME begins one, such as boxwright learn 01, or goes on with it.
stderr: learn NAME begins one, such as learn 01, or goes on with it.

case: learn takes --no-pane on either side of it
needs: module:yaml module:markdown
shell:
    for words in '--no-pane learn 1' 'learn --no-pane 1' 'learn 1 --no-pane'; do
        "$BW" $words < /dev/null 2>&1 | grep -c '^-- 01-shared, step 1 of 4'
    done
status: 0
stdout= 1
stdout= 1
stdout= 1

case: learn goes through a lesson, whatever turns it takes
needs: root module:yaml module:markdown
shell:
    printf '%s\n' 1 inspect 'run hostname' nosuch 'unshare net uts' hint check undo 'unshare uts' \
        'hostname other' 'hostname box1' lessons | "$BW" learn 1
status: 0
stdout~ ^01-shared .*  done$
stderr~ ^Step 1 of 4: Eight kinds of namespace$
stderr: [ ] `inspect` has been run
stderr: ? How many of the eight namespaces does a new process have for itself?
stderr:   You predict: none. Now see.
stderr: Done: step 1 of 4.
stderr:   You predicted it: none
stderr: Done: step 2 of 4.
stderr~ nosuch is not a command
stderr: -- 01-shared, step 3 of 4: 1 of 2 hold; net is the box's own
stderr:   The network was parted as well. `undo`, and make one kind at a time.
stderr: [x] the box has a UTS namespace of its own
stderr: [ ] it still shares the host's network
stderr~ undone: unshare net uts
stderr: Done: step 3 of 4.
stderr: -- 01-shared, step 4 of 4: 1 of 2 hold; hostname is "other"
stderr: Done: step 4 of 4.
stderr: The lesson is done: What a process shares by default.
stderr:   1 of 1 predictions were right.
check: [ "$(wc -l < "$T"/.home/state/boxwright/progress)" = 4 ]
check: [ -z "$(ls -d "$T"/boxwright-* 2>/dev/null)" ]
check: [ "$(stat -c %a "$T"/.home/state/boxwright/progress)" = 600 ]

case: learn goes on where it was left, and begins anew when told so
needs: root module:yaml module:markdown
shell:
    printf '%s\n' 'unshare --pid' fork | "$BW" learn 03-pid > /dev/null 2>&1
    # A power cut in the middle of a line.
    printf '2026-11-25T01:20:33Z pid-ns 00' >> "$XDG_STATE_HOME/boxwright/progress"
    printf '%s\n' plan 'spawn sleep 30' 'learn reset lesson' plan | "$BW" learn pid-ns
status: 0
stdout~ ^  1  unshare --pid
stdout~ ^  2  fork
stderr~ Going on after step 2: the box was made again from its 2 steps
stderr: Step 3 of 4: Two numbers for one process
stderr: Done: step 3 of 4.
stderr: Step 1 of 4: A namespace for children
stderr~ no step has been made yet

case: a prediction that is none of the choices
needs: root module:yaml module:markdown
shell:
    printf '%s\n' 5 0 1 | "$BW" learn 01-shared
status: 0
stderr:   The choices are numbered from 1 to 3.
stderr:   The choices are numbered from 1 to 3.
stderr:   You predict: none. Now see.

case: learn goes on with a box in which nothing was made
needs: root module:yaml module:markdown
shell:
    printf '%s\n' inspect | "$BW" learn 01-shared > /dev/null 2>&1
    "$BW" learn 01-shared < /dev/null
status: 0
stderr~ ^  Going on after step 1\. learn reset lesson begins anew\.$

case: what was typed in play is taken back and counts for nothing
needs: root module:yaml module:markdown
shell:
    printf '%s\n' play 'unshare --pid' check play plan | "$BW" learn 3
status: 0
stderr~ The lesson waits: nothing counts now
stderr: -- 03-pid: paused at step 1 of 4
stderr~ the lesson is paused
stderr:   1 step taken back.
stderr! Done: step

case: commands of lessons say what is missing without one
argv: -k
run:
    check
    hint
    learn stop
    learn nosuch
    learn 1 2
status: 2
stderr~ check is for a lesson, and none has been begun
stderr~ lessons lists them, learn NAME begins one
stderr~ hint is for a lesson
stderr~ learn stop is for a lesson
stderr~ there is no lesson nosuch
stderr~ learn takes one lesson

case: learn leaves a box that is in use alone
needs: root module:yaml module:markdown
run:
    unshare uts
    learn 1
status: 1
stderr~ a lesson begins with an empty box, and this one has 1 step
stderr~ save FILE keeps them, reset empties the box

case: the first commands of a lesson from elsewhere wait for consent
needs: root module:yaml module:markdown busybox
before: printf -- '---\nid: own\ntitle: Own\nsetup: [rootfs busybox box]\nsteps:\n  - id: x\n    goal: [{that: "own.uts", say: s}]\n    solution: [unshare uts]\n---\n## x\n\nText.\n' > own.md
shell:
    printf '%s\n' plan check 'learn begin' plan 'unshare uts' | "$BW" learn ./own.md
status: 0
stdout~ ^  1  rootfs busybox box
stderr: This lesson begins with these commands:
stderr:     rootfs busybox box
stderr: -- own: its first commands wait for learn begin
stderr~ no step has been made yet
stderr~ the lesson's first commands have not been run yet
stderr: Step 1 of 1: x
stderr: Done: step 1 of 1.

# All of them are proved by the suite lessons.
case: lessons check proves the lessons beside the program, with the host as it was
needs: userns module:yaml module:markdown
shell:
    mkdir build lessons
    cp -r "$BW" "${BW%/*}/modules" build/
    cp "${BW%/*}/../lessons/01-"* "${BW%/*}/../lessons/03-"* lessons/
    build/boxwright lessons check
status: 0
stdout~ ^ok   01-shared: 4 steps$
stdout~ ^ok   03-
stdout~ ^2 passed, 0 failed, 0 skipped$
stderr=

case: lessons check refuses what is not sound, with file and line
needs: root module:yaml module:markdown
before: head -c 100000000 /dev/zero > 1-huge.md
before: lesson() { printf -- '---\nid: a\ntitle: T\nsteps:\n  - id: x\n    goal: [{that: %s, say: s}]\n    solution: [%s]\n---\n## x\n\n%s\n' "$2" "$3" "$4" > "$1"; }; lesson 2-true.md '"not own.pid"' 'unshare uts' t; lesson 3-unsolved.md own.pid 'unshare uts' t; lesson 4-alias.md '*a' 'unshare uts' t; lesson 5-deep.md '[[[[[[[[1]]]]]]]]' 'unshare uts' t; lesson 6-words.md own.uts 'unshare uts' 'type **`unshair`** or [x](gone.md) or [y](man:namespaces)'; lesson 7-fails.md own.uts 'unshare uts, run false' t; lesson 8-name.md 'own.utz' 'unshare uts' t; lesson 9-good.md own.uts 'unshare uts' t
argv: lessons check .
status: 2
stdout: FAIL ./1-huge.md
stdout: FAIL 2-true
stdout: ./2-true.md:5:5: step x: the goal holds already when the step begins
stdout: FAIL 3-unsolved
stdout: ./3-unsolved.md:7:16: step x: the solution does not solve it: 0 of 1 hold; pid is still shared with the host
stdout: FAIL ./4-alias.md
stdout: FAIL ./5-deep.md
stdout: FAIL 6-words
stdout: ./6-words.md:11:1: text: unshair is not a command of boxwright
stdout: ./6-words.md:11:1: the link gone.md leads nowhere
stdout~ ^./6-words.md:11:1: the link man:namespaces: a manual page is written
stdout: FAIL 7-fails
stdout: ./7-fails.md:7:29: run false ended with status 1:
stdout: FAIL ./8-name.md
stdout: ok   9-good: 1 step
stdout: 1 passed, 8 failed, 0 skipped
stderr: boxwright: ./1-huge.md:1:1: larger than a lesson may be, 256 KiB
stderr: boxwright: ./4-alias.md:6:19: an alias: lessons have no anchors and no aliases
stderr~ ^boxwright: ./5-deep.md:6:2[0-9]: lists and maps are nested too deep here
stderr: boxwright: ./8-name.md:6:19: there is no name own.utz; own.uts?

case: a lesson that the machine cannot give is skipped with the reason and the fix
as: user
needs: user module:yaml module:markdown
before: printf -- '---\nid: a\ntitle: T\nrequires: [root]\nsteps:\n  - id: x\n    goal: [{that: own.uts, say: s}]\n    solution: [unshare uts]\n---\n## x\n\nt\n' > 1-root.md; chmod 644 1-root.md
argv: lessons check 1-root.md
status: 0
stdout: SKIP 1-root: requires root: its steps need the privileges of root; start it with sudo: sudo boxwright
stdout: 0 passed, 0 failed, 1 skipped

# So low that it throttles on a busy machine, too.
case: a limit is proved by running
needs: root cgwrite cpu module:yaml module:markdown
before: printf -- '---\nid: low\ntitle: Low\nrequires: [cgroup-cpu]\nsteps:\n  - id: x\n    goal:\n      - {that: "cpu.quota_us / cpu.period_us == 5%%", say: limit}\n      - {that: "slope(cpu.usage_us) in 10ms..100ms", say: low}\n      - {that: "rising(cpu.nr_throttled)", say: stopped}\n    solution: [cgcreate cpu 5%%, burn cpu 1 1s]\n---\n## x\n\nt\n' > 1-low.md
timeout: 60
shell:
    "$BW" lessons check 1-low.md
    printf '%s\n' 'cgcreate cpu 5%' check 'burn cpu 1 1s' | "$BW" learn ./1-low.md
status: 0
stdout: ok   1-low: 1 step
stderr~ 1 of 3 hold; cpu.usage_us (changes by .* a second|has not been watched)
stderr: [x] limit
stderr: Done: step 1 of 1.

case: progress is told for people and for programs, and a class hands in what was typed
needs: root module:yaml module:markdown
shell:
    "$BW" progress
    printf '%s\n' 2 'unshare --pid' fork 'spawn sleep 30' hint undo 'run true' 'run true' |
        "$BW" learn 3 > /dev/null 2>&1
    "$BW" progress
    "$BW" progress --json
    "$BW" progress --record 3 > handed.bw
    cat handed.bw
    "$BW" grade handed.bw
    echo "status $?"
    sed '/fork/d; $ahost touch @T@/escaped\nrun sh -c true\nmkdir /etc/x\nrootfs busybox ../y\nchroot / sh\nunshare --fork sh' handed.bw > other.bw
    "$BW" grade other.bw
    echo "status $?"
status: 0
stdout~ ^WHEN +LESSON +STEP +SECONDS +HINTS +PREDICTION +SOLUTION$
stdout~ pid-ns +unshare +[0-9]+ +0 +right
stdout~ pid-ns +lost +[0-9]+ +1$
stdout~ ^\{"boxwright": "[0-9.]+", "steps": \[\{"when": "[^"]+", "lesson": "pid-ns", "version": "[0-9a-f]{16}", "step": "unshare", "hints": 0, "solution": false, "predicted": "right"
stdout: # lesson: pid-ns
stdout: # step: unshare
stdout: unshare --pid
stdout: run true
stdout: done     unshare
stdout: done     lost
stdout: pid-ns: 4 of 4 steps done
stdout: status 0
stdout: done     unshare
stdout~ line [0-9]+ is left out: host touch @T@/escaped
stdout~ line [0-9]+ is left out: run sh -c true
stdout~ line [0-9]+ is left out: mkdir /etc/x
stdout~ line [0-9]+ is left out: rootfs busybox \.\./y
stdout~ line [0-9]+ is left out: chroot / sh
stdout~ line [0-9]+ is left out: unshare --fork sh
stdout~ ^not done fork: pid is still shared with the host$
stdout~ ^pid-ns: [12] of 4 steps done$
stdout: status 1
stderr: nothing was learnt yet: boxwright learn 01
check: [ ! -e "$T/escaped" ] && [ ! -e /etc/x ] && [ ! -e "$T/y" ]

case: grade and progress say what they take
shell:
    echo 'unshare uts' > x.bw
    "$BW" grade x.bw; echo "status $?"
    "$BW" grade; echo "status $?"
    "$BW" grade nosuch.bw; echo "status $?"
    "$BW" progress --xml; echo "status $?"
    "$BW" lessons prove; echo "status $?"
    "$BW" learn nosuch < /dev/null; echo "status $?"
    "$BW" lessons check nosuch; echo "status $?"
status: 0
stdout: status 2
stdout: status 2
stdout: status 1
stdout: status 2
stdout: status 2
stdout: status 2
stdout: status 1
stderr~ x.bw does not say which lesson it is of
stderr~ grade takes
stderr~ progress takes --json, or --record LESSON
stderr~ lessons check \[DIR\] proves them

case: an ordinary user learns without root
as: user
needs: user userns module:yaml module:markdown
shell:
    printf '%s\n' inspect 'run hostname' 'unshare uts' 'hostname box1' | "$BW" learn 1
status: 0
stderr: This lesson begins with these commands:
stderr:     unshare user
stderr: The lesson is done: What a process shares by default.

case: a lesson of several boxes is gone on with, and leaves one box
needs: root module:yaml module:markdown module:json
shell:
    mkdir l
    cat > l/1-two.md <<'END'
    ---
    id: two
    title: Two
    minutes: 1
    steps:
      - id: make
        goal:
          - {that: "own.uts", say: "a host name of its own"}
        hints: ["unshare uts"]
        solution: [box new b, unshare uts]
      - id: more
        goal:
          - {that: "own.ipc", say: "ipc of its own"}
        hints: ["unshare ipc"]
        solution: [unshare ipc]
    ---
    Two boxes.

    ## make

    Make.

    ## more

    More.
    END
    printf '%s\n' 'box new b' 'unshare uts' | "$BW" learn ./l/1-two.md > /dev/null 2>&1
    printf '%s\n' 'learn begin' 'box list' 'learn stop' 'box list' | "$BW" learn ./l/1-two.md 2>/dev/null
status: 0
stdout~ ^  box  +- +no process yet$
stdout~ ^\* b +[0-9]+ +own: uts$
stdout~ ^\* box +- +no process yet$

case: the end of a lesson follows no link that was put in the place of its folder
needs: root module:yaml
before: mkdir -p tmp other/home; echo precious > other/home/file
env: TMPDIR=@T@/tmp
run:
    learn 01
    host sh -c 'cd @T@/tmp && f=$(echo boxwright-*) && mv "$f" ../moved && ln -s ../other "$f"'
    quit
status: 0
check: [ "$(cat other/home/file)" = precious ]

case: what the janitor does after a killed shell follows no such link either
needs: root module:yaml
before: mkdir -p tmp other/home; echo precious > other/home/file
env: TMPDIR=@T@/tmp
shell:
    cat > in.bw << "X"
    learn 01
    host sh -c 'cd @T@/tmp && f=$(echo boxwright-*) && mv "$f" ../moved && ln -s ../other "$f"; kill -9 $PPID'
    X
    { "$BW" in.bw; } > log 2>&1; echo "status $?"; sleep 0.5
status: 0
stdout: status 137
check: [ "$(cat other/home/file)" = precious ]

case: cleanup removes the folder of a lesson whose shell and janitor were killed, and no other
needs: root net module:yaml
before: mkdir -p tmp/boxwright-4194303-7.abcdef tmp/boxwright-x; mkdir -m 1777 shared
env: TMPDIR=@T@/tmp
shell:
    echo 'pkill -9 --ns $$ --nslist net -x bw-janitor; kill -9 $PPID' > kill
    inode=$(stat -Lc %i /proc/self/ns/pid)
    mkdir "tmp/boxwright-$$-$(cut -d' ' -f22 /proc/$$/stat)-$inode.abcdef"
    ln -s .. "tmp/boxwright-4194303-7-$inode.ghijkl"
    mkdir "shared/boxwright-4194303-7-$inode.abcdef"; chown 65534 "shared/boxwright-4194303-7-$inode.abcdef"
    mkdir before after && ls tmp > before/list
    unshare -n "$BW" -c "learn 01; host sh $T/kill"
    unshare -n "$BW" -c "learn 01; host mkdir a/b -p; host sh $T/kill"
    sleep 0.3
    unshare -n "$BW" cleanup
    TMPDIR=$T/shared unshare -n "$BW" cleanup
    ls tmp > after/list; ls shared
status: 0
stdout~ ^removed .*/tmp/boxwright-[0-9]+-[0-9]+-[0-9]+\.[0-9a-zA-Z]{6}: its shell, process [0-9]+, is gone$
stdout~ ^removed .*/tmp/boxwright-[0-9]+-[0-9]+-[0-9]+\.[0-9a-zA-Z]{6}: its shell, process [0-9]+, is gone$
stdout~ ^boxwright-4194303-7-[0-9]+\.abcdef$
check: cmp before/list after/list

case: cleanup leaves what a lesson's folder holds of the learner's, and says so
needs: root net module:yaml
before: mkdir -m 777 tmp open
env: TMPDIR=@T@/tmp
shell:
    echo 'pkill -9 --ns $$ --nslist net -x bw-janitor; kill -9 $PPID' > kill
    unshare -n "$BW" -c "learn 01; host sh $T/kill"
    sleep 0.3
    unshare -n "$BW" cleanup; chmod 755 tmp
    echo mine > "$(echo tmp/boxwright-*)/file"
    unshare -n "$BW" cleanup
    rm tmp/boxwright-*/file
    unshare -n "$BW" cleanup
status: 0
stdout~ ^left .*/tmp/boxwright-[^ ]*: others may rename what lies beside it$
stdout~ ^left .*/tmp/boxwright-[^ ]*: it holds files$
stdout~ ^removed .*/tmp/boxwright-
check: [ -z "$(ls tmp)" ]
