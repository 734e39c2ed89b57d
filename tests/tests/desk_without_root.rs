//! The page in Cockpit for dora, who is of the help desk and no administrator, and for bob, who is neither.

use serde_json::json;
use sspr_tests::{Image, Machine, Suite, browser::Browser};

use crate::desk::Desk;

const PASSWORD: &str = "rain on a tin roof";
const ALICE: &str = "alice@example.org";

#[test]
#[ignore = "a minute in a browser; make test-full"]
fn dora_of_the_help_desk_verifies_a_caller_and_gives_a_code_in_cockpit_without_root_and_bob_reads_what_is_missing() {
    let machine = Machine::with(Image::with_browser(Suite::Bookworm))
        .with_mail()
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .user("carol", PASSWORD)
        .user("dora", PASSWORD)
        .settings("[scope]\nenable = \"all\"\n[register]\nmode = \"off\"\n[helpdesk]\ngroup = \"desk\"\n")
        .prepare("systemctl enable -q cockpit.socket; groupadd desk; usermod -aG desk dora; usermod -aG sudo carol")
        .boot();
    machine.must(&format!(
        "printf 'name,email\\nalice,{ALICE}\\n' >/tmp/first.csv && sspr admin import /tmp/first.csv
         sspr admin show alice | grep -q 'a\\*\\*\\*@e'"
    ));
    let browser = Browser::start(&machine);
    let desk = Desk { browser: &browser, pictures: "desk-without-root".to_owned() };

    desk.comes_in_as("bob", PASSWORD);
    desk.reads("You need administrative access.");
    desk.reads("Members of the help desk need none.");
    desk.sees("document.querySelectorAll('#sections a').length === 0");
    desk.can_be_read_out();
    desk.picture("bob");

    desk.comes_in_as("dora", PASSWORD);
    desk.sees("[...document.querySelectorAll('#sections a')].map(a => a.textContent).join() === 'Help desk'");
    desk.can_be_read_out();
    desk.picture("dora");
    desk.types(&desk.field("Account"), "alice");
    desk.presses("Show");
    desk.reads("a***@e***.org");
    desk.keyboard_is_at("content");
    desk.can_be_read_out();
    desk.picture("alice");
    for root in ["Show contacts in full", "Exempt", "Delete the registration"] {
        desk.sees(&format!("![...document.querySelectorAll('button')].some(b => b.textContent === {})", json!(root)));
    }
    verifies(&machine, &desk);

    desk.presses("Give out a code");
    desk.sees("document.querySelector('dialog[open]')");
    desk.presses("Give out a code");
    let code = desk.sees("document.querySelector('dialog p.code')?.textContent");
    desk.presses("Close");
    desk.keyboard_is_at("Give out a code");
    assert!(machine.must("sspr admin show alice").contains("from dora, good until"));
    desk.presses("Unblock");
    desk.reads("Self-service of alice is not suspended.");

    desk.sees("(location.hash = '#/desk/carol', true)");
    desk.reads("it is an administrator's");
    // There is no way to a section of root's.
    desk.sees("(location.hash = '#/settings', true)");
    desk.sees("document.querySelector('h1').textContent === 'Help desk'");
    desk.looks_dark();

    let errors = browser.errors();
    assert!(!errors.iter().any(|error| error.contains("Security Policy") || error.contains("/sspr/")), "{errors:?}");
    let trail = machine.must("sspr admin audit --json");
    for event in ["Help desk code issued", "Unblock self-service", "Caller verified (help desk)"] {
        let by_her = |line: &&str| line.contains(event) && line.contains("\"actor\":\"dora\"");
        assert!(trail.lines().any(|line| by_her(&line)), "{event}: {trail}");
    }
    assert!(!trail.contains("\"actor\":\"bob\""), "{trail}");
    assert!(!machine.whole_journal().contains(code.as_str().unwrap()));
}

/// A caller who reads out the code from the mail, after a wrong one.
fn verifies(machine: &Machine, desk: &Desk<'_>) {
    desk.presses("Verify the caller");
    desk.sees("document.querySelector('dialog[open]')");
    desk.presses("Send the code");
    desk.sees("document.querySelector('dialog[open]').innerText.includes('a***@e***.org')");
    let code = machine.mailbox(ALICE).wait_for_message().code();
    let field = desk.field("Code from the caller");
    desk.types(&field, if code == "000000" { "111111" } else { "000000" });
    desk.presses("Check the code");
    desk.sees("document.querySelector('dialog[open]').innerText.includes('The code does not match. Tries left:')");
    desk.picture("wrong");
    desk.types(&field, &code);
    desk.presses("Check the code");
    desk.reads("The code matches: the caller has what is registered for alice.");
    desk.keyboard_is_at("Verify the caller");
    desk.picture("verified");
}
