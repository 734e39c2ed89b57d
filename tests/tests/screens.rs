//! Places without a terminal: Cockpit's login page in a browser, display managers and lockers, as users see them.

use std::io::Write as _;

use sspr_tests::{
    Image, Machine, Suite,
    browser::{Browser, Shows},
    machine::line_showing,
    screen::{self, Screen},
};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const ALICE: &str = "alice@example.org";
/// The intended interval between a reset's steps.
const BEAT: f64 = 100.0;

type Breaks = fn(&Machine);

/// The faults of the agent.
const BROKEN: [(&str, Breaks); 2] =
    [("dead", |machine| machine.agent().kill()), ("frozen", |machine| machine.agent().freeze())];

/// A code other than the correct one.
fn wrong(code: &str) -> String {
    let last = code.chars().last().unwrap();
    format!("{}{}", &code[..code.len() - 1], if last == '7' { '3' } else { '7' })
}

fn machine(image: Image) -> sspr_tests::machine::Builder {
    Machine::with(image)
        .switched_on()
        .with_mail()
        .with_gateway()
        .user("alice", OLD)
        .user("bob", OLD)
        .settings("[scope]\nenable = \"all\"\n")
}

/// Writes to the log, bypassing the capture of a test's output.
fn tells(said: &str) {
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

#[test]
fn in_cockpits_login_page_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out_on_debian_12() {
    cockpit(Suite::Bookworm);
}

#[test]
#[ignore = "the same on Debian 13; make test-full"]
fn in_cockpits_login_page_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out_on_debian_13() {
    cockpit(Suite::Trixie);
}

fn cockpit(suite: Suite) {
    let machine = machine(Image::with_browser(suite)).prepare("systemctl enable -q cockpit.socket").boot();
    let browser = Browser::start(&machine);
    let picture = |name: &str| browser.keeps_picture(&format!("cockpit-{suite:?}-{name}"));
    let before = machine.shadow("alice");

    // Registers, with a typo in the code.
    browser.logs_in("alice", OLD).asks("If you ever can't sign in, a code can let you in.", "1, 2 or 3");
    picture("registration");
    browser.answers("1").asks("Which email address?", "Email address");
    let asked = browser.answers(ALICE);
    asked.asks(&format!("It goes to {ALICE}."), "Code:");
    let code = machine.mailbox(ALICE).wait_for_code(1);
    browser.answers(&wrong(&code)).asks("That code is not right.", "Code:");
    browser.answers(&code).asks("Done, you are registered.", "Press Enter to go on:");
    assert_eq!(browser.answers(""), Shows::Inside);
    assert_eq!(browser.logs_in("alice", OLD), Shows::Inside);

    // Forgets and resets.
    let menu = browser.logs_in("alice", "");
    menu.asks("How do you want to show that it is you? e: a code to your registered email address; ", "Your choice");
    picture("reset");
    browser.answers("e").asks("a code is on its way there.", "Code:");
    let code = machine.mailbox(ALICE).wait_for_code(2);
    browser.answers(&wrong(&code)).asks("That code is not right.", "Code:");
    let times = browser.times();
    let asked = browser.answers(&code);
    asked.asks("Choose a new password", "New password:");
    assert!(matches!(asked, Shows::Question(_, _, true)), "{asked:?}");
    picture("new-password");
    browser.answers("abc").asks("too short", "New password:");
    browser.answers(NEW).asks("", "Type it again:");
    assert_eq!(machine.shadow("alice"), before);
    assert_eq!(browser.answers(NEW), Shows::Inside);
    assert_ne!(machine.shadow("alice"), before);
    picture("inside");
    let ratios: Vec<String> = times.iter().map(|time| format!("{:.2}", time / BEAT)).collect();
    tells(&format!("A reset in Cockpit on {suite:?}, each step as a multiple of the beat: {}\n", ratios.join(" ")));

    // Cockpit writes its messages to the journal, so they must contain no address, and no key of an app.
    browser.logs_in("bob", OLD).asks("Where can it reach you?", "1, 2 or 3");
    let Shows::Question(_, shown, _) = browser.answers("3") else { panic!("no key for an app") };
    let group = |word: &&str| word.len() == 4 && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let key: Vec<&str> = shown.split(' ').filter(group).collect();
    assert_eq!(key.len(), 8, "{shown}");
    let journal = machine.whole_journal();
    for secret in [ALICE, NEW, &key.join(" "), key[3]] {
        assert_eq!(line_showing(&journal, secret), None, "{secret} is in the journal");
    }

    assert!(matches!(browser.logs_in("alice", OLD), Shows::Fields(error) if !error.is_empty()));
    assert_eq!(browser.logs_in("alice", NEW), Shows::Inside);

    // Whatever is broken on our side, the correct password signs in, and Enter says that there is no reset.
    for (state, breaks) in BROKEN {
        breaks(&machine);
        assert_eq!(browser.logs_in("bob", OLD), Shows::Inside, "{state}");
        browser.logs_in("alice", "").asks("Reset isn't available right now.", "Password:");
        picture(state);
        assert_eq!(browser.answers(NEW), Shows::Inside, "{state}");
        machine.agent().restart();
    }
}

/// The story at each display manager: `begins` leads from its first picture to the question for alice's password.
fn display_manager(machine: &Machine, screen: &Screen<'_>, unit: &str, begins: fn(&Screen<'_>)) {
    let before = machine.shadow("alice");
    // slick-greeter shows six lines. The text before gtkgreet's field was read before, and is too small for a test to
    // read.
    let is_read = !["slick-greeter", "gtkgreet"].contains(&screen.name());
    let asks = |text| if is_read { screen.reads(&[text]) } else { screen };
    let anew = || {
        machine.must(&format!("systemctl reset-failed {unit} 2>/dev/null; systemctl restart {unit}"));
        begins(screen);
    };
    // Registers, with a typo in the code.
    anew();
    screen.types(OLD).reads(&["Where can it reach you"]).keeps_picture("registration").goes_on();
    asks("Enter for not now").types("1").told("Which email address");
    asks("Enter to go back").types(ALICE).told("on its way");
    let code = machine.mailbox(ALICE).wait_for_code(1);
    screen
        .types(&wrong(&code))
        .told("That code is not right")
        .types(&code)
        .told("you are registered")
        .types("")
        .is_in("alice", 1);

    // Forgets and resets.
    anew();
    screen.types("").reads(&["a code to your registered"]).keeps_picture("reset").goes_on();
    asks("Enter to go back");
    let mut steps = vec![screen.types_and_looks("e")];
    screen.reads(&["a code is on its way"]).keeps_picture("code").goes_on();
    let code = machine.mailbox(ALICE).wait_for_code(2);
    steps.push(screen.types_and_looks(&wrong(&code)));
    screen.told("That code is not right").types(&code).reads(&["Choose a new password"]).keeps_picture("new-password");
    screen.goes_on().types("abc").told("too short").types(NEW).told("take up to a minute");
    asks("Type it again");
    assert_eq!(machine.shadow("alice"), before);
    screen.types(NEW).is_in("alice", 2);
    assert_ne!(machine.shadow("alice"), before);
    let ratios: Vec<String> = steps.iter().flatten().map(|time| format!("{:.2}", time / BEAT)).collect();
    if !ratios.is_empty() {
        tells(&format!("A reset at {}, each step as a multiple of the beat: {}\n", screen.name(), ratios.join(" ")));
    }

    // It must not log the text that it shows.
    let logs = machine.whole_journal() + &machine.run("cat /var/log/lightdm/*").stdout;
    for secret in [ALICE, NEW] {
        assert_eq!(line_showing(&logs, secret), None, "{secret} is in a log");
    }

    // Whatever is broken on our side, the correct password signs in, and Enter says that there is no reset.
    let mut count = 2;
    for (state, breaks) in BROKEN {
        breaks(machine);
        anew();
        screen.types("").reads(&["available right now"]).keeps_picture(state).goes_on();
        screen.types(NEW).is_in("alice", count + 1);
        anew();
        screen.types(NEW).is_in("alice", count + 2);
        count += 2;
        machine.agent().restart();
    }
}

