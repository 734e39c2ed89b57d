//! Sign-ins with a password on this host. If an administrator enabled that, the fleet's server has the directory check
//! the password, and asks users who have to register. After any failure, the sign-in goes on without a question.

use sspr_config::{
    dialogue::{Ask, Step},
    settings::RegisterMode,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    open::{About, Open, Opened},
    relay::{Host, Result},
    signing_in::{NOT_ASKED, SigningIn, nothing},
    steps::ask,
    told::message,
};
use crate::{
    caller::Caller,
    held::Refused,
    principal::Principal,
    sessions::{Beginning, Sessions},
};

impl Host {
    /// Begins a dialogue with the user `name`, who has just signed in.
    pub(super) async fn signs_in(
        &self,
        sessions: &Sessions,
        who: &Principal,
        name: String,
        caller: Caller,
        wanted: &Beginning<'_>,
        leaving: impl Future<Output = std::result::Result<(), String>> + Send + 'static,
    ) -> Result<(String, Step)> {
        let agent = self.agent.now();
        let signing_in = SigningIn::new(&agent);
        let settings = &agent.settings;
        let asks = settings.fleet.checks_sign_ins() && settings.register.mode != RegisterMode::Off;
        // Unlike the files here, the server's directory may ignore case.
        let is_own = |name: &str| agent.people.is_own(name);
        if !asks || agent.settled.holds_far(&name, agent.now()) || is_own(&name) || is_own(&name.to_lowercase()) {
            return Ok((String::new(), nothing(1)));
        }
        let place =
            self.places.take(who.uid()).ok_or_else(|| Refused::Unavailable("too many dialogues are open".into()))?;
        let message = message(who, wanted, &caller, (name.clone(), String::new()));
        let begun = self.begun(&agent, &message, signing_in.by.saturating_duration_since(Instant::now())).await;
        let Opened { at, handle, step, .. } = match begun {
            Ok(begun) => begun,
            Err(why) => {
                tracing::warn!(%why, "nobody is asked to register at this sign-in: {why}");
                return Ok((String::new(), nothing(1)));
            }
        };
        if ask(&step) == Ask::Nothing {
            if !step.text.is_empty() {
                // A server of an earlier version sends this line to every user at every sign-in.
                signing_in.note(&agent, &name, NOT_ASKED);
            }
            return Ok((String::new(), nothing(1)));
        }
        let (texts, _) = sessions.texts(caller, wanted);
        let about = About {
            user: name,
            uid: who.uid(),
            texts,
            new_password: Zeroizing::default(),
            wanted: None,
            is_own: false,
        };
        let mut open = Open::new(who, (at, handle, &step), about, place);
        if ask(&step) != Ask::Password {
            // No other question may come before the password was checked.
            self.told(&open, None);
            return Ok((String::new(), nothing(1)));
        }
        open.signing_in = Some(signing_in);
        self.keeps(&agent, open, leaving).map(|handle| (handle, step))
    }
}
