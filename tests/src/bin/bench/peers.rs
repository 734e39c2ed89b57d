//! A sign-in compared with other modules that people use: one after another, in every round, in a machine that has them
//! all.

use sspr_tests::{Image, Machine, Suite};

use crate::{
    ADDRESS, LIMITS, PASSWORD, STACKS, Values, bring_host, column,
    document::Section,
    effort,
    figures::{Row, Samples, milliseconds, per_cent_more},
    host,
};

const PACKAGES: [&str; 8] = [
    "libpam-google-authenticator",
    "libpam-oath",
    "oathtool",
    "libpam-fprintd",
    "fprintd",
    "sssd-common",
    "sssd-proxy",
    "libpam-sss",
];

/// Stacks according to their own documentation. One-time codes come after the password, the finger before it. sssd
/// reads the passwords from the same files as `pam_unix`, through its proxy.
const PREPARE: &str = r#"
    cd /etc/bench
    for peer in google oath fprintd sss; do
        mkdir -p $peer
        cp plain/other $peer/other
        echo '@include /etc/bench/plain/common-account' >$peer/login
    done
    printf '%s\n' '@include /etc/bench/plain/common-auth' 'auth required pam_google_authenticator.so' >>google/login
    printf '%s\n' '@include /etc/bench/plain/common-auth' \
        'auth required pam_oath.so usersfile=/etc/bench/oath/users window=20 digits=6' >>oath/login
    printf '%s\n' 'auth sufficient pam_fprintd.so max-tries=1 timeout=10' '@include /etc/bench/plain/common-auth' >>fprintd/login
    printf '%s\n' 'auth [success=1 default=ignore] pam_sss.so' 'auth requisite pam_deny.so' 'auth required pam_permit.so' \
        'account required pam_sss.so' >sss/login
    echo 3132333435363738393031323334353637383930 >oath/secret
    printf 'HOTP alice - %s\n' "$(cat oath/secret)" >oath/users
    chmod 600 oath/users
    echo JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP >google/secret
    printf '%s\n" WINDOW_SIZE 5\n" TOTP_AUTH\n' "$(cat google/secret)" >/home/alice/.google_authenticator
    chown alice: /home/alice/.google_authenticator
    chmod 400 /home/alice/.google_authenticator
    printf 'auth required pam_unix.so\naccount required pam_unix.so\n' >/etc/pam.d/bench-sssd
    printf '%s\n' '[sssd]' 'services = nss, pam' 'domains = local' '[domain/local]' 'id_provider = proxy' \
        'proxy_lib_name = files' 'auth_provider = proxy' 'proxy_pam_target = bench-sssd' >/etc/sssd/sssd.conf
    chmod 600 /etc/sssd/sssd.conf
    systemctl enable -q sssd
"#;

/// Stack and service, and a description.
const STACKS_OF: [(&str, &str); 8] = [
    ("plain:login", "pam_unix alone"),
    ("with:login", "with pam_sspr, registered"),
    ("plain:sudo", "pam_unix alone, a service that is not on our list"),
    ("with:sudo", "with pam_sspr, a service that is not on our list"),
    ("google:login", "with pam_google_authenticator"),
    ("oath:login", "with pam_oath"),
    ("fprintd:login", "with pam_fprintd, a daemon on the bus, no reader"),
    ("sss:login", "by pam_sss and a local sssd, in place of pam_unix"),
];
/// Those that call a daemon.
const DAEMONS: [&str; 2] = ["fprintd:login", "sss:login"];

pub(crate) fn section() -> Section {
    let machine = machine();
    let stacks = STACKS_OF.map(|(stack, _)| stack).join(" ");
    host(&machine, &format!("peers alice '{PASSWORD}' 3 {stacks}"));
    // Counter-based codes continue after those of the first rounds.
    machine.must("printf 'HOTP alice - %s\\n' \"$(cat /etc/bench/oath/secret)\" >/etc/bench/oath/users");
    let seen = host(&machine, &format!("peers alice '{PASSWORD}' {} {stacks}", effort(200, 40)));
    let asked = machine.must("journalctl --sync; journalctl --quiet --no-pager | grep -c -i fprint || true");
    assert_ne!(asked.trim(), "0", "fprintd was never asked");
    let alone = column(&seen, "plain:login", 0);
    let mut rows = Vec::new();
    for (stack, what) in STACKS_OF {
        let took = column(&seen, stack, 0);
        let beside = if stack == "with:sudo" { "plain:sudo" } else { "plain:login" };
        let more = more(&seen, stack, beside);
        let share = per_cent_more(alone.median() + more.median(), alone.median());
        let words = format!("{}; {} ms more in a round, {share:+.1} %", took.in_words(), milliseconds(more.median()));
        rows.push(match stack {
            "plain:login" | "plain:sudo" => Row::told(what, took.in_words()),
            "with:login" => Row::aimed(what, "at most 2 % more", share <= 2.0, words).floor("0: the module is loaded"),
            "with:sudo" => Row::aimed(what, "at most 1 % more", share <= 1.0, words).floor("0: the module is loaded"),
            _ => Row::told(what, words),
        });
    }
    let ours = more(&seen, "with:login", "plain:login").median();
    let least = DAEMONS.map(|stack| more(&seen, stack, "plain:login").median()).into_iter().fold(f64::MAX, f64::min);
    rows.push(Row::aimed(
        "What pam_sspr adds, beside the cheapest that asks a daemon",
        "less",
        ours < least,
        format!("{} ms beside {} ms", milliseconds(ours), milliseconds(least)),
    ));
    Section::new("A sign-in beside peers", rows).below(
        "Auth and account through libpam, every stack once in each round, each first in its turn and each in a process of its \
         own, as logins are; the difference is the median of those within a round. A registered person's sign-in asks nobody: the agent left a note that there is \
         nothing to ask. For a service that is not on the list the module is loaded and returns; what that costs is what any \
         module costs that does nothing.",
    )
}

/// The additional time of `stack` compared with `beside`, round by round.
fn more(seen: &Values, stack: &str, beside: &str) -> Samples {
    seen[stack].iter().zip(&seen[beside]).map(|(with, without)| with[0] - without[0]).collect()
}

fn machine() -> Machine {
    let machine = Machine::with(Image::installed_with(Suite::default(), &PACKAGES))
        .user("alice", PASSWORD)
        .prepare(&format!("pam-auth-update --package --remove fprintd sss\n{STACKS}\n{PREPARE}"))
        .switched_on()
        .with_mail()
        .settings(LIMITS)
        .boot();
    bring_host(&machine);
    machine.must("systemctl start fprintd; systemctl start sssd; systemctl is-active sssd");
    host(&machine, &format!("register alice '{PASSWORD}' {ADDRESS}"));
    machine
}
