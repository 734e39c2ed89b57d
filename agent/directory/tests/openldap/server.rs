//! A slapd of its own for each test: Debian's, from the image of the machines, in a folder that goes with the test.

use std::{
    fs,
    net::TcpListener,
    ops::Deref,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sspr_config::settings::Settings;
use sspr_directory::directory::Directory;

use crate::common::{self, Client, OLD, certificates, of, password_file};

pub(crate) const SUFFIX: &str = "dc=example,dc=org";
pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";
const ROOT: &str = "cn=root,dc=example,dc=org";
pub(crate) const RESET: &str = "cn=reset,ou=services,dc=example,dc=org";
const SECRET: &str = "secret of the service";

/// What the service needs, as `sspr admin directory acl` prints it.
const LEAST: &str = r#"
access to dn.subtree="ou=people,dc=example,dc=org" attrs=userPassword by dn.exact="cn=reset,ou=services,dc=example,dc=org" =w by self =w by anonymous auth by * none
access to attrs=userPassword by anonymous auth by * none
access to attrs=shadowLastChange by dn.exact="cn=reset,ou=services,dc=example,dc=org" =wrscd by * none
access to attrs=pwdAccountLockedTime by dn.exact="cn=reset,ou=services,dc=example,dc=org" =wrscd by * none
access to * by dn.exact="cn=reset,ou=services,dc=example,dc=org" read by self read by * none
"#;

/// A slapd that is put together.
pub(crate) struct Builder {
    access: String,
    global: String,
    database: String,
    policy: String,
    people: String,
    ppolicy: bool,
}

/// A slapd that runs.
pub(crate) struct Slapd {
    child: Child,
    folder: tempfile::TempDir,
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

/// With the least rights, a password policy that asks for 10 characters and remembers 3, and alice.
pub(crate) fn slapd() -> Builder {
    Builder {
        access: LEAST.to_owned(),
        global: String::new(),
        database: String::new(),
        policy: "pwdCheckQuality: 2\npwdMinLength: 10\npwdInHistory: 3\npwdLockout: TRUE\npwdMaxFailure: 3\npwdLockoutDuration: 3600\n"
            .to_owned(),
        people: String::new(),
        ppolicy: true,
    }
}

impl Builder {
    /// These lines in place of the least rights.
    pub(crate) fn access(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.access);
        self
    }

    /// The least rights with `from` replaced by `to`.
    pub(crate) fn access_but(self, from: &str, to: &str) -> Self {
        assert!(LEAST.contains(from));
        self.access(&LEAST.replace(from, to))
    }

    /// Another right, before all others.
    pub(crate) fn access_extra(mut self, line: &str) -> Self {
        self.access = format!("\n{line}{}", self.access);
        self
    }

    /// Lines before the database.
    pub(crate) fn global(mut self, lines: &str) -> Self {
        self.global = format!("{}\n{lines}\n", self.global);
        self
    }

    /// Lines of the database.
    pub(crate) fn database(mut self, lines: &str) -> Self {
        self.database = format!("{}\n{lines}\n", self.database);
        self
    }

    /// More of the password policy.
    pub(crate) fn policy(mut self, lines: &str) -> Self {
        // In place of what it says of the same.
        let name = |line: &str| line.split(':').next().map(str::to_owned);
        let stays = |line: &&str| !lines.lines().any(|new| name(new) == name(line));
        let old: Vec<_> = self.policy.lines().filter(stays).collect();
        self.policy = format!("{}\n{lines}\n", old.join("\n"));
        self
    }

    /// Without the overlay.
    pub(crate) fn without_policy(mut self) -> Self {
        self.ppolicy = false;
        self
    }

    /// Another person, as LDIF without the classes; `dn` is the whole name.
    pub(crate) fn person(mut self, dn: &str, lines: &str) -> Self {
        let id = 20_001 + self.people.matches("uidNumber").count();
        self.people.push_str(&format!(
            "dn:: {}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount\nsn: x\ncn: x\n\
             uidNumber: {id}\ngidNumber: 20000\nhomeDirectory: /home/x\nloginShell: /bin/bash\nuserPassword: {OLD}\n{lines}\n\n",
            base64(dn.as_bytes())
        ));
        self
    }

    /// More entries, as LDIF.
    pub(crate) fn entries(mut self, ldif: &str) -> Self {
        self.people.push_str(ldif);
        self.people.push_str("\n\n");
        self
    }

    #[track_caller]
    pub(crate) fn start(self) -> Slapd {
        assert!(rustix::process::geteuid().is_root(), "this test starts slapd in an image: run it as root");
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
        inside(path, "slapadd -q -f /mnt/slapd.conf -l /mnt/data.ldif 2>&1").status_ok();
        let (port, tls_port) = (free_port(), free_port());
        password_file(path, SECRET);
        let client = Client {
            server: format!("ldap+plain://127.0.0.1:{port}"),
            ca: path.join("ca.pem"),
            root: ROOT.to_owned(),
            secret: SECRET.to_owned(),
        };
        let slapd = Slapd { child: run(path, port, tls_port), client, folder, port, tls_port };
        slapd.wait();
        slapd
    }
}

fn run(path: &Path, port: u16, tls_port: u16) -> Child {
    let line = format!(
        "exec slapd -d 0 -f /mnt/slapd.conf -h 'ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/ ldapi://%2fmnt%2fldapi'"
    );
    command(path, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A shell in the image, with the folder at /mnt and everything else read-only.
fn command(folder: &Path, line: &str) -> Command {
    let image = image();
    let (image, folder) = (image.display(), folder.display());
    let script = format!(
        "mount --bind {folder} {image}/mnt && exec chroot {image} /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c \"$1\""
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation=private", "sh", "-c", &script, "sh", line]).stdin(Stdio::null());
    command
}

trait Succeeds {
    fn status_ok(self);
}

impl Succeeds for Command {
    #[track_caller]
    fn status_ok(mut self) {
        let output = self.output().unwrap();
        assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn inside(folder: &Path, line: &str) -> Command {
    command(folder, line)
}

/// The image of Debian 12, or of what `SSPR_SUITE` names, with what directories need; made where it is not there yet.
fn image() -> PathBuf {
    static IMAGE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    IMAGE
        .get_or_init(|| {
            let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/image");
            let suite = std::env::var("SSPR_SUITE").unwrap_or_else(|_| "bookworm".to_owned());
            let packages = fs::read_to_string(images.join("openldap")).unwrap();
            let output = Command::new("sh")
                .arg(images.join("make.sh"))
                .arg(suite)
                .args(packages.split_whitespace())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim().into()
        })
        .clone()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

impl Drop for Slapd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Slapd {
    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.tls_port)).is_err() {
            assert!(Instant::now() < end, "slapd does not listen");
            std::thread::yield_now();
        }
    }

    /// Where it listens, without encryption.
    pub(crate) fn plain(&self) -> String {
        self.client.server.clone()
    }

    /// By StartTLS, by the name `host`.
    pub(crate) fn start_tls(&self, host: &str) -> String {
        format!("ldap://{host}:{}", self.port)
    }

    /// By TLS, by the name `host`.
    pub(crate) fn tls(&self, host: &str) -> String {
        format!("ldaps://{host}:{}", self.tls_port)
    }

    /// At its socket.
    pub(crate) fn local(&self) -> String {
        format!("ldapi://{}", self.path("ldapi").display())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The settings for it, at these servers.
    pub(crate) fn settings(&self, servers: &[&str], more: &str) -> Settings {
        let text = format!(
            "[scope]\nenable = \"all\"\n{more}\n[directory]\nkind = \"openldap\"\nservers = {servers:?}\nbind = \"{RESET}\"\n\
             password_file = {:?}\nbase = \"ou=people,{SUFFIX}\"\nca_file = {:?}\n",
            self.path("password"),
            self.path("ca.pem"),
        );
        common::settings(&text)
    }

    /// What our program makes of it.
    pub(crate) fn directory(&self) -> Directory {
        of(&self.settings(&[&self.plain()], ""))
    }

    /// The same with more in `[scope]`.
    pub(crate) fn directory_with(&self, more: &str) -> Directory {
        of(&self.settings(&[&self.plain()], more))
    }

    /// Wrong passwords until the policy locks.
    pub(crate) async fn lock_by_failures(&self, dn: &str) {
        for _ in 0..3 {
            assert_eq!(self.signs_in(dn, "wrong").await.code, 49);
        }
        assert_eq!(self.signs_in(dn, OLD).await.code, 49, "locked");
    }
}
