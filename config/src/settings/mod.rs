//! The settings of `/etc/sspr/sspr.toml` and its drop-ins: their structure and their defaults. Reading them is in
//! [`mod@load`], the rules between keys are in `check`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{duration::Span, policy};

mod bounded;
mod check;
mod contacts;
mod directory;
mod exposed;
pub mod filter;
mod fleet;
mod gateways;
mod json;
mod limits;
pub mod load;
mod merged;
mod method;
mod modem;
mod providers;
mod sources;
#[cfg(test)]
mod tests;
mod webhook;
mod words;

pub use contacts::{ContactSource, Contacts, DirectoryContacts, EntraContacts, EntraName};
pub use directory::{Directory, DirectoryKind, DirectoryPassword, DirectorySecurity, DirectoryServer};
pub use exposed::Exposed;
pub use fleet::{Fleet, PORT, Server};
pub use gateways::{Command, Email, EmailGateway, Phone, PhoneGateway, Spool, Twilio, host_and_port, is_loopback};
pub use json::Json;
pub use limits::Limits;
pub use load::{Effective, Loaded, SettingsError, load, load_with_origins, parse};
pub use merged::Origin;
pub use method::Method;
pub use modem::Modem;
pub use providers::{Account, PROVIDERS, Preset, Provider};
pub use sources::{INSTALLED, drop_ins};
pub use webhook::{BodyEncoding, SLOTS, Webhook};

/// The settings file on an installed machine.
pub const PATH: &str = "/etc/sspr/sspr.toml";
/// The shipped file: every key, commented out, with its default or an example.
pub const SHIPPED: &str = include_str!("../../sspr.toml");

/// Everything that an administrator can set. Each section and key has a default; an empty file is valid and switches
/// the service on for nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who can use the service.
    pub scope: Scope,
    /// Registration at sign-in.
    pub register: Register,
    /// Recovery at the password prompt.
    pub recover: Recover,
    /// One-time codes.
    pub code: Code,
    /// How much of everything is allowed.
    pub limits: Limits,
    /// The rules for new passwords.
    pub password: Password,
    /// Mail.
    pub email: Email,
    /// Text messages.
    pub phone: Phone,
    /// Messages written to files, for a machine without any gateway.
    pub spool: Spool,
    /// Notifications to users.
    pub notify: Notify,
    /// Where users turn if self-service is not enough.
    pub helpdesk: Helpdesk,
    /// The texts that users read.
    pub texts: Words,
    /// The audit trail.
    pub audit: Audit,
    /// Users of a directory.
    pub directory: Directory,
    /// Contacts of users from other sources.
    pub contacts: Contacts,
    /// The server of a fleet.
    pub server: Server,
    /// A host of a fleet.
    pub fleet: Fleet,
    /// Limits that were out of range; their bounds count instead. Not a section of the file.
    #[serde(skip)]
    pub bounded: Vec<Exposed>,
}

/// Groups whose members are equivalent to root: they can become root, read every password's hash, or write to the disk
/// below all files. A new installation has them as administrators' groups; an upgrade leaves the groups unchanged.
pub const AS_GOOD_AS_ROOT: [&str; 10] =
    ["sudo", "wheel", "root", "admin", "shadow", "disk", "docker", "lxd", "incus-admin", "libvirt"];

/// `[scope]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// `"none"`, `"all"`, or a list of group names.
    pub enable: Enable,
    /// User names, or group names after an `@`, that are excluded even if `enable` includes them.
    pub exclude: Vec<String>,
    /// Accounts below this uid are never served; uid 0 never, whatever the value.
    pub min_uid: u32,
    /// Members of these groups need `admin_methods_required` proofs.
    pub admin_groups: Vec<String>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            enable: Enable::None,
            exclude: Vec::new(),
            min_uid: 1000,
            admin_groups: vec!["sudo".into(), "wheel".into()],
        }
    }
}

/// The users that `[scope] enable` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enable {
    /// Nobody.
    None,
    /// Every account from `min_uid` up.
    All,
    /// Members of these groups, by name.
    Groups(Vec<String>),
}

impl Serialize for Enable {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::All => serializer.serialize_str("all"),
            Self::Groups(groups) => groups.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Enable {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Enable;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"none\", \"all\" or a list of groups such as [\"staff\"]")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Enable, E> {
                match text {
                    "none" => Ok(Enable::None),
                    "all" => Ok(Enable::All),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Enable, A::Error> {
                let mut groups = Vec::new();
                while let Some(group) = seq.next_element::<String>()? {
                    groups.push(group);
                }
                Ok(Enable::Groups(groups))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// `[register]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Register {
    /// Whether users are asked at sign-in.
    pub mode: RegisterMode,
    /// If registration is required: for how many days after the first question "not now" is accepted.
    pub skip_days: u16,
    /// How long until a user who said "not now" is asked again.
    pub ask_every: Span,
    /// A password that came over SSH sooner than this after its prompt was not typed, and its user is not asked; 0: all
    /// users are asked.
    pub min_typing_ms: u16,
    /// A question over SSH that no person answered is not asked there again for this many days; 0: asked the next time.
    pub ask_again_days: u16,
    /// After how many days users are asked whether their registration is still correct; 0: never.
    pub reconfirm_days: u16,
    /// What can be registered.
    pub methods: Vec<Method>,
    /// Mail domains that can't be registered, with their subdomains: the mailbox may need the very password that was
    /// lost.
    pub refuse_email_domains: Vec<String>,
    /// Whether contacts that an administrator imported are usable.
    pub imported: Imported,
    /// The name under which an authenticator app lists this machine; `None`: the machine's own.
    pub app_issuer: Option<String>,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            mode: RegisterMode::Skippable,
            skip_days: 14,
            ask_every: Span::seconds(86_400),
            min_typing_ms: policy::MIN_TYPING_MS,
            ask_again_days: 30,
            reconfirm_days: 180,
            methods: vec![Method::Email, Method::Phone, Method::App],
            refuse_email_domains: Vec::new(),
            imported: Imported::Usable,
            app_issuer: None,
        }
    }
}

/// How insistently users are asked to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegisterMode {
    /// Never asked; `sspr enroll` still works.
    Off,
    /// "Not now" is always accepted; asked once a day at most.
    Skippable,
    /// "Not now" is accepted for `skip_days`; then the sign-in requires a registration.
    Required,
}

