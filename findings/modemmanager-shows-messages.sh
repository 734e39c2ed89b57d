#!/usr/bin/env bash
# ModemManager 1.20.4 (Debian 12): its policy of the bus lets every user call org.freedesktop.DBus.Properties, so every user of the machine
# reads number and text of each message that is being sent: Create, Send and Delete are polkit's to allow, reading is not. The signal
# Added tells everybody the path. A one-time code that leaves by a modem is no secret from any local account, such as that of a web
# server. mmcli --messaging-list-sms and -s show it without any right. A policy of the bus can close it; in Debian 12, whose own file is
# in /etc/dbus-1/system.d, only from /etc/dbus-1/system-local.conf, which is read later.
#
# Wants root (for a second user), apt, dbus-daemon, python3, setpriv and busctl. The modem is ten lines of AT commands.
#
# Output seen:
#   nobody reads: s "Your code is 042042"
#   nobody, with the policy that sspr has for that: Access denied
set -euo pipefail
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
chmod 755 "$work"
cd "$work"
apt-get download -qq modemmanager libmbim-glib4 libqmi-glib5 libqrtr-glib0 libmm-glib0 libpolkit-gobject-1-0 libgudev-1.0-0 2>/dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
cat >modem.py <<'PY'
import socket, sys, threading
answers = {"AT+GCAP": "+GCAP: +CGSM", "AT+WS46=?": "+WS46: (12,22)", "AT+CSCS=?": '+CSCS: ("UCS2")', "AT+CSCS?": '+CSCS: "UCS2"',
    "AT+CGMI": "a", "AT+CGMM": "b", "AT+CGMR": "c", "AT+CGSN": "867698040000000", "AT+CGDCONT=?": '+CGDCONT: (1-2),"IP",,,(0),(0)',
    "AT+CFUN?": "+CFUN: 1", "AT+CPIN?": "+CPIN: READY", "AT+CIMI": "001019990000001", "AT+CLCK=?": '+CLCK: ("SC")',
    "AT+CNMI=?": "+CNMI: (0-3),(0-3),(0-3),(0-3),(0,1)", "AT+CPMS=?": '+CPMS: ("ME"),("ME"),("ME")', "AT+CMGF=?": "+CMGF: (0,1)",
    "AT+CREG?": '+CREG: 2,1,"1234","001122BB"', "AT+CGREG?": '+CGREG: 2,1,"31C5","0083F7CD"'}
def serve(c):
    for line in c.makefile("r", newline="\r"):
        said = line.strip()
        known = said in answers or said.startswith(("AT+CREG=", "AT+CGREG=", "AT+CMGF=", "AT+CPMS=", "AT+CMGL=", "AT+CNMI=", "AT+CSCS=", "ATE", "ATV"))
        answer = "\r\n%s\r\n" % answers[said] if said in answers else ""
        c.sendall((answer + ("\r\nOK\r\n" if known else "\r\nERROR\r\n")).encode())
s = socket.socket(socket.AF_UNIX); s.bind("\0abstract:" + sys.argv[1]); s.listen()
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
PY
python3 modem.py "finding-$$" 2>/dev/null &
pids+=($!)
# A bus with the policy that ModemManager's package has, and what comes after it.
bus() {
    printf '<busconfig><listen>unix:path=%s</listen><auth>EXTERNAL</auth><policy context="default"><allow user="*"/>
        <allow receive_sender="*"/><allow send_destination="org.freedesktop.DBus"/><allow send_type="signal"/>
        <allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/></policy>
        <include>%s/root/etc/dbus-1/system.d/org.freedesktop.ModemManager1.conf</include>%s</busconfig>' "$work/$1" "$work" "$2" >"$1.conf"
    dbus-daemon --nofork --nopidfile --config-file="$1.conf" 2>/dev/null &
    pids+=($!)
    until [ -S "$1" ]; do sleep 0.1; done
    export DBUS_SESSION_BUS_ADDRESS=unix:path=$work/$1 DBUS_SYSTEM_BUS_ADDRESS=unix:path=$work/$1
    libraries=root/usr/lib/x86_64-linux-gnu
    LD_LIBRARY_PATH=$libraries:root/lib/x86_64-linux-gnu root/usr/sbin/ModemManager --test-session --test-enable --test-no-udev \
        --no-auto-scan --test-no-qrtr --test-plugin-dir="$libraries/ModemManager" >/dev/null 2>&1 &
    pids+=($!)
    until busctl --address="unix:path=$work/$1" status org.freedesktop.ModemManager1 >/dev/null 2>&1; do sleep 0.1; done
    at=/org/freedesktop/ModemManager1
    manager() { busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" call org.freedesktop.ModemManager1 "$@"; }
    manager $at org.freedesktop.ModemManager1.Test SetProfile ssas finding generic 1 "abstract:finding-$$"
    until manager $at/Modem/0 org.freedesktop.ModemManager1.Modem Enable b true >/dev/null 2>&1; do sleep 0.5; done
    manager $at/Modem/0 org.freedesktop.ModemManager1.Modem.Messaging Create 'a{sv}' 2 number s +819012345678 \
        text s "Your code is 042042" >/dev/null
}
read_as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" get-property \
        org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1/SMS/0 org.freedesktop.ModemManager1.Sms Text 2>&1 || true
}
bus open ''
echo "nobody reads: $(read_as_nobody)" | tee seen
bus closed "<include>$here/packaging/dbus/modem.conf</include>"
echo "nobody, with the policy that sspr has for that: $(read_as_nobody | grep -o 'Access denied')" | tee -a seen
grep -qx 'nobody reads: s "Your code is 042042"' seen
grep -qx 'nobody, with the policy that sspr has for that: Access denied' seen
