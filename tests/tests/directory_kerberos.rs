//! Users whose passwords are in a KDC: the program under its unit and within its profile.

use sspr_tests::{
    Image, Machine,
    apparmor::{self, Profile},
    machine::line_showing,
};

use crate::{
    directory::{NEW, OLD, PREPARE, SECRET, SETTINGS, ask, with_asker},
    hardening::packaging,
};

/// A KDC and a kadmind for the directory's users, and the key of the principal that may change passwords.
const KDC: &str = r"
cat >/etc/krb5.conf <<'CONF'
[libdefaults]
default_realm = EXAMPLE.ORG
dns_lookup_kdc = false
dns_canonicalize_hostname = false
[realms]
EXAMPLE.ORG = {
kdc = 127.0.0.1
admin_server = 127.0.0.1
}
CONF
mkdir -p /etc/krb5kdc /var/lib/krb5kdc
echo 'sspr/admin@EXAMPLE.ORG c *@EXAMPLE.ORG' >/etc/krb5kdc/kadm5.acl
kdb5_util create -s -P master -r EXAMPLE.ORG
kadmin.local addpol -minlength 10 -minclasses 2 -history 3 people
kadmin.local addprinc -policy people +requires_preauth -pw Old-horse-battery-1 alice
kadmin.local addprinc -randkey sspr/admin
kadmin.local ktadd -k /etc/sspr/directory.keytab sspr/admin
chown sspr-directory /etc/sspr/directory.keytab && chmod 600 /etc/sspr/directory.keytab
systemctl enable krb5-kdc krb5-admin-server
cp /etc/ldap/tls/ca.pem /etc/sspr/directory-ca.pem
";

const KERBEROS: &str = r#"
[directory]
ca_file = "/etc/sspr/directory-ca.pem"
password = "kerberos"
realm = "EXAMPLE.ORG"
admin_principal = "sspr/admin@EXAMPLE.ORG"
keytab = "/etc/sspr/directory.keytab"
"#;

#[test]
fn under_its_unit_and_within_its_profile_the_program_sets_and_tries_passwords_in_a_kdc() {
    let (slapd, _) = PREPARE.split_once("cat >/etc/sssd/sssd.conf").unwrap();
    let image = Image::with_kerberos();
    let machine =
        with_asker(Machine::with(image).prepare(slapd).prepare(KDC).settings(SETTINGS).settings(KERBEROS).boot());
    machine.must("timeout 30 sh -c 'until kadmin -k -t /etc/sspr/directory.keytab -p sspr/admin -q \"\" >/dev/null 2>&1; do sleep 0.1; done'");
    machine.must("systemctl stop sspr-directory");
    apparmor::start_tracing(&machine);
    let said = machine.run("sspr doctor --offline").stdout;
    assert!(said.contains("the keytab signs in at the admin server"), "{said}");
    let account = ask(&machine, "account alice", "");
    let words: Vec<&str> = account.split(' ').collect();
    let ["alice", id, "0", "false", "false"] = words[..] else { panic!("{account}") };
    assert_eq!(ask(&machine, "verify alice", OLD), "true");
    let short = ask(&machine, &format!("change alice {id}"), "short-1");
    assert!(short.starts_with("1 "), "{short}");
    assert_eq!(ask(&machine, &format!("change alice {id}"), NEW).trim(), "0");
    assert_eq!(ask(&machine, "verify alice", NEW), "true");
    assert_eq!(ask(&machine, "verify alice", OLD), "false");
    machine.must("systemctl stop sspr-directory");
    let program = "/usr/libexec/sspr/sspr-directory";
    let done = apparmor::stop_tracing(&machine, &[program]);
    let profile = Profile::read(&packaging("apparmor/sspr-directory"));
    for ours in ["/usr/bin/kadmin", "/usr/bin/kinit", "/usr/bin/kvno"] {
        assert!(done[0].contains(&(ours.to_owned(), "x".to_owned())), "{ours}: {:?}", done[0]);
    }
    let outside = apparmor::outside(&profile, program, &done[0]);
    assert!(outside.is_empty(), "{outside:#?}");
    // The tickets are removed, and the logs do not say what they were for.
    assert_eq!(machine.must("find /run/sspr-directory -name 'tickets*'; find /tmp /var/tmp -name 'krb5cc*'"), "");
    let journal = machine.whole_journal();
    for secret in [OLD, NEW, SECRET] {
        assert_eq!(line_showing(&journal, secret), None);
    }
}
