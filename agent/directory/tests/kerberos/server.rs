//! A KDC of MIT Kerberos with kadmind, and a slapd with users whose passwords are in the KDC, in one image.

use std::{
    fs,
    ops::Deref,
    path::PathBuf,
    time::{Duration, Instant},
};

use sspr_directory::directory::Directory;

use crate::common::{
    Client, OLD, certificates, of, password_file,
    server::{Running, free_port},
    settings, slapd_rules,
};

pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";
const RESET: &str = "cn=reset,ou=services,dc=example,dc=org";
const ROOT: &str = "cn=root,dc=example,dc=org";
const ADMIN: &str = "sspr/admin@EXAMPLE.ORG";
const SECRET: &str = "secret of the service";

pub(crate) struct Realm {
    running: Running,
    client: Client,
}

impl Deref for Realm {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Starts slapd in place of this shell, and the KDC and kadmind beside it. $1: slapd's port.
const START: &str = r#"
    cp /mnt/krb5.conf /etc/krb5.conf
    mkdir -p /etc/krb5kdc /var/lib/krb5kdc
    cp /mnt/kdc.conf /etc/krb5kdc/kdc.conf
    cp /mnt/kadm5.acl /etc/krb5kdc/kadm5.acl
    kdb5_util create -s -P master -r EXAMPLE.ORG
    kadmin.local addpol -minlength 10 -minclasses 2 -history 3 -maxfailure 3 -lockoutduration 0 people
    for name in alice bob carol; do
        kadmin.local addprinc -policy people +requires_preauth -pw Old-horse-battery-1 "$name"
    done
    kadmin.local addprinc -pw Old-horse-battery-1 boss/admin
    kadmin.local addprinc -randkey sspr/admin
    kadmin.local ktadd -k /mnt/keytab.new sspr/admin
    # They end with slapd, which this shell becomes.
    setpriv --pdeathsig KILL krb5kdc -n &
    setpriv --pdeathsig KILL kadmind -nofork &
    echo $! >/mnt/kadmind.pid
    slapadd -q -f /mnt/slapd.conf -l /mnt/data.ldif
    mv /mnt/keytab.new /mnt/keytab
    exec slapd -d 0 -f /mnt/slapd.conf -h "ldap://127.0.0.1:$1/"
"#;

impl Realm {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("db")).unwrap();
        certificates(path, &["localhost"]);
        password_file(path, SECRET);
        let (ldap, kdc, admin, change) = (free_port(), free_port(), free_port(), free_port());
        fs::write(
            path.join("krb5.conf"),
            format!(
                "[libdefaults]\ndefault_realm = EXAMPLE.ORG\ndns_lookup_kdc = false\ndns_canonicalize_hostname = false\n\
                 [realms]\nEXAMPLE.ORG = {{\nkdc = 127.0.0.1:{kdc}\nadmin_server = 127.0.0.1:{admin}\n}}\n"
            ),
        )
        .unwrap();
        fs::write(
            path.join("kdc.conf"),
            format!(
                "[realms]\nEXAMPLE.ORG = {{\nkdc_listen = 127.0.0.1:{kdc}\nkdc_tcp_listen = 127.0.0.1:{kdc}\nkadmind_port = {admin}\n\
                 kpasswd_port = {change}\ndatabase_name = /var/lib/krb5kdc/principal\nacl_file = /etc/krb5kdc/kadm5.acl\n\
                 key_stash_file = /etc/krb5kdc/stash\n}}\n"
            ),
        )
        .unwrap();
        // What `sspr admin directory acl` prints.
        let printed = [
            ("SERVICE", RESET),
            ("PEOPLE", "ou=people,dc=example,dc=org"),
            ("GROUPS", "dc=example,dc=org"),
            ("PRINCIPAL", ADMIN),
            ("REALM", "EXAMPLE.ORG"),
            ("CONTACTS", ""),
        ]
        .into_iter()
        .fold(include_str!("../../acl/openldap-kerberos.ldif").to_owned(), |text, (word, name)| {
            text.replace(word, name)
        });
        let line = printed.lines().find_map(|line| line.strip_prefix("#   ")).unwrap();
        fs::write(path.join("kadm5.acl"), format!("{line}\n")).unwrap();
        fs::write(
            path.join("slapd.conf"),
            format!(
                "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
                 include /etc/ldap/schema/nis.schema\ninclude /etc/ldap/schema/inetorgperson.schema\n\
                 modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload ppolicy\npidfile /mnt/pid\n\
                 database mdb\nsuffix dc=example,dc=org\nrootdn {ROOT}\nrootpw \"{SECRET}\"\ndirectory /mnt/db\nmaxsize 10485760\n\
                 dbnosync\n{}access to attrs=userPassword by anonymous auth\naccess to * by self read\n",
                slapd_rules(&printed)
            ),
        )
        .unwrap();
        let person = |name: &str, id: u32, stored: &str| {
            format!(
                "dn: uid={name},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: {name}\n\
                 cn: x\nsn: x\nuidNumber: {id}\ngidNumber: 20000\nhomeDirectory: /home/{name}\nloginShell: /bin/bash\n{stored}\n\n"
            )
        };
        let people = [
            person("alice", 20_000, "userPassword: {SASL}alice@EXAMPLE.ORG"),
            person("bob", 20_001, ""),
            person("carol", 20_002, "userPassword: {SASL}bob@EXAMPLE.ORG"),
            person("boss", 20_003, ""),
        ]
        .concat();
        let data = format!(
            "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n\
             dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n\n\
             dn: ou=services,dc=example,dc=org\nobjectClass: organizationalUnit\nou: services\n\n\
             dn: {RESET}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reset\nuserPassword: {SECRET}\n\n\
             {people}"
        );
        fs::write(path.join("data.ldif"), data).unwrap();
        let running = Running::start("kerberos", folder, START, &[ldap.to_string()]);
        // The programs from the image, in place of the host's own.
        for program in ["kadmin", "kinit", "kvno"] {
            let line = format!(
                "#!/bin/sh\nexec nsenter --target {} --mount --root --wd=/ /usr/bin/{program} \"$@\"\n",
                running.id()
            );
            fs::write(running.path(program), line).unwrap();
            rustix::fs::chmod(running.path(program), 0o755.into()).unwrap();
        }
        let client = Client {
            server: format!("ldap+plain://127.0.0.1:{ldap}"),
            ca: running.path("ca.pem"),
            root: ROOT.to_owned(),
            secret: SECRET.to_owned(),
        };
        let end = Instant::now() + Duration::from_mins(1);
        for port in [kdc, admin, ldap] {
            while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(Instant::now() < end, "{}", running.state());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Self { running, client }
    }

