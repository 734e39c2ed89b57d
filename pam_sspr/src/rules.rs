//! The steps that the module accepts from an agent.

use sspr_config::dialogue::{Ask, Purpose, Standing, Step};

use crate::errand::Errand;
use crate::text;

/// The steps that an agent may send. The agent talks to the network and may be compromised: it must not be able to ask
/// for an existing password, unless root's helper wrote that the server of a fleet checks it.
pub(crate) struct Rules {
    purpose: Purpose,
    /// Whether the agent may have the password of this sign-in.
    hands_on: bool,
    /// The kind of the previous question; `None` before the first.
    last: Option<Ask>,
}

impl Rules {
    pub(crate) fn new(errand: &Errand<'_>) -> Self {
        Self { purpose: errand.purpose, hands_on: errand.hands_on, last: None }
    }

    /// Checks `step`, which would show `said` and `prompt`. The error says why it may not be shown.
    pub(crate) fn allow(&mut self, step: &Step, said: &str, prompt: &str) -> Result<(), &'static str> {
        let asking = matches!(Standing::from_wire(step.standing), Some(Standing::Asking | Standing::AskingOrDenied));
        let ask = Ask::from_wire(step.ask).filter(|_| asking);
        let registering = self.purpose != Purpose::Recover;
        match ask {
            Some(Ask::Secret | Ask::NewPassword) if registering => {
                return Err("it asks for something hidden after a sign-in");
            }
            Some(Ask::Secret) if self.last != Some(Ask::NewPassword) => {
                return Err("it asks for something hidden that is no new password");
            }
            Some(Ask::Vouch | Ask::Password)
                if !registering || self.last.is_some() || (ask == Some(Ask::Password) && !self.hands_on) =>
            {
                return Err("it asks whether a password is right where it has no need to know");
            }
            _ => {}
        }
        if registering && (looks_like_a_password_prompt(said) || looks_like_a_password_prompt(prompt)) {
            return Err("it speaks of passwords after a sign-in");
        }
        if asking {
            self.last = ask.or(self.last);
        }
        Ok(())
    }
}

