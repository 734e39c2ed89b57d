//! PostgreSQL for tests: a server on a socket in its own directory, which ends with the process in any case, and an
//! empty database for each test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, OnceLock},
    time::Duration,
};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::super::{Address, Database};

/// How long a test waits on a busy machine for work without a time limit.
pub(in crate::store) const LONG: Duration = Duration::from_mins(1);

/// The programs of the newest installed server.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed: make test-deps");
    let number = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().parse::<u32>().unwrap_or(0);
    versions.map(|entry| entry.unwrap().path()).max_by_key(number).unwrap().join("bin")
}

/// One of the server's programs.
pub(super) fn command(name: &str) -> Command {
    without_rights(&programs().join(name))
}

/// A program that refuses to run as root.
fn without_rights(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

/// A server.
#[derive(Debug)]
pub(in crate::store) struct Cluster {
    /// The directory of its sockets and data.
    pub(super) directory: PathBuf,
    keeper: Mutex<Option<Child>>,
}

impl Cluster {
    /// Creates and starts a new server.
    pub(super) fn new() -> Self {
        let cluster = Self::nowhere();
        let data = cluster.data();
        let mut init = command("initdb");
        init.args(["--no-sync", "--auth=trust", "--username=sspr", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]);
        let made = init.arg(&data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.start();
        cluster
    }

    /// A directory for a server that does not exist yet.
    pub(super) fn nowhere() -> Self {
        let directory = tempfile::Builder::new().prefix("sspr-postgres-").tempdir().unwrap().keep();
        if rustix::process::geteuid().is_root() {
            let done = Command::new("chown").arg("nobody:nogroup").arg(&directory).status().unwrap();
            assert!(done.success());
        }
        Self { directory, keeper: Mutex::default() }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Starts the server.
    pub(super) fn start(&self) {
        let mut server = command("postgres");
        server.arg("-D").arg(self.data()).arg("-k").arg(&self.directory);
        for setting in ["listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=300", "jit=off"] {
            server.args(["-c", setting]);
        }
        *self.keeper.lock().unwrap() = Some(kept(&server, &self.directory, "-QUIT"));
        let address = self.options("postgres");
        off_the_runtime(async move {
            for _ in 0..600 {
                if PgConnection::connect_with(&address).await.is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("the server does not start");
        });
    }

    /// Ends the server at once, as a power cut would.
    pub(super) fn kill(&self) {
        let mut keeper = self.keeper.lock().unwrap().take().unwrap();
        drop(keeper.stdin.take());
        keeper.wait().unwrap();
    }

    /// Sends a signal to the server and all its processes.
    pub(super) fn signal(&self, signal: &str) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap();
        let children = Command::new("pgrep").args(["-P", pid]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        for pid in children.lines().chain([pid]) {
            let _ = Command::new("kill").args([signal, pid]).status().unwrap();
        }
    }

    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.directory).username("sspr").database(database)
    }

    /// The address of the database `name`.
    pub(super) fn address(&self, name: &str) -> Address {
        let host = self.directory.to_str().unwrap();
        Address::of(&format!("postgres://sspr@localhost/{name}?host={host}"), None).unwrap()
    }

    /// Runs `statements`, one after another, in the database called `database`.
    pub(super) async fn execute(&self, database: &str, statements: String) {
        let mut connection = PgConnection::connect_with(&self.options(database)).await.unwrap();
        for statement in statements.split("; ") {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.keeper.lock().unwrap().is_some() {
            self.kill();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Runs a server in the background. It gets the signal `end` when its keeper's standard input ends.
fn kept(server: &Command, directory: &Path, end: &str) -> Child {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", "trap '' INT; end=$1; shift; \"$@\" & cat >/dev/null; kill \"$end\" $!; wait $!", "sh", end]);
    keeper.arg(server.get_program()).args(server.get_args());
    let log = fs::OpenOptions::new().create(true).append(true).open(directory.join("log")).unwrap();
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Runs `work` on its own runtime.
fn off_the_runtime<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    std::thread::spawn(run).join().unwrap()
}

/// The server that all tests of this process share.
fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| {
        let cluster = Cluster::new();
        // The server is never dropped; its keeper cleans up.
        sweep(&cluster.directory);
        let (all, template) = (cluster.options("postgres"), cluster.address("template_sspr"));
        off_the_runtime(async move {
            let mut connection = PgConnection::connect_with(&all).await.unwrap();
            sqlx::raw_sql("CREATE DATABASE template_sspr").execute(&mut connection).await.unwrap();
            Database::open(template).await.unwrap();
        });
        cluster
    })
}

/// Starts a second keeper, which removes the directory once this process has ended.
fn sweep(directory: &Path) {
    let mut sweeper = Command::new("sh");
    sweeper.args(["-c", "trap '' INT; cat >/dev/null; sleep 3; rm -rf \"$1\"", "sh"]).arg(directory);
    let sweeper = sweeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The keeper's standard input ends with this process.
    std::mem::forget(sweeper);
}

/// Databases whose tests have ended.
static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The ownership of a database, until the test has ended.
#[derive(Debug)]
pub(in crate::store) struct Own(String);

impl Drop for Own {
    fn drop(&mut self) {
        ENDED.lock().unwrap().push(std::mem::take(&mut self.0));
    }
}

/// A new database at the shared server.
pub(super) async fn address() -> Address {
    let [address, ..] = addresses().await;
    address
}

/// The same database for three replicas. It is dropped after the first of them.
pub(super) async fn addresses() -> [Address; 3] {
    static NUMBER: Mutex<u32> = Mutex::new(0);
    let cluster = tokio::task::spawn_blocking(shared).await.unwrap();
    let ended = std::mem::take(&mut *ENDED.lock().unwrap());
    for name in ended {
        cluster.execute("postgres", format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
    let number = {
        let mut number = NUMBER.lock().unwrap();
        *number += 1;
        *number
    };
    let name = format!("t{number}");
    cluster.execute("postgres", format!("CREATE DATABASE {name} TEMPLATE template_sspr")).await;
    let own = Address { test: Some(Own(name.clone())), ..cluster.address(&name) };
    [own, cluster.address(&name), cluster.address(&name)]
}

/// A pooler in front of the shared server. Each transaction gets whichever of two connections is free. The pooler
/// accepts only the settings of a session that it has to.
fn pooler() -> &'static Path {
    static POOLER: OnceLock<PathBuf> = OnceLock::new();
    POOLER.get_or_init(|| {
        let directory = shared().directory.join("pooler");
        fs::create_dir(&directory).unwrap();
        let settings = format!(
            "[databases]\n* = host={} user=sspr\n[pgbouncer]\npool_mode = transaction\ndefault_pool_size = 2\nlisten_addr =\n\
             listen_port = 5432\nunix_socket_dir = {}\nauth_type = any\nmax_client_conn = 1000\n",
            shared().directory.display(),
            directory.display()
        );
        let file = directory.join("pgbouncer.ini");
        fs::write(&file, settings).unwrap();
        if rustix::process::geteuid().is_root() {
            let done = Command::new("chown").arg("-R").arg("nobody:nogroup").arg(&directory).status().unwrap();
            assert!(done.success());
        }
        let mut server = without_rights(Path::new("/usr/sbin/pgbouncer"));
        server.arg(&file);
        // The pooler runs until this process ends.
        std::mem::forget(kept(&server, &directory, "-TERM"));
        let socket = directory.join(".s.PGSQL.5432");
        for _ in 0..600 {
            if socket.exists() {
                return directory;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PgBouncer does not start: make test-deps");
    })
}

/// A new database behind the pooler. Before version 1.21, the pooler supports no prepared statements.
pub(super) async fn pooled() -> Address {
    let Address { test, .. } = address().await;
    let directory = tokio::task::spawn_blocking(pooler).await.unwrap().to_str().unwrap();
    let Some(Own(name)) = &test else { unreachable!() };
    let url = format!("postgres://sspr@localhost/{name}?host={directory}&statement-cache-capacity=0");
    Address { test, ..Address::of(&url, None).unwrap() }
}
