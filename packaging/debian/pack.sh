#!/bin/sh
# Packs a .deb of what install.sh laid out: dpkg's own programs do the work.
#   usage: pack.sh STAGE OUTPUT VERSION [OPTION OF dpkg-deb]...
# In the working directory that the list is for; SOURCE_DATE_EPOCH is the time of all that is inside.
set -eu

here=packaging/debian
stage=$1 output=$2 version=$3
shift 3
umask 022

control=$stage/DEBIAN
mkdir -p "$control" "$output"

for script in config preinst postinst prerm postrm; do
    [ ! -e "$here/$script" ] || install -m 755 "$here/$script" "$control/"
done
for file in templates triggers; do
    [ ! -e "$here/$file" ] || install -m 644 "$here/$file" "$control/"
done

# Files in /etc belong to the administrator.
(cd "$stage" && find etc -type f | LC_ALL=C sort | sed 's|^|/|') >"$control/conffiles"
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
        LC_ALL=C sort -z | xargs -0 dpkg-shlibdeps
    dpkg-gencontrol -psspr -P"$stage"
)

find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group "$@" --build "$stage" "$output"
