#!/bin/bash
# Stands in for boxwright where the runner itself is tested: -c runs shell lines.
[ "$1" = -c ] && exec bash -c "$2"
exec bash "$@"
