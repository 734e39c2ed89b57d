#!/bin/sh
# The lines that name the module are in an authselect profile or in files that the administrator wrote: warn, and leave
# them. A missing module lets sign-ins go on when its lines say [default=ignore], as the documentation has them.
set -e
if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now sspr-agent.service sspr-credential.service >/dev/null 2>&1 || :
    if grep -qs pam_sspr /etc/pam.d/* /etc/authselect/*; then
        echo "sspr: /etc/pam.d still names pam_sspr.so; take it out now" >&2
    fi
fi
