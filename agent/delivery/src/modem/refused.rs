//! What the errors mean that ModemManager answers with. Their names alone are looked at: their texts may repeat the number.

use std::time::Duration;

use sspr_config::bus::{error_name, not_delivered};
use sspr_core::cause::{Cause, modem as cause};

use super::{super::DeliveryError, found::Found};

/// The longest name of an error that is shown.
const SHOWN_MAX: usize = 80;

/// What there is in place of an answer.
#[derive(Debug)]
pub(super) enum Failed {
    Late,
    Bus(zbus::Error),
}

/// Whether it is the bus that does not let the call through.
pub(super) fn is_denied(why: &zbus::Error) -> bool {
    error_name(why).as_deref() == Some("org.freedesktop.DBus.Error.AccessDenied")
}

/// For the journal.
pub(super) fn short(failed: &Failed) -> String {
    match failed {
        Failed::Late => "no answer in time".to_owned(),
        Failed::Bus(why) => error_name(why).map_or_else(|| "the bus failed".to_owned(), |name| tail(&name)),
    }
}

/// A name without what all of them begin with, of letters alone.
fn tail(name: &str) -> String {
    let tail = name.strip_prefix("org.freedesktop.").unwrap_or(name);
    let tail = tail.strip_prefix("ModemManager1.Error.").unwrap_or(tail);
    tail.chars().filter(|c| c.is_ascii_alphanumeric() || "._".contains(*c)).take(SHOWN_MAX).collect()
}

/// Why a modem that is off stays so.
pub(super) fn while_enabling(modem: &Found, failed: &Failed) -> DeliveryError {
    match failed {
        Failed::Late => modem.later(&cause::STARTING),
        Failed::Bus(why) if is_denied(why) || is_unauthorized(why) => modem.later(&cause::STAYS_OFF),
        Failed::Bus(why) if not_delivered(why) => modem.later(&cause::GONE),
        Failed::Bus(why) => meant(modem, why)
            .unwrap_or_else(|| DeliveryError::later(format!("{} ({})", modem.says(&cause::OFF), short(failed)))),
    }
}

/// Whether polkit says no.
fn is_unauthorized(why: &zbus::Error) -> bool {
    error_name(why).as_deref() == Some("org.freedesktop.ModemManager1.Error.Core.Unauthorized")
}

/// Why no message could be made. None was sent.
pub(super) fn before_sending(modem: &Found, failed: &Failed) -> DeliveryError {
    match failed {
        Failed::Late => modem.later(&cause::NO_ANSWER),
        Failed::Bus(why) if is_denied(why) => modem.later(&cause::NOT_FOR_US),
        Failed::Bus(why) if not_delivered(why) => modem.later(&cause::GONE),
        Failed::Bus(why) => meant(modem, why).unwrap_or_else(|| refusal(modem, why)),
    }
}

/// Why a message that was to be sent was not, or whether that is not known.
pub(super) fn while_sending(modem: &Found, failed: &Failed, within: Duration) -> DeliveryError {
    match failed {
        Failed::Late => {
            let why = format!("{} ({} s)", modem.says(&cause::LATE), within.as_secs());
            DeliveryError::Unsure { why }
        }
        Failed::Bus(why) if is_denied(why) => modem.later(&cause::NOT_FOR_US),
        // The object is gone, and it was never asked.
        Failed::Bus(why) if not_delivered(why) => modem.later(&cause::GONE),
        Failed::Bus(why) => match meant(modem, why) {
            Some(error) => error,
            None if is_open(why) => {
                DeliveryError::Unsure { why: format!("{} ({})", modem.says(&cause::LATE), short(failed)) }
            }
            None => refusal(modem, why),
        },
    }
}

