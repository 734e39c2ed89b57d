//! `sspr status`: what is registered, masked.

use jiff::{Timestamp, tz::TimeZone};
use sspr_config::dialogue::Standing;

use super::{Ending, Stop, admission, desk::Desk, enroll};
use crate::{
    clock::Time,
    credential::Verdict,
    doors::Doors,
    error::Error,
    proof::Case,
    store::{recovery_codes, registrations},
    texts::Texts,
};

pub(super) async fn status(doors: &Doors, case: &Case) -> Result<Ending, Stop> {
    if let Some(ending) = admission::looks(doors, case).await? {
        return Ok(ending);
    }
    let texts = &doors.texts;
    let name = &case.account.name;
    let state = doors.credentials.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(Ending::new(Standing::Finished, super::with_help(doors, texts.say("enroll-not-served", &[]))));
    }
    let desk = Desk::open(doors, case, &state).await?;
    let list = enroll::list(doors, &desk);
    if list.is_empty() {
        return Ok(Ending::new(Standing::Finished, texts.say("status-nothing", &[])));
    }
    let mut session = doors.store.session().await;
    let progress = registrations::progress(session.connection(), name, state.uid, &desk.enabled).await?;
    let mut tx = session.begin().await?;
    let codes = recovery_codes::left(&mut tx, name).await?;
    tx.commit().await.map_err(Error::from)?;
    drop(session);
    let mut lines = vec![texts.say("status-registered", &[])];
    lines.extend(list);
    if doors.settings.recover.recovery_codes {
        lines.push(texts.say("status-codes", &[("left", codes.into())]));
    }
    if let Some(confirmed) = progress.confirmed {
        lines.push(texts.say("status-confirmed", &[("date", date(texts, confirmed).as_str().into())]));
    }
    if desk.contacts.iter().any(|c| !c.usable) {
        lines.push(texts.say("status-unconfirmed", &[]));
    }
    if desk.missing() > 0 {
        lines.push(texts.say("status-too-few", &[]));
    }
    Ok(Ending::new(Standing::Finished, lines.join("\n")))
}

fn date(texts: &Texts, time: Time) -> String {
    Timestamp::from_second(time).map_or_else(
        |_| time.to_string(),
        |at| at.to_zoned(TimeZone::system()).strftime(&texts.say("date-format", &[])).to_string(),
    )
}
