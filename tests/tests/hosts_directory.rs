//! Directory users on hosts that sign them in with something other than sssd: nslcd, and winbind.

use sspr_tests::{Image, Machine, Suite};

use crate::directory::{NEW, OLD, PREPARE, SETTINGS, ask, with_asker};

const NSLCD: &str = r"
cat >/etc/nslcd.conf <<'CONF'
uid nslcd
gid nslcd
uri ldaps://localhost
base dc=example,dc=org
tls_reqcert demand
tls_cacertfile /etc/ldap/tls/ca.pem
CONF
chmod 600 /etc/nslcd.conf
sed -i 's/^\(passwd\|group\|shadow\):.*/\1: files ldap/' /etc/nsswitch.conf
";

#[test]
fn who_is_signed_in_by_nslcd_is_not_asked_to_change_again_what_was_just_changed() {
    let image = Image::with_nslcd(Suite::Bookworm);
    let (slapd, _) = PREPARE.split_once("cat >/etc/sssd/sssd.conf").unwrap();
    let machine = with_asker(Machine::with(image).prepare(slapd).prepare(NSLCD).settings(SETTINGS).boot());
    // This host checks the day of the last change.
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(OLD).expect("change your password");
    drop(terminal);
    let account = ask(&machine, "account alice", "");
    let id = account.split(' ').nth(1).unwrap();
    assert_eq!(ask(&machine, &format!("change alice {id}"), NEW).trim(), "0");
    machine.ssh_password_method("alice").expect("password: ").type_line(NEW).signed_in("alice");
    let mut terminal = machine.ssh_password_method("alice");
    terminal.expect("password: ").type_line(OLD).expect("Permission denied");
}

/// A domain controller, which signs its own users in with winbind.
const WINBIND: &str = r#"
rm -f /etc/samba/smb.conf
samba-tool domain provision --realm=AD.EXAMPLE.ORG --domain=EXAMPLE --server-role=dc --dns-backend=NONE \
    --adminpass=Secret-of-the-service-1 --host-name=dc --host-ip=127.0.0.1 --option="interfaces = lo" \
    --option="bind interfaces only = yes" --option="posix:eadb = /var/lib/samba/private/eadb.tdb" \
    --option="template shell = /bin/bash" >/dev/null
samba-tool ou create OU=People
samba-tool user create reset Secret-of-the-service-1
samba-tool user create alice Old-horse-battery-1 --userou=OU=People
cat >/etc/krb5.conf <<'CONF'
[libdefaults]
default_realm = AD.EXAMPLE.ORG
dns_lookup_kdc = false
[realms]
AD.EXAMPLE.ORG = {
kdc = 127.0.0.1
}
CONF
printf '127.0.0.1 localhost\n127.0.0.1 dc.ad.example.org dc\n' >/etc/hosts
sed -i 's/^\(passwd\|group\):.*/\1: files winbind/' /etc/nsswitch.conf
mkdir -p /var/lib/samba/private/tls && cd /var/lib/samba/private/tls
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 30 -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=dc -keyout key.pem -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:dc.ad.example.org\n' >names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out cert.pem 2>/dev/null
chmod 600 key.pem ca.key
cp ca.pem /etc/sspr/directory-ca.pem
systemctl disable smbd nmbd winbind
systemctl unmask samba-ad-dc
systemctl enable samba-ad-dc
printf '%s\n' Secret-of-the-service-1 >/etc/sspr/directory-password
chown sspr-directory /etc/sspr/directory-password && chmod 600 /etc/sspr/directory-password
"#;

const AD: &str = r#"
[scope]
enable = "all"
[directory]
kind = "ad"
servers = ["ldaps://dc.ad.example.org"]
ca_file = "/etc/sspr/directory-ca.pem"
bind = "CN=reset,CN=Users,DC=ad,DC=example,DC=org"
password_file = "/etc/sspr/directory-password"
base = "OU=People,DC=ad,DC=example,DC=org"
domains = ["EXAMPLE", "ad.example.org"]
"#;

#[test]
fn who_is_signed_in_by_winbind_signs_in_with_the_new_password_at_once_and_the_old_one_is_refused() {
    let machine = with_asker(Machine::with(Image::with_winbind(Suite::Bookworm)).prepare(WINBIND).settings(AD).boot());
    machine.must("timeout 60 sh -c 'until getent passwd \"EXAMPLE\\alice\"; do sleep 0.2; done'");
    // As an administrator pastes it.
    machine.must("timeout 60 sh -c 'until samba-tool user list -H ldap://localhost >/dev/null 2>&1; do sleep 0.2; done'; sspr admin directory acl >/root/acl.sh");
    machine.must("sh -eu /root/acl.sh");
    let name = "EXAMPLE\\alice";
    let account = ask(&machine, "account 'EXAMPLE\\alice'", "");
    let words: Vec<&str> = account.split(' ').collect();
    let ["alice", id, "0", "false", "false"] = words[..] else { panic!("{account}") };
    machine.ssh_password_method(name).expect("password: ").type_line(OLD).expect("alice@shell");
    assert_eq!(ask(&machine, &format!("change 'EXAMPLE\\alice' {id}"), NEW).trim(), "0");
    machine.ssh_password_method(name).expect("password: ").type_line(NEW).expect("alice@shell");
    // The directory accepts the old password for an hour, but this host does not.
    let mut terminal = machine.ssh_password_method(name);
    terminal.expect("password: ").type_line(OLD).expect("Permission denied");
}
