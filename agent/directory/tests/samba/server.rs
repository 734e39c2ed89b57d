//! A separate domain controller for each test, from the layer that `tests/image/directory.sh` makes. Its ports are
//! fixed, so each test has its own network.

use std::{fs, ops::Deref, process::Command, time::Duration};

use sspr_directory::directory::Directory;

use crate::common::{
    self, Client, certificates, of, password_file,
    server::{Running, layers},
    settings,
};

/// Set in the test's own network.
const INSIDE: &str = "SSPR_TEST_OWN_NETWORK";
const SECRET: &str = "Secret-of-the-service-1";
pub(crate) const HOST: &str = "127.0.0.1";
pub(crate) const ALICE: &str = "CN=alice,OU=People,DC=ad,DC=example,DC=org";
pub(crate) const BOB: &str = "CN=bob,OU=People,DC=ad,DC=example,DC=org";

/// Runs `test`, which is the body of the test function `name`, in its own network with a domain controller.
pub(crate) fn in_a_domain(name: &str, test: impl AsyncFnOnce(&Samba)) {
    if std::env::var_os(INSIDE).is_some() {
        common::run(async {
            let samba = Samba::start().await;
            test(&samba).await;
        });
        return;
    }
    assert!(rustix::process::geteuid().is_root(), "this test starts a server in an image: run it as root");
    // The layer is created here, where there is a network to fetch it from.
    layers("samba");
    let done = Command::new("timeout")
        .args(["--kill-after=5", &Duration::from_mins(3).as_secs().to_string()])
        .args([
            "unshare",
            "--mount",
            "--propagation=private",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        .args(["sh", "-c", "ip link set lo up && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
}

pub(crate) struct Samba {
    running: Running,
    client: Client,
}

impl Deref for Samba {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Starts the server in place of this shell. Its own certificate has its name in a field that clients no longer check.
const START: &str = "
    install -d -m 700 /var/lib/samba/private/tls
    cp /mnt/ca.pem /mnt/cert.pem /mnt/key.pem /var/lib/samba/private/tls
    chmod 600 /var/lib/samba/private/tls/key.pem
    exec samba --foreground --no-process-group
";

impl Samba {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path(), &[HOST]);
        password_file(folder.path(), SECRET);
        let running = Running::start("samba", folder, START, &[]);
        let client = Client {
            server: format!("ldaps://{HOST}"),
            ca: running.path("ca.pem"),
            root: "CN=Administrator,CN=Users,DC=ad,DC=example,DC=org".to_owned(),
            secret: SECRET.to_owned(),
        };
        client.answers(&running).await;
        Self { running, client }
    }

    /// Runs one of Samba's programs, which must succeed.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        self.running.must(line)
    }

    /// The same for LDIF for its database.
    #[track_caller]
    pub(crate) fn modify(&self, ldif: &str) {
        fs::write(self.running.path("change.ldif"), ldif).unwrap();
        self.must("ldbmodify -H /var/lib/samba/private/sam.ldb /mnt/change.ldif");
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory_at(&format!("ldaps://{HOST}"), "enable = \"all\"")
    }

    /// Our program at this server, with these lines in `[scope]`.
    pub(crate) fn directory_at(&self, server: &str, scope: &str) -> Directory {
        self.directory_by(server, scope, "CN=reset,CN=Users,DC=ad,DC=example,DC=org")
    }

    /// Our program at this server, with this entry of the service, which has the same password.
    pub(crate) fn directory_by(&self, server: &str, scope: &str, bind: &str) -> Directory {
        of(&settings(&format!(
            "[scope]\n{scope}\n[directory]\nkind = \"ad\"\nservers = [{server:?}]\nbind = \"{bind}\"\npassword_file = {:?}\n\
             base = \"DC=ad,DC=example,DC=org\"\nca_file = {:?}\ndomains = [\"EXAMPLE\", \"ad.example.org\"]\n",
            self.running.path("password"),
            self.client.ca
        )))
    }
}
