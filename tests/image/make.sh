#!/bin/sh
# Builds a Debian for the machines of the tests, unless it is there, and says where it is.
#   usage: make.sh SUITE [PACKAGE | PACKAGE-]...
# Besides those of `packages` it has each PACKAGE; as apt has it, `NAME-` leaves one out. What makes the image is in its name.
set -eu

here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/image/again.sh
. "$here/again.sh"
suite=$1
shift
cache=${SSPR_TEST_CACHE:-/var/cache/sspr-tests}
name=$suite-$({ cat "$here/packages" "$here/prepare.sh" "$here/make.sh" "$here/again.sh" && printf '%s\n' "$@"; } | sha256sum | cut -c -16)
image=$cache/$name

# One builder at a time for each image.
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
if [ ! -e "$image" ]; then
    wanted=$(for package in $(cat "$here/packages") "$@"; do
        case " $* " in *" ${package%-}- "*) ;; *) printf ',%s' "$package" ;; esac
    done)
    # Built beside and renamed, so that a half-built image is never taken for a whole one.
    unfinished=$image.unfinished
    # Nobody needs the image after a loss of power.
    again "build the image of $suite" "$unfinished" mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io \
        --aptopt='Acquire::Retries "5"' "--include=${wanted#,}" "$suite" "$unfinished"
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive chroot "$unfinished" sh -euc "$(cat "$here/prepare.sh")" >&2
    mv "$unfinished" "$image"
fi
echo "$image"
