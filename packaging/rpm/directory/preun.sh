#!/bin/sh
# Stops the program before its files are removed. An upgrade does not stop it here.
set -e
if [ "$1" -eq 0 ]; then
    systemctl stop sspr-directory.service >/dev/null 2>&1 || :
fi
