//! Authentication: the password prompt, and what Enter does at it.

use std::time::{Duration, Instant};

use sspr_config::dialogue::Purpose;

use crate::agent::Agent;
use crate::errand::{Errand, Pasted};
use crate::host::{Host, Mark, Secret, Style, Tone};
use crate::relay::{self, Outcome};
use crate::words::{PASSWORD, Words};
use crate::{presentation, text};

/// How long the module waits for the agent's first step after Enter. The Enter may be a program's empty password, and
/// that program may serve nobody else meanwhile.
pub(crate) const BEGIN_PATIENCE: Duration = Duration::from_secs(1);

/// How often Enter begins a reset before it counts as an empty password.
const BEGINNINGS_MAX: u32 = 3;

/// Asks for the password, and leaves it in `PAM_AUTHTOK`. If the user presses Enter instead, a reset follows, and the
/// new password is left there. The modules behind this one decide whether it is correct. A typed password costs no bus
/// traffic.
pub(crate) fn authenticate<H: Host, A: Agent>(host: &mut H, agent: &A, hint: bool) {
    // An earlier attempt in the same transaction may have left it.
    host.mark(None);
    if host.has_password() {
        return;
    }
    let Some(user) = host.user() else { return };
    let words = Words::for_host(host);
    let mut above = if hint { words.hint.to_owned() } else { String::new() };
    let mut beginnings_left = BEGINNINGS_MAX;
    loop {
        let asked = Instant::now();
        // At the first question there is no text that a screen must show for long. Some screens show a message only
        // with the next question.
        let typed = if beginnings_left == BEGINNINGS_MAX {
            host.ask(Style::EchoOff, &text::prompt(&above, PASSWORD))
        } else {
            presentation::ask(host, Style::EchoOff, &above, PASSWORD)
        };
        let Some(typed) = typed else { return };
        // Not capped: pam_unix must see exactly what it would see without this module, and refuses what is too long.
        if !typed.is_empty() || beginnings_left == 0 {
            return hand_on(host, &typed, asked.elapsed());
        }
        beginnings_left -= 1;
        let errand = Errand {
            purpose: Purpose::Recover,
            user: &user,
            patience: BEGIN_PATIENCE,
            typed: None,
            pasted: Pasted::No,
            hands_on: false,
        };
        above = match relay::hold(host, agent, &errand) {
            Outcome::Recovered(password, said) => {
                host.tell(Tone::Info, &said);
                // Only a person goes through a reset.
                return hand_on(host, &password, Duration::MAX);
            }
            Outcome::Finished(said) | Outcome::Refused(said) | Outcome::Denied(said) => said,
            Outcome::Lost => words.lost.to_owned(),
            // A person types a password now. A program that sends nothing gets the result of an empty password at once.
            Outcome::GivenUp(said) => {
                beginnings_left = 0;
                said
            }
            Outcome::Unavailable => {
                beginnings_left = 0;
                words.unavailable.to_owned()
            }
            Outcome::HungUp | Outcome::BrokenOff => return,
        };
    }
}

/// Leaves `password` for the next modules. It came `after` this long after its prompt.
fn hand_on<H: Host>(host: &mut H, password: &Secret, after: Duration) {
    if host.set_password(password) && !password.is_empty() {
        host.mark(Some(Mark::Typed(Secret::new(password.bytes()), after)));
    }
}

#[cfg(test)]
mod tests {
    use sspr_config::dialogue::{Ask, Standing};
    use sspr_config::language::Language;

    use super::*;
    use crate::agent::double::{self as agent, Told, asks, ends};
    use crate::host::double as host;

    const ENGLISH: &Words = Words::in_language(Language::English);
    const PLAIN: &str = "Password: ";
    const HINTED: &str = "Forgotten? Press Enter to reset it.\nPassword: ";
    const BEGIN: Told = Told::Begin(Purpose::Recover, BEGIN_PATIENCE);

    fn refused(agent: agent::Script, said: &str) -> agent::Script {
        agent.told(BEGIN, ends(1, Standing::Refused, said))
    }

    #[track_caller]
    fn ran(mut host: host::Script, agent: &agent::Script, hint: bool) -> host::Script {
        authenticate(&mut host, agent, hint);
        host.done();
        agent.done();
        host
    }

