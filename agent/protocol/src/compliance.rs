//! Everything that is stored about one person, and what becomes of it when it is erased. The shape of both is documented in the
//! administrators' guide: fields are added, and none is renamed or taken away within one [`FORMAT`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Time,
    admin::{ShownCode, ShownExemption},
    audit::Record,
};

/// Which shape a document has.
pub const FORMAT: &str = "sspr-export/1";

/// Everything that is stored about one person. Times are seconds since the epoch.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Exported {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub made: Time,
    /// By whom.
    pub by: String,
    /// Whose it is.
    pub account: Whose,
    /// What is registered; nothing if nothing is.
    pub registration: Option<Registration>,
    /// Addresses and numbers, in full.
    pub contacts: Vec<ContactInFull>,
    /// The authenticator app, without its key.
    pub app: Option<App>,
    /// Recovery codes, without the codes.
    pub recovery_codes: Vec<RecoveryCode>,
    /// The last code of the help desk, without the code.
    pub helpdesk_code: Option<ShownCode>,
    /// That the person need not register.
    pub exemption: Option<ShownExemption>,
    /// When the person was asked to register.
    pub questions: Questions,
    /// What is known of contacts in the directory, which is not stored here.
    pub directory: Vec<InDirectory>,
    /// For how many seconds self-service is suspended.
    pub suspended_for: Option<Time>,
    /// What limits count.
    pub counted: Vec<Counted>,
    /// Codes that were sent, without the codes.
    pub codes: Vec<SentCode>,
    /// Messages that wait to be sent, without codes.
    pub messages: Vec<Message>,
    /// The rows of the audit trail that are about the person or say what the person did.
    pub audit: Vec<Record>,
}

/// Whose data it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Whose {
    /// The account's name.
    pub name: String,
    /// "local" or "directory".
    pub realm: String,
    /// The uid of a local account, or what the directory calls the entry; empty if the account is gone.
    pub id: String,
    /// Whether self-service may touch it, and if not, why; one word.
    pub verdict: String,
    /// Member of an administrators' group.
    pub admin: bool,
}

/// A registration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Registration {
    /// The id that the account had then.
    pub id: String,
    /// Since when.
    pub since: Time,
    /// When it was last confirmed.
    pub confirmed: Time,
    /// When the person was last asked whether it is still correct.
    pub asked: Option<Time>,
    /// When it was last found to be all that is required.
    pub checked: Option<Time>,
    /// The language that the person registered in, as a BCP 47 tag.
    pub language: Option<String>,
}

/// An address or a number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ContactInFull {
    /// "email" or "phone".
    pub method: String,
    /// In full.
    pub contact: String,
    /// Of several, this one first.
    pub preferred: bool,
    /// `false`: imported, and not confirmed by its owner.
    pub usable: bool,
    /// Since when.
    pub since: Time,
    /// When its owner last proved it by a code; nothing: never, or before that was noted.
    pub verified: Option<Time>,
    /// Where it came from: "import", "directory" or "entra"; nothing: its owner registered or confirmed it.
    pub source: Option<String>,
    /// When a code that went there was last used; nothing: never, or before that was noted.
    pub used: Option<Time>,
}

/// An authenticator app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct App {
    /// Since when; it showed a correct code then.
    pub since: Time,
    /// When a code of it was last used.
    pub used: Option<Time>,
}

/// A recovery code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RecoveryCode {
    /// When it was made.
    pub made: Time,
    /// When it was surely seen.
    pub seen: Option<Time>,
    /// When it was used.
    pub used: Option<Time>,
}

/// When a person was asked to register.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Questions {
    /// The first time that the question was surely seen.
    pub first: Option<Time>,
    /// The last time.
    pub last: Option<Time>,
    /// When a question over SSH got no person's answer.
    pub unanswered: Option<Time>,
    /// A connection ended while an app's picture was shown, so none is shown unasked any more.
    pub no_picture: bool,
}

/// A contact in the directory. It is known by a keyed hash alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InDirectory {
    /// "email" or "phone".
    pub method: String,
    /// When it was seen first.
    pub since: Time,
    /// Whether the person was told of it.
    pub told: bool,
    /// Whether it was put among the contacts.
    pub entered: bool,
}

/// Something that limits count.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counted {
    /// What, in one word.
    pub what: String,
    /// When.
    pub at: Time,
}

/// A code that was sent, or that the person had and used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SentCode {
    /// What for.
    pub purpose: String,
    /// By which method.
    pub method: String,
    /// When it was made.
    pub made: Time,
    /// When it expires.
    pub expires: Time,
    /// How many tries are left.
    pub tries_left: i64,
    /// When it was answered correctly.
    pub proved: Option<Time>,
    /// When that was used.
    pub used: Option<Time>,
}

/// A message that waits to be sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Message {
    /// What it is, in one word.
    pub kind: String,
    /// By which method it leaves.
    pub method: String,
    /// The address or the number, where it is not one of the contacts above.
    pub to: Option<String>,
    /// When it was made.
    pub made: Time,
    /// When it is given up.
    pub expires: Time,
    /// How often it was tried.
    pub tries: i64,
}

/// What was erased about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// The number of this receipt. In the audit trail it stands in place of the person's name.
    pub receipt: String,
    /// When.
    pub at: Time,
    /// By whom.
    pub by: String,
    /// Whose data; the receipt alone says so.
    pub user: String,
    /// "local" or "directory".
    pub realm: String,
    /// How many rows of each kind were erased; of "audit", how many rows stay without the person's name.
    pub rows: BTreeMap<String, u64>,
    /// To how many contacts a notification is on its way. Each is erased when it is sent, a day later at most.
    pub notified: u64,
    /// Until when keyed hashes stay of codes that were sent and of how many there were: limits go by them.
    pub limits_until: Time,
}

impl Receipt {
    /// Of which kind there are how many, in words.
    pub fn counts(&self) -> String {
        let counts = self.rows.iter().filter(|(_, count)| **count > 0).map(|(kind, count)| format!("{kind} {count}"));
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() { "nothing was stored".to_owned() } else { counts.join(", ") }
    }
}
