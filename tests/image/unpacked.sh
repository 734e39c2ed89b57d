#!/bin/sh
# Fetches the files of a package for the machines of the tests, unless they are there, and says where. It is not installed: what it
# does to the host is for the test to do, when all accounts are made.
#   usage: unpacked.sh SUITE PACKAGE PATTERN
# Only what matches PATTERN is taken, as `find -path` has it. What makes the layer is in its name.
set -eu

here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/image/again.sh
. "$here/again.sh"
suite=$1
package=$2
pattern=$3
cache=${SSPR_TEST_CACHE:-/var/cache/sspr-tests}
name=$suite-unpacked-$({ cat "$here/unpacked.sh" "$here/again.sh" && printf '%s\n' "$package" "$pattern"; } | sha256sum | cut -c -16)
layer=$cache/$name

mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
if [ ! -e "$layer" ]; then
    unfinished=$layer.unfinished
    rm -rf "$unfinished"
    mkdir -p "$unfinished/layer/usr"
    again "fetch $package" "$unfinished/all" mmdebstrap --quiet --variant=extract \
        --aptopt='Acquire::Retries "5"' "--include=$package" "$suite" "$unfinished/all"
    cd "$unfinished/all"
    find ./etc ./usr -path "$pattern" ! -type d ! -path './usr/share/doc/*' -exec cp -a --parents -t ../layer '{}' +
    # The machine has it below /usr, and a directory in place of its link would hide all others.
    [ -L lib ] || find ./lib -path "$pattern" ! -type d -exec cp -a --parents -t ../layer/usr '{}' +
    mv "$unfinished/layer" "$layer"
    rm -rf "$unfinished"
fi
echo "$layer"
