#!/bin/sh
# What people registered stays, as with the settings: rpm knows no purge.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 0 ]; then
    rm -rf /run/sspr /run/sspr-credential
    # The package owns files alone.
    rmdir /usr/libexec/sspr /usr/share/sspr/* /usr/share/sspr /usr/share/doc/sspr /usr/share/licenses/sspr 2>/dev/null || :
fi
