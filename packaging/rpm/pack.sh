#!/bin/sh
# Packs what install.sh laid out into an .rpm.
#   usage: pack.sh PACKAGE STAGE OUTPUT VERSION [OPTION OF rpmbuild]...
# PACKAGE is sspr, whose scripts are in this directory, or an addition to it: the scripts of sspr-directory are in
# directory/, those of sspr-server in server/, cockpit-sspr has none.
# SOURCE_DATE_EPOCH is the time of everything inside. Of the host's rpm, only the tools are used, not its settings.
set -eu

here=packaging/rpm
package=$1 stage=$(realpath "$2") output=$3 version=$4
shift 4
scripts=$here
[ "$package" = sspr ] || scripts=$here/${package#sspr-}
umask 022
mkdir -p "$output"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
spec=$work/$package.spec
cp "$here/$package.spec" "$spec"

# rpm's names for when a script runs. A % in the shell script must not be a macro.
for script in pre post preun postun pretrans posttrans; do
    [ -e "$scripts/$script.sh" ] || continue
    { printf '\n%%%s\n' "$script" && sed -e 1d -e 's/%/%%/g' "$scripts/$script.sh"; } >>"$spec"
done

# The package owns files only, no directories. Files in /etc belong to the administrator.
printf '\n%%files\n' >>"$spec"
(cd "$stage" && find . ! -type d -printf '%m /%P\n') | LC_ALL=C sort -k 2 | while read -r mode path; do
    case $path in
        /etc/*) kind='%config(noreplace) ' ;;
        /usr/share/doc/* | /usr/share/man/*) kind='%doc ' ;;
        /usr/share/licenses/*) kind='%license ' ;;
        *) kind= ;;
    esac
    printf '%%attr(%s, root, root) %s%s\n' "$mode" "$kind" "$path"
done >>"$spec"

find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
rpmbuild -bb --quiet --define "_topdir $work" --define "_rpmdir $work/rpms" --define "staged $stage" \
    --define "packed_version $version" --target "$(uname -m)" "$@" "$spec"
find "$work/rpms" -name '*.rpm' -exec cp -t "$output" {} +
