#!/bin/sh
# Has systemd read the limits. The agent gets them when it starts next; the server is off until setup.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" -eq 1 ]; then
        systemctl try-restart sspr-agent.service || :
    fi
fi
if [ "$1" -eq 1 ] && [ ! -e /etc/sspr/sspr.toml.d/60-server.toml ]; then
    echo "sspr-server is installed, and serves no host yet. Next: sspr setup --server"
    if [ -e /sys/fs/selinux/enforce ]; then
        echo "With the policy module of sspr, also run: setsebool -P sspr_serves_hosts on"
    fi
fi
