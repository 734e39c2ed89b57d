#!/usr/bin/env bash
# libpwquality 1.4.5 (Debian 12's libpwquality1 1.4.5-1+b1, with libcrack2 2.9.6-5+b1): pwquality_read_config(3) reads the *.conf
# files of FILE.d first and FILE last, so a key that stands in both is decided by the main file. Most programs with a .d directory do
# it the other way, and an administrator who drops `minlen = 20` beside a main file that says `minlen = 8` gets 8.
# A drop-in does count for a key that the main file leaves out. A key and its value need no "=" between them.
#
# Output seen:
#   minlen: main file 8, drop-in 20 -> 8
#   minclass: drop-in 3 alone -> 3
#   dcredit: written without "=" -> -2
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -o APT::Sandbox::User=root download -qq libpwquality1=1.4.5-1+b1 libcrack2=2.9.6-5+b1 >/dev/null
for deb in ./*.deb; do dpkg-deb -x "$deb" root; done
mkdir pwquality.conf.d
printf 'minlen = 8\n' >pwquality.conf
printf 'minlen = 20\nminclass = 3\ndcredit -2\n' >pwquality.conf.d/10-site.conf

cat >ask.py <<'PY'
import ctypes, glob
ctypes.CDLL(glob.glob("root/usr/lib/*/libcrack.so.2")[0], mode=ctypes.RTLD_GLOBAL)
library = ctypes.CDLL(glob.glob("root/usr/lib/*/libpwquality.so.1")[0])
library.pwquality_default_settings.restype = ctypes.c_void_p
settings = ctypes.c_void_p(library.pwquality_default_settings())
where = ctypes.c_void_p()
done = library.pwquality_read_config(settings, b"pwquality.conf", ctypes.byref(where))
assert done == 0, done
# PWQ_SETTING_* of pwquality.h
for name, number in (("minlen", 3), ("dcredit", 4), ("minclass", 8)):
    value = ctypes.c_int()
    assert library.pwquality_get_int_value(settings, number, ctypes.byref(value)) == 0
    print(name, value.value)
PY
seen=$(python3 ask.py)
value() { sed -n "s/^$1 //p" <<<"$seen"; }
echo "minlen: main file 8, drop-in 20 -> $(value minlen)"
echo "minclass: drop-in 3 alone -> $(value minclass)"
echo "dcredit: written without \"=\" -> $(value dcredit)"
[ "$(value minlen)" = 8 ] && [ "$(value minclass)" = 3 ] && [ "$(value dcredit)" = -2 ]
