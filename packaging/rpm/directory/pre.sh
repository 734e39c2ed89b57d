#!/bin/sh
# Refuses to install if a person has the name of the program's user.
set -e
if getent passwd sspr-directory >/dev/null && ! grep -q '^sspr-directory:.*/\(nologin\|false\)$' /etc/passwd; then
    echo "sspr-directory: a user of this name exists that this package did not create. It could set the passwords of the directory." >&2
    echo "sspr-directory: rename that account (usermod -l NEW sspr-directory), then install again. Nothing was changed." >&2
    exit 1
fi
