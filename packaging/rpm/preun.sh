#!/bin/sh
# Takes the module out of PAM, and what it needs out of sshd, before the files go. Nothing of this at an upgrade.
set -e
if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now sspr-agent.service sspr-credential.service >/dev/null 2>&1 || :
    /usr/libexec/sspr/pam-wiring undo || :
    # The file that switching on wrote, if nobody is kept out or let in by that; else sspr says why it stays.
    copied=/etc/ssh/sshd_config.d/10-sspr.conf
    if [ -e "$copied" ] && /usr/bin/sspr setup --leave-sshd && [ -d /run/systemd/system ]; then
        systemctl try-reload-or-restart sshd.service >/dev/null 2>&1 || :
    fi
fi
