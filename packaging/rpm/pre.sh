#!/bin/sh
# Refuses to install if a person has the name of the agent's user.
set -e

# Whether the user sspr is the package's own: of this machine, without a login shell or a password, and with the agent's directory
# as its home or as its own. Anybody else is a person.
ours() {
    entry=$(grep -m 1 '^sspr:' /etc/passwd) || return 1
    field() { printf '%s\n' "$entry" | cut -d : -f "$1"; }
    case $(field 7) in
        */nologin | */false) ;;
        *) return 1 ;;
    esac
    password=$(grep -m 1 '^sspr:' /etc/shadow 2>/dev/null | cut -d : -f 2)
    case ${password:-$(field 2)} in
        '!'* | '*'* | x) ;;
        *) return 1 ;;
    esac
    # The account has a line, and the line says that no password is needed.
    ! grep -q '^sspr::' /etc/shadow 2>/dev/null || return 1
    uid=$(field 3)
    [ "$uid" -gt 0 ] || return 1
    [ "$(field 6)" = /var/lib/sspr ] || [ "$(stat -c %u /var/lib/sspr 2>/dev/null)" = "$uid" ]
}

if getent passwd sspr >/dev/null && ! ours; then
    echo "sspr: a user named sspr exists that this package did not create. That account could set any user's password." >&2
    echo "sspr: rename that account (usermod -l NEW sspr, or in the directory), then install again. Nothing was changed." >&2
    exit 1
fi
