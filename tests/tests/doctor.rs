//! `sspr doctor` on machines with each of the faults of real machines: it names file, line or account and the fix,
//! continues with all other checks, and reports the same as JSON.

use std::collections::BTreeSet;

use sspr_tests::{Image, Machine, Suite};

/// A fault of a machine.
struct Row {
    /// The case, as named in the list of faults of real machines.
    id: &'static str,
    breaks: &'static str,
    mends: &'static str,
    /// Check, level, words of the finding, and words of the fix. None if everything has to stay unchanged.
    says: Option<(&'static str, &'static str, &'static str, &'static str)>,
}

const fn row(
    id: &'static str,
    breaks: &'static str,
    mends: &'static str,
    says: (&'static str, &'static str, &'static str, &'static str),
) -> Row {
    Row { id, breaks, mends, says: Some(says) }
}

/// An administrator's settings for a while.
macro_rules! with {
    ($settings:literal) => {
        concat!("printf '", $settings, "' >/etc/sspr/sspr.toml.d/90.toml; systemctl reload sspr-agent")
    };
}
const WITHOUT: &str = "rm /etc/sspr/sspr.toml.d/90.toml; systemctl reload sspr-agent";
/// Restores `common-password`, which was saved at the beginning.
const COMMON: &str = "cp /root/common-password /etc/pam.d/common-password";
const SSHD: &str = "rm /etc/ssh/sshd_config.d/50-test.conf";

