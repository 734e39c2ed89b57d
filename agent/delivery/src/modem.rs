//! Text messages by a modem of this machine, through ModemManager on the system bus.
//!
//! 1. `GetManagedObjects` finds the modem, and whether it can send now. If it can't, the error says why in plain words. A modem
//!    that is only switched off is switched on for a message, if polkit lets the agent: `Enable`.
//! 2. The agent checks whether other users could read the message. ModemManager lets every user on the bus read the properties of
//!    a message, including its text, so nothing is sent until the bus forbids that: see `packaging/dbus/modem.conf`.
//! 3. `Create`, then `Send`. ModemManager chooses the alphabet (GSM 7 bit, or UCS-2 for other letters), and splits a long text
//!    into parts that the phone joins again.
//! 4. If `Send` gives no verdict, the state of the message shows whether it was sent.
//! 5. `Delete`, in any case: ModemManager would keep the message.

use std::time::Duration;

use sspr_core::{
    cause::modem as cause,
    contact::{Contact, EmailAddress},
};
use zeroize::Zeroizing;

use super::{
    Content, DeliveryError, DeliverySetupError, Message, Probed,
    gateway::{Gateway, Setup, Work},
    wrong_kind,
};

mod bus;
mod found;
mod refused;

use bus::ModemManager;
use found::Found;

const NAME: &str = "modem";

/// The longest text, in units of UTF-16: eight parts of UCS-2 (3GPP TS 23.040, 9.2.3.24.1). Ours have four at most.
const LONGEST: usize = 8 * 67;

/// How long a message may be asked for its state, or be deleted, after everything else.
const AFTERWARDS: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Modem {
    /// The address of the bus.
    bus: String,
    device: Option<String>,
    deadline: Duration,
}

/// The modem that `[phone.modem]` names, or the only one.
#[expect(clippy::unnecessary_wraps, reason = "one of a list of functions, of which others fail")]
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    let device = setup.settings.phone.modem.as_ref().and_then(|modem| modem.device.clone());
    Ok(Box::new(Modem { bus: setup.around.bus.clone(), device, deadline: setup.around.modem_deadline }))
}

impl Gateway for Modem {
    fn name(&self) -> &'static str {
        NAME
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(async move {
            let Content::Text { to, text } = &message.content else { return Err(wrong_kind()) };
            if text.encode_utf16().count() > LONGEST {
                return Err(DeliveryError::never(format!(
                    "modem: the text is too long for a text message; the most is {LONGEST} characters"
                )));
            }
            let sending = hand_over(
                self.bus.clone(),
                self.device.clone(),
                self.deadline,
                to.clone(),
                Zeroizing::new(text.as_str().to_owned()),
            );
            // A separate task: if this is dropped halfway, the message must still be deleted from ModemManager.
            let sent = tokio::spawn(sending).await;
            sent.unwrap_or_else(|_| Err(DeliveryError::Unsure { why: format!("modem: {}", cause::LATE.words) }))?;
            // No reference: the number of a deleted object would mean nothing.
            Ok(None)
        })
    }

    fn probe<'a>(&'a self, _: Option<&'a EmailAddress>, _: Duration) -> Work<'a, Probed> {
        Box::pin(async move {
            let manager = ModemManager::reach(&self.bus).await?;
            let modem = ready(&manager, self.device.as_deref()).await?;
            let card = manager.card(&modem).await;
            manager.is_private().await?;
            Ok(Probed::Described(modem.description(card.as_deref())))
        })
    }
}

/// The modem for a message, if it can send now.
async fn ready(manager: &ModemManager, device: Option<&str>) -> Result<Found, DeliveryError> {
    found::chosen(manager.modems().await?, device)?.able()
}

/// The same, after switching it on if it was off. It may take longer to find its network than this message can wait;
/// another try follows.
async fn switched_on(manager: &ModemManager, device: Option<&str>) -> Result<Found, DeliveryError> {
    let modem = found::chosen(manager.modems().await?, device)?;
    if !modem.is_off() {
        return modem.able();
    }
    manager.is_private().await?;
    manager.enable(&modem).await?;
    ready(manager, device).await
}

async fn hand_over(
    bus: String,
    device: Option<String>,
    deadline: Duration,
    to: Contact,
    text: Zeroizing<String>,
) -> Result<(), DeliveryError> {
    let manager = ModemManager::reach(&bus).await?;
    let modem = switched_on(&manager, device.as_deref()).await?;
    manager.is_private().await?;
    let message = manager.create(&modem, to.as_str(), &text).await?;
    drop(text);
    let sent = manager.send(&modem, &message, deadline).await;
    let outcome = match sent {
        Err(DeliveryError::Unsure { .. }) if manager.was_sent(&message, AFTERWARDS).await => Ok(()),
        other => other,
    };
    manager.delete(&modem, &message, AFTERWARDS).await;
    outcome
}
