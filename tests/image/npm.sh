#!/bin/sh
# Fetches what npm/package-lock.json pins, unless it is there, and says where it is. Nothing of it is built or run.
set -eu

here=$(dirname "$(realpath "$0")")
cache=${SSPR_TEST_CACHE:-/var/cache/sspr-tests}
name=npm-$(cat "$here"/npm/*.json "$here/npm.sh" | sha256sum | cut -c -16)

mkdir -p "$cache"
exec 9>"$cache/npm.lock"
flock 9
if [ ! -e "$cache/$name" ]; then
    command -v npm >/dev/null || {
        export DEBIAN_FRONTEND=noninteractive
        apt-get -o DPkg::Lock::Timeout=600 -qq update
        apt-get -o DPkg::Lock::Timeout=600 -qq -y install --no-install-recommends npm
    } >&2
    rm -rf "$cache/$name.unfinished"
    cp -r "$here/npm" "$cache/$name.unfinished"
    (cd "$cache/$name.unfinished" && npm ci --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error) >&2
    mv "$cache/$name.unfinished" "$cache/$name"
fi
echo "$cache/$name/node_modules"
