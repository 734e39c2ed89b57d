//! A domain controller of its own for each test, from the layer that `tests/image/directory.sh` makes. Its ports are fixed, so each test
//! has a network of its own.

use std::{
    fs,
    ops::Deref,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use sspr_directory::directory::Directory;

use crate::common::{self, Client, certificates, layers, of, password_file, settings};

/// Set where the network of its own is in place.
const INSIDE: &str = "SSPR_TEST_OWN_NETWORK";
const SECRET: &str = "Secret-of-the-service-1";
pub(crate) const HOST: &str = "dc.ad.example.org";
pub(crate) const ALICE: &str = "CN=alice,OU=People,DC=ad,DC=example,DC=org";
pub(crate) const BOB: &str = "CN=bob,OU=People,DC=ad,DC=example,DC=org";

/// Runs `test`, which is the body of the test function called `name`, in a network of its own with a domain controller.
pub(crate) fn in_a_domain(name: &str, test: impl AsyncFnOnce(&Samba)) {
    if std::env::var_os(INSIDE).is_some() {
        common::run(async {
            let samba = Samba::start().await;
            test(&samba).await;
        });
        return;
    }
    assert!(rustix::process::geteuid().is_root(), "this test starts a server in an image: run it as root");
    // Made before, where there is a network to fetch it from.
    layers("samba");
    let done = Command::new("timeout")
        .args([
            "--kill-after=5",
            &Duration::from_mins(3).as_secs().to_string(),
            "unshare",
            "--mount",
            "--propagation=private",
        ])
        .args([
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            "ip link set lo up && exec \"$@\"",
            "sh",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
}

pub(crate) struct Samba {
    child: Child,
    folder: tempfile::TempDir,
    client: Client,
}

impl Deref for Samba {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// $1 folder, $2 layers.
const MOUNT: &str = r#"
    mkdir -p "$1/up"
    mount -t tmpfs tmpfs "$1/up"
    mkdir "$1/up/upper" "$1/up/work" "$1/up/root"
    root=$1/up/root
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/up/upper,workdir=$1/up/work" "$root"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/run"
    mount -t tmpfs tmpfs "$root/tmp"
    mount -t proc proc "$root/proc"
    printf '127.0.0.1 localhost\n127.0.0.1 dc.ad.example.org dc\n' >"$1/hosts"
    mount --bind "$1/hosts" /etc/hosts
    cp "$1/hosts" "$root/etc/hosts"
"#;

impl Samba {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let mounted = Command::new("sh").args(["-euc", MOUNT, "sh"]).arg(path).arg(layers("samba")).output().unwrap();
        assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
        // The one that it makes itself has its name where nobody looks for it any more.
        let root = path.join("up/root");
        fs::create_dir_all(root.join("var/lib/samba/private/tls")).unwrap();
        certificates(&root.join("var/lib/samba/private/tls"), &[HOST]);
        password_file(path, SECRET);
        let log = fs::File::create(path.join("log")).unwrap();
        let child = Command::new("chroot")
            .arg(&root)
            .args([
                "/usr/bin/env",
                "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "samba",
                "--foreground",
                "--no-process-group",
            ])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let client = Client {
            server: format!("ldaps://{HOST}"),
            ca: root.join("var/lib/samba/private/tls/ca.pem"),
            root: "CN=Administrator,CN=Users,DC=ad,DC=example,DC=org".to_owned(),
            secret: SECRET.to_owned(),
        };
        let samba = Self { child, folder, client };
        samba.answers().await;
        samba
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("up/root")
    }

    /// Runs a program of Samba's, which must succeed.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        let mut command = Command::new("chroot");
        command.arg(self.root()).args(["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-euc", line]);
        let output = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}: {said}");
        said
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory_at(&format!("ldaps://{HOST}"), "enable = \"all\"")
    }

    /// At this server, with these lines in `[scope]`.
    pub(crate) fn directory_at(&self, server: &str, scope: &str) -> Directory {
        of(&settings(&format!(
            "[scope]\n{scope}\n[directory]\nkind = \"ad\"\nservers = [{server:?}]\n\
             bind = \"CN=reset,CN=Users,DC=ad,DC=example,DC=org\"\npassword_file = {:?}\n\
             base = \"DC=ad,DC=example,DC=org\"\nca_file = {:?}\ndomains = [\"EXAMPLE\", \"ad.example.org\"]\n",
            self.folder.path().join("password"),
            self.client.ca
        )))
    }
}