/// Whether the modem may have sent the message and only the answer got lost: ModemManager itself went away, the modem's port was
/// closed under it, or modem or network kept silent.
fn is_open(why: &zbus::Error) -> bool {
    let Some(name) = error_name(why) else { return true };
    let Some(name) = name.strip_prefix("org.freedesktop.ModemManager1.Error.") else {
        return name.starts_with("org.freedesktop.DBus.Error.NoReply")
            || name.starts_with("org.freedesktop.DBus.Error.Disconnected");
    };
    name.starts_with("Serial.")
        || matches!(
            name,
            "Core.Aborted"
                | "Core.Cancelled"
                | "Core.Timeout"
                | "Message.NetworkTimeout"
                | "MobileEquipment.NetworkTimeout"
        )
}

/// What has words and a fix of its own. The nicks of `MMCoreError`, `MMMessageError` (+CMS ERROR of 3GPP TS 27.005) and
/// `MMMobileEquipmentError` (+CME ERROR of 3GPP TS 27.007).
fn meant(modem: &Found, why: &zbus::Error) -> Option<DeliveryError> {
    let name = error_name(why)?;
    let (_, nick) = name.strip_prefix("org.freedesktop.ModemManager1.Error.")?.split_once('.')?;
    let cause: &Cause = match nick {
        "Unauthorized" => &cause::NOT_FOR_US,
        "WrongState" => &cause::OFF,
        "NotFound" => &cause::GONE,
        "Unsupported" => &cause::NO_TEXTS,
        "MemoryFull" => &cause::MEMORY,
        "SimNotInserted" => &cause::NO_SIM,
        "SimFailure" | "SimWrong" => &cause::BAD_SIM,
        "SimPin" | "SimPin2" => &cause::PIN,
        "SimPuk" | "SimPuk2" => &cause::PUK,
        "PhSimPin" | "NetworkPin" | "ServicePin" | "CorpPin" | "NetworkSubsetPin" => &cause::OTHER_LOCK,
        "NoNetwork" | "NoConnection" | "NotAllowedEmergencyOnly" => &cause::NO_NETWORK,
        "NetworkNotAllowed" | "IllegalMe" | "IllegalUe" | "PlmnNotAllowed" => &cause::DENIED,
        "CallBarred" | "OperatorDeterminedBarring" | "FixedDialNumberOnly" => &cause::BARRED,
        "SmscAddressUnknown" => &cause::NO_CENTRE,
        // What the network says, see 3GPP TS 24.011, table 8.4: no such number.
        "Unknown" if of_network(why) == Some(1) => {
            return Some(DeliveryError::Recipient { why: named(modem, why), after: None });
        }
        // Barring, by the operator, of the call or of the facility.
        "Unknown" if matches!(of_network(why), Some(8 | 10 | 50)) => &cause::BARRED,
        // Of this number or this text alone.
        "DialStringInvalid" | "DialStringTooLong" | "InvalidPduParameter" | "InvalidTextParameter" => {
            return Some(DeliveryError::Recipient { why: named(modem, why), after: None });
        }
        "TooMany" | "TextTooLong" | "InvalidChars" => return Some(DeliveryError::never(named(modem, why))),
        _ => return None,
    };
    Some(modem.later(cause))
}

fn refusal(modem: &Found, why: &zbus::Error) -> DeliveryError {
    DeliveryError::later(named(modem, why))
}

/// That it was refused, with the name of the error.
fn named(modem: &Found, why: &zbus::Error) -> String {
    let name = error_name(why).map(|name| tail(&name)).unwrap_or_default();
    let number = of_network(why).map(|number| format!(", +CMS ERROR {number}")).unwrap_or_default();
    format!("{} ({name}{number})", modem.says(&cause::REFUSED))
}

/// The number of a `+CMS ERROR` that has no name of its own: it stands in the text, and is all that is taken from there.
fn of_network(why: &zbus::Error) -> Option<u16> {
    const NUMBER_MAX: u16 = 512;
    let zbus::Error::MethodError(_, Some(text), _) = why else { return None };
    let number = text.strip_prefix("Unknown message error: ")?.parse().ok()?;
    (number < NUMBER_MAX).then_some(number)
}
