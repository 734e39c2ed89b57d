//! The administrators' page in Cockpit, in a browser, as carol uses it: she may use sudo.

use std::{
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sspr_tests::{Image, Machine, Suite, browser::Browser, host, machine::line_showing};

const PASSWORD: &str = "rain on a tin roof";
const ALICE: &str = "alice@example.org";
/// The possible value of a name, a reason or an address, if it were treated as HTML.
const HOSTILE: &str = "<img src=x onerror=document.title=1>";
const SETTINGS: &str = "/etc/sspr/sspr.toml";
/// The number of other accounts.
const CROWD: usize = 100_000;

#[test]
#[ignore = "some minutes in a browser; make test-full"]
fn carol_does_in_cockpit_what_a_desk_does_by_hand_and_screen_reader_among_a_hundred_thousand_on_debian_12() {
    desk(Suite::Bookworm);
}

#[test]
#[ignore = "the same on Debian 13; make test-full"]
fn carol_does_in_cockpit_what_a_desk_does_by_hand_and_screen_reader_among_a_hundred_thousand_on_debian_13() {
    desk(Suite::Trixie);
}

fn desk(suite: Suite) {
    let machine = Machine::with(Image::with_browser(suite))
        .with_mail()
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .user("carol", PASSWORD)
        .settings("[scope]\nenable = \"all\"\n[register]\nmode = \"off\"\n[code]\ntries = 5\n")
        .prepare(&format!(
            "systemctl enable -q cockpit.socket
             usermod -aG sudo carol
             # With nss-systemd, which Debian 13's image has, the C library takes 0.3 ms for the groups of each account.
             echo 'initgroups: files' >>/etc/nsswitch.conf
             # Accounts without a password, which nobody signs in to.
             awk 'BEGIN {{ for (n = 1; n <= {CROWD}; n++) printf \"crowd%06d:x:%d:100::/nonexistent:/bin/sh\\n\", n, 200000 + n }}' >>/etc/passwd"
        ))
        .boot();
    machine.must(&format!(
        "printf 'name,email\\nalice,{ALICE}\\n' >/tmp/first.csv && sspr admin import /tmp/first.csv
         sspr admin exempt --reason '{HOSTILE}' bob"
    ));
    let browser = Browser::start(&machine);
    let desk = Desk { browser: &browser, pictures: format!("desk-{suite:?}") };
    desk.comes_in();
    people(&machine, &desk);
    sections(&machine, &desk);
    settings(&machine, &desk);
    imports(&machine, &desk);
    desk.looks_dark();

    let errors = browser.errors();
    assert!(!errors.iter().any(|error| error.contains("Security Policy") || error.contains("/sspr/")), "{errors:?}");
    let trail = machine.must("sspr admin audit --json --since 1h");
    for event in ["Help desk code issued", "Unblock self-service", "Security info revealed"] {
        let by_her = |line: &&str| line.contains(event) && line.contains("\"actor\":\"carol\"");
        // Contacts in full are read once, however often the page reads the rest anew.
        assert_eq!(trail.lines().filter(by_her).count(), 1, "{event}");
    }
}

/// The page, as its user knows it.
pub(crate) struct Desk<'a> {
    pub(crate) browser: &'a Browser<'a>,
    pub(crate) pictures: String,
}

/// The time limit for everything on the page.
const PATIENCE: Duration = Duration::from_secs(30);

