//! A separate slapd for each test: Debian's, from the image of the machines, in a folder that is removed with the test.

use std::{
    fs,
    ops::Deref,
    path::PathBuf,
    time::{Duration, Instant},
};

use sspr_config::settings::Settings;
use sspr_directory::directory::Directory;

use crate::common::{
    self, Client, OLD, certificates, of, password_file,
    server::{Running, free_port},
};

pub(crate) const SUFFIX: &str = "dc=example,dc=org";
pub(crate) const PEOPLE: &str = "ou=people,dc=example,dc=org";
pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";
const ROOT: &str = "cn=root,dc=example,dc=org";
pub(crate) const RESET: &str = "cn=reset,ou=services,dc=example,dc=org";
const SECRET: &str = "secret of the service";

/// A site's own rules: each user sees only their own entry.
pub(crate) const SITE: &str =
    "access to attrs=userPassword by self =w by anonymous auth by * none\naccess to * by self read by * none\n";

/// What `sspr admin directory acl` prints.
fn printed() -> String {
    include_str!("../../acl/openldap.ldif")
        .replace("SERVICE", RESET)
        .replace("PEOPLE", PEOPLE)
        .replace("GROUPS", SUFFIX)
        .replace("CONTACTS", "")
}

/// The same in the form of slapd.conf, before the site's own rules.
pub(crate) fn least() -> String {
    format!("{}{SITE}", common::slapd_rules(&printed()))
}

/// A slapd that is being configured.
pub(crate) struct Builder {
    access: String,
    global: String,
    database: String,
    policy: String,
    people: String,
    ppolicy: bool,
    in_config: bool,
}

/// A running slapd.
pub(crate) struct Slapd {
    running: Running,
    client: Client,
    port: u16,
    tls_port: u16,
}

impl Deref for Slapd {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A server with the least rights, a password policy that requires 10 characters and remembers 3 passwords, and alice.
pub(crate) fn slapd() -> Builder {
    Builder {
        access: least(),
        global: String::new(),
        database: String::new(),
        policy: "pwdCheckQuality: 2\npwdMinLength: 10\npwdInHistory: 3\npwdLockout: TRUE\npwdMaxFailure: 3\npwdLockoutDuration: 3600\n"
            .to_owned(),
        people: String::new(),
        ppolicy: true,
        in_config: false,
    }
}

impl Builder {
    /// Replaces the least rights with these lines.
    pub(crate) fn access(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.access);
        self
    }

    /// Sets the least rights with `from` replaced by `to`.
    pub(crate) fn access_but(self, from: &str, to: &str) -> Self {
        assert!(least().contains(from), "{}", least());
        self.access(&least().replace(from, to))
    }

    /// Adds a right before all others.
    pub(crate) fn access_extra(mut self, line: &str) -> Self {
        self.access = format!("\n{line}{}", self.access);
        self
    }

    /// Adds lines before the database.
    pub(crate) fn global(mut self, lines: &str) -> Self {
        self.global = format!("{}\n{lines}\n", self.global);
        self
    }

    /// Adds lines to the database.
    pub(crate) fn database(mut self, lines: &str) -> Self {
        self.database = format!("{}\n{lines}\n", self.database);
        self
    }

    /// Adds settings of the password policy.
    pub(crate) fn policy(mut self, lines: &str) -> Self {
        // The lines replace earlier values.
        let name = |line: &str| line.split(':').next().map(str::to_owned);
        let stays = |line: &&str| !lines.lines().any(|new| name(new) == name(line));
        let old: Vec<_> = self.policy.lines().filter(stays).collect();
        self.policy = format!("{}\n{lines}\n", old.join("\n"));
        self
    }

    /// Leaves the overlay out.
    pub(crate) fn without_policy(mut self) -> Self {
        self.ppolicy = false;
        self
    }