/// When imported contacts can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Imported {
    /// For recovery, at once.
    Usable,
    /// Only after the user has confirmed them with a code at a sign-in.
    Confirm,
}

/// `[recover]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recover {
    /// How many different methods must be proved: 1 or 2.
    pub methods_required: u8,
    /// The same for members of `[scope] admin_groups`.
    pub admin_methods_required: u8,
    /// Whether a user who names an account sees its contacts, masked.
    pub disclose: Disclose,
    /// Whether users get recovery codes when they register.
    pub recovery_codes: bool,
    /// Whether the account's other sessions end after a recovery.
    pub end_sessions: bool,
}

impl Recover {
    /// How many different methods a user needs, to register and to recover.
    pub fn required(&self, admin: bool) -> u8 {
        if admin { self.admin_methods_required.max(self.methods_required) } else { self.methods_required }
    }
}

impl Default for Recover {
    fn default() -> Self {
        Self {
            methods_required: 1,
            admin_methods_required: 2,
            disclose: Disclose::Never,
            recovery_codes: true,
            end_sessions: false,
        }
    }
}

/// How much of an account's contacts is shown to anyone who types its name at a password prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclose {
    /// Nothing: an unknown account looks like a known one.
    Never,
    /// Masked contacts, such as `j***@e***.org`: easier to choose from, but reveals which accounts are registered.
    Masked,
}

/// `[code]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Code {
    /// How many digits, 6 to 8.
    pub digits: u8,
    /// How long a code is valid; at most 10 minutes (NIST SP 800-63B, out-of-band authenticators).
    pub lifetime: Span,
    /// How often one code may be tried.
    pub tries: u8,
    /// How long until another may be sent.
    pub resend_after: Span,
}

impl Default for Code {
    fn default() -> Self {
        Self { digits: 6, lifetime: Span::seconds(600), tries: 5, resend_after: Span::seconds(60) }
    }
}

/// `[password]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// The least number of characters (NIST SP 800-63B asks for length, not for kinds of characters).
    pub min_length: u8,
    /// The least zxcvbn score, 0 (anything) to 4.
    pub min_score: u8,
    /// A file of words that no password may contain, one on each line.
    pub banned_words_file: Option<PathBuf>,
}

impl Default for Password {
    fn default() -> Self {
        Self { min_length: 12, min_score: 2, banned_words_file: None }
    }
}

/// `[notify]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// After a recovery, every registered contact gets a notification.
    pub recovery: bool,
    /// When a registration changes, the previous contacts get a notification.
    pub changes: bool,
    /// When an account's self-service is suspended after too many wrong codes, its contacts get a notification.
    pub blocked: bool,
    /// Mail addresses of administrators, who get a notification when an administrator's account is recovered.
    pub admins: Vec<String>,
}

impl Default for Notify {
    fn default() -> Self {
        Self { recovery: true, changes: true, blocked: true, admins: Vec::new() }
    }
}

/// `[helpdesk]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Helpdesk {
    /// One line at the end of texts that say that self-service can't help, such as `"Call 4711."`.
    pub text: Option<String>,
    /// How long a code from the help desk is valid.
    pub code_lifetime: Span,
    /// The group whose members are the help desk; empty: nobody but root.
    pub group: String,
    /// How many codes one of them gives out in an hour, and has sent to check who calls.
    pub codes_per_hour: u32,
}

impl Default for Helpdesk {
    fn default() -> Self {
        Self { text: None, code_lifetime: Span::seconds(3600), group: String::new(), codes_per_hour: 20 }
    }
}

/// `[texts]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// `"auto"`, or the language of every text as a BCP 47 tag, such as `"ja"` or `"pt-BR"`.
    pub language: String,
    /// A directory with texts that replace the built-in ones.
    pub templates: Option<PathBuf>,
}

impl Default for Words {
    fn default() -> Self {
        Self { language: "auto".into(), templates: None }
    }
}

/// `[audit]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// For how many days events are kept in the store.
    pub keep_days: u16,
    /// How events are written to the journal.
    pub journal: AuditJournal,
}

/// How events are written to the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditJournal {
    /// In words.
    #[default]
    Text,
    /// As one line of JSON each.
    Json,
}

impl Default for Audit {
    fn default() -> Self {
        Self { keep_days: 400, journal: AuditJournal::Text }
    }
}
