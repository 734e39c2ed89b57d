#!/bin/sh
# Stops the program before its files go. Nothing of this at an upgrade.
set -e
if [ "$1" -eq 0 ]; then
    systemctl stop sspr-directory.service >/dev/null 2>&1 || :
fi