/// lightdm with one of its greeters.
fn lightdm(greeter: &str) -> Machine {
    machine(Image::with_screens()).prepare(screen::PREPARE).prepare(&screen::lightdm(greeter)).boot()
}

#[test]
fn at_lightdms_gtk_greeter_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out() {
    let machine = lightdm("lightdm-gtk-greeter");
    let screen = Screen::display(&machine, "lightdm-gtk-greeter");
    display_manager(&machine, &screen, "lightdm", |screen| {
        screen.reads(&["alice", "Log In"]);
    });
}

#[test]
#[ignore = "what CI has for screens is three minutes; make test-full"]
fn at_lightdms_slick_greeter_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out() {
    let machine = lightdm("slick-greeter");
    let screen = Screen::display(&machine, "slick-greeter");
    display_manager(&machine, &screen, "lightdm", |screen| {
        screen.reads(&["alice", "Forgotten"]);
    });
}

/// greetd with a greeter in a terminal.
fn greetd(greeter: &str) {
    let machine = machine(Image::with_greeters())
        .prepare(screen::PREPARE)
        .prepare(&format!(
            "{{ printf '[terminal]\\nvt = \"none\"\\n[default_session]\\nuser = \"_greetd\"\\n'
               echo 'command = \"/usr/local/bin/greeter-of-the-tests \\\"{greeter} --cmd /usr/local/bin/session-of-the-tests\\\"\"'; }} \\
                 >/etc/greetd/config.toml"
        ))
        .boot();
    let screen = Screen::terminal(&machine, greeter.rsplit('/').next().unwrap());
    display_manager(&machine, &screen, "greetd", |screen| {
        screen
            .reads(&[if screen.name() == "tuigreet" { "Username" } else { "Debian GNU" }])
            .types("alice")
            .reads(&["Password"]);
    });
}

