//! `sspr status`: the registration, masked, when it was last used, and what a reset would ask for.

use jiff::{Timestamp, tz::TimeZone};
use sspr_config::{dialogue::Standing, settings::Method};

use super::{Ending, Stop, admission, enroll, enrollment::Enrollment};
use crate::{
    clock::Time,
    credential::Verdict,
    error::Error,
    session::Session,
    store::{LookUps as _, RecoveryCodes, Uses, uses::LastUsed},
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
    let enrollment = Enrollment::open(s, &state).await?;
    let list = enroll::list(s, &enrollment);
    if list.is_empty() {
        return Ok(Ending::new(Standing::Finished, s.say("status-nothing")));
    }
    let progress = s.begin_to_read().await?.progress(name, state.id, &enrollment.enabled).await?;
    let mut tx = s.begin_to_read().await?;
    let codes = RecoveryCodes::left(&mut tx, name).await?;
    let used = Uses::last(&mut tx, name).await?;
    tx.commit().await?;
    let mut lines = vec![s.say("status-registered")];
    for (line, way) in list.into_iter().zip(ways(&enrollment, &used)) {
        lines.push(line);
        lines.extend(way.lines(s));
    }
    match enrollment.required {
        _ if enrollment.missing() > 0 => {}
        1 => lines.push(s.say("status-asks-one")),
        _ => lines.push(s.say("status-asks-two")),
    }
    if s.settings.recover.recovery_codes {
        lines.push(s.say_with("status-codes", &[("left", codes.into())]));
    }
    if let Some(confirmed) = progress.confirmed {
        lines.push(s.say_with("status-confirmed", &[("date", date(&s.texts, confirmed).as_str().into())]));
    }
    if enrollment.contacts.iter().any(|c| !c.usable) {
        lines.push(s.say("status-unconfirmed"));
    }
    if enrollment.missing() > 0 {
        lines.push(s.say("status-too-few"));
    }
    Ok(Ending::new(Standing::Finished, lines.join("\n")))
}

/// A registered way.
struct Way {
    used: Option<Time>,
    /// A reset that begins now can ask for it.
    asked: bool,
}

impl Way {
    /// The lines below it.
    fn lines(&self, s: &Session) -> Vec<String> {
        let used = match self.used {
            Some(at) => s.say_with("status-used", &[("date", date(&s.texts, at).as_str().into())]),
            None => s.say("status-unused"),
        };
        let not_asked = (!self.asked).then(|| s.say("status-not-asked"));
        [used].into_iter().chain(not_asked).map(|line| format!("    {line}")).collect()
    }
}

/// The ways in the order of [`enroll::list`].
fn ways(enrollment: &Enrollment, used: &LastUsed) -> Vec<Way> {
    let on = |method: Method| enrollment.enabled.contains(&method);
    let contacts = enrollment.contacts.iter().map(|own| Way {
        used: used.contacts.get(&own.id).copied().flatten(),
        asked: own.usable && on(own.contact.method()),
    });
    contacts.chain(enrollment.app.map(|_| Way { used: used.app, asked: on(Method::App) })).collect()
}

fn date(texts: &Texts, time: Time) -> String {
    Timestamp::from_second(time).map_or_else(
        |_| time.to_string(),
        |at| at.to_zoned(TimeZone::system()).strftime(&texts.say("date-format", &[])).to_string(),
    )
}
