//! Programs that leave passwords to PAM, the real ones of Debian 12: the correct password lets in, a wrong or empty one
//! causes no delay, and if registering is required, only sign-ins of persons are refused.

use std::{fmt::Write as _, io::Write as _, path::Path};

use sspr_tests::{
    Image, Machine,
    machine::line_showing,
    servers::{self, Server},
};

use crate::neighbours::heard_of_us;

const PASSWORD: &str = "granite otter lantern";
const WRONG: &str = "not the one it is";

/// Whether the program let the user in, and its output.
type Said = (bool, String);

/// All of the servers, and three accounts for each. There is no delay after a wrong password.
fn machine() -> Machine {
    let mut builder = Machine::with(Image::with_programs())
        .prepare(servers::PREPARE)
        .prepare("sed -i '/pam_faildelay/d' /etc/pam.d/login && mkdir -p /opt/clients")
        .switched_on()
        .settings("[scope]\nenable = \"all\"\n[limits]\nstarts_per_hour = 1000000\n")
        .with_bound_on_typing();
    for server in Server::ALL {
        for what in ["plain", "registered", "required"] {
            builder = builder.user(&account(what, server), PASSWORD);
        }
    }
    let machine = builder.boot();
    machine.must("sed -i 's/pam_unix.so/& nodelay/' /etc/pam.d/common-auth");
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/run/openvpn_.py");
    machine.copy_in(&client, "/opt/clients/openvpn_.py");
    machine.start_servers();
    let mut rows = String::from("name,email\n");
    let mut told = String::from("Programs that leave passwords to PAM:\n");
    for server in Server::ALL {
        let version = machine.must(&format!("dpkg-query -W -f '${{Version}}' {}", server.package()));
        writeln!(told, "    {} {version}", server.name()).unwrap();
        writeln!(rows, "{0},{0}@example.org", account("registered", server)).unwrap();
        for what in ["plain", "registered", "required"] {
            machine.has_database(&account(what, server), server.service());
        }
    }
    // Bypasses the capture of a test's output.
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    std::fs::write(machine.root().join("root/people.csv"), rows).unwrap();
    machine.must("sspr admin import /root/people.csv");
    machine
}

fn account(what: &str, server: Server) -> String {
    format!("{what}{}", server as u8)
}

/// The result.
fn tries(machine: &Machine, server: Server, what: &str, password: &str) -> Said {
    let account = account(what, server);
    let output = machine.uses(server, &account, password);
    // The listing of a directory and the name are not part of the result.
    let said = if server == Server::ProFtpd { output.stderr } else { output.stdout + &output.stderr };
    (output.code == 0, said.replace(&account, "NAME"))
}

#[test]
fn a_right_password_lets_in_a_wrong_and_an_empty_one_hold_nobody_up_and_only_people_have_to_register() {
    let machine = machine();
    let passwords = [PASSWORD, WRONG, ""];
    let all = |what: &str| -> Vec<(Server, &str, Said)> {
        let one = |server| passwords.map(|password| (server, password, tries(&machine, server, what, password)));
        Server::ALL.into_iter().flat_map(one).collect()
    };
    let without = machine.without_us(|| all("plain"));
    for (server, password, (is_in, said)) in &without {
        assert_eq!(*is_in, *password == PASSWORD, "{} without us: {said}", server.name());
    }
    let mut told = String::new();
    let mut compare = |round: &str, with: Vec<(Server, &str, Said)>| {
        for ((server, password, without), (_, _, with)) in without.iter().zip(with) {
            if *without != with {
                writeln!(told, "{}, {round}, {password:?}: {without:?} became {with:?}", server.name()).unwrap();
            }
        }
    };
    let (first, heard) = heard_of_us(&machine, || all("plain"));
    compare("first", first);
    compare("second", all("plain"));
    compare("registered", all("registered"));
    // Its workers are the original ones: a mail server calls them.
    assert_eq!(machine.must("pgrep -c saslauthd"), "2");

    machine.settings_now("[register]\nmode = \"required\"\nskip_days = 0\n", "required=yes");
    let (required, heard_required) = heard_of_us(&machine, || all("required"));
    compare("required", required);
    assert_eq!(told, "");
    // A program that is not even asked causes no delay.
    assert_eq!(heard + &heard_required, "");
    assert_eq!(line_showing(&machine.whole_journal(), PASSWORD), None);
}
