//! What is sent: one rendered message for one contact. `Debug` shows neither the contact nor a word of it.

use std::{fmt, time::SystemTime};

use zeroize::Zeroizing;

use sspr_core::contact::{Contact, EmailAddress, PhoneNumber};

/// One message.
#[derive(Clone)]
pub struct Message {
    /// The correlation id of the dialogue that it belongs to. It appears in the journal, in the Message-ID and in the
    /// name of a spool file.
    pub id: String,
    /// When it was written.
    pub at: SystemTime,
    /// The code in it, for gateways that need the code and write the text themselves. A notification has none.
    pub code: Option<Zeroizing<String>>,
    /// Recipient and content.
    pub content: Content,
    /// A mailbox that is known to accept mail. If the server refuses the recipient, it is asked whether it would refuse
    /// this one too; nothing is sent there.
    pub known: Option<EmailAddress>,
}

/// Recipient and content. A mail and a text message differ in more than their address.
#[derive(Clone)]
pub enum Content {
    /// To a mailbox.
    Mail {
        /// Recipient.
        to: EmailAddress,
        /// One line.
        subject: String,
        /// The plain part; lines end with `\n`.
        text: Zeroizing<String>,
        /// The same as HTML, if there is any.
        html: Option<Zeroizing<String>>,
    },
    /// To a telephone, or whatever else shows short texts.
    Text {
        /// Recipient, whose method has the gateway.
        to: Contact,
        /// Short: 160 characters of the GSM alphabet, or 70 of any other, make one message to pay for.
        text: Zeroizing<String>,
    },
    /// To a telephone that rings.
    Call {
        /// Recipient.
        to: PhoneNumber,
        /// The text that is read out.
        spoken: Spoken,
    },
}

/// A code as it is read out, twice, digit by digit.
#[derive(Clone)]
pub struct Spoken {
    /// The language of the words, as a BCP 47 tag such as `en-US`.
    pub language: String,
    /// The first words.
    pub opening: String,
    /// The code.
    pub code: Zeroizing<String>,
    /// The words before the code comes again.
    pub again: String,
    /// The last words.
    pub closing: String,
}

impl Message {
    /// The recipient.
    pub fn to(&self) -> Contact {
        match &self.content {
            Content::Mail { to, .. } => Contact::Email(to.clone()),
            Content::Text { to, .. } => to.clone(),
            Content::Call { to, .. } => Contact::Phone(to.clone()),
        }
    }

    /// The id, limited to what a file name and a Message-ID can contain.
    pub(super) fn plain_id(&self) -> String {
        let id: String = self.id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(64).collect();
        if id.is_empty() { "message".into() } else { id }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("id", &self.id).field("to", &self.to()).finish_non_exhaustive()
    }
}
