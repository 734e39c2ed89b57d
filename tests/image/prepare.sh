#!/bin/sh
# Runs once inside a new image: what every machine of the tests has besides Debian. Part of the image's hash.
set -eu

echo shell.example.org >/etc/hostname
cat >/etc/hosts <<'HOSTS'
127.0.0.1 localhost shell.example.org shell
127.0.0.1 mail.example.org
HOSTS
: >/etc/resolv.conf

# Nothing that works on its own while a test looks.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-pstore.service systemd-resolved.service systemd-networkd.service getty@tty1.service \
    opensmtpd.service; do
    systemctl disable "$unit" 2>/dev/null || true
done
echo 'root:root of the tests' | chpasswd

# A certificate authority that the machine trusts, and the mail server's certificate.
cd /etc/ssl/private
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj '/CN=CA of the tests' \
    -keyout ca.key -out /usr/local/share/ca-certificates/tests.crt 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj '/CN=mail.example.org' -keyout mail.key -out mail.csr 2>/dev/null
cat >mail.ext <<'EXT'
subjectAltName=DNS:mail.example.org
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth
EXT
openssl x509 -req -in mail.csr -CA /usr/local/share/ca-certificates/tests.crt -CAkey ca.key -set_serial 1 -days 36500 \
    -extfile mail.ext -out ../mail.crt 2>/dev/null
chmod 600 mail.key
update-ca-certificates >/dev/null

# A mail server with STARTTLS and authentication that keeps everything, one maildir for each recipient.
useradd --system --create-home --home-dir /var/lib/mailboxes mailboxes
echo "sspr $(smtpctl encrypt 'smtp of the tests')" >/etc/smtpd.credentials
chown root:opensmtpd /etc/smtpd.credentials
chmod 640 /etc/smtpd.credentials
echo '@ mailboxes' >/etc/smtpd.everybody
cat >/etc/smtpd.conf <<'CONF'
pki mail.example.org cert "/etc/ssl/mail.crt"
pki mail.example.org key "/etc/ssl/private/mail.key"
table credentials file:/etc/smtpd.credentials
table everybody file:/etc/smtpd.everybody
listen on lo port 587 tls-require pki mail.example.org hostname mail.example.org auth <credentials>
listen on lo port 465 smtps pki mail.example.org hostname mail.example.org auth <credentials>
action "keep" maildir "/var/lib/mailboxes/%{rcpt}" virtual <everybody>
match auth from any for any action "keep"
CONF
smtpd -n
