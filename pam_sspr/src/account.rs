//! Account: after a sign-in with a password typed at this module's prompt, registration is offered if it is due.

use std::path::Path;
use std::time::{Duration, SystemTime};

use sspr_config::{dialogue::Purpose, settled};

use crate::agent::Agent;
use crate::host::{Host, Tone};
use crate::relay::{self, Outcome};

/// How long a person with the right password is kept waiting by an agent or a bus that does not answer.
pub(crate) const BEGIN_PATIENCE: Duration = Duration::from_secs(1);

/// What becomes of the sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The other modules decide.
    GoOn,
    /// Registration is required and was declined, in words or by breaking off.
    Denied,
}

/// Offers registration. Without a password typed at our prompt, as with a public key, the agent is not even asked; nor
/// about somebody whom it noted in `notes` as having nothing to be asked for now.
pub(crate) fn account<H: Host, A: Agent>(host: &mut H, agent: &A, notes: &Path) -> Verdict {
    if !host.marked() {
        return Verdict::GoOn;
    }
    let Some(user) = host.user() else { return Verdict::GoOn };
    if is_settled(host, &user, notes) {
        host.mark(false);
        return Verdict::GoOn;
    }
    match relay::hold(host, agent, Purpose::Register, &user, BEGIN_PATIENCE) {
        Outcome::Denied(said) => {
            // The mark stays: a host that asks a second time is told the same.
            host.tell(Tone::Error, &said);
            return Verdict::Denied;
        }
        // The question itself said what breaking off means.
        Outcome::BrokenOff => return Verdict::Denied,
        Outcome::Finished(said) | Outcome::Refused(said) | Outcome::Recovered(_, said) => host.tell(Tone::Info, &said),
        Outcome::Unavailable | Outcome::Lost | Outcome::HungUp => {}
    }
    host.mark(false);
    Verdict::GoOn
}

fn is_settled<H: Host>(host: &mut H, user: &str, notes: &Path) -> bool {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since_1970.as_secs()).unwrap_or_default();
    host.uid(user).is_some_and(|uid| settled::holds(notes, user, uid, now))
}

#[cfg(test)]
mod tests {
    use sspr_config::dialogue::{Ask, Standing, Step};

    use super::*;
    use crate::agent::double::{self as agent, Told, asks, ends};
    use crate::host::Style;
    use crate::host::double as host;

    const BEGIN: Told = Told::Begin(Purpose::Register, BEGIN_PATIENCE);

    #[track_caller]
    fn ran(mut host: host::Script, agent: &agent::Script) -> (Verdict, host::Script) {
        host.marked = true;
        let verdict = account(&mut host, agent, Path::new("/nowhere"));
        host.done();
        agent.done();
        assert!(host.password.is_none());
        (verdict, host)
    }

    #[test]
    fn without_a_typed_password_the_agent_is_not_touched() {
        let mut host = host::Script::new();
        assert_eq!(account(&mut host, &agent::Script::untouched(), Path::new("/nowhere")), Verdict::GoOn);
        host.done();
    }

    #[test]
    fn a_registered_person_sees_nothing_and_is_asked_about_once() {
        let agent = agent::Script::default().told(BEGIN, ends(1, Standing::Finished, ""));
        let (verdict, mut host) = ran(host::Script::new(), &agent);
        assert_eq!(verdict, Verdict::GoOn);
        assert_eq!(account(&mut host, &agent::Script::untouched(), Path::new("/nowhere")), Verdict::GoOn);
    }

    #[test]
    fn the_agent_is_not_touched_for_whom_it_noted_as_settled() {
        let run = tempfile::tempdir().unwrap();
        let notes = run.path().join("sspr/settled");
        std::fs::create_dir_all(&notes).unwrap();
        let now = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()).unwrap();
        let note = |uid, until| {
            let path = notes.join("alice");
            let _ = std::fs::remove_file(&path);
            std::os::unix::fs::symlink(settled::note(uid, until), path).unwrap();
        };
        let signs_in = |agent: &agent::Script| {
            let mut host = host::Script::new();
            host.marked = true;
            assert_eq!(account(&mut host, agent, &notes), Verdict::GoOn);
            assert!(!host.marked);
            host.done();
            agent.done();
        };
        let asked = || agent::Script::default().told(BEGIN, ends(1, Standing::Finished, ""));
        note(1000, now + 60);
        signs_in(&agent::Script::untouched());
        note(1001, now + 60);
        signs_in(&asked());
        note(1000, now - 1);
        signs_in(&asked());
    }

    #[test]
    fn what_the_agent_says_at_the_end_is_shown() {
        for standing in [Standing::Finished, Standing::Refused, Standing::Recovered] {
            let agent = agent::Script::default()
                .told(BEGIN, asks(1, Ask::Line, "Register?", "y/n: "))
                .told(Told::Answer(1, b"y".to_vec()), ends(2, standing, "That's it."));
            let person =
                host::Script::new().asked(Style::EchoOn, "Register?\ny/n: ", "y").told(Tone::Info, "That's it.");
            assert_eq!(ran(person, &agent).0, Verdict::GoOn);
        }
    }

    #[test]
    fn only_a_declined_required_registration_denies_and_does_so_again() {
        let agent = agent::Script::default().told(BEGIN, ends(1, Standing::Denied, "Required."));
        let (verdict, host) = ran(host::Script::new().told(Tone::Error, "Required."), &agent);
        assert_eq!(verdict, Verdict::Denied);
        let agent = agent::Script::default().told(BEGIN, ends(1, Standing::Denied, "Required."));
        assert_eq!(ran(host.told(Tone::Error, "Required."), &agent).0, Verdict::Denied);
    }

    #[test]
    fn a_person_who_breaks_off_a_required_registration_is_denied_and_a_host_that_can_not_ask_is_not() {
        for (service, verdict) in [("login", Verdict::Denied), ("sshd", Verdict::GoOn)] {
            let step = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "Required.", "? ") };
            let mut person = host::Script::new().asked_and_breaks_off(Style::EchoOn, "Required.\n? ");
            person.service = service;
            let (denied, host) = ran(person, &agent::Script::default().told(BEGIN, step).cancelled());
            assert_eq!(denied, verdict, "{service}");
            assert_eq!(host.marked, verdict == Verdict::Denied, "a host that asks a second time is told the same");
        }
    }

    #[test]
    fn no_failure_of_agent_or_conversation_denies() {
        let unavailable = agent::Script::default().fails(BEGIN);
        assert_eq!(ran(host::Script::new(), &unavailable).0, Verdict::GoOn);

        let asking = || agent::Script::default().told(BEGIN, asks(1, Ask::Line, "", "? "));
        let lost = asking().fails(Told::Answer(1, b"y".to_vec()));
        assert_eq!(ran(host::Script::new().asked(Style::EchoOn, "? ", "y"), &lost).0, Verdict::GoOn);

        let broken_off = host::Script::new().asked_and_breaks_off(Style::EchoOn, "? ");
        assert_eq!(ran(broken_off, &asking().cancelled()).0, Verdict::GoOn);
    }

    #[test]
    fn without_a_user_name_the_agent_is_not_touched() {
        let mut person = host::Script::new();
        person.user = None;
        assert_eq!(ran(person, &agent::Script::untouched()).0, Verdict::GoOn);
    }
}
