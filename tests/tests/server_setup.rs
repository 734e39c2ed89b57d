//! A fresh Debian becomes the server of a fleet: the packages, and `sspr setup --server` at a terminal. Later its
//! registrations move into a database.

use std::time::Duration;

use sspr_tests::{
    Machine, Terminal, fleet, image,
    machine::line_showing,
    openldap::{NEW, OLD, SECRET},
};

use crate::{directory_people::ADDRESS, setup::screen};

const AGREE: &str = "Make this change? (y/n): ";
const SHELL: &str = "root@shell:~# ";
const URL: &str = "postgres://sspr@db.example.org/sspr";
const CA: &str = "?sslrootcert=/etc/sspr/database-ca.pem";
const DATABASE_PASSWORD: &str = "of the database";

/// Installs the packages that were built, and returns what that said.
fn install(machine: &Machine) -> String {
    for (package, name) in
        [(image::package(), "one.deb"), (image::for_directories(), "two.deb"), (image::for_servers(), "three.deb")]
    {
        machine.copy_in(&package, &format!("/root/{name}"));
    }
    machine.must("DEBIAN_FRONTEND=noninteractive dpkg -i /root/one.deb /root/two.deb /root/three.deb 2>&1")
}

/// An administrator at the console, in a window of 80 columns.
fn administrator(machine: &mut Machine) -> &mut Terminal {
    let console = machine.console();
    console.resize(80, 24);
    console.expect("login: ").type_line("root");
    console.expect("Password: ").type_line("root of the tests").expect(SHELL);
    console
}

/// Answers the questions that are as on a single host.
fn as_on_a_host(console: &mut Terminal) {
    console.expect("Users [none]: ").type_line("all");
    console.expect("Mail server [none]: ").type_line("smtp://mail.example.org:587");
    console.expect("Sender [").press_enter().expect("or none [none]: ").type_line("sspr");
    console.expect("Password at that server (not shown): ").type_line("smtp of the tests");
    console.expect("Text messages by [none]: ").press_enter().expect("Line [none]: ").type_line("Call 4711.");
    console.expect("Directory [openldap]: ").press_enter().expect("Servers [ldaps://localhost]: ").press_enter();
    console.expect("Base [").type_line("ou=people,dc=example,dc=org");
    console.expect("Entry: ").type_line("cn=reset,dc=example,dc=org");
    console.expect("Its password (not shown): ").type_line(SECRET).expect("Authority [").press_enter();
}

#[test]
fn a_fresh_debian_becomes_a_server_at_a_terminal_a_host_joins_alice_resets_there_and_all_moves_into_a_database() {
    let mut server = fleet::without_us();
    let said = install(&server);
    assert!(said.contains("sspr-server is installed, and serves no host yet. Next: sspr setup --server"), "{said}");
    assert_eq!(server.must("systemctl show -P LimitNOFILE sspr-agent"), "4096");
    let host = fleet::host(&server, 1);
    let refused = server.run("sspr setup --server </dev/null");
    assert!(refused.code == 2 && refused.stderr.contains("no terminal to ask at"), "{refused:?}");

    let console = administrator(&mut server);
    console.type_line("sspr setup --server").expect("Users [none]: ").ctrl('d');
    console.expect("stopped; nothing was changed").expect(SHELL);
    console.type_line("clear; sspr setup --server");
    as_on_a_host(console);
    // The name is not in DNS yet, and is once the administrator entered it.
    console.expect("Names [shell.example.org:7142]: ").type_line("reset.example.org");
    console.expect("reset.example.org is not known").expect("again, change, or anyway: ");
    screen(console, "names");
    server.must("echo '10.79.1.2 reset.example.org' >>/etc/hosts");
    let console = server.console();
    console.type_line("again").expect("leads to this machine (10.79.1.2)").expect("[::]:7142 is free");
    console.expect("Registrations in [file]: ");
    screen(console, "registrations");
    console.type_line("back").expect("Names [reset.example.org:7142]: ").press_enter();
    console.expect("Registrations in [file]: ").press_enter();
    console.expect("+kind = \"openldap\"").expect(AGREE).type_line("y");
    console.expect("Your address (Enter to skip): ").press_enter();
    console.expect("The server:").expect("+names = [\"reset.example.org:7142\"]").expect(AGREE);
    screen(console, "server");
    console.type_line("y").expect("The server listens on [::]:7142.");
    for _ in ["PAM", "sshd"] {
        console.expect(AGREE).type_line("y");
    }
    console.expect("listens on [::]:7142; 0 hosts are served").expect("Next:").expect("    sspr join");
    console.expect(SHELL);
    screen(console, "next");
    let again = server.run("sspr setup --server --yes");
    assert_eq!((again.code, again.stdout.as_str()), (0, "Nothing to change: settings, PAM and sshd are as asked.\n"));

    // A host joins; alice registers and resets there. The tests' users type faster than people, and wait less.
    server.settings_now(
        "[register]\nmin_typing_ms = 0\n[code]\nresend_after = \"1s\"\n[server]\nfirst_contact_wait = \"1s\"\n",
        "required=no",
    );
    fleet::joins(&host, &server);
    let mut terminal = host.signs_in("alice", OLD);
    let menu = "A number (Enter when you are done): ";
    terminal.type_line("sspr enroll").expect("Current password: ").type_line(OLD).expect(menu).type_line("e");
    terminal.types_email(&server, ADDRESS).expect(menu).press_enter().expect("Done, you are registered.");
    server.must("sleep 2");
    host.ssh("alice").proves_by_email(&server, ADDRESS).new_password(NEW).signed_in("alice");
    host.signs_in("alice", NEW);
    let refused = host.run("sspr setup --server --yes");
    assert!(refused.code == 1 && refused.stderr.contains("run: sspr leave"), "{refused:?}");

    let _database = moves_into_a_database(&mut server);
    let shown = server.must("sspr admin show alice; sspr admin hosts");
    assert!(shown.contains("a***@e***.org") && shown.contains("active"), "{shown}");
    host.must("timeout 60 sh -c 'until sspr join --check; do sleep 1; done'");
    server.must("sleep 2");
    host.ssh("alice").proves_by_email(&server, ADDRESS).new_password("Newest-paper-crane-3").signed_in("alice");
    let journal = server.whole_journal();
    for secret in [SECRET, DATABASE_PASSWORD] {
        assert_eq!(line_showing(&journal, secret), None);
        assert!(!server.console().transcript().contains(secret), "a password was shown");
    }

    // The package goes, and the server stays.
    server.must("dpkg --purge sspr-server");
    // The command's own pages are of the package sspr.
    let left = "find / -xdev -path /proc -prune -o -path '*/man1/*' -prune -o -name '*sspr-server*' -print";
    assert_eq!(server.must(left), "");
    host.must("sspr join --check");
}

