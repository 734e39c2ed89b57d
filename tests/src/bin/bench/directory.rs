//! People of a directory: a sign-in by sssd without and with the module, a reset beside what sets a password there without us, what
//! `sspr-directory` holds, and contacts that are copied beside a plain search.

use std::{
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use sspr_tests::{
    Image, Machine, Suite,
    openldap::{NEW, OLD, PREPARE, SECRET, SETTINGS},
};

use crate::{
    ADDRESS, LIMITS, STACKS, bring_host,
    crowd::{askpass, ssh},
    document::Section,
    effort,
    figures::{Row, Samples, mebibytes, milliseconds, ratio},
    host,
    process::Process,
    programs::SSHDS,
    recovery::told_after,
    values,
};

/// Pairs of sign-ins in one run of `bench-host`, and how many runs.
const PAIRS: (usize, usize) = (200, 3);
/// Pairs of sign-ins over SSH.
const SSH_PAIRS: usize = 300;
/// Sign-ins before each of which the agent's note about the person is taken away.
const FIRST: usize = 60;
const RESETS: usize = 30;
/// What a step of a dialogue may wait for, in nanoseconds.
const BEAT: f64 = 100e6;
/// The most that the program may hold, in KiB.
const HELD_MAX: f64 = 8.0 * 1024.0;
/// People whose contacts are copied, and as many more as it takes to see whether memory grows with them.
const FEWER: (usize, usize) = (10_000, 2_000);
const PEOPLE: (usize, usize) = (100_000, 10_000);
/// So many of them are administrators, who register their contacts themselves.
const ADMINS: usize = 10;
/// So many KiB more may be held for ten times as many people.
const MORE_MAX: f64 = 2.0 * 1024.0;

/// The size that the database may have, no bound on a search of the service's, and what Debian's own slapd has indexed.
const DATABASE: &str = "
maxsize 2147483648
limits dn.exact=\"cn=reset,dc=example,dc=org\" size=unlimited time=unlimited
index objectClass eq
index cn,uid eq
index uidNumber,gidNumber eq
index member,memberUid eq
";

/// Bob, whose password is set without us, and a group of administrators.
const MORE: &str = r"
cat >/root/more.ldif <<'LDIF'
dn: uid=bob,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
shadowLastChange: 19000
uid: bob
cn: Bob
sn: Builder
uidNumber: 20001
gidNumber: 20000
homeDirectory: /home/bob
loginShell: /bin/bash
userPassword: Old-horse-battery-1

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: cn=sudo,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: sudo
LDIF
for i in $(seq 0 9); do echo member: uid=p$i,ou=people,dc=example,dc=org; done >>/root/more.ldif
slapadd -q -f /etc/ldap/slapd.conf -l /root/more.ldif
chown -R openldap: /var/lib/ldap";

const STARTED: &str = "until ldapsearch -x -H ldap://localhost -b '' -s base >/dev/null 2>&1; do sleep 0.1; done";

const CONTACTS: &str =
    "[directory]\ngroup_base = \"ou=groups,dc=example,dc=org\"\n[contacts.directory]\nemail = \"mail\"\n";

pub(crate) fn section() -> Section {
    let machine = machine();
    host(&machine, &format!("register alice '{OLD}' {ADDRESS}"));
    let mut rows = sign_ins(&machine);
    rows.extend(resets(&machine));
    rows.extend(contacts(&machine));
    Section::new("People of a directory", rows)
        .below(
            "OpenLDAP, sssd and the package on one machine; everything talks to the directory by `ldaps://`. Sign-ins are whole ones by \
             OpenSSH's client, and auth and account through libpam, with the host's common-auth and common-account; by turns without and \
             with the module, and each first in its turn. The ratio is the median of those within a pair, with its interval of 95 % by rank.",
        )
        .below(
            "Resets are whole ones by email, by a person who types the new password again a second after the first time. The directory's \
             answer is there when `sspr-directory` notes that it set the password, which is after a sign-in with it. Beside it stands \
             `ldappasswd` by the same entry for another person, and one sign-in as that person by `ldapwhoami`.",
        )
        .below(
            "Contacts are copied page by page, 200 people each, with their groups, and into the agent's store; `ldapsearch` reads the same \
             people and attributes in the same pages and throws them away.",
        )
}

fn machine() -> Machine {
    let slapd = PREPARE
        .replace("\npidfile", "\nloglevel none\npidfile")
        .replace("\ndirectory /var/lib/ldap\n", &format!("\ndirectory /var/lib/ldap{DATABASE}"));
    let machine = Machine::with(Image::with_openldap(Suite::Bookworm))
        .prepare(&slapd)
        .prepare(MORE)
        // Its dictionary is not in this image.
        .prepare("pam-auth-update --package --disable pwquality")
        .prepare(STACKS)
        .prepare(SSHDS)
        .switched_on()
        .with_mail()
        .settings(SETTINGS)
        .settings(LIMITS)
        .settings(CONTACTS)
        .boot();
    bring_host(&machine);
    // The agent copies contacts when it starts, and tries again later if slapd was not there yet: not while something is measured.
    machine.must(&format!("{STARTED}; until sspr admin directory sync >/dev/null 2>&1; do sleep 0.2; done"));
    machine
}

fn sign_ins(machine: &Machine) -> Vec<Row> {
    let [agent, bus] = ["sspr-agent", "dbus"].map(|unit| Process::of(machine, unit).pid);
    let signed_in = |pairs: usize| {
        let seen = host(machine, &format!("sign-ins alice '{OLD}' {pairs} {agent} {bus}"));
        seen["pair"].clone()
    };
    signed_in(5);
    // There is nothing to ask alice, and the agent left word of it.
    machine.must("readlink /run/sspr/settled/alice");
    let pairs: Vec<Vec<f64>> = (0..effort(PAIRS.1, 1)).flat_map(|_| signed_in(effort(PAIRS.0, PAIRS.0 / 4))).collect();
    let [without, with] = [0, 1].map(|at| pairs.iter().map(|pair| pair[at]).collect::<Samples>());
    let (low, middle, high) = ratio(&pairs);
    let first: Samples = (0..effort(FIRST, FIRST / 6))
        .map(|_| {
            machine.must("rm -f /run/sspr/settled/*");
            let pair = &signed_in(1)[0];
            pair[1] - pair[0]
        })
        .collect();
    vec![
        over_ssh(machine),
        Row::aimed(
            "The same within libpam alone: auth and account",
            "at most 1.01",
            middle <= 1.01,
            format!(
                "**{middle:.3}** ({low:.3} to {high:.3}), {} pairs: {} beside {}",
                pairs.len(),
                with.in_words(),
                without.in_words()
            ),
        )
        .floor("1: nothing is added"),
        Row::told(
            "What the module adds at the first sign-in in 24 hours, when the agent is asked",
            format!("{} ms, median of {}", milliseconds(first.median()), first.count()),
        ),
    ]
}

/// Whole sign-ins at one sshd with the module and at one without.
fn over_ssh(machine: &Machine) -> Row {
    let askpass = askpass(machine, OLD);
    let one = |port: u16| {
        let begun = Instant::now();
        let output = ssh(machine, &askpass, port, "alice").output().unwrap();
        assert!(output.status.success(), "{port}: {}", String::from_utf8_lossy(&output.stderr));
        begun.elapsed().as_nanos() as f64
    };
    let pair = |number: usize| {
        if number.is_multiple_of(2) {
            let without = one(2223);
            vec![without, one(2222)]
        } else {
            let with = one(2222);
            vec![one(2223), with]
        }
    };
    pair(0);
    let pairs: Vec<Vec<f64>> = (0..effort(SSH_PAIRS, SSH_PAIRS / 6)).map(pair).collect();
    let [without, with] = [0, 1].map(|at| pairs.iter().map(|pair| pair[at]).collect::<Samples>());
    let (low, middle, high) = ratio(&pairs);
    Row::aimed(
        "Sign-in over SSH by sssd: with the module beside without",
        "at most 1.01",
        middle <= 1.01,
        format!(
            "**{middle:.3}** ({low:.3} to {high:.3}), {} pairs: {} beside {}",
            pairs.len(),
            with.in_words(),
            without.in_words()
        ),
    )
    .floor("1: nothing is added")
}

fn resets(machine: &Machine) -> Vec<Row> {
    let (mut ours, mut signed_in, mut plain) = (Samples::default(), Samples::default(), Samples::default());
    for number in 0..effort(RESETS, 6) {
        // The cool-down between two codes, and the note about the reset before.
        thread::sleep(Duration::from_millis(2200));
        machine.must("rm -f /run/sspr-credential/tries");
        let seen = host(machine, &format!("recover alice {ADDRESS} '{NEW} {number}'"));
        let at = |name: &str| seen[name][0][0];
        let typed = at("again-typed");
        ours.push(told_after(machine, "sspr-directory", "changed", typed) - typed);
        signed_in.push(at("signed-in") - typed);
        plain.push(host(machine, &format!("ldappasswd '{NEW} {number}'"))["ldappasswd"][0][0]);
    }
    let held = Process::of(machine, "sspr-directory").memory();
    let most = 1.25 * plain.median() + BEAT;
    vec![
        Row::told("`ldappasswd`, and one sign-in with the new password", plain.in_words())
            .floor("two connections with TLS, one fsync"),
        Row::aimed(
            "Reset, from the last key of the new password to the directory's answer",
            "at most 1.25 × that + 100 ms",
            ours.median() <= most,
            format!("{}; {:.2} × ldappasswd", ours.in_words(), ours.median() / plain.median()),
        ),
        Row::told("The same until sssd has signed in with the new password", signed_in.in_words()),
        Row::aimed(
            "`sspr-directory`, resident while it runs; it ends after a minute without a call",
            "at most 8 MiB",
            held.resident <= HELD_MAX,
            held.in_words(),
        ),
    ]
}

/// What copying everybody took, in nanoseconds, and the most that the two programs held meanwhile, in KiB.
struct Copied {
    people: usize,
    search: Samples,
    first: f64,
    again: f64,
    agent: f64,
    program: f64,
}

fn contacts(machine: &Machine) -> Vec<Row> {
    let (fewer, people) = (effort(FEWER.0, FEWER.1), effort(PEOPLE.0, PEOPLE.1));
    let few = copied(machine, 0..fewer);
    let all = copied(machine, fewer..people);
    let search = all.search.median();
    let beside = |what: &str, took: f64| {
        let words = format!("{:.1} s; {:.2} × ldapsearch", took / 1e9, took / search);
        Row::aimed(what, "at most 2 × ldapsearch", took <= 2.0 * search, words)
    };
    let peak = |what: &str, few_held: f64, held: f64| {
        let words = format!("{} beside {} with {} people", mebibytes(held), mebibytes(few_held), few.people);
        Row::aimed(what, "at most 2 MiB more than with a tenth of them", held <= few_held + MORE_MAX, words)
    };
    vec![
        Row::told(
            format!("`ldapsearch` of {} people, 200 a page", all.people),
            format!("{:.1} s, median of {}", search / 1e9, all.search.count()),
        ),
        beside("Copying their contacts, when most of them are new", all.first),
        beside("The same the next time", all.again),
        peak("The most that `sspr-directory` holds meanwhile", few.program, all.program),
        peak("The most that the agent holds meanwhile", few.agent, all.agent),
    ]
}

/// Adds people of these numbers, and copies the contacts of all that there are by then.
fn copied(machine: &Machine, numbers: Range<usize>) -> Copied {
    let people = numbers.end;
    machine.must_within(Duration::from_mins(10), &grow(numbers));
    let took = |command: &str| {
        let timed = format!("set -e; begun=$(date +%s%N); {command}; echo took $(($(date +%s%N) - begun))");
        values(&machine.must_within(Duration::from_mins(15), &timed))["took"][0][0]
    };
    // What the database has comes into memory.
    took(&search());
    let search: Samples = (0..effort(3, 1)).map(|_| took(&search())).collect();
    // Both begin anew, so that the most they held is of this.
    machine.must("systemctl stop sspr-directory; systemctl restart sspr-agent");
    let copy = || {
        let took = took("sspr admin directory sync >/root/said");
        let said = machine.must("cat /root/said");
        assert!(said.contains(&format!("{}  people in scope", people - ADMINS)), "{said}");
        took
    };
    let (first, again) = (copy(), copy());
    let [agent, program] = ["sspr-agent", "sspr-directory"].map(|unit| Process::of(machine, unit).peak());
    Copied { people, search, first, again, agent, program }
}

fn grow(Range { start, end }: Range<usize>) -> String {
    format!(
        "set -e
         awk -v from={start} -v to={end} 'BEGIN {{ for (i = from; i < to; i++) {{
             printf \"dn: uid=p%d,ou=people,dc=example,dc=org\\nobjectClass: inetOrgPerson\\nobjectClass: posixAccount\\n\", i
             printf \"uid: p%d\\ncn: Person %d\\nsn: Person\\nuidNumber: %d\\ngidNumber: 20000\\n\", i, i, 100000 + i
             printf \"homeDirectory: /nonexistent\\nloginShell: /bin/bash\\nmail: person.number.%d@example.com\\n\\n\", i
         }} }}' >/root/people.ldif
         systemctl stop slapd
         slapadd -q -f /etc/ldap/slapd.conf -l /root/people.ldif
         chown -R openldap: /var/lib/ldap
         systemctl start slapd
         {STARTED}"
    )
}

/// Reads the people and the attributes that the program reads.
fn search() -> String {
    format!(
        "LDAPTLS_CACERT=/etc/ldap/tls/ca.pem ldapsearch -x -LLL -H ldaps://localhost -D cn=reset,dc=example,dc=org -w {SECRET} \
         -E pr=200/noprompt -b ou=people,dc=example,dc=org '(objectClass=posixAccount)' uid uidNumber gidNumber loginShell entryUUID \
         userPassword pwdAccountLockedTime pwdStartTime pwdEndTime pwdReset shadowExpire shadowLastChange mail >/dev/null"
    )
}
