//! Programs: sign-ins of SSH clients without and with the module by turns, and how long an empty password holds up a program that serves
//! others too.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use sspr_tests::{
    Image, Machine,
    servers::{self, Server},
};

use crate::{
    LIMITS, PASSWORD, STACKS, Values,
    document::Section,
    effort,
    figures::{Row, Samples, ratio},
    values,
};

/// Clients, and how many pairs of sign-ins of each.
const CLIENTS: [(&str, &str, usize); 5] = [
    ("asyncssh", "asyncssh", 100),
    ("paramiko", "paramiko", 100),
    ("curl", "curl, by SFTP", 100),
    ("sshpass", "OpenSSH's client and sshpass", 100),
    ("ansible", "Ansible over ssh and sshpass", 100),
];

/// Who serves others too while it asks PAM.
const HOSTS: [Server; 3] = [Server::Nginx, Server::OpenVpn, Server::ProFtpd];
/// Empty passwords, one after another, at each. libpam varies its delay by a quarter, so the longest of a few says little.
const EMPTY: usize = 36;
/// The same with an agent that is broken: a second more would show in a few.
const BROKEN: usize = 12;

/// Two sshds that offer keyboard-interactive alone: at port 2222 with the host's stack, at 2223 with that before the package was switched on.
pub(crate) const SSHDS: &str = "
    sed -E 's#@include common-(auth|account)#@include /etc/bench/plain/common-\\1#' /etc/pam.d/sshd >/etc/pam.d/sshd-plain
    ln -s sshd /usr/sbin/sshd-plain
    for port in 2222:sshd 2223:sshd-plain; do
        printf '%s\\n' '[Unit]' 'After=ssh.service' '[Service]' \\
            \"ExecStart=/usr/sbin/${port#*:} -D -p ${port%:*} -o PasswordAuthentication=no\" \\
            '[Install]' 'WantedBy=multi-user.target' >/etc/systemd/system/${port%:*}.service
        systemctl enable -q ${port%:*}
    done
    mkdir -p /opt/clients";

pub(crate) fn section() -> Section {
    let machine = Machine::with(Image::with_programs())
        .prepare(STACKS)
        .prepare(SSHDS)
        .prepare(servers::PREPARE)
        .switched_on()
        .with_bound_on_typing()
        .user("alice", PASSWORD)
        .settings(LIMITS)
        .boot();
    for script in ["bench.py", "openvpn_.py"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/run").join(script);
        machine.copy_in(&path, &format!("/opt/clients/{script}"));
    }
    let mut rows: Vec<Row> =
        CLIENTS.into_iter().map(|(client, what, pairs)| clients(&machine, client, what, pairs)).collect();
    machine.start_servers();
    rows.extend(empty(&machine));
    Section::new("Programs", rows)
        .below(
            "Sign-ins by keyboard-interactive of somebody unregistered, by turns without and with the module, and each first in its \
             turn; what is measured is the whole of a connection, a command and its end. The ratio is the median of those within a \
             pair, with its interval of 95 % by rank. Nobody is asked: the password comes sooner than a person types.",
        )
        .below(
            "An empty password is what begins a reset where a person presses Enter. The longest of some at each, at the same time; \
             without the module it is the delay of pam_faildelay and pam_unix, which libpam varies by a quarter. A dead agent was killed, \
             and its unit is masked; a frozen one got SIGSTOP.",
        )
}

fn clients(machine: &Machine, client: &str, what: &str, pairs: usize) -> Row {
    let pairs = effort(pairs, pairs / 6);
    let seen: Values = values(&machine.must_within(
        Duration::from_mins(15),
        &format!(
            "export HOME=/root LC_ALL=C.UTF-8 NAME=alice PASSWORD='{PASSWORD}' ANSIBLE_HOST_KEY_CHECKING=False
             export ANSIBLE_SSH_ARGS='-o ControlMaster=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'
             cd /opt/clients && python3 -W ignore bench.py {client} {pairs}"
        ),
    ));
    let [without, with] = [0, 1].map(|at| seen[client].iter().map(|row| row[at]).collect::<Samples>());
    let (low, middle, high) = ratio(&seen[client]);
    Row::aimed(
        format!("Sign-in by {what}: with the module beside without"),
        "upper end at most 1.05",
        high <= 1.05,
        format!(
            "**{middle:.3}** ({low:.3} to {high:.3}), {pairs} pairs: {} beside {}",
            with.in_words(),
            without.in_words()
        ),
    )
    .floor("1: nothing is added")
}

/// The longest of some empty passwords at each host, all hosts at a time.
fn longest(machine: &Machine, count: usize) -> Vec<f64> {
    let one = |server: Server| {
        let took = (0..effort(count, 3)).map(|_| {
            let start = Instant::now();
            let output = machine.uses(server, "alice", "");
            assert_ne!(output.code, 0, "{}: {output:?}", server.name());
            start.elapsed().as_secs_f64()
        });
        took.fold(0.0, f64::max)
    };
    thread::scope(|scope| {
        let all: Vec<_> = HOSTS.map(|server| scope.spawn(move || one(server))).into_iter().collect();
        all.into_iter().map(|host| host.join().unwrap()).collect()
    })
}

fn empty(machine: &Machine) -> Vec<Row> {
    machine.must("touch /etc/sspr/off");
    let without = longest(machine, EMPTY);
    machine.must("rm /etc/sspr/off");
    let with = longest(machine, EMPTY);
    machine.agent().freeze();
    let frozen = longest(machine, BROKEN);
    machine.agent().thaw();
    machine.must("systemctl mask --runtime -q sspr-agent; systemctl kill --signal=KILL sspr-agent");
    let dead = longest(machine, BROKEN);
    machine.must("systemctl unmask --runtime -q sspr-agent; systemctl start sspr-agent");
    let row = |at: usize| {
        let (without, with, frozen, dead) = (without[at], with[at], frozen[at], dead[at]);
        let name = HOSTS[at].name();
        let worse = frozen.max(dead);
        [
            Row::aimed(
                format!("The longest that an empty password holds {name} up"),
                "at most 1.1 × without us",
                with <= without * 1.1,
                format!("**{:.2} ×**: {with:.2} s", with / without),
            )
            .floor(format!("{without:.2} s: the same without the module")),
            Row::aimed(
                format!("The same, {name}, with a dead or a frozen agent"),
                "at most 1 s more",
                worse <= without + 1.0,
                format!("{dead:.2} s dead, {frozen:.2} s frozen"),
            ),
        ]
    };
    (0..HOSTS.len()).flat_map(row).collect()
}
