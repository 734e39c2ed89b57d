//! `sspr status`: what is registered, masked.

use jiff::{Timestamp, tz::TimeZone};
use sspr_config::dialogue::Standing;

use super::{Ending, Stop, admission, desk::Desk, enroll};
use crate::{
    clock::Time,
    credential::Verdict,
    error::Error,
    session::Session,
    store::{RecoveryCodes, registrations},
    texts::Texts,
};

pub(super) async fn status(s: &Session) -> Result<Ending, Stop> {
    if let Some(ending) = admission::looks(s).await? {
        return Ok(ending);
    }
    let name = s.name();
    let state = s.targets.account(name).await.map_err(Error::from)?;
    if state.verdict != Verdict::Eligible {
        return Ok(Ending::new(Standing::Finished, super::with_help(s, s.say("enroll-not-served"))));
    }
    let desk = Desk::open(s, &state).await?;
    let list = enroll::list(s, &desk);
    if list.is_empty() {
        return Ok(Ending::new(Standing::Finished, s.say("status-nothing")));
    }
    let progress = registrations::progress(s.store.session().await.connection(), name, state.id, &desk.enabled).await?;
    let mut tx = s.begin().await?;
    let codes = RecoveryCodes::left(&mut tx, name).await?;
    tx.commit().await?;
    let mut lines = vec![s.say("status-registered")];
    lines.extend(list);
    if s.settings.recover.recovery_codes {
        lines.push(s.say_with("status-codes", &[("left", codes.into())]));
    }
    if let Some(confirmed) = progress.confirmed {
        lines.push(s.say_with("status-confirmed", &[("date", date(&s.texts, confirmed).as_str().into())]));
    }
    if desk.contacts.iter().any(|c| !c.usable) {
        lines.push(s.say("status-unconfirmed"));
    }
    if desk.missing() > 0 {
        lines.push(s.say("status-too-few"));
    }
    Ok(Ending::new(Standing::Finished, lines.join("\n")))
}

fn date(texts: &Texts, time: Time) -> String {
    Timestamp::from_second(time).map_or_else(
        |_| time.to_string(),
        |at| at.to_zoned(TimeZone::system()).strftime(&texts.say("date-format", &[])).to_string(),
    )
}
