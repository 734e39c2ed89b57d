//! A server of Debian's that runs in its image for one test: started, waited for, and gone with it.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
};

/// What every program in an image finds around it.
const ENVIRONMENT: [&str; 4] = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"];

/// Mounts the layers with what is written to them in memory and the folder at /mnt, and becomes the server. $1 folder, $2 layers, $3 the
/// script that starts it, and its arguments.
const START: &str = r#"
    folder=$1 layers=$2 script=$3
    shift 3
    mkdir "$folder/up"
    mount -t tmpfs tmpfs "$folder/up"
    mkdir "$folder/up/upper" "$folder/up/work" "$folder/up/root"
    root=$folder/up/root
    mount -t overlay overlay -o "lowerdir=$layers,upperdir=$folder/up/upper,workdir=$folder/up/work" "$root"
    mount --rbind /dev "$root/dev"
    mount --rbind /proc "$root/proc"
    for memory in dev/shm run tmp; do mount -t tmpfs tmpfs "$root/$memory"; done
    mount --bind "$folder" "$root/mnt"
    # Also by the name that it has outside.
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
    printf '127.0.0.1 localhost\n127.0.0.1 dc.ad.example.org dc\n' >"$root/etc/hosts"
    exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -euc "$script" sh "$@"
"#;

/// A server that runs.
pub(crate) struct Running {
    child: Child,
    folder: tempfile::TempDir,
}

impl Running {
    /// Runs `script`, which must become the server, in the layers of `kind` with `folder` at /mnt. What it says is in `log` there.
    pub(crate) fn start(kind: &str, folder: tempfile::TempDir, script: &str, arguments: &[String]) -> Self {
        assert!(rustix::process::geteuid().is_root(), "this test starts a server in an image: run it as root");
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new("unshare")
            .args(["--mount", "--propagation=private", "sh", "-euc", START, "sh"])
            .arg(folder.path())
            .args([layers(kind), script.to_owned()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A file in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Leaves a file there that the server can read.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        rustix::fs::chmod(self.path(name), 0o644.into()).unwrap();
    }

    /// Runs a line beside it.
    pub(crate) fn run(&self, line: &str) -> Output {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.child.id().to_string(), "--mount", "--root", "--wd=/"]);
        command.args(ENVIRONMENT).args(["sh", "-euc", line]).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a line beside it, which must succeed, and gives what it says.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        let output = self.run(line);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}: {said}");
        said
    }

    /// What it said so far, and whether it still runs, for a test that can't go on.
    pub(crate) fn state(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The layers of the image of `kind`, as overlayfs wants them; made where they are not in the cache yet.
pub(crate) fn layers(kind: &str) -> String {
    static LAYERS: OnceLock<String> = OnceLock::new();
    // Each of these programs has one kind.
    let made = || {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/image");
        let suite = std::env::var("SSPR_SUITE").unwrap_or_else(|_| "bookworm".to_owned());
        let mut command = Command::new("sh");
        if matches!(kind, "openldap" | "kerberos") {
            let packages = fs::read_to_string(images.join(kind)).unwrap();
            command.arg(images.join("make.sh")).arg(suite).args(packages.split_whitespace());
        } else {
            command.arg(images.join("directory.sh")).args([suite.as_str(), kind]);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    LAYERS.get_or_init(made).clone()
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
