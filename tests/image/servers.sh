#!/bin/sh
# Fetches mail servers for the machines of the tests, unless they are there, and says where: each is a Debian of its own below srv/,
# as they can't be installed beside each other, nor beside the server that the machines have. What makes them is in the name.
#   usage: servers.sh SUITE
set -eu

here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/image/again.sh
. "$here/again.sh"
suite=$1
cache=${SSPR_TEST_CACHE:-/var/cache/sspr-tests}
name=$suite-servers-$(cat "$here/servers.sh" "$here/again.sh" | sha256sum | cut -c -16)
layer=$cache/$name

mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
if [ ! -e "$layer" ]; then
    unfinished=$layer.unfinished
    rm -rf "$unfinished"
    mkdir -p "$unfinished/srv"
    for server in postfix opensmtpd; do
        root=$unfinished/srv/$server
        again "fetch $server" "$root" mmdebstrap --quiet --variant=essential --dpkgopt=force-unsafe-io \
            '--dpkgopt=path-exclude=/usr/share/doc/*' '--dpkgopt=path-exclude=/usr/share/locale/*' \
            --aptopt='Acquire::Retries "5"' "--include=$server" "$suite" "$root"
        printf '127.0.0.1 localhost mail.example.org\n' >"$root/etc/hosts"
        : >"$root/etc/resolv.conf"
        # Who keeps the mail, in the machine as here.
        echo 'mailboxes:x:901:901::/var/lib/mailboxes:/bin/sh' >>"$root/etc/passwd"
        echo 'mailboxes:x:901:' >>"$root/etc/group"
        mkdir -p "$root/var/lib/mailboxes"
        chown 901:901 "$root/var/lib/mailboxes"
    done
    mv "$unfinished" "$layer"
fi
echo "$layer"
