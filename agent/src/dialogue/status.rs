//! `sspr status`: what is registered, masked.

use std::collections::BTreeSet;

use sspr_config::{dialogue::Standing, settings::Method};

use super::{Caller, Ending, Stop, recover};
use crate::{credential::Verdict, doors::Doors, error::Error, proof::Case, store::registrations};

pub(super) async fn status(doors: &Doors, caller: &Caller, case: &Case) -> Result<Ending, Stop> {
    if let Some(ending) = recover::too_many_starts(doors, caller).await? {
        return Ok(ending);
    }
    let texts = &doors.texts;
    let name = &case.account.name;
    let state = doors.credentials.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(Ending::new(Standing::Finished, super::with_help(doors, texts.say("enroll-not-served", &[]))));
    }
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let registration = registrations::get(&mut tx, &doors.keys, name).await?.filter(|r| r.uid == state.uid);
    tx.commit().await.map_err(Error::from)?;
    let Some(registration) = registration else {
        return Ok(Ending::new(Standing::Finished, texts.say("status-nothing", &[])));
    };
    let mut text = texts.say("status-registered", &[]);
    for registered in &registration.contacts {
        let masked = registered.contact.masked();
        let line = match registered.contact.method() {
            Method::Email => texts.say("status-email", &[("contact", masked.as_str().into())]),
            Method::Phone | Method::App => texts.say("status-phone", &[("contact", masked.as_str().into())]),
        };
        text.push('\n');
        text.push_str(&line);
    }
    let required = doors.settings.recover.required(state.admin);
    let different: BTreeSet<_> = registration.contacts.iter().map(|c| c.contact.method()).collect();
    if different.len() < usize::from(required) {
        text.push('\n');
        text.push_str(&texts.say("status-too-few", &[]));
    }
    Ok(Ending::new(Standing::Finished, text))
}