#[test]
#[ignore = "a Debian 13 of its own; make test-full"]
fn at_greetds_agreety_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out() {
    greetd("/usr/sbin/agreety");
}

#[test]
#[ignore = "a Debian 13 of its own; make test-full"]
fn at_greetds_tuigreet_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out() {
    greetd("tuigreet");
}

#[test]
#[ignore = "a Debian 13 of its own; make test-full"]
fn at_greetds_gtkgreet_alice_registers_resets_and_is_in_and_a_broken_agent_keeps_nobody_out() {
    let machine = machine(Image::with_wayland())
        .prepare(screen::PREPARE)
        .prepare(
            "{ printf '[terminal]\\nvt = \"none\"\\n[default_session]\\nuser = \"_greetd\"\\n'
               echo 'command = \"/usr/local/bin/wayland-of-the-tests gtkgreet -c /usr/local/bin/session-of-the-tests\"'; } \\
                 >/etc/greetd/config.toml",
        )
        .boot();
    let screen = Screen::gtkgreet(&machine);
    display_manager(&machine, &screen, "greetd", |screen| {
        screen.reads(&["Greeter"]).types("alice").reads(&["Forgotten", "Password"]);
    });
}

/// The locker of alice's screen: a program in a session of hers, with a bus.
struct Locker {
    name: &'static str,
    /// Starts it and locks, in a shell of alice's.
    locks: &'static str,
    /// Fails while the screen is locked.
    is_open: &'static str,
}

