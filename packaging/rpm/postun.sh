#!/bin/sh
# Users' registrations stay, like the settings: there is no purge here.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 0 ]; then
    rm -rf /run/sspr /run/sspr-credential
    # preun has undone everything already; setup's notes about it would be of no use to a new installation.
    rm -rf /var/lib/sspr-setup
    # Setup wrote it, so that the agent can send by a modem.
    rm -f /etc/polkit-1/rules.d/org.pam_sspr.rules
    # The package owns files alone.
    rmdir -p /usr/share/sspr/ansible/roles/sspr/* 2>/dev/null || :
    rmdir /usr/libexec/sspr /usr/share/sspr/* /usr/share/sspr /usr/share/doc/sspr /usr/share/licenses/sspr 2>/dev/null || :
fi
