//! A separate 389 Directory Server for each test, from the layer that `tests/image/directory.sh` makes.

use std::{fs, ops::Deref};

use sspr_directory::directory::Directory;

use crate::common::{
    Client, OLD, of, password_file,
    server::{Running, free_port},
    settings,
};

const PEOPLE: &str = "ou=people,dc=example,dc=org";
pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";
pub(crate) const BOB: &str = "uid=bob,ou=people,dc=example,dc=org";
pub(crate) const CONFIG: &str = "cn=config";
pub(crate) const RESET: &str = "uid=reset,ou=services,dc=example,dc=org";
const SECRET: &str = "Secret-of-the-service-1";
/// What `sspr admin directory acl` prints.
const ACL: &str = include_str!("../../acl/389ds.ldif");

/// The service may act as the user, who may set their own password.
pub(crate) const PROXY: [&str; 2] = [
    "(targetattr=\"*\")(version 3.0; acl \"sspr proxy\"; allow(proxy) userdn=\"ldap:///WHO\";)",
    "(targetattr=\"userPassword\")(version 3.0; acl \"self\"; allow(write) userdn=\"ldap:///self\";)",
];
/// Clears the requirement to change the password.
pub(crate) const EXPIRY: &str = "(targetattr=\"passwordExpirationTime || pwdReset\")(version 3.0; acl \"sspr expiry\"; allow(write) userdn=\"ldap:///WHO\";)";
/// Only unlocks.
pub(crate) const UNLOCK: &str = "(targetattr=\"passwordRetryCount || accountUnlockTime\")(version 3.0; acl \"sspr unlocks\"; allow(write) userdn=\"ldap:///WHO\";)";

pub(crate) struct Ds389 {
    running: Running,
    client: Client,
    port: u16,
}

impl Deref for Ds389 {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Starts the server in place of this shell. $1 and $2: ports.
const START: &str = r#"
    mkdir -p /run/dirsrv /run/lock/dirsrv/slapd-t
    chown -R dirsrv: /run/dirsrv /run/lock/dirsrv
    cd /etc/dirsrv/slapd-t
    sed -i "/^nsslapd-secureport:/Id; s#^nsslapd-port:.*#nsslapd-port: $1\nnsslapd-secureport: $2#; s#^nsslapd-ldapilisten:.*#nsslapd-ldapilisten: off#" dse.ldif
    ns-slapd ldif2db -D /etc/dirsrv/slapd-t -n userRoot -i /mnt/data.ldif
    cp ca.crt /mnt/ca.new && chmod 644 /mnt/ca.new && mv /mnt/ca.new /mnt/ca.pem
    exec ns-slapd -D /etc/dirsrv/slapd-t -i /run/dirsrv/slapd-t.pid -d 0
"#;

impl Ds389 {
    /// With the service's least rights.
    pub(crate) async fn start() -> Self {
        Self::with(ACL, &[], "").await
    }

    /// With these rights in addition to the least ones.
    pub(crate) async fn may(more: &[&str]) -> Self {
        Self::with(ACL, more, "").await
    }

    /// With the least rights, in which `from` is replaced by `to`.
    pub(crate) async fn but(from: &str, to: &str) -> Self {
        assert!(ACL.contains(from), "{ACL}");
        Self::with(&ACL.replace(from, to), &[], "").await
    }

    /// With these rights instead of the one to set passwords.
    pub(crate) async fn may_only(more: &[&str]) -> Self {
        Self::with(&ACL.replace("allow (write)", "allow (compare)"), more, "").await
    }

    /// With the least rights, and more entries.
    pub(crate) async fn of(entries: &str) -> Self {
        Self::with(ACL, &[], entries).await
    }

