//! SSH clients as used by programs, the real ones of Debian 12. With the correct password of a registered or
//! unregistered user, their exit status and output are the same as without us, even the first time. sshd offers only
//! keyboard-interactive, so that no client can use the method `password` instead.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use sspr_tests::{
    Image, Machine,
    conversation::Client,
    host, image,
    machine::line_showing,
    story::{INVITATION, shell},
};

const PASSWORD: &str = "granite otter lantern";

/// A second sshd, and none of the other tests' daemons. There is no delay after a wrong password.
const PREPARE: &str = "
    systemctl disable -q nginx proftpd mariadb saslauthd openvpn 2>/dev/null || true
    printf '%s\\n' '[Unit]' 'After=ssh.service' '[Service]' \\
        'ExecStart=/usr/sbin/sshd -D -p 2222 -o PasswordAuthentication=no -o MaxStartups=100' \\
        '[Install]' 'WantedBy=multi-user.target' >/etc/systemd/system/keyboard-interactive.service
    systemctl enable -q keyboard-interactive
    mkdir -p /opt/clients/jobs";

/// The environment of each client.
const ENVIRONMENT: &str = "
    export HOME=/root LC_ALL=C.UTF-8 NODE_PATH=/opt/node_modules ANSIBLE_HOST_KEY_CHECKING=False
    export ANSIBLE_SSH_ARGS='-o ControlMaster=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'
    export SSH='ssh -F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'
    export SSH=\"$SSH -o PubkeyAuthentication=no\"
    cd /opt/clients";

/// One run of one client.
struct Job<'a> {
    id: String,
    account: String,
    password: &'a str,
    port: u16,
    client: &'a Client,
}

/// Its result.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ended {
    code: String,
    said: String,
}

struct Bench {
    machine: Machine,
    clients: Vec<Client>,
    key: String,
}

impl Bench {
    fn new(settings: &str, accounts: &[&str]) -> Self {
        let clients: Vec<Client> = Client::all().into_iter().filter(|client| client.run.is_some()).collect();
        let machine = Machine::with(Image::with_programs())
            .prepare(PREPARE)
            .switched_on()
            .settings("[scope]\nenable = \"all\"\n[limits]\nstarts_per_hour = 1000000\n")
            .settings(settings)
            .with_bound_on_typing()
            .boot();
        machine.must("sed -i 's/pam_unix.so/& nodelay/' /etc/pam.d/common-auth");
        host::command("cp", ["-r".as_ref(), image::npm().as_os_str(), machine.root().join("opt").as_os_str()]);
        for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/run")).unwrap() {
            let file = file.unwrap();
            machine.copy_in(&file.path(), &format!("/opt/clients/{}", file.file_name().to_str().unwrap()));
        }
        let key = machine.must("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
        let bench = Self { key: key.split(' ').nth(1).unwrap().into(), machine, clients };
        bench.people(accounts);
        bench.print_versions();
        bench
    }