    /// Puts its settings into cn=config, which the administrator changes while it runs.
    pub(crate) fn in_config(mut self) -> Self {
        self.in_config = true;
        // The database of the settings comes before all others.
        self.global(&format!("database config\nrootpw \"{SECRET}\""))
    }

    /// Adds a user, as LDIF without the classes; `dn` is the whole name.
    pub(crate) fn person(mut self, dn: &str, lines: &str) -> Self {
        let id = 20_001 + self.people.matches("uidNumber").count();
        self.people.push_str(&format!(
            "dn:: {}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount\nsn: x\ncn: x\n\
             uidNumber: {id}\ngidNumber: 20000\nhomeDirectory: /home/x\nloginShell: /bin/bash\nuserPassword: {OLD}\n{lines}\n\n",
            base64(dn.as_bytes())
        ));
        self
    }

    /// Adds entries, as LDIF.
    pub(crate) fn entries(mut self, ldif: &str) -> Self {
        self.people.push_str(ldif);
        self.people.push_str("\n\n");
        self
    }

    #[track_caller]
    pub(crate) fn start(self) -> Slapd {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("db")).unwrap();
        certificates(path, &["localhost", "127.0.0.1"]);
        let overlay = format!("overlay ppolicy\nppolicy_default cn=default,ou=policies,{SUFFIX}\n");
        let module = if self.ppolicy { "moduleload ppolicy\n" } else { "" };
        let overlay = if self.ppolicy { overlay } else { String::new() };
        let conf = format!(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
             include /etc/ldap/schema/nis.schema\ninclude /etc/ldap/schema/inetorgperson.schema\n\
             modulepath /usr/lib/ldap\nmoduleload back_mdb\n{module}\
             pidfile /mnt/pid\nTLSCACertificateFile /mnt/ca.pem\nTLSCertificateFile /mnt/cert.pem\n\
             TLSCertificateKeyFile /mnt/key.pem\n\
             authz-regexp gidNumber=0\\\\+uidNumber=0,cn=peercred,cn=external,cn=auth {RESET}\n{}\n\
             database mdb\nsuffix {SUFFIX}\nrootdn {ROOT}\nrootpw \"{SECRET}\"\ndirectory /mnt/db\nmaxsize 10485760\n\
             dbnosync\n{}\n{}\n{overlay}",
            self.global, self.access, self.database
        );
        fs::write(path.join("slapd.conf"), conf).unwrap();
        let policy = format!(
            "dn: ou=policies,{SUFFIX}\nobjectClass: organizationalUnit\nou: policies\n\n\
             dn: cn=default,ou=policies,{SUFFIX}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\n\
             pwdAttribute: userPassword\n{}\n",
            self.policy
        );
        let policy = if self.ppolicy { policy } else { String::new() };
        let data = format!(
            "dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n\
             dn: ou=people,{SUFFIX}\nobjectClass: organizationalUnit\nou: people\n\n\
             dn: ou=groups,{SUFFIX}\nobjectClass: organizationalUnit\nou: groups\n\n\
             dn: ou=services,{SUFFIX}\nobjectClass: organizationalUnit\nou: services\n\n\
             dn: {RESET}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reset\nuserPassword: {SECRET}\n\n\
             {policy}\
             dn: {ALICE}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount\nuid: alice\n\
             cn: Alice\nsn: Liddell\nuidNumber: 20000\ngidNumber: 20000\nhomeDirectory: /home/alice\nloginShell: /bin/bash\n\
             mail: alice@example.org\nuserPassword: {OLD}\n\n{}",
            self.people
        );
        fs::write(path.join("data.ldif"), data).unwrap();
        let (port, tls_port) = (free_port(), free_port());
        password_file(path, SECRET);
        let client = Client {
            server: format!("ldap+plain://127.0.0.1:{port}"),
            ca: path.join("ca.pem"),
            root: ROOT.to_owned(),
            secret: SECRET.to_owned(),
        };
        let kept = if self.in_config { "config" } else { "file" };
        let arguments = [port.to_string(), tls_port.to_string(), kept.to_owned()];
        let slapd = Slapd { running: Running::start("openldap", folder, START, &arguments), client, port, tls_port };
        slapd.wait();
        slapd
    }
}

