#!/bin/sh
# What people registered stays, as with the settings: there is no purge here.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 0 ]; then
    rm -rf /run/sspr /run/sspr-credential
    # The way back was gone before the files were; what setup noted of it would be of no use to a new installation.
    rm -rf /var/lib/sspr-setup
    # The package owns files alone.
    rmdir /usr/libexec/sspr /usr/share/sspr/* /usr/share/sspr /usr/share/doc/sspr /usr/share/licenses/sspr 2>/dev/null || :
fi
