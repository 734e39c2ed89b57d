#!/usr/bin/env bash
# gammu-smsd 1.42.0 (Debian 12): gammu-smsd-inject writes a message with the umask and as the user of who runs it. A daemon that runs as
# another user, such as gammu (the user that Debian's package makes, and its SysV script uses), can't read what a service with UMask=0077
# injected. It moves the message to its directory for errors, or tries in a loop and leaves it in the outbox (seen: both, by the level
# of its log), and sends nothing, while the injecting program was told "Written message" and exit status 0. Debian's systemd unit runs the daemon as root, which can. A default ACL does not help: the daemon then reads the message, but
# can't note in it that it was sent, and leaves it in the outbox.
#
# Wants root (for two other users), apt and setpriv. The telephone is Gammu's own dummy.
#
# Output seen:
#   as root: sent
#   as another user: not sent
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
apt-get download -qq gammu-smsd libgammu8 libgsmsd8 libdbi1 libpq5 libmariadb3 libodbc2 libbluetooth3 libusb-1.0-0 libltdl7 2>/dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
libraries=$(find "$work/root" -name "*.so*" -printf "%h\n" | sort -u | paste -sd:)

# as UID COMMAND ARGUMENT...: with the group of the spool, for a while.
as() {
    local uid=$1
    shift
    timeout -k 20 8 setpriv --reuid="$uid" --regid="$uid" --groups=12346 env LANG=C.UTF-8 LD_LIBRARY_PATH="$libraries" "$@"
}

# where UID: which directory a message is in after a daemon of that user had it.
where() {
    rm -rf spool && mkdir -p spool/{inbox,outbox,sent,error,dummy}
    printf '[gammu]\nmodel = dummy\nconnection = none\nport = %s/spool/dummy\n[smsd]\nservice = files\nlogfile = /dev/null\n' "$work" >rc
    for name in inbox:inbox outbox:outbox sentsms:sent errorsms:error; do
        printf '%spath = %s/spool/%s/\n' "${name%:*}" "$work" "${name#*:}"
    done >>rc
    chown -R "$1:12346" spool && chmod -R 770 spool && chmod 755 spool
    (umask 077 && echo "Your code is 042042" | as 20001 root/usr/bin/gammu-smsd-inject -c rc TEXT +819012345678 -autolen 600) >/dev/null 2>&1
    as "$1" root/usr/bin/gammu-smsd -c rc >/dev/null 2>&1 || true
    for found in spool/*/OUT*; do basename "$(dirname "$found")"; done
}
echo "as root: $(where 0)" | tee seen
[ "$(where 12345)" = sent ] || echo "as another user: not sent" | tee -a seen
grep -qx 'as root: sent' seen
grep -qx 'as another user: not sent' seen