    #[test]
    fn a_typed_password_is_handed_on_and_marked_without_a_word_to_the_agent() {
        for (hint, prompt) in [(true, HINTED), (false, PLAIN)] {
            let person = host::Script::new().asked(Style::EchoOff, prompt, "hunter2");
            let host = ran(person, &agent::Script::untouched(), hint);
            assert_eq!(host.password.as_deref(), Some(b"hunter2".as_slice()));
            assert_eq!(host.remembered(), Some(b"hunter2".as_slice()));
        }
    }

    #[test]
    fn a_password_of_any_length_is_handed_on_whole() {
        let long = "x".repeat(100_000);
        let host = ran(host::Script::new().asked(Style::EchoOff, HINTED, &long), &agent::Script::untouched(), true);
        assert_eq!(host.password.unwrap().len(), 100_000);
    }

    #[test]
    fn a_password_from_an_earlier_module_is_left_alone_and_forgets_the_mark() {
        let mut person = host::Script::new().marked("earlier");
        person.earlier_password = true;
        let host = ran(person, &agent::Script::untouched(), true);
        assert!(host.password.is_none() && host.mark.is_none());
    }

    #[test]
    fn without_a_user_name_nothing_is_asked() {
        let mut person = host::Script::new();
        person.user = None;
        let host = ran(person, &agent::Script::untouched(), true);
        assert!(host.password.is_none() && host.mark.is_none());
    }

    #[test]
    fn breaking_off_at_the_prompt_leaves_no_password_and_no_mark() {
        let person = host::Script::new().asked_and_breaks_off(Style::EchoOff, HINTED);
        let host = ran(person, &agent::Script::untouched(), true);
        assert!(host.password.is_none() && host.mark.is_none());
    }

    #[test]
    fn breaking_off_in_the_dialogue_leaves_no_password_and_no_mark() {
        let agent = agent::Script::default().told(BEGIN, asks(1, Ask::Line, "", "? ")).cancelled();
        let person = host::Script::new().asked(Style::EchoOff, HINTED, "").asked_and_breaks_off(Style::EchoOn, "? ");
        let host = ran(person, &agent, true);
        assert!(host.password.is_none() && host.mark.is_none());
    }