const ROWS: &[Row] = &[
    row(
        "S1",
        "printf 'Match User alice\\nPasswordAuthentication no\\n' >/etc/ssh/sshd_config.d/50-test.conf",
        SSHD,
        (
            "sshd",
            "warning",
            "Match User alice (/etc/ssh/sshd_config.d/50-test.conf:1) says PasswordAuthentication no, but alice can type a password \
             anyway",
            "sspr setup",
        ),
    ),
    row(
        "D1",
        "printf 'carol:$y$x:today:0:99999:7:::\\n' >>/etc/shadow",
        "sed -i /^carol:/d /etc/shadow",
        ("scope", "warning", "(carol); no such account is served", "vipw -s"),
    ),
    Row {
        id: "D2",
        breaks: "for file in pam.d/common-password pam.d/common-auth shells security/pwquality.conf login.defs \
                 security/faillock.conf default/locale ssh/sshd_config; do
                     printf '# f\\374r alle\\n' >>/etc/$file; done",
        mends: "for file in pam.d/common-password pam.d/common-auth shells security/pwquality.conf login.defs \
                security/faillock.conf default/locale ssh/sshd_config; do sed -i '$d' /etc/$file; done",
        says: None,
    },
    row(
        "D3",
        "printf '# ours\\nminlen == 20\\n' >/etc/security/pwquality.conf",
        ": >/etc/security/pwquality.conf",
        (
            "password",
            "warning",
            "/etc/security/pwquality.conf:2: the value is not a number; pam_pwquality reads no further",
            "correct that line",
        ),
    ),
    row(
        "D4",
        "printf 'Match User alice\\nKbdInteractiveAuthentication no\\n' >/etc/ssh/sshd_config.d/50-test.conf",
        SSHD,
        (
            "sshd",
            "warning",
            "Match User alice (/etc/ssh/sshd_config.d/50-test.conf:1): alice can type a password, but can neither register nor reset",
            "KbdInteractiveAuthentication yes",
        ),
    ),
    row(
        "D5, two lines of pam_unix",
        "sed -i '/pam_unix/{p}' /etc/pam.d/common-password",
        COMMON,
        (
            "password",
            "error",
            "no password can be set: the password lines of the PAM service sspr: the line after pam_unix.so that it leads to is \
             pam_deny.so",
            "/etc/pam.d/common-password",
        ),
    ),
    row(
        "D5, use_authtok and nobody who asks",
        "sed -i '/pam_pwquality/d' /etc/pam.d/common-password",
        COMMON,
        ("password", "error", "pam_unix.so has use_authtok, but no line before it asks", "/etc/pam.d/common-password"),
    ),
    row(
        "D5, shadow as a bind mount",
        "cp -a /etc/shadow /root/shadow; mount --bind /root/shadow /etc/shadow",
        "umount /etc/shadow",
        ("shadow", "error", "something is mounted on /etc/shadow", "findmnt /etc/shadow"),
    ),
    row(
        "D5, cracklib without its dictionary",
        "mv /var/cache/cracklib /root/",
        "mv /root/cracklib /var/cache/",
        (
            "password",
            "error",
            "pam_pwquality.so does not find its dictionary, /var/cache/cracklib/cracklib_dict.pwd",
            "update-cracklib",
        ),
    ),
    row(
        "D6, a program",
        "echo 'password optional pam_exec.so expose_authtok /usr/local/sbin/sync-password' >>/etc/pam.d/common-password",
        COMMON,
        (
            "password",
            "warning",
            ": pam_exec.so runs /usr/local/sbin/sync-password, which in a reset has no network",
            "PrivateNetwork=no",
        ),
    ),
    row(
        "D7",
        with!("[phone]\\ngateway = \"command\"\\n[phone.command]\\nargv = [\"/bin/true\", \"{to}\"]\\nstdin = true\\n"),
        WITHOUT,
        ("phone", "fine", "/bin/true is installed and executable; to test it: ", ""),
    ),
    row(
        "D7, a program that is not there",
        with!("[phone]\\ngateway = \"command\"\\n[phone.command]\\nargv = [\"/opt/gone\", \"{to}\"]\\nstdin = true\\n"),
        WITHOUT,
        ("phone", "error", "the program /opt/gone can't be run", "correct [phone.command] argv"),
    ),
    row(
        "D8",
        "echo 'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u' >/etc/ssh/sshd_config.d/50-test.conf",
        SSHD,
        (
            "sshd",
            "fine",
            "a reset does not check these SSH keys: AuthorizedKeysFile /etc/ssh/keys/%u",
            "look there too",
        ),
    ),
    row(
        "D10",
        "sed -i 's/pam_unix.so/pam_unix.so remember=5/' /etc/pam.d/common-password",
        COMMON,
        (
            "password",
            "warning",
            ": remember= of pam_unix.so refuses old passwords in a reset too, but does not remember the one",
            "pam_pwhistory.so",
        ),
    ),
    row(
        "D11",
        "sed -i '1i -password [success=3 default=ignore] pam_krb5.so minimum_uid=1000' /etc/pam.d/common-password",
        COMMON,
        ("password", "fine", "/etc/pam.d/common-password:1: pam_krb5.so sets passwords elsewhere", ""),
    ),
    row(
        "D12",
        "usermod -s /opt/gone alice 2>&1",
        "usermod -s /bin/bash alice",
        ("scope", "warning", "alice (/opt/gone)", "/etc/shells"),
    ),
    row(
        "D15",
        with!("[email]\\nfrom = \"no-reply@debian\"\\n"),
        WITHOUT,
        (
            "settings",
            "warning",
            "/etc/sspr/sspr.toml.d/90.toml:2: [email] from: the sender has no full domain, for which most mail servers refuse it",
            "correct it",
        ),
    ),
    row(
        "D17",
        concat!(
            "cp /etc/pam.d/common-session /root/; sed -i /pam_systemd/d /etc/pam.d/common-session; ",
            with!("[recover]\\nend_sessions = true\\n")
        ),
        "cp /root/common-session /etc/pam.d/; rm /etc/sspr/sspr.toml.d/90.toml; systemctl reload sspr-agent",
        ("sessions", "warning", "end_sessions = true, but logind does not hear of sessions at sshd", "libpam-systemd"),
    ),
    row(
        "D18",
        "cp -a /var/lib/sspr/host.key.machine /root/; echo another >/var/lib/sspr/host.key.machine",
        "cp -a /root/host.key.machine /var/lib/sspr/",
        (
            "state",
            "warning",
            "/var/lib/sspr/host.key was made on a machine with another /etc/machine-id",
            "rm /var/lib/sspr/host.key.machine",
        ),
    ),
    row(
        "C13",
        with!("[email]\\nhost_name = \"shell\"\\n"),
        WITHOUT,
        ("mail", "warning", "This machine has no full name, so it greets the server as [", "[email] host_name"),
    ),
    row(
        "H1",
        // A reload refuses it, but after an upgrade it may be there.
        "printf '[phone]\\ngateway = \"command\"\\n[phone.command]\\nargv = [\"/bin/true\", \"{to}\", \"{text}\"]\\n' \
         >/etc/sspr/sspr.toml.d/90.toml; systemctl restart sspr-agent",
        "rm /etc/sspr/sspr.toml.d/90.toml; systemctl restart sspr-agent",
        ("phone", "error", "the program would get the code in an argument", "standard input"),
    ),
    row(
        "P2",
        "mkdir -p /usr/lib/cockpit; touch /usr/lib/cockpit/cockpit-ws
         sed -i 's/pam_sspr.so/& services=login,sshd,cockpit/' /etc/pam.d/common-auth /etc/pam.d/common-account",
        "rm -r /usr/lib/cockpit; cp /root/common-auth /root/common-account /etc/pam.d/",
        ("hint", "fine", "Cockpit shows no hint: tell users to press Log In with an empty field", ""),
    ),
    row(
        "P7",
        "touch /usr/lib/$(uname -m)-linux-gnu/security/pam_mount.so; echo 'auth optional pam_mount.so' >>/etc/pam.d/common-auth",
        "rm /usr/lib/*/security/pam_mount.so; cp /root/common-auth /etc/pam.d/",
        (
            "encrypted",
            "warning",
            "after a reset, data encrypted with the old password stays locked (pam_mount.so)",
            "give users another way to open it",
        ),
    ),
    row(
        "P8",
        "sed -i '/pam_sspr/a auth sufficient pam_u2f.so' /etc/pam.d/common-auth",
        "cp /root/common-auth /etc/pam.d/",
        ("touch", "warning", "pam_u2f.so comes after pam_sspr.so", "a Priority above 1280"),
    ),
    row(
        "S17",
        "sed -i 's/yescrypt/yescrypt rounds=11 remember=400/' /etc/pam.d/common-password",
        COMMON,
        ("hashes", "error", "s of hashing here, and a reset waits 30 s: no password can be set", "lower rounds="),
    ),
    row(
        "S17, memory",
        "sed -i 's/yescrypt/yescrypt rounds=11/' /etc/pam.d/common-password
         mkdir -p /run/systemd/system/sspr-credential.service.d
         printf '[Service]\\nMemoryMax=512M\\n' >/run/systemd/system/sspr-credential.service.d/test.conf
         systemctl daemon-reload",
        "cp /root/common-password /etc/pam.d/; rm -r /run/systemd/system/sspr-credential.service.d; systemctl daemon-reload",
        (
            "hashes",
            "error",
            "a hash takes 1024 MiB, but the helper may use only 512: no password can be set",
            "MemoryMax=",
        ),
    ),
    row(
        "M5",
        "usermod -s /bin/bash sspr",
        "usermod -s /usr/sbin/nologin sspr",
        ("user", "error", "the user sspr has a login shell, so it may be a person's", "usermod -l"),
    ),
    row(
        "M6",
        concat!("groupadd docker; usermod -aG docker alice; ", with!("[scope]\\nadmin_groups = [\"sudo\"]\\n")),
        "rm /etc/sspr/sspr.toml.d/90.toml; systemctl reload sspr-agent; groupdel docker",
        (
            "admins",
            "warning",
            "these users can become root (sudo, or a group such as docker), but one method resets them: alice",
            "admin_groups",
        ),
    ),
];

