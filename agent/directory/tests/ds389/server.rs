//! A 389 Directory Server of its own for each test, from the layer that `tests/image/directory.sh` makes.

use std::{
    fs,
    net::TcpListener,
    ops::Deref,
    process::{Child, Command, Stdio},
};

use sspr_directory::directory::Directory;

use crate::common::{Client, OLD, layers, of, password_file, settings};

pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";
pub(crate) const BOB: &str = "uid=bob,ou=people,dc=example,dc=org";
pub(crate) const CONFIG: &str = "cn=config";
const RESET: &str = "uid=reset,ou=services,dc=example,dc=org";
const SECRET: &str = "Secret-of-the-service-1";

/// Sets the password, and sees what closes an account.
pub(crate) const LEAST: [&str; 2] = [
    "(targetattr=\"userPassword\")(version 3.0; acl \"sspr\"; allow(write) userdn=\"ldap:///WHO\";)",
    "(targetattr=\"objectClass || uid || uidNumber || gidNumber || loginShell || nsUniqueId || nsAccountLock || passwordRetryCount || \
     accountUnlockTime || passwordExpirationTime || shadowExpire\")(version 3.0; acl \"sspr reads\"; \
     allow(read, search, compare) userdn=\"ldap:///WHO\";)",
];
/// May act as the person, who may set the own password.
pub(crate) const PROXY: [&str; 2] = [
    "(targetattr=\"*\")(version 3.0; acl \"sspr proxy\"; allow(proxy) userdn=\"ldap:///WHO\";)",
    "(targetattr=\"userPassword\")(version 3.0; acl \"self\"; allow(write) userdn=\"ldap:///self\";)",
];
/// Takes back that the password must be changed.
pub(crate) const EXPIRY: &str = "(targetattr=\"passwordExpirationTime || pwdReset\")(version 3.0; acl \"sspr expiry\"; allow(write) userdn=\"ldap:///WHO\";)";
/// Unlocks alone.
pub(crate) const UNLOCK: &str = "(targetattr=\"passwordRetryCount || accountUnlockTime\")(version 3.0; acl \"sspr unlocks\"; allow(write) userdn=\"ldap:///WHO\";)";

pub(crate) struct Ds389 {
    child: Child,
    folder: tempfile::TempDir,
    client: Client,
}

impl Deref for Ds389 {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Ds389 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Mounts the layer with the folder at /mnt, and becomes the server. $1 folder, $2 layers, $3 and $4 ports.
const START: &str = r#"
    mkdir -p "$1/up"
    mount -t tmpfs tmpfs "$1/up"
    mkdir "$1/up/upper" "$1/up/work" "$1/up/root"
    root=$1/up/root
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/up/upper,workdir=$1/up/work" "$root"
    mount --rbind /dev "$root/dev"
    mount --rbind /proc "$root/proc"
    mount -t tmpfs tmpfs "$root/dev/shm"
    mount -t tmpfs tmpfs "$root/run"
    mount --rbind "$1" "$root/mnt"
    exec chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -euc '
        mkdir -p /run/dirsrv /run/lock/dirsrv/slapd-t
        chown -R dirsrv: /run/dirsrv /run/lock/dirsrv
        cd /etc/dirsrv/slapd-t
        sed -i "/^nsslapd-secureport:/Id; s#^nsslapd-port:.*#nsslapd-port: $1\nnsslapd-secureport: $2#; s#^nsslapd-ldapilisten:.*#nsslapd-ldapilisten: off#" dse.ldif
        ns-slapd ldif2db -D /etc/dirsrv/slapd-t -n userRoot -i /mnt/data.ldif
        cp ca.crt /mnt/ca.new && chmod 644 /mnt/ca.new && mv /mnt/ca.new /mnt/ca.pem
        exec ns-slapd -D /etc/dirsrv/slapd-t -i /run/dirsrv/slapd-t.pid -d 0' sh "$3" "$4"
"#;

impl Ds389 {
    /// With these rights of the service.
    pub(crate) async fn start(rights: &[&str]) -> Self {
        assert!(rustix::process::geteuid().is_root(), "this test starts a server in an image: run it as root");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        // The server is not root.
        rustix::fs::chmod(path, 0o755.into()).unwrap();
        let rights: String = rights.iter().map(|right| format!("aci: {}\n", right.replace("WHO", RESET))).collect();
        let people: String = ["alice", "bob"]
            .iter()
            .enumerate()
            .map(|(number, name)| {
                format!(
                    "dn: uid={name},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: {name}\n\
                     cn: {name}\nsn: {name}\nuidNumber: {}\ngidNumber: 20000\nhomeDirectory: /home/{name}\nloginShell: /bin/bash\n\
                     userPassword: {OLD}\n\n",
                    20_000 + number
                )
            })
            .collect();
        let data = format!(
            "dn: dc=example,dc=org\nobjectClass: top\nobjectClass: domain\ndc: example\n\n\
             dn: ou=services,dc=example,dc=org\nobjectClass: organizationalUnit\nou: services\n\n\
             dn: ou=groups,dc=example,dc=org\nobjectClass: organizationalUnit\nou: groups\n\
             aci: (targetattr=\"*\")(version 3.0; acl \"groups\"; allow(read, search, compare) userdn=\"ldap:///{RESET}\";)\n\n\
             dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n{rights}\n\
             dn: {RESET}\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: reset\nuserPassword: {SECRET}\n\n\
             {people}\
             dn: cn=staff,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: staff\nmember: {ALICE}\n\n\
             dn: cn=Directory Administrators,ou=groups,dc=example,dc=org\nobjectClass: groupOfUniqueNames\n\
             cn: Directory Administrators\nuniqueMember: cn=outer,ou=groups,dc=example,dc=org\n\n\
             dn: cn=outer,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: outer\nmember: {BOB}\n"
        );
        fs::write(path.join("data.ldif"), data).unwrap();
        rustix::fs::chmod(path.join("data.ldif"), 0o644.into()).unwrap();
        password_file(path, SECRET);
        let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (plain, tls) = (port(), port());
        let log = fs::File::create(path.join("log")).unwrap();
        let child = Command::new("unshare")
            .args(["--mount", "--propagation=private", "sh", "-euc", START, "sh"])
            .arg(path)
            .args([layers("ds389"), plain.to_string(), tls.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let client = Client {
            server: format!("ldaps://localhost:{tls}"),
            ca: path.join("ca.pem"),
            root: "cn=Directory Manager".to_owned(),
            secret: SECRET.to_owned(),
        };
        let server = Self { child, folder, client };
        server.answers().await;
        server
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory_with("enable = \"all\"")
    }

    /// With these lines in `[scope]`.
    pub(crate) fn directory_with(&self, scope: &str) -> Directory {
        of(&settings(&format!(
            "[scope]\n{scope}\n[directory]\nkind = \"389ds\"\nservers = [{:?}]\nbind = \"{RESET}\"\npassword_file = {:?}\n\
             base = \"ou=people,dc=example,dc=org\"\nca_file = {:?}\n",
            self.client.server,
            self.folder.path().join("password"),
            self.client.ca
        )))
    }
}
