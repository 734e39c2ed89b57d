# For the scripts beside it: a mirror fails at times, and another try is cheaper than a failed run.
# shellcheck shell=sh

#   usage: again WHAT DIRECTORY COMMAND...
# Runs COMMAND, which makes DIRECTORY, until that went well, three times at most.
again() {
    what=$1
    directory=$2
    shift 2
    tries=0
    until rm -rf "$directory" && "$@" >&2; do
        tries=$((tries + 1))
        if [ "$tries" -gt 2 ]; then
            echo "mmdebstrap could not $what" >&2
            exit 1
        fi
        sleep $((tries * 5))
    done
}