/// Doctor's findings, and its exit status.
#[track_caller]
fn found(machine: &Machine) -> (i32, Vec<serde_json::Value>) {
    let output = machine.run("sspr doctor --json");
    let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.code, json["findings"].as_array().unwrap().clone())
}

fn text<'f>(finding: &'f serde_json::Value, key: &str) -> &'f str {
    finding[key].as_str().unwrap_or_default()
}

fn checks(findings: &[serde_json::Value]) -> BTreeSet<&str> {
    findings.iter().map(|finding| text(finding, "check")).collect()
}

#[test]
fn each_way_in_which_a_machine_was_broken_is_named_with_its_fix_and_stops_no_other_check() {
    let image = Image::installed_with(Suite::default(), &["libpam-pwquality", "cracklib-runtime", "libpam-systemd"]);
    let machine = Machine::with(image)
        .switched_on()
        .with_mail()
        .with_gateway()
        .user("alice", "rain on a tin roof")
        .settings("[scope]\nenable = \"all\"\n")
        .prepare("cp /etc/pam.d/common-* /root/; : >/etc/security/pwquality.conf; touch /etc/default/locale")
        .boot();
    let (code, healthy) = found(&machine);
    assert_eq!(code, 0, "{healthy:#?}");
    let mut wrong = Vec::new();
    for Row { id, breaks, mends, says } in ROWS {
        let done = machine.run(breaks);
        let (code, findings) = found(&machine);
        let told = machine.run("sspr doctor").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for done in [done, machine.run(mends)] {
            if done.code != 0 {
                wrong.push(format!("{id}: {done:?}"));
            }
        }
        let missing: Vec<_> = checks(&healthy).difference(&checks(&findings)).copied().collect();
        let as_it_was = || findings.iter().all(|finding| text(finding, "level") == "fine");
        let named = |(check, level, what, fix): &(&str, &str, &str, &str)| {
            findings.iter().any(|finding| {
                text(finding, "check") == *check
                    && text(finding, "level") == *level
                    && text(finding, "what").contains(what)
                    && text(finding, "fix").contains(fix)
            })
        };
        let right = says.as_ref().map_or_else(as_it_was, named);
        let status = match says {
            Some((_, "error", ..)) => code == 2,
            Some((_, "warning", ..)) => code >= 1,
            _ => code == 0,
        };
        // Lines are folded, but the words are the same.
        let in_words = says.is_none_or(|(_, _, what, _)| told.contains(what));
        if !(right && status && in_words && missing.is_empty()) {
            wrong.push(format!("{id}: exit status {code}, missing {missing:?}\n{findings:#?}\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let (code, mended) = found(&machine);
    assert_eq!(code, 0, "{mended:#?}");
}

/// Accepts connections, but sends no greeting.
const SILENT: &str = "
    systemctl disable -q mail-server
    cat >/root/silent.pl <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 587, Listen => 9, ReuseAddr => 1) or die;
my @kept;
while (my $client = $server->accept) { push @kept, $client }
END
    printf '%s\\n' '[Service]' 'ExecStart=/usr/bin/perl /root/silent.pl' '[Install]' 'WantedBy=multi-user.target' \
        >/etc/systemd/system/silent.service
    systemctl enable -q silent";

#[test]
fn a_mail_server_that_hangs_costs_its_own_check_and_no_more_than_a_few_seconds() {
    let machine = Machine::with(Image::installed())
        .switched_on()
        .with_mail()
        .user("alice", "rain on a tin roof")
        .settings(
            "[scope]\nenable = \"all\"\n[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n",
        )
        .prepare(SILENT)
        .boot();
    let script =
        "start=$(date +%s%N); sspr doctor --json; echo \"code $? took $(( ($(date +%s%N) - start) / 1000000 ))\"";
    let said = machine.must(script);
    let took: u64 = said.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(took < 12_000, "{took} ms: {said}");
    // An available server is not an error.
    assert!(said.contains("\"clock\"") && said.contains("code 1 took"), "{said}");
    assert!(said.contains("slowly: not done after"), "{said}");
}
