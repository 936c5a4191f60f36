# explain and doctor: causes as found, texts, refusals.

case: explain with nothing to explain
run:
    explain
status: 1
stderr: boxwright: nothing failed yet, and no step was made
stdout=

case: explain tells the last error at length
as: user
argv: -k
run:
    unshare pid
    explain
status: 0
stdout~ ^call +unshare\(CLONE_NEWPID\) = -1 EPERM
stdout~ ^cause +CapEff of the box lacks CAP_SYS_ADMIN; it runs as uid [0-9]+ in the host's user namespace$
stdout~ ^do +unshare user first, then map root, then unshare pid$
stdout: Manual pages: unshare(2), user_namespaces(7)
stderr~ ^  do: +unshare user first, then map root, then unshare pid$

case: the way out that explain names works
as: user
needs: userns
run:
    unshare user
    map root
    unshare pid
    run sh -c 'echo $PPID'
status: 0
stdout: 1

case: explain of a refusal by boxwright itself
argv: -k
run:
    frobnicate
    explain last
status: 0
stdout~ ^refused +frobnicate is not a command
stdout~ ^by +boxwright itself

case: explain the last step where nothing failed
needs: root
run:
    unshare uts
    explain
status: 0
stdout: Nothing failed yet. The last step was: unshare uts
stdout~ ^unshare: make new namespaces
stdout~ unshare\(2\)

case: explain a command
run: explain chroot
status: 0
stdout~ ^chroot:
stdout~ chroot\(2\)

case: explain an errno by name, in any case
run: explain enospc
status: 0
stdout~ ^ENOSPC \(28, No space left on device\):
stdout~ - unshare: .*max_KIND_namespaces

case: explain an errno by number
run: explain 1
status: 0
stdout~ ^EPERM \(1, Operation not permitted\):

case: explain a call and an errno
run: explain pivot_root EINVAL
status: 0
stdout~ ^pivot_root: EINVAL
stdout~ rootfs
stdout: Manual pages: pivot_root(2)

case: explain what is neither
run: explain chrot
status: 2
stderr~ ^boxwright: chrot is neither a command nor an error$
stderr~ did you mean chroot
stdout=

case: explain a call without its error
run: explain setns
status: 2
stderr~ setns is a system call

case: explain an error that does not exist
run: explain unshare EWHAT
status: 2
stderr~ EWHAT is not the name or number of an error

case: explain a call that is not known
run: explain frobnicate EPERM
status: 2
stderr~ frobnicate is not a system call

case: explain a number that is no errno
run: explain 99999999999999999999
status: 2
stderr~ neither a command nor an error

case: explain with too many words
run: explain a b c
status: 2
stderr~ at most a call and an error

case: doctor as root
needs: root
run: doctor
status: 0
stdout~ ^ok +privilege now +uid 0
stdout~ ^(ok|limited|no) +pid namespaces
stdout~ ^(ok|limited|no) +controller memory
stdout: The article can be walked here, as root.
stdout! ^unknown
stderr=

case: doctor for an ordinary user
as: user
needs: userns
argv: doctor
status: 0
stdout~ ^limited +privilege now +uid [0-9]+ without CAP_SYS_ADMIN
stdout~ fix: unshare user, then map root
stdout~ ^ok +user namespaces +made one, mapped root
stdout: The article can be walked here: unshare user and map root come first.

case: doctor says no where neither root nor user namespaces are
needs: root
shell:
    unshare --user --map-root-user bash -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
      exec setpriv --inh-caps=-all --bounding-set=-all "$BW" doctor'
status: 1
stdout~ ^no +user namespaces +ENOSPC: user.max_user_namespaces is 0
stdout~ fix: .*sysctl user.max_user_namespaces
stdout~ ^The article cannot be walked here

case: doctor says no where no box can be made
needs: root noexec !valgrind
shell:
    exec unshare --pid --fork --mount-proc sh -c 'echo 2 > /proc/sys/vm/memfd_noexec; exec "$BW" doctor'
status: 1
stdout~ ^no +the box's own program +EACCES: vm.memfd_noexec
stdout~ fix: as root: sysctl vm.memfd_noexec=1$
stdout: The article cannot be walked here: no box can be made. See the box's own program above.

case: without a copy in memory there is no box
needs: root noexec !valgrind
shell:
    exec unshare --pid --fork --mount-proc sh -c 'echo 2 > /proc/sys/vm/memfd_noexec; exec "$BW" -c "unshare uts"'
status: 1
stderr~ ^boxwright: memfd_create\("boxwright", .*\) = -1 EACCES
stderr~ do: +as root: sysctl vm.memfd_noexec=1$

case: doctor takes no arguments
run: doctor --json
status: 2
stderr~ doctor takes no arguments

case: setns into the user namespace that one is in
needs: root
shell:
    "$BW" -c "enter $$ user"
status: 1
stderr~ ^boxwright: setns\([0-9]+</proc/[0-9]+/ns/user>, CLONE_NEWUSER\) = -1 EINVAL
stderr~ cause: the box is in user namespace [0-9]+ already
stderr~ do: +leave user out

case: setns upward, to a pid namespace above the box's own
needs: root
shell:
    "$BW" -c "unshare pid; enter $$ pid"
status: 1
stderr~ ^boxwright: setns\([0-9]+</proc/[0-9]+/ns/pid>, CLONE_NEWPID\) = -1 EINVAL
stderr~ cause: that pid namespace does not lie below the box's own
stderr~ do: +reset

case: setns into a namespace of a user namespace that the box has left
as: user
needs: user userns
shell:
    "$BW" -c "unshare user; map root; enter $$ uts"
status: 1
stderr~ ^boxwright: setns\([0-9]+</proc/[0-9]+/ns/uts>, CLONE_NEWUTS\) = -1 EPERM
stderr~ cause: that namespace belongs to user namespace [0-9]+; the box is in [0-9]+
stderr~ do: +enter its user namespace first

case: a working directory that was removed is named as the cause
needs: root
shell:
    mkdir gone && cd gone && rmdir ../gone
    "$BW" -k -c 'unshare mnt; mount tmpfs .; mkdir x/y'
status: 1
stderr~ ^boxwright: mount\("tmpfs", "\.", .* = -1 ENOENT
stderr~ cause: the working directory was removed
stderr~ do: +name the whole path
stderr~ cause: the working directory was removed
