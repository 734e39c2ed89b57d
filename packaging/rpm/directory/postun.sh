#!/bin/sh
# The settings and secrets belong to sspr, and what the program wrote down is part of the audit trail; there is no purge here.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 0 ]; then
    rm -rf /run/sspr-directory
    # The package owns files, not directories.
    rmdir /usr/share/doc/sspr-directory /usr/share/licenses/sspr-directory 2>/dev/null || :
fi
