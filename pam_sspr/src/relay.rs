//! The relay: shows the agent's steps and sends the answers, until a step says how the dialogue ended. A step that the
//! agent may not send ends the dialogue: see [`Rules::allow`].

use std::time::{Duration, Instant};

use sspr_config::dialogue::{ANSWER_MAX, Ask, Purpose, Standing, Step, UNTOLD, VOUCHED};

use crate::agent::{ANSWER_PATIENCE, Agent, Beginning, Dialogue, PASSWORD_PATIENCE, Trouble};
use crate::errand::{Errand, Pasted};
use crate::host::{Host, Level, Secret, Style};
use crate::program::Answers;
use crate::rules::Rules;
use crate::{presentation, text};

/// The most steps of one dialogue: far more than a person needs, and few enough to stop an agent that never ends.
const STEPS_MAX: u32 = 200;

/// How long the reply to an empty answer may take if nothing else was typed before: programs send such answers.
const EMPTY_PATIENCE: Duration = Duration::from_secs(1);

/// How much longer the agent's next step may take once the helper has answered or timed out.
const LAST_WORD: Duration = Duration::from_millis(200);

/// The end of a dialogue, as far as the module has to know it.
pub(crate) enum Outcome {
    /// The password was changed to this one. The text may be empty, as in all others.
    Recovered(Secret, String),
    Finished(String),
    Refused(String),
    Denied(String),
    /// The agent could not be reached, or sent an invalid reply.
    Unavailable,
    /// The connection to the agent was lost; the agent keeps what it knows.
    Lost,
    /// The user broke off, or the host could not ask the question.
    HungUp,
    /// The user broke off where that means no, or the host could not ask the question.
    BrokenOff,
    /// There seems to be no person: the agent refused before anything was typed, or the answers look like a program's.
    GivenUp(String),
}

/// Holds one dialogue, from its beginning to its end.
///
/// All of it happens in one `block_on` on the calling thread. A connection that outlived it would be served by a thread
/// of the runtime's own, and the host would not be left as it was found.
pub(crate) fn hold<H: Host, A: Agent>(host: &mut H, agent: &A, errand: &Errand<'_>) -> Outcome {
    let service = String::from_utf8_lossy(host.service().unwrap_or_default()).into_owned();
    let (tty, rhost, locale) = (host.tty(), host.rhost(), host.locale());
    let Errand { purpose, user, .. } = *errand;
    let beginning = Beginning { purpose, user, service: &service, tty: &tty, rhost: &rhost, locale: &locale };
    host.log(Level::Debug, &format!("beginning a dialogue to {}", purpose.as_str()));
    let outcome = zbus::block_on(converse(host, agent, &beginning, errand));
    host.log(Level::Debug, &format!("the dialogue ended: {}", outcome.word()));
    outcome
}

