//! The modems that ModemManager knows: which one is meant, what it is called, and whether it can send now. The numbers are those of
//! `MMModemState`, `MMModemStateFailedReason`, `MMModemLock` and `MMModem3gppRegistrationState`.

use std::{collections::HashMap, fmt::Write as _};

use sspr_core::{
    cause::{Cause, modem as cause},
    plain::plain,
};
use zbus::{OwnedObjectPath, OwnedVariant, Variant};

use super::super::DeliveryError;

pub(super) const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
const NETWORK: &str = "org.freedesktop.ModemManager1.Modem.Modem3gpp";
pub(super) const MESSAGING: &str = "org.freedesktop.ModemManager1.Modem.Messaging";

/// What an object of the bus has, by interface and name.
pub(super) type Interfaces = HashMap<String, HashMap<String, OwnedVariant>>;

/// No name of a maker or an operator is longer, in characters.
const NAME_MAX: usize = 40;

/// A modem.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: OwnedObjectPath,
    has: Interfaces,
}

/// What is wrong with no modem in particular.
pub(super) fn later(cause: &Cause) -> DeliveryError {
    DeliveryError::later(format!("modem: {}", cause.words))
}

/// The one of `modems` that `device` names, or the only one.
pub(super) fn chosen(mut modems: Vec<Found>, device: Option<&str>) -> Result<Found, DeliveryError> {
    if modems.is_empty() {
        return Err(later(&cause::NO_MODEM));
    }
    let all: Vec<String> = modems.iter().map(Found::listed).collect();
    let all = all.join("; ");
    if let Some(device) = device {
        modems.retain(|modem| modem.is(device));
        if modems.is_empty() {
            return Err(DeliveryError::later(format!("modem: {}. There is: {all}", cause::OTHER_MODEM.words)));
        }
    }
    let first = modems.pop();
    match first.filter(|_| modems.is_empty()) {
        Some(modem) => Ok(modem),
        None => Err(DeliveryError::later(format!("modem: {}: {all}", cause::SEVERAL.words))),
    }
}

impl Found {
    /// `None` for an object that is something else.
    pub(super) fn new(path: OwnedObjectPath, has: Interfaces) -> Option<Self> {
        has.contains_key(MODEM).then_some(Self { path, has })
    }

    fn value(&self, interface: &str, name: &str) -> Option<&OwnedVariant> {
        self.has.get(interface)?.get(name)
    }

    fn text(&self, interface: &str, name: &str) -> Option<&str> {
        <&str>::try_from(self.value(interface, name)?).ok().filter(|text| !text.is_empty())
    }

    fn number(&self, interface: &str, name: &str) -> Option<u32> {
        u32::try_from(self.value(interface, name)?).ok()
    }

    fn state(&self) -> i32 {
        self.value(MODEM, "State").and_then(|state| i32::try_from(state).ok()).unwrap_or_default()
    }

    fn ports(&self) -> Vec<&str> {
        let Some(Variant::Array(ports)) = self.value(MODEM, "Ports").map(|ports| &**ports) else { return Vec::new() };
        let names = ports.inner().iter().filter_map(|port| match port {
            Variant::Structure(port) => port.fields().first().and_then(|name| <&str>::try_from(name).ok()),
            _ => None,
        });
        names.collect()
    }

    /// Whether `device` names it: by its IMEI, a port, its device in /sys (or the uid that udev gives it), or the identifier that
    /// ModemManager makes up.
    fn is(&self, device: &str) -> bool {
        let port = device.strip_prefix("/dev/").unwrap_or(device);
        let names = ["EquipmentIdentifier", "Device", "Physdev", "DeviceIdentifier"];
        names.iter().any(|name| self.text(MODEM, name) == Some(device))
            || self.text(MODEM, "PrimaryPort") == Some(port)
            || self.ports().contains(&port)
    }

