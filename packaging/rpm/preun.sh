#!/bin/sh
# Takes the module out of PAM, and its drop-in out of sshd, before the files are removed. An upgrade does neither.
set -e
if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now sspr-metrics.timer sspr-agent.service sspr-credential.service >/dev/null 2>&1 || :
    /usr/libexec/sspr/pam-wiring undo || :
    # Removes the file that switching on wrote, if that locks no user out and lets no user in; otherwise sspr says why
    # it stays.
    copied=/etc/ssh/sshd_config.d/10-sspr.conf
    if [ -e "$copied" ] && /usr/bin/sspr setup --leave-sshd && [ -d /run/systemd/system ]; then
        systemctl try-reload-or-restart sshd.service >/dev/null 2>&1 || :
    fi
fi