async fn converse<H: Host, A: Agent>(
    host: &mut H,
    agent: &A,
    beginning: &Beginning<'_>,
    errand: &Errand<'_>,
) -> Outcome {
    let start = Instant::now();
    let (mut dialogue, mut step) = match agent.begin(beginning, errand.patience).await {
        Ok(begun) => begun,
        Err(trouble) => {
            host.log(Level::Warning, &format!("the agent can't be reached, the sign-in goes on without: {trouble}"));
            return Outcome::Unavailable;
        }
    };
    let mut new_password = None;
    let mut rules = Rules::new(errand);
    let mut answers = Answers::new(errand, beginning.service, beginning.rhost);
    for _ in 0..STEPS_MAX {
        let said = text::clean(&step.text);
        let prompt = text::clean_line(&step.prompt);
        if let Err(why) = rules.allow(&step, &said, &prompt) {
            host.log(Level::Warning, &format!("the agent does what it may not, it is not listened to: {why}"));
            dialogue.cancel().await;
            return Outcome::Unavailable;
        }
        let standing = Standing::from_wire(step.standing);
        match standing {
            Some(Standing::Asking | Standing::AskingOrDenied) => {}
            Some(Standing::Finished) => return Outcome::Finished(said),
            Some(Standing::Denied) => return Outcome::Denied(said),
            Some(Standing::Recovered) => {
                return match new_password {
                    Some(password) => Outcome::Recovered(password, said),
                    None => Outcome::Refused(said),
                };
            }
            Some(Standing::Refused) | None if answers.any() => return Outcome::Refused(said),
            Some(Standing::GivenUp | Standing::Refused) | None => return Outcome::GivenUp(said),
        }
        let ask = Ask::from_wire(step.ask);
        host.log(Level::Debug, &format!("turn {}, kind of answer {}", step.turn, step.ask));
        let style = match ask {
            Some(Ask::Line) => Style::EchoOn,
            Some(Ask::Secret | Ask::NewPassword) => Style::EchoOff,
            // The dialogue is about to end, so don't compute a hash.
            Some(Ask::Vouch | Ask::Password) if errand.pasted == Pasted::Yes => return too_soon(host, dialogue).await,
            Some(ask @ (Ask::Vouch | Ask::Password)) => {
                step = match vouch(host, &mut dialogue, errand, start, (ask, step.turn)).await {
                    Ok(next) => next,
                    Err(trouble) => return lost(host, &trouble),
                };
                continue;
            }
            Some(Ask::Nothing) | None => {
                host.log(Level::Warning, &format!("the agent asks for an unknown kind of answer, {}", step.ask));
                dialogue.cancel().await;
                return Outcome::Unavailable;
            }
        };
        let binding = standing == Some(Standing::AskingOrDenied);
        let nobody_yet = errand.pasted == Pasted::Required && !answers.any();
        if errand.pasted == Pasted::Yes || nobody_yet && !binding {
            return too_soon(host, dialogue).await;
        }
        let answer = presentation::ask(host, style, &said, &prompt);
        let Some(answer) = answer else {
            dialogue.cancel().await;
            return if binding { Outcome::BrokenOff } else { Outcome::HungUp };
        };
        let declined = nobody_yet && answer.is_empty();
        if style == Style::EchoOn && (answers.is_a_programs(&answer, &prompt) || declined) {
            // A reset ends without a message, as when a client leaves: its host may serve nobody else meanwhile.
            if errand.purpose == Purpose::Register {
                dialogue.leave_to_a_program().await;
            }
            host.log(
                Level::Debug,
                "the answer is one that a program gives; it is not sent on, and nothing more is asked",
            );
            return if binding { Outcome::BrokenOff } else { Outcome::GivenUp(String::new()) };
        }
        let answer = answer.capped(ANSWER_MAX + 1);
        let sent = match style {
            Style::EchoOn => {
                let patience = if answers.may_be_a_programs() { EMPTY_PATIENCE } else { ANSWER_PATIENCE };
                dialogue.answer(step.turn, &answer, patience).await
            }
            Style::EchoOff => dialogue.answer_sealed(step.turn, &answer, PASSWORD_PATIENCE).await,
        };
        step = match sent {
            Ok(next) => next,
            Err(trouble) => return lost(host, &trouble),
        };
        if ask == Some(Ask::NewPassword) {
            new_password = Some(answer);
        }
    }
    host.log(Level::Warning, "the agent does not come to an end");
    dialogue.cancel().await;
    Outcome::Unavailable
}

/// Tells the agent the helper's verdict on the typed password. The helper may have to be started, and computes a hash,
/// so it may take as long as the agent's first step. Where a server checks the password, one deadline counts for both.
async fn vouch<H: Host, D: Dialogue>(
    host: &H,
    dialogue: &mut D,
    errand: &Errand<'_>,
    start: Instant,
    (ask, turn): (Ask, u32),
) -> Result<Step, Trouble> {
    let asked = start.elapsed();
    if let (Ask::Password, Some(typed)) = (ask, errand.typed) {
        return dialogue.answer_sealed(turn, typed, errand.patience.saturating_sub(asked)).await;
    }
    let left = |kept: Duration| (asked + errand.patience).saturating_sub(start.elapsed()).saturating_sub(kept);
    let vouched = match errand.typed {
        Some(typed) => dialogue.vouch(errand.user, typed, left(LAST_WORD)).await,
        None => Ok(false),
    };
    let answer = match vouched {
        Ok(right) => Secret::new(if right { VOUCHED } else { b"" }),
        Err(trouble) => {
            host.log(Level::Warning, &format!("whether the password was right can't be told: {trouble}"));
            Secret::new(UNTOLD)
        }
    };
    dialogue.answer(turn, &answer, left(Duration::ZERO).max(LAST_WORD)).await
}

/// Ends as if the host could not ask: the questions wait for a sign-in at which they can be asked.
async fn too_soon<H: Host, D: Dialogue>(host: &H, mut dialogue: D) -> Outcome {
    host.log(Level::Debug, "the password came too soon to be typed; nothing is asked");
    dialogue.cancel().await;
    Outcome::HungUp
}

fn lost<H: Host>(host: &H, Trouble(trouble): &Trouble) -> Outcome {
    host.log(Level::Warning, &format!("the agent was lost on the way: {trouble}"));
    Outcome::Lost
}

