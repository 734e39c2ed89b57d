#!/bin/sh
# Creates the program's user. The program serves no user until [directory] is set.
set -e
systemd-sysusers sspr-directory.conf
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    # The bus read the policy before the user existed.
    busctl --quiet call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig || :
    systemctl stop sspr-directory.service || :
fi
if [ "$1" -eq 1 ]; then
    echo "sspr-directory is installed, and serves nobody yet. Next: sspr setup, which asks for the directory"
fi