/// Starts the server in place of this shell. $1 and $2: ports, $3: the path of its settings.
const START: &str = r#"
    slapadd -q -f /mnt/slapd.conf -l /mnt/data.ldif
    settings="-f /mnt/slapd.conf"
    if [ "$3" = config ]; then
        mkdir /mnt/config
        slaptest -f /mnt/slapd.conf -F /mnt/config
        settings="-F /mnt/config"
    fi
    exec slapd -d 0 $settings -h "ldap://127.0.0.1:$1/ ldaps://127.0.0.1:$2/ ldapi://%2fmnt%2fldapi"
"#;

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

impl Slapd {
    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.tls_port)).is_err() {
            assert!(Instant::now() < end, "slapd does not listen: {}", self.running.state());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The server's URL without encryption.
    pub(crate) fn plain(&self) -> String {
        self.client.server.clone()
    }

    /// The server's URL with StartTLS and the host name `host`.
    pub(crate) fn start_tls(&self, host: &str) -> String {
        format!("ldap://{host}:{}", self.port)
    }

    /// The server's URL with TLS and the host name `host`.
    pub(crate) fn tls(&self, host: &str) -> String {
        format!("ldaps://{host}:{}", self.tls_port)
    }

    /// The URL of the server's socket.
    pub(crate) fn local(&self) -> String {
        format!("ldapi://{}", self.path("ldapi").display())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.running.path(name)
    }

    /// Settings for the server, at these URLs.
    pub(crate) fn settings(&self, servers: &[&str], more: &str) -> Settings {
        let text = format!(
            "[scope]\nenable = \"all\"\n{more}\n[directory]\nkind = \"openldap\"\nservers = {servers:?}\nbind = \"{RESET}\"\n\
             password_file = {:?}\nbase = \"ou=people,{SUFFIX}\"\nca_file = {:?}\n",
            self.path("password"),
            self.path("ca.pem"),
        );
        common::settings(&text)
    }

    /// Our program with these settings.
    pub(crate) fn directory(&self) -> Directory {
        of(&self.settings(&[&self.plain()], ""))
    }

    /// Our program with `more` in `[scope]`.
    pub(crate) fn directory_with(&self, more: &str) -> Directory {
        of(&self.settings(&[&self.plain()], more))
    }

    /// Runs one of the server's tools as the administrator, with this standard input.
    #[track_caller]
    pub(crate) fn tool(&self, line: &str) -> String {
        let port = self.port;
        self.running.must(&line.replacen(' ', &format!(" -x -H ldap://127.0.0.1:{port} -D '{ROOT}' -w '{SECRET}' "), 1))
    }

    /// Applies `ldif` with the administrator's tool.
    #[track_caller]
    pub(crate) fn change(&self, ldif: &str) {
        self.running.write("change.ldif", ldif);
        self.tool("ldapmodify -f /mnt/change.ldif");
    }

    /// Applies the output of `sspr admin directory acl` to the running server, unchanged.
    #[track_caller]
    pub(crate) fn give_rights(&self) {
        self.running.write("acl.ldif", &printed());
        let port = self.port;
        self.running
            .must(&format!("ldapmodify -x -H ldap://127.0.0.1:{port} -D cn=config -w '{SECRET}' -f /mnt/acl.ldif"));
    }

    /// Types wrong passwords until the policy locks the account.
    pub(crate) async fn lock_by_failures(&self, dn: &str) {
        for _ in 0..3 {
            assert_eq!(self.signs_in(dn, "wrong").await.code, 49);
        }
        assert_eq!(self.signs_in(dn, OLD).await.code, 49, "locked");
    }
}