impl Desk<'_> {
    /// Signs in with administrative access, and opens the page.
    fn comes_in(&self) {
        self.browser.opens("http://localhost:9090/");
        self.browser.asks_the_page("localStorage.setItem('superuser:carol', 'any')", &json!([])).unwrap();
        self.comes_in_as("carol", PASSWORD);
    }

    /// Signs in, and opens the page.
    pub(crate) fn comes_in_as(&self, user: &str, password: &str) {
        self.browser.logs_in(user, password);
        self.opens_page();
    }

    fn opens_page(&self) {
        self.browser.goes_to("http://localhost:9090/sspr");
        self.browser.enters("iframe[name='cockpit1:localhost/sspr']");
        self.sees("document.querySelector('h1')");
    }

    /// Waits until `look`, in JavaScript, returns something. The page itself may not turn text into code.
    #[track_caller]
    pub(crate) fn sees(&self, look: &str) -> Value {
        let (until, function) = (Instant::now() + PATIENCE, format!("return ({look});"));
        let seen =
            host::wait_for("the page", 2 * PATIENCE, || match self.browser.asks_the_page(&function, &json!([])) {
                Ok(seen) if !seen.is_null() && seen != json!(false) => Some(Ok(seen)),
                missed => (Instant::now() > until).then_some(Err(missed)),
            });
        seen.unwrap_or_else(|missed| {
            self.picture("missed");
            let shown = self.browser.asks_the_page("return document.body.innerText", &json!([]));
            panic!("{look}: {missed:?}; {shown:?}");
        })
    }

    #[track_caller]
    pub(crate) fn reads(&self, text: &str) {
        self.sees(&format!("document.querySelector('main').innerText.includes({})", json!(text)));
    }

    /// The last text for a screen reader.
    #[track_caller]
    pub(crate) fn hears(&self, text: &str) {
        self.sees(&format!("document.getElementById('said').textContent.includes({})", json!(text)));
    }

    /// Presses the topmost button with this text.
    #[track_caller]
    pub(crate) fn presses(&self, text: &str) {
        let button = format!(
            "[...document.querySelectorAll('button')].filter(b => b.textContent === {} && !b.disabled).at(-1)",
            json!(text)
        );
        self.sees(&format!("(b => b && (b.focus(), b.click(), true))({button})"));
    }

    /// The keyboard focus: the text of a button, or the kind of a field.
    #[track_caller]
    pub(crate) fn keyboard_is_at(&self, text: &str) {
        self.sees(&format!(
            "[document.activeElement.textContent, document.activeElement.type, document.activeElement.id].includes({})",
            json!(text)
        ));
    }

    #[track_caller]
    pub(crate) fn types(&self, id: &str, text: &str) {
        self.browser.types(id, text);
    }

    /// The id of the field with this label.
    #[track_caller]
    pub(crate) fn field(&self, label: &str) -> String {
        let find = format!(
            "[...document.querySelectorAll('label')].findLast(l => l.textContent === {})?.htmlFor",
            json!(label)
        );
        self.sees(&find).as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn goes_to(&self, section: &str) {
        self.sees(&format!("(location.hash = '#/{section}', true)"));
        self.sees(&format!("document.querySelector('#sections [aria-current]').hash === '#/{section}'"));
    }

    pub(crate) fn picture(&self, name: &str) {
        self.browser.keeps_picture(&format!("{}-{name}", self.pictures));
    }

    /// What a screen reader needs of the current page.
    #[track_caller]
    pub(crate) fn can_be_read_out(&self) {
        let unnamed = self.browser.asks_the_page(
            "const named = e => e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.labels?.length
                 || (e.tagName === 'BUTTON' || e.tagName === 'A' || e.tagName === 'SUMMARY') && e.textContent.trim();
             const wrong = [...document.querySelectorAll('input, select, textarea, button, a, summary, [role=region], nav, svg[role=img]')]
                 .filter(e => !named(e)).map(e => e.outerHTML.slice(0, 100));
             const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
             if (new Set(ids).size !== ids.length) wrong.push('an id twice');
             if (document.querySelectorAll('h1').length !== 1) wrong.push('not one heading');
             if (document.querySelectorAll('main, nav#sections').length !== 2) wrong.push('no landmarks');
             if (!document.documentElement.lang || !document.title) wrong.push('no language or title');
             for (const table of document.querySelectorAll('table'))
                 if (!table.caption || table.querySelector('th:not([scope])')) wrong.push('a table without a name or heads');
             return wrong;",
            &json!([]),
        );
        assert_eq!(unnamed.unwrap(), json!([]));
    }

    /// In the dark theme, text is distinguishable from its background.
    pub(crate) fn looks_dark(&self) {
        self.browser.asks_the_page("localStorage.setItem('shell:style', 'dark')", &json!([])).unwrap();
        self.opens_page();
        self.sees(
            "document.documentElement.classList.contains('dark') && document.querySelector('tbody tr, main form')",
        );
        self.sees("getComputedStyle(document.body).backgroundColor === 'rgb(21, 21, 21)'");
        self.picture("dark");
    }
}