    /// Runs a line on the KDC, which must succeed.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        self.running.must(line)
    }

    /// Whether a ticket can be obtained.
    pub(crate) fn has_ticket(&self, name: &str, password: &str) -> bool {
        self.running.run(&format!("echo '{password}' | kinit -c MEMORY:t {name}")).status.success()
    }

    /// Types wrong passwords until the policy locks the account.
    #[track_caller]
    pub(crate) fn lock_by_failures(&self, name: &str) {
        for _ in 0..3 {
            assert!(!self.has_ticket(name, "wrong"));
        }
        assert!(!self.has_ticket(name, OLD), "locked");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.running.path(name)
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory_by(ADMIN)
    }

    /// With this principal of the service.
    pub(crate) fn directory_by(&self, admin: &str) -> Directory {
        let directory = of(&settings(&format!(
            "[scope]\nenable = \"all\"\n[directory]\nkind = \"openldap\"\nservers = [{:?}]\nbind = \"{RESET}\"\n\
             password_file = {:?}\nbase = \"ou=people,dc=example,dc=org\"\npassword = \"kerberos\"\nrealm = \"EXAMPLE.ORG\"\n\
             admin_principal = \"{admin}\"\nkeytab = {:?}\n",
            self.client.server,
            self.path("password"),
            self.path("keytab"),
        )));
        directory.with_programs(self.path("").as_path()).with_runtime(self.path("").as_path())
    }
}
