# What help shows as an example is typed as it is shown: each must work, or say why it does not here.

case: every command's example works as help shows it
needs: root busybox cgwrite cpu memory pids overlay module:json
timeout: 240
shell:
    tried=0
    for name in $($BW -c help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        case $name in
        debootstrap) continue ;; # downloads, where the network lets it
        watch) right=1 ;;        # a script's session cannot be watched
        rlimit) right=${BW_TEST_VALGRIND:-0} ;; # it keeps the number of descriptors to itself
        *) right=0 ;;
        esac
        $BW -c "help $name" | sed -n '/^example$/,/^as a shell line$/{/^  /s///p}' |
            sed "s:/tmp/:$T/:g; s/sleep 5 /sleep 0.5 /" > example
        [ -s example ] || echo "$name has no example"
        mkdir "$name" && cd "$name" || exit 1
        "$BW" -c "$(< ../example)" > ../out 2> ../err < /dev/null
        is=$?
        cd ..
        [ "$is" = "$right" ] || { echo "$name: exit status $is"; cat example err; }
        tried=$((tried + 1))
    done
    echo "$tried tried"
status: 0
stdout~ ^[4-9][0-9] tried$
stdout! has no example
stdout! exit status
check: [ "$(grep -c . "$OUT")" = 1 ]

case: ps names the stage, however soon it looks
shell:
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        $BW -c ps | tail -n 1
    done
status: 0
stdout~ the stage +bw-stage$
stdout! the stage +[^b ]

case: what cannot be gone on with or taken back says what comes first
argv: -k
run:
    fg
    undo
    redo
status: 1
stderr~ do: +on a terminal, \^Z stops a program
stderr~ do: +make one first, such as unshare uts
stderr~ do: +undo comes first
