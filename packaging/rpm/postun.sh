#!/bin/sh
# What people registered stays, as with the settings: rpm knows no purge.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 0 ]; then
    rm -rf /run/sspr /run/sspr-credential
fi
