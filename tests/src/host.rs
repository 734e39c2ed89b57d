//! The machine's resources on the host: a directory with an overlay, a network namespace, and a cgroup for all its
//! processes. The cgroup ensures that nothing outlives its test: the next test ends whatever a killed one left.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Where images and machines are kept.
pub fn cache() -> PathBuf {
    std::env::var_os("SSPR_TEST_CACHE").map_or_else(|| "/var/cache/sspr-tests".into(), PathBuf::from)
}

/// Runs a command on the host, which must succeed, and returns its standard output.
#[track_caller]
pub fn command<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> String {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|why| panic!("{program}: {why}; `make test-deps` installs it"));
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until `ready` returns something; panics with `what` after `limit`.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A machine's place on the host. All of it is removed when this is dropped.
#[derive(Debug)]
pub struct Place {
    name: String,
    directory: PathBuf,
}

impl Place {
    /// A new place whose root file system is a copy-on-write view of `layers`, the topmost first.
    pub fn new(layers: &[PathBuf]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        remove_leftovers();
        let name = format!("sspr-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let directory = machines().join(&name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("owner"), owner(process::id()).unwrap()).unwrap();
        let place = Self { name, directory };
        mount_overlay(&place.directory, layers);
        for cgroup in cgroups(&place.name) {
            fs::create_dir_all(cgroup).unwrap();
        }
        command("ip", ["netns", "add", &place.name]);
        command("ip", ["-n", &place.name, "link", "set", "lo", "up"]);
        place
    }

    /// Its name, unique on the host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The root file system, as the machine sees it.
    pub fn root(&self) -> PathBuf {
        self.directory.join("root")
    }

    /// A directory for files that the machine does not see.
    pub fn scratch(&self) -> PathBuf {
        let scratch = self.directory.join("scratch");
        fs::create_dir_all(&scratch).unwrap();
        scratch
    }

    /// The network namespace.
    pub fn network(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.name)
    }

    /// Runs a shell script inside the root file system, before the machine is booted.
    #[track_caller]
    pub fn prepare(&self, script: &str) -> String {
        chroot(&self.root(), script)
    }

    /// A command line that runs `arguments` in the machine's cgroup.
    pub fn in_cgroup(&self, arguments: &[&str]) -> Vec<String> {
        let enter = |cgroup: PathBuf| format!("echo $$ >'{}/cgroup.procs' && ", cgroup.display());
        let script = cgroups(&self.name).into_iter().map(enter).collect::<String>() + "exec \"$@\"";
        let mut line = vec!["sh".into(), "-c".into(), script, "sh".into()];
        line.extend(arguments.iter().map(ToString::to_string));
        line
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        remove(&self.directory, &self.name);
    }
}

fn machines() -> PathBuf {
    cache().join("machines")
}

/// Runs a shell script in a root file system.
#[track_caller]
pub fn chroot(root: &Path, script: &str) -> String {
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let environment = ["-i", path, "HOME=/root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"];
    let line: Vec<&OsStr> =
        environment.map(OsStr::new).into_iter().chain([OsStr::new("chroot"), root.as_os_str()]).collect();
    command("env", line.into_iter().chain(["sh", "-euc", script].map(OsStr::new)))
}

/// Mounts `directory/root`: `layers`, the topmost first, below the files of `directory/upper`.
pub fn mount_overlay(directory: &Path, layers: &[PathBuf]) {
    for part in ["upper", "work", "root"] {
        fs::create_dir_all(directory.join(part)).unwrap();
    }
    let lower = layers.iter().map(|l| l.display().to_string()).collect::<Vec<_>>().join(":");
    let options = format!("lowerdir={lower},upperdir={0}/upper,workdir={0}/work", directory.display());
    let root = directory.join("root");
    command(
        "mount",
        ["-t", "overlay", "overlay", "-o", &options].map(OsStr::new).into_iter().chain([root.as_os_str()]),
    );
}

/// The machine's directory in each hierarchy that systemd uses: the unified one, and on older hosts its own.
fn cgroups(name: &str) -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let hierarchies = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (path, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        let systemd = kind == "cgroup" && options.split(',').any(|o| o == "name=systemd");
        (kind == "cgroup2" || systemd).then(|| Path::new(path).join(name))
    });
    hierarchies.collect()
}

/// Identifies the process that a place belongs to, so that a later process with the same number does not match.
fn owner(pid: u32) -> io::Result<String> {
    Ok(format!("{pid} {}", fs::metadata(format!("/proc/{pid}"))?.ctime()))
}

/// Removes the places of processes that are gone.
fn remove_leftovers() {
    let Ok(entries) = fs::read_dir(machines()) else { return };
    for entry in entries.flatten() {
        let Ok(recorded) = fs::read_to_string(entry.path().join("owner")) else { continue };
        // Empty: its owner is just writing it.
        let Some(pid) = recorded.split(' ').next().and_then(|pid| pid.parse().ok()) else { continue };
        if !owner(pid).is_ok_and(|now| now == recorded) {
            remove(&entry.path(), &entry.file_name().to_string_lossy());
        }
    }
}

fn remove(directory: &Path, name: &str) {
    let start = Instant::now();
    let cgroups = cgroups(name);
    // Ending the machine's init ends everything in it; the rest is outside of it.
    while start.elapsed() < Duration::from_secs(10) {
        let pids: Vec<i32> = cgroups.iter().flat_map(|cgroup| processes(cgroup)).collect();
        if pids.is_empty() {
            break;
        }
        for pid in pids.into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(10));
    }
    for cgroup in &cgroups {
        remove_cgroup(cgroup);
    }
    let quietly = |program: &str, arguments: &[&OsStr]| {
        let _ = Command::new(program).args(arguments).stderr(Stdio::null()).status();
    };
    quietly("ip", &["netns", "del", name].map(OsStr::new));
    quietly("umount", &["-R".as_ref(), directory.join("root").as_os_str()]);
    // A dying process may hold the mount for a moment.
    quietly("umount", &["-R".as_ref(), "-l".as_ref(), directory.join("root").as_os_str()]);
    let mounted = fs::read_to_string("/proc/self/mounts").is_ok_and(|m| m.contains(&format!("/{name}/root ")));
    if !mounted {
        let _ = fs::remove_dir_all(directory);
    }
}

fn processes(cgroup: &Path) -> Vec<i32> {
    let mut found: Vec<i32> = fs::read_to_string(cgroup.join("cgroup.procs"))
        .map(|list| list.lines().filter_map(|pid| pid.parse().ok()).collect())
        .unwrap_or_default();
    for entry in fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            found.extend(processes(&entry.path()));
        }
    }
    found
}

fn remove_cgroup(cgroup: &Path) {
    for entry in fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            remove_cgroup(&entry.path());
        }
    }
    let _ = fs::remove_dir(cgroup);
}
