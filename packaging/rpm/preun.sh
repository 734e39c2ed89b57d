#!/bin/sh
# Takes the module out of PAM, and what it needs out of sshd, before the files go. Nothing of this at an upgrade.
set -e
if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now sspr-agent.service sspr-credential.service >/dev/null 2>&1 || :
    /usr/libexec/sspr/pam-wiring undo || :
    # The file that switching on copies, if it is as it came and passwords can be typed without it, or could not before.
    copied=/etc/ssh/sshd_config.d/10-sspr.conf
    if [ -e "$copied" ]; then
        if cmp -s /usr/share/sspr/sshd_config.d/10-sspr.conf "$copied" &&
            { grep -qs '"sshd_keys_alone":true' /var/lib/sspr-setup/record.json ||
                sshd -T 2>/dev/null | grep -qx 'passwordauthentication yes'; }; then
            rm -f "$copied"
            if [ -d /run/systemd/system ]; then
                systemctl try-reload-or-restart sshd.service >/dev/null 2>&1 || :
            fi
        else
            echo "sspr: $copied is kept: it was changed, or nothing else lets people type a password." >&2
            echo "sspr: where sshd is to take keys alone, take that file away and reload sshd" >&2
        fi
    fi
fi