    /// Accounts for each client, named after their purposes in `what`.
    fn people(&self, what: &[&str]) {
        self.machine.must(&format!("useradd model && echo 'model:{PASSWORD}' | chpasswd"));
        let hash = self.machine.shadow("model");
        let (mut passwd, mut shadow) = (String::new(), String::new());
        let names = self.clients.iter().enumerate().flat_map(|(at, _)| what.iter().map(move |what| name(what, at)));
        for (uid, name) in (20_000..).zip(names) {
            writeln!(passwd, "{name}:x:{uid}:100::/tmp:/bin/sh").unwrap();
            writeln!(shadow, "{name}:{hash}:20000:0:99999:7:::").unwrap();
        }
        for (file, text) in [("passwd", passwd), ("shadow", shadow)] {
            let mut file =
                fs::OpenOptions::new().append(true).open(self.machine.root().join("etc").join(file)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
    }

    /// Bypasses the capture of a test's output: the versions are for the reader of the log.
    fn print_versions(&self) {
        let mut told = String::from("SSH clients:\n");
        for client in &self.clients {
            let version = client.version.clone().unwrap_or_else(|| {
                let package = client.package.as_deref().unwrap();
                self.machine.must(&format!("dpkg-query -W -f '${{Version}}' {package}"))
            });
            writeln!(told, "    {} {version}", client.name).unwrap();
        }
        std::io::stderr().write_all(told.as_bytes()).unwrap();
    }

    fn register(&self, what: &str) {
        let mut rows = String::from("name,email\n");
        for at in 0..self.clients.len() {
            writeln!(rows, "{0},{0}@example.org", name(what, at)).unwrap();
        }
        fs::write(self.machine.root().join("root/people.csv"), rows).unwrap();
        self.machine.must("sspr admin import /root/people.csv");
    }

    /// Each client with `password` for its account with the purpose `what`.
    fn jobs<'a>(&'a self, round: &str, what: &str, password: &'a str, port: u16) -> Vec<Job<'a>> {
        let job = |(at, client): (usize, &'a Client)| {
            let account = name(what, at);
            Job { id: format!("{round}-{at}"), account, password, port, client }
        };
        self.clients.iter().enumerate().map(job).collect()
    }

    /// Runs them, several at a time.
    fn run(&self, jobs: &[Job<'_>]) -> BTreeMap<String, Ended> {
        let directory: PathBuf = self.machine.root().join("opt/clients/jobs");
        self.machine.must("rm -f /opt/clients/jobs/*");
        for Job { id, account, password, port, client } in jobs {
            let run = client.run.as_deref().unwrap();
            let script = format!(
                "{ENVIRONMENT}\nexport NAME='{account}' PASSWORD='{password}' PORT={port} KEY='{}'\n{run}\n",
                self.key
            );
            fs::write(directory.join(id), script).unwrap();
        }
        self.machine.must_within(
            Duration::from_mins(5),
            "cd /opt/clients/jobs && ls | xargs -P 3 -I JOB sh -c \\
                 'timeout 60 bash JOB >JOB.out 2>JOB.err </dev/null; echo $? >JOB.code'",
        );
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let ended = |job: &Job<'_>| {
            let file = |kind: &str| read(&directory.join(format!("{}.{kind}", job.id)));
            let said = format!("{}{}", file("out"), file("err")).replace(&job.account, "NAME");
            (job.id.clone(), Ended { code: file("code").trim().into(), said: trimmed(&said) })
        };
        jobs.iter().map(ended).collect()
    }
}

fn name(what: &str, client: usize) -> String {
    format!("{what}{client}x")
}

/// Without blanks at the ends of lines.
fn trimmed(said: &str) -> String {
    said.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The differences, for all clients.
fn differences(bench: &Bench, without: &str, with: &str, all: &BTreeMap<String, Ended>) -> String {
    let is_wrong = with == "wrong";
    let mut told = String::new();
    for (at, client) in bench.clients.iter().enumerate() {
        let (without, with) = (&all[&format!("{without}-{at}")], &all[&format!("{with}-{at}")]);
        // Enter begins a reset, and the output says so.
        let same = without == with || is_wrong && client.asks_again && without.code == with.code;
        if !same {
            writeln!(told, "{}: {without:?} became {with:?}", client.name).unwrap();
        }
    }
    told
}

#[test]
fn clients_of_programs_sign_in_and_are_refused_as_without_us_also_the_first_and_the_second_time() {
    let bench = Bench::new("", &["unregistered", "wrong", "registered", "review", "required"]);
    let machine = &bench.machine;
    bench.register("review");
    let wrong = "not the one it is";
    let mut jobs = bench.jobs("without", "unregistered", PASSWORD, 2222);
    jobs.extend(bench.jobs("without-wrong", "wrong", wrong, 2222));
    let mut all = machine.without_us(|| bench.run(&jobs));
    for (at, client) in bench.clients.iter().enumerate() {
        let right = &all[&format!("without-{at}")];
        assert!(right.code == "0" && !right.said.is_empty(), "{} can't sign in without us: {right:?}", client.name);
        // Dropbear's client exits with 0 anyway.
        assert_ne!(all[&format!("without-wrong-{at}")].said, right.said, "{}", client.name);
    }

    machine.agent().hours_later(200 * 24);
    bench.register("registered");
    let mut jobs = bench.jobs("first", "unregistered", PASSWORD, 2222);
    jobs.extend(bench.jobs("registered", "registered", PASSWORD, 2222));
    jobs.extend(bench.jobs("review", "review", PASSWORD, 2222));
    jobs.extend(bench.jobs("wrong", "wrong", wrong, 2222));
    all.extend(bench.run(&jobs));
    all.extend(bench.run(&bench.jobs("second", "unregistered", PASSWORD, 2222)));
    let mut told = String::new();
    for round in ["first", "second", "registered", "review"] {
        write!(told, "{}", differences(&bench, "without", round, &all)).unwrap();
    }
    write!(told, "{}", differences(&bench, "without-wrong", "wrong", &all)).unwrap();
    assert_eq!(told, "");

    // The one exception is refused and recorded.
    machine.settings_now("[register]\nmode = \"required\"\nskip_days = 0\n", "required=yes");
    let mut jobs = bench.jobs("required", "required", PASSWORD, 2222);
    jobs.extend(bench.jobs("then", "registered", PASSWORD, 2222));
    all.extend(bench.run(&jobs));
    assert_eq!(differences(&bench, "without", "then", &all), "");
    let trail = machine.must("sspr admin audit --json --since 2000-01-01");
    for (at, client) in bench.clients.iter().enumerate() {
        let refused = &all[&format!("required-{at}")];
        assert_ne!(refused.said, all[&format!("without-{at}")].said, "{}: {refused:?}", client.name);
        let account = format!("\"account\":\"{}\"", name("required", at));
        let records = trail.lines().filter(|line| line.contains(&account) && line.contains("registration required: "));
        assert_ne!(records.count(), 0, "{}: {trail}", client.name);
    }

    // None of this used up the question, which is left for a person.
    machine.settings_now("[register]\nmin_typing_ms = 0\n", "min_typing_ms=0");
    machine.must("rm -f /run/sspr/settled/*");
    // A busy machine's agent may not be in time, and then asks the next time.
    let user = name("unregistered", 0);
    let is_asked = || machine.ssh(&user).password(PASSWORD).expect_any(&[INVITATION, &shell(&user)]) == 0;
    assert!((0..3).any(|_| is_asked()), "{user} was not asked");
    assert_eq!(line_showing(&machine.whole_journal(), PASSWORD), None);
}

#[test]
#[ignore = "takes minutes: make test-full runs it"]
fn over_a_wire_of_300_ms_and_where_sshd_offers_the_method_password_too_it_is_the_same() {
    let bench = Bench::new("", &["slow", "method", "model"]);
    let machine = &bench.machine;
    machine.must(
        "systemd-run -q --unit=slow-wire python3 /opt/clients/slow-wire.py
         timeout 10 bash -c 'until (: </dev/tcp/127.0.0.1/2224) 2>/dev/null; do sleep 0.05; done'",
    );
    let mut all = machine.without_us(|| bench.run(&bench.jobs("without", "model", PASSWORD, 2224)));
    all.extend(machine.without_us(|| bench.run(&bench.jobs("without-method", "model", PASSWORD, 22))));
    for _ in 0..2 {
        all.extend(bench.run(&bench.jobs("slow", "slow", PASSWORD, 2224)));
        all.extend(bench.run(&bench.jobs("method", "method", PASSWORD, 22)));
        let told =
            differences(&bench, "without", "slow", &all) + &differences(&bench, "without-method", "method", &all);
        assert_eq!(told, "");
    }
}
