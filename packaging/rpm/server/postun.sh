#!/bin/sh
# The settings, the registrations and the server's key belong to sspr. While they are there, the agent goes on to serve hosts.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 0 ]; then
    # The package owns files, not directories.
    rmdir /usr/lib/systemd/system/sspr-agent.service.d /usr/share/doc/sspr-server /usr/share/licenses/sspr-server 2>/dev/null || :
fi
