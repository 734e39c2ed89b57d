//! Machines of a fleet: servers with a directory, a `PostgreSQL` database, and hosts, each joined to the others by cables.

use std::fs;

use crate::{
    Image, Machine, Suite,
    openldap::{OLD, PREPARE, SETTINGS},
};

/// How hosts reach the first server, and where its directory is.
pub const FIRST: &str = "reset.example.org";
/// How hosts reach the second server.
pub const SECOND: &str = "two.example.org";
/// What is sealed with the first server's keys.
const KEYS: [&str; 2] = ["host.key", "fleet/server.key"];
/// The image's dictionary is missing, which pwquality wants.
const NO_PWQUALITY: &str = "pam-auth-update --package --disable pwquality";

/// The first server, with mail and a directory that has alice. What is registered first waits for a second.
pub fn server() -> Machine {
    Machine::with(Image::with_openldap(Suite::Bookworm))
        .prepare(&slapd())
        .prepare(NO_PWQUALITY)
        .switched_on()
        .with_mail()
        .settings(SETTINGS)
        .settings(&serves(&[FIRST]))
        .boot()
}

/// A directory that hosts reach at [`FIRST`].
fn slapd() -> String {
    let slapd = PREPARE
        .replace("\npidfile", "\nloglevel stats\npidfile")
        .replace("DNS:localhost", "DNS:localhost,DNS:reset.example.org");
    format!("{slapd}\nsed -i 's,://localhost/,:///,g' /etc/default/slapd\n")
}

/// A machine with a mail server and a directory that has alice, and none of our packages.
pub fn without_us() -> Machine {
    let slapd: Vec<_> = slapd().lines().filter(|line| !line.contains("/etc/sspr")).map(str::to_owned).collect();
    Machine::with(Image::plain_with_openldap(Suite::Bookworm))
        .prepare(&slapd.join("\n"))
        .prepare("systemctl enable -q mail-server")
        .prepare(NO_PWQUALITY)
        .boot()
}

/// The second server, with mail. Its directory is that of the first one.
pub fn second_server(first: &Machine, cable: u8) -> Machine {
    let machine = Machine::with(Image::with_openldap(Suite::Bookworm))
        .prepare(PREPARE)
        .prepare("systemctl mask -q slapd sssd")
        .prepare(NO_PWQUALITY)
        .switched_on()
        .with_mail()
        .settings(&SETTINGS.replace("localhost", FIRST))
        .settings(&serves(&[FIRST, SECOND]))
        .boot();
    reaches(&machine, first, cable, FIRST);
    trusts(&machine, first);
    machine.must("systemctl stop sspr-agent; rm -f /var/lib/sspr/sspr.db*");
    for key in KEYS {
        let [from, to] = [first, &machine].map(|machine| machine.root().join("var/lib/sspr").join(key));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    machine.must("chown -R sspr:sspr /var/lib/sspr/host.key /var/lib/sspr/fleet; chmod 700 /var/lib/sspr/fleet");
    machine
}

fn serves(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}:7142\"")).collect();
    format!(
        "[server]\nlisten = \"[::]:7142\"\nnames = [{}]\nfirst_contact_wait = \"1s\"\n[code]\nresend_after = \"1s\"\n",
        names.join(", ")
    )
}

/// A `PostgreSQL` server that is spoken to by TLS and asks for a password.
pub fn database() -> Machine {
    let machine = Machine::with(Image::plain_with(Suite::Bookworm, &["postgresql"])).boot();
    machine.must(
        "mkdir -p /etc/tls && cd /etc/tls
         openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 30 -keyout ca.key -out ca.pem 2>/dev/null
         openssl req -newkey rsa:2048 -nodes -subj /CN=db -days 30 -keyout db.key -out db.csr 2>/dev/null
         echo subjectAltName=DNS:db.example.org >names
         openssl x509 -req -in db.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out db.pem 2>/dev/null
         chown postgres db.key && chmod 600 db.key && chmod 644 ca.pem db.pem
         cd /etc/postgresql/15/main
         printf \"listen_addresses = '*'\\nssl_cert_file = '/etc/tls/db.pem'\\nssl_key_file = '/etc/tls/db.key'\\n\" >conf.d/tls.conf
         echo 'hostssl sspr sspr 10.79.0.0/16 scram-sha-256' >>pg_hba.conf
         systemctl restart postgresql@15-main
         cd / && runuser -u postgres -- psql -qc \"CREATE USER sspr PASSWORD 'of the database'\"
         runuser -u postgres -- createdb --owner=sspr --encoding=UTF8 --template=template0 sspr",
    );
    machine
}