/// Sets the server up again, with a database on another machine, which is returned. Corrects what does not work.
fn moves_into_a_database(server: &mut Machine) -> Machine {
    let database = fleet::database();
    fleet::reaches(server, &database, 2, "db.example.org");
    server.copy_in(&database.root().join("etc/tls/ca.pem"), "/etc/sspr/database-ca.pem");
    let console = server.console();
    console.type_line("clear; sspr setup --server --no-pam --no-sshd");
    for question in ["Users [", "Mail server [", "Sender [", "[sspr]: ", "Enter keeps the old one", "by [", "Line ["] {
        console.expect(question).press_enter();
    }
    for question in ["Directory [", "Servers [", "Base [", "Entry [", "Enter keeps the old one", "Authority ["] {
        console.expect(question).press_enter();
    }
    console.expect("Names [reset.example.org:7142]: ").press_enter().expect("the agent listens on [::]:7142 already");
    console.expect("Registrations in [file]: ").type_line(URL);
    console.expect("Its password (not shown; Enter for none): ").type_line(DATABASE_PASSWORD);
    // The authority is another one.
    console.expect("ERROR    database").expect("TLS: ").expect("in the file on this machine: ");
    screen(console, "authority");
    console.type_line("change").expect(&format!("Registrations in [{URL}]: ")).type_line(&format!("{URL}{CA}"));
    console.expect("Its password (not shown; Enter for none): ").type_line("not the one it is");
    console.expect("password authentication failed").expect("correct the password");
    console.expect("in the file on this machine: ").type_line("change");
    console.expect("Registrations in [").press_enter();
    console.expect("Its password (not shown; Enter keeps the old one): ").type_line(DATABASE_PASSWORD);
    console.expect("answers, and tables can be made there").expect("Your address (Enter to skip): ").press_enter();
    console.expect("what is registered is copied into the database:").expect("database-password: new, mode 0600");
    console.expect(AGREE);
    screen(console, "database");
    console.type_line("y").expect("Copied into the database: 1 registration,");
    console.expect_within(&["The server listens on [::]:7142."], Duration::from_secs(40));
    console.expect("PostgreSQL answers: db.example.org/sspr").expect("Next:").expect(SHELL);
    screen(console, "moved");
    assert_eq!(server.must("stat -c '%U %a' /etc/sspr/database-password"), "sspr 600");
    let again = server.must("sspr server migrate --check; sspr server migrate");
    assert!(
        again.contains("db.example.org/sspr can be used; it is in use.") && again.contains("nothing was copied"),
        "{again}"
    );
    // A server with another key can't use it.
    let other = server.run(
        "cd /var/lib/sspr; mv host.key kept; head -c 32 /dev/urandom >host.key; chown sspr host.key; chmod 600 host.key
         sspr server migrate --check; code=$?; mv kept host.key; exit $code",
    );
    assert!(other.code == 1 && other.stderr.contains("is not the one that the store was written with"), "{other:?}");
    database
}
