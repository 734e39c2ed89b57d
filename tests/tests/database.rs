//! What is registered is kept in a `PostgreSQL` database of the machine: set up and moved as docs/postgresql.md says.

use sspr_tests::{Image, Machine, Suite};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const NEWER: &str = "nine brown boats sail";
const ADDRESS: &str = "alice@example.org";
const NO_RESET: &str = "Reset isn't available right now";

const DATABASE: &str = "
    runuser -u postgres -- createuser sspr
    runuser -u postgres -- createdb --owner=sspr --encoding=UTF8 --template=template0 sspr
    cat >/etc/sspr/sspr.toml.d/database.toml <<'TOML'
[server]
database = \"postgres://sspr@localhost/sspr?host=/run/postgresql\"
TOML";
/// As a command, and by hand.
const MIGRATE: &str = "sspr server migrate --check && sspr server migrate --yes && sspr server migrate";
const BY_HAND: &str = "
    systemctl stop sspr-agent
    runuser -u sspr -- /usr/libexec/sspr/sspr-agent --carry-over
    systemctl start sspr-agent";

/// What is in a table of the database.
fn rows(machine: &Machine, table: &str) -> String {
    machine.must(&format!("cd /; runuser -u postgres -- psql -Atd sspr -c 'SELECT count(*) FROM {table}'"))
}

fn on(suite: Suite, moves: &str) {
    let machine = Machine::with(Image::installed_with(suite, &["postgresql"]))
        .switched_on()
        .with_mail()
        .user("alice", OLD)
        .settings("[scope]\nenable = \"all\"\n[code]\nresend_after = \"1s\"\n")
        .boot();
    machine.registers_email("alice", OLD, ADDRESS);
    machine.must(DATABASE);
    machine.must(moves);
    assert_eq!(rows(&machine, "contact"), "1");
    machine.must("mv /var/lib/sspr/sspr.db* /root/");
    let healthy = machine.run("sspr doctor");
    assert!(healthy.stdout.contains("PostgreSQL answers: localhost/sspr"), "{}", healthy.stdout);

    // She resets by what she registered before, and is signed in.
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEW).signed_in("alice");
    machine.is_refused("alice", OLD);
    assert_eq!(machine.must("ls /var/lib/sspr | grep -c '^sspr.db' || true"), "0");

    // Without the database, passwords sign in, and every name hears the same.
    machine.must("systemctl stop postgresql 'postgresql@*'");
    for name in ["alice", "nobody-here"] {
        machine.ssh(name).forgotten().expect(NO_RESET).expect("Password: ");
    }
    machine.signs_in("alice", NEW);
    let broken = machine.run("sspr doctor --offline");
    assert!(broken.code == 2 && broken.stdout.contains("ERROR    database"), "{}", broken.stdout);

    // Frozen, it says nothing at all.
    machine.must("systemctl start postgresql");
    machine.signs_in("alice", NEW);
    machine.must("systemctl kill -s STOP 'postgresql@*'");
    machine.signs_in("alice", NEW);
    machine.ssh("alice").forgotten().expect(NO_RESET);
    machine.must("systemctl kill -s CONT 'postgresql@*'");

    // Nothing has to be restarted afterwards.
    machine.must("timeout 30 sh -c 'until sspr admin show alice >/dev/null; do sleep 0.5; done'");
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEWER).signed_in("alice");

    // Its key is replaced while nobody else is connected, and then only.
    let elsewhere = "sleep 600 | runuser -u sspr -- psql -qh /run/postgresql sspr";
    machine.must(&format!("cd /; systemd-run -q --unit=elsewhere sh -c '{elsewhere}'; sleep 1"));
    let refused = machine.run("sspr replace-key --yes");
    assert!(refused.code == 1 && refused.stderr.contains("as the same user (connections: 1)"), "{refused:?}");
    machine.must("systemctl stop elsewhere && sspr replace-key --yes");
    let mut terminal = machine.ssh("alice");
    terminal.proves_by_email(&machine, ADDRESS).new_password(NEW).signed_in("alice");

    // An agent that finds another key there than its own ends, so that hosts ask another server. Passwords sign in.
    let sql = |statement: &str| machine.must(&format!("cd /; runuser -u postgres -- psql -qd sspr -c \"{statement}\""));
    sql("CREATE TABLE kept AS SELECT host_key FROM shared; UPDATE shared SET host_key = decode('00', 'hex')");
    machine.must("systemctl restart 'postgresql@*'");
    machine.ssh("alice").forgotten().expect(NO_RESET);
    machine.must("timeout 30 sh -c 'until systemctl is-failed -q sspr-agent; do sleep 0.2; done'");
    assert_eq!(machine.must("systemctl show -P ExecMainStatus sspr-agent"), "78");
    assert!(machine.journal("sspr-agent").contains("is not the one that the store was written with"));
    machine.signs_in("alice", NEW);
    sql("UPDATE shared SET host_key = (SELECT host_key FROM kept); DROP TABLE kept");
    machine.must("systemctl start sspr-agent");

    // Of a database that nobody asked, doctor says nothing.
    machine.agent().stop();
    let said = machine.run("sspr doctor --offline").stdout;
    assert!(said.contains("database   not looked at") && !said.contains("ERROR    database"), "{said}");
}

#[test]
fn what_was_registered_moves_to_postgresql_15_and_a_database_that_is_gone_keeps_nobody_out() {
    on(Suite::Bookworm, BY_HAND);
}

#[test]
fn what_was_registered_moves_to_postgresql_17_and_a_database_that_is_gone_keeps_nobody_out() {
    on(Suite::Trixie, MIGRATE);
}
