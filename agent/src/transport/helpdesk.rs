//! The help desk on the bus: `org.pam_sspr.HelpDesk1`, on the connection of users who are not root. The bus lets any
//! user call it, and [`HelpDesk`] serves only the users that the settings name.

use zbus::{Connection, message::Header};

use super::bus::{CallError, process, sender, uid_of};
use crate::{
    admin::helpdesk::{DeskVerb, HelpDesk},
    principal::Principal,
};

type Result<T> = std::result::Result<T, CallError>;

/// The help desk on the bus.
#[derive(Clone, Debug)]
pub struct HelpDeskService(pub HelpDesk);

impl HelpDeskService {
    async fn call(&self, bus: &Connection, header: &Header<'_>, verb: DeskVerb, what: &str) -> Result<String> {
        let owner = sender(header)?;
        let who = Principal::new(uid_of(bus, &owner).await?, owner.as_str());
        let who = who.in_process(process(bus, &owner).await);
        Ok(self.0.call(&who, verb, what).await?)
    }
}

/// The interface, with a method for each verb; see [`DeskVerb`].
#[zbus::interface(name = "org.pam_sspr.HelpDesk1")]
impl HelpDeskService {
    async fn member(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, DeskVerb::Member, what).await
    }

    async fn show(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, DeskVerb::Show, what).await
    }

    async fn code(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, DeskVerb::Code, what).await
    }

    async fn unblock(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, DeskVerb::Unblock, what).await
    }

    async fn verify(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, DeskVerb::Verify, what).await
    }

    async fn verify_answer(
        &self,
        #[zbus(connection)] bus: &Connection,
        #[zbus(header)] header: Header<'_>,
        what: &str,
    ) -> Result<String> {
        self.call(bus, &header, DeskVerb::VerifyAnswer, what).await
    }
}