/// From the list to one user, and the help desk's actions there.
fn people(machine: &Machine, desk: &Desk<'_>) {
    desk.sees("document.querySelectorAll('tbody tr').length === 50");
    desk.hears("1 to 50 of 100,003");
    desk.can_be_read_out();
    desk.picture("people");
    let took = desk.browser.asks_the_page(
        "const search = document.querySelector('input[type=search]'), begun = performance.now();
         search.focus(); search.value = 'crowd09999'; search.dispatchEvent(new Event('input'));
         return new Promise(resolve => { const turn = () => document.querySelectorAll('tbody tr').length === 10
             ? resolve(performance.now() - begun) : setTimeout(turn, 5); turn(); });",
        &json!([]),
    );
    let took = took.unwrap().as_f64().unwrap();
    std::io::stderr().write_all(format!("A search among {CROWD} took {took:.0} ms\n").as_bytes()).unwrap();
    desk.keyboard_is_at("search");
    desk.sees("(s => (s.value = '', s.dispatchEvent(new Event('input')), true))(document.querySelector('input[type=search]'))");
    desk.hears("1 to 50 of");
    let chooses = |word: &str| {
        desk.sees(&format!(
            "(s => (s.value = '{word}', s.dispatchEvent(new Event('change')), true))(document.querySelector('.toolbar select'))"
        ));
    };
    chooses("suspended");
    desk.hears("0 to 0 of 0");
    chooses("");
    desk.hears("1 to 50 of");
    desk.presses("Next");
    desk.hears("51 to 100 of");
    desk.types(&desk.field("Search by name"), "ALIC");
    desk.hears("1 to 1 of 1");
    desk.sees("(document.querySelector('tbody a').click(), true)");
    desk.keyboard_is_at("content");
    desk.reads("a***@e***.org");
    desk.reads("This user can reset the password.");
    desk.can_be_read_out();
    desk.picture("person");
    desk.presses("Show contacts in full");
    desk.reads(ALICE);
    registered_first(machine, desk);

    desk.presses("Give out a code");
    desk.sees("document.querySelector('dialog[open]')");
    desk.presses("Give out a code");
    let code = desk.sees("document.querySelector('dialog p.code')?.textContent");
    let code = code.as_str().unwrap();
    desk.picture("code");
    desk.presses("Close");
    desk.keyboard_is_at("Give out a code");
    desk.sees(&format!("!document.documentElement.outerHTML.includes({})", json!(code)));
    assert!(machine.must("sspr admin show alice").contains("from carol, good until"));
    let journal = machine.whole_journal();
    for secret in [code, ALICE] {
        assert_eq!(line_showing(&journal, secret), None, "{secret} is in the journal");
    }
    desk.presses("Unblock");
    desk.reads("Self-service of alice is not suspended.");
    desk.keyboard_is_at("Unblock");
    // Escape changes nothing.
    desk.presses("Delete the registration");
    desk.sees("document.querySelector('dialog[open]')");
    desk.sees("(document.querySelector('dialog').requestClose?.() ?? document.querySelector('dialog').close(), true)");
    desk.reads(ALICE);
    desk.presses("Delete the registration");
    desk.sees("document.querySelector('dialog[open]')");
    desk.presses("Delete the registration");
    desk.reads("What alice had registered is deleted.");

    desk.sees("(location.hash = '#/people/bob', true)");
    desk.reads(HOSTILE);
    desk.reads("Nothing is registered.");
    desk.presses("End the exemption");
    desk.reads("bob is asked to register again.");
    desk.presses("Exempt");
    desk.types(&desk.field("Reason"), HOSTILE);
    desk.sees("(document.querySelector('dialog button[type=submit]').click(), true)");
    desk.reads("bob need not register.");
    assert!(machine.must("sspr admin show bob").contains(HOSTILE));
    desk.sees("(location.hash = '#/people/nobody-at-all', true)");
    desk.reads("there is no such account");
}

/// Among other users' first registrations, as through a host of a fleet.
fn registered_first(machine: &Machine, desk: &Desk<'_>) {
    let database = machine.root().join("var/lib/sspr/sspr.db").display().to_string();
    let has = |waits: &str, via: &str, source: &str| {
        let statement = format!(
            "UPDATE registration SET waits = {waits}, via = {via} WHERE name = 'alice';
             UPDATE contact SET source = {source} WHERE name = 'alice'"
        );
        host::command("sqlite3", ["-cmd", ".timeout 5000", &database, &statement]);
        desk.sees("(location.hash = '#/people', true)");
        desk.sees("document.querySelector('tbody tr')");
        desk.sees("(location.hash = '#/people/alice', true)");
    };
    let soon = "unixepoch() + 3600";
    has(soon, "'h-7f3a'", "NULL");
    desk.reads("No reset is possible now.");
    desk.reads("Until then, a help desk code works. Registered through host h-7f3a.");
    desk.picture("waits");
    has(soon, "''", "'import'");
    desk.reads("This user can reset the password.");
    has("NULL", "NULL", "'import'");
    desk.reads("This user can reset the password.");
}

