//! The account phase: offers registration, where it is due, after a sign-in with a password typed at this module's
//! prompt.
//!
//! The module asks the agent, but does not trust it. The agent is told nothing about root and system accounts here, and
//! can refuse a user only if root's helper wrote that registration may be required.

use std::path::Path;
use std::time::{Duration, SystemTime};

use sspr_config::{
    dialogue::Purpose,
    policy::Policy,
    settled::{self, Note},
};

use crate::agent::Agent;
use crate::errand::{Errand, Pasted};
use crate::host::{Host, Level, Mark, Tone};
use crate::policy;
use crate::relay::{self, Outcome};
use crate::words::Words;

/// How long an agent, a helper or a bus that does not answer can delay a user with the correct password.
pub(crate) const BEGIN_PATIENCE: Duration = Duration::from_secs(1);

/// Logged where registration may be required and the host passes `PAM_SILENT`: the agent is not told of such a sign-in.
const SILENT: &str =
    "nobody was asked to register, which may be required: this program wants no conversation (PAM_SILENT)";

/// The outcome of the sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The other modules decide.
    GoOn,
    /// Registration is required, and the user declined it in words or by breaking off.
    Denied,
}

/// Offers registration. The agent is not asked if no password was typed at our prompt, as with a public key, or if the
/// host can't ask a person. Nor is it asked about root, system accounts, or users whom it noted as having no question
/// due. `is_sign_in` and `policy` look at files, so they are called only for users without such a note.
pub(crate) fn account<H: Host, A: Agent>(
    host: &mut H,
    agent: &A,
    notes: &Path,
    is_sign_in: impl FnOnce(&H) -> bool,
    policy: impl FnOnce() -> Policy,
) -> Verdict {
    // The typed password is held here from now on, and wiped however this function ends.
    let Some(mark) = host.take_mark() else { return Verdict::GoOn };
    if !host.is_root() {
        return Verdict::GoOn;
    }
    let Some(user) = host.user() else { return Verdict::GoOn };
    let mut uid = None;
    if matches!(mark, Mark::Typed(..)) && !host.is_silent() {
        match settled::look(notes, &user, now()) {
            // The uid is not looked up: the directory that has it may be slow.
            Some(Note::Far) => return Verdict::GoOn,
            Some(Note::Of(of)) => match host.uid(&user) {
                Some(found) if found != of => uid = Some(found),
                _ => return Verdict::GoOn,
            },
            None => {}
        }
    }
    if !is_sign_in(host) {
        return Verdict::GoOn;
    }
    let policy = policy();
    if host.is_silent() && !policy.required {
        return Verdict::GoOn;
    }
    let note = if host.is_silent() { settled::look(notes, &user, now()) } else { None };
    if note == Some(Note::Far) {
        return Verdict::GoOn;
    }
    let Some(uid) = uid.or_else(|| host.uid(&user)) else { return Verdict::GoOn };
    if !policy.is_person(uid) {
        return Verdict::GoOn;
    }
    if host.is_silent() {
        if !note.is_some_and(|note| note.is_of(uid)) {
            host.log(Level::Notice, SILENT);
        }
        return Verdict::GoOn;
    }
    let (typed, after) = match mark {
        Mark::Typed(typed, after) => (typed, after),
        // A host that asks a second time gets the same answer.
        Mark::Denied if policy.required => {
            host.mark(Some(Mark::Denied));
            return Verdict::Denied;
        }
        Mark::Denied => return Verdict::GoOn,
    };
    let pasted = match after < policy.min_typing() && is_sshd(host) {
        true if policy.required => Pasted::Required,
        true => Pasted::Yes,
        false => Pasted::No,
    };
    let errand = Errand {
        purpose: Purpose::Register,
        user: &user,
        patience: BEGIN_PATIENCE,
        typed: Some(&typed),
        pasted,
        hands_on: policy.fleet && !policy::is_here(&user),
    };
    let said = match relay::hold(host, agent, &errand) {
        Outcome::Denied(said) => said,
        // The question said what breaking off means, but not that an answer may count as a program's.
        Outcome::BrokenOff => Words::for_host(host).broken_off.to_owned(),
        Outcome::Finished(said) | Outcome::Refused(said) | Outcome::Recovered(_, said) | Outcome::GivenUp(said) => {
            host.tell(Tone::Info, &said);
            return Verdict::GoOn;
        }
        Outcome::Unavailable | Outcome::Lost | Outcome::HungUp => return Verdict::GoOn,
    };
    if !policy.required {
        host.log(Level::Warning, "the agent would keep somebody out where nothing is required; the sign-in goes on");
        return Verdict::GoOn;
    }
    host.tell(Tone::Error, &said);
    host.mark(Some(Mark::Denied));
    Verdict::Denied
}