    /// What it is called, such as `Quectel EG25-G (cdc-wdm0)`.
    fn name(&self) -> String {
        let maker = self.text(MODEM, "Manufacturer").map(shown);
        let model = self.text(MODEM, "Model").map(shown);
        let words: Vec<String> = match (maker, model) {
            // Many say their maker in both.
            (Some(maker), Some(model)) if model.starts_with(&maker) => vec![model],
            (maker, model) => maker.into_iter().chain(model).collect(),
        };
        let name = if words.is_empty() { "a modem".to_owned() } else { words.join(" ") };
        match self.text(MODEM, "PrimaryPort") {
            Some(port) => format!("{name} ({})", shown(port)),
            None => name,
        }
    }

    /// What it is called, and what can be written into the settings for it.
    fn listed(&self) -> String {
        match self.text(MODEM, "EquipmentIdentifier").or_else(|| self.text(MODEM, "Device")) {
            Some(device) => format!("{}, device = \"{}\"", self.name(), plain(device)),
            None => self.name(),
        }
    }

    /// The same, if it can send now.
    pub(super) fn able(self) -> Result<Self, DeliveryError> {
        match self.hindrance() {
            None => Ok(self),
            Some(cause) => Err(self.later(cause)),
        }
    }

    /// Why it sends nothing now.
    fn hindrance(&self) -> Option<&'static Cause> {
        match self.state() {
            -1 => Some(match self.number(MODEM, "StateFailedReason") {
                Some(2) => &cause::NO_SIM,
                Some(3) => &cause::BAD_SIM,
                Some(5) => &cause::NO_PROFILE,
                _ => &cause::FAILED,
            }),
            // Unknown, initializing, enabling.
            0 | 1 | 5 => Some(&cause::STARTING),
            2 => Some(match self.number(MODEM, "UnlockRequired") {
                Some(2) => &cause::PIN,
                Some(4) => &cause::PUK,
                // Not known yet.
                Some(0 | 1) | None => &cause::STARTING,
                Some(_) => &cause::OTHER_LOCK,
            }),
            // Disabled, disabling.
            3 | 4 => Some(&cause::OFF),
            _ if !self.has.contains_key(MESSAGING) => Some(&cause::NO_TEXTS),
            state => match self.number(NETWORK, "RegistrationState") {
                // At home or abroad, and for text messages alone.
                Some(1 | 5 | 6 | 7 | 9 | 10) => None,
                Some(3) => Some(&cause::DENIED),
                // Registered, connecting, connected: what is not of 3GPP has no other word on it.
                _ if state >= 8 => None,
                _ => Some(&cause::NO_NETWORK),
            },
        }
    }

    /// Whether nothing but that keeps it from sending: it is disabled.
    pub(super) fn is_off(&self) -> bool {
        self.state() == 3
    }

    /// The path of its SIM card.
    pub(super) fn card(&self) -> Option<String> {
        let path = <&zbus::ObjectPath<'_>>::try_from(self.value(MODEM, "Sim")?).ok()?;
        Some(path.as_str().to_owned()).filter(|path| path != "/")
    }

    /// What it is, whose SIM card is in it, and which network it is in.
    pub(super) fn description(&self, card: Option<&str>) -> String {
        let mut description = self.name();
        if let Some(operator) = card {
            let _ = write!(description, ", SIM card of {}", shown(operator));
        }
        let network = self.text(NETWORK, "OperatorName").map_or_else(|| "a network".to_owned(), shown);
        let abroad = matches!(self.number(NETWORK, "RegistrationState"), Some(5 | 7 | 10));
        let _ = write!(description, ", registered in {network}{}", if abroad { " (roaming)" } else { "" });
        description
    }

    /// Not now, for what is wrong with this one.
    pub(super) fn later(&self, cause: &Cause) -> DeliveryError {
        DeliveryError::later(self.says(cause))
    }

    /// What is wrong with it, as a sentence.
    pub(super) fn says(&self, cause: &Cause) -> String {
        format!("modem: {}: {}", self.name(), cause.words)
    }
}

/// A name that the other side wrote, fit for a line of the journal.
fn shown(name: &str) -> String {
    plain(name.trim()).chars().take(NAME_MAX).collect()
}
