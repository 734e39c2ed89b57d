//! One line for a user in a shell who was not asked at the sign-in, as with a key: that `sspr enroll` registers, or that
//! there are recovery codes which a greeter could not show.

use sspr_config::{
    dialogue::Standing,
    settings::{Enable, RegisterMode},
};

use super::{Ending, Stop, admission};
use crate::{account::Id, credential::Verdict, error::Error, session::Session, store::registrations};

/// The line, or nothing: to whom it is of no use, and whenever anything fails.
pub(super) async fn hint(s: &Session) -> Result<Ending, Stop> {
    // Too many looks are nothing that a shell should say.
    if admission::looks(s).await?.is_some() {
        return Ok(Ending::finished());
    }
    Ok(match wanted(s).await? {
        Some(key) => Ending::new(Standing::Finished, s.say(key)),
        None => Ending::finished(),
    })
}

/// Which line, if any. The cheap questions first: most who ask are registered.
async fn wanted(s: &Session) -> Result<Option<&'static str>, Error> {
    let (settings, name) = (&s.settings, s.name());
    let id = Id::from(s.caller().uid);
    let nobody = settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None;
    if nobody || s.caller().uid < settings.scope.min_uid.max(1) || s.targets.known(name) != Some(id) {
        return Ok(None);
    }
    let methods = &settings.register.methods;
    let progress = registrations::progress(s.store.session().await.connection(), name, id, methods).await?;
    let registered = progress.methods;
    // Made where they could not be shown.
    let unseen = settings.recover.recovery_codes && progress.unseen_codes && registered > 0;
    if !unseen && registered >= i64::from(settings.recover.required(true)) {
        return Ok(None);
    }
    let state = s.targets.account(name).await?;
    if state.verdict != Verdict::Eligible || state.id != id {
        return Ok(None);
    }
    let lacks = registered < i64::from(settings.recover.required(state.admin));
    Ok(if lacks { Some("hint-enroll") } else { unseen.then_some("hint-codes") })
}