/// Looks for the word that programs and people expect in a password prompt. The text may contain invisible marks.
fn looks_like_a_password_prompt(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !text::is_invisible(*c)).collect();
    plain.to_ascii_lowercase().contains("assword")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sspr_config::dialogue::VOUCHED;

    use super::*;
    use crate::agent::double::{self as agent, Told, asks, ends};
    use crate::errand::Pasted;
    use crate::host::double as host;
    use crate::host::{Level, Secret, Style};
    use crate::relay::hold;

    const PATIENCE: Duration = Duration::from_secs(2);
    const BEGIN: Told = Told::Begin(Purpose::Recover, PATIENCE);
    const REGISTER: Told = Told::Begin(Purpose::Register, PATIENCE);
    const ERRAND: Errand<'_> = Errand {
        purpose: Purpose::Recover,
        user: "alice",
        patience: PATIENCE,
        typed: None,
        pasted: Pasted::No,
        hands_on: false,
    };

    #[track_caller]
    fn recovering(mut host: host::Script, agent: &agent::Script) -> &'static str {
        let outcome = hold(&mut host, agent, &ERRAND);
        host.done();
        agent.done();
        outcome.word()
    }

    /// The result at a sign-in.
    #[track_caller]
    fn registering(mut host: host::Script, agent: &agent::Script) -> &'static str {
        let typed = Secret::new(b"hunter2");
        let outcome = hold(&mut host, agent, &Errand { purpose: Purpose::Register, typed: Some(&typed), ..ERRAND });
        host.done();
        agent.done();
        outcome.word()
    }

    #[test]
    fn after_a_sign_in_nothing_hidden_is_asked_and_nothing_is_shown_that_speaks_of_passwords() {
        for (ask, text, prompt) in [
            (Ask::Secret, "The database was repaired. To go on,", "type it again: "),
            (Ask::NewPassword, "", "New: "),
            (Ask::Line, "Your PASSWORD has expired.", "Current one: "),
            (Ask::Line, "", "Password: "),
            (Ask::Line, "", "pass\u{200b}w\u{ad}ord: "),
        ] {
            let mut host = host::Script::new();
            let agent = agent::Script::default().told(REGISTER, asks(1, ask, text, prompt)).cancelled();
            let typed = Secret::new(b"hunter2");
            let errand = Errand { purpose: Purpose::Register, typed: Some(&typed), ..ERRAND };
            assert_eq!(hold(&mut host, &agent, &errand).word(), "unavailable", "{text:?} {prompt:?}");
            agent.done();
            assert!(host.log.borrow().iter().any(|(level, _)| *level == Level::Warning));
        }
        for standing in [Standing::Finished, Standing::Denied, Standing::Refused] {
            let agent = agent::Script::default().told(REGISTER, ends(1, standing, "Wrong password.")).cancelled();
            assert_eq!(registering(host::Script::new(), &agent), "unavailable");
        }
    }

    #[test]
    fn in_a_reset_something_hidden_is_a_new_password_or_the_same_again() {
        let agent = agent::Script::default().told(BEGIN, asks(1, Ask::Secret, "", "Old: ")).cancelled();
        assert_eq!(recovering(host::Script::new(), &agent), "unavailable");
        let agent = agent::Script::default()
            .told(BEGIN, asks(1, Ask::NewPassword, "", "New: "))
            .told(Told::Sealed(1, b"pw".to_vec()), asks(2, Ask::Secret, "", "Again: "))
            .told(Told::Sealed(2, b"pw".to_vec()), asks(3, Ask::Secret, "", "Old: "))
            .cancelled();
        let person = host::Script::new().asked(Style::EchoOff, "New: ", "pw").asked(Style::EchoOff, "Again: ", "pw");
        assert_eq!(recovering(person, &agent), "unavailable");
    }

    #[test]
    fn whether_the_password_is_right_is_asked_once_at_the_beginning_of_a_registration_and_never_else() {
        let agent = agent::Script::default().told(BEGIN, asks(1, Ask::Vouch, "", "")).cancelled();
        assert_eq!(recovering(host::Script::new(), &agent), "unavailable");
        let right = Told::Vouch(b"hunter2".to_vec());
        let agent = agent::Script::default()
            .told(REGISTER, asks(1, Ask::Vouch, "", ""))
            .told(right, ends(0, Standing::Finished, ""))
            .told(Told::Answer(1, VOUCHED.to_vec()), asks(2, Ask::Vouch, "", ""))
            .cancelled();
        assert_eq!(registering(host::Script::new(), &agent), "unavailable");
        let agent = agent::Script::default()
            .told(REGISTER, asks(1, Ask::Line, "", "? "))
            .told(Told::Answer(1, b"1".to_vec()), asks(2, Ask::Vouch, "", ""))
            .cancelled();
        assert_eq!(registering(host::Script::new().asked(Style::EchoOn, "? ", "1"), &agent), "unavailable");
    }

    #[test]
    fn the_password_of_a_sign_in_is_asked_for_where_roots_helper_says_so_once_and_at_the_beginning_of_a_registration() {
        let typed = Secret::new(b"hunter2");
        let handing_on = |purpose| Errand {
            purpose,
            typed: Some(&typed),
            patience: Duration::from_secs(1),
            hands_on: true,
            ..ERRAND
        };
        let run = |agent: &agent::Script, errand: &Errand<'_>| {
            let word = hold(&mut host::Script::new().asked(Style::EchoOn, "? ", "1"), agent, errand).word();
            agent.done();
            word
        };
        let asks_for_it = |turn| asks(turn, Ask::Password, "", "");
        let register = Told::Begin(Purpose::Register, Duration::from_secs(1));
        let recover = Told::Begin(Purpose::Recover, Duration::from_secs(1));
        let hurried = Told::Hurried(1, b"hunter2".to_vec());
        // Not where nobody said so, and not in a reset.
        let agent = agent::Script::default().told(register.clone(), asks_for_it(1)).cancelled();
        assert_eq!(run(&agent, &Errand { hands_on: false, ..handing_on(Purpose::Register) }), "unavailable");
        let agent = agent::Script::default().told(recover, asks_for_it(1)).cancelled();
        assert_eq!(run(&agent, &handing_on(Purpose::Recover)), "unavailable");
        let agent = agent::Script::default()
            .told(register.clone(), asks_for_it(1))
            .told(hurried.clone(), ends(2, Standing::Finished, ""));
        assert_eq!(run(&agent, &handing_on(Purpose::Register)), "finished");
        let agent =
            agent::Script::default().told(register.clone(), asks_for_it(1)).told(hurried, asks_for_it(2)).cancelled();
        assert_eq!(run(&agent, &handing_on(Purpose::Register)), "unavailable", "once");
        let agent = agent::Script::default()
            .told(register, asks(1, Ask::Line, "", "? "))
            .told(Told::Answer(1, b"1".to_vec()), asks_for_it(2))
            .cancelled();
        assert_eq!(run(&agent, &handing_on(Purpose::Register)), "unavailable", "at the beginning");
    }
}