    async fn with(acl: &str, more: &[&str], entries: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        // The server is not root.
        rustix::fs::chmod(path, 0o755.into()).unwrap();
        let people: String = ["alice", "bob"]
            .iter()
            .enumerate()
            .map(|(number, name)| person(&format!("uid={name},{PEOPLE}"), &format!("uid: {name}"), 20_000 + number))
            .collect();
        let data = format!(
            "dn: dc=example,dc=org\nobjectClass: top\nobjectClass: domain\ndc: example\n\n\
             dn: ou=services,dc=example,dc=org\nobjectClass: organizationalUnit\nou: services\n\n\
             dn: ou=groups,dc=example,dc=org\nobjectClass: organizationalUnit\nou: groups\n\n\
             dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n\n\
             dn: {RESET}\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: reset\nuserPassword: {SECRET}\n\n\
             {people}\
             dn: cn=staff,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: staff\nmember: {ALICE}\n\n\
             dn: cn=Directory Administrators,ou=groups,dc=example,dc=org\nobjectClass: groupOfUniqueNames\n\
             cn: Directory Administrators\nuniqueMember: cn=outer,ou=groups,dc=example,dc=org\n\n\
             dn: cn=outer,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: outer\nmember: {BOB}\n\n{entries}"
        );
        fs::write(path.join("data.ldif"), data).unwrap();
        rustix::fs::chmod(path.join("data.ldif"), 0o644.into()).unwrap();
        password_file(path, SECRET);
        let acl = acl.replace("SERVICE", RESET).replace("PEOPLE", PEOPLE).replace("GROUPS", "dc=example,dc=org");
        let acl = acl.replace("CONTACTS", "");
        fs::write(path.join("acl.ldif"), acl).unwrap();
        let more: String = more.iter().map(|right| format!("aci: {}\n", right.replace("WHO", RESET))).collect();
        fs::write(path.join("more.ldif"), format!("dn: {PEOPLE}\nchangetype: modify\nadd: aci\n{more}")).unwrap();
        let (port, tls) = (free_port(), free_port());
        let running = Running::start("ds389", folder, START, &[port.to_string(), tls.to_string()]);
        let client = Client {
            server: format!("ldaps://localhost:{tls}"),
            ca: running.path("ca.pem"),
            root: "cn=Directory Manager".to_owned(),
            secret: SECRET.to_owned(),
        };
        client.answers(&running).await;
        let server = Self { running, client, port };
        server.tool("ldapmodify -f /mnt/acl.ldif");
        if !more.is_empty() {
            server.tool("ldapmodify -f /mnt/more.ldif");
        }
        server
    }

    /// Applies `ldif` with the administrator's tool.
    #[track_caller]
    pub(crate) fn change(&self, ldif: &str) {
        self.running.write("change.ldif", ldif);
        self.tool("ldapmodify -f /mnt/change.ldif");
    }

    /// Makes the service a password administrator, after whose resets users must change their passwords.
    pub(crate) async fn must_change_after_an_administrators_reset(&self) {
        self.client.set(CONFIG, "passwordMustChange", &["on"]).await;
        self.client.set(CONFIG, "passwordAdminDN", &[RESET]).await;
    }

    /// Runs one of the server's tools as the administrator.
    #[track_caller]
    pub(crate) fn tool(&self, line: &str) -> String {
        let port = self.port;
        let who = format!(" -x -H ldap://127.0.0.1:{port} -D 'cn=Directory Manager' -w {SECRET} ");
        self.running.must(&line.replacen(' ', &who, 1))
    }

    /// With StartTLS.
    pub(crate) fn start_tls(&self) -> String {
        format!("ldap://localhost:{}", self.port)
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory_with("enable = \"all\"")
    }

    /// With these lines in `[scope]`.
    pub(crate) fn directory_with(&self, scope: &str) -> Directory {
        self.directory_at(&self.client.server, scope)
    }

    /// At this server.
    pub(crate) fn directory_at(&self, server: &str, scope: &str) -> Directory {
        of(&settings(&format!(
            "[scope]\n{scope}\n[directory]\nkind = \"389ds\"\nservers = [{server:?}]\nbind = \"{RESET}\"\npassword_file = {:?}\n\
             base = \"{PEOPLE}\"\nca_file = {:?}\n",
            self.running.path("password"),
            self.client.ca
        )))
    }
}

/// A user as LDIF, with the class of those whose passwords expire.
pub(crate) fn person(dn: &str, lines: &str, id: usize) -> String {
    use base64::Engine as _;
    format!(
        "dn:: {}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount\n{lines}\ncn: x\nsn: x\n\
         uidNumber: {id}\ngidNumber: 20000\nhomeDirectory: /home/x\nloginShell: /bin/bash\nuserPassword: {OLD}\n\n",
        base64::engine::general_purpose::STANDARD.encode(dn)
    )
}
