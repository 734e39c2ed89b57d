//! What ModemManager is asked over the bus: <https://www.freedesktop.org/software/ModemManager/doc/latest/ModemManager/>.

use std::{collections::HashMap, time::Duration};

use sspr_config::bus::can_not_start;
use sspr_core::cause::modem as cause;
use tokio::time::timeout;
use zbus::{Connection, Message, OwnedObjectPath, OwnedVariant, Variant, connection::Builder};

use super::{
    super::DeliveryError,
    found::{Found, Interfaces, MESSAGING, MODEM, later},
    refused::{self, Failed},
};

const NAME: &str = "org.freedesktop.ModemManager1";
const PATH: &str = "/org/freedesktop/ModemManager1";
const SIM: &str = "org.freedesktop.ModemManager1.Sim";
const SMS: &str = "org.freedesktop.ModemManager1.Sms";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const OBJECTS: &str = "org.freedesktop.DBus.ObjectManager";

/// No object is there.
const NOBODY: &str = "/org/freedesktop/ModemManager1/SMS/none";

/// The state of a message that was sent, `MM_SMS_STATE_SENT`.
const SENT: u32 = 5;

/// How long ModemManager may take for what no network is asked for. The bus may have to start it first.
const SOON: Duration = Duration::from_secs(8);

/// How long a modem may take to be switched on. ModemManager goes on with it after that, too.
const SWITCHED_ON: Duration = Duration::from_secs(30);

/// A connection to the bus that ModemManager is on.
#[derive(Debug)]
pub(super) struct ModemManager(Connection);

impl ModemManager {
    /// The bus; whether ModemManager is there shows with the first question.
    pub(super) async fn reach(address: &str) -> Result<Self, DeliveryError> {
        match timeout(SOON, Builder::address(address).build()).await {
            Ok(Ok(bus)) => Ok(Self(bus)),
            Ok(Err(_)) | Err(_) => Err(later(&cause::NO_BUS)),
        }
    }

    /// All modems. The bus starts ModemManager where it does not run.
    pub(super) async fn modems(&self) -> Result<Vec<Found>, DeliveryError> {
        let reply = self.call(PATH, OBJECTS, "GetManagedObjects", &(), SOON).await.map_err(|failed| match failed {
            Failed::Bus(why) if can_not_start(&why) => later(&cause::NO_MODEM_MANAGER),
            Failed::Late | Failed::Bus(_) => later(&cause::NO_ANSWER),
        })?;
        let objects: HashMap<OwnedObjectPath, Interfaces> =
            reply.body().deserialize().map_err(|_| later(&cause::NO_ANSWER))?;
        let mut modems: Vec<_> = objects.into_iter().filter_map(|(path, has)| Found::new(path, has)).collect();
        // By number, as mmcli lists them: a shorter path has a smaller one.
        modems.sort_by_key(|modem| (modem.path.as_str().len(), modem.path.as_str().to_owned()));
        Ok(modems)
    }

    /// The operator that the SIM card of `modem` names.
    pub(super) async fn card(&self, modem: &Found) -> Option<String> {
        let card = modem.card()?;
        let value = self.property(&card, SIM, "OperatorName", SOON).await.ok()?;
        <&str>::try_from(&value).ok().filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// Whether a message at ModemManager can be read by root and the agent alone. The agent's user is one like all others, to
    /// whom the shipped policy of the bus allows `Get` and nothing else of these properties.
    pub(super) async fn is_private(&self) -> Result<(), DeliveryError> {
        match self.call(NOBODY, PROPERTIES, "GetAll", &SMS, SOON).await {
            Err(Failed::Bus(why)) if refused::is_denied(&why) => Ok(()),
            Err(Failed::Late) => Err(later(&cause::NO_ANSWER)),
            Ok(_) | Err(Failed::Bus(_)) => Err(later(&cause::READABLE)),
        }
    }

    /// Switches `modem` on.
    pub(super) async fn enable(&self, modem: &Found) -> Result<(), DeliveryError> {
        let reply = self.call(modem.path.as_str(), MODEM, "Enable", &true, SWITCHED_ON).await;
        reply.map(drop).map_err(|failed| refused::while_enabling(modem, &failed))
    }

    /// Makes a message, which is not sent by that.
    pub(super) async fn create(&self, modem: &Found, to: &str, text: &str) -> Result<OwnedObjectPath, DeliveryError> {
        let properties = HashMap::from([("number", Variant::from(to)), ("text", Variant::from(text))]);
        let reply = self.call(modem.path.as_str(), MESSAGING, "Create", &properties, SOON).await;
        let reply = reply.map_err(|failed| refused::before_sending(modem, &failed))?;
        reply.body().deserialize().map_err(|_| later(&cause::NO_ANSWER))
    }

    /// Sends `message` and waits for the network's word on it.
    pub(super) async fn send(
        &self,
        modem: &Found,
        message: &OwnedObjectPath,
        within: Duration,
    ) -> Result<(), DeliveryError> {
        let reply = self.call(message.as_str(), SMS, "Send", &(), within).await;
        reply.map(drop).map_err(|failed| refused::while_sending(modem, &failed, within))
    }

    /// Whether ModemManager has `message` as sent.
    pub(super) async fn was_sent(&self, message: &OwnedObjectPath, within: Duration) -> bool {
        let state = self.property(message.as_str(), SMS, "State", within).await;
        state.is_ok_and(|state| u32::try_from(&state).is_ok_and(|state| state == SENT))
    }

    /// Takes `message` out of ModemManager, sent or not.
    pub(super) async fn delete(&self, modem: &Found, message: &OwnedObjectPath, within: Duration) {
        if let Err(why) = self.call(modem.path.as_str(), MESSAGING, "Delete", message, within).await {
            tracing::warn!(why = refused::short(&why), "modem: a message could not be deleted after it was sent");
        }
    }

    async fn property(
        &self,
        path: &str,
        interface: &str,
        name: &str,
        within: Duration,
    ) -> Result<OwnedVariant, Failed> {
        let reply = self.call(path, PROPERTIES, "Get", &(interface, name), within).await?;
        reply.body().deserialize().map_err(Failed::Bus)
    }

    async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        body: &B,
        within: Duration,
    ) -> Result<Message, Failed>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
    {
        match timeout(within, self.0.call_method(Some(NAME), path, Some(interface), member, body)).await {
            Ok(reply) => reply.map_err(Failed::Bus),
            Err(_) => Err(Failed::Late),
        }
    }
}
