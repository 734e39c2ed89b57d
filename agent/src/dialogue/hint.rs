//! One line for whoever is in a shell and was not asked at the sign-in, as with a key: that `sspr enroll` registers.

use sspr_config::{
    dialogue::Standing,
    settings::{Enable, RegisterMode},
};

use super::{Caller, Ending, Stop, admission};
use crate::{credential::Verdict, doors::Doors, error::Error, proof::Case, store::registrations};

/// The line, or nothing: to whom it is of no use, and whenever anything fails.
pub(super) async fn hint(doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    // Too many starts are nothing that a shell should say.
    if admission::counted(doors, case).await?.is_some() || !wanted(doors, caller, case).await? {
        return Ok(Ending::finished());
    }
    Ok(Ending::new(Standing::Finished, doors.texts.say("hint-enroll", &[])))
}

/// The cheap questions first: most who ask are registered.
async fn wanted(doors: &Doors, caller: &Caller, case: &Case) -> Result<bool, Error> {
    let (settings, name) = (&doors.settings, &case.account.name);
    let nobody = settings.register.mode == RegisterMode::Off || settings.scope.enable == Enable::None;
    if nobody || caller.uid < settings.scope.min_uid.max(1) || doors.people.uid(name) != Some(caller.uid) {
        return Ok(false);
    }
    let methods = &settings.register.methods;
    let progress = registrations::progress(doors.store.session().await.connection(), name, caller.uid, methods).await?;
    let registered = progress.methods;
    if registered >= i64::from(settings.recover.required(true)) {
        return Ok(false);
    }
    let state = doors.credentials.account(name).await?;
    Ok(state.verdict == Verdict::Eligible
        && state.uid == caller.uid
        && registered < i64::from(settings.recover.required(state.admin)))
}
