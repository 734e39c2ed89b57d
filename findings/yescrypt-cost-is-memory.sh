#!/usr/bin/env bash
# libxcrypt 4.4.33 (Debian 12's libcrypt1 1:4.4.33-2, hashes made by mkpasswd of whois 5.5.17): the cost of yescrypt that pam_unix's
# `rounds=` and login.defs' YESCRYPT_COST_FACTOR name is a cost in memory. Each step doubles what one hash needs while it is computed, from
# 16 MiB at Debian's default of 5 to 1 GiB at the largest, 11; where that is not to be had, there is no hash. So whatever checks
# passwords in a sandbox, a container or under a memory limit has to be sized for the largest cost in /etc/shadow, and for as many
# sign-ins at a time as it serves.
#
# Output seen (peak of resident memory in MiB, less what mkpasswd needs for an MD5 hash):
#   cost 5: 16
#   cost 7: 64
#   cost 9: 256
#   cost 11: 1024
#   cost 9 with 128 MiB of address space: no hash
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -o APT::Sandbox::User=root download -qq libcrypt1=1:4.4.33-2 whois=5.5.17 time=1.9-0.2 >/dev/null
for deb in ./*.deb; do dpkg-deb -x "$deb" root; done
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name libcrypt.so.1)")
export LD_LIBRARY_PATH
# The peak of resident memory, in KiB, of one hash by these options.
peak() { root/usr/bin/time -o peak -f %M root/usr/bin/mkpasswd "$@" 'rain on a tin roof' >hashed && cat peak; }
floor=$(peak -m md5)
{
    for cost in 5 7 9 11; do
        most=$(peak -m yescrypt -R "$cost")
        grep -q '^[$]y[$]' hashed
        echo "cost $cost: $(((most - floor + 512) / 1024))"
    done
    if (ulimit -v $((128 * 1024)) && root/usr/bin/mkpasswd -m yescrypt -R 9 'rain on a tin roof' 2>/dev/null) | grep -q '^[$]y[$]'; then
        echo "cost 9 with 128 MiB of address space: a hash"
    else
        echo "cost 9 with 128 MiB of address space: no hash"
    fi
} | tee seen
diff - seen <<'SEEN'
cost 5: 16
cost 7: 64
cost 9: 256
cost 11: 1024
cost 9 with 128 MiB of address space: no hash
SEEN