impl Outcome {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Recovered(..) => "recovered",
            Self::Finished(_) => "finished",
            Self::Refused(_) => "refused",
            Self::Denied(_) => "denied",
            Self::Unavailable => "unavailable",
            Self::Lost => "lost",
            Self::HungUp => "hung up",
            Self::BrokenOff => "broken off",
            Self::GivenUp(_) => "given up",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::double::{self as agent, Told, asks, ends};
    use crate::host::double as host;

    const PATIENCE: Duration = Duration::from_secs(2);
    const BEGIN: Told = Told::Begin(Purpose::Recover, PATIENCE);
    const ERRAND: Errand<'_> = Errand {
        purpose: Purpose::Recover,
        user: "alice",
        patience: PATIENCE,
        typed: None,
        pasted: Pasted::No,
        hands_on: false,
    };

    #[track_caller]
    fn held(mut host: host::Script, agent: &agent::Script) -> Outcome {
        let outcome = hold(&mut host, agent, &ERRAND);
        host.done();
        agent.done();
        outcome
    }

    #[test]
    fn each_kind_of_answer_goes_its_way_and_the_new_password_is_kept() {
        let person = host::Script::new()
            .asked(Style::EchoOn, "Pick one.\nMethod: ", "1")
            .asked(Style::EchoOff, "New password: ", "hunter2")
            .asked(Style::EchoOff, "Too short.\nNew password: ", "correct horse")
            .asked(Style::EchoOff, "Again: ", "correct horse!");
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "Pick one.", "Method: "))
            .told(Told::Answer(1, b"1".to_vec()), asks(2, Ask::NewPassword, "", "New password: "))
            .told(Told::Sealed(2, b"hunter2".to_vec()), asks(3, Ask::NewPassword, "Too short.", "New password: "))
            .told(Told::Sealed(3, b"correct horse".to_vec()), asks(4, Ask::Secret, "", "Again: "))
            .told(Told::Sealed(4, b"correct horse!".to_vec()), ends(5, Standing::Recovered, "Done."));
        let Outcome::Recovered(password, said) = held(person, &agent) else { panic!("not recovered") };
        assert_eq!(password.bytes(), b"correct horse");
        assert_eq!(said, "Done.");
    }

    #[test]
    fn a_recovery_without_a_new_password_is_no_recovery() {
        let agent = agent::Script::default().told(BEGIN, ends(1, Standing::Recovered, "Done."));
        assert!(matches!(held(host::Script::new(), &agent), Outcome::Refused(said) if said == "Done."));
    }

    #[test]
    fn every_standing_ends_as_it_says_and_an_unknown_one_as_refused() {
        for (standing, word) in
            [(1, "finished"), (3, "refused"), (4, "denied"), (6, "given up"), (7, "refused"), (255, "refused")]
        {
            let step = Step { turn: 2, standing, ask: 77, text: "Text.".into(), prompt: String::new() };
            let agent = agent::Script::default()
                .told(BEGIN, asks(1, Ask::Line, "", "? "))
                .told(Told::Answer(1, b"1".to_vec()), step.clone());
            assert_eq!(held(host::Script::new().asked(Style::EchoOn, "? ", "1"), &agent).word(), word, "{standing}");
            // A user who has typed nothing yet gets no further message.
            let word = if word == "refused" { "given up" } else { word };
            let agent = agent::Script::default().told(BEGIN, step);
            assert_eq!(held(host::Script::new(), &agent).word(), word, "{standing}");
        }
    }

    #[test]
    fn an_agent_that_does_not_begin_is_unavailable_and_logged() {
        let mut host = host::Script::new();
        let agent = agent::Script::default().fails(BEGIN);
        let outcome = hold(&mut host, &agent, &ERRAND);
        assert_eq!(outcome.word(), "unavailable");
        assert!(host.log.borrow().iter().any(|(level, line)| *level == Level::Warning && line.contains("scripted")));
    }

    #[test]
    fn an_unknown_kind_of_answer_and_a_question_that_wants_none_cancel_and_are_unavailable() {
        for ask in [0, 5, 255] {
            let step = Step { turn: 1, standing: 0, ask, text: String::new(), prompt: "? ".into() };
            let agent = agent::Script::default().told(BEGIN, step).cancelled();
            assert_eq!(held(host::Script::new(), &agent).word(), "unavailable", "{ask}");
        }
    }

    #[test]
    fn breaking_off_cancels_at_every_kind_of_question() {
        for (ask, style) in [(Ask::Line, Style::EchoOn), (Ask::NewPassword, Style::EchoOff)] {
            let agent = agent::Script::default().told(BEGIN, asks(1, ask, "", "? ")).cancelled();
            let person = host::Script::new().asked_and_breaks_off(style, "? ");
            assert_eq!(held(person, &agent).word(), "hung up");
        }
    }

    #[test]
    fn breaking_off_where_that_means_no_says_so() {
        let binding = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "Required.", "? ") };
        let agent = agent::Script::default().told(BEGIN, binding).cancelled();
        let person = host::Script::new().asked_and_breaks_off(Style::EchoOn, "Required.\n? ");
        assert_eq!(held(person, &agent).word(), "broken off");
    }

    #[test]
    fn a_host_that_can_not_ask_what_is_required_has_not_done_it() {
        let binding = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "", "? ") };
        let agent = agent::Script::default().told(BEGIN, binding).cancelled();
        let mut sshd = host::Script::new().asked_and_breaks_off(Style::EchoOn, "? ");
        sshd.service = "sshd";
        assert_eq!(held(sshd, &agent).word(), "broken off");
    }

    #[test]
    fn an_agent_that_fails_on_the_way_is_lost_and_not_told_to_cancel() {
        let told = Told::Answer(1, b"1".to_vec());
        let agent = agent::Script::default().told(BEGIN, asks(1, Ask::Line, "", "? ")).fails(told);
        assert_eq!(held(host::Script::new().asked(Style::EchoOn, "? ", "1"), &agent).word(), "lost");
        let told = Told::Sealed(1, b"pw".to_vec());
        let agent = agent::Script::default().told(BEGIN, asks(1, Ask::NewPassword, "", "? ")).fails(told);
        assert_eq!(held(host::Script::new().asked(Style::EchoOff, "? ", "pw"), &agent).word(), "lost");
    }

    #[test]
    fn an_answer_of_any_length_is_sent_with_at_most_512_bytes() {
        for (typed, sent) in [(0, 0), (511, 511), (512, 512), (513, 512), (100_000, 512)] {
            let answer = "x".repeat(typed);
            let agent = agent::Script::default()
                .told(BEGIN, asks(1, Ask::Line, "", "? "))
                .told(Told::Answer(1, vec![b'x'; sent]), asks(2, Ask::NewPassword, "", "?? "))
                .told(Told::Sealed(2, vec![b'x'; sent]), ends(3, Standing::Recovered, ""));
            let person = host::Script::new().asked(Style::EchoOn, "? ", &answer).asked(Style::EchoOff, "?? ", &answer);
            let Outcome::Recovered(password, _) = held(person, &agent) else { panic!("not recovered") };
            assert_eq!(password.bytes().len(), sent);
        }
    }

    #[test]
    fn what_the_agent_says_reaches_the_terminal_without_control_characters() {
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "\x1b]0;x\x07Hello\nthere", "Code\n\x1b[8m: "))
            .told(Told::Answer(1, b"1".to_vec()), ends(2, Standing::Refused, "No\x1b[2J."));
        let person = host::Script::new().asked(Style::EchoOn, "]0;xHello\nthere\nCode[8m: ", "1");
        assert!(matches!(held(person, &agent), Outcome::Refused(said) if said == "No[2J."));
    }

    #[test]
    fn an_agent_that_asks_for_ever_is_hung_up_on() {
        let mut agent = agent::Script::default().told(BEGIN, asks(0, Ask::Line, "", "? "));
        let mut person = host::Script::new();
        for turn in 0..STEPS_MAX {
            person = person.asked(Style::EchoOn, "? ", "1");
            agent = agent.told(Told::Answer(turn, b"1".to_vec()), asks(turn + 1, Ask::Line, "", "? "));
        }
        assert_eq!(held(person, &agent.cancelled()).word(), "unavailable");
    }

    #[test]
    fn nothing_that_was_typed_or_said_is_logged() {
        let mut host = host::Script::new().asked(Style::EchoOn, "Mail to alice@example.org.\nCode: ", "493817").asked(
            Style::EchoOff,
            "New: ",
            "correct horse",
        );
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "Mail to alice@example.org.", "Code: "))
            .told(Told::Answer(1, b"493817".to_vec()), asks(2, Ask::NewPassword, "", "New: "))
            .fails(Told::Sealed(2, b"correct horse".to_vec()));
        hold(&mut host, &agent, &ERRAND);
        let log = format!("{:?}", host.log.borrow());
        assert!(log.contains("turn 2"), "{log}");
        for secret in ["493817", "correct", "horse", "alice", "example"] {
            assert!(!log.contains(secret), "{log}");
        }
    }
}
