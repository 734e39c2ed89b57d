//! The time of a reset's frames when a program draws them: Cockpit's login page in a browser, and lightdm.

use sspr_tests::{
    Image, Machine, Suite,
    browser::{Browser, Shows},
    screen::{self, Screen},
};

use crate::{
    ADDRESS, LIMITS, PASSWORD,
    document::Section,
    effort,
    figures::{Row, Samples},
};

/// How often a code is requested, and how often another way: a dialogue ends at its sixtieth question.
const ROUNDS: usize = 25;
/// The intended interval between the steps of a reset, and the most that a frame may come later, in milliseconds.
const BEAT: f64 = 100.0;

/// A blinking cursor changes pixels, and so does a message that GTK slides in for some 200 ms: neither is the dialogue's.
const STILL: &str = "mkdir -p /etc/gtk-3.0
    printf '[Settings]\ngtk-cursor-blink=0\ngtk-enable-animations=0\n' >/etc/gtk-3.0/settings.ini";

pub(crate) fn section() -> Section {
    let rows =
        vec![row("Cockpit's login page in Chromium", &cockpit()), row("lightdm with lightdm-gtk-greeter", &lightdm())];
    Section::new("Screens", rows).below(
        "Steps of a reset, by email and back to the menu by turns, each from the answer to the frame that follows: in the browser until \
         the page has the next question, at the greeter until no pixel changes any more, in pictures that are taken as fast as this \
         machine takes them, without GTK's animations. The agent says each step 100 ms after the answer on purpose; the rest is the program that draws.",
    )
}

fn row(what: &str, frames: &Samples) -> Row {
    let slower = frames.median() / 1e6 - BEAT;
    Row::aimed(
        format!("A frame of a reset: {what}"),
        "at most a beat after the beat",
        slower <= BEAT,
        format!("{}, {} frames", frames.in_words(), frames.count()),
    )
    .floor("100 ms, a beat")
}

fn machine(image: Image) -> sspr_tests::machine::Builder {
    Machine::with(image).switched_on().with_mail().user("alice", PASSWORD).settings(LIMITS)
}

fn cockpit() -> Samples {
    let machine = machine(Image::with_browser(Suite::Bookworm)).prepare("systemctl enable -q cockpit.socket").boot();
    machine.registers_email("alice", PASSWORD, ADDRESS);
    let browser = Browser::start(&machine);
    assert!(matches!(browser.logs_in("alice", ""), Shows::Question(..)));
    for _ in 0..effort(ROUNDS, 4) {
        for answer in ["e", "other"] {
            let shown = browser.answers(answer);
            assert!(matches!(shown, Shows::Question(..)), "{shown:?}");
        }
    }
    // The first one is the empty password, which the module answers by beginning a dialogue.
    browser.times().iter().skip(1).map(|milliseconds| milliseconds * 1e6).collect()
}

fn lightdm() -> Samples {
    let greeter = "lightdm-gtk-greeter";
    let machine = machine(Image::with_screens())
        .prepare(screen::PREPARE)
        .prepare(&screen::lightdm(greeter))
        .prepare(STILL)
        .boot();
    machine.registers_email("alice", PASSWORD, ADDRESS);
    let screen = Screen::display(&machine, greeter);
    machine.must("systemctl reset-failed lightdm 2>/dev/null; systemctl restart lightdm");
    screen.reads(&["alice", "Log In"]).types("").reads(&["a code to your registered"]);
    let answers = ["e", "other"].into_iter().cycle().take(2 * effort(ROUNDS, 4));
    answers.map(|answer| screen.types_and_looks(answer).unwrap() * 1e6).collect()
}
