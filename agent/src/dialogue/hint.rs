//! One line for a user in a shell who was not asked at the sign-in, as with a key: that `sspr enroll` registers, or that
//! there are recovery codes which a greeter could not show.

use sspr_config::{
    dialogue::Standing,
    settings::{Enable, RegisterMode},
};

use super::{Ending, Stop, admission, due};
use crate::{account::Id, session::Session, store::registrations};

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

/// Which line, if any. The cheap questions first: most who ask are registered. A directory that takes its time holds up no shell.
async fn wanted(s: &Session) -> Result<Option<&'static str>, Stop> {
    let (settings, name) = (&s.settings, s.name());
    let (own, far) = (Id::from(s.caller().uid), s.targets.is_far(name));
    let nobody = settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None;
    if nobody || s.caller().uid < settings.scope.min_uid.max(1) || !far && s.targets.known(name) != Some(own) {
        return Ok(None);
    }
    let methods = &settings.register.methods;
    let id = if far {
        registrations::id_at_registration(s.store.look().await.connection(), name).await?.unwrap_or(Id::NONE)
    } else {
        own
    };
    let progress = registrations::progress(s.store.session().await.connection(), name, id, methods).await?;
    let registered = progress.methods;
    // Made where they could not be shown.
    let unseen = settings.recover.recovery_codes && progress.unseen_codes && registered > 0;
    if !unseen && registered >= i64::from(settings.recover.required(true)) {
        return Ok(None);
    }
    let Some(state) = due::looked_up(s).await? else { return Ok(None) };
    // In a directory, what an entry of this name had registered that is gone is of no use to this one.
    let another = state.id != id;
    if another && !far {
        return Ok(None);
    }
    let registered = if another { 0 } else { registered };
    let unseen = unseen && !another;
    let lacks = registered < i64::from(settings.recover.required(state.admin));
    Ok(if lacks { Some("hint-enroll") } else { unseen.then_some("hint-codes") })
}