/// The sections that only show something.
fn sections(machine: &Machine, desk: &Desk<'_>) {
    desk.goes_to("report");
    desk.sees("document.querySelectorAll('.days g').length === 14");
    desk.reads("100,003");
    desk.types(&desk.field("Groups"), "sudo, no-such-group");
    desk.presses("Show");
    desk.reads("there is no group no-such-group");
    desk.types(&desk.field("Groups"), "sudo, staff");
    desk.presses("Show");
    desk.hears("Groups: 2");
    desk.sees("[...document.querySelectorAll('tbody tr')].some(row => /^sudo\\s1\\s1\\s/.test(row.innerText))");
    desk.can_be_read_out();
    desk.picture("report");

    desk.goes_to("audit");
    desk.reads("Help desk code issued");
    desk.can_be_read_out();
    desk.picture("audit");
    desk.types(&desk.field("Contains"), "no such record");
    desk.hears("Records: 0");
    desk.types(&desk.field("Contains"), "");
    desk.presses("Follow");
    machine.must("sspr admin unblock bob");
    desk.sees("[...document.querySelectorAll('tbody tr')].some(r => r.innerText.includes('Unblock') && r.innerText.includes('bob'))");
    desk.presses("Stop following");

    machine.must("chmod 644 /etc/sspr/smtp-password");
    desk.goes_to("doctor");
    desk.sees("document.querySelectorAll('.findings li').length > 10");
    desk.sees("[...document.querySelectorAll('.findings li')].some(one => one.textContent.includes('chmod'))");
    desk.can_be_read_out();
    desk.picture("doctor");
    machine.must("chmod 600 /etc/sspr/smtp-password");

    desk.goes_to("messages");
    desk.types(&desk.field("Email address"), ALICE);
    desk.sees("(document.querySelector('form button').click(), true)");
    desk.reads(&format!("accepted the message to {ALICE}"));
    desk.can_be_read_out();
    desk.picture("message");
}

/// The settings: compared, checked and written, but not over another administrator's changes.
fn settings(machine: &Machine, desk: &Desk<'_>) {
    let path = machine.root().join(SETTINGS.trim_start_matches('/'));
    let seen = || {
        let meta = std::fs::metadata(&path).unwrap();
        (std::fs::read_to_string(&path).unwrap(), meta.mode() & 0o7777, meta.uid(), meta.gid())
    };
    let changes = |from: &str, to: &str| {
        desk.sees(&format!(
            "(text => text.value.includes({0}) && (text.value = text.value.replace({0}, {1}), text.dispatchEvent(new Event('input')), true))
             (document.querySelector('textarea'))",
            json!(from),
            json!(to)
        ));
    };
    machine.must(&format!("chmod 604 {SETTINGS}"));
    desk.goes_to("settings");
    desk.sees("document.querySelector('textarea').value.includes('tries')");
    desk.can_be_read_out();
    changes("tries = 5", "trise = 5");
    desk.presses("Check and compare");
    desk.reads("These settings are not valid.");
    desk.reads(&format!("{SETTINGS}:"));
    desk.picture("wrong");
    assert!(seen().0.contains("tries = 5"));

    changes("trise = 5", "tries = 4");
    desk.presses("Check and compare");
    desk.sees("document.querySelector('.diff .in').textContent.includes('tries = 4')");
    desk.sees("document.querySelector('.diff .out').textContent.includes('tries = 5')");
    desk.can_be_read_out();
    desk.picture("difference");
    desk.presses("Save");
    desk.reads("Saved, and in use.");
    let (text, mode, uid, gid) = seen();
    assert!(text.contains("tries = 4"), "{text}");
    assert_eq!((mode, uid, gid), (0o604, 0, 0));
    assert!(machine.must("sspr config show").contains("tries = 4"));

    changes("tries = 4", "tries = 3");
    desk.presses("Check and compare");
    desk.reads("These settings are valid.");
    machine.must(&format!("echo '# by another administrator' >>{SETTINGS}"));
    desk.presses("Save");
    desk.reads("The file was changed since it was read.");
    desk.picture("changed-meanwhile");
    assert!(seen().0.contains("tries = 4"));
}

/// A file is checked, its faulty rows are shown, and the others are imported.
fn imports(machine: &Machine, desk: &Desk<'_>) {
    machine.must(&format!(
        "{{ printf 'name,email\\nalice,{ALICE}\\nbob,bob@\\n{HOSTILE},x@example.org\\n'
            awk 'BEGIN {{ for (n = 1; n <= 3000; n++) printf \"crowd%06d,crowd%d@example.org\\n\", n, n }}'; }} >/home/browser/people.csv"
    ));
    desk.goes_to("import");
    desk.types(&desk.field("File"), "/home/browser/people.csv");
    desk.presses("Check the file");
    desk.reads("Can be imported: 3,001. Unchanged: 0. Faults: 2.");
    desk.reads(HOSTILE);
    desk.can_be_read_out();
    desk.picture("faults");
    desk.presses("Import the other 3,001");
    desk.reads("Imported: 3,001. Faults: 2.");
    assert!(machine.must("sspr admin show alice").contains("a***@e***.org"));
}
