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
    exim4.service exim4-base.timer; do
    systemctl disable "$unit" 2>/dev/null || true
done
echo 'root:root of the tests' | chpasswd
# OpenSSH 9.8 and later: nor does anybody fail and break off as often from one address.
if grep -qai persourcepenalties /usr/sbin/sshd; then
    echo 'PerSourcePenalties no' >/etc/ssh/sshd_config.d/00-tests.conf
fi
# Nobody signs in and out at a console as fast as a test.
mkdir -p /etc/systemd/system/console-getty.service.d
printf '[Unit]\nStartLimitIntervalSec=0\n' >/etc/systemd/system/console-getty.service.d/tests.conf

# A certificate authority that the machine trusts, and the mail server's certificate.
cd /etc/ssl/private
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj '/CN=CA of the tests' \
    -keyout ca.key -out /usr/local/share/ca-certificates/tests.crt 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=mail.example.org' -keyout mail.key -out mail.csr 2>/dev/null
cat >mail.ext <<'EXT'
subjectAltName=DNS:mail.example.org
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth
EXT
openssl x509 -req -in mail.csr -CA /usr/local/share/ca-certificates/tests.crt -CAkey ca.key -set_serial 1 -days 36500 \
    -extfile mail.ext -out ../mail.crt 2>/dev/null
chmod 600 mail.key
update-ca-certificates >/dev/null 2>&1

# A mail server with STARTTLS, TLS and authentication that keeps everything, one maildir for each recipient.
useradd --system --create-home --home-dir /var/lib/mailboxes mailboxes
install -o root -g Debian-exim -m 640 mail.key /etc/exim4/mail.key
cat >/etc/exim4/exim4.conf <<'CONF'
primary_hostname = mail.example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = 587 : 465
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = /etc/ssl/mail.crt
tls_privatekey = /etc/exim4/mail.key
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = rcpt
log_file_path = /var/log/exim4/%slog

begin acl
rcpt:
  require encrypted = *
  require authenticated = *
  accept

begin routers
all:
  driver = accept
  transport = keep

begin transports
keep:
  driver = pipe
  command = /usr/local/bin/keep-mail
  user = mailboxes
  return_fail_output

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{sspr}}{eq{$auth3}{smtp of the tests}}}}
  server_set_id = $auth2
CONF
exim4 -bV >/dev/null
cat >/usr/local/bin/keep-mail <<'KEEP'
#!/bin/sh
set -eu
box="/var/lib/mailboxes/$LOCAL_PART@$DOMAIN"
mkdir -p "$box/tmp" "$box/new"
file=$(mktemp "$box/tmp/XXXXXXXX")
cat >"$file"
mv "$file" "$box/new/"
KEEP
chmod 755 /usr/local/bin/keep-mail
cat >/etc/systemd/system/mail-server.service <<'UNIT'
[Service]
Type=exec
ExecStart=/usr/sbin/exim4 -bdf
# Started is what listens.
ExecStartPost=/bin/bash -c 'for port in 465 587; do until (: </dev/tcp/127.0.0.1/$$port) 2>/dev/null; do sleep 0.02; done; done'
TimeoutStartSec=20
[Install]
WantedBy=multi-user.target
UNIT