/// Whether this is sshd, which may use any service name. At Cockpit and at remote greeters there is a person, whose
/// browser may fill in the password.
fn is_sshd<H: Host>(host: &H) -> bool {
    host.service() == Some(b"sshd") || host.tty() == crate::SSHD_TTY
}

fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sspr_config::dialogue::{Ask, Standing, Step};
    use sspr_config::language::Language;

    use super::*;
    use crate::agent::double::{self as agent, Told, asks, ends};
    use crate::host::Style;
    use crate::host::double as host;

    const BEGIN: Told = Told::Begin(Purpose::Register, BEGIN_PATIENCE);
    const PASSWORD: &str = "hunter2";

    const fn skippable() -> Policy {
        Policy { required: false, min_uid: 1000, min_typing_ms: 1000, fleet: false }
    }

    const fn required() -> Policy {
        Policy { required: true, min_uid: 1000, min_typing_ms: 1000, fleet: false }
    }

    #[track_caller]
    fn goes(host: host::Script, agent: &agent::Script, policy: fn() -> Policy) -> (Verdict, host::Script) {
        let mut host = host;
        let verdict = account(&mut host, agent, Path::new("/nowhere"), |_| true, policy);
        host.done();
        agent.done();
        assert!(host.password.is_none() && host.remembered().is_none(), "what was typed is wiped");
        (verdict, host)
    }

    #[track_caller]
    fn ran(host: host::Script, agent: &agent::Script) -> (Verdict, host::Script) {
        goes(host.marked(PASSWORD), agent, required)
    }

    fn denies() -> agent::Script {
        agent::Script::default().told(BEGIN, ends(1, Standing::Denied, "Required."))
    }

    #[test]
    fn without_a_typed_password_the_agent_is_not_touched() {
        assert_eq!(goes(host::Script::new(), &agent::Script::untouched(), required).0, Verdict::GoOn);
    }

    #[test]
    fn a_registered_person_sees_nothing_and_is_asked_about_once() {
        let agent = agent::Script::default().told(BEGIN, ends(1, Standing::Finished, ""));
        let (verdict, host) = ran(host::Script::new(), &agent);
        assert_eq!(verdict, Verdict::GoOn);
        assert_eq!(goes(host, &agent::Script::untouched(), required).0, Verdict::GoOn);
    }

    #[test]
    fn of_root_and_system_accounts_and_of_names_without_an_account_the_agent_hears_nothing() {
        for uid in [Some(0), Some(1), Some(999), Some(u32::MAX), None] {
            let mut person = host::Script::new();
            person.uid = uid;
            assert_eq!(ran(person, &agent::Script::untouched()).0, Verdict::GoOn, "{uid:?}");
        }
    }

    #[test]
    fn a_host_that_wants_silence_or_is_not_root_is_asked_nothing_and_refused_nothing() {
        for (silent, not_root) in [(true, false), (false, true)] {
            for (policy, logged) in [(required as fn() -> Policy, silent), (skippable, false)] {
                let mut person = host::Script::new().marked(PASSWORD);
                (person.silent, person.not_root) = (silent, not_root);
                let (verdict, host) = goes(person, &agent::Script::untouched(), policy);
                assert_eq!(verdict, Verdict::GoOn);
                let said = host.log.borrow().iter().any(|(level, line)| *level == Level::Notice && line == SILENT);
                assert_eq!(said, logged, "a required registration that could not be asked for is in the log");
            }
        }
    }

    #[test]
    fn the_agent_is_not_touched_for_whom_it_noted_as_settled() {
        let run = tempfile::tempdir().unwrap();
        let notes = run.path().join("sspr/settled");
        std::fs::create_dir_all(&notes).unwrap();
        let now = now();
        let note = |note: String| {
            let path = notes.join("alice");
            let _ = std::fs::remove_file(&path);
            std::os::unix::fs::symlink(note, path).unwrap();
        };
        let signs_in = |agent: &agent::Script| {
            let mut host = host::Script::new().marked(PASSWORD);
            assert_eq!(account(&mut host, agent, &notes, |_| true, required), Verdict::GoOn);
            assert!(host.mark.is_none());
            host.done();
            agent.done();
            host.uids_asked
        };
        let asked = || agent::Script::default().told(BEGIN, ends(1, Standing::Finished, ""));
        for settled in [settled::note(1000, now + 60), settled::note_far(now + 60)] {
            note(settled);
            signs_in(&agent::Script::untouched());
        }
        // No other file is read; for a user of a directory, not even the uid is looked up.
        for (settled, uids_asked) in [(settled::note_far(now + 60), 0), (settled::note(1000, now + 60), 1)] {
            note(settled);
            let mut host = host::Script::new().marked(PASSWORD);
            let agent = agent::Script::untouched();
            let verdict = account(&mut host, &agent, &notes, |_| panic!("looked at"), || panic!("read"));
            assert_eq!((verdict, host.uids_asked), (Verdict::GoOn, uids_asked));
        }
        // A user who was refused a moment ago still is.
        note(settled::note_far(now + 60));
        let mut host = host::Script::new();
        host.mark = Some(Mark::Denied);
        assert_eq!(account(&mut host, &agent::Script::untouched(), &notes, |_| true, required), Verdict::Denied);
        for of_another_or_over in [settled::note(1001, now + 60), settled::note(1000, now - 1), settled::note_far(now)]
        {
            note(of_another_or_over);
            assert_eq!(signs_in(&asked()), 1, "a look-up may take long");
        }
    }

    #[test]
    fn where_it_is_no_sign_in_any_more_the_agent_is_not_touched() {
        let mut host = host::Script::new().marked(PASSWORD);
        let agent = agent::Script::untouched();
        assert_eq!(account(&mut host, &agent, Path::new("/nowhere"), |_| false, required), Verdict::GoOn);
        host.done();
        agent.done();
        assert!(host.mark.is_none());
    }

    #[test]
    fn what_the_agent_says_at_the_end_is_shown() {
        for standing in [Standing::Finished, Standing::Refused, Standing::Recovered, Standing::GivenUp] {
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
        let (verdict, host) = ran(host::Script::new().told(Tone::Error, "Required."), &denies());
        assert_eq!(verdict, Verdict::Denied);
        // The agent is not asked a second time: it may have changed its mind.
        assert_eq!(goes(host, &agent::Script::untouched(), required).0, Verdict::Denied);
    }

    #[test]
    fn an_agent_that_denies_where_nothing_is_required_keeps_nobody_out() {
        let (verdict, host) = goes(host::Script::new().marked(PASSWORD), &denies(), skippable);
        assert_eq!((verdict, host.mark.is_none()), (Verdict::GoOn, true));
        assert!(host.log.borrow().iter().any(|(level, _)| *level == Level::Warning));
        let binding = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "", "? ") };
        let person = host::Script::new().marked(PASSWORD).asked_and_breaks_off(Style::EchoOn, "? ");
        let agent = agent::Script::default().told(BEGIN, binding).cancelled();
        assert_eq!(goes(person, &agent, skippable).0, Verdict::GoOn);
    }

    #[test]
    fn who_breaks_off_a_required_registration_is_denied_and_so_is_a_host_that_can_not_ask() {
        for service in ["login", "sshd"] {
            let step = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "Required.", "? ") };
            let said = Words::in_language(Language::English).broken_off;
            let mut person =
                host::Script::new().asked_and_breaks_off(Style::EchoOn, "Required.\n? ").told(Tone::Error, said);
            person.service = service;
            let (denied, host) = ran(person, &agent::Script::default().told(BEGIN, step).cancelled());
            assert_eq!(denied, Verdict::Denied, "{service}");
            assert!(host.mark.is_some(), "a host that asks a second time is told the same");
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

    /// asyncssh, sshpass, lftp and others can't go on after a question, although the password was correct.
    #[test]
    fn over_a_network_a_password_that_came_too_soon_to_be_typed_is_followed_by_no_question_that_can_be_left_out() {
        let asking = || agent::Script::default().told(BEGIN, asks(1, Ask::Line, "", "? "));
        let after = |service, milliseconds| {
            let mut host = host::Script::new().marked_after(PASSWORD, Duration::from_millis(milliseconds));
            host.service = service;
            host.tty = if service.starts_with("sshd") { crate::SSHD_TTY } else { ":0" };
            host
        };
        let answers = |host: host::Script| host.asked(Style::EchoOn, "? ", "y");
        let answered = || asking().told(Told::Answer(1, b"y".to_vec()), ends(2, Standing::Finished, ""));
        for service in ["sshd", "sshd-of-another-name"] {
            assert_eq!(goes(after(service, 999), &asking().cancelled(), required).0, Verdict::GoOn, "{service}");
            assert_eq!(goes(answers(after(service, 1000)), &answered(), required).0, Verdict::GoOn, "{service}");
        }
        let vouching = agent::Script::default().told(BEGIN, asks(1, Ask::Vouch, "", "")).cancelled();
        assert_eq!(goes(after("sshd", 0), &vouching, skippable).0, Verdict::GoOn);
        let everybody = || Policy { min_typing_ms: 0, ..required() };
        assert_eq!(goes(answers(after("sshd", 0)), &answered(), everybody).0, Verdict::GoOn);
        // A user at this machine's own terminal can go on. So can a user at Cockpit or a remote greeter, whose browser
        // may fill in the password, and a user who must register: a password manager is fast, too.
        for service in ["login", "cockpit", "xdm"] {
            assert_eq!(goes(answers(after(service, 0)), &answered(), required).0, Verdict::GoOn, "{service}");
        }
        let binding = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "", "? ") };
        let once = agent::Script::default().told(BEGIN, binding.clone()).left_to_a_program();
        let declines = after("sshd", 0)
            .asked(Style::EchoOn, "? ", "")
            .told(Tone::Error, Words::in_language(Language::English).broken_off);
        assert_eq!(goes(declines, &once, required).0, Verdict::Denied);
        let binds = agent::Script::default()
            .told(BEGIN, binding)
            .told(Told::Answer(1, b"y".to_vec()), ends(2, Standing::Finished, ""));
        assert_eq!(goes(answers(after("sshd", 0)), &binds, required).0, Verdict::GoOn);
        // A text that needs no answer is shown where a person can read it.
        let tells = agent::Script::default().told(BEGIN, ends(1, Standing::Finished, "Type: sspr enroll"));
        let host = after("sshd", 0).told(Tone::Info, "Type: sspr enroll");
        assert_eq!(goes(host, &tells, required).0, Verdict::GoOn);
    }

    #[test]
    fn who_has_to_register_after_a_password_that_was_pasted_and_answers_is_asked_everything_from_then_on() {
        let binds =
            |turn, prompt| Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(turn, Ask::Line, "", prompt) };
        let answer = |turn, typed: &str| Told::Answer(turn, typed.as_bytes().to_vec());
        let pasted = || {
            let mut host = host::Script::new().marked_after(PASSWORD, Duration::ZERO);
            (host.service, host.tty) = ("sshd", crate::SSHD_TTY);
            host
        };
        // Enter leads back from a code, and on from a last text that needs no answer.
        let agent = agent::Script::default()
            .told(BEGIN, binds(1, "1, 2 or 3: "))
            .told(answer(1, "1"), binds(2, "Email address: "))
            .told(answer(2, "alice@example.org"), binds(3, "Code: "))
            .told(answer(3, ""), binds(4, "1, 2 or 3: "))
            .told(answer(4, "3"), binds(5, "Code: "))
            .told(answer(5, "493817"), asks(6, Ask::Line, "Done, and ten codes.", "Press Enter: "))
            .told(answer(6, ""), ends(7, Standing::Finished, ""));
        let person = pasted()
            .asked(Style::EchoOn, "1, 2 or 3: ", "1")
            .asked(Style::EchoOn, "Email address: ", "alice@example.org")
            .asked(Style::EchoOn, "Code: ", "")
            .asked(Style::EchoOn, "1, 2 or 3: ", "3")
            .asked(Style::EchoOn, "Code: ", "493817")
            .asked(Style::EchoOn, "Done, and ten codes.\nPress Enter: ", "");
        assert_eq!(goes(person, &agent, required).0, Verdict::GoOn);
        // A program's answer is refused at the first question, or where the dialogue goes on.
        let denied = |person: host::Script, agent: &agent::Script| {
            let said = Words::in_language(Language::English).broken_off;
            assert_eq!(goes(person.told(Tone::Error, said), agent, required).0, Verdict::Denied);
        };
        let begun = || agent::Script::default().told(BEGIN, binds(1, "1, 2 or 3: "));
        denied(pasted().asked(Style::EchoOn, "1, 2 or 3: ", ""), &begun().left_to_a_program());
        denied(pasted().asked(Style::EchoOn, "1, 2 or 3: ", PASSWORD), &begun().left_to_a_program());
        denied(pasted().asked_and_breaks_off(Style::EchoOn, "1, 2 or 3: "), &begun().cancelled());
    }

    #[test]
    fn without_a_user_name_the_agent_is_not_touched() {
        let mut person = host::Script::new();
        person.user = None;
        assert_eq!(ran(person, &agent::Script::untouched()).0, Verdict::GoOn);
    }

    #[test]
    fn the_helper_says_whether_what_was_typed_is_the_password_and_the_agent_learns_only_that() {
        let vouch = Told::Vouch(PASSWORD.into());
        let right = agent::Script::default()
            .told(BEGIN, asks(1, Ask::Vouch, "", ""))
            .told(vouch.clone(), ends(0, Standing::Finished, ""))
            .told(Told::Answer(1, b"yes".to_vec()), asks(2, Ask::Line, "", "? "))
            .told(Told::Answer(2, b"y".to_vec()), ends(3, Standing::Finished, ""));
        assert_eq!(ran(host::Script::new().asked(Style::EchoOn, "? ", "y"), &right).0, Verdict::GoOn);
        let asked = || agent::Script::default().told(BEGIN, asks(1, Ask::Vouch, "", ""));
        let says_how = || ends(2, Standing::Finished, "Type: sspr enroll");
        let wrong =
            asked().told(vouch.clone(), ends(0, Standing::Refused, "")).told(Told::Answer(1, vec![]), says_how());
        let unknown = asked().fails(vouch).told(Told::Answer(1, b"unknown".to_vec()), says_how());
        for agent in [wrong, unknown] {
            let person = host::Script::new().told(Tone::Info, "Type: sspr enroll");
            assert_eq!(ran(person, &agent).0, Verdict::GoOn);
        }
    }

    #[test]
    fn an_answer_that_is_the_password_or_the_name_ends_it_and_is_not_sent_on() {
        for answer in [PASSWORD, "alice"] {
            let asking = || agent::Script::default().told(BEGIN, asks(1, Ask::Line, "", "? ")).left_to_a_program();
            let person = || host::Script::new().asked(Style::EchoOn, "? ", answer);
            assert_eq!(ran(person(), &asking()).0, Verdict::GoOn);
            let binding = Step { standing: Standing::AskingOrDenied.to_wire(), ..asks(1, Ask::Line, "", "? ") };
            let binding = agent::Script::default().told(BEGIN, binding).left_to_a_program();
            // If a person typed the answer, only this text tells them.
            let said = Words::in_language(Language::English).broken_off;
            assert_eq!(ran(person().told(Tone::Error, said), &binding).0, Verdict::Denied);
        }
    }

    #[test]
    fn on_a_host_of_a_fleet_the_agent_gets_the_typed_password_for_the_server_and_one_second_counts_for_all() {
        let fleet = || Policy { fleet: true, ..skippable() };
        let asked = || agent::Script::default().told(BEGIN, asks(1, Ask::Password, "", ""));
        let hurried = || Told::Hurried(1, PASSWORD.into());
        let right = asked()
            .told(hurried(), asks(2, Ask::Line, "Register?", "? "))
            .told(Told::Answer(2, b"y".to_vec()), ends(3, Standing::Finished, ""));
        let person = host::Script::new().marked(PASSWORD).asked(Style::EchoOn, "Register?\n? ", "y");
        assert_eq!(goes(person, &right, fleet).0, Verdict::GoOn);
        for agent in [asked().told(hurried(), ends(2, Standing::Finished, "")), asked().fails(hurried())] {
            assert_eq!(goes(host::Script::new().marked(PASSWORD), &agent, fleet).0, Verdict::GoOn);
        }
        // Not where root's helper did not write it, and not what was pasted over SSH.
        assert_eq!(goes(host::Script::new().marked(PASSWORD), &asked().cancelled(), skippable).0, Verdict::GoOn);
        let mut pasted = host::Script::new().marked_after(PASSWORD, Duration::ZERO);
        (pasted.service, pasted.tty) = ("sshd", crate::SSHD_TTY);
        assert_eq!(goes(pasted, &asked().cancelled(), fleet).0, Verdict::GoOn);
    }
}
