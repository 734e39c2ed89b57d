//! Shows administrators when a user will next be asked at a sign-in, and what.

use sspr_config::settings::{Enable, RegisterMode, Settings};

use super::due::{DAY, mandatory};
use crate::{clock::Time, store::registrations::Progress};

/// When the user is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// At the first sign-in with a password from this time on; `None`: never, with the current settings.
    pub at: Option<Time>,
    /// The same over SSH, where a user who did not answer is not asked again for a while.
    pub over_ssh: Option<Time>,
    /// The question, or why nothing is asked.
    pub why: &'static str,
}

impl Outlook {
    const fn never(why: &'static str) -> Self {
        Self { at: None, over_ssh: None, why }
    }

    /// The outlook of an account with this progress. `served`: self-service is enabled for it. `admin`: it is an
    /// administrator's.
    pub fn of(settings: &Settings, served: bool, admin: bool, have: &Progress, now: Time) -> Self {
        let register = &settings.register;
        if register.mode == RegisterMode::Off {
            return Self::never("[register] mode is \"off\"");
        }
        if !served || settings.scope.enable == Enable::None {
            return Self::never("self-service is not on for this account");
        }
        let every = register.ask_every.as_secs();
        let again_from = have.unanswered.map_or(now, |time| time + Time::from(register.ask_again_days) * DAY);
        let quietly = |at: Time, why| {
            let at = at.max(now);
            Self { at: Some(at), over_ssh: Some(at.max(again_from)), why }
        };
        let enough = have.methods >= i64::from(settings.recover.required(admin));
        if !enough && !have.exempt {
            if mandatory(register.mode, register.skip_days, have.invited, now) {
                return Self { at: Some(now), over_ssh: Some(now), why: "to register, which is required" };
            }
            return quietly(have.invited.map_or(now, |invited| invited.last + every), "to register");
        }
        let asked_again = have.asked.map_or(now, |asked| asked + every);
        let mut next = Vec::new();
        if have.confirmed.is_some() && have.unconfirmed > 0 {
            next.push((asked_again, "whether the imported contacts are theirs"));
        }
        if settings.recover.recovery_codes && have.unseen_codes {
            next.push((asked_again, "whether new recovery codes are wanted, at a terminal"));
        }
        if let (Some(confirmed), true) = (have.confirmed, register.reconfirm_days > 0 && have.methods > 0) {
            let old = confirmed + Time::from(register.reconfirm_days) * DAY;
            next.push((old.max(asked_again), "whether the registration is still correct"));
        }
        match next.into_iter().min_by_key(|(at, _)| (*at).max(now)) {
            Some((at, why)) => quietly(at, why),
            None if have.exempt => Self::never("need not register"),
            None => Self::never("[register] reconfirm_days is 0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{snapshot::settings_for_tests, store::registrations::Invitation};

    const NOW: Time = 1_800_000_000;
    const NEW: Progress = Progress {
        methods: 0,
        unconfirmed: 0,
        confirmed: None,
        asked: None,
        checked: None,
        invited: None,
        exempt: false,
        unanswered: None,
        unseen_codes: false,
    };

    fn told(settings: &str, have: Progress) -> (Option<Time>, Option<Time>, &'static str) {
        let Outlook { at, over_ssh, why } = Outlook::of(&settings_for_tests(settings), true, false, &have, NOW);
        (at.map(|at| at - NOW), over_ssh.map(|at| at - NOW), why)
    }

    #[test]
    fn who_is_not_registered_is_asked_each_day_over_ssh_not_where_nobody_answered_and_always_where_it_is_required() {
        let lately = |first| Some(Invitation { first, last: NOW - 3600 });
        assert_eq!(told("", NEW), (Some(0), Some(0), "to register"));
        let asked = Progress { invited: lately(None), unanswered: Some(NOW - DAY), ..NEW };
        assert_eq!(told("", asked), (Some(DAY - 3600), Some(29 * DAY), "to register"));
        let required = "[register]\nmode = \"required\"\nskip_days = 3\n";
        let put_off = Progress { invited: lately(Some(NOW - 3 * DAY)), ..asked };
        assert_eq!(told(required, put_off), (Some(0), Some(0), "to register, which is required"));
        let not_yet = Progress { invited: lately(Some(NOW - 3 * DAY + 1)), ..asked };
        assert_eq!(told(required, not_yet), told("", not_yet));
        let exempt = Progress { exempt: true, ..put_off };
        assert_eq!(told(required, exempt), (None, None, "need not register"));
    }

    #[test]
    fn who_is_registered_is_asked_when_it_is_time_to_look_at_it_again() {
        let have = Progress { methods: 1, confirmed: Some(NOW - 10 * DAY), ..NEW };
        let review = "whether the registration is still correct";
        assert_eq!(told("", have), (Some(170 * DAY), Some(170 * DAY), review));
        let later = Progress { confirmed: Some(NOW - 200 * DAY), asked: Some(NOW), unanswered: Some(NOW), ..have };
        assert_eq!(told("", later), (Some(DAY), Some(30 * DAY), review));
        assert_eq!(told("[register]\nreconfirm_days = 0\n", have), (None, None, "[register] reconfirm_days is 0"));
        let imported = Progress { unconfirmed: 1, ..have };
        assert_eq!(told("", imported).2, "whether the imported contacts are theirs");
        let codes = Progress { unseen_codes: true, ..have };
        assert_eq!(told("", codes).2, "whether new recovery codes are wanted, at a terminal");
        assert_eq!(told("[recover]\nrecovery_codes = false\n", codes).2, review);
    }

    #[test]
    fn where_nobody_is_asked_it_says_why() {
        assert_eq!(told("[register]\nmode = \"off\"\n", NEW), (None, None, "[register] mode is \"off\""));
        let settings = settings_for_tests("");
        let why = Outlook::of(&settings, false, false, &NEW, NOW);
        assert_eq!((why.at, why.why), (None, "self-service is not on for this account"));
    }
}
