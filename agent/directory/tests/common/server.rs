//! One of Debian's servers, which runs in its image for one test: it is started, waited for, and removed afterwards.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
};

/// The environment of every program in an image.
const ENVIRONMENT: [&str; 4] = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"];

/// Mounts the layers, with changes kept in memory and the folder at /mnt, and becomes the server. $1 folder, $2 layers,
/// $3 the script that starts it, and its arguments.
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

/// A running server.
pub(crate) struct Running {
    child: Child,
    folder: tempfile::TempDir,
}

impl Running {
    /// Runs `script`, which must become the server, in the layers of `kind`, with `folder` at /mnt. Its output goes to
    /// `log` there.
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

    /// Writes a file to its folder that the server can read.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        rustix::fs::chmod(self.path(name), 0o644.into()).unwrap();
    }

    /// Runs a command in the server's image.
    pub(crate) fn run(&self, line: &str) -> Output {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.child.id().to_string(), "--mount", "--root", "--wd=/"]);
        command.args(ENVIRONMENT).args(["sh", "-euc", line]).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command in the server's image, which must succeed, and returns its output.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        let output = self.run(line);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}: {said}");
        said
    }

    /// The output so far, and whether it still runs, for a test that failed.
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

/// The layers of the image of `kind`, in overlayfs's syntax; created if they are not in the cache.
pub(crate) fn layers(kind: &str) -> String {
    static LAYERS: OnceLock<String> = OnceLock::new();
    // Each of these programs has its own kind.
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

/// The range is below the ports that the kernel gives to connections, see `ip_local_port_range`. Otherwise the
/// connection of another test could take a released port before the server listens.
const PORTS: std::ops::Range<u16> = 10_000..30_000;

/// A port on which no program listens, and that no other test of this process gets.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        // Each process begins at another port.
        let step = std::process::id() % u32::from(PORTS.end - PORTS.start);
        let next = u32::from(NEXT.fetch_add(1, Ordering::Relaxed)) + step;
        let port = PORTS.start + u16::try_from(next % u32::from(PORTS.end - PORTS.start)).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
