//! One line in a shell for a user who was not asked at the sign-in, for example because of an SSH key. It says how to
//! register with `sspr enroll`, or that there are recovery codes that a greeter could not show.

use sspr_config::{
    dialogue::Standing,
    settings::{Enable, RegisterMode},
};
use tokio::time::Instant;

use super::{Ending, Stop, admission, due};
use crate::{account::Id, session::Session, store::LookUps as _};

/// The line, or nothing for a user who has no use for it, and after any error.
pub(super) async fn hint(s: &Session) -> Result<Ending, Stop> {
    // A shell should not mention that there were too many looks.
    if admission::looks(s).await?.is_some() {
        return Ok(Ending::finished());
    }
    Ok(match wanted(s).await? {
        Some(key) => Ending::new(Standing::Finished, s.say(key)),
        None => Ending::finished(),
    })
}

/// Which line, if any. The cheap checks come first: most users are registered. A slow directory holds up no shell.
async fn wanted(s: &Session) -> Result<Option<&'static str>, Stop> {
    let (settings, name) = (&s.settings, s.name());
    let (own, far) = (Id::from(s.caller().uid), s.targets.is_far(name));
    let nobody = settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None;
    if nobody || s.caller().uid < settings.scope.min_uid.max(1) || !far && s.targets.known(name) != Some(own) {
        return Ok(None);
    }
    let methods = &settings.register.methods;
    let id = if far { s.store.look().await?.id_at_registration(name).await?.unwrap_or(Id::NONE) } else { own };
    let progress = s.begin_to_read().await?.progress(name, id, methods).await?;
    let registered = progress.methods;
    // The codes were made where they could not be shown.
    let unseen = settings.recover.recovery_codes && progress.unseen_codes && registered > 0;
    if !unseen && registered >= i64::from(settings.recover.required(true)) {
        return Ok(None);
    }
    let Some(state) = due::looked_up(s, Instant::now() + due::AT_A_SIGN_IN).await? else { return Ok(None) };
    // The registration of an earlier directory entry with this name does not count for this one.
    let another = state.id != id;
    if another && !far {
        return Ok(None);
    }
    let registered = if another { 0 } else { registered };
    let unseen = unseen && !another;
    let lacks = registered < i64::from(settings.recover.required(state.admin));
    Ok(if lacks { Some("hint-enroll") } else { unseen.then_some("hint-codes") })
}