/// A user at their own locked screen: the host is not root, so no user is asked to register there.
fn locker(image: Image, locker: &Locker) {
    let machine = machine(image)
        .prepare(screen::PREPARE)
        .prepare(&format!(
            "cat >/usr/local/bin/locks <<'X'\n#!/bin/sh\n{}\nX\nchmod 755 /usr/local/bin/locks",
            locker.locks
        ))
        .boot();
    machine.registers_email("alice", OLD, ALICE);
    let (screen, before) = (Screen::display(&machine, locker.name), machine.shadow("alice"));
    let alices = "--uid=alice --working-directory=/home/alice --setenv=HOME=/home/alice --setenv=DISPLAY=:0 --setenv=LANG=C.UTF-8";
    machine.must(&format!(
        "systemd-run --quiet --unit=x {alices} Xvfb :0 -screen 0 1024x768x24 -nolisten tcp
         timeout 20 sh -c 'until DISPLAY=:0 xdotool getmouselocation >/dev/null 2>&1; do sleep 0.1; done'"
    ));
    let locks = || {
        machine.run("systemctl stop locker; systemctl reset-failed locker");
        machine.must(&format!(
            "rm -f /tmp/bus; systemd-run --quiet --unit=locker {alices} dbus-run-session -- /usr/local/bin/locks"
        ));
        let bus = "export DISPLAY=:0 DBUS_SESSION_BUS_ADDRESS=\"$(cat /tmp/bus)\"";
        let asks = format!("{bus}; setpriv --reuid=alice --regid=alice --clear-groups sh -c '{}'", locker.is_open);
        machine.must(&format!("timeout 30 sh -c 'while ! [ -s /tmp/bus ]; do sleep 0.1; done'\nfor n in $(seq 300); do ({asks}) || exit 0; sleep 0.1; done; exit 1"));
        format!("for n in $(seq 300); do ({asks}) && exit 0; sleep 0.1; done; exit 1")
    };
    let open = locks();
    screen.wakes(&["alice"]).keeps_picture("locked");
    screen.types("").reads(&["a code to your registered"]).keeps_picture("reset");
    screen.types("e").reads(&["a code is on its way"]);
    let code = machine.mailbox(ALICE).wait_for_code(2);
    screen.types(&wrong(&code)).reads(&["That code is not right"]).types(&code).reads(&["Choose a new password"]);
    screen.keeps_picture("new-password").types(NEW).reads(&["Type it again"]).types(NEW);
    machine.must(&open);
    assert_ne!(machine.shadow("alice"), before);
    for (state, breaks) in BROKEN {
        breaks(&machine);
        let open = locks();
        screen.wakes(&["alice"]).types("").reads(&["available right now"]).keeps_picture(state).types(NEW);
        machine.must(&open);
        let open = locks();
        screen.wakes(&["alice"]).types(NEW);
        machine.must(&open);
        machine.agent().restart();
    }
}

#[test]
#[ignore = "what CI has for screens is three minutes; make test-full"]
fn at_mates_locker_alice_resets_and_is_back_and_a_broken_agent_keeps_nobody_out() {
    locker(
        Image::with_screens(),
        &Locker {
            name: "mate-screensaver",
            locks: "mate-screensaver --no-daemon &
until mate-screensaver-command --lock; do sleep 0.1; done
echo \"$DBUS_SESSION_BUS_ADDRESS\" >/tmp/bus
wait",
            is_open: "mate-screensaver-command --query | grep -q inactive",
        },
    );
}

#[test]
#[ignore = "a Debian 13 of its own; make test-full"]
fn at_xfces_locker_alice_resets_and_is_back_and_a_broken_agent_keeps_nobody_out() {
    locker(
        Image::with_greeters(),
        &Locker {
            name: "xfce4-screensaver",
            locks: "xfce4-screensaver &
until xfce4-screensaver-command --lock; do sleep 0.1; done
echo \"$DBUS_SESSION_BUS_ADDRESS\" >/tmp/bus
wait",
            is_open: "xfce4-screensaver-command --query | grep -q inactive",
        },
    );
}

#[test]
#[ignore = "what CI has for screens is three minutes; make test-full"]
fn at_xscreensaver_alice_resets_and_is_back_and_a_broken_agent_keeps_nobody_out() {
    locker(
        Image::with_screens(),
        &Locker {
            name: "xscreensaver",
            locks: "echo 'mode: blank' >~/.xscreensaver
xscreensaver --no-splash &
until xscreensaver-command --lock; do sleep 0.1; done
echo \"$DBUS_SESSION_BUS_ADDRESS\" >/tmp/bus
wait",
            is_open: "xscreensaver-command --time | grep -q non-blanked",
        },
    );
}