/// Has the server keep everything in the database from now on, and name both servers to hosts.
pub fn keeps_in(server: &Machine, database: &Machine, cable: u8) {
    reaches(server, database, cable, "db.example.org");
    server.copy_in(&database.root().join("etc/tls/ca.pem"), "/etc/sspr/database-ca.pem");
    server.must(&format!(
        "install -o sspr -g sspr -m 0600 /dev/null /etc/sspr/database-password
         echo 'of the database' >/etc/sspr/database-password
         cat >/etc/sspr/sspr.toml.d/60-server.toml <<'TOML'
[server]
names = [\"{FIRST}:7142\", \"{SECOND}:7142\"]
database = \"postgres://sspr@db.example.org/sspr?sslrootcert=/etc/sspr/database-ca.pem\"
database_password_file = \"/etc/sspr/database-password\"
TOML
         systemctl restart sspr-agent"
    ));
}

/// A machine whose sssd asks the directory of `server`. It has no directory of its own and no mail server; lana is its own user.
pub fn host(server: &Machine, cable: u8) -> Machine {
    let (_, sssd) = PREPARE.split_once("cat >/etc/sssd/sssd.conf").unwrap();
    let host = Machine::with(Image::with_openldap(Suite::Bookworm))
        .prepare(&format!("cat >/etc/sssd/sssd.conf{}", sssd.replace("ldaps://localhost", "ldaps://reset.example.org")))
        .prepare(
            "systemctl mask -q slapd; systemctl disable -q sssd
             mkdir -p /etc/ldap/tls /home/alice && chown 20000:20000 /home/alice",
        )
        .prepare(NO_PWQUALITY)
        .switched_on()
        .user("lana", OLD)
        .settings("[scope]\nenable = \"all\"\n")
        .boot();
    reaches(&host, server, cable, FIRST);
    trusts(&host, server);
    host.must("systemctl start sssd; timeout 30 sh -c 'until getent passwd alice; do sleep 0.2; done'");
    host
}

/// Lays a cable to `other`, which has this name from now on. `cable` is the cable's number.
pub fn reaches(machine: &Machine, other: &Machine, cable: u8, name: &str) {
    machine.connect(other, [&format!("10.79.{cable}.1"), &format!("10.79.{cable}.2")]);
    machine.must(&format!("echo '10.79.{cable}.2 {name}' >>/etc/hosts"));
}

/// How hosts reach the load balancer.
pub const BALANCED: &str = "fleet.example.org";

/// A load balancer in front of both servers, as docs/fleet.md has it. The first two cables are its own.
pub fn balancer(servers: [&Machine; 2], cables: [u8; 2]) -> Machine {
    let machine = Machine::with(Image::plain_with(Suite::Bookworm, &["haproxy"])).boot();
    let guide = include_str!("../../docs/fleet.md");
    let (_, listen) = guide.split_once("    listen sspr\n").unwrap();
    let (listen, _) = listen.split_once("\n\n").unwrap();
    fs::write(machine.root().join("etc/haproxy/haproxy.cfg"), format!("defaults\nlisten sspr\n{listen}\n")).unwrap();
    for ((server, cable), name) in servers.into_iter().zip(cables).zip(["one", "two"]) {
        reaches(&machine, server, cable, &format!("{name}.example.org"));
        server.must(&format!(
            "printf '[server]\\nnames = [\"{BALANCED}:7142\"]\\nproxies = [\"10.79.{cable}.1\"]\\n' >/etc/sspr/sspr.toml.d/70-balanced.toml
             systemctl reload sspr-agent"
        ));
    }
    machine.must("systemctl restart haproxy");
    machine
}

fn trusts(machine: &Machine, server: &Machine) {
    machine.copy_in(&server.root().join("etc/ldap/tls/ca.pem"), "/etc/ldap/tls/ca.pem");
}

/// Has the host join, with a token that an administrator hands over who sits at both. Returns the token.
pub fn joins(host: &Machine, server: &Machine) -> String {
    let token = server.must("sspr admin hosts token 2>/dev/null");
    fs::write(host.root().join("root/token"), &token).unwrap();
    host.must("sspr join </root/token");
    host.must("sspr join --check");
    token
}
