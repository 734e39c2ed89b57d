#!/bin/sh
# Creates the agent's user and starts the agent. PAM and sshd stay unchanged: the administrator switches the service on.
set -e
systemd-sysusers sspr.conf
systemd-tmpfiles --create sspr.conf || :
# An upgrade leaves the groups unchanged: otherwise members with one method could no longer reset their password.
if [ "$1" -eq 1 ]; then
    if [ ! -e /etc/sspr/installed.toml ]; then
        cat >/etc/sspr/installed.toml <<'TOML'
# Written when sspr was first installed. What stands in sspr.toml counts before it.
[scope]
# Their members are as good as root, so they need admin_methods_required.
admin_groups = ["sudo", "wheel", "root", "admin", "shadow", "disk", "docker", "lxd", "incus-admin", "libvirt"]
TOML
        chmod 644 /etc/sspr/installed.toml
    fi
fi
if [ "$1" -eq 1 ]; then
    systemctl --no-reload enable sspr-agent.service >/dev/null 2>&1 || :
    /usr/libexec/sspr/pam-wiring prepare || :
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    # The bus read the policy before the user existed.
    busctl --quiet call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig || :
    systemctl stop sspr-credential.service || :
    if [ "$1" -eq 1 ]; then
        systemctl start sspr-agent.service || :
    else
        systemctl try-restart sspr-agent.service || :
    fi
fi
# The settings of an erased package may have it on, while the erasure took the module out of PAM.
off=$(timeout 20 sspr setup --check-pam 2>/dev/null || :)
if [ -n "$off" ]; then
    echo "$off"
elif [ "$1" -eq 1 ]; then
    echo "sspr is installed, and switched on for nobody yet. Next: sspr setup"
fi
if [ "$1" -ne 1 ]; then
    # This version may refuse or switch off settings that an older version accepted.
    checked=0
    timeout 20 sspr config check >/dev/null 2>&1 || checked=$?
    [ "$checked" -ne 1 ] || echo "sspr: the settings need a correction. For details run: sspr config check"
    # The same applies to the drop-in for sshd that an older version wrote.
    timeout 20 sspr setup --check-sshd 2>/dev/null || :
fi
