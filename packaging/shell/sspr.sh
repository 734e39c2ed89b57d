# Tells users who sign in without being asked to register, as with a key, about "sspr enroll". One line, at most once a day,
# in interactive shells only; silent on any error.
# shellcheck shell=sh
case $- in
*i*)
    if [ -t 0 ] && [ -t 1 ] && [ -x /usr/bin/sspr ]; then
        # A subshell, so that its variables don't mix with the user's.
        (
            # HOME may be another user's: only sspr reads it, and it follows no link and waits for nothing.
            [ "$(id -u)" -ge 1000 ] || exit
            # If nobody has switched the service on, nothing is asked and nothing is written.
            grep -qs '^[[:space:]]*enable[[:space:]]*=' /etc/sspr/sspr.toml /etc/sspr/sspr.toml.d/*.toml || exit
            timeout 1 /usr/bin/sspr hint
        ) 2>/dev/null || :
    fi
    ;;
esac
