# shellcheck shell=bash disable=SC2034
# For hostile_names.t. H is a name that sets the window's title, clears the screen, has a control
# of C1 as a byte, in UTF-8 and overlong, turns the direction, and goes on in a new line.
H=$'a\e]0;PWN\a\e[2J\x9b2J\xc2\x9b2J\xc0\x9b2J\xe2\x80\xaex\xe2\x80\x8fy\x7f\x08\r\tb\nPLANTED'
# What of it the command language takes, and that as one of its words.
V=$'a\xc2\x9b2J\xe2\x80\xaex\xe2\x80\x8fy\nPLANTED'
q() { printf "'%s'" "$1"; }
W=$(q "$V")
# What of it is in the files, a line each.
bad() {
    local f
    for f; do
        [ -e "$f" ] || continue
        LC_ALL=C grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae\x8e\x8f]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xc0|(^|[\x00-\x7f])[\x80-\xbf]' "$f" |
            cat -v | sed "s|^|bad: ${f##*/}:|"
        grep -an '^[^a-z]*PLANTED' "$f" | sed "s|^|bad: ${f##*/}:|"
    done
}
