#!/bin/sh
# Packs what install.sh laid out into a .deb, with dpkg's own programs.
#   usage: pack.sh PACKAGE STAGE OUTPUT VERSION [OPTION OF dpkg-deb]...
# PACKAGE is sspr, whose scripts are in this directory, or an addition to it: the scripts of sspr-directory are in
# directory/, those of sspr-server in server/, cockpit-sspr has none.
# Works in the working directory, which install.sh's list is for; SOURCE_DATE_EPOCH is the time of everything inside.
set -eu

here=packaging/debian
package=$1 stage=$2 output=$3 version=$4
shift 4
scripts=$here
[ "$package" = sspr ] || scripts=$here/${package#sspr-}
umask 022

control=$stage/DEBIAN
mkdir -p "$control" "$output"

for script in config preinst postinst prerm postrm; do
    [ ! -e "$scripts/$script" ] || install -m 755 "$scripts/$script" "$control/"
done
for file in templates triggers; do
    [ ! -e "$scripts/$file" ] || install -m 644 "$scripts/$file" "$control/"
done

# Files in /etc belong to the administrator.
[ ! -d "$stage/etc" ] || (cd "$stage" && find etc -type f | LC_ALL=C sort | sed 's|^|/|') >"$control/conffiles"
(cd "$stage" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\0' |
    LC_ALL=C sort -z | xargs -0 md5sum) >"$control/md5sums"

# dpkg-gencontrol fills in the libraries that the programs need, the size, architecture and version.
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
mkdir "$source/debian"
cp "$here/control" "$source/debian/"
sed "1s/(.*)/($version)/" "$here/changelog" >"$source/debian/changelog"
stage=$(realpath "$stage")
(
    cd "$source"
    find "$stage/usr" -type f -exec sh -c 'head -c 4 "$1" | grep -q ELF' sh {} \; -print0 |
        LC_ALL=C sort -z | xargs -0r dpkg-shlibdeps
    dpkg-gencontrol -p"$package" -P"$stage"
)

find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group "$@" --build "$stage" "$output"