    #[test]
    fn after_a_recovery_the_new_password_is_handed_on_and_marked() {
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::NewPassword, "", "New: "))
            .told(Told::Sealed(1, b"correct horse".to_vec()), ends(2, Standing::Recovered, "Changed."));
        let person = host::Script::new()
            .asked(Style::EchoOff, HINTED, "")
            .asked(Style::EchoOff, "New: ", "correct horse")
            .told(Tone::Info, "Changed.");
        let host = ran(person, &agent, true);
        assert_eq!(host.password.as_deref(), Some(b"correct horse".as_slice()));
        assert_eq!(host.remembered(), Some(b"correct horse".as_slice()));
    }

    #[test]
    fn after_a_refusal_its_text_stands_above_the_prompt_and_a_password_is_taken() {
        for standing in [Standing::Refused, Standing::Finished, Standing::Denied] {
            let agent = agent::Script::default().told(BEGIN, ends(1, standing, "Not now."));
            let person = host::Script::new().asked(Style::EchoOff, HINTED, "").asked(
                Style::EchoOff,
                "Not now.\nPassword: ",
                "hunter2",
            );
            assert_eq!(ran(person, &agent, true).password.as_deref(), Some(b"hunter2".as_slice()));
        }
    }

    #[test]
    fn a_refusal_without_a_text_leaves_the_plain_prompt() {
        let agent = refused(agent::Script::default(), "");
        let person = host::Script::new().asked(Style::EchoOff, PLAIN, "").asked(Style::EchoOff, PLAIN, "hunter2");
        assert!(ran(person, &agent, false).mark.is_some());
    }

    #[test]
    fn enter_begins_three_times_where_something_is_typed_and_is_then_an_empty_password() {
        let mut agent = agent::Script::default();
        let mut person = host::Script::new().asked(Style::EchoOff, HINTED, "");
        for said in ["One.", "Two.", "Three."] {
            agent = agent
                .told(BEGIN, asks(1, Ask::Line, "", "Code: "))
                .told(Told::Answer(1, b"1".to_vec()), ends(2, Standing::Refused, said));
            let prompt = format!("{said}\nPassword: ");
            person = person.asked(Style::EchoOn, "Code: ", "1").asked(Style::EchoOff, &prompt, "");
        }
        let host = ran(person, &agent, true);
        assert_eq!(host.password.as_deref(), Some(b"".as_slice()));
        assert!(host.mark.is_none(), "an empty password is no reason to offer registration");
    }

    /// What `OpenVPN`'s plugin did to all tunnels with an empty password: three dialogues of sixty questions.
    #[test]
    fn enter_begins_no_second_dialogue_where_the_first_got_no_answer_but_enter() {
        let no_question = refused(agent::Script::default(), "Too many tries.");
        let person = host::Script::new().asked(Style::EchoOff, HINTED, "").asked(
            Style::EchoOff,
            "Too many tries.\nPassword: ",
            "",
        );
        assert_eq!(ran(person, &no_question, true).password.as_deref(), Some(b"".as_slice()));

        let back = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "", "? "))
            .told(Told::Answer(1, vec![]), ends(2, Standing::Refused, ""));
        let person = host::Script::new().asked(Style::EchoOff, HINTED, "").asked(Style::EchoOn, "? ", "").asked(
            Style::EchoOff,
            PLAIN,
            "",
        );
        assert_eq!(ran(person, &back, true).password.as_deref(), Some(b"".as_slice()));

        // The agent, too, can say that it gives up on the user.
        let given_up = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "", "? "))
            .told(Told::Answer(1, b"x".to_vec()), ends(2, Standing::GivenUp, ""));
        let person = host::Script::new().asked(Style::EchoOff, HINTED, "").asked(Style::EchoOn, "? ", "x").asked(
            Style::EchoOff,
            PLAIN,
            "",
        );
        assert_eq!(ran(person, &given_up, true).password.as_deref(), Some(b"".as_slice()));
    }

    #[test]
    fn two_empty_answers_running_end_the_dialogue_and_a_password_can_be_typed() {
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "", "? "))
            .told(Told::Answer(1, vec![]), asks(2, Ask::Line, "", "?? "));
        let person = host::Script::new()
            .asked(Style::EchoOff, HINTED, "")
            .asked(Style::EchoOn, "? ", "")
            .asked(Style::EchoOn, "?? ", "")
            .asked(Style::EchoOff, PLAIN, "hunter2");
        assert_eq!(ran(person, &agent, true).password.as_deref(), Some(b"hunter2".as_slice()));
    }

    #[test]
    fn an_agent_that_is_not_there_is_said_so_and_not_called_again() {
        let agent = agent::Script::default().fails(BEGIN);
        let prompt = format!("{}\nPassword: ", ENGLISH.unavailable);
        let person = host::Script::new().asked(Style::EchoOff, HINTED, "").asked(Style::EchoOff, &prompt, "");
        assert_eq!(ran(person, &agent, true).password.as_deref(), Some(b"".as_slice()));
    }

    #[test]
    fn a_lost_agent_is_said_so_and_enter_goes_on_in_a_new_dialogue() {
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Line, "", "Code: "))
            .fails(Told::Answer(1, b"1".to_vec()))
            .told(BEGIN, asks(1, Ask::NewPassword, "", "New: "))
            .told(Told::Sealed(1, b"pw".to_vec()), ends(2, Standing::Recovered, ""));
        let prompt = format!("{}\nPassword: ", ENGLISH.lost);
        let person = host::Script::new()
            .asked(Style::EchoOff, HINTED, "")
            .asked(Style::EchoOn, "Code: ", "1")
            .asked(Style::EchoOff, &prompt, "")
            .asked(Style::EchoOff, "New: ", "pw");
        assert_eq!(ran(person, &agent, true).password.as_deref(), Some(b"pw".as_slice()));
    }

    #[test]
    fn a_new_password_that_was_not_confirmed_by_the_agent_is_not_handed_on() {
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::NewPassword, "", "New: "))
            .told(Told::Sealed(1, b"pw".to_vec()), ends(2, Standing::Refused, "No."));
        let person = host::Script::new()
            .asked(Style::EchoOff, HINTED, "")
            .asked(Style::EchoOff, "New: ", "pw")
            .asked_and_breaks_off(Style::EchoOff, "No.\nPassword: ");
        assert!(ran(person, &agent, true).password.is_none());
    }

    #[test]
    fn an_earlier_mark_does_not_outlive_a_broken_off_attempt() {
        let person = host::Script::new().marked("earlier").asked_and_breaks_off(Style::EchoOff, HINTED);
        assert!(ran(person, &agent::Script::untouched(), true).mark.is_none());
    }
}
