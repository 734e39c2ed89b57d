//! An `OpenLDAP` server, an sssd that signs its people in, and our settings for it, on a machine with [`Image::with_openldap`](crate::Image::with_openldap).

/// Alice's password at first.
pub const OLD: &str = "Old-horse-battery-1";
/// Another that the server takes.
pub const NEW: &str = "New-staple-correct-2";
/// The password of the service's entry, and of the root DN.
pub const SECRET: &str = "secret-of-the-service";

/// A slapd with ppolicy that has alice, and an sssd that signs her in over TLS.
pub const PREPARE: &str = r#"
rm -rf /var/lib/ldap/* /etc/ldap/slapd.d
mkdir -p /etc/ldap/tls && cd /etc/ldap/tls
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 30 -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost\n' >names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.pem 2>/dev/null
chown -R openldap: . && chmod 644 *.pem
cat >/etc/ldap/slapd.conf <<'CONF'
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile /run/slapd/slapd.pid
argsfile /run/slapd/slapd.args
TLSCACertificateFile /etc/ldap/tls/ca.pem
TLSCertificateFile /etc/ldap/tls/server.pem
TLSCertificateKeyFile /etc/ldap/tls/server.key
database mdb
suffix dc=example,dc=org
rootdn cn=root,dc=example,dc=org
rootpw secret-of-the-service
directory /var/lib/ldap
access to dn.subtree="ou=people,dc=example,dc=org" attrs=userPassword by dn.exact="cn=reset,dc=example,dc=org" =w by self =w by anonymous auth by * none
access to attrs=userPassword by anonymous auth by * none
access to attrs=pwdAccountLockedTime,shadowLastChange by dn.exact="cn=reset,dc=example,dc=org" =wrscd by * read
access to * by * read
overlay ppolicy
ppolicy_default cn=default,dc=example,dc=org
CONF
cat >/root/data.ldif <<'LDIF'
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: cn=default,dc=example,dc=org
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdCheckQuality: 2
pwdMinLength: 10
pwdLockout: TRUE
pwdMaxFailure: 5

dn: cn=reset,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reset
userPassword: secret-of-the-service

dn: uid=alice,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
shadowLastChange: 19000
shadowMax: 90
uid: alice
cn: Alice
sn: Liddell
uidNumber: 20000
gidNumber: 20000
homeDirectory: /home/alice
loginShell: /bin/bash
userPassword: Old-horse-battery-1
LDIF
slapadd -q -f /etc/ldap/slapd.conf -l /root/data.ldif
chown -R openldap: /var/lib/ldap
cat >/etc/default/slapd <<'CONF'
SLAPD_CONF=/etc/ldap/slapd.conf
SLAPD_USER=openldap
SLAPD_GROUP=openldap
SLAPD_SERVICES="ldap://localhost/ ldaps://localhost/ ldapi:///"
CONF
mkdir -p /home/alice && chown 20000:20000 /home/alice
printf '%s\n' secret-of-the-service >/etc/sspr/directory-password
chown sspr-directory /etc/sspr/directory-password && chmod 600 /etc/sspr/directory-password
cat >/etc/sssd/sssd.conf <<'CONF'
[sssd]
services = nss, pam
domains = example

[domain/example]
id_provider = ldap
auth_provider = ldap
ldap_uri = ldaps://localhost
ldap_search_base = dc=example,dc=org
ldap_tls_cacert = /etc/ldap/tls/ca.pem
cache_credentials = true
CONF
chmod 600 /etc/sssd/sssd.conf
# One that looks before the server listens takes it for gone, and alice for nobody.
mkdir -p /etc/systemd/system/sssd.service.d
printf '[Unit]\nAfter=slapd.service\n' >/etc/systemd/system/sssd.service.d/after.conf
"#;

/// The settings for it, with everybody in scope.
pub const SETTINGS: &str = r#"
[scope]
enable = "all"
[directory]
kind = "openldap"
servers = ["ldaps://localhost", "ldap://localhost"]
ca_file = "/etc/ldap/tls/ca.pem"
bind = "cn=reset,dc=example,dc=org"
password_file = "/etc/sspr/directory-password"
base = "ou=people,dc=example,dc=org"
"#;
